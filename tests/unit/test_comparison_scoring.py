"""What a dancer gets: the same from any body, camera and clock, less for every error, and less the larger it is."""

from collections.abc import Sequence
from dataclasses import FrozenInstanceError, replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from choreography.comparison import scoring
from choreography.comparison.config import DEFAULT_CONFIG as CONFIG
from choreography.comparison.normalise import mirrored
from choreography.comparison.result import ComparisonResult
from inference.pose.track import PoseTrack
from tests.dancing import DANCE, GUIDE, LEFT_ARM, LEGS, OTHER, judged, limb_scores, score, spliced, take
from tests.motion import AVERAGE, SHORT_AND_BROAD, TALL_AND_LEAN, Body, hidden, performed, unfound


def falls(scores: Sequence[float | None], at_least: float) -> bool:
    known = [points for points in scores if points is not None]
    assert len(known) == len(scores)
    return all(one > other for one, other in pairwise(known)) and known[0] - known[-1] > at_least


# Invariances


@pytest.mark.parametrize("body", [SHORT_AND_BROAD, TALL_AND_LEAN, replace(TALL_AND_LEAN.scaled(0.4), torso=60.0)])
@pytest.mark.parametrize("fps", [24.0, 60.0])
def test_another_body_camera_and_frame_rate_is_the_same_dance(body: Body, fps: float) -> None:
    assert score(performed(DANCE, body, fps=fps, noise_px=0.01 * body.torso)) > 98.0


def test_a_mirrored_take_scores_the_same_and_is_said() -> None:
    danced = take(wrong=OTHER, wrong_parts=("left_forearm",))
    plain, flipped = judged(danced), judged(mirrored(danced))
    assert flipped.score == pytest.approx(plain.score, abs=0.01)
    assert limb_scores(flipped) == pytest.approx(limb_scores(plain), abs=0.01)
    assert flipped.notices == ("mirrored", *plain.notices)


def test_a_constant_time_shift_changes_the_offset_only() -> None:
    plain, shifted = judged(take()), judged(take(clock_s=42.0))
    assert shifted.score == pytest.approx(plain.score, abs=1e-3)
    assert shifted.offset_s == pytest.approx((plain.offset_s or 0.0) + 42.0, abs=1e-5)
    assert shifted.timeline.t_s == plain.timeline.t_s


def two_cameras(every_s: float, *, told: bool) -> PoseTrack:
    """The guide filmed by turns from nearby and from twice as far, with the cuts known or not."""
    far = performed(DANCE, AVERAGE.scaled(0.45))
    is_far = np.floor(GUIDE.t_s / every_s + 1e-6) % 2 == 1
    cuts = np.diff(is_far, prepend=False) & told
    return replace(GUIDE, xy_px=np.where(is_far[:, None, None], far.xy_px, GUIDE.xy_px), begins_shot=cuts)


@pytest.mark.parametrize("every_s", [2.0, 5.0])
def test_a_second_camera_costs_nothing_where_the_cuts_are_known(every_s: float) -> None:
    attempt = performed(DANCE, TALL_AND_LEAN, noise_px=2.0, size=0.8)
    one_camera = score(attempt)
    assert score(attempt, two_cameras(every_s, told=True)) == pytest.approx(one_camera, abs=0.5)
    assert score(attempt, two_cameras(every_s, told=False)) < one_camera - 4.0


# Out of view


def test_legs_out_of_view_cost_nothing_and_are_named() -> None:
    whole = take()
    result = judged(hidden(whole, LEGS))
    assert result.missing_limbs == ("left_leg", "right_leg")
    assert result.score == pytest.approx(score(whole), abs=2.0)
    assert {"limbs_out_of_view", "partly_out_of_view"} <= set(result.notices)
    assert 0.5 < result.coverage < 0.65
    assert limb_scores(result)["left_leg"] is None


def test_a_guide_without_legs_does_not_ask_for_legs() -> None:
    result = judged(take(), hidden(GUIDE, LEGS))
    assert result.coverage > 0.99
    assert "partly_out_of_view" not in result.notices


