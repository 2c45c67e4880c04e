"""What a result says first, and what it adds."""

from dataclasses import replace
from typing import get_args

import pytest
from django.utils import translation

from choreography.comparison.result import FindingKind, Grade, Notice, Pace, PaceKind, PartScores, Verdict
from choreography.feedback import (
    GRADE_WORDS,
    NOTICE_WORDS,
    PACE_WORDS,
    STEPS,
    STEPS_IN_SECTION,
    STEPS_OF_ALL,
    STEPS_OF_ALL_IN_SECTION,
    VERDICT_WORDS,
    advice,
    first_sentence,
    lag_words,
    score_words,
    weakest_limb,
)
from choreography.places import DanceNames
from choreography.results import complete
from tests import results

NAMES = DanceNames(
    ("intro", "verse", "chorus 1", "bridge", "chorus 2"), ("intro", "verse", "chorus", "bridge", "chorus"), 0.5
)
FOUND = results.findings()
LATE = FOUND[0]


def said(**changes):
    return first_sentence(results.judged(**changes).to_payload(), NAMES)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "Your timing is there; your left arm can come sooner in the chorus."),
        (
            {"findings": (LATE, replace(LATE, limb="right_arm", part="arm"))},
            "Your timing is there; your arms can come sooner in the chorus.",
        ),
        (
            {"findings": (LATE, replace(LATE, place=FOUND[1].place))},
            "Your timing is there; your left arm can come sooner.",
        ),
        (
            {"findings": (FOUND[4],), "parts": PartScores(60.0, 50.0, 40.0)},
            "Something to build on. You can join in more in the chorus.",
        ),
        (
            {"findings": (replace(LATE, limb="all", start_s=2.0, end_s=50.0),)},
            "Your timing is there; you can come sooner.",
        ),
        (
            {"findings": (replace(LATE, sureness=0.45),)},
            "A clean take. Your left arm has the most left to gain.",
        ),
        ({"lag_ms": 232.0}, "You come 232 ms after the guide. Start each move a little sooner."),
        ({"lag_ms": -180.0}, "You come 180 ms before the guide. Give each move its full time."),
        ({"findings": (), "score": 61.0}, "Good to build on. Work on your left arm first."),
        ({"findings": ()}, "A clean take. Your left arm has the most left to gain."),
        ({"findings": (), "limbs": ()}, "A clean take: nothing stands out that you would have to mend."),
    ],
)
def test_the_first_sentence_says_what_matters_most(changes, sentence):
    assert said(**changes) == sentence


def test_the_first_sentence_in_korean_is_two_short_ones():
    korean = DanceNames(("코러스",) * 5, ("코러스",) * 5, 0.5)
    with translation.override("ko"):
        told = first_sentence(results.judged().to_payload(), korean)
    assert told == "싱크는 잘 맞아요. 코러스에서 왼팔이 조금 더 일찍 나오면 좋겠어요."


def test_a_result_of_version_1_is_said_by_its_limbs():
    assert first_sentence(complete(results.of_version_1()), NAMES) == "Good to build on. Work on your left arm first."
    even = [{"limb": limb, "score": 50.0, "coverage": 1.0} for limb in results.LIMBS]
    assert "even take" in first_sentence(complete(results.of_version_1(limbs=even)), NAMES)


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (VERDICT_WORDS, set(get_args(Verdict)) - {"judged"}),
        (NOTICE_WORDS, set(get_args(Notice)) - {"limbs_out_of_view"}),
        (GRADE_WORDS, set(get_args(Grade))),
        (PACE_WORDS, set(get_args(PaceKind))),
        (STEPS, set(get_args(FindingKind))),
        (STEPS_IN_SECTION, set(get_args(FindingKind))),
        (STEPS_OF_ALL, set(get_args(FindingKind))),
        (STEPS_OF_ALL_IN_SECTION, set(get_args(FindingKind))),
    ],
    ids=["verdicts", "notices", "grades", "paces", "steps", "steps in a section", "of all", "of all in a section"],
)
def test_every_code_has_its_words_in_both_languages(words, codes):
    assert set(words) == codes
    for code in codes - {"steady"}:
        english = words[code]()
        with translation.override("ko"):
            assert words[code]() != english
        assert len(english) > 1


def test_notices_pace_and_missing_limbs_are_said_once_there_is_a_score():
    told = advice(
        results.judged(
            pace=Pace("rushing", -45.0),
            notices=("mirrored", "limbs_out_of_view"),
            missing_limbs=("left_leg",),
            mirrored=True,
        ).to_payload()
    )
    assert len(told) == 3
    assert "45 ms further ahead" in told[0]
    assert "right leg" in told[2]
    assert advice(results.unjudged("other_dance", notices=("partial_take",)).to_payload()) == []


def test_a_wide_error_bar_is_no_doubt_where_the_take_begins_unless_version_1_said_so():
    """Half of the body out of view widens it, too, also where the dancer set the start by hand."""
    (now,) = advice(results.judged(notices=("low_confidence",)).to_payload())
    (before,) = advice(complete(results.of_version_1(notices=["low_confidence"])))
    assert "less exact" in now
    assert "begins" not in now
    assert "where in the guide your take begins" in before


def test_a_limb_is_weak_only_by_a_clear_gap():
    assert weakest_limb(complete(results.of_version_1())) == "left_arm"
    few = [{"limb": "head", "score": 90.0, "coverage": 1.0}, {"limb": "torso", "score": None, "coverage": 0.0}]
    assert weakest_limb(complete(results.of_version_1(limbs=few))) is None


def test_the_error_bar_in_words():
    assert score_words(78.4, 2.8) == "78 of 100, give or take 3"
    assert score_words(78.4, None) == "78 of 100"
    assert score_words(90.5, None) == "91 of 100"  # as Django rounds it on the page


@pytest.mark.parametrize(
    ("lag_ms", "words"),
    [(None, ""), (39.0, "on time"), (-39.0, "on time"), (100.4, "100 ms late"), (-41.0, "41 ms early")],
)
def test_lateness_in_words(lag_ms, words):
    assert lag_words(lag_ms) == words
