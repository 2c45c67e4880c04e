"""Reads about counts for the curators' desk."""

from dataclasses import dataclass
from typing import TypedDict

from choreography.comparison.counts import CountGrid
from choreography.models import Choreography, Guide, GuideState
from choreography.payloads import CountsPayload

BEATS_VERSION = 1


class CountsDeskPayload(TypedDict):
    """What the desk's script begins with: the counts in force, and what the sound proposes."""

    counts: CountsPayload | None
    found: CountsPayload | None


@dataclass(frozen=True)
class FoundBeats:
    """An even beat heard in the guide's sound (inference.media.beats). Which beat is a count 1 is not heard."""

    grid: CountGrid
    is_steady: bool
    percent_sure: int


@dataclass(frozen=True)
class CountsDesk:
    """Where a guide's counts come from, and what else there is."""

    grid: CountGrid | None
    is_own: bool
    song: CountGrid | None
    found: FoundBeats | None
    payload: CountsDeskPayload


def counts_desk(guide: Guide) -> CountsDesk:
    grid, found = guide.grid, _found_beats(guide)
    return CountsDesk(
        grid=grid,
        is_own=guide.bpm is not None,
        song=guide.choreography.song.grid,
        found=found,
        payload={"counts": _payload(grid), "found": _payload(found.grid if found else None)},
    )


def grid_of(choreography: Choreography) -> CountGrid | None:
    """The counts of the version that dancers see, else of the newest one, else of the song."""
    guides = choreography.guides.defer("poster")
    guide = guides.filter(state=GuideState.PUBLISHED).first() or guides.first()
    return guide.grid if guide else choreography.song.grid


def _found_beats(guide: Guide) -> FoundBeats | None:
    beats = guide.beats
    if not beats or beats.get("version") != BEATS_VERSION:
        return None
    return FoundBeats(CountGrid(beats["bpm"], beats["first_beat_s"]), beats["steady"], round(100 * beats["confidence"]))


def _payload(grid: CountGrid | None) -> CountsPayload | None:
    return {"bpm": grid.bpm, "first_beat_s": grid.first_count_s} if grid else None