def test_leaving_the_picture_for_a_third_of_the_dance_is_said_and_costs_nothing() -> None:
    result = judged(unfound(take(), (5.0, 10.0)))
    assert result.score == pytest.approx(score(take()), abs=2.0)
    assert result.coverage == pytest.approx(0.69, abs=0.02)
    assert "partly_out_of_view" in result.notices
    timeline = result.timeline
    judged_s = [t_s for t_s, error in zip(timeline.t_s, timeline.error_deg, strict=True) if not np.isnan(error)]
    assert not [t_s for t_s in judged_s if 5.2 < t_s < 9.8]
    assert {round(t_s) for t_s in judged_s} >= {1, 2, 3, 4, 11, 12, 13, 14, 15}


# Monotone


@cache
def late(late_s: float) -> ComparisonResult:
    return judged(take(late_s=late_s), offset_hint_s=0.0)


def test_later_scores_less_where_the_start_is_known() -> None:
    lateness_s = (0.0, 0.04, 0.08, 0.12, 0.2, 0.3, 0.5)
    results = [late(late_s) for late_s in lateness_s]
    assert falls([result.score for result in results], 30.0)
    assert falls([result.parts.timing for result in results], 75.0)
    assert [result.lag_ms for result in results] == pytest.approx([1000 * late_s for late_s in lateness_s], abs=4.0)


def test_early_costs_as_much_as_late() -> None:
    assert late(-0.2).score == pytest.approx(late(0.2).score, abs=0.5)
    assert late(-0.2).lag_ms == pytest.approx(-200.0, abs=4.0)


@cache
def sized(size: float) -> ComparisonResult:
    return judged(take(size=size))


def test_smaller_movement_scores_less() -> None:
    results = [sized(size) for size in (1.0, 0.9, 0.8, 0.7, 0.5, 0.3)]
    assert falls([result.score for result in results], 30.0)
    assert falls([result.parts.size for result in results], 60.0)


def test_larger_movement_scores_less() -> None:
    assert falls([sized(size).score for size in (1.0, 1.25, 1.5)], 5.0)


def test_more_noise_scores_less() -> None:
    assert falls([score(take(noise_px=noise)) for noise in (1.0, 4.0, 10.0, 20.0, 40.0)], 50.0)


@cache
def wrong_until(until_s: float) -> ComparisonResult:
    return judged(take(wrong=OTHER, wrong_parts=LEFT_ARM, wrong_s=(0.0, until_s)), offset_hint_s=0.0)


def test_one_limb_wrong_for_longer_scores_less_and_is_the_worst_limb() -> None:
    results = [wrong_until(until_s) for until_s in (0.0, 1.0, 2.0, 4.0, 8.0, 16.0)]
    assert falls([result.score for result in results], 25.0)
    assert falls([limb_scores(result)["left_arm"] for result in results], 75.0)
    for result in results[2:]:
        by_limb = {limb: points or 0.0 for limb, points in limb_scores(result).items()}
        assert min(by_limb, key=lambda limb: by_limb[limb]) == "left_arm"
        assert by_limb["right_arm"] > 95.0


# Parts


def test_a_clean_take_has_nothing_to_mend_in_any_part() -> None:
    result = late(0.0)
    assert min(result.parts.shape or 0, result.parts.timing or 0, result.parts.size or 0) > 97.0
    assert (result.findings, result.notices) == ((), ())


def test_late_costs_timing_alone() -> None:
    parts, clean = late(0.2).parts, late(0.0).parts
    assert (parts.timing or 100.0) < 70.0
    assert (parts.shape, parts.size) == pytest.approx((clean.shape, clean.size), abs=0.5)


def test_small_costs_size_and_leaves_the_timing() -> None:
    parts = sized(0.5).parts
    assert (parts.size or 100.0) < 60.0
    assert min(parts.shape or 0.0, parts.timing or 0.0) > 95.0


def test_a_wrong_limb_costs_shape_and_leaves_the_timing() -> None:
    parts = wrong_until(16.0).parts
    assert (parts.shape or 100.0) < 75.0
    assert min(parts.timing or 0.0, parts.size or 0.0) > 95.0


