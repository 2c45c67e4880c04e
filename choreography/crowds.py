"""What may be told of a crowd so that nobody in it can be picked out. Pure; docs/insights.md tells it in prose.

1. A figure rests on at least LEAST_DANCERS different dancers, or it is not told.
2. A week with fewer waits. With later such weeks it is added to the totals once together they have enough, never alone: of
   whatever was told then and now, the difference is a week, or weeks, of enough dancers. What is told of a week depends on
   no later one, so that looking again does not break it up.
3. Sums over dances are made of what the dances tell of themselves; so is whatever is left after subtraction.
4. Counts are rounded down to fives and means to whole points; shares come in tens and never as nobody or everybody.
"""

from collections.abc import Collection, Hashable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

LEAST_DANCERS = 5
ROUNDED_TO = 5
LEAST_SHARE, MOST_SHARE = 10, 90


@dataclass(frozen=True)
class Weeks[W]:
    """Weeks in order: told each for itself, told only together, and waiting for more dancers."""

    alone: tuple[W, ...]
    together: tuple[tuple[W, ...], ...]
    waiting: tuple[W, ...]

    @property
    def counted(self) -> frozenset[W]:
        """Those that are in the totals."""
        return frozenset(self.alone).union(*self.together)


def told_weeks[W: (int, date)](dancers: Mapping[W, AbstractSet[Hashable]]) -> Weeks[W]:
    """Which weeks may be told, of the dancers of each."""
    alone: list[W] = []
    together: list[tuple[W, ...]] = []
    waiting: list[W] = []
    for week in sorted(dancers):
        if is_enough(dancers[week]):
            alone.append(week)
            continue
        waiting.append(week)
        if is_enough(set().union(*(dancers[one] for one in waiting))):
            together.append(tuple(waiting))
            waiting = []
    return Weeks(tuple(alone), tuple(together), tuple(waiting))


def is_enough(dancers: Collection[Hashable]) -> bool:
    """Of different dancers."""
    return len(dancers) >= LEAST_DANCERS


def told_count(count: int) -> int:
    return count // ROUNDED_TO * ROUNDED_TO


def told_mean(means: Collection[float]) -> int | None:
    """Of one number a dancer, however often each danced."""
    return round(sum(means) / len(means)) if len(means) >= LEAST_DANCERS else None


def told_share(some: int, dancers: int) -> int | None:
    """Percent of the dancers that `some` of them are; the least stands for it or less, the most for it or more."""
    if dancers < LEAST_DANCERS:
        return None
    tens = 10 * round(10 * some / dancers)
    return min(max(tens, LEAST_SHARE), MOST_SHARE)
