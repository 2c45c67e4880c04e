"""When a weak eight comes back: pure rules over what was danced, one dance at a time. docs/practice.md tells them in prose.

An eight that went badly is due at once. Each pass on a day on which it is due puts it off for longer (INTERVALS_DAYS); a
failure brings it back tomorrow. It leaves when the longest wait is passed too, or when two takes of different days have
it strong. Only what was danced at full speed and judged moves anything.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

PASS_FROM = 65.0
"""Points of an eight that sits: the verdict "good"."""
STRONG_FROM = 85.0
INTERVALS_DAYS = (0, 1, 3, 7, 16)
"""Days until an eight at this stage is due."""
FULL_RATE = 1.0
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Danced:
    """One eight as it was danced once. `score` is None where nothing was judged; `rate` is the share of the tempo."""

    day: date
    score: float | None
    limb: str = ""
    rate: float = FULL_RATE
    is_take: bool = False

    @property
    def counts(self) -> bool:
        return self.score is not None and self.rate >= FULL_RATE


@dataclass(frozen=True)
class Known:
    """What is remembered of an eight. `stage` and `due_on` are None while there is nothing to come back for.

    `judged_on` is the last day that `last_score` may be of; `strong_on` that of the last take that had it strong.
    """

    danced_on: date
    limb: str = ""
    best_score: float | None = None
    last_score: float | None = None
    judged_on: date | None = None
    in_a_row: int = 0
    stage: int | None = None
    due_on: date | None = None
    strong_on: date | None = None
    mastered_on: date | None = None


def remembered(history: Iterable[Danced]) -> Known | None:
    """All that was danced of an eight, the oldest first, as a memory; None where there is nothing."""
    known: Known | None = None
    for danced in history:
        known = after(known, danced)
    return known


def after(known: Known | None, danced: Danced) -> Known:
    """The memory of an eight once it was danced again."""
    before = known or Known(danced.day)
    seen = replace(before, danced_on=max(before.danced_on, danced.day))
    if danced.score is None or not danced.counts:
        return seen
    passed = danced.score >= PASS_FROM
    judged = replace(
        seen,
        limb=danced.limb,
        last_score=danced.score,
        judged_on=max(before.judged_on or danced.day, danced.day),
        best_score=max(danced.score, before.best_score or 0.0),
        in_a_row=before.in_a_row + 1 if passed else 0,
    )
    if before.mastered_on is not None:
        return _come_back(judged, danced) if danced.is_take and not passed else judged
    if danced.is_take and danced.score >= STRONG_FROM:
        return _strong(judged, danced.day)
    return _passed(judged, danced.day) if passed else _failed(judged, danced.day)


def _come_back(known: Known, danced: Danced) -> Known:
    """A take has shown that a mastered eight no longer sits."""
    return replace(known, mastered_on=None, strong_on=None, stage=0, due_on=danced.day)


def _strong(known: Known, day: date) -> Known:
    if known.strong_on is not None and known.strong_on < day:
        return _mastered(known, day)
    return _passed(replace(known, strong_on=day), day)


def _passed(known: Known, day: date) -> Known:
    """A pass counts once it is due: dancing an eight ten times in one evening does not make a month of it."""
    if known.stage is None or known.due_on is None or day < known.due_on:
        return known
    if known.stage + 1 == len(INTERVALS_DAYS):
        return _mastered(known, day)
    stage = known.stage + 1
    return replace(known, stage=stage, due_on=day + INTERVALS_DAYS[stage] * A_DAY)


def _failed(known: Known, day: date) -> Known:
    """New to the list, an eight is due at once; one that was on it comes back tomorrow."""
    if known.stage is None:
        return replace(known, stage=0, due_on=day)
    if known.stage == 0:
        return known
    return replace(known, stage=1, due_on=day + A_DAY)


def _mastered(known: Known, day: date) -> Known:
    return replace(known, stage=None, due_on=None, mastered_on=day)
