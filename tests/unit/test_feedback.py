"""What a result says first, and what it adds."""

import pytest

from choreography.feedback import advice, first_sentence, lag_words, weakest_limb


def result(**changes):
    scores = {"torso": 80.0, "left_arm": 78.0, "right_arm": 79.0}
    return {
        "score": 79.0,
        "verdict": "judged",
        "lag_ms": None,
        "notices": [],
        "missing_limbs": [],
        "limbs": [{"limb": limb, "score": score} for limb, score in scores.items()],
    } | changes


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "even take"),
        ({"lag_ms": 232.0}, "232 ms after"),
        ({"lag_ms": -180.0}, "180 ms before"),
        ({"lag_ms": 60.0}, "even take"),
        ({"notices": ["other_dance"], "lag_ms": 300.0}, "could not match"),
        ({"notices": ["guide_replayed"]}, "guide itself"),
        ({"score": None, "verdict": "stood_still"}, "hardly moved"),
        ({"limbs": [{"limb": "torso", "score": 90.0}, {"limb": "left_arm", "score": 50.0}]}, "left arm"),
    ],
)
def test_the_first_sentence_says_what_matters_most(changes, words):
    assert words in first_sentence(result(**changes))


def test_a_limb_is_weak_only_by_a_clear_gap():
    assert weakest_limb(result()) is None
    assert weakest_limb(result(limbs=[{"limb": "head", "score": 90.0}, {"limb": "torso", "score": None}])) is None


def test_another_dance_is_not_buried_under_notes():
    noted = ["other_dance", "low_confidence", "partial_take"]
    assert advice(result(notices=noted)) == []
    assert len(advice(result(notices=["mirrored", "partial_take"], missing_limbs=["left_leg"]))) == 3


@pytest.mark.parametrize(
    ("lag_ms", "words"),
    [(None, ""), (39.0, "on time"), (-39.0, "on time"), (100.4, "100 ms late"), (-41.0, "41 ms early")],
)
def test_lateness_in_words(lag_ms, words):
    assert lag_words(lag_ms) == words
