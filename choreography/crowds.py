"""What may be told of a crowd so that nobody in it can be picked out. Pure; docs/insights.md tells it in prose.

1. A figure rests on at least LEAST_DANCERS different dancers, or it is not told.
2. A week with fewer waits. With later such weeks it is added to the totals once together they have enough, never alone: of
   whatever was told then and now, the difference is a week, or weeks, of enough dancers. What is told of a week depends on
   no later one, so that looking again does not break it up.
3. Sums over dances are made of what the dances tell of themselves; so is whatever is left after subtraction.
4. Counts are rounded down to fives and means to whole points; shares come in tens and never as nobody or everybody.
5. A mean of scores, and a share that has no weeks, stay as they were told until LEAST_DANCERS different dancers were judged
   since: of whatever changes then, nobody knows whose it is. Weeks would not do, for old takes are judged late and anew.

All of it takes an account for a dancer: whoever invents four of them is alone with the fifth.
"""

from collections.abc import Collection, Hashable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

LEAST_DANCERS = 5
ROUNDED_TO = 5
LEAST_SHARE, MOST_SHARE = 10, 90
A_FEW = 10
"""Fewer dancers than this have wider ends of their shares, or the end would stand for none or all of five."""


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


@dataclass(frozen=True)
class ToldMean:
    """As it was told on that day, of what was judged before it."""

    told_on: date
    mean: int


def mean_told_again(kept: ToldMean | None, means: Collection[float], judged_since: int, today: date) -> ToldMean | None:
    """The mean of everybody, or what was told of it before where fewer than LEAST_DANCERS were judged since."""
    if kept is not None and judged_since < LEAST_DANCERS:
        return kept
    mean = told_mean(means)
    return None if mean is None else ToldMean(today, mean)


def ends_of_shares(dancers: int) -> tuple[int, int]:
    """The share that stands for it or less, and the one that stands for it or more; also of dancers rounded down."""
    return (LEAST_SHARE, MOST_SHARE) if dancers >= A_FEW else (2 * LEAST_SHARE, 100 - 2 * LEAST_SHARE)


def told_share(some: int, dancers: int) -> int | None:
    """Percent of the dancers that `some` of them are."""
    if dancers < LEAST_DANCERS:
        return None
    least, most = ends_of_shares(dancers)
    tens = 10 * round(10 * some / dancers)
    return min(max(tens, least), most)


@dataclass(frozen=True)
class ToldShare:
    """As it was told on that day, of what was before it."""

    told_on: date
    dancers: int
    percent: int


@dataclass(frozen=True)
class Tally:
    """Of dancers, by when each was judged last: how many there are, and how many are meant by the share."""

    dancers: int = 0
    meant: int = 0


def told_again(kept: ToldShare | None, by_week: Mapping[date, Tally], today: date) -> ToldShare | None:
    """The share of everybody, or what was told of it before where too few were judged since.

    Weeks begin on days like `today` and like those on which shares are told; each dancer is in the last week they were judged.
    """
    before = {week: tally for week, tally in by_week.items() if week < today}
    if kept is not None:
        since = sum(tally.dancers for week, tally in before.items() if week >= kept.told_on)
        if since < LEAST_DANCERS:
            return kept
    dancers = sum(tally.dancers for tally in before.values())
    percent = told_share(sum(tally.meant for tally in before.values()), dancers)
    return None if percent is None else ToldShare(today, told_count(dancers), percent)
