"""From measures to points: for every stretch of the dance, every limb, and as a whole.

For a stretch and a limb, or the whole body,

    shape = knots((closeness above chance + match above chance) / 2), the body's drawn some way to its limbs'
    score = shape * (1 - a (1 - timing / 100)) * (1 - b (1 - size / 100))

so timing and size can take points away and never give any to a wrong shape. What cannot be judged takes nothing. The
total is the mean over the stretches, weighted by how much of each was judged, drawn some way to the worst of them. All
curves are fixed and have no flat stretch within their range; nothing is measured against the take's own extremes.
"""

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from choreography.comparison import metrics
from choreography.comparison.config import ScoringConfig
from choreography.comparison.counts import DanceMap
from choreography.comparison.evidence import Evidence
from choreography.comparison.metrics import GROUPS
from choreography.comparison.normalise import LIMBS, Bools, Floats
from choreography.comparison.result import (
    EightResult,
    Grade,
    LimbResult,
    PartScores,
    SectionResult,
    StretchScore,
    Timeline,
)

_LIMB_GROUPS = GROUPS[1:]
_WHOLE = 0
_LEAST_RATIO = 1e-3


@dataclass(frozen=True, eq=False)
class Judgement:
    """Points of R stretches for the body (column 0) and each limb; NaN where not judged.

    `weight` is what was judged, in segment-weights times frames; `lag_ms` the typical lag; `error_deg` the mean error.
    """

    shape: Floats
    timing: Floats
    size: Floats
    energy: Floats
    score: Floats
    lag_ms: Floats
    error_deg: Floats
    weight: Floats
    shown_weight: Floats

    def rows(self, which: Bools) -> "Judgement":
        return Judgement(*(getattr(self, part.name)[which] for part in fields(self)))


def judge_stretches(evidence: Evidence, stretch: NDArray[np.int64], config: ScoringConfig) -> Judgement:
    """Points of every stretch.

    Parameters
    ----------
    evidence : Evidence
    stretch : (N,) int
        Which stretch each frame belongs to, 0 to R - 1; -1 for none.
    """
    count = int(stretch.max(initial=-1)) + 1
    sums = _Sums(stretch, count)
    weight, shown_weight = sums.of(evidence.weights @ GROUPS.T), sums.of(evidence.shown_weights @ GROUPS.T)
    error_deg = _ratio(sums.of((evidence.weights * evidence.error_deg) @ GROUPS.T), weight)
    shape = _shape_points(evidence, error_deg, weight, sums, config)
    shape[weight < config.min_limb_coverage * shown_weight] = np.nan
    shape[:, _WHOLE] = _with_limbs(shape, weight, config)
    limb_weights = evidence.weights @ _LIMB_GROUPS.T
    timing = _mean_points(_lag_points(evidence.limb_lag_s, config), limb_weights, sums)
    size = _size_points(evidence.size_ratio, limb_weights, sums, config)
    energy = _size_points(evidence.energy_ratio, limb_weights, sums, config)
    spread = _both(size, energy, config.energy_share)
    score = shape * _kept(timing, config.most_timing_costs) * _kept(spread, config.most_size_costs)
    lag_ms = _mean_points(1000.0 * evidence.limb_lag_s, limb_weights, sums)
    return Judgement(shape, timing, spread, energy, score, lag_ms, error_deg, weight, shown_weight)


def total(judgement: Judgement, config: ScoringConfig, column: int = _WHOLE) -> StretchScore:
    """Over all stretches, each by what was judged of it: the mean, drawn some way to the worst of them."""
    weight = judgement.weight[:, column]
    points = [
        _with_worst(part[:, column], weight, config)
        for part in (judgement.score, judgement.shape, judgement.timing, judgement.size, judgement.energy)
    ]
    return StretchScore(points[0], PartScores(*points[1:]), _weighted(judgement.lag_ms[:, column], weight))


def limb_results(evidence: Evidence, judgement: Judgement, config: ScoringConfig) -> tuple[LimbResult, ...]:
    """A result for every limb, in the skeleton's order."""
    found = []
    for column, limb in enumerate(LIMBS, start=1):
        shown = float(judgement.shown_weight[:, column].sum())
        coverage = float(judgement.weight[:, column].sum()) / shown if shown > 0 else 0.0
        seen = coverage >= config.min_limb_coverage
        went = total(judgement, config, column) if seen else StretchScore()
        error = _weighted(judgement.error_deg[:, column], judgement.weight[:, column])
        found.append(LimbResult(limb, went, coverage, error, _typical(evidence.size_ratio[:, column - 1])))
    return tuple(found)


def eight_results(
    judgement: Judgement, spans: list[tuple[int, float, float]], dance: DanceMap, config: ScoringConfig
) -> tuple[EightResult, ...]:
    """One for each span (index, start, end); little judged ones have no score."""
    results = []
    enough = _enough(judgement, config)
    for row, (index, start_s, end_s) in enumerate(spans):
        limbs = {
            limb: _finite(judgement.score[row, column]) if enough[row] else None
            for column, limb in enumerate(LIMBS, start=1)
        }
        went = _row_score(judgement, row, _WHOLE) if enough[row] else StretchScore()
        results.append(EightResult(index, start_s, end_s, dance.place_of(start_s, end_s), went, limbs))
    return tuple(results)


