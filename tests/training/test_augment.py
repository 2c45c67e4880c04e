"""Each change of a picture alone: what moves takes its joints along, what colours or covers leaves them in place."""

from dataclasses import replace

import numpy as np
import pytest

from inference.pose.skeleton import SKELETON
from ml_training.config import NONE, Augmentation
from ml_training.data import augment
from ml_training.data.augment import covered, line_kernel, mapped, motion_blurred, recoloured, record_from_input, sample
from ml_training.data.cutting import inverse, through
from ml_training.data.records import InputSpec
from ml_training.errors import TrainingError
from tests.training.figures import dot_picture, leaning_xy, standing_xy

SPEC = InputSpec("person", 128, 128)
BOX = InputSpec("letterbox", 160, 90)
PLAIN = record_from_input(SPEC, (256, 256))
XY = leaning_xy(256, 256, 10)
ONES = np.ones(29, np.float32)
LEFT_WRIST, RIGHT_WRIST = SKELETON.index("left_wrist"), SKELETON.index("right_wrist")


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def seen(augmentation, rng, xy=XY, weight=ONES, joint=LEFT_WRIST, spec=SPEC):
    """A record with a dot on one joint, as the model sees it."""
    return sample(dot_picture(xy[joint], 256, 256, 6.0), xy, weight, spec, augmentation, rng)


def middle(image):
    light = image[..., 0].astype(float)
    y, x = np.mgrid[: light.shape[0], : light.shape[1]]
    return np.array([(x * light).sum(), (y * light).sum()]) / light.sum()


def mapping(**changes):
    still = {"turn_rad": 0.0, "stretch": 1.0, "away_px": (0.0, 0.0), "mirror": False}
    return inverse(mapped(PLAIN, SPEC, **(still | changes)))


class TestWhereItGoes:
    """In pixels of the input of 128, whose middle is (64, 64); it shows 204.8 of the record's 256."""

    POINT = np.array([128.0 + 32.0, 128.0])

    def test_nothing_changed_shows_the_middle_without_the_margin(self):
        np.testing.assert_allclose(through(mapping(), self.POINT), (84, 64))

    def test_a_turn_is_clockwise(self):
        np.testing.assert_allclose(through(mapping(turn_rad=np.pi / 2), self.POINT), (64, 84))

    def test_a_stretch_makes_larger(self):
        np.testing.assert_allclose(through(mapping(stretch=1.25), self.POINT), (89, 64))

    def test_a_shift_moves_right_and_down(self):
        np.testing.assert_allclose(through(mapping(away_px=(6, 3)), self.POINT), (90, 67))

    def test_the_mirror_is_last(self):
        np.testing.assert_allclose(through(mapping(away_px=(6, 3), mirror=True), self.POINT), (38, 67))

    @pytest.mark.parametrize("name", ["flip", "turn_deg", "scale", "shift"])
    def test_each_alone_moves_pixels_and_targets_alike(self, name, rng):
        alone = replace(NONE, **{name: getattr(Augmentation(), name)})
        places = []
        for _ in range(12):
            image, target = seen(alone, rng)
            near = np.linalg.norm(target[[LEFT_WRIST, RIGHT_WRIST], :2] - middle(image), axis=1)
            assert near.min() < 0.4
            places.append(middle(image))
        assert np.ptp(np.array(places), axis=0).max() > 5

    def test_how_far_is_within_what_was_asked(self, rng):
        allowed = replace(NONE, turn_deg=20.0, scale=0.2)
        turns, stretches = [], []
        for _ in range(200):
            matrix, mirrored = augment.random_map(PLAIN, SPEC, allowed, rng)
            across = inverse(matrix)[:, 0] / inverse(PLAIN)[0, 0]
            turns.append(np.rad2deg(np.arctan2(across[1], across[0])))
            stretches.append(np.linalg.norm(across))
            assert not mirrored
        assert -20 < min(turns) < -17 < 17 < max(turns) < 20
        assert 1 / 1.2 < min(stretches) < 0.86 < 1.16 < max(stretches) < 1.2


class TestMirror:
    def test_half_of_the_pictures_are_and_left_becomes_right(self, rng):
        plain = seen(NONE, rng)[1]
        both = [seen(replace(NONE, flip=True), rng)[1] for _ in range(40)]
        mirrored = [target for target in both if not np.allclose(target, plain)]
        assert 10 < len(mirrored) < 30
        for target in mirrored:
            np.testing.assert_allclose(target[:, 0], 128 - plain[SKELETON.mirrored_order, 0], atol=1e-4)
            np.testing.assert_allclose(target[:, 1], plain[SKELETON.mirrored_order, 1], atol=1e-4)

    def test_weights_go_with_their_joints(self, rng):
        weight = ONES.copy()
        weight[LEFT_WRIST] = 0.5
        halves = {
            (float(target[LEFT_WRIST, 2]), float(target[RIGHT_WRIST, 2]))
            for target in (seen(replace(NONE, flip=True), rng, weight=weight)[1] for _ in range(20))
        }
        assert halves == {(0.5, 1.0), (1.0, 0.5)}


class TestTargets:
    def test_unlabelled_joints_are_zero_throughout(self, rng):
        xy, weight = XY.copy(), ONES.copy()
        xy[LEFT_WRIST], weight[LEFT_WRIST] = np.nan, 0
        for _ in range(10):
            target = seen(replace(Augmentation(), flip=False), rng, xy, weight, joint=RIGHT_WRIST)[1]
            assert np.isfinite(target).all()
            assert (target[LEFT_WRIST] == 0).all()

    def test_a_joint_that_counts_nothing_has_no_place_either(self, rng):
        weight = ONES.copy()
        weight[LEFT_WRIST] = 0
        assert (seen(NONE, rng, weight=weight)[1][LEFT_WRIST] == 0).all()

    def test_a_joint_outside_the_input_has_no_weight(self, rng):
        xy = XY.copy()
        xy[LEFT_WRIST] = (250, 128)  # in the record's margin
        target = seen(NONE, rng, xy)[1]
        assert (target[LEFT_WRIST] == 0).all()
        assert (np.delete(target[:, 2], LEFT_WRIST) == 1).all()


