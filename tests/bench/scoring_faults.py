"""What faulty takes must give: the lag in ms, a lower score for every step of a fault, and the fault by name and count."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from choreography.comparison.result import ComparisonResult
from inference.pose.track import PoseTrack
from tests.bench.scoring_dances import Dance
from tests.bench.scoring_takes import LIMBS, Bench, Injected, injections, with_fault, wrong, wrong_for

LAGS_MS = (-200, -100, -60, 60, 100, 200, 300, 400)
LIMB_LAGS_MS = (100, 200, 300)
LATE_MS = (0, 40, 80, 120, 200, 300, 500)
SIZES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)
WRONG_S = (0, 1, 2, 4, 8, 16)
INJECTED_S = (1.0, 2.0, 3.0)
SIGN_FROM_MS = 40
LEAST_FALL = 0.05
"""A score that is shown with one digit has fallen where that digit has."""
_SEED = 300


@dataclass(frozen=True)
class Step:
    """One step of a growing fault: how much the total, the part and the limb fell; None where one of them is missing."""

    fault: str
    dance: str
    to: float
    total: float | None
    part: float | None
    limb: float | None

    @property
    def is_seen(self) -> bool:
        return any(fall is not None and fall > LEAST_FALL for fall in (self.total, self.part))


def lags(bench: Bench) -> dict[str, float]:
    """Constant delays of the whole body, the start known: each window of the timeline against the truth."""
    errors, right, takes, told = [], [], [], []
    for number, dance in enumerate(bench.guides):
        for true_ms in LAGS_MS:
            result = bench.result(dance, with_fault(dance, _SEED + number, late_s=true_ms / 1000), known_start=True)
            found = np.array(result.timeline.lag_ms, dtype=np.float64)
            # The last steps of a late dancer lie beyond the clip's end.
            shown = found[np.isfinite(found)]
            errors += np.abs(shown - true_ms).tolist()
            right += (np.sign(shown) == np.sign(true_ms)).tolist()
            told.append(len(shown) / max(1, len(found)))
            takes.append(result.lag_ms is not None and result.lag_ms * true_ms > 0)
    return {
        "lag_error_ms": _mean(errors),
        "lag_error_p95_ms": float(np.percentile(errors, 95)) if errors else float("nan"),
        "lag_sign_right": _mean(right),
        "lag_sign_right_takes": _mean(takes),
        "lag_told_share": _mean(told),
    }


def limb_lags(bench: Bench) -> dict[str, float]:
    """One limb late by itself: that limb's lag and sign, and what the others are said to be late."""
    errors, right, others = [], [], []
    for number, dance in enumerate(bench.guides):
        for turn, true_ms in enumerate(LIMB_LAGS_MS):
            limb = LIMBS[(number + turn) % len(LIMBS)]
            take = with_fault(dance, _SEED + number, late_limb=(limb, true_ms / 1000))
            result = bench.result(dance, take, known_start=True)
            found = {each.limb: each.went.lag_ms for each in result.limbs}
            lag_ms = found.pop(limb, None)
            errors += [] if lag_ms is None else [abs(lag_ms - true_ms)]
            right.append(lag_ms is not None and lag_ms > SIGN_FROM_MS)
            others += [abs(lag) for lag in found.values() if lag is not None]
    return {
        "limb_lag_error_ms": _mean(errors),
        "limb_lag_sign_right": _mean(right),
        "other_limbs_lag_ms": _mean(others),
    }


def steps(bench: Bench) -> list[Step]:
    """Every step of lateness, size and wrong-limb time, by one body before one camera."""
    rows: list[Step] = []
    for number, dance in enumerate(bench.guides):
        other, limb, seed = _other(bench, number), LIMBS[number % len(LIMBS)], _SEED + number
        rows += _course(bench, dance, "late", LATE_MS, "timing", None, _late(dance, seed))
        rows += _course(bench, dance, "size", SIZES, "size", None, _sized(dance, seed))
        rows += _course(bench, dance, "wrong", WRONG_S, "shape", limb, _wrong_for(dance, other, limb, seed))
    return rows


