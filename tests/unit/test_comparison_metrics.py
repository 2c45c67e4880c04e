"""Each metric: perfect with itself, empty, malformed, invariant where it must be, monotone where it must be."""

from dataclasses import replace

import numpy as np
import pytest

from choreography.comparison import metrics
from choreography.comparison.config import DEFAULT_CONFIG as CONFIG
from choreography.comparison.normalise import (
    LIMBS,
    SEGMENTS,
    Floats,
    Movement,
    Sampler,
    even_times,
    joints_in_view,
    mirrored,
    movement_of,
)
from inference.pose.skeleton import SKELETON
from inference.pose.track import PoseTrack
from tests.motion import AVERAGE, SHORT_AND_BROAD, TALL_AND_LEAN, Body, Dance, hidden, performed, unfound

DANCE = Dance(seed=3, duration_s=8.0)
GUIDE = movement_of(performed(DANCE), CONFIG)


ALL, LEFT_ARM_ROW = 0, 1 + LIMBS.index("left_arm")


def danced(**how: object) -> Movement:
    return movement_of(performed(DANCE, **how), CONFIG, GUIDE.t_s)  # type: ignore[arg-type]


def weights(attempt: Movement) -> Floats:
    return np.where(attempt.seen, metrics.shown_weights(GUIDE, CONFIG), 0.0)


def mean_error(attempt: Movement) -> float:
    weight = weights(attempt)
    total = float(weight.sum())
    return float((weight * metrics.direction_error_deg(GUIDE, attempt)).sum()) / total if total else float("nan")


def chance(attempt: Movement) -> Floats:
    return metrics.chance_error_deg(GUIDE, attempt, metrics.shown_weights(GUIDE, CONFIG), CONFIG)


def test_self_comparison_is_perfect() -> None:
    assert mean_error(GUIDE) == pytest.approx(0.0, abs=1e-6)
    assert metrics.coverage(GUIDE, GUIDE) == pytest.approx(np.ones(1 + len(LIMBS)))
    assert metrics.replay_error_deg(GUIDE, GUIDE) < 1e-6
    assert metrics.judged_s(GUIDE, GUIDE, CONFIG) == pytest.approx(len(GUIDE.t_s) / CONFIG.rate_hz)


def test_nobody_in_view_gives_nan_or_zero_and_never_a_verdict() -> None:
    nobody = movement_of(unfound(performed(DANCE)), CONFIG, GUIDE.t_s)
    assert np.isnan(mean_error(nobody))
    assert metrics.coverage(GUIDE, nobody)[ALL] == 0.0
    assert np.isnan(metrics.movement_size(nobody, nobody.seen)[ALL])
    assert np.isnan(chance(nobody)[ALL])
    assert np.isnan(metrics.replay_error_deg(GUIDE, nobody))


def test_a_hidden_arm_is_left_out_of_every_measure_and_alone() -> None:
    hand = ("left_elbow", "left_wrist", "left_palm_thumb", "left_palm_pinky")
    armless = movement_of(hidden(performed(DANCE), hand), CONFIG, GUIDE.t_s)
    cover = metrics.coverage(GUIDE, armless)
    assert cover[LEFT_ARM_ROW] == 0.0
    assert np.delete(cover, (ALL, LEFT_ARM_ROW)) == pytest.approx(1.0)
    assert mean_error(armless) == pytest.approx(0.0, abs=0.02)
    assert np.isnan(chance(armless)[LEFT_ARM_ROW])


def test_movements_of_other_lengths_or_without_numbers_are_refused() -> None:
    with pytest.raises(metrics.ComparisonError, match="shapes differ"):
        metrics.validate(GUIDE, movement_of(performed(DANCE, to_s=4.0), CONFIG))
    broken = replace(GUIDE, vectors=np.full_like(GUIDE.vectors, np.nan))
    with pytest.raises(metrics.ComparisonError, match="not finite"):
        metrics.validate(GUIDE, broken)


@pytest.mark.parametrize(
    "body",
    [AVERAGE.scaled(0.4), replace(AVERAGE, centre_px=(500.0, 420.0)), SHORT_AND_BROAD, TALL_AND_LEAN],
    ids=["far away", "elsewhere", "short and broad", "tall and lean"],
)
def test_place_size_and_build_do_not_matter(body: Body) -> None:
    assert mean_error(danced(body=body)) < 4.0


@pytest.mark.parametrize("fps", [24.0, 25.0, 60.0])
def test_frame_rate_does_not_matter(fps: float) -> None:
    assert mean_error(danced(fps=fps)) < 1.0


def test_directions_are_angles_in_the_picture() -> None:
    flat = replace(GUIDE, vectors=GUIDE.vectors / np.linalg.norm(GUIDE.vectors, axis=-1, keepdims=True))
    turned = replace(flat, vectors=flat.vectors[..., ::-1] * np.array([-1.0, 1.0]))
    assert metrics.direction_error_deg(flat, turned) == pytest.approx(90.0)
    assert metrics.direction_error_deg(flat, replace(flat, vectors=-flat.vectors)) == pytest.approx(180.0)


def test_where_both_point_at_the_camera_the_direction_in_the_picture_hardly_counts() -> None:
    short = replace(GUIDE, vectors=0.1 * GUIDE.vectors)
    assert metrics.direction_error_deg(short, replace(short, vectors=-short.vectors)).max() < 17.0


def test_chance_is_what_wrong_timing_gives() -> None:
    late = mean_error(danced(late_s=2.0))
    assert chance(GUIDE)[ALL] == pytest.approx(late, rel=0.15)
    assert chance(GUIDE).shape == (1 + len(LIMBS),)


