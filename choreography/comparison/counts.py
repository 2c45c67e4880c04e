"""Where a moment lies in a dance as dancers say it: section, eight and count.

Counts run evenly through the whole guide: count k (from 1) begins at `first_count_s + (k - 1) * 60 / bpm`. Eights are
numbered within the section in which they begin; a guide without sections numbers them from its first count on.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

COUNTS_AN_EIGHT = 8
_EARLY_SHARE = 1e-6
"""Rounding must not move the very beginning of a count into the one before."""


class PlacePayload(TypedDict):
    """`section` is the index in the order of the dance; numbers from 1; null where it is not known."""

    section: int | None
    eight: int | None
    first_count: int | None
    last_count: int | None


@dataclass(frozen=True)
class CountGrid:
    """Even counts. `first_count_s` is any count 1 of an eight, in seconds of the guide; it may be negative."""

    bpm: float
    first_count_s: float

    @property
    def beat_s(self) -> float:
        return 60.0 / self.bpm

    @property
    def eight_s(self) -> float:
        return COUNTS_AN_EIGHT * self.beat_s

    def beat_at(self, t_s: float) -> int:
        """Beats since the first count 1; negative before it."""
        return math.floor((t_s - self.first_count_s) / self.beat_s + _EARLY_SHARE)

    def count_at(self, t_s: float) -> int:
        """1 to 8."""
        return self.beat_at(t_s) % COUNTS_AN_EIGHT + 1

    def eight_at(self, t_s: float) -> int:
        """Index of the eight, 0 for the one that begins at `first_count_s`; negative before it."""
        return self.beat_at(t_s) // COUNTS_AN_EIGHT


@dataclass(frozen=True)
class SectionSpan:
    """A stretch of the dance, in seconds of the guide; `kind` is a code such as "chorus"."""

    kind: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Place:
    """A stretch within one eight. `section` is an index into the map's sections; `eight` and counts are from 1."""

    section: int | None = None
    eight: int | None = None
    first_count: int | None = None
    last_count: int | None = None

    def to_payload(self) -> PlacePayload:
        return {
            "section": self.section,
            "eight": self.eight,
            "first_count": self.first_count,
            "last_count": self.last_count,
        }


@dataclass(frozen=True)
class DanceMap:
    """What is known of where the guide's counts and sections lie; nothing need be."""

    grid: CountGrid | None = None
    sections: Sequence[SectionSpan] = ()

    def section_at(self, t_s: float) -> int | None:
        return next((n for n, part in enumerate(self.sections) if part.start_s <= t_s < part.end_s), None)

    def place_of(self, start_s: float, end_s: float) -> Place:
        """The place in which a stretch begins, up to its last count in the same eight.

        A stretch that begins within the last tenth of a beat belongs to the next one: people act on the beat, not
        before it.
        """
        if self.grid is None:
            return Place(section=self.section_at(start_s))
        tolerance_s = 0.1 * self.grid.beat_s
        first = self.grid.beat_at(start_s + tolerance_s)
        last = max(first, self.grid.beat_at(end_s - tolerance_s))
        eight = first // COUNTS_AN_EIGHT
        last = min(last, eight * COUNTS_AN_EIGHT + COUNTS_AN_EIGHT - 1)
        # A dance may begin within a count: the count's middle then lies before its first section.
        section = self.section_at(max(self.grid.first_count_s + (first + 0.5) * self.grid.beat_s, start_s))
        return Place(
            section, self.eight_number(eight, section), first % COUNTS_AN_EIGHT + 1, last % COUNTS_AN_EIGHT + 1
        )

    def eight_number(self, eight: int, section: int | None) -> int:
        """An eight's number for people, from 1: within its section, or within the dance."""
        if self.grid is None or section is None:
            return max(1, eight + 1)
        # Half a beat of grace: sections are set by hand.
        first = self.grid.eight_at(self.sections[section].start_s + 0.5 * self.grid.beat_s)
        return max(1, eight - first + 1)

    def spans(self, start_s: float, end_s: float, otherwise_s: float) -> list[tuple[int, float, float]]:
        """(index, start, end) of the eights that overlap a stretch, cut to it.

        Without a grid, even pieces of `otherwise_s` seconds from the guide's beginning.
        """
        step_s = self.grid.eight_s if self.grid else otherwise_s
        zero_s = self.grid.first_count_s if self.grid else 0.0
        first = math.floor((start_s - zero_s) / step_s + _EARLY_SHARE)
        last = math.ceil((end_s - zero_s) / step_s - _EARLY_SHARE)
        return [
            (index, max(start_s, zero_s + index * step_s), min(end_s, zero_s + (index + 1) * step_s))
            for index in range(first, last)
        ]
