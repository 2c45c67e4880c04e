"""Cameras, triangles, bodies and whole pictures; and that the pose engine finds what is drawn."""

import math

import numpy as np
import pytest

from inference.pose.skeleton import SKELETON
from ml_training.rendering.body import SEGMENTS, BodyDataMissing, Shape, body_data, make_body
from ml_training.rendering.camera import Camera
from ml_training.rendering.dances import make_dance
from ml_training.rendering.motion import FRAMES, LIMBS, Motion
from ml_training.rendering.posing import pose
from ml_training.rendering.raster import rasterise
from ml_training.rendering.scene import Scene, Stage
from ml_training.rendering.video import encode

SMALL = Camera((360, 640))
LEFT, RIGHT, NOSE = (SKELETON.index(joint) for joint in ("left_wrist", "right_wrist", "nose"))


@pytest.fixture(scope="session")
def bodies():
    try:
        return body_data()
    except BodyDataMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def body(bodies):
    return make_body(bodies, Shape())


def standing(count=1, turned_rad=0.0):
    """Upright, arms hanging a little off the body."""
    down = {"upper_arm": (0.25, -1.0, 0.05), "forearm": (0.15, -1.0, 0.15), "hand": (0.1, -1.0, 0.15)}
    legs = {"thigh": (0.06, -1.0, 0.0), "shank": (0.04, -1.0, -0.03), "foot": (0.2, -0.4, 1.0)}
    limbs = {}
    for limb in LIMBS:
        side, _, part = limb.partition("_")
        x, y, z = {**down, **legs}[part]
        direction = np.array([x if side == "left" else -x, y, z])
        limbs[limb] = np.tile(direction / np.linalg.norm(direction), (count, 1))
    frames = {frame: np.tile(np.eye(3), (count, 1, 1)) for frame in FRAMES}
    motion = Motion(np.arange(count) / 30, frames, limbs, np.zeros((count, 2)), np.zeros(count))
    return motion.turned(turned_rad)


def test_a_camera_in_front_sees_by_hand():
    camera = Camera((641, 481), distance_m=4.0, height_m=1.0, aim_m=1.0, focal_share=1.0)
    xy_px, depth = camera.project(np.array([[0.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 2.0, 2.0]]))
    np.testing.assert_allclose(xy_px, [[320, 240], [320 + 481 / 4, 240], [320, 240 - 481 / 2]])
    np.testing.assert_allclose(depth, [4, 4, 2])


def test_a_camera_at_the_side_has_turned_axes():
    camera = Camera(azimuth_rad=math.pi / 2, height_m=1.0, aim_m=1.0)
    np.testing.assert_allclose(camera.axes, [[0, 0, -1], [0, -1, 0], [-1, 0, 0]], atol=1e-12)


@pytest.mark.parametrize("azimuth", [0.0, 0.6, 2.6])
def test_rays_go_through_the_pixels_that_their_points_are_seen_at(azimuth):
    camera = Camera((64, 48), azimuth_rad=azimuth, height_m=1.7, aim_m=0.8)
    points = camera.place + camera.rays() * 3.0
    xy_px, depth = camera.project(points)
    np.testing.assert_allclose(xy_px[10, 20], [20, 10], atol=1e-9)
    np.testing.assert_allclose(depth, 3.0)


def test_the_nearer_triangle_covers_the_farther_one():
    corners = np.array([[0.0, 0.0], [0.0, 40.0], [40.0, 0.0]])
    faces = np.array([[0, 1, 2], [3, 4, 5]])
    fragments = rasterise(np.concatenate([corners, corners / 2]), np.array([5.0] * 3 + [3.0] * 3), faces, (50, 50))
    owner = np.full(2500, -1)
    owner[fragments.pixel] = fragments.triangle
    owner = owner.reshape(50, 50)
    assert (owner[2, 2], owner[15, 15], owner[45, 45]) == (1, 0, -1)
    assert len(np.unique(fragments.pixel)) == len(fragments.pixel)
    np.testing.assert_allclose(fragments.share.sum(axis=1), 1.0, atol=1e-5)


def test_shares_and_depth_are_right_in_perspective():
    corners, faces = np.array([[0.0, 0.0], [0.0, 30.0], [30.0, 0.0]]), np.array([[0, 1, 2]])
    fragments = rasterise(corners, np.array([2.0, 2.0, 6.0]), faces, (40, 40))
    at = int(np.flatnonzero(fragments.pixel == 15)[0])
    np.testing.assert_allclose(fragments.share[at], [0.5, 0.0, 0.5], atol=1e-5)
    assert fragments.depth[at] == pytest.approx(3.0, rel=1e-4)


def test_what_turns_its_back_or_lies_outside_is_left_out():
    corners = np.array([[0.0, 0.0], [30.0, 0.0], [0.0, 30.0]])
    depth, face = np.ones(3), np.array([[0, 1, 2]])
    assert len(rasterise(corners, depth, face, (40, 40)).pixel) == 0
    assert len(rasterise(corners[::-1] + 100, depth, face, (40, 40)).pixel) == 0
    assert len(rasterise(corners[::-1], -depth, face, (40, 40)).pixel) == 0


