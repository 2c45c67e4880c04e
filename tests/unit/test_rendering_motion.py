"""BVH files, forward kinematics and what directions a body takes from them."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from ml_training.rendering.bvh import BvhError, parse_bvh, read_bvh, world_poses
from ml_training.rendering.dances import make_dance
from ml_training.rendering.motion import FRAMES, LIMBS, from_bvh, read_motion
from ml_training.rendering.posing import swing

ARM = """HIERARCHY
ROOT Shoulder
{
  OFFSET 1.0 2.0 3.0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  JOINT Elbow
  {
    OFFSET 10.0 0.0 0.0
    CHANNELS 3 Zrotation Xrotation Yrotation
    End Site
    {
      OFFSET 5.0 0.0 0.0
    }
  }
}
MOTION
Frames: 3
Frame Time: 0.5
0 0 0  0 0 0  0 0 0
1 2 3  90 0 0  90 0 0
0 0 0  90 90 0  0 0 0
"""


def test_the_tree_and_its_values():
    bvh = parse_bvh(ARM)
    assert [joint.name for joint in bvh.joints] == ["Shoulder", "Elbow", "Elbow_end"]
    assert [joint.parent for joint in bvh.joints] == [-1, 0, 1]
    assert bvh.values.shape == (3, 9)
    assert bvh.frame_s == 0.5


def test_forward_kinematics_as_by_hand():
    positions, turns = world_poses(parse_bvh(ARM))
    np.testing.assert_allclose(positions[0], [[0, 0, 0], [10, 0, 0], [15, 0, 0]], atol=1e-12)
    # A quarter turn about z lifts the arm; another at the elbow points the forearm back.
    np.testing.assert_allclose(positions[1], [[1, 2, 3], [1, 12, 3], [-4, 12, 3]], atol=1e-12)
    # About z first, then about the x that z has turned: a point along x does not feel the second.
    np.testing.assert_allclose(positions[2], [[0, 0, 0], [0, 10, 0], [0, 15, 0]], atol=1e-12)
    np.testing.assert_allclose(
        turns[2, 1] @ [0, 0, 1], Rotation.from_euler("ZX", [90, 90], degrees=True).apply([0, 0, 1])
    )


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "MOTION",
        ARM.replace("Frames: 3", "Frames: 4"),
        ARM.replace("OFFSET 5.0", "OFFSET five"),
        ARM.replace("ROOT", "BONE"),
        ARM.replace("    }\n  }\n}\n", ""),
        ARM.replace("Frames: 3", "Frames: many"),
        ARM.replace("End Site", "Site End"),
    ],
)
def test_what_is_no_bvh_is_refused(broken):
    with pytest.raises(BvhError):
        parse_bvh(broken)


@pytest.mark.parametrize("name", ["jesse_dance", "fair1_dab", "fair1_jumping"])
def test_captured_dancers_stand_upright_and_face_us(shared_data, name):
    motion = read_motion(shared_data / "motion" / f"{name}.bvh")
    assert set(motion.limbs) == set(LIMBS)
    for limb in motion.limbs.values():
        np.testing.assert_allclose(np.linalg.norm(limb, axis=1), 1.0)
    for frame in FRAMES:
        assert np.median(motion.frames[frame][:, 1, 1]) > 0.8, frame
    assert motion.frames["hips"][:, 2, 2].mean() > 0
    assert np.median(motion.limbs["left_shank"][:, 1]) < -0.6
    assert np.median(motion.limbs["left_foot"] @ [0, 0, 1]) > 0.3
    assert motion.height.min() >= 0


def test_a_jump_is_a_jump(shared_data):
    jumping = read_motion(shared_data / "motion" / "fair1_jumping.bvh")
    waving = read_motion(shared_data / "motion" / "fair1_wave_hello.bvh")
    assert jumping.height.max() > 0.15
    assert waving.height.max() < 0.05


def test_the_files_of_a_capture_agree_with_their_own_bones(shared_data):
    bvh = read_bvh(shared_data / "motion" / "jesse_dance.bvh")
    positions, _ = world_poses(bvh)
    thigh = positions[:, bvh.index("LeftLeg")] - positions[:, bvh.index("LeftUpLeg")]
    offset = bvh.joints[bvh.index("LeftLeg")].offset
    np.testing.assert_allclose(np.linalg.norm(thigh, axis=1), np.linalg.norm(offset), rtol=1e-9)


def test_a_turned_dance_is_the_same_dance():
    motion = make_dance(3, 2.0)
    turned = motion.turned(0.7)
    np.testing.assert_allclose(turned.turned(-0.7).frames["chest"], motion.frames["chest"], atol=1e-12)
    np.testing.assert_allclose(turned.limbs["left_hand"][:, 1], motion.limbs["left_hand"][:, 1], atol=1e-12)
    facing = motion.frames["hips"][0, :, 2]
    expected = Rotation.from_euler("Y", 0.7).apply(facing)
    np.testing.assert_allclose(turned.frames["hips"][0, :, 2], expected, atol=1e-12)


def test_between_frames_directions_stay_directions():
    motion = make_dance(4, 2.0).at(np.array([0.011, 0.503, 1.777]))
    np.testing.assert_allclose(np.linalg.norm(motion.limbs["right_foot"], axis=1), 1.0)
    np.testing.assert_allclose(
        motion.frames["head"] @ np.swapaxes(motion.frames["head"], 1, 2), [np.eye(3)] * 3, atol=1e-9
    )


def test_made_up_dances_repeat_by_number_and_move():
    first, again, other = make_dance(1, 3.0), make_dance(1, 3.0), make_dance(2, 3.0)
    np.testing.assert_array_equal(first.limbs["left_forearm"], again.limbs["left_forearm"])
    assert np.abs(first.limbs["left_forearm"] - other.limbs["left_forearm"]).max() > 0.5
    assert np.ptp(first.limbs["left_forearm"], axis=0).max() > 0.7


def test_swing_takes_the_shortest_way():
    start, end = np.array([[0.0, -1.0, 0.0], [0.0, 1.0, 0.0]]), np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    turns = swing(start, end)
    np.testing.assert_allclose(np.einsum("tij,tj->ti", turns, start), end, atol=1e-12)
    np.testing.assert_allclose(turns[0] @ [0, 0, 1], [0, 0, 1], atol=1e-12)
    np.testing.assert_allclose(turns[1], np.eye(3), atol=1e-12)


def test_bvh_without_the_usual_joints_is_no_dancer():
    with pytest.raises(KeyError):
        from_bvh(parse_bvh(ARM))
