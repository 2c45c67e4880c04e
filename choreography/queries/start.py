"""Reads of where a take begins in its guide, for the dancer to check and move."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from choreography.comparison.start import SoundEvidence
from choreography.models import Attempt
from choreography.words import word

SURE, FAIRLY_SURE = 0.75, 0.4
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
    source, confidence = _source_and_confidence(attempt, result)
    least_s, most_s = attempt.start_range_s
    is_unsure = offset_s is None or (confidence is not None and confidence < FAIRLY_SURE)
    return StartChoice(
        start_s=round(offset_s or 0.0, 3),
        least_s=round(least_s, 3),
        most_s=round(most_s, 3),
        place=_("We could not find where your clip begins in the guide.")
        if offset_s is None
        else place_words(offset_s),
        why="" if offset_s is None else str(_WHY[source]),
        how_sure="" if offset_s is None else _how_sure(confidence),
        is_unsure=is_unsure,
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


def _source_and_confidence(attempt: Attempt, result: dict[str, Any]) -> tuple[str, float | None]:
    """Of the result; one of before sounds were listened to knew movements alone. None: there is nothing to doubt."""
    start = result.get("start")
    source = start["source"] if start else "movement"
    confidence = start["confidence"] if start else result.get("confidence", 0.0)
    return source, None if source in ("live", "nudged") else confidence


def _how_sure(confidence: float | None) -> str:
    if confidence is None:
        return ""
    if confidence >= SURE:
        return _("We are sure of it.")
    return _("We are fairly sure of it.") if confidence >= FAIRLY_SURE else _("We are not sure: please have a look.")


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
