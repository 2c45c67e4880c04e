"""What a comparison found, as frozen values and as JSON. docs/scoring.md has the formulas."""

import math
from dataclasses import dataclass, field
from typing import Literal

from choreography.comparison.counts import Place
from choreography.comparison.result_payloads import (
    DrillPayload,
    EightPayload,
    FindingPayload,
    LimbResultPayload,
    PacePayload,
    PartScoresPayload,
    ResultPayload,
    SectionPayload,
    StartPayload,
    StretchPayload,
)
from choreography.comparison.start import StartSource
from choreography.payloads import TimelinePayload

Grade = Literal["perfect", "great", "good", "ok", "keep_going"]

Verdict = Literal[
    "judged",
    "no_guide_dancer",
    "no_dancer",
    "too_short",
    "too_little_in_view",
    "no_guide_movement",
    "stood_still",
    "guide_replayed",
    "other_dance",
]
"""Why there is a score, or why there is none."""

Notice = Literal[
    "mirrored",
    "partial_take",
    "limbs_out_of_view",
    "partly_out_of_view",
    "low_confidence",
    "other_song",
    "several_people",
    "turned_camera",
    "start_unsure",
    "constant_lag_unknown",
    "device_latency",
]

FindingKind = Literal["shape", "late", "early", "too_small", "too_big", "still"]
"""What was wrong with a limb for a while: its directions, its timing, its size, or that it did not move at all."""

Correction = Literal[
    "raise",
    "lower",
    "out",
    "in",
    "left",
    "right",
    "forward",
    "back",
    "bend",
    "straighten",
    "other",
]
"""What mends a shape. "out" is away from the dancer's middle, left and right are the dancer's own, "other" is for a
movement that differs in no one direction."""

Part = Literal["elbow", "hand", "knee", "foot", "head", "upper_body", "hips", "arm", "leg"]
"""What the dancer moves to mend it; arms and legs as a whole where no one joint is to blame."""

PaceKind = Literal["steady", "rushing", "dragging"]


@dataclass(frozen=True)
class PartScores:
    """0-100 each, None where it could not be judged."""

    shape: float | None = None
    timing: float | None = None
    size: float | None = None
    energy: float | None = None

    def to_payload(self) -> PartScoresPayload:
        return {
            "shape": _rounded(self.shape, 1),
            "timing": _rounded(self.timing, 1),
            "size": _rounded(self.size, 1),
            "energy": _rounded(self.energy, 1),
        }


@dataclass(frozen=True)
class StretchScore:
    """How a stretch of the dance, or a limb, went. `lag_ms`: positive is late, None where the shape says nothing of it."""

    score: float | None = None
    parts: PartScores = field(default_factory=PartScores)
    lag_ms: float | None = None

    def to_payload(self) -> StretchPayload:
        return {
            "score": _rounded(self.score, 1),
            "parts": self.parts.to_payload(),
            "lag_ms": _rounded(self.lag_ms, 0),
        }


@dataclass(frozen=True)
class LimbResult:
    """One limb, named as in the guide. `score` is None where too little of the limb was in view.

    `size_ratio`: how far it moved against the guide's; None where the movement is not the guide's.
    """

    limb: str
    went: StretchScore
    coverage: float
    mean_error_deg: float | None
    size_ratio: float | None = None

    @property
    def score(self) -> float | None:
        return self.went.score

    def to_payload(self) -> LimbResultPayload:
        return {
            **self.went.to_payload(),
            "limb": self.limb,
            "coverage": round(self.coverage, 4),
            "mean_error_deg": _rounded(self.mean_error_deg, 2),
            "size_ratio": _rounded(self.size_ratio, 3),
        }


