"""What a drill is made of: the worst moments of a take, what is due today, one eight, or the weakest that are known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypedDict

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import User
from choreography.comparison.result_payloads import ResultPayload
from choreography.drilling import MOST_MOMENTS, Loop, eights_within, loop_around, loops_of, minutes_of
from choreography.eights import EightSpan, eight_of
from choreography.findings import what_words
from choreography.limbs import limb_label
from choreography.memory import spans_of
from choreography.models import Attempt, EightMemory, Guide
from choreography.places import names_of, span_words, stretch_words
from choreography.queries.memory import MOST_DUE, dance_names, due_first, memories_of, place_of
from choreography.results import complete
from choreography.spacing import STRONG_FROM
from inference.quality_words import span as span_of_time

Source = Literal["take", "today", "eight", "weakest"]
EDGE_S = 0.5
"""An eight that begins this much before the part, or ends after it, is still danced in it."""


class DrillMomentPayload(TypedDict):
    """`start_s` to `end_s` is the loop; `eights` are those that count; `before` is their score so far, null if unknown."""

    start_s: float
    end_s: float
    label: str
    what: str
    eights: list[int]
    before: float | None


class DrillPayload(TypedDict):
    """`part` is danced once more at the end, `part_before` is what it was worth in the take."""

    moments: list[DrillMomentPayload]
    part: tuple[float, float]
    part_before: float | None


@dataclass(frozen=True)
class DrillPage:
    """`minutes` is about how long it takes somebody who passes each round."""

    source: Source
    payload: DrillPayload
    minutes: int


@dataclass(frozen=True)
class _Wanted:
    """Eights to drill as one, and what to watch for in them."""

    eights: list[int]
    what: str


def drill_of_take(attempt: Attempt, guide: Guide) -> DrillPage | None:
    """The three worst moments of a judged take; None where there is nothing to drill in it."""
    if attempt.guide_id != guide.pk or attempt.comparison.verdict != "judged":
        return None
    result, spans = complete(attempt.comparison.result), spans_of(guide)
    scores = _scores_of(result, spans)
    wanted = _planned(attempt, result, spans) or _worst(scores)
    moments = _moments(wanted, guide, spans, scores)
    start_s, end_s = result["overlap_s"] or (0.0, guide.duration_s or 0.0)
    part = max(start_s, 0.0), min(end_s, guide.duration_s or end_s)
    return _page("take", moments, part, spans, scores)


def drill_of_memory(dancer: User, guide: Guide, today: date, *, only_due: bool) -> DrillPage | None:
    """What is due today, or else the weakest eights that are known; None where nothing is."""
    rows = memories_of(dancer, guide)
    judged = [
        row for row in rows if row.last_score is not None and row.last_score < STRONG_FROM and row.mastered_on is None
    ]
    weakest = sorted(judged, key=lambda row: (row.last_score or 0.0, row.eight))
    chosen = (due_first(rows, today) if only_due else weakest)[:MOST_DUE]
    if not chosen:
        return None
    spans = spans_of(guide)
    wanted = [
        _Wanted(list(loop.eights), _weak_limb(rows, loop)) for loop in loops_of(spans, [row.eight for row in chosen])
    ]
    return _around("today" if only_due else "weakest", wanted, guide, spans, _known_scores(rows))


def drill_of_eight(dancer: User, guide: Guide, eight: int) -> DrillPage | None:
    """One eight, as the map of a dance offers it; None where the dance has no such eight."""
    spans, rows = spans_of(guide), memories_of(dancer, guide)
    loop = loop_around(spans, [eight])
    if loop is None:
        return None
    return _around("eight", [_Wanted([eight], _weak_limb(rows, loop))], guide, spans, _known_scores(rows))


def _around(
    source: Source, wanted: list[_Wanted], guide: Guide, spans: Sequence[EightSpan], scores: Mapping[int, float]
) -> DrillPage | None:
    """Without a take, the part to dance at the end is from the first loop to the last."""
    moments = _moments(wanted, guide, spans, scores)
    part = (
        min((moment["start_s"] for moment in moments), default=0.0),
        max((moment["end_s"] for moment in moments), default=0.0),
    )
    return _page(source, moments, part, spans, scores)


def _page(
    source: Source,
    moments: list[DrillMomentPayload],
    part: tuple[float, float],
    spans: Sequence[EightSpan],
    scores: Mapping[int, float],
) -> DrillPage | None:
    if not moments:
        return None
    loops = [Loop(tuple(moment["eights"]), moment["start_s"], moment["end_s"]) for moment in moments]
    within = [span for span in spans if span.start_s >= part[0] - EDGE_S and span.end_s <= part[1] + EDGE_S]
    payload: DrillPayload = {"moments": moments, "part": part, "part_before": _mean(within, scores)}
    return DrillPage(source, payload, minutes_of(loops))


def _planned(attempt: Attempt, result: ResultPayload, spans: Sequence[EightSpan]) -> list[_Wanted]:
    """As the result's plan has it, each with the sentence of its finding."""
    beat_s = names_of(attempt, result).beat_s
    return [
        _Wanted(
            eights_within(spans, drill["start_s"], drill["end_s"]),
            what_words(result["findings"][drill["finding"]], result["mirrored"], beat_s),
        )
        for drill in result["plan"]
    ]


