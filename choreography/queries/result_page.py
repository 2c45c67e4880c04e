"""All that the page of a result says, in the words of the active language."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from choreography import feedback
from choreography.comparison.result_payloads import LimbResultPayload, ResultPayload
from choreography.findings import FIRST, Drill, Finding, drills, findings
from choreography.limbs import limb_label, own_limb
from choreography.models import Attempt
from choreography.payloads import TimelinePayload
from choreography.places import DanceNames, names_of, span_words
from choreography.results import complete, is_of_earlier_version

REACH_S = 0.5


@dataclass(frozen=True)
class Part:
    """Shape, timing or size with its score."""

    name: str
    label: str
    score: float | None


@dataclass(frozen=True)
class LimbRow:
    """A limb in the result's list, named as the dancer's own; `worst_s` is the guide's time to look at it first.

    `parts` are shape, timing and size; `limb` is the guide's.
    """

    limb: str
    label: str
    score: float | None
    parts: tuple[float | None, float | None, float | None]
    worst_s: float | None


@dataclass(frozen=True)
class EightRow:
    """An eight in the table; `limbs` are in the order of `ResultPage.band_limbs`."""

    label: str
    start_s: float
    end_s: float
    score: float | None
    lag: str
    limbs: list[float | None]
    is_hardest: bool


@dataclass(frozen=True)
class ResultPage:
    """`score` and everything that follows from it are empty where the take was not judged."""

    sentence: str
    score: float | None
    score_words: str
    error_bar: int | None
    grade: str
    grade_label: str
    is_earlier: bool
    parts: list[Part]
    energy: float | None
    advice: list[str]
    first: list[Finding]
    rest: list[Finding]
    plan: list[Drill]
    limbs: list[LimbRow]
    has_limb_parts: bool
    band_limbs: list[str]
    eights: list[EightRow]
    hardest: EightRow | None
    lag_words: str
    coverage: float
    offset_s: float | None


def result_page(attempt: Attempt) -> ResultPage:
    result = complete(attempt.comparison.result)
    names = names_of(attempt, result)
    judged = result["verdict"] == "judged"
    score = result["score"] if judged else None
    found = findings(result, names) if judged else []
    eights = _eights(result, names) if judged else []
    limbs = [_limb(limb, result) for limb in result["limbs"]] if judged else []
    return ResultPage(
        sentence=feedback.first_sentence(result, names),
        score=score,
        score_words="" if score is None else feedback.score_words(score, result["error_bar"]),
        error_bar=None if result["error_bar"] is None else max(1, round(result["error_bar"])),
        grade=result["grade"] or "",
        grade_label=feedback.grade_label(result["grade"]),
        is_earlier=is_of_earlier_version(result),
        parts=_parts(result) if judged else [],
        energy=result["parts"]["energy"],
        advice=feedback.advice(result),
        first=found[:FIRST],
        rest=found[FIRST:],
        plan=drills(result, names) if judged else [],
        limbs=sorted(limbs, key=lambda limb: (limb.score is None, limb.score or 0.0)),
        has_limb_parts=any(part is not None for limb in limbs for part in limb.parts),
        band_limbs=[limb_label(own_limb(limb, result["mirrored"])) for limb in _band_limbs(result)],
        eights=eights,
        hardest=next((eight for eight in eights if eight.is_hardest), None),
        lag_words=feedback.lag_words(result["lag_ms"]),
        coverage=result["coverage"],
        offset_s=result["offset_s"],
    )


def worst_moment_s(result: ResultPayload, limb: str) -> float | None:
    """The guide's time at which a limb's costliest finding begins, else where it is furthest off; None if not judged."""
    found = next((found for found in result["findings"] if found["limb"] == limb), None)
    return found["start_s"] if found else furthest_off_s(result["timeline"], limb)


def furthest_off_s(timeline: TimelinePayload, limb: str) -> float | None:
    """The middle of the second in which a limb is furthest off; None where it was not judged."""
    errors = timeline["limb_error_deg"].get(limb, [])
    judged = [step for step, error in enumerate(errors) if error is not None]
    if not judged:
        return None
    reach = max(1, round(REACH_S / timeline["step_s"]))
    return round(timeline["t_s"][max(judged, key=lambda step: _eased(errors, step, reach))], 3)


def _eased(errors: list[float | None], at: int, reach: int) -> float:
    """Mean of the known errors within `reach` steps; near ones weigh more, so that a stretch peaks in its middle."""
    weighed = [
        (reach + 1 - abs(step - at), error)
        for step in range(max(0, at - reach), min(len(errors), at + reach + 1))
        if (error := errors[step]) is not None
    ]
    return sum(weight * error for weight, error in weighed) / sum(weight for weight, _error in weighed)


def _parts(result: ResultPayload) -> list[Part]:
    parts = result["parts"]
    known = [
        Part("shape", _("Shape"), parts["shape"]),
        Part("timing", _("Timing"), parts["timing"]),
        Part("size", _("Size"), parts["size"]),
    ]
    return known if any(part.score is not None for part in known) else []


def _limb(limb: LimbResultPayload, result: ResultPayload) -> LimbRow:
    parts = limb["parts"]
    return LimbRow(
        limb=limb["limb"],
        label=limb_label(own_limb(limb["limb"], result["mirrored"])),
        score=limb["score"],
        parts=(parts["shape"], parts["timing"], parts["size"]),
        worst_s=worst_moment_s(result, limb["limb"]),
    )


def _band_limbs(result: ResultPayload) -> list[str]:
    return [limb["limb"] for limb in result["limbs"]]


def _eights(result: ResultPayload, names: DanceNames) -> list[EightRow]:
    return [
        EightRow(
            label=span_words(eight["place"], eight["start_s"], eight["end_s"], names),
            start_s=eight["start_s"],
            end_s=eight["end_s"],
            score=eight["score"],
            lag=feedback.lag_words(eight["lag_ms"]),
            limbs=[eight["limbs"].get(limb) for limb in _band_limbs(result)],
            is_hardest=place == result["worst_eight"],
        )
        for place, eight in enumerate(result["eights"])
    ]