def section_results(
    judgement: Judgement, spans: list[tuple[int, float, float]], dance: DanceMap, config: ScoringConfig
) -> tuple[SectionResult, ...]:
    """The sections of which something was judged, each over the stretches whose middle lies in it."""
    middles = np.array([0.5 * (start_s + end_s) for _, start_s, end_s in spans])
    results = []
    for index, part in enumerate(dance.sections):
        inside = (middles >= part.start_s) & (middles < part.end_s)
        went = total(judgement.rows(inside), config)
        if went.score is not None:
            results.append(SectionResult(index, part.kind, part.start_s, part.end_s, went))
    return tuple(results)


def worst(eights: tuple[EightResult, ...]) -> int | None:
    """Index of the eight with the lowest score; None where fewer than two have one."""
    scored = [(eight.went.score, index) for index, eight in enumerate(eights) if eight.went.score is not None]
    return min(scored)[1] if len(scored) > 1 else None


def error_bar(judged_s: float, coverage: float, confidence: float, config: ScoringConfig) -> float:
    """Points within which another filming of the same dancing nearly always falls (97 of 100 made-up ones).

    Four causes that do not know of each other, so their squares add: the engine, a short clip, what was out of view,
    and doubt where the take begins.
    """
    causes = (
        config.base_error,
        config.one_second_error / math.sqrt(max(judged_s, 1.0)),
        config.unseen_error * (1.0 - coverage),
        config.unsure_error * (1.0 - min(confidence / config.sure_confidence, 1.0)),
    )
    return math.sqrt(sum(cause**2 for cause in causes))


def grade_of(score: float, config: ScoringConfig) -> Grade:
    for least, grade in config.grades:
        if score >= least:
            return grade
    return config.grades[-1][1]


def timeline(evidence: Evidence, config: ScoringConfig) -> Timeline:
    """Mean error and lag of each step of guide time, as a whole and by limb."""
    t_s = evidence.t_s
    step = np.floor((t_s - t_s[0]) / config.timeline_step_s + 1e-6).astype(np.int64)
    sums = _Sums(step, int(step[-1]) + 1)
    weight = sums.of(evidence.weights @ GROUPS.T)
    error = _ratio(sums.of((evidence.weights * evidence.error_deg) @ GROUPS.T), weight)
    known = np.isfinite(evidence.lag_s)
    lag = _ratio(sums.of(np.where(known, evidence.lag_s, 0.0)[:, None]), sums.of(known[:, None].astype(float)))
    return Timeline(
        start_s=float(t_s[0]),
        step_s=config.timeline_step_s,
        error_deg=tuple(error[:, 0].tolist()),
        limb_error_deg={limb: tuple(error[:, column].tolist()) for column, limb in enumerate(LIMBS, start=1)},
        lag_ms=tuple((1000.0 * lag[:, 0]).tolist()),
    )


class _Sums:
    """Sums over the frames of each stretch."""

    def __init__(self, stretch: NDArray[np.int64], count: int) -> None:
        self._inside = stretch >= 0
        self._stretch = stretch[self._inside]
        self.count = count

    def of(self, values: Floats) -> Floats:
        """(R, Q) from (N, Q)."""
        return np.stack(
            [np.bincount(self._stretch, column[self._inside], minlength=self.count) for column in values.T], axis=1
        )


def _shape_points(evidence: Evidence, error_deg: Floats, weight: Floats, sums: _Sums, config: ScoringConfig) -> Floats:
    judged_s = float(evidence.weights.sum() / max(evidence.weights.max(axis=0).sum(), 1e-9) / config.rate_hz)
    chance = np.concatenate([[evidence.body_chance_deg], evidence.chance_deg])
    chance = np.maximum(np.nan_to_num(chance), config.least_chance_deg)
    floor = config.unseen_error_deg
    closeness = np.minimum((chance - error_deg) / (chance - floor), 1.0)
    by_chance = metrics.chance_level(config.chance_closeness_1s, judged_s, config)
    matched_by_chance = metrics.chance_level(config.chance_match_1s, judged_s, config)
    match, movement = _match(evidence, weight, sums, config)
    moved = 0.5 * (metrics.above_chance(closeness, by_chance) + metrics.above_chance(match, matched_by_chance))
    posture = np.clip(1.0 - (error_deg - floor) / (config.posture_zero_deg - floor), 0.0, 1.0)
    moves = 1.0 / (1.0 + (config.still_limb_movement / np.maximum(movement, 1e-9)) ** 2)
    quality = moves * moved + (1.0 - moves) * posture
    return np.interp(quality, config.quality_knots, config.score_knots)


