"""Results as the comparison stores them, for tests of the pages and words that are made from them."""

import math

from choreography.comparison.config import Grade
from choreography.comparison.counts import CountGrid, DanceMap, SectionSpan
from choreography.comparison.result import (
    ComparisonResult,
    Drill,
    EightResult,
    Finding,
    LimbResult,
    Pace,
    PartScores,
    SectionResult,
    Start,
    StretchScore,
    Timeline,
)

LIMBS = ("torso", "left_arm", "right_arm", "left_leg", "right_leg", "head")
LIMB_SCORES = {"torso": 84.0, "left_arm": 52.0, "right_arm": 71.0, "left_leg": 80.0, "right_leg": 76.0, "head": 88.0}
STEP_S = 0.1
DURATION_S = 60.0
GRID = CountGrid(120.0, 0.4)
SECTIONS = (
    SectionSpan("intro", 0.0, 8.4),
    SectionSpan("verse", 8.4, 24.4),
    SectionSpan("chorus", 24.4, 40.4),
    SectionSpan("bridge", 40.4, 48.4),
    SectionSpan("chorus", 48.4, 60.0),
)
DANCE = DanceMap(GRID, SECTIONS)
HARD_FROM_S, HARD_TO_S = 26.4, 28.4


def findings(dance=DANCE):
    """The left arm late in the chorus, too low and too small elsewhere; the rest smaller things."""

    def found(kind, limb, part, start_s, end_s, cost, sureness=0.9, **how_much):
        return Finding(kind, limb, part, start_s, end_s, dance.place_of(start_s, end_s), cost, sureness, **how_much)

    return (
        found("late", "left_arm", "arm", HARD_FROM_S, HARD_TO_S, 4.2, lag_ms=240.0),
        found("shape", "left_arm", "elbow", 13.4, 14.9, 2.9, correction="raise", degrees=28.0),
        found("too_small", "right_leg", "leg", 49.4, 52.4, 2.1, size_ratio=0.52),
        found("shape", "right_arm", "hand", 33.4, 34.4, 1.1, 0.35, correction="other"),
        found("still", "all", "upper_body", 56.4, 58.0, 0.8),
    )


def judged(dance=DANCE, **changes):
    """A take of a minute: in time, but for the left arm in the first chorus."""
    found = findings(dance)
    values = {
        "score": 78.4,
        "error_bar": 2.8,
        "grade": "great",
        "parts": PartScores(shape=74.2, timing=86.1, size=69.4, energy=64.0),
        "offset_s": 0.35,
        "start": Start("sound", 0.93),
        "lag_ms": 24.0,
        "pace": Pace("steady", 3.0),
        "turn_deg": 4.0,
        "confidence": 0.93,
        "coverage": 0.97,
        "overlap_s": (0.0, DURATION_S),
        "mean_error_deg": 14.2,
        "chance_error_deg": 48.0,
        "match": 0.82,
        "limbs": tuple(_limb(limb) for limb in LIMBS),
        "sections": _sections(dance),
        "eights": _eights(dance),
        "worst_eight": _hard_eight(dance),
        "findings": found,
        "plan": tuple(
            Drill(index, found[index].start_s - 0.6, found[index].end_s + 0.6, found[index].place, (0.5, 0.75, 1.0))
            for index in range(3)
        ),
        "notices": ("device_latency",),
        "timeline": _timeline(),
    }
    return ComparisonResult("2", "judged", **(values | changes))


def unjudged(verdict, **changes):
    return ComparisonResult("2", verdict, **changes)


def of_version_1(**changes):
    """What was stored before shape, timing and size were told apart."""
    payload = judged().to_payload()
    for key in (
        "error_bar",
        "parts",
        "start",
        "pace",
        "turn_deg",
        "sections",
        "eights",
        "worst_eight",
        "findings",
        "plan",
    ):
        del payload[key]
    del payload["timeline"]["lag_ms"]
    for limb in payload["limbs"]:
        for key in ("parts", "lag_ms", "size_ratio"):
            del limb[key]
    return {**payload, "scoring_version": "1", "lag_ms": None, "notices": ["partial_take"], **changes}


GRADES: tuple[Grade, ...] = ("perfect", "great", "good", "ok", "keep_going")


def _limb(limb):
    score = LIMB_SCORES[limb]
    parts = PartScores(score - 4, min(100.0, score + 10), score - 9, score - 12)
    return LimbResult(limb, StretchScore(score, parts, 30.0), 0.98, 20.0 - score / 10, 0.9)


def _is_hard(start_s, end_s):
    return start_s < HARD_TO_S and end_s > HARD_FROM_S


def _eights(dance):
    return tuple(
        EightResult(
            index, start_s, end_s, dance.place_of(start_s, end_s), _went(n, start_s, end_s), _limbs(n, start_s, end_s)
        )
        for n, (index, start_s, end_s) in enumerate(dance.spans(0.0, DURATION_S, 4.0))
    )


def _went(n, start_s, end_s):
    score = 41.0 if _is_hard(start_s, end_s) and start_s < HARD_FROM_S else 78.0 + 9.0 * math.sin(1.7 * n)
    return StretchScore(score, PartScores(score, score, score, score), 180.0 if score == 41.0 else 20.0 * math.sin(n))


def _limbs(n, start_s, end_s):
    scores = {
        limb: min(100.0, score + 12.0 * math.sin(1.3 * n + place))
        for place, (limb, score) in enumerate(LIMB_SCORES.items())
    }
    if _is_hard(start_s, end_s):
        scores["left_arm"] = 8.0
    return scores | ({"head": None} if n == 7 else {})


def _hard_eight(dance):
    return next(
        n for n, (_, start_s, end_s) in enumerate(dance.spans(0.0, DURATION_S, 4.0)) if _is_hard(start_s, end_s)
    )


def _sections(dance):
    return tuple(
        SectionResult(n, part.kind, part.start_s, part.end_s, StretchScore(75.0 + n, PartScores()))
        for n, part in enumerate(dance.sections)
    )


def _timeline():
    t_s = [step * STEP_S for step in range(round(DURATION_S / STEP_S))]
    hard = [HARD_FROM_S <= t < HARD_TO_S for t in t_s]
    limb_error_deg = {
        limb: tuple(
            75.0
            if wrong and limb == "left_arm"
            else (100 - LIMB_SCORES[limb]) / 2 * (1 + 0.6 * math.sin(0.9 * t + place))
            for t, wrong in zip(t_s, hard, strict=True)
        )
        for place, limb in enumerate(LIMBS)
    }
    error_deg = tuple(sum(errors) / len(LIMBS) for errors in zip(*limb_error_deg.values(), strict=True))
    lag_ms = tuple(220.0 if wrong else 40.0 * math.sin(0.4 * t) for t, wrong in zip(t_s, hard, strict=True))
    return Timeline(0.0, STEP_S, error_deg, limb_error_deg, lag_ms)
