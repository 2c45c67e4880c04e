"""From 33 landmarks to 29 joints."""

import json

import numpy as np
import pytest

from inference.pose.mapping import DIRECT, to_kdance, to_kdance_world
from inference.pose.skeleton import SKELETON
from tests.golden_mapping import PATH, golden

# A figure that faces the camera: y up to 0 at the head, its left at larger x; feet point to the camera (z < 0).
STANDING = {
    7: (110, 10, 0), 8: (90, 10, 0), 11: (120, 50, 0), 12: (80, 50, 0), 23: (110, 150, 0), 24: (90, 150, 0),
    27: (110, 290, 0), 28: (90, 290, 0), 29: (110, 300, 5), 30: (90, 300, 5), 31: (110, 305, -25), 32: (90, 305, -25),
}  # fmt: skip


def standing(turn_deg: float = 0.0) -> np.ndarray:
    """(1, 33, 3), turned about the vertical through x = 100."""
    xyz = np.zeros((33, 3))
    for landmark, place in STANDING.items():
        xyz[landmark] = place
    turn = np.radians(turn_deg)
    xyz -= (100, 0, 0)
    rotation = np.array([[np.cos(turn), 0, -np.sin(turn)], [0, 1, 0], [np.sin(turn), 0, np.cos(turn)]])
    return (xyz @ rotation.T + (100, 0, 0))[None]


def joint(xy: np.ndarray, name: str) -> np.ndarray:
    return xy[0, SKELETON.index(name)]


def test_every_joint_is_either_a_landmark_or_derived():
    assert set(DIRECT) | SKELETON.derived == set(SKELETON.joints)
    assert not set(DIRECT) & SKELETON.derived
    assert len(DIRECT) == len(set(DIRECT.values())) == 23


def test_left_stays_left():
    """BlazePose gives the dancer's left the odd numbers up to the legs; eyes and ears the lower ones."""
    for name, landmark in DIRECT.items():
        if name.startswith("left_") and landmark > 10:
            assert landmark % 2 == 1
            assert DIRECT[name.replace("left_", "right_")] == landmark + 1


def test_landmarks_are_passed_on_unchanged():
    xyz = np.random.default_rng(1).normal(size=(4, 33, 3)) * 100
    conf = np.random.default_rng(2).uniform(size=(4, 33))
    xy, sure = to_kdance(xyz, conf)
    for name, landmark in DIRECT.items():
        np.testing.assert_array_equal(xy[:, SKELETON.index(name)], xyz[:, landmark, :2])
        np.testing.assert_array_equal(sure[:, SKELETON.index(name)], conf[:, landmark])


def test_the_trunk():
    xy, _ = to_kdance(standing(), np.ones((1, 33)))
    assert joint(xy, "center_hip") == pytest.approx((100, 150))
    assert joint(xy, "neck") == pytest.approx((100, 40))
    assert joint(xy, "chest") == pytest.approx((100, 75))
    assert joint(xy, "navel") == pytest.approx((100, 122))


@pytest.mark.parametrize("turn_deg", [0, 50, -50, 180])
def test_little_toes_lie_on_the_outside_of_the_feet(turn_deg):
    xyz = standing(turn_deg)
    xy, _ = to_kdance(xyz, np.ones((1, 33)))
    outwards = xyz[0, 27, :2] - xyz[0, 28, :2]
    assert np.dot(joint(xy, "left_littletoe") - joint(xy, "left_bigtoe"), outwards) > 0
    assert np.dot(joint(xy, "right_littletoe") - joint(xy, "right_bigtoe"), outwards) < 0


def test_a_foot_of_no_length_gives_no_nonsense():
    xyz = standing()
    xyz[0, [29, 31]] = xyz[0, 27]
    xy, _ = to_kdance(xyz, np.ones((1, 33)))
    assert joint(xy, "left_littletoe") == pytest.approx(xyz[0, 27, :2])


def test_a_derived_joint_is_as_sure_as_its_least_sure_parent():
    conf = np.ones((1, 33))
    conf[0, [8, 24, 29]] = 0.6, 0.4, 0.8
    _, sure = to_kdance(standing(), conf)
    expected = {
        "neck": 0.6,
        "chest": 0.4,
        "navel": 0.4,
        "center_hip": 0.4,
        "left_littletoe": 0.4,
        "right_littletoe": 0.5,
    }
    assert {name: pytest.approx(sure[0, SKELETON.index(name)]) for name in expected} == expected


def test_nan_stays_nan():
    xy, sure = to_kdance(np.full((2, 33, 3), np.nan), np.zeros((2, 33)))
    assert np.isnan(xy).all()
    assert not sure.any()


def rotations(count: int) -> np.ndarray:
    """(count, 3, 3) proper rotations."""
    turns, _ = np.linalg.qr(np.random.default_rng(3).normal(size=(count, 3, 3)))
    return turns * np.linalg.det(turns)[:, None, None]


def test_in_space_the_middle_of_the_hips_is_the_origin_wherever_the_landmarks_lie():
    landmarks = standing(30) / 150
    world = to_kdance_world(landmarks)
    assert joint(world, "center_hip") == pytest.approx((0, 0, 0), abs=1e-12)
    np.testing.assert_allclose(to_kdance_world(landmarks + np.array([0.4, -0.1, 2.0])), world, atol=1e-12)


def test_in_space_the_joints_lie_as_in_the_picture():
    landmarks = np.random.default_rng(1).normal(size=(4, 33, 3))
    world = to_kdance_world(landmarks)
    xy, _ = to_kdance(landmarks, np.ones((4, 33)))
    np.testing.assert_allclose(world[..., :2], xy - xy[:, [SKELETON.index("center_hip")]], atol=1e-12)
    for name, landmark in DIRECT.items():
        depth = landmarks[:, landmark, 2] - landmarks[:, [23, 24], 2].mean(axis=1)
        np.testing.assert_allclose(world[:, SKELETON.index(name), 2], depth, atol=1e-12)


def test_in_space_a_turned_body_has_turned_joints():
    """No joint may depend on where the camera stands, the little toes least of all."""
    landmarks = np.random.default_rng(2).normal(size=(1, 33, 3))
    for turn in rotations(5):
        np.testing.assert_allclose(to_kdance_world(landmarks @ turn.T), to_kdance_world(landmarks) @ turn.T, atol=1e-9)


def test_in_space_what_is_unknown_stays_unknown():
    landmarks = np.concatenate([standing(), np.full((1, 33, 3), np.nan)]) / 150
    world = to_kdance_world(landmarks)
    assert np.isfinite(world[0]).all()
    assert np.isnan(world[1]).all()
    assert to_kdance_world(np.empty((0, 33, 3))).shape == (0, 29, 3)


def test_the_browsers_mapping_is_held_to_this_one():
    """tests/js/mapping.test.js reads the same file."""
    assert json.loads(PATH.read_text()) == json.loads(json.dumps(golden()))