def _worst(scores: Mapping[int, float]) -> list[_Wanted]:
    """For a result without a plan: the eights with the fewest points."""
    return [_Wanted([eight], "") for eight in sorted(scores, key=lambda eight: scores[eight])[:MOST_MOMENTS]]


def _moments(
    wanted: Sequence[_Wanted], guide: Guide, spans: Sequence[EightSpan], scores: Mapping[int, float]
) -> list[DrillMomentPayload]:
    """One for each, but none twice for the same eights."""
    moments: list[DrillMomentPayload] = []
    drilled: set[int] = set()
    for want in wanted:
        loop = loop_around(spans, want.eights)
        if loop is None or drilled.issuperset(loop.eights) or len(moments) == MOST_MOMENTS:
            continue
        drilled.update(loop.eights)
        moments.append(_moment(loop, want.what, guide, spans, scores))
    return moments


def _moment(
    loop: Loop, what: str, guide: Guide, spans: Sequence[EightSpan], scores: Mapping[int, float]
) -> DrillMomentPayload:
    own = [span for span in spans if span.index in loop.eights]
    return {
        "start_s": loop.start_s,
        "end_s": loop.end_s,
        "label": capfirst(_label(own, guide)),
        "what": what,
        "eights": list(loop.eights),
        "before": _mean(own, scores),
    }


def _label(own: Sequence[EightSpan], guide: Guide) -> str:
    first, last = own[0], own[-1]
    names = dance_names(guide)
    if first is last:
        return span_words(place_of(first, guide), first.start_s, first.end_s, names)
    return stretch_words(
        guide.dance_map.place_of(first.start_s, last.end_s).to_payload(), first.start_s, last.end_s, names
    ) or span_of_time((first.start_s, last.end_s))


def _scores_of(result: ResultPayload, spans: Sequence[EightSpan]) -> dict[int, float]:
    """Of the eights that the take had whole, or nearly."""
    scores = {}
    for eight in result["eights"]:
        found = eight_of(spans, eight["start_s"], eight["end_s"])
        if found is not None and eight["score"] is not None:
            scores[found.index] = eight["score"]
    return scores


def _known_scores(rows: Sequence[EightMemory]) -> dict[int, float]:
    return {row.eight: row.last_score for row in rows if row.last_score is not None}


def _weak_limb(rows: Sequence[EightMemory], loop: Loop) -> str:
    """Which limb was off last time, where one was."""
    row = next((row for row in rows if row.eight in loop.eights and row.limb), None)
    return _("Last time it was the %(limb)s") % {"limb": limb_label(row.limb)} if row is not None else ""


def _mean(spans: Sequence[EightSpan], scores: Mapping[int, float]) -> float | None:
    """Of eights, each by its length; None where half of them or more are not known."""
    known = [span for span in spans if span.index in scores]
    if not known or 2 * len(known) <= len(spans):
        return None
    return sum(scores[span.index] * span.length_s for span in known) / sum(span.length_s for span in known)