def monotone(rows: Sequence[Step]) -> dict[str, float]:
    """Shares of the steps at which the total or the part fell, and of those at which each of them did."""
    figures: dict[str, float] = {
        "monotone": _mean([row.is_seen for row in rows]),
        "monotone_or_limb": _mean([row.is_seen or (row.limb or 0.0) > LEAST_FALL for row in rows]),
    }
    for fault in dict.fromkeys(row.fault for row in rows):
        of_fault = [row for row in rows if row.fault == fault]
        for measure in ("total", "part", "limb"):
            falls = [getattr(row, measure) for row in of_fault]
            if any(fall is not None for fall in falls):
                fell = [fall is not None and fall > LEAST_FALL for fall in falls]
                figures[f"monotone_{fault}_{measure}"] = _mean(fell)
    return figures


def findings(bench: Bench) -> tuple[dict[str, float], list[str]]:
    """Injected errors of one limb: whether a finding names it in its time, and on the right counts; and those missed."""
    named, placed, missed = [], [], []
    for number, dance in enumerate(bench.guides):
        other = _other(bench, number)
        for index, injected in enumerate(injections(dance, other, number, INJECTED_S)):
            seed = _SEED + 20 * number + index
            result = bench.result(dance, with_fault(dance, seed, wrong_limb=wrong(injected, other)))
            named.append(_is_named(injected, result))
            placed.append(_is_placed(dance, injected, result))
            if not named[-1]:
                missed.append(_in_words(dance, injected, result))
    return {"findings_limb_named": _mean(named), "findings_right_counts": _mean(placed)}, missed


def _course(
    bench: Bench,
    dance: Dance,
    fault: str,
    amounts: Sequence[float],
    part: str,
    limb: str | None,
    take: Callable[[float], PoseTrack],
) -> list[Step]:
    results = [bench.result(dance, take(amount), known_start=True) for amount in amounts]
    totals = [result.score for result in results]
    parts = [getattr(result.parts, part) for result in results]
    limbs = [next((each.score for each in result.limbs if each.limb == limb), None) for result in results]
    return [
        Step(fault, dance.name, amounts[place], *(_fall(values, place) for values in (totals, parts, limbs)))
        for place in range(1, len(amounts))
    ]


def _fall(values: Sequence[float | None], place: int) -> float | None:
    """What a value lost at this step. A score that is refused because of the fault has lost all it had."""
    before, after = values[place - 1], values[place]
    return None if before is None else before - (after or 0.0)


def _late(dance: Dance, seed: int) -> Callable[[float], PoseTrack]:
    return lambda late_ms: with_fault(dance, seed, late_s=late_ms / 1000)


def _sized(dance: Dance, seed: int) -> Callable[[float], PoseTrack]:
    return lambda size: with_fault(dance, seed, size=size)


def _wrong_for(dance: Dance, other: Dance, limb: str, seed: int) -> Callable[[float], PoseTrack]:
    return lambda seconds: with_fault(
        dance, seed, **({"wrong_limb": wrong_for(dance, other, limb, seconds)} if seconds else {})
    )


def _other(bench: Bench, number: int) -> Dance:
    return bench.dances[(number + 1) % len(bench.dances)]


def _is_named(injected: Injected, result: ComparisonResult) -> bool:
    return any(
        finding.limb == injected.limb and finding.start_s < injected.end_s and finding.end_s > injected.start_s
        for finding in result.findings
    )


def _is_placed(dance: Dance, injected: Injected, result: ComparisonResult) -> bool:
    """Whether a finding of that limb says this eight and, to one count, these counts."""
    true = dance.map.place_of(injected.start_s, injected.end_s)
    return any(
        finding.limb == injected.limb
        and (finding.place.section, finding.place.eight) == (true.section, true.eight)
        and abs((finding.place.first_count or 0) - (true.first_count or 0)) <= 1
        and abs((finding.place.last_count or 0) - (true.last_count or 0)) <= 1
        for finding in result.findings
    )


def _in_words(dance: Dance, injected: Injected, result: ComparisonResult) -> str:
    return f"{dance.name}: {injected.limb} {injected.start_s:.1f}-{injected.end_s:.1f} s, found " + (
        ", ".join(f"{each.limb} {each.kind} {each.start_s:.1f}-{each.end_s:.1f}" for each in result.findings) or "-"
    )


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if len(values) else float("nan")