class TestColour:
    def test_it_changes_light_and_tint_and_leaves_joints_alone(self, rng):
        grey = np.full((256, 256, 3), 120, np.uint8)
        images, targets = zip(
            *(sample(grey, XY, ONES, SPEC, replace(NONE, colour=0.25), rng) for _ in range(50)), strict=True
        )
        means = np.array([image.mean(axis=(0, 1)) for image in images])
        assert means.mean(axis=1).std() > 5
        assert np.ptp(means, axis=1).mean() > 2
        assert np.abs(means - 120).max() < 0.25 * 255
        for target in targets:
            np.testing.assert_array_equal(target, targets[0])

    def test_nothing_wraps_around_at_white_and_black(self, rng):
        steps = np.tile(np.arange(256, dtype=np.uint8)[:, None, None], (1, 4, 3))
        for _ in range(50):
            assert (np.diff(recoloured(steps, 0.5, rng).astype(int), axis=0) >= 0).all()

    def test_beyond_a_letterboxs_picture_it_stays_black(self, rng):
        white = np.full((180, 320, 3), 255, np.uint8)
        turned = replace(NONE, turn_deg=30.0, colour=0.9)
        corners = [
            sample(white, standing_xy(320, 180), ONES, BOX, turned, rng)[0][[0, 0, -1, -1], [0, -1, 0, -1]]
            for _ in range(10)
        ]
        assert (np.array(corners).min(axis=(1, 2)) == 0).all()


class TestMotionBlur:
    def test_a_dot_is_drawn_out_and_its_middle_stays(self, rng):
        dot = dot_picture(np.array([64.0, 60.0]), 128, 128, 2.0)
        for _ in range(10):
            blurred = motion_blurred(dot, rng)
            assert blurred.max() < dot.max()
            np.testing.assert_allclose(middle(blurred), (64, 60), atol=0.15)

    @pytest.mark.parametrize("angle_deg", [0, 30, 45, 90, 140])
    def test_the_kernel_keeps_the_light_and_runs_along_its_angle(self, angle_deg):
        kernel = line_kernel(12, np.deg2rad(angle_deg))
        assert kernel.sum() == pytest.approx(1)
        np.testing.assert_array_equal(kernel, kernel[::-1, ::-1])
        y, x = np.nonzero(kernel)
        along = np.linalg.svd(np.column_stack([x, y]) - 6.0)[2][0]
        ahead = np.array([np.cos(np.deg2rad(angle_deg)), np.sin(np.deg2rad(angle_deg))])
        assert abs(along @ ahead) > 0.98


class TestOccluders:
    def test_what_is_covered_is_where_pixels_changed_and_counts_half(self, rng):
        noise = rng.integers(0, 256, (128, 128, 3), dtype=np.uint8)
        xy = standing_xy(128, 128)
        shares = []
        for _ in range(30):
            image, weight = covered(noise, xy, ONES, rng)
            changed = (image != noise).any(axis=2)
            x, y = xy.astype(int).T
            np.testing.assert_array_equal(weight < 1, changed[y, x])
            assert set(weight.tolist()) <= {0.5, 1.0}
            shares.append(changed.mean())
        assert 0.02 < np.mean(shares) < 0.3
        assert max(shares) < 0.6

    def test_joints_outside_or_unlabelled_are_nobodys(self, rng):
        xy, weight = standing_xy(128, 128), ONES.copy()
        xy[:10], weight[:10] = np.nan, 0
        xy[10:20] = (-5, 400)
        for _ in range(10):
            assert covered(np.zeros((128, 128, 3), np.uint8), xy, weight, rng)[1][:20].tolist() == [0] * 10 + [1] * 10

    @pytest.mark.parametrize(("name", "share"), [("occluders", 0.3), ("motion_blur", 0.15)])
    def test_so_many_pictures_get_one(self, name, share, rng):
        noise = rng.integers(0, 256, (256, 256, 3), dtype=np.uint8)
        alone = replace(NONE, **{name: share})
        plain = sample(noise, XY, ONES, SPEC, NONE, rng)[0]
        changed = [not np.array_equal(sample(noise, XY, ONES, SPEC, alone, rng)[0], plain) for _ in range(300)]
        assert abs(np.mean(changed) - share) < 0.08


class TestPlain:
    def test_none_is_plain_whatever_the_chance(self, rng):
        image, target = seen(NONE, rng)
        again, wanted = augment.plain(dot_picture(XY[LEFT_WRIST], 256, 256, 6.0), XY, ONES, SPEC)
        np.testing.assert_array_equal(image, again)
        np.testing.assert_array_equal(target, wanted)

    def test_a_letterbox_of_the_records_size_is_the_record(self, rng):
        noise = rng.integers(0, 256, (180, 320, 3), dtype=np.uint8)
        xy = standing_xy(320, 180)
        image, target = augment.plain(noise, xy, ONES, InputSpec("letterbox", 320, 180))
        np.testing.assert_array_equal(image, noise)
        np.testing.assert_allclose(target[:, :2], xy, atol=1e-4)

    def test_a_letterbox_of_other_proportions_is_refused(self):
        with pytest.raises(TrainingError, match="128 x 128") as raised:
            record_from_input(InputSpec("letterbox", 128, 128), (320, 180))
        assert raised.value.code == "input_shape"
