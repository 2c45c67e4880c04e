from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from choreography.demo.body import DancerBody, joints_xyz_m
from choreography.demo.camera import Camera, keypoints_px
from choreography.demo.keys import FLOW, HIT, NEUTRAL, at, curve, steps, to_the_other_side
from choreography.demo.motion import FPS, Forgotten, perform
from choreography.demo.moves import HIGH, left, left_foot
from choreography.demo.routines import ROUTINES
from choreography.demo.story import LEARNER, PHONE_ON_A_SHELF, TAKES
from inference.pose.skeleton import SKELETON

BODY = DancerBody()
ROUTINE_IDS = [routine.slug for routine in ROUTINES]
BONES_M = {
    ("shoulder", "elbow"): BODY.upper_arm_m,
    ("elbow", "wrist"): BODY.forearm_m,
    ("hip", "knee"): BODY.thigh_m,
    ("knee", "ankle"): BODY.shank_m,
}


@pytest.fixture(scope="module", params=ROUTINES, ids=ROUTINE_IDS)
def routine(request):
    return request.param


@pytest.fixture(scope="module")
def track(routine):
    return perform(routine)


@pytest.fixture(scope="module")
def joints_m(routine):
    return body_in(routine)


def body_in(routine):
    counts = (np.arange(round(routine.duration_s * FPS)) / FPS - routine.first_beat_s) / routine.beat_s
    channels = {name: curve(routine.keys, name, counts) for name in NEUTRAL}
    for side in ("left", "right"):
        channels[f"{side}_foot_lift"] = channels[f"{side}_foot_lift"] + steps(routine.keys, side, counts)
    return joints_xyz_m(BODY, channels)


def test_bones_keep_their_length(joints_m):
    for side in ("left", "right"):
        for (start, end), length_m in BONES_M.items():
            lengths_m = np.linalg.norm(joints_m[f"{side}_{start}"] - joints_m[f"{side}_{end}"], axis=1)
            np.testing.assert_allclose(lengths_m, length_m, atol=1e-3)


def test_no_elbow_folds_flat_and_no_knee_bends_backwards(joints_m):
    for side in ("left", "right"):
        upper = joints_m[f"{side}_shoulder"] - joints_m[f"{side}_elbow"]
        fore = joints_m[f"{side}_wrist"] - joints_m[f"{side}_elbow"]
        assert inner_angle_deg(upper, fore).min() > 20
        knee = joints_m[f"{side}_knee"]
        middle = (joints_m[f"{side}_hip"] + joints_m[f"{side}_ankle"]) / 2
        assert (knee - middle)[:, 2].min() > -0.01


def test_no_joint_goes_through_the_floor(joints_m):
    for name, xyz_m in joints_m.items():
        assert xyz_m[:, 1].min() > -0.005, name


def test_a_foot_moves_only_while_it_is_off_the_floor_or_turns_on_its_ball(joints_m):
    for side in ("left", "right"):
        toe = joints_m[f"{side}_bigtoe"]
        slide_m = np.linalg.norm(np.diff(toe[:, [0, 2]], axis=0), axis=1)
        on_the_floor = toe[1:, 1] < 0.022
        assert np.median(slide_m[on_the_floor]) < 1e-4
        assert slide_m[on_the_floor].max() < 0.015


def test_the_whole_dance_is_in_the_picture(track):
    width, height = track.size_px
    assert (width, height) == (720, 1280)
    assert track.xy_px[..., 0].min() > 0
    assert track.xy_px[..., 0].max() < width
    assert track.xy_px[..., 1].min() > 0
    assert track.xy_px[..., 1].max() < height


def test_frames_follow_each_other_at_thirty_a_second_for_the_whole_routine(routine, track):
    assert track.duration_s == pytest.approx(routine.duration_s, abs=0.05)
    np.testing.assert_allclose(np.diff(track.t_s), 1 / 30)
    assert track.model == "authored"
    assert track.found.all()


