"""What a browser tells of practising, read as the hostile input that it may be."""

import json
import math
from datetime import date
from typing import Any, Never
from uuid import UUID

from choreography.limbs import LIMB_LABELS
from choreography.memory import EightReport, Report, ReportRefused
from choreography.models import PracticeKind

MOST_BYTES = 64_000
MOST_DANCED_S = 2 * 3600.0
MOST_EIGHTS = 200
MOST_EIGHT = 10_000
RATES = (0.25, 1.25)
TOLD_KINDS = {kind.value: kind for kind in (PracticeKind.WATCH, PracticeKind.LIVE, PracticeKind.DRILL)}


class BadReport(ReportRefused):
    """Not what a browser of ours sends."""

    code = "bad_report"


def read_report(body: bytes) -> Report:
    """Raises BadReport."""
    told = _object(_json(body))
    return Report(
        key=_uuid(told.get("id")),
        slug=_text(told.get("slug"), 80),
        kind=_kind(told.get("kind")),
        day=_day(told.get("day")),
        danced_s=_number(told.get("danced_s"), 0.1, MOST_DANCED_S),
        eights=tuple(_eight(eight) for eight in _list(told.get("eights", []))),
    )


def _json(body: bytes) -> object:
    if len(body) > MOST_BYTES:
        raise BadReport
    try:
        return json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise BadReport from None


def _refuse_constant(_name: str) -> Never:
    """NaN and Infinity, which are no JSON."""
    raise BadReport


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadReport
    return value


def _list(value: object) -> list[Any]:
    if not isinstance(value, list) or len(value) > MOST_EIGHTS:
        raise BadReport
    return value


def _text(value: object, most: int) -> str:
    # Names are all ASCII; JSON can also write half a character, which no database takes.
    if not isinstance(value, str) or len(value) > most or not value.isascii() or "\x00" in value:
        raise BadReport
    return value


def _uuid(value: object) -> UUID:
    try:
        return UUID(_text(value, 36))
    except ValueError:
        raise BadReport from None


def _kind(value: object) -> PracticeKind:
    kind = TOLD_KINDS.get(_text(value, 10))
    if kind is None:
        raise BadReport
    return kind


def _day(value: object) -> date:
    try:
        return date.fromisoformat(_text(value, 10))
    except ValueError:
        raise BadReport from None


def _number(value: object, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadReport
    if not least <= value <= most or not math.isfinite(value):
        raise BadReport
    return float(value)


def _eight(value: object) -> EightReport:
    told = _object(value)
    index, score, limb = told.get("eight"), told.get("score"), told.get("limb")
    if isinstance(index, bool) or not isinstance(index, int) or abs(index) > MOST_EIGHT:
        raise BadReport
    if limb is not None and _text(limb, 12) not in LIMB_LABELS:
        raise BadReport
    return EightReport(
        eight=index,
        score=None if score is None else _number(score, 0.0, 100.0),
        limb=limb or "",
        rate=_number(told.get("rate", 1.0), *RATES),
    )
