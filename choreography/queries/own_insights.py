"""Reads of how our own dances are practised, for labels and partners: never of fewer than five dancers.

What may be told is decided in `choreography.crowds`; here None stands for "fewer than 5 dancers".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from choreography.models import Choreography, Label


@dataclass(frozen=True)
class Tempo:
    """Beats a minute: heard in the guide's sound, and as set for the guide or its song; None where there is none."""

    heard_bpm: float | None
    is_steady: bool
    percent_sure: int
    set_bpm: float | None


@dataclass(frozen=True)
class OwnWeek:
    start: date
    takes: int | None


@dataclass(frozen=True)
class OwnEight:
    """An eight of a guide's. `failing_percent` of its dancers were last below a pass in it, in tens from 10 to 90."""

    section: str
    number: int
    label: str
    dancers: int | None
    failing_percent: int | None


@dataclass(frozen=True)
class OwnDance:
    """Counts are rounded down to fives, the mean to whole points; each dancer counts once in it."""

    choreography: Choreography
    tempo: Tempo
    takes: int | None
    dancers: int | None
    mean_score: int | None
    weeks: tuple[OwnWeek, ...]
    hardest: OwnEight | None


@dataclass(frozen=True)
class OwnSums:
    """Over the dances that are told of themselves, so that nothing of the others is left after subtraction."""

    dances: int
    too_few: int
    takes: int | None
    dancers: int | None
    mean_score: int | None
    weeks: tuple[OwnWeek, ...]


@dataclass(frozen=True)
class OwnInsights:
    """`dances`: the most practised first. `counted_until`: the last day that is counted, a Sunday."""

    counted_until: date
    labels: tuple[Label, ...]
    sums: OwnSums
    dances: tuple[OwnDance, ...]


def own_insights(labels: Sequence[Label] | None, today: date) -> OwnInsights:
    """The most practised dances of these labels' artists, or of all artists."""
    raise NotImplementedError
