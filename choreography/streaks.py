"""Days of practice in a row, forgiving: one missed day does not break a streak, two do. Pure.

Days are the dancer's own, as their browser names them; the server's day may be one before or after.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

MOST_APART_DAYS = 2
"""Between two days of practice of one streak: with 2, one day between them may be missed."""


@dataclass(frozen=True)
class Streak:
    """`days` are those that were danced, forgiven ones not counted. `is_at_risk`: only dancing today lets it go on."""

    days: int
    is_at_risk: bool = False


def streak(practised: Iterable[date], today: date) -> Streak:
    """The streak that today continues or could continue; today itself is not missed before it is over.

    A day ahead of `today` is tonight's where the dancer lives.
    """
    days = sorted({day for day in practised if day <= today + timedelta(days=1)}, reverse=True)
    if not days or (today - days[0]).days > MOST_APART_DAYS:
        return Streak(0)
    length = 1
    for later, earlier in pairwise(days):
        if (later - earlier).days > MOST_APART_DAYS:
            break
        length += 1
    return Streak(length, is_at_risk=(today - days[0]).days == MOST_APART_DAYS)
