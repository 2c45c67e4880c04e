"""Nobody can be picked out of what is told of a crowd: not by looking, not by subtraction, not by looking again."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from choreography.crowds import LEAST_DANCERS, is_enough, told_count, told_mean, told_share, told_weeks

WEEKS = st.dictionaries(st.integers(0, 11), st.frozensets(st.integers(0, 12), max_size=9), max_size=10)


def all_dancers(weeks, told):
    return set().union(*(weeks[week] for week in told))


@given(WEEKS)
def test_a_week_is_told_alone_if_and_only_if_enough_danced_in_it(weeks):
    assert told_weeks(weeks).alone == tuple(week for week in sorted(weeks) if len(weeks[week]) >= 5)


@given(WEEKS)
def test_weeks_that_are_told_together_had_enough_dancers_together(weeks):
    for told in told_weeks(weeks).together:
        assert len(all_dancers(weeks, told)) >= 5


@given(WEEKS)
def test_what_waits_would_not_be_enough(weeks):
    assert len(all_dancers(weeks, told_weeks(weeks).waiting)) < 5


@given(WEEKS)
def test_each_week_is_in_one_place(weeks):
    told = told_weeks(weeks)
    assert sorted([*told.alone, *sum(told.together, ()), *told.waiting]) == sorted(weeks)


@given(WEEKS, st.integers(0, 12))
def test_later_weeks_change_nothing_of_what_was_told(weeks, end):
    before, after = told_weeks({week: who for week, who in weeks.items() if week < end}), told_weeks(weeks)
    assert after.alone[: len(before.alone)] == before.alone
    assert after.together[: len(before.together)] == before.together


@settings(max_examples=60)
@given(WEEKS)
def test_no_calculation_with_all_that_was_ever_told_gives_a_crowd_that_is_too_small(weeks):
    """Whoever wrote down every total and every week, each Monday, knows sums over weeks. None of what can be calculated of
    them is about weeks in which too few danced."""
    order = sorted(weeks)
    known = [[week in told.counted for week in order] for end in range(13) if (told := told_until(weeks, end)).counted]
    known += [[week == one for week in order] for one in told_weeks(weeks).alone]
    for first in range(len(order)):
        for last in range(first, len(order)):
            stretch = order[first : last + 1]
            if not is_enough(all_dancers(weeks, stretch)):
                assert not follows(known, [week in stretch for week in order])


def told_until(weeks, end):
    return told_weeks({week: who for week, who in weeks.items() if week < end})


def follows(known, wanted):
    """Whether a sum is a linear combination of known ones."""
    if not known:
        return False
    rank = np.linalg.matrix_rank
    return rank(np.array([*known, wanted], dtype=float)) == rank(np.array(known, dtype=float))


def test_calculation_would_find_it_if_weeks_were_hidden_one_by_one():
    """The check above is no empty one: a total over all weeks gives away a single hidden one."""
    assert follows([[1, 1, 1], [1, 0, 0], [0, 0, 1]], [0, 1, 0])


def test_the_same_few_dancers_never_become_enough():
    assert told_weeks({week: {1, 2, 3, 4} for week in range(50)}).counted == frozenset()


def test_a_quiet_week_waits_for_the_next_quiet_one():
    told = told_weeks({1: {1, 2}, 2: {1, 2, 3, 4, 5, 6}, 3: {3, 4, 5}, 4: {9}})
    assert (told.alone, told.together, told.waiting) == ((2,), ((1, 3),), (4,))


@given(st.integers(0, 10_000))
def test_counts_never_say_more_than_there_is(count):
    assert told_count(count) <= count < told_count(count) + 5
    assert told_count(count) % 5 == 0


def test_five_is_told_as_five():
    assert told_count(LEAST_DANCERS) == 5


@given(st.lists(st.floats(0, 100), max_size=4))
def test_a_mean_of_too_few_is_not_told(means):
    assert told_mean(means) is None


def test_a_mean_is_in_whole_points():
    assert told_mean([70.0, 71.0, 72.0, 73.0, 75.2]) == 72


@pytest.mark.parametrize(
    ("some", "dancers", "told"),
    [(0, 4, None), (4, 4, None), (0, 5, 10), (5, 5, 90), (2, 5, 40), (1, 3, None), (1, 7, 10), (500, 1000, 50)],
)
def test_shares_come_in_tens_and_never_as_nobody_or_everybody(some, dancers, told):
    assert told_share(some, dancers) == told


@pytest.mark.parametrize("told", [5, 10, 100])
def test_nobody_knows_that_all_failed_or_none(told):
    """For dancers are told in fives, and among as many there may be one who did not."""
    crowds = range(told, told + 5)
    assert any(told_share(dancers - 1, dancers) == told_share(dancers, dancers) for dancers in crowds)
    assert any(told_share(1, dancers) == told_share(0, dancers) for dancers in crowds)