def test_bodies_without_their_data_say_how_to_get_it(tmp_path):
    with pytest.raises(BodyDataMissing, match="make"):
        body_data(tmp_path)


def test_bodies_differ_as_asked(bodies):
    average = make_body(bodies, Shape())
    tall, short = make_body(bodies, Shape(height=0.58)), make_body(bodies, Shape(height=0.44))
    assert 1.5 < average.height_m < 1.8
    assert short.height_m < average.height_m - 0.05 < tall.height_m - 0.1
    heavy, slim = make_body(bodies, Shape(weight=1.0)), make_body(bodies, Shape(weight=0.0))
    trunk = average.weights[:, SEGMENTS.index("waist")] > 0.8
    assert np.ptp(heavy.vertices[trunk, 0]) > 1.15 * np.ptp(slim.vertices[trunk, 0])


def test_at_rest_the_skin_stays_and_the_joints_lie_on_their_markers(body):
    rest = {limb: body.tips[limb] - body.origins[SEGMENTS.index(limb)] for limb in LIMBS}
    motion = standing()
    motion.limbs.update({limb: direction[None] / np.linalg.norm(direction) for limb, direction in rest.items()})
    posed = pose(body, motion)
    moved = posed.vertices(0) - body.vertices
    np.testing.assert_allclose(moved, np.broadcast_to(moved[0], moved.shape), atol=1e-9)
    for joint, (_, place) in body.markers.items():
        np.testing.assert_allclose(posed.joints_m[0, SKELETON.index(joint)], place + moved[0], atol=1e-9)


def test_bones_keep_their_lengths_and_feet_the_floor(body):
    posed = pose(body, make_dance(1, 2.0))
    forearm = posed.joints_m[:, LEFT] - posed.joints_m[:, SKELETON.index("left_elbow")]
    np.testing.assert_allclose(np.linalg.norm(forearm, axis=1), np.linalg.norm(forearm[0]), rtol=1e-9)
    assert abs(posed.vertices(40)[:, 1].min()) < 0.02


def test_left_is_the_dancers_own_and_z_grows_away(body):
    truth = Stage(Scene(body, camera=SMALL), standing()).truth()
    assert truth.xy_px[0, LEFT, 0] > truth.xy_px[0, RIGHT, 0]
    assert truth.xyz_m[0, NOSE, 2] < 0
    np.testing.assert_allclose(truth.xyz_m[0, SKELETON.index("center_hip")], 0, atol=1e-6)
    turned = Stage(Scene(body, camera=SMALL), standing(turned_rad=math.pi)).truth()
    assert turned.xy_px[0, LEFT, 0] < turned.xy_px[0, RIGHT, 0]


def test_what_the_body_covers_is_hidden(body):
    front = next(Stage(Scene(body, camera=SMALL), standing()).shots())
    # The hanging hands show the thumb's side: the other edge is behind it.
    assert {SKELETON.joints[joint] for joint in np.flatnonzero(front.hidden)} <= {"left_palm_pinky", "right_palm_pinky"}
    behind = next(Stage(Scene(body, camera=SMALL), standing(turned_rad=math.pi)).shots())
    assert behind.hidden[[SKELETON.index(joint) for joint in ("nose", "left_eye", "right_eye")]].all()
    # Turned to the left, the dancer faces the picture's right and shows the right side.
    side = next(Stage(Scene(body, camera=SMALL), standing(turned_rad=math.pi / 2)).shots())
    hidden = {SKELETON.joints[joint] for joint in np.flatnonzero(side.hidden)}
    assert {"left_shoulder", "left_elbow", "left_ear", "left_hip", "left_knee"} <= hidden
    assert not {"right_shoulder", "right_elbow", "right_ear", "right_wrist", "right_knee", "nose"} & hidden


def test_a_joint_outside_the_picture_is_hidden(body):
    near = Camera(distance_m=1.5, aim_m=1.3, height_m=1.3)
    shot = next(Stage(Scene(body, camera=near), standing()).shots())
    assert shot.hidden[SKELETON.index("left_ankle")]
    assert not shot.hidden[NOSE]


def test_the_same_pictures_give_the_same_file(tmp_path):
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 40, (640, 360, 3)).astype(np.uint8) + 50 * number for number in range(4)]
    files = [tmp_path / f"{number}.mp4" for number in range(6)]
    for file in files:
        encode(file, pictures, (360, 640), 30)
    assert len({file.read_bytes() for file in files}) == 1


def test_the_same_scene_gives_the_same_pictures(body):
    first, again = (next(Stage(Scene(body, camera=SMALL), standing()).shots()).rgb for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert first.shape == (640, 360, 3)
