"""When an eight comes back, day by day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from choreography.comparison.live_config import DEFAULT_LIVE_CONFIG
from choreography.drilling import RATES, ROUNDS_A_RATE
from choreography.spacing import INTERVALS_DAYS, PASS_FROM, Danced, Known, after, remembered

FIRST = date(2026, 3, 1)


def on(day, score, **how):
    return Danced(FIRST + timedelta(days=day), score, **how)


def due_after(history):
    known = remembered(history)
    return None if known.due_on is None else (known.due_on - FIRST).days


def test_a_pass_is_what_the_dancer_is_told_is_good_and_the_drill_the_one_that_is_timed():
    assert DEFAULT_LIVE_CONFIG.bands.good == PASS_FROM
    assert (DEFAULT_LIVE_CONFIG.drill.rates, DEFAULT_LIVE_CONFIG.drill.passes) == (RATES, ROUNDS_A_RATE)


def test_what_went_well_at_once_is_never_put_on_the_list():
    known = remembered([on(0, 90.0), on(1, 66.0)])
    assert (known.stage, known.due_on, known.mastered_on) == (None, None, None)
    assert (known.best_score, known.last_score, known.in_a_row) == (90.0, 66.0, 2)


def test_a_weak_eight_is_due_at_once_and_waits_longer_with_each_pass_until_it_is_mastered():
    days, history = [0], [on(0, 40.0)]
    while remembered(history).mastered_on is None:
        days.append(due_after(history))
        history.append(on(days[-1], 70.0))
    assert days == [0, 0, 1, 4, 11, 27]
    assert remembered(history).due_on is None


def test_passing_again_before_it_is_due_moves_nothing():
    assert due_after([on(0, 40.0), *[on(0, 80.0)] * 10]) == 1


@pytest.mark.parametrize("passes", [1, 2, 3])
def test_a_failure_brings_it_back_tomorrow(passes):
    history, day = [on(0, 40.0)], 0
    for _ in range(passes):
        day = due_after(history)
        history.append(on(day, 70.0))
    assert due_after([*history, on(day, 30.0)]) == day + 1


@pytest.mark.parametrize("seen", [on(0, None), on(0, 90.0, rate=0.75)], ids=["by eye", "slow"])
def test_by_eye_or_slow_says_that_it_was_danced_and_nothing_else(seen):
    before = remembered([on(-3, 40.0)])
    known = after(before, seen)
    assert known == Known(**{**vars(before), "danced_on": seen.day})
    assert after(None, seen) == Known(seen.day)


def test_two_strong_takes_on_different_days_master_it_and_one_evening_does_not():
    assert remembered([on(0, 86.0, is_take=True), on(0, 92.0, is_take=True)]).mastered_on is None
    assert remembered([on(0, 86.0, is_take=True), on(2, 92.0, is_take=True)]).mastered_on == FIRST + timedelta(days=2)
    assert remembered([on(0, 95.0), on(2, 95.0)]).mastered_on is None  # the live estimate masters nothing by itself


def test_a_mastered_eight_comes_back_when_a_take_shows_it_weak():
    mastered = [on(0, 90.0, is_take=True), on(1, 90.0, is_take=True)]
    assert remembered([*mastered, on(9, 30.0)]).mastered_on is not None
    back = remembered([*mastered, on(9, 30.0, is_take=True)])
    assert (back.mastered_on, back.stage, back.due_on) == (None, 0, FIRST + timedelta(days=9))


danced = st.builds(
    on,
    st.integers(0, 60),
    st.none() | st.floats(0, 100),
    rate=st.sampled_from([0.5, 1.0]),
    is_take=st.booleans(),
)


@given(st.lists(danced, min_size=1))
def test_whatever_is_danced_an_eight_is_either_waiting_for_a_day_or_not_waiting(history):
    known = remembered(history)
    assert (known.stage is None) == (known.due_on is None)
    assert known.stage is None or 0 <= known.stage < len(INTERVALS_DAYS)
    assert known.mastered_on is None or known.stage is None
    assert remembered([*history[:1], *history[1:]]) == after(remembered(history[:-1]), history[-1])