def test_chance_level_falls_with_the_root_of_the_time() -> None:
    assert metrics.chance_level(0.6, 4.0, CONFIG) == pytest.approx(0.3)
    assert metrics.chance_level(0.6, 0.01, CONFIG) == CONFIG.most_chance
    assert metrics.chance_level(0.6, 0.0, CONFIG) == CONFIG.most_chance


def test_agreement_above_chance_keeps_one_and_loses_chance() -> None:
    assert metrics.above_chance(np.array([1.0, 0.3, -0.2, 0.65]), 0.3) == pytest.approx([1.0, 0.0, 0.0, 0.5])


@pytest.mark.parametrize("name", ["noise_px", "late_s", "size"])
def test_the_error_grows_with_what_is_wrong(name: str) -> None:
    steps = {"noise_px": (0.0, 5.0, 15.0, 40.0), "late_s": (0.0, 0.05, 0.12, 0.22), "size": (1.0, 0.8, 0.5, 0.25)}[name]
    errors = [mean_error(danced(**{name: step})) for step in steps]
    assert errors == sorted(errors)
    assert errors[-1] > errors[0] + 5


def test_bodies_differ_by_their_proportions_and_not_by_their_size() -> None:
    def unlike(body: Body) -> float:
        own, other = Sampler(performed(DANCE), CONFIG), Sampler(performed(DANCE, body), CONFIG)
        return metrics.build_difference(own.build, other.build)

    assert unlike(AVERAGE) == pytest.approx(0.0, abs=1e-6)
    assert unlike(AVERAGE.scaled(0.4)) < 0.3 * CONFIG.replay_build
    assert min(unlike(SHORT_AND_BROAD), unlike(TALL_AND_LEAN)) > CONFIG.replay_build


def test_a_bone_that_points_at_the_camera_counts_for_less() -> None:
    track = performed(DANCE)
    wrist, elbow = SKELETON.index("left_wrist"), SKELETON.index("left_elbow")
    xy = track.xy_px.copy()
    xy[60:90, wrist] = xy[60:90, elbow] + 0.1 * (xy[60:90, wrist] - xy[60:90, elbow])
    forearm = next(i for i, s in enumerate(SEGMENTS) if s.start == ("left_elbow",))
    fullness = movement_of(replace(track, xy_px=xy), CONFIG).fullness[:, forearm]
    assert fullness[60:90].max() < 0.3
    assert fullness[100:].min() == 1.0


def test_even_times_start_at_the_first_frame_and_end_within_the_last() -> None:
    track = performed(DANCE, fps=24.0, clock_s=5.0)
    times = even_times(track, CONFIG)
    assert times[0] == 5.0
    assert np.diff(times) == pytest.approx(1 / CONFIG.rate_hz)
    assert track.t_s[-1] - 1 / CONFIG.rate_hz < times[-1] <= track.t_s[-1] + 1e-6


def test_gaps_are_not_bridged() -> None:
    track = performed(DANCE)
    kept = (track.t_s < 2.0) | (track.t_s > 3.0)
    gappy = PoseTrack(track.t_s[kept], track.xy_px[kept], track.conf[kept], track.size_px, track.model)
    seen = movement_of(gappy, CONFIG).seen.all(axis=1)
    times = even_times(gappy, CONFIG)
    assert not seen[(times > 2.05) & (times < 2.95)].any()
    assert seen[(times < 1.95) | (times > 3.05)].all()


def test_nothing_is_interpolated_across_a_cut() -> None:
    """Two cameras: every limb vector belongs to one of them, and no frame is lost between."""
    close, wide = performed(DANCE), performed(DANCE, AVERAGE.scaled(0.5))
    cut = len(wide.t_s) // 2
    second = np.arange(len(wide.t_s)) >= cut
    filmed = replace(
        wide,
        xy_px=np.where(second[:, None, None], wide.xy_px, close.xy_px),
        begins_shot=np.arange(len(wide.t_s)) == cut,
    )
    times = wide.t_s[cut - 1] + np.array([0.0, 0.3, 0.7, 1.0]) / 30
    seen = movement_of(filmed, CONFIG, times)
    assert seen.seen.all()
    np.testing.assert_array_equal(seen.vectors[1], seen.vectors[0])
    np.testing.assert_array_equal(seen.vectors[2], seen.vectors[3])
    uncut = movement_of(replace(filmed, begins_shot=np.zeros(len(second), dtype=bool)), CONFIG, times)
    assert np.abs(uncut.vectors[1] - uncut.vectors[0]).max() > 0.05


def test_joints_far_outside_the_picture_are_out_of_view() -> None:
    track = performed(DANCE)
    low = replace(AVERAGE, centre_px=(640.0, 800.0))
    ankle = SKELETON.index("left_ankle")
    assert joints_in_view(track, CONFIG)[:, ankle].all()
    assert not joints_in_view(performed(DANCE, low), CONFIG)[:, ankle].any()


def test_mirroring_twice_is_nothing() -> None:
    track = performed(DANCE)
    back = mirrored(mirrored(track))
    assert back.xy_px == pytest.approx(track.xy_px, abs=1e-3)
    assert not np.allclose(mirrored(track).xy_px, track.xy_px, atol=5.0)


def test_mirroring_turns_left_and_right_around_in_space_too() -> None:
    track = performed(DANCE)
    track = replace(track, xyz_m=np.random.default_rng(5).normal(size=(len(track.t_s), 29, 3)).astype(np.float32))
    left, right = (SKELETON.index(f"{side}_wrist") for side in ("left", "right"))
    np.testing.assert_array_equal(mirrored(track).xyz_m[:, left], track.xyz_m[:, right] * [-1, 1, 1])
    np.testing.assert_array_equal(mirrored(mirrored(track)).xyz_m, track.xyz_m)
