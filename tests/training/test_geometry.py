"""A dot drawn where a joint is, all the way: picture, record, what the network sees and must say, and back to the picture.

Each step's own tests could agree with a step that is wrong in the same way, by half a pixel or an axis; here pixels tell
where things are, and a network that finds the dot's middle takes the place of one that was trained.
"""

import cv2
import keras
import numpy as np
import pytest
from keras import ops

from inference.pose.skeleton import SKELETON
from ml_training.config import Augmentation
from ml_training.data.augment import sample
from ml_training.data.cache import open_records, write_records
from ml_training.data.loader import plain_batches
from ml_training.data.records import InputSpec
from ml_training.data.samples import Samples
from ml_training.models.base import Network
from ml_training.predict import predict
from tests.training.figures import dot_picture, leaning_xy

JOINTS = len(SKELETON.joints)
SPECS = [InputSpec("person", 192, 192), InputSpec("person", 96, 128), InputSpec("letterbox", 320, 180)]
SIZES = [(960, 540), (540, 960)]


@pytest.fixture(scope="module", params=SIZES, ids=["landscape", "portrait"])
def data(request, tmp_path_factory):
    """29 pictures with the same labels; in picture k, a dot marks joint k."""
    (width, height), folder = request.param, tmp_path_factory.mktemp("dots")
    xy = leaning_xy(width, height, 25)
    for joint in range(JOINTS):
        cv2.imwrite(str(folder / f"{joint}.png"), dot_picture(xy[joint], width, height, 8.0))
    names = np.array([str(joint) for joint in range(JOINTS)])
    samples = Samples(
        image=np.char.add(names, ".png"),
        xy_px=np.tile(xy, (JOINTS, 1, 1)).astype(np.float32),
        visibility=np.full((JOINTS, JOINTS), 2, np.uint8),
        conf=np.ones((JOINTS, JOINTS), np.float32),
        size_px=np.tile(np.array([width, height], np.int32), (JOINTS, 1)),
        part=np.full(JOINTS, "Training"),
        song=names,
        dancer=names,
        clip=names,
        view=np.full(JOINTS, "F"),
        frame=np.arange(JOINTS, dtype=np.int32),
        root=str(folder),
    )
    for kind in ("person", "letterbox"):
        write_records(samples, folder / "data", kind)
    return folder / "data"


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: f"{spec.kind}-{spec.width}x{spec.height}")
class TestThereAndBack:
    def test_targets_lie_where_the_input_shows_the_joints(self, data, spec):
        records = open_records(data, spec.kind)
        ((images, targets),) = plain_batches(records, np.arange(JOINTS), spec, JOINTS)
        for joint, (image, target) in enumerate(zip(images, targets, strict=True)):
            if target[joint, 2]:  # a tall person's feet may lie outside a narrow input
                assert image.shape == (spec.height, spec.width, 3)
                np.testing.assert_allclose(
                    middle_of(image), target[joint, :2], atol=0.3, err_msg=SKELETON.joints[joint]
                )
        assert (targets[:, :, 2] > 0).mean() > 0.9

    def test_what_a_network_finds_comes_back_to_the_picture(self, data, spec):
        records = open_records(data, spec.kind)
        found = predict(dot_finder(spec), records, np.arange(JOINTS), batch=8)
        own = np.arange(JOINTS)
        error = np.linalg.norm(found[own, own, :2] - records.samples.xy_px[own, own], axis=1)
        ((_, targets),) = plain_batches(records, own, spec, JOINTS)
        assert error[targets[own, own, 2] > 0].max() < 0.5
        assert found[..., 2] == pytest.approx(0.75)

    def test_augmentation_moves_dots_and_targets_alike_and_swaps_left_and_right(self, data, spec):
        records, rng = open_records(data, spec.kind), np.random.default_rng(3)
        moving = Augmentation(flip=True, turn_deg=30, scale=0.25, shift=0.05, colour=0, motion_blur=0, occluders=0)
        swapped = set()
        for row in np.repeat([SKELETON.index("left_wrist"), SKELETON.index("right_knee")], 12):
            pixels, xy, weight = records.pixels[row], records.xy_px[row], records.weight[row]
            image, target = sample(pixels, xy, weight, spec, moving, rng)
            one, other = target[row], target[SKELETON.mirrored_order[row]]
            if not (is_inside(one, spec) and is_inside(other, spec)):
                continue
            place = middle_of(image)
            mirrored = np.linalg.norm(place - other[:2]) < np.linalg.norm(place - one[:2])
            np.testing.assert_allclose(place, (other if mirrored else one)[:2], atol=0.4)
            assert faces_us(target)
            swapped.add(bool(mirrored))
        assert swapped == {False, True}


def middle_of(image: np.ndarray) -> np.ndarray:
    """x, y of the middle of what is bright."""
    light = image[..., 1].astype(np.float64)
    x, y = np.arange(light.shape[1]), np.arange(light.shape[0])
    return np.array([(light.sum(axis=0) * x).sum(), (light.sum(axis=1) * y).sum()]) / light.sum()


def is_inside(joint: np.ndarray, spec: InputSpec, margin_px: float = 12) -> bool:
    """Far enough from the edge that no part of the dot is cut off."""
    xy, weight = joint[:2], joint[2]
    return bool(weight > 0 and (xy > margin_px).all() and (xy < np.array([spec.width, spec.height]) - margin_px).all())


def faces_us(target: np.ndarray) -> bool:
    """Left is on the right of who stands upright and faces us, also in the mirror: names that were swapped without their
    pixels, or pixels without their names, would show a back."""
    up = target[SKELETON.index("neck"), :2] - target[SKELETON.index("center_hip"), :2]
    to_left = target[SKELETON.index("left_shoulder"), :2] - target[SKELETON.index("right_shoulder"), :2]
    return bool(up[0] * to_left[1] - up[1] * to_left[0] > 0)


def dot_finder(spec: InputSpec) -> Network:
    """A network that says of every joint that it lies in the middle of what is bright."""
    picture = keras.Input((spec.height, spec.width, 3))

    def find(images):
        light = images[..., 1]
        x, y = ops.arange(spec.width, dtype="float32"), ops.arange(spec.height, dtype="float32")
        total = ops.sum(light, axis=(1, 2))
        return ops.stack([ops.sum(ops.sum(light, 1) * x, 1) / total, ops.sum(ops.sum(light, 2) * y, 1) / total], -1)

    def decode(places):
        everywhere = ops.repeat(places[:, None], JOINTS, axis=1)
        return ops.concatenate([everywhere, ops.full_like(everywhere[..., :1], 0.75)], axis=-1)

    model = keras.Model(picture, keras.layers.Lambda(find, output_shape=(2,))(picture))
    return Network("dots", spec, model, lambda target, outputs: 0.0, decode)
