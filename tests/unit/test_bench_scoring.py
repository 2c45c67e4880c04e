"""The made learners that the comparison is measured on: their faults lie where they are said to be."""

import numpy as np
import pytest

from inference.pose.skeleton import SKELETON
from ml_training.rendering.dances import make_dance
from tests.bench.engine_errors import ERRORS, Truth, as_read
from tests.bench.figures import PHONE, a_build, a_camera, from_hips, height_px, in_picture, joints_m, some_camera
from tests.bench.learners import learner
from tests.bench.motion_edits import LIMB_SEGMENTS, WrongLimb, apart_deg, mirrored, smaller
from tests.bench.scoring_dances import DANCES, LENGTH_S, TABLE, TUNING, Piece
from tests.bench.scoring_takes import injections

SECONDS = 12.0
DANCE, OTHER = make_dance(7, SECONDS), make_dance(8, SECONDS)


def bones(track, start, end):
    """(T, 3) directions in space."""
    bone = (track.xyz_m[:, SKELETON.index(end)] - track.xyz_m[:, SKELETON.index(start)]).astype(np.float64)
    return bone / np.linalg.norm(bone, axis=1, keepdims=True)


def apart(one, other, start, end):
    """(T,) degrees between a bone of two tracks."""
    cosines = np.sum(bones(one, start, end) * bones(other, start, end), axis=1)
    return np.degrees(np.arccos(np.clip(cosines, -1.0, 1.0)))


def test_the_same_seed_gives_the_same_take_and_another_seed_another():
    first, again, third = (
        learner(DANCE, body=a_build(3), camera=some_camera(3), tempo_wobble_s=0.05, seed=seed) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first.xy_px, again.xy_px)
    np.testing.assert_array_equal(first.xyz_m, again.xyz_m)
    assert not np.array_equal(first.xy_px, third.xy_px, equal_nan=True)


def test_the_halves_share_no_source_stretch():
    assert len(TUNING) == len(TABLE) == 5
    made = {half: {p.source for d in DANCES if d.half == half for p in d.pieces} for half in ("tuning", "table")}
    captured = {source for source in made["tuning"] & made["table"] if source.startswith(("fair1", "jesse"))}
    assert made["tuning"] & made["table"] == captured
    for source in captured:
        spans = [
            (*_span_s(dance.bpm, piece), dance.half)
            for dance in DANCES
            for piece in dance.pieces
            if piece.source == source
        ]
        for first, second in zip(sorted(spans), sorted(spans)[1:], strict=False):
            assert first[1] <= second[0], f"{source}: {first} and {second}"


def _span_s(bpm: float, piece: Piece) -> tuple[float, float]:
    return piece.from_s, piece.from_s + (piece.tempo or 1.0) * piece.eights * 8 * 60 / bpm


@pytest.mark.parametrize("dance", DANCES, ids=lambda dance: f"{dance.half}: {dance.name}")
def test_a_dance_is_a_whole_minute_without_jerks(dance):
    motion = dance.motion
    assert motion.t_s[-1] == LENGTH_S
    assert sum(piece.eights for piece in dance.pieces) * dance.grid.eight_s >= LENGTH_S
    for course in (*motion.limbs.values(), *(turns[:, :, 2] for turns in motion.frames.values())):
        np.testing.assert_allclose(np.linalg.norm(course, axis=1), 1.0, atol=1e-6)
        # A hand may whip round at 2000 degrees a second; nothing jumps.
        assert np.linalg.norm(np.diff(course, axis=0), axis=1).max() < 0.62


def test_pixels_and_metres_agree_for_a_camera_far_in_front():
    camera = a_camera(distance_m=400.0, height_m=1.0)
    track = learner(DANCE, camera=camera, noise=0)
    hips = track.xy_px[:, [SKELETON.index("center_hip")]]
    metres = (track.xy_px - hips) * 400.0 / camera.focal_px
    np.testing.assert_allclose(metres, track.xyz_m[..., :2], atol=0.01)
    nose, ear = (track.xyz_m[:, SKELETON.index(joint), 2].mean() for joint in ("nose", "left_ear"))
    assert nose < ear, "the nose is nearer to the camera in front"
    left, right = (track.xy_px[:, SKELETON.index(f"{side}_shoulder"), 0].mean() for side in ("left", "right"))
    assert left > right, "a dancer who faces the camera has the left side on the picture's right"


def test_every_usual_camera_has_the_dancer_in_the_picture():
    for seed in range(12):
        camera = some_camera(seed, yaw_deg=(0, 35, -35, 45)[seed % 4])
        track = learner(DANCE, body=a_build(seed), camera=camera, noise=0)
        inside = (track.xy_px >= 0) & (track.xy_px < camera.size_px)
        assert inside.all(axis=2).mean() > 0.995


def test_a_build_has_its_own_lengths_whatever_it_dances():
    build = a_build(5)
    world_m = joints_m(build, DANCE)
    forearm = world_m[:, SKELETON.index("left_wrist")] - world_m[:, SKELETON.index("left_elbow")]
    np.testing.assert_allclose(np.linalg.norm(forearm, axis=1), build.forearm)
    lowest = world_m[..., 1].min(axis=1)
    np.testing.assert_allclose(lowest, 0.0, atol=0.09)