def test_derived_joints_are_less_certain_and_follow_their_definitions(track):
    hips, shoulders, ears = (
        (track.joint(f"left_{name}") + track.joint(f"right_{name}")) / 2 for name in ("hip", "shoulder", "ear")
    )
    np.testing.assert_allclose(track.joint("center_hip"), hips, atol=1e-3)
    np.testing.assert_allclose(track.joint("neck"), shoulders + 0.25 * (ears - shoulders), atol=1e-3)
    np.testing.assert_allclose(track.joint("chest"), shoulders + 0.25 * (hips - shoulders), atol=1e-3)
    np.testing.assert_allclose(track.joint("navel"), shoulders + 0.72 * (hips - shoulders), atol=1e-3)
    derived = [SKELETON.index(joint) for joint in SKELETON.derived]
    direct = [index for index in range(len(SKELETON.joints)) if index not in derived]
    assert track.conf[:, derived].max() < track.conf[:, direct].min()


def test_in_space_a_camera_far_away_sees_what_is_in_the_picture(routine):
    """From afar a picture has no perspective: pixels are metres times the scale."""
    far = perform(routine, camera=Camera(distance_m=1e5))
    from_hips_px = far.xy_px - far.joint("center_hip")[:, None]
    np.testing.assert_allclose(from_hips_px / Camera().px_per_m, far.xyz_m[..., :2], atol=1e-4)


def test_in_space_bones_keep_their_length_and_the_face_looks_at_the_camera(track):
    at = {joint: track.xyz_m[:, index] for index, joint in enumerate(SKELETON.joints)}
    for side in ("left", "right"):
        for (start, end), length_m in BONES_M.items():
            lengths_m = np.linalg.norm(at[f"{side}_{start}"] - at[f"{side}_{end}"], axis=1)
            np.testing.assert_allclose(lengths_m, length_m, atol=1e-3)
    assert (at["nose"][:, 2] < (at["left_ear"] + at["right_ear"])[:, 2] / 2).mean() > 0.95
    assert not at["center_hip"].any()


def test_hands_are_quicker_into_a_count_than_out_of_it(routine, track):
    speed_px = sum(np.linalg.norm(np.diff(track.joint(f"{side}_wrist"), axis=0), axis=1) for side in ("left", "right"))
    count_s = routine.first_beat_s + np.arange(8 * len(routine.eights)) * routine.beat_s
    at_s = track.t_s[1:]
    into = np.mean([speed_px[(at_s > s - 0.2) & (at_s < s)].mean() for s in count_s])
    held = np.mean([speed_px[(at_s > s + 0.05) & (at_s < s + 0.15)].mean() for s in count_s])
    assert into > 1.5 * held


def test_nobody_moves_faster_than_a_dancer(joints_m):
    for side in ("left", "right"):
        for joint, fastest_m_s in (("wrist", 13.0), ("ankle", 4.0), ("hip", 3.5)):
            speed_m_s = np.linalg.norm(np.diff(joints_m[f"{side}_{joint}"], axis=0), axis=1) * FPS
            assert speed_m_s.max() < fastest_m_s


