"""What a comparison found, as frozen values and as JSON."""

import math
from dataclasses import dataclass
from typing import Literal, TypedDict

from choreography.comparison.config import Grade
from choreography.payloads import TimelinePayload

Verdict = Literal[
    "judged",
    "no_guide_dancer",
    "no_dancer",
    "too_short",
    "too_little_in_view",
    "no_guide_movement",
    "stood_still",
]
Notice = Literal[
    "mirrored",
    "partial_take",
    "limbs_out_of_view",
    "partly_out_of_view",
    "low_confidence",
    "other_dance",
    "guide_replayed",
]


class LimbResultPayload(TypedDict):
    limb: str
    score: float | None
    coverage: float
    mean_error_deg: float | None


class ResultPayload(TypedDict):
    """The stored and printed form of a ComparisonResult; null where there is nothing to say."""

    scoring_version: str
    verdict: str
    score: float | None
    grade: str | None
    offset_s: float | None
    lag_ms: float | None
    mirrored: bool
    confidence: float
    coverage: float
    overlap_s: tuple[float, float] | None
    mean_error_deg: float | None
    chance_error_deg: float | None
    match: float | None
    limbs: list[LimbResultPayload]
    missing_limbs: list[str]
    notices: list[str]
    timeline: TimelinePayload


@dataclass(frozen=True)
class LimbResult:
    """One limb, named as in the guide. `score` (0-100) is None where too little of the limb was in view."""

    limb: str
    score: float | None
    coverage: float
    mean_error_deg: float | None

    def to_payload(self) -> LimbResultPayload:
        return {
            "limb": self.limb,
            "score": _rounded(self.score, 1),
            "coverage": round(self.coverage, 4),
            "mean_error_deg": _rounded(self.mean_error_deg, 2),
        }


@dataclass(frozen=True)
class Timeline:
    """Mean direction error in steps of `step_s` from `start_s` (guide time); NaN where nothing was judged."""

    start_s: float
    step_s: float
    error_deg: tuple[float, ...]
    limb_error_deg: dict[str, tuple[float, ...]]

    @property
    def t_s(self) -> tuple[float, ...]:
        return tuple(self.start_s + index * self.step_s for index in range(len(self.error_deg)))

    def to_payload(self) -> TimelinePayload:
        return {
            "step_s": self.step_s,
            "t_s": [round(t_s, 4) for t_s in self.t_s],
            "error_deg": [_rounded(error, 1) for error in self.error_deg],
            "limb_error_deg": {
                limb: [_rounded(error, 1) for error in errors] for limb, errors in self.limb_error_deg.items()
            },
        }


@dataclass(frozen=True)
class ComparisonResult:
    """One attempt against its guide.

    Attributes
    ----------
    verdict : "judged", or the reason why there is no score.
    score : 0-100, None unless judged. docs/scoring.md has the formulas.
    offset_s : t_attempt = t_guide + offset_s; None where the two could not be aligned.
    lag_ms : how much later than a given offset the dancer danced (negative: earlier); None without a given offset or
        where the match is too weak to tell.
    mirrored : the dancer danced the mirror image. Limbs are then named after the guide's side.
    confidence : 0..1, how far the offset stands out from every other.
    coverage : 0..1, share of the limb-time that the guide shows within `overlap_s` which was judged.
    overlap_s : start and end in guide time.
    match, mean_error_deg, chance_error_deg : what the score is made of.
    """

    scoring_version: str
    verdict: Verdict
    score: float | None = None
    grade: Grade | None = None
    offset_s: float | None = None
    lag_ms: float | None = None
    mirrored: bool = False
    confidence: float = 0.0
    coverage: float = 0.0
    overlap_s: tuple[float, float] | None = None
    mean_error_deg: float | None = None
    chance_error_deg: float | None = None
    match: float | None = None
    limbs: tuple[LimbResult, ...] = ()
    missing_limbs: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    timeline: Timeline = Timeline(0.0, 0.1, (), {})

    def to_payload(self) -> ResultPayload:
        return {
            "scoring_version": self.scoring_version,
            "verdict": self.verdict,
            "score": _rounded(self.score, 1),
            "grade": self.grade,
            "offset_s": _rounded(self.offset_s, 4),
            "lag_ms": _rounded(self.lag_ms, 1),
            "mirrored": self.mirrored,
            "confidence": round(self.confidence, 4),
            "coverage": round(self.coverage, 4),
            "overlap_s": None if self.overlap_s is None else (round(self.overlap_s[0], 4), round(self.overlap_s[1], 4)),
            "mean_error_deg": _rounded(self.mean_error_deg, 2),
            "chance_error_deg": _rounded(self.chance_error_deg, 2),
            "match": _rounded(self.match, 4),
            "limbs": [limb.to_payload() for limb in self.limbs],
            "missing_limbs": list(self.missing_limbs),
            "notices": list(self.notices),
            "timeline": self.timeline.to_payload(),
        }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, digits)