def test_timing_and_size_never_give_points_to_a_wrong_shape() -> None:
    for result in (late(0.3), sized(0.5), wrong_until(8.0)):
        assert (result.score or 0.0) <= (result.parts.shape or 0.0)


def test_honest_amateurs_are_encouraged() -> None:
    """Smaller, a little late, shaky, and one arm lost for a third of the dance."""
    amateur = take(size=0.8, noise_px=8.0, late_s=0.08, wrong=OTHER, wrong_parts=LEFT_ARM, wrong_s=(6.0, 11.0))
    assert 50.0 < score(amateur, offset_hint_s=0.0) < 80.0


# How sure


def test_the_error_bar_is_wider_for_a_short_take_and_one_half_in_view() -> None:
    whole = judged(take()).error_bar or 0.0
    assert 0.0 < whole < 4.0
    assert (judged(take(from_s=4.0, to_s=8.0)).error_bar or 0.0) > 1.5 * whole
    assert (judged(hidden(take(), LEGS)).error_bar or 0.0) > 1.5 * whole


def test_the_error_bar_is_wider_where_the_start_is_unsure() -> None:
    rounds = spliced(*[performed(DANCE, to_s=8.0)] * 2)
    unsure, sure = judged(take(to_s=8.0), rounds), judged(take(to_s=8.0))
    assert unsure.score == pytest.approx(sure.score, abs=1.0)
    assert (unsure.error_bar or 0.0) > (sure.error_bar or 0.0) + 2.0
    assert {"start_unsure"} <= set(unsure.notices)


@pytest.mark.parametrize("cause", ["judged_s", "coverage", "confidence"])
def test_each_cause_of_doubt_widens_the_error_bar_and_none_closes_it(cause: str) -> None:
    best = {"judged_s": 240.0, "coverage": 1.0, "confidence": 1.0}
    steps = {"judged_s": (120.0, 30.0, 5.0, 1.0), "coverage": (0.9, 0.7, 0.5), "confidence": (0.4, 0.2, 0.0)}[cause]
    bars = [scoring.error_bar(**best, config=CONFIG)]
    bars += [scoring.error_bar(**best | {cause: step}, config=CONFIG) for step in steps]
    assert bars == sorted(set(bars))
    assert bars[0] > CONFIG.base_error


# Curves and words


@pytest.mark.parametrize(
    ("knots", "points"),
    [
        (CONFIG.quality_knots, CONFIG.score_knots),
        (CONFIG.lag_knots_ms, [-points for points in CONFIG.lag_points]),
        (CONFIG.size_knots[:7], CONFIG.size_points[:7]),
        (CONFIG.size_knots[6:], [-points for points in CONFIG.size_points[6:]]),
    ],
    ids=["shape", "timing", "too small", "too big"],
)
def test_no_curve_has_a_flat_stretch(knots: Sequence[float], points: Sequence[float]) -> None:
    assert len(knots) == len(points)
    assert min(np.diff(knots)) > 0
    assert min(np.diff(points)) > 0


def test_what_is_perfect_has_a_hundred_points() -> None:
    assert (CONFIG.score_knots[0], CONFIG.score_knots[-1], CONFIG.lag_points[0]) == (0.0, 100.0, 100.0)
    assert CONFIG.size_points[CONFIG.size_knots.index(1.0)] == max(CONFIG.size_points) == 100.0


@pytest.mark.parametrize(
    ("points", "grade"),
    [
        (100.0, "perfect"),
        (90.0, "perfect"),
        (89.9, "great"),
        (75.0, "great"),
        (74.9, "good"),
        (60.0, "good"),
        (59.9, "ok"),
        (40.0, "ok"),
        (39.9, "keep_going"),
        (0.0, "keep_going"),
    ],
)
def test_grades_have_their_bounds(points: float, grade: str) -> None:
    assert scoring.grade_of(points, CONFIG) == grade


def test_a_configuration_cannot_change_under_a_stored_score() -> None:
    for part, name in ((CONFIG, "version"), (CONFIG.timing, "hop_s"), (CONFIG.extent, "hop_s"), (CONFIG.reasons, "")):
        with pytest.raises(FrozenInstanceError):
            setattr(part, name or next(iter(vars(part))), "2")
