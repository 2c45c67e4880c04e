"""Nobody can be picked out of what is told of a crowd: not by looking, not by subtraction, not by looking again."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from choreography.crowds import (
    LEAST_DANCERS,
    Tally,
    ToldMean,
    ToldShare,
    ends_of_shares,
    is_enough,
    mean_told_again,
    told_again,
    told_count,
    told_mean,
    told_share,
    told_weeks,
)

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
    [
        (0, 4, None),
        (4, 4, None),
        (0, 5, 20),
        (5, 5, 80),
        (2, 5, 40),
        (1, 3, None),
        (1, 7, 20),
        (8, 9, 80),
        (0, 10, 10),
        (500, 1000, 50),
    ],
)
def test_shares_come_in_tens_and_never_as_nobody_or_everybody(some, dancers, told):
    assert told_share(some, dancers) == told


@pytest.mark.parametrize("dancers", range(5, 200))
def test_nobody_knows_that_all_failed_or_none(dancers):
    """Not even who knows exactly how many have danced."""
    assert told_share(dancers - 1, dancers) == told_share(dancers, dancers)
    assert told_share(1, dancers) == told_share(0, dancers)


@given(st.integers(5, 500), st.data())
def test_the_ends_of_a_share_are_those_of_the_rounded_dancers_too(dancers, data):
    share = told_share(data.draw(st.integers(0, dancers)), dancers)
    least, most = ends_of_shares(told_count(dancers))
    assert least <= share <= most


class TestShareToldAgain:
    MONDAYS = tuple(date(2026, 3, 2) + timedelta(weeks=number) for number in range(12))

    def test_the_first_time_it_is_of_everybody_before_that_day(self):
        monday = self.MONDAYS[3]
        by_week = {self.MONDAYS[0]: Tally(4, 4), self.MONDAYS[2]: Tally(6, 1), monday: Tally(20, 20)}
        assert told_again(None, by_week, monday) == ToldShare(monday, 10, 50)

    def test_of_too_few_nothing_is_told(self):
        assert told_again(None, {self.MONDAYS[0]: Tally(4, 4)}, self.MONDAYS[1]) is None

    @pytest.mark.parametrize(("since", "told"), [(0, 20), (1, 20), (4, 20), (5, 80)])
    def test_it_stays_until_five_were_judged_since(self, since, told):
        kept = ToldShare(self.MONDAYS[1], 5, 20)
        by_week = {week: Tally(1, 1) for week in self.MONDAYS[1 : 1 + since]}
        assert told_again(kept, by_week, self.MONDAYS[-1]).percent == told

    @given(
        st.lists(
            st.tuples(
                st.dictionaries(st.integers(0, 9), st.booleans(), max_size=6), st.sets(st.integers(0, 9), max_size=3)
            ),
            max_size=10,
        )
    )
    def test_whatever_changes_at_least_five_were_judged_since_it_was_told(self, weeks):
        """Each week some dance, and fail or not, and some close their accounts."""
        last: dict[int, tuple[date, bool]] = {}
        danced_since: set[int] = set()
        kept = None
        for monday, (danced, closed) in zip(self.MONDAYS, weeks, strict=False):
            last.update({dancer: (monday, failed) for dancer, failed in danced.items()})
            danced_since |= danced.keys()
            for dancer in closed:
                last.pop(dancer, None)
            told = told_again(kept, tallied(last.values()), monday + timedelta(weeks=1))
            if told != kept:
                assert len(danced_since) >= LEAST_DANCERS
                danced_since = set()
            kept = told


class TestMeanToldAgain:
    MONDAYS = TestShareToldAgain.MONDAYS

    def test_of_too_few_nothing_is_told(self):
        assert mean_told_again(None, [50.0] * 4, 4, self.MONDAYS[0]) is None

    @pytest.mark.parametrize(("since", "mean"), [(0, 60), (4, 60), (5, 80)])
    def test_it_stays_until_five_were_judged_since(self, since, mean):
        kept = ToldMean(self.MONDAYS[0], 60)
        assert mean_told_again(kept, [80.0] * 10, since, self.MONDAYS[3]).mean == mean

    @given(st.lists(st.dictionaries(st.integers(0, 9), st.integers(0, 100), max_size=6), max_size=10))
    def test_whatever_changes_at_least_five_were_judged_since_it_was_told(self, weeks):
        """Some who were judged before are judged anew."""
        scores: dict[int, float] = {}
        since: set[int] = set()
        kept = None
        for monday, judged in zip(self.MONDAYS, weeks, strict=False):
            scores |= judged
            since |= judged.keys()
            told = mean_told_again(kept, scores.values(), len(since), monday)
            if told != kept:
                assert len(since) >= LEAST_DANCERS
                since = set()
            kept = told


def tallied(last):
    weeks = {week for week, _failed in last}
    of_week = {week: [failed for seen, failed in last if seen == week] for week in weeks}
    return {week: Tally(len(failed), sum(failed)) for week, failed in of_week.items()}
