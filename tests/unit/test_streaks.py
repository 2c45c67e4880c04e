"""Days in a row, forgiving one."""

from datetime import date, timedelta

import pytest

from choreography.streaks import Streak, streak

TODAY = date(2026, 3, 1)  # the day before is 28 February


def ago(*days):
    return [TODAY - timedelta(days=day) for day in days]


@pytest.mark.parametrize(
    ("practised", "found"),
    [
        ((), Streak(0)),
        ((0,), Streak(1)),
        ((0, 1, 2), Streak(3)),
        ((1, 2), Streak(2)),  # today is not over
        ((2, 3), Streak(2, is_at_risk=True)),  # yesterday was missed
        ((3, 4, 5), Streak(0)),  # two days were
        ((0, 2, 3), Streak(3)),  # one is forgiven and not counted
        ((0, 2, 4, 6), Streak(4)),
        ((0, 1, 4, 5), Streak(2)),
        ((0, 0, 1, 1), Streak(2)),
        ((365, 1, 0), Streak(2)),
    ],
)
def test_one_missed_day_is_forgiven_and_two_are_not(practised, found):
    assert streak(ago(*practised), TODAY) == found


def test_a_dancer_west_of_the_server_is_a_day_behind_and_loses_nothing():
    """For the server it is tomorrow already; the dancer has practised each evening of their own."""
    assert streak(ago(1, 2, 3), TODAY).days == 3
    assert not streak(ago(1, 2, 3), TODAY).is_at_risk


def test_a_dancer_east_of_the_server_is_a_day_ahead():
    assert streak([TODAY + timedelta(days=1), *ago(0, 1)], TODAY) == Streak(3)


def test_a_day_that_nobody_can_have_reached_counts_for_nothing():
    assert streak([TODAY + timedelta(days=2), *ago(5)], TODAY) == Streak(0)
