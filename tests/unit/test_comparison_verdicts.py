"""Who gets a score, and who gets a reason instead."""

from dataclasses import replace

import pytest

from choreography.comparison.compare import compare
from choreography.comparison.config import DEFAULT_CONFIG as CONFIG
from choreography.comparison.metrics import ComparisonError
from choreography.comparison.normalise import mirrored
from inference.pose.skeleton import SKELETON
from inference.pose.track import PoseTrack
from tests.dancing import (
    ABOVE_THE_HIPS,
    DANCE,
    EVEN_ANOTHER_DANCE,
    EVEN_THE_GUIDE_ITSELF,
    GUIDE,
    OTHER,
    judged,
    limb_scores,
    nobody,
    score,
    spliced,
    take,
)
from tests.motion import AVERAGE, SHORT_AND_BROAD, Dance, hidden, performed, standing, unfound

# The guide itself


@pytest.mark.parametrize(
    "footage",
    [
        GUIDE,
        mirrored(GUIDE),
        performed(DANCE, from_s=4.0, to_s=12.0),
        performed(DANCE, AVERAGE.scaled(0.4), fps=15.0, noise_px=0.6),
    ],
    ids=["as it is", "mirrored", "a part", "a bad copy"],
)
def test_the_guides_own_footage_gets_no_score(footage: PoseTrack) -> None:
    result = compare(GUIDE, footage)
    assert (result.verdict, result.score, result.grade, result.error_bar) == ("guide_replayed", None, None, None)
    assert (result.limbs, result.eights, result.findings, result.plan) == ((), (), (), ())


def test_the_guide_against_itself_is_perfect_where_footage_is_not_looked_for() -> None:
    result = judged(GUIDE, config=EVEN_THE_GUIDE_ITSELF)
    # The lag is told between frames and so to some three milliseconds.
    assert result.score == pytest.approx(100.0, abs=0.03)
    assert result.grade == "perfect"
    assert (result.offset_s, result.mirrored, result.coverage) == (pytest.approx(0.0, abs=1e-3), False, 1.0)
    assert limb_scores(result) == pytest.approx(dict.fromkeys(SKELETON.limbs, 100.0), abs=0.05)
    assert (result.findings, result.plan) == ((), ())


def test_a_dancer_as_exact_as_the_guide_but_built_otherwise_is_no_footage() -> None:
    assert judged(take(noise_px=0.0)).score == pytest.approx(100.0, abs=0.1)


# Nobody, too little, too short


def test_nobody_is_told_apart_from_a_guide_with_nobody() -> None:
    for absent in (nobody(), unfound(GUIDE), hidden(GUIDE, SKELETON.joints)):
        assert compare(GUIDE, absent).verdict == "no_dancer"
        assert compare(absent, GUIDE).verdict == "no_guide_dancer"
        assert compare(GUIDE, absent).score is None


def test_too_short_is_said_and_a_few_clear_seconds_are_judged() -> None:
    assert compare(GUIDE, take(to_s=1.3)).verdict == "too_short"
    assert judged(take(from_s=4.0, to_s=6.8)).offset_s == pytest.approx(-4.0, abs=0.02)
    assert compare(GUIDE, take(), offset_hint_s=100.0).verdict == "too_short"


@pytest.mark.parametrize(("seconds", "verdict"), [(3.0, "too_short"), (7.0, "judged")])
def test_few_seconds_that_might_begin_anywhere_are_too_short(seconds: float, verdict: str) -> None:
    """A guide of three like rounds: which one was danced does not matter to the score, once there is enough of it."""
    rounds = spliced(*[performed(DANCE, to_s=seconds)] * 3)
    result = compare(rounds, take(to_s=seconds))
    assert result.verdict == verdict
    assert result.confidence < CONFIG.low_confidence


def test_standing_still_is_no_dance() -> None:
    for still in (standing(duration_s=16.0), standing(SHORT_AND_BROAD, noise_px=3.0)):
        result = compare(GUIDE, still)
        assert (result.verdict, result.score, result.grade) == ("stood_still", None, None)
    assert compare(standing(noise_px=0.3), GUIDE).verdict == "no_guide_movement"


def test_only_legs_in_view_is_too_little_to_judge() -> None:
    result = compare(GUIDE, hidden(take(), ABOVE_THE_HIPS))
    assert (result.verdict, result.score) == ("too_little_in_view", None)
    assert result.coverage == pytest.approx(0.45, abs=0.01)


def test_out_of_view_for_most_of_the_dance_is_too_little_to_judge() -> None:
    assert compare(GUIDE, unfound(take(), (3.0, 13.0))).verdict == "too_little_in_view"


@pytest.mark.parametrize("hint_s", [float("nan"), float("inf")])
def test_a_hint_that_is_no_number_is_refused(hint_s: float) -> None:
    with pytest.raises(ComparisonError) as caught:
        compare(GUIDE, GUIDE, offset_hint_s=hint_s)
    assert caught.value.code == "bad_comparison"


# Another dance


@pytest.mark.parametrize("seed", range(20, 25))
def test_another_dance_is_refused_and_would_score_next_to_nothing(seed: int) -> None:
    wrong = performed(Dance(seed, 16.0), SHORT_AND_BROAD)
    result = compare(GUIDE, wrong)
    assert (result.verdict, result.score) == ("other_dance", None)
    assert result.confidence < CONFIG.low_confidence
    assert score(wrong, config=EVEN_ANOTHER_DANCE) < 15.0


@pytest.mark.parametrize("seed", range(30, 33))
def test_a_short_clip_of_another_dance_is_not_taken_for_this_one(seed: int) -> None:
    assert compare(GUIDE, performed(Dance(seed, 4.0), SHORT_AND_BROAD)).verdict in ("other_dance", "too_short")


def test_who_dances_something_else_live_is_judged_and_told_no_lag() -> None:
    """Where the start is known nobody need be guessed about: it was this dance that was tried."""
    result = judged(performed(OTHER, SHORT_AND_BROAD), offset_hint_s=0.0)
    assert (result.score or 0.0) < 10.0
    assert result.grade == "keep_going"
    assert result.lag_ms is None


def test_a_late_small_and_partly_wrong_dance_is_still_this_dance() -> None:
    poor = take(late_s=0.5, size=0.6, noise_px=8.0, wrong=OTHER, wrong_s=(4.0, 8.0))
    assert CONFIG.other_dance_score < score(poor) < 60.0


# Thresholds


def test_thresholds_are_the_configurations() -> None:
    armless = hidden(take(), ("left_elbow", "left_wrist"))
    assert judged(armless).score is not None
    assert compare(GUIDE, armless, replace(CONFIG, min_coverage=0.95)).verdict == "too_little_in_view"
    assert compare(GUIDE, take(to_s=4.0), replace(CONFIG, min_overlap_s=6.0)).verdict == "too_short"
    assert compare(GUIDE, take(size=0.5), replace(CONFIG, min_movement_share=0.8)).verdict == "stood_still"


def test_a_verdict_keeps_the_version_it_was_found_by() -> None:
    renamed = replace(CONFIG, version="x")
    assert compare(GUIDE, take(), renamed).scoring_version == "x"
    assert compare(GUIDE, nobody(), renamed).scoring_version == "x"


def test_joints_that_are_not_sure_are_out_of_view_wherever_they_are_said_to_be() -> None:
    wild = hidden(take(), ("left_wrist",), (4.0, 6.0))
    wild.xy_px[120:180, SKELETON.index("left_wrist")] = (1e6, -1e6)
    assert score(wild) == pytest.approx(score(take()), abs=1.0)