def _with_limbs(shape: Floats, weight: Floats, config: ScoringConfig) -> Floats:
    """(R,) the body's shape, partly as a whole and partly as the mean of its limbs."""
    limbs, limb_weight = shape[:, 1:], np.where(np.isfinite(shape[:, 1:]), weight[:, 1:], 0.0)
    mean = _ratio((np.nan_to_num(limbs) * limb_weight).sum(axis=1), limb_weight.sum(axis=1))
    whole = shape[:, _WHOLE]
    return np.where(np.isfinite(mean), (1 - config.limbs_share) * whole + config.limbs_share * mean, whole)


def _match(evidence: Evidence, weight: Floats, sums: _Sums, config: ScoringConfig) -> tuple[Floats, Floats]:
    """(R, Q) correlation about the take's means, and the guide's movement (root mean square) over the whole take.

    Short stretches are joined by `match_memory_s` of the take's average, so that a held pose has a match too.
    """
    seen: Bools = evidence.weights > 0
    shown, danced = metrics.about_mean(evidence.shown, seen), metrics.about_mean(evidence.danced, seen)
    frames = [
        sums.of((evidence.weights * (one * other).sum(axis=-1)) @ GROUPS.T)
        for one, other in ((shown, danced), (shown, shown), (danced, danced))
    ]
    totals = np.maximum(weight.sum(axis=0), 1e-9)
    full = evidence.weights.sum(axis=0).max() / max(len(evidence.t_s), 1)
    memory = config.match_memory_s * config.rate_hz * weight.sum(axis=0) / max(len(evidence.t_s), 1) * min(full, 1.0)
    shared, square_g, square_a = (part + memory * part.sum(axis=0) / totals for part in frames)
    scale = np.sqrt(square_g * square_a)
    match = np.divide(shared, scale, out=np.zeros_like(scale), where=scale > 1e-9)
    movement = np.sqrt(frames[1].sum(axis=0) / totals)
    return match, np.broadcast_to(movement, match.shape)


def _lag_points(lag_s: Floats, config: ScoringConfig) -> Floats:
    return np.interp(1000.0 * np.abs(lag_s), config.lag_knots_ms, config.lag_points)


def _size_points(ratio: Floats, limb_weights: Floats, sums: _Sums, config: ScoringConfig) -> Floats:
    """(R, 1 + L) points of the typical ratio in each stretch: far and near of equal chance are no fault."""
    typical = np.exp(_mean_points(np.log(np.maximum(ratio, _LEAST_RATIO)), limb_weights, sums))
    return np.interp(typical, config.size_knots, config.size_points)


def _mean_points(points: Floats, limb_weights: Floats, sums: _Sums) -> Floats:
    """(R, 1 + L) weighted means of (N, L) points: of all limbs, and of each. NaN where none is known."""
    known = np.isfinite(points)
    weight = np.where(known, limb_weights, 0.0)
    value = sums.of(np.where(known, points, 0.0) * weight)
    weights = sums.of(weight)
    whole = _ratio(value.sum(axis=1, keepdims=True), weights.sum(axis=1, keepdims=True))
    return np.concatenate([whole, _ratio(value, weights)], axis=1)


def _both(size: Floats, energy: Floats, energy_share: float) -> Floats:
    return np.where(np.isfinite(energy), (1 - energy_share) * size + energy_share * energy, size)


def _kept(points: Floats, most: float) -> Floats:
    """The share that is kept; all where nothing is known."""
    return np.where(np.isfinite(points), 1.0 - most * (1.0 - points / 100.0), 1.0)


def _enough(judgement: Judgement, config: ScoringConfig) -> Bools:
    weight = judgement.weight[:, _WHOLE]
    usual = float(np.median(weight[weight > 0])) if (weight > 0).any() else 0.0
    return np.asarray((weight > 0) & (weight >= config.min_stretch_share * usual))


def _row_score(judgement: Judgement, row: int, column: int) -> StretchScore:
    at = (row, column)
    parts = PartScores(*(_finite(part[at]) for part in (judgement.shape, judgement.timing, judgement.size)))
    parts = PartScores(parts.shape, parts.timing, parts.size, _finite(judgement.energy[at]))
    return StretchScore(_finite(judgement.score[at]), parts, _finite(judgement.lag_ms[at]))


def _with_worst(points: Floats, weight: Floats, config: ScoringConfig) -> float | None:
    known = np.isfinite(points) & (weight > 0)
    if not known.any():
        return None
    order = np.argsort(points[known])
    points, weight = points[known][order], weight[known][order]
    reach = config.worst_share * weight.sum()
    counted = np.clip(reach - (np.cumsum(weight) - weight), 0.0, weight)
    mean, worst_mean = float(np.average(points, weights=weight)), float(np.average(points, weights=counted))
    return (1.0 - config.worst_weight) * mean + config.worst_weight * worst_mean


def _weighted(values: Floats, weight: Floats) -> float | None:
    known = np.isfinite(values) & (weight > 0)
    return float((values[known] * weight[known]).sum() / weight[known].sum()) if known.any() else None


def _typical(values: Floats) -> float | None:
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else None


def _ratio(value: Floats, weight: Floats) -> Floats:
    return np.divide(value, weight, out=np.full_like(value, np.nan), where=weight > 0)


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