def test_the_same_seed_dances_the_same_and_another_does_not(routine):
    first, again, other = (perform(routine, sloppiness=0.5, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.xy_px, again.xy_px)
    assert np.abs(first.xy_px - other.xy_px).max() > 5


def test_a_delay_comes_that_much_later(routine, track):
    late = perform(routine, delay_s=0.2)
    np.testing.assert_allclose(late.xy_px[6:], track.xy_px[:-6], atol=0.5)


def test_a_mirrored_dance_is_the_picture_in_a_mirror(routine, track):
    mirrored = perform(routine, mirrored=True)
    flipped = track.xy_px[:, list(SKELETON.mirrored_order)] * [-1, 1] + [track.size_px[0], 0]
    np.testing.assert_allclose(mirrored.xy_px, flipped, atol=0.05)


def test_sloppiness_makes_the_hands_travel_less(routine):
    spans_px = [np.ptp(perform(routine, sloppiness=s).joint("left_wrist"), axis=0).sum() for s in (0.0, 0.5, 1.0)]
    assert spans_px[0] > spans_px[1] > spans_px[2]


def test_a_forgotten_arm_stays_where_it_was_and_the_rest_dances_on():
    routine = ROUTINES[0]
    full, partial = (perform(routine, forgotten=gaps) for gaps in ((), (Forgotten("left_arm", eight=2),)))
    eight_2 = (full.t_s > routine.first_beat_s + 8.6 * routine.beat_s) & (
        full.t_s < routine.first_beat_s + 15 * routine.beat_s
    )
    hand = (
        full.joint("left_wrist") - full.joint("left_shoulder"),
        partial.joint("left_wrist") - partial.joint("left_shoulder"),
    )
    assert np.abs(hand[0] - hand[1])[eight_2].max() > 80
    np.testing.assert_array_equal(full.joint("right_wrist"), partial.joint("right_wrist"))
    np.testing.assert_array_equal(full.xy_px[~eight_2][:30], partial.xy_px[~eight_2][:30])


def test_sections_cover_the_guide_without_gaps(routine):
    sections = list(routine.sections_s())
    assert sections[0][1] == 0
    assert sections[-1][2] == pytest.approx(routine.duration_s, abs=1e-3)
    assert all(before[2] == after[1] for before, after in pairwise(sections))
    assert sum(stretch.eights for stretch in routine.stretches) == len(routine.eights) == len(routine.bass)


def test_every_key_names_channels_that_exist(routine):
    for key in routine.keys:
        assert set(key.changes) <= set(NEUTRAL)


def test_a_key_is_reached_on_its_count_and_held():
    keys = [at(1, {"hips_x": 0.2}, ease=FLOW), at(3, {"hips_x": -0.1}, ease=FLOW)]
    values = curve(keys, "hips_x", np.array([-1.0, 0.0, 1.0, 1.9, 3.0, 9.0]))
    np.testing.assert_allclose(values, [0, 0, 0.2, 0.2, -0.1, -0.1], atol=1e-9)


def test_a_direction_turns_without_leaving_the_sphere():
    counts = np.linspace(0, 2, 60)
    turned = curve([at(1, left(HIGH), ease=HIT)], "left_upper", counts)
    np.testing.assert_allclose(np.linalg.norm(turned, axis=1), 1.0)
    np.testing.assert_allclose(turned[-1], np.array(HIGH[0]) / np.linalg.norm(HIGH[0]), atol=1e-6)


def test_a_foot_is_lifted_while_it_travels_and_only_then():
    lift_m = steps([at(2, left_foot(0.4))], "left", np.array([0.0, 1.5, 1.75, 2.0, 3.0]))
    np.testing.assert_allclose(lift_m[[0, 1, 3, 4]], 0, atol=1e-9)
    assert lift_m[2] > 0.03


def test_the_other_side_of_the_other_side_is_the_same():
    for eight in ROUTINES[1].eights:
        for key, again in zip(eight, to_the_other_side(to_the_other_side(eight)), strict=True):
            assert again.changes.keys() == key.changes.keys()
            for channel, value in key.changes.items():
                assert again.changes[channel] == pytest.approx(value)


def test_a_nearer_camera_sees_a_larger_dancer(joints_m):
    far, near = (keypoints_px(joints_m, replace(Camera(), px_per_m=scale)) for scale in (150.0, 300.0))
    heights = [np.ptp(xy[0, :, 1]) for xy in (far, near)]
    assert heights[1] == pytest.approx(2 * heights[0], rel=1e-4)


def test_takes_differ_in_body_and_camera_and_stay_in_the_picture():
    assert LEARNER != BODY
    assert Camera() != PHONE_ON_A_SHELF
    for take in TAKES:
        track = take.danced()
        assert track.xy_px.min() > 0
        assert (track.xy_px.max(axis=(0, 1)) < track.size_px).all()


def inner_angle_deg(first, second):
    cosine = np.sum(first * second, axis=1) / (np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1))
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))