def test_a_late_learner_does_the_same_later():
    on_time, late = learner(DANCE, noise=0), learner(DANCE, noise=0, late_s=0.2)
    np.testing.assert_allclose(late.xyz_m[6:], on_time.xyz_m[:-6], atol=0.01)
    assert apart(on_time, late, "left_elbow", "left_wrist").mean() > 5


def test_a_late_limb_is_late_alone():
    on_time, late = learner(DANCE, noise=0), learner(DANCE, noise=0, late_limb=("right_arm", 0.2))
    right, left = (apart(on_time, late, f"{side}_elbow", f"{side}_wrist") for side in ("right", "left"))
    assert left.max() < 0.1
    assert right.mean() > 5


@pytest.mark.parametrize("size", [0.9, 0.7, 0.5, 0.3])
def test_a_smaller_dance_strays_by_that_share_of_the_angle(size):
    calm = smaller(DANCE, size)
    for name, limb in DANCE.limbs.items():
        usual = limb.mean(axis=0) / np.linalg.norm(limb.mean(axis=0))
        wide, small = (np.arccos(np.clip(each @ usual, -1, 1)) for each in (limb, calm.limbs[name]))
        assert np.median(small / wide) == pytest.approx(size, abs=0.06), name


def test_a_wrong_limb_is_wrong_there_and_nowhere_else():
    wrong = WrongLimb("left_leg", 4.0, 7.0, OTHER)
    right, danced = learner(DANCE, noise=0), learner(DANCE, noise=0, wrong_limb=wrong)
    t_s = right.t_s
    within, outside = (t_s > 4.1) & (t_s < 6.9), (t_s < 3.9) | (t_s > 7.1)
    off = apart(right, danced, "left_hip", "left_knee")
    assert off[outside].max() < 0.1
    assert off[within].mean() > 3
    for limb in set(LIMB_SEGMENTS) - {"left_leg"}:
        side, part = limb.split("_")
        ends = ("elbow", "wrist") if part == "arm" else ("hip", "knee")
        assert apart(right, danced, f"{side}_{ends[0]}", f"{side}_{ends[1]}").max() < 0.1


def test_mirroring_twice_is_the_dance_itself_and_once_exchanges_the_sides():
    other_side = mirrored(DANCE)
    np.testing.assert_allclose(mirrored(other_side).limbs["left_hand"], DANCE.limbs["left_hand"])
    np.testing.assert_allclose(other_side.limbs["left_thigh"] * [-1, 1, 1], DANCE.limbs["right_thigh"])
    assert np.linalg.det(other_side.frames["chest"]).min() > 0.99


def test_a_clip_begins_and_ends_where_it_is_said_to():
    whole = learner(DANCE, noise=0)
    before = learner(DANCE, noise=0, start_offset_s=1.0)
    piece = learner(DANCE, noise=0, cut=(4.0, 9.0))
    np.testing.assert_allclose(before.xyz_m[30:], whole.xyz_m, atol=1e-4)
    np.testing.assert_allclose(before.xyz_m[:30], np.broadcast_to(whole.xyz_m[0], (30, 29, 3)), atol=1e-4)
    np.testing.assert_allclose(piece.xyz_m, whole.xyz_m[120:271], atol=1e-4)
    assert piece.t_s[0] == 0


def test_injected_errors_last_long_enough_within_one_eight_and_are_plain():
    dance, other = TABLE[0], TABLE[1]
    for injected in injections(dance, other, 0, (1.0, 2.0)):
        place = dance.map.place_of(injected.start_s, injected.end_s)
        assert injected.end_s - injected.start_s >= 1.0
        assert (place.last_count - place.first_count + 1) * dance.grid.beat_s == pytest.approx(
            injected.end_s - injected.start_s
        )
        rows = (dance.motion.t_s >= injected.start_s) & (dance.motion.t_s < injected.end_s)
        assert apart_deg(dance.motion, other.motion, injected.limb)[rows].mean() > 20


def test_the_engines_errors_have_the_declared_size():
    camera, build = a_camera(), a_build(1)
    dance = make_dance(9, 60.0).at(np.arange(1800) / 30)
    world_m = joints_m(build, dance)
    truth = Truth(dance.t_s, in_picture(camera, world_m), from_hips(camera, world_m), height_px(camera, build, world_m))
    knee, biases = SKELETON.index("left_knee"), []
    for seed in range(4):
        read = as_read(truth, 1.0, seed)
        share = (read.xy_px[:, knee] - truth.xy_px[:, knee]) / truth.height_px[:, None]
        biases.append(np.nanmedian(share, axis=0))
        # Gross errors are few: quantiles tell the wander without them.
        spread = np.nanquantile(share, 0.84, axis=0) - np.nanquantile(share, 0.16, axis=0)
        np.testing.assert_allclose(spread / 2, ERRORS["knee"].wander, rtol=0.25)
        assert np.isnan(read.xy_px[:, knee, 0]).mean() < 0.04
    assert np.std(biases) == pytest.approx(ERRORS["knee"].bias, rel=0.5)


def test_without_errors_a_reading_is_the_truth():
    track = learner(DANCE, noise=0)
    assert track.size_px == PHONE
    assert np.isfinite(track.xyz_m).all()
    assert track.conf.min() > 0.9