@dataclass(frozen=True)
class EightResult:
    """One eight-count, or a piece of a few seconds where the guide has no counts; times are the guide's."""

    index: int
    start_s: float
    end_s: float
    place: Place
    went: StretchScore
    limbs: dict[str, float | None]

    def to_payload(self) -> EightPayload:
        return {
            **self.went.to_payload(),
            "index": self.index,
            "start_s": round(self.start_s, 3),
            "end_s": round(self.end_s, 3),
            "place": self.place.to_payload(),
            "limbs": {limb: _rounded(score, 1) for limb, score in self.limbs.items()},
        }


@dataclass(frozen=True)
class SectionResult:
    """One section of the dance; `section` is its index in the dance."""

    section: int
    kind: str
    start_s: float
    end_s: float
    went: StretchScore

    def to_payload(self) -> SectionPayload:
        return {
            **self.went.to_payload(),
            "section": self.section,
            "kind": self.kind,
            "start_s": round(self.start_s, 3),
            "end_s": round(self.end_s, 3),
        }


@dataclass(frozen=True)
class StartCandidate:
    """t_attempt = t_guide + offset_s, with confidence 0..1."""

    offset_s: float
    confidence: float


@dataclass(frozen=True)
class Start:
    """Where the guide begins in the attempt, who said so, and what else it might have been, best first.

    `latency_ms`: what of a constant delay between sound and movement was put down to the device and is not counted;
    None where nothing was heard.
    """

    source: StartSource
    confidence: float
    candidates: tuple[StartCandidate, ...] = ()
    latency_ms: float | None = None

    def to_payload(self) -> StartPayload:
        return {
            "source": self.source,
            "confidence": round(self.confidence, 4),
            "candidates": [
                {"offset_s": round(found.offset_s, 4), "confidence": round(found.confidence, 4)}
                for found in self.candidates
            ],
            "latency_ms": _rounded(self.latency_ms, 1),
        }


@dataclass(frozen=True)
class Pace:
    """Whether the lag grows (dragging) or shrinks (rushing) through the take, in ms a minute."""

    kind: PaceKind
    ms_per_minute: float

    def to_payload(self) -> PacePayload:
        return {"kind": self.kind, "ms_per_minute": round(self.ms_per_minute, 1)}


@dataclass(frozen=True)
class Finding:
    """One thing that was wrong for a while, from `start_s` to `end_s` of the guide.

    Attributes
    ----------
    limb : named as in the guide; "all" where it was the whole body.
    part, correction, degrees : what to move, which way and by how much; `correction` None unless it is about shape.
    lag_ms : positive is late; None unless it is about timing.
    size_ratio : None unless it is about size.
    cost : points of the total that it cost, about.
    sureness : 0..1.
    """

    kind: FindingKind
    limb: str
    part: Part
    start_s: float
    end_s: float
    place: Place
    cost: float
    sureness: float
    correction: Correction | None = None
    degrees: float | None = None
    lag_ms: float | None = None
    size_ratio: float | None = None

    def to_payload(self) -> FindingPayload:
        return {
            "kind": self.kind,
            "limb": self.limb,
            "part": self.part,
            "correction": self.correction,
            "start_s": round(self.start_s, 3),
            "end_s": round(self.end_s, 3),
            "place": self.place.to_payload(),
            "degrees": _rounded(self.degrees, 0),
            "lag_ms": _rounded(self.lag_ms, 0),
            "size_ratio": _rounded(self.size_ratio, 2),
            "cost": round(self.cost, 2),
            "sureness": round(self.sureness, 2),
        }


@dataclass(frozen=True)
class Drill:
    """A stretch to practise, at these shares of the guide's tempo one after the other."""

    finding: int
    start_s: float
    end_s: float
    place: Place
    speeds: tuple[float, ...]

    def to_payload(self) -> DrillPayload:
        return {
            "finding": self.finding,
            "start_s": round(self.start_s, 3),
            "end_s": round(self.end_s, 3),
            "place": self.place.to_payload(),
            "speeds": list(self.speeds),
        }


