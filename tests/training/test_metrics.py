"""Errors that are known by hand, nobody found, nothing labelled, malformed input, and what must not matter."""

import numpy as np
import pytest

from inference.pose.skeleton import SKELETON
from ml_training import metrics
from ml_training.data.samples import Samples

JOINTS = len(SKELETON.joints)
HEIGHTS = {
    **{"eye": 100, "ear": 100, "shoulder": 150, "elbow": 200, "wrist": 250, "palm_thumb": 260, "palm_pinky": 260},
    **{"hip": 250, "knee": 350, "ankle": 450, "bigtoe": 460, "littletoe": 460},
}
MIDLINE = {"center_hip": 250, "navel": 220, "chest": 180, "neck": 140, "nose": 105}


def standing(count=1):
    """(count, 29, 2) Somebody upright: crown to neck 80 px, trunk 110, legs 200; torso 100. Arms and legs hang straight."""
    xy = np.zeros((JOINTS, 2), dtype=np.float32)
    for joint, y in MIDLINE.items():
        xy[SKELETON.index(joint)] = (300, y)
    for side, x in (("left", 1), ("right", -1)):
        for part, y in HEIGHTS.items():
            wide = 15 if part in ("eye", "ear") else 40
            xy[SKELETON.index(f"{side}_{part}")] = (300 + x * wide, y)
    return np.tile(xy, (count, 1, 1))


def samples_of(xy_px, *, visibility=None, view=None, size_px=(640, 480)):
    count = len(xy_px)
    labelled = np.isfinite(xy_px).all(axis=2)
    name = np.array([f"{row}.jpg" for row in range(count)])
    return Samples(
        image=name,
        xy_px=xy_px.astype(np.float32),
        visibility=(2 * labelled if visibility is None else visibility).astype(np.uint8),
        conf=np.ones((count, JOINTS), dtype=np.float32),
        size_px=np.tile(np.array(size_px, dtype=np.int32), (count, 1)),
        part=name,
        song=name,
        dancer=name,
        clip=name,
        view=np.array(["F"] * count if view is None else view),
        frame=np.arange(count, dtype=np.int32),
        root="",
    )


def found_of(xy_px, conf=1.0):
    return np.concatenate([xy_px.astype(np.float64), np.full((*xy_px.shape[:2], 1), conf)], axis=2)


def moved(xy_px, dx, dy):
    return found_of(xy_px + np.array([dx, dy]))


def test_the_truth_itself_is_perfect():
    xy = standing(3)
    judged = metrics.judge(found_of(xy), samples_of(xy))
    overall = judged.overall
    assert (overall.pictures, overall.joints, overall.found) == (3, 3 * JOINTS, 1.0)
    assert overall.mae_px == overall.mae_height == overall.distance_px == overall.distance_height == 0
    assert overall.pck_height == overall.pck_torso == overall.oks == 1
    assert judged.oks_ap == {"ap": pytest.approx(1), "ap50": pytest.approx(1), "ap75": pytest.approx(1)}


def test_errors_by_hand():
    xy = standing()
    assert metrics.body_height_px(xy.astype(float)) == pytest.approx([80 + 110 + 200])
    assert metrics.torso_px(xy.astype(float)) == pytest.approx([100])
    overall = metrics.judge(moved(xy, 6, 8), samples_of(xy), with_ap=False).overall
    assert overall.mae_px == pytest.approx(7)
    assert overall.distance_px == pytest.approx(10)
    assert overall.mae_height == pytest.approx(7 / 390)
    assert overall.distance_height == pytest.approx(10 / 390)
    assert overall.pck_height == overall.pck_torso == 1.0  # 10 px of 19.5 and of 20
    further = metrics.judge(moved(xy, 0, 19.8), samples_of(xy), with_ap=False).overall
    assert (further.pck_height, further.pck_torso) == (0.0, 1.0)
    assert metrics.mae_px(found_of(xy)[..., :2] + (3, 5), xy.astype(float)) == pytest.approx(4)


def test_similarity_by_hand():
    """At a distance of 2 sigma sqrt(area), exp(-1/2)."""
    area = 5000.0
    at_one = 2 * np.array(metrics.SIGMAS)[None] * np.sqrt(area)
    np.testing.assert_allclose(metrics.similarity(at_one, np.array([area])), np.exp(-0.5))
    lost = metrics.similarity(np.full((1, JOINTS), np.nan), np.array([area]))
    np.testing.assert_array_equal(lost, 0)
    np.testing.assert_allclose(metrics.body_area_px(standing().astype(float)), [0.53 * 80 * 360])


def test_average_precision_counts_pictures_over_each_threshold():
    """Of four pictures the surest two are right, one is far off and in one nobody was found: AP is the area under that."""
    xy = standing(4)
    found = found_of(xy)
    found[..., 2] = np.array([0.9, 0.8, 0.7, 0.0])[:, None]
    found[2, :, :2] += 200
    found[3, :, :2] = np.nan
    judged = metrics.judge(found, samples_of(xy))
    recalled = np.mean(np.linspace(0, 1, 101) <= 0.5)  # precision 1 up to a recall of one half
    assert judged.oks_ap["ap"] == pytest.approx(recalled)
    assert judged.overall.oks == pytest.approx(0.5, abs=1e-3)
    assert judged.overall.found == 0.75


