"""The stored and printed form of a comparison: JSON, null where there is nothing to say. `result` has the values."""

from typing import TypedDict

from choreography.comparison.counts import PlacePayload
from choreography.payloads import TimelinePayload


class PartScoresPayload(TypedDict):
    """0 to 100; null where it could not be judged. `energy` tells and does not count on its own: it is a part of size."""

    shape: float | None
    timing: float | None
    size: float | None
    energy: float | None


class StretchPayload(TypedDict):
    score: float | None
    parts: PartScoresPayload
    lag_ms: float | None


class LimbResultPayload(StretchPayload):
    limb: str
    coverage: float
    mean_error_deg: float | None
    size_ratio: float | None


class EightPayload(StretchPayload):
    index: int
    start_s: float
    end_s: float
    place: PlacePayload
    limbs: dict[str, float | None]


class SectionPayload(StretchPayload):
    section: int
    kind: str
    start_s: float
    end_s: float


class StartCandidatePayload(TypedDict):
    offset_s: float
    confidence: float


class StartPayload(TypedDict):
    source: str
    confidence: float
    candidates: list[StartCandidatePayload]
    latency_ms: float | None


class PacePayload(TypedDict):
    kind: str
    ms_per_minute: float


class FindingPayload(TypedDict):
    kind: str
    limb: str
    part: str
    correction: str | None
    start_s: float
    end_s: float
    place: PlacePayload
    degrees: float | None
    lag_ms: float | None
    size_ratio: float | None
    cost: float
    sureness: float


class DrillPayload(TypedDict):
    """`finding` is an index into the findings; speeds are shares of the guide's tempo, in the order to practise."""

    finding: int
    start_s: float
    end_s: float
    place: PlacePayload
    speeds: list[float]


class ResultPayload(TypedDict):
    """The stored and printed form of a ComparisonResult; null where there is nothing to say."""

    scoring_version: str
    verdict: str
    score: float | None
    error_bar: float | None
    grade: str | None
    parts: PartScoresPayload
    offset_s: float | None
    start: StartPayload | None
    lag_ms: float | None
    pace: PacePayload | None
    mirrored: bool
    turn_deg: float | None
    confidence: float
    coverage: float
    overlap_s: tuple[float, float] | None
    mean_error_deg: float | None
    chance_error_deg: float | None
    match: float | None
    limbs: list[LimbResultPayload]
    sections: list[SectionPayload]
    eights: list[EightPayload]
    worst_eight: int | None
    findings: list[FindingPayload]
    plan: list[DrillPayload]
    missing_limbs: list[str]
    notices: list[str]
    timeline: TimelinePayload