@dataclass(frozen=True)
class Timeline:
    """In steps of `step_s` from `start_s` (guide time); NaN where nothing was judged.

    `error_deg`: mean direction error; `lag_ms`: how late the body was, NaN where the shape says nothing of it.
    """

    start_s: float
    step_s: float
    error_deg: tuple[float, ...]
    limb_error_deg: dict[str, tuple[float, ...]]
    lag_ms: tuple[float, ...] = ()

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
            "lag_ms": [_rounded(lag, 0) for lag in self.lag_ms],
        }


@dataclass(frozen=True)
class ComparisonResult:
    """One attempt against its guide.

    Attributes
    ----------
    verdict : "judged", or the reason why there is no score.
    score : 0-100, None unless judged; another take of the same quality falls within `error_bar` of it.
    offset_s : t_attempt = t_guide + offset_s; None where the two could not be aligned.
    lag_ms : how late the dancer typically was (negative: early) against `offset_s`; None where the movement does not
        tell, or where nothing told the start but the movement itself.
    mirrored : the dancer danced the mirror image. Limbs are then named after the guide's side.
    turn_deg : how far the camera stood from the guide's, about the vertical; None where no depth is known.
    confidence : 0..1, that the start is right.
    coverage : 0..1, share of the limb-time that the guide shows within `overlap_s` which was judged.
    overlap_s : start and end in guide time.
    worst_eight : index into `eights`.
    match, mean_error_deg, chance_error_deg : what the score is made of.
    """

    scoring_version: str
    verdict: Verdict
    score: float | None = None
    error_bar: float | None = None
    grade: Grade | None = None
    parts: PartScores = field(default_factory=PartScores)
    offset_s: float | None = None
    start: Start | None = None
    lag_ms: float | None = None
    pace: Pace | None = None
    mirrored: bool = False
    turn_deg: float | None = None
    confidence: float = 0.0
    coverage: float = 0.0
    overlap_s: tuple[float, float] | None = None
    mean_error_deg: float | None = None
    chance_error_deg: float | None = None
    match: float | None = None
    limbs: tuple[LimbResult, ...] = ()
    sections: tuple[SectionResult, ...] = ()
    eights: tuple[EightResult, ...] = ()
    worst_eight: int | None = None
    findings: tuple[Finding, ...] = ()
    plan: tuple[Drill, ...] = ()
    missing_limbs: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    timeline: Timeline = Timeline(0.0, 0.1, (), {})

    def to_payload(self) -> ResultPayload:
        return {
            "scoring_version": self.scoring_version,
            "verdict": self.verdict,
            "score": _rounded(self.score, 1),
            "error_bar": _rounded(self.error_bar, 1),
            "grade": self.grade,
            "parts": self.parts.to_payload(),
            "offset_s": _rounded(self.offset_s, 4),
            "start": self.start.to_payload() if self.start else None,
            "lag_ms": _rounded(self.lag_ms, 1),
            "pace": self.pace.to_payload() if self.pace else None,
            "mirrored": self.mirrored,
            "turn_deg": _rounded(self.turn_deg, 1),
            "confidence": round(self.confidence, 4),
            "coverage": round(self.coverage, 4),
            "overlap_s": None if self.overlap_s is None else (round(self.overlap_s[0], 4), round(self.overlap_s[1], 4)),
            "mean_error_deg": _rounded(self.mean_error_deg, 2),
            "chance_error_deg": _rounded(self.chance_error_deg, 2),
            "match": _rounded(self.match, 4),
            "limbs": [limb.to_payload() for limb in self.limbs],
            "sections": [section.to_payload() for section in self.sections],
            "eights": [eight.to_payload() for eight in self.eights],
            "worst_eight": self.worst_eight,
            "findings": [finding.to_payload() for finding in self.findings],
            "plan": [drill.to_payload() for drill in self.plan],
            "missing_limbs": list(self.missing_limbs),
            "notices": list(self.notices),
            "timeline": self.timeline.to_payload(),
        }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, digits)
