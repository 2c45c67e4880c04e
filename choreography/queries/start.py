"""Reads of where a take begins in its guide, for the dancer to check and move."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from choreography.comparison.start import SoundEvidence
from choreography.models import Attempt
from choreography.words import word

SURE = 0.5
FINE_STEP_S, COARSE_STEP_S = 0.02, 0.5
STEP_WITHOUT_COUNTS_S = 0.1
APART_S = 0.1
SAME_S = 0.005
"""Less does not show in a time to hundredths."""
MOST_OTHERS = 3
NOBODY = frozenset({"no_guide_dancer", "no_dancer"})

_WHY: dict[str, Promise] = {
    "sound": gettext_lazy("Found by the song in your clip."),
    "movement": gettext_lazy("Found by your movements."),
    "both": gettext_lazy("Found by the song and your movements together."),
    "known": gettext_lazy("You danced along as the guide played."),
    "live": gettext_lazy("You danced along as the guide played."),
    "nudged": gettext_lazy("You set this yourself."),
}


@dataclass(frozen=True)
class Step:
    """How far one press moves the take, in words and seconds."""

    label: str
    seconds: float


@dataclass(frozen=True)
class Candidate:
    start_s: float
    place: str


@dataclass(frozen=True)
class StartChoice:
    """The start that a result was made with, as words, and what to move it with.

    `start_s` is the guide's time 0 in seconds of the take. `is_unsure` asks the dancer to look.
    """

    start_s: float
    least_s: float
    most_s: float
    place: str
    why: str
    how_sure: str
    is_unsure: bool
    is_nudged: bool
    candidates: list[Candidate]
    steps: list[Step]


def start_of(attempt: Attempt) -> StartChoice | None:
    """None where nobody was found to move."""
    result = attempt.comparison.result
    if result["verdict"] in NOBODY:
        return None
    offset_s = attempt.comparison.offset_s
    source = (result.get("start") or {"source": "movement"})["source"]
    least_s, most_s = attempt.start_range_s
    return StartChoice(
        start_s=round(offset_s or 0.0, 3),
        least_s=round(least_s, 3),
        most_s=round(most_s, 3),
        place=_("We could not find where your clip begins in the guide.")
        if offset_s is None
        else place_words(offset_s),
        why="" if offset_s is None else str(_WHY[source]),
        how_sure="" if offset_s is None else _how_sure(result, source),
        is_unsure=_is_unsure(result),
        is_nudged=attempt.start_s is not None,
        candidates=_candidates(result, offset_s, attempt),
        steps=_steps(attempt),
    )


def place_words(start_s: float) -> str:
    """Where clip and guide meet, said from whichever of the two is running already."""
    if abs(start_s) < SAME_S:
        return word("start_together")
    return word("start_in_guide" if start_s < 0 else "start_in_clip", time=fine_clock(abs(start_s)))


def fine_clock(seconds: float) -> str:
    """Seconds as 0:42.35."""
    hundredths = round(seconds * 100)
    return f"{hundredths // 6000}:{hundredths // 100 % 60:02d}.{hundredths % 100:02d}"


def _is_unsure(result: dict[str, Any]) -> bool:
    """By the result's own notice. One of before sounds were listened to had one notice for all that is doubtful."""
    if result["offset_s"] is None:
        return True
    return ("start_unsure" if result.get("start") else "low_confidence") in result["notices"]


def _how_sure(result: dict[str, Any], source: str) -> str:
    """Nothing where there is nothing to doubt."""
    if source in ("known", "live", "nudged"):
        return ""
    if _is_unsure(result):
        return _("We are not sure: please have a look.")
    return _("We are sure of it.") if result["confidence"] >= SURE else _("We are fairly sure of it.")


def _candidates(result: dict[str, Any], offset_s: float | None, attempt: Attempt) -> list[Candidate]:
    """What else the start might be, best first: as the result has it, then as it was heard."""
    compared = [other["offset_s"] for other in (result.get("start") or {}).get("candidates", [])]
    heard = [other.offset_s for other in SoundEvidence.from_payload(attempt.sound).candidates]
    taken = [] if offset_s is None else [offset_s]
    others: list[float] = []
    for other_s in compared + heard:
        if attempt.can_start_at(other_s) and all(abs(other_s - known_s) >= APART_S for known_s in taken + others):
            others.append(other_s)
    return [Candidate(round(other_s, 3), place_words(other_s)) for other_s in others[:MOST_OTHERS]]


def _steps(attempt: Attempt) -> list[Step]:
    grid = attempt.guide.grid
    count = Step(_("1 count"), round(grid.beat_s, 4)) if grid else _step(STEP_WITHOUT_COUNTS_S)
    return [_step(COARSE_STEP_S), count, _step(FINE_STEP_S)]


def _step(seconds: float) -> Step:
    return Step(_("%(seconds)s s") % {"seconds": f"{seconds:g}"}, seconds)