def test_average_precision_has_our_sigmas():
    """Every joint at a distance where OKS is .7: right at the thresholds up to .65 or .7, wrong above."""
    xy = standing(2)
    area = metrics.body_area_px(xy.astype(float))[0]
    away = 2 * np.array(metrics.SIGMAS) * np.sqrt(area) * np.sqrt(-2 * np.log(0.72))
    found = found_of(xy)
    found[..., 0] += away
    judged = metrics.judge(found, samples_of(xy))
    assert judged.overall.oks == pytest.approx(0.72, abs=1e-3)
    assert judged.oks_ap["ap"] == pytest.approx(0.5)
    assert (judged.oks_ap["ap50"], judged.oks_ap["ap75"]) == (pytest.approx(1), pytest.approx(0))


def test_joints_that_were_not_found_are_misses_and_no_error():
    xy = standing(2)
    found = moved(xy, 3, 3)
    found[1, :, :2] = np.nan
    overall = metrics.judge(found, samples_of(xy), with_ap=False).overall
    assert overall.mae_px == pytest.approx(3)
    assert (overall.found, overall.pck_height, overall.pck_torso) == (0.5, 0.5, 0.5)
    assert metrics.picture_errors(found, samples_of(xy))[1] == np.inf


def test_unlabelled_joints_count_nowhere():
    xy = standing(2)
    xy[0, SKELETON.index("left_wrist")] = np.nan
    found = found_of(standing(2))
    found[0, SKELETON.index("left_wrist"), :2] = 5000
    judged = metrics.judge(found, samples_of(xy))
    assert judged.overall.joints == 2 * JOINTS - 1
    assert judged.overall.mae_px == 0
    assert judged.by_joint["left_wrist"].pictures == 1
    assert judged.oks_ap["ap"] == pytest.approx(1)


def test_nothing_labelled_gives_no_figures():
    xy = np.full((2, JOINTS, 2), np.nan)
    judged = metrics.judge(found_of(standing(2)), samples_of(xy))
    assert judged.overall.joints == 0
    assert judged.overall.mae_px is judged.overall.pck_height is judged.overall.oks is judged.overall.found is None
    assert np.isnan(metrics.picture_errors(found_of(standing(2)), samples_of(xy))).all()


def test_the_wrong_number_of_joints_or_pictures_raises():
    with pytest.raises(ValueError, match="28"):
        metrics.judge(found_of(standing(2))[:, :28], samples_of(standing(2)))
    with pytest.raises(ValueError, match=r"\(1, 29, 3\)"):
        metrics.judge(found_of(standing(1)), samples_of(standing(2)))


def test_shares_do_not_depend_on_place_size_or_side():
    rng = np.random.default_rng(4)
    xy = standing(3)
    off = rng.normal(0, 12, xy.shape)
    plain = metrics.judge(found_of(xy + off), samples_of(xy))
    shifted = metrics.judge(found_of(xy + off + 70), samples_of(xy + 70))
    larger = metrics.judge(found_of(3 * (xy + off)), samples_of(3 * xy))
    flip = np.array([-1, 1])
    mirrored = metrics.judge(
        found_of((flip * (xy + off))[:, SKELETON.mirrored_order]), samples_of((flip * xy)[:, SKELETON.mirrored_order])
    )
    for other in (shifted, larger, mirrored):
        for name in ("mae_height", "distance_height", "pck_height", "pck_torso", "oks"):
            assert getattr(other.overall, name) == pytest.approx(getattr(plain.overall, name), rel=1e-4)
    assert larger.overall.mae_px == pytest.approx(3 * plain.overall.mae_px, rel=1e-4)


def test_figures_by_joint_view_and_visibility():
    xy = standing(2)
    found = found_of(xy)
    wrist = SKELETON.index("right_wrist")
    found[1, wrist, 0] += 20
    visibility = np.full((2, JOINTS), 2)
    visibility[1, wrist] = 1
    judged = metrics.judge(found, samples_of(xy, visibility=visibility, view=["F", "B"]), with_ap=False)
    assert judged.oks_ap is None
    assert judged.by_joint["right_wrist"].mae_px == pytest.approx(5)
    assert judged.by_joint["left_wrist"].mae_px == 0
    assert list(judged.by_view) == ["B", "F"]
    assert judged.by_view["B"].mae_px == pytest.approx(10 / JOINTS)
    assert judged.by_view["F"].mae_px == 0
    assert judged.by_visibility["hidden"].mae_px == pytest.approx(10)
    assert judged.by_visibility["hidden"].joints == 1
    assert judged.by_visibility["visible"].mae_px == 0
    assert judged.direct.joints == 2 * 23


def test_the_height_of_a_body_that_is_partly_out_of_the_picture():
    xy = standing(4).astype(float)
    xy[0, [SKELETON.index("left_ankle"), SKELETON.index("left_bigtoe")]] = np.nan
    xy[1, [SKELETON.index(f"{side}_ankle") for side in ("left", "right")]] = np.nan
    xy[2, [SKELETON.index(joint) for joint in ("left_ear", "right_ear", "left_eye", "right_eye")]] = np.nan
    xy[3, SKELETON.index("neck")] = np.nan
    heights = metrics.body_height_px(xy)
    assert heights[0] == pytest.approx(390)
    assert heights[1] == pytest.approx(metrics.TRUNKS_A_HEIGHT * 110)
    assert heights[2] == pytest.approx(2 * 35 + 110 + 200)
    assert np.isnan(heights[3])


def test_the_sigmas_are_those_of_the_skeleton():
    sigma = dict(zip(SKELETON.joints, metrics.SIGMAS, strict=True))
    assert len(metrics.SIGMAS) == JOINTS
    assert (sigma["nose"], sigma["left_eye"], sigma["right_wrist"], sigma["center_hip"]) == (0.026, 0.025, 0.062, 0.107)
    assert all(metrics.SIGMAS[index] == metrics.SIGMAS[other] for index, other in enumerate(SKELETON.mirrored_order))
