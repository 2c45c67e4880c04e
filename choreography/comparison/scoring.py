"""From measures to a score, limb by limb and as a whole.

quality is the mean of match and closeness, each as agreement beyond chance in [0, 1]: match asks whether it is the
same movement, closeness how exact it is against what wrong timing would give. A fixed, monotone curve through the
knots of the configuration turns quality into 0-100; it never saturates before quality 1. A limb that the guide hardly
moves has no movement to match, so its posture is judged instead, in proportion.
"""

from dataclasses import dataclass

import numpy as np

from choreography.comparison import metrics
from choreography.comparison.config import Grade, ScoringConfig
from choreography.comparison.normalise import IN_LIMB, LIMBS, Bools, Floats, Movement
from choreography.comparison.result import LimbResult, StretchScore, Timeline


@dataclass(frozen=True, eq=False)
class Evidence:
    """Everything measured on one aligned pair; dictionaries by limb and "all", NaN where nothing could be measured."""

    guide: Movement
    attempt: Movement
    error_deg: Floats
    weights: Floats
    mean_error_deg: dict[str, float]
    chance_error_deg: dict[str, float]
    match: dict[str, float]
    guide_size: dict[str, float]
    attempt_size: dict[str, float]
    coverage: dict[str, float]
    judged_s: float


def measure(guide: Movement, attempt: Movement, config: ScoringConfig) -> Evidence:
    """All measures of two movements at corresponding times. Raises ComparisonError if they do not correspond."""
    metrics.validate(guide, attempt)
    error_deg = metrics.direction_error_deg(guide, attempt)
    weights = metrics.judged_weights(guide, attempt)
    both = guide.seen & attempt.seen
    errors = {limb: metrics.mean_error_deg(error_deg[:, IN_LIMB[limb]], weights[:, IN_LIMB[limb]]) for limb in LIMBS}
    return Evidence(
        guide=guide,
        attempt=attempt,
        error_deg=error_deg,
        weights=weights,
        mean_error_deg={"all": metrics.mean_error_deg(error_deg, weights), **errors},
        chance_error_deg=metrics.chance_error_deg(guide, attempt, config),
        match=metrics.movement_match(guide, attempt),
        guide_size=metrics.movement_size(guide, both),
        attempt_size=metrics.movement_size(attempt, both),
        coverage=metrics.coverage(guide, attempt),
        judged_s=metrics.judged_s(guide, attempt, config),
    )


def total_score(evidence: Evidence, config: ScoringConfig) -> float:
    """0-100 over all limbs in view."""
    return score_of(_movement_quality(evidence, "all", config), config)


def limb_results(evidence: Evidence, config: ScoringConfig) -> tuple[LimbResult, ...]:
    """A result for every limb, in the skeleton's order."""
    return tuple(_limb_result(evidence, limb, config) for limb in LIMBS)


def score_of(quality: float, config: ScoringConfig) -> float:
    """0-100 for a quality in [0, 1]: straight lines through the knots of the configuration."""
    return float(np.interp(quality, config.quality_knots, config.score_knots))


def grade_of(score: float, config: ScoringConfig) -> Grade:
    for least, grade in config.grades:
        if score >= least:
            return grade
    return config.grades[-1][1]


def timeline(evidence: Evidence, config: ScoringConfig) -> Timeline:
    """Mean error of each step of guide time, as a whole and by limb."""
    t_s = evidence.guide.t_s
    step = np.floor((t_s - t_s[0]) / config.timeline_step_s + 1e-6).astype(int)
    everything = np.ones(evidence.error_deg.shape[1], dtype=bool)

    def by_step(which: Bools) -> tuple[float, ...]:
        weight = evidence.weights[:, which].sum(axis=1)
        error = (evidence.error_deg[:, which] * evidence.weights[:, which]).sum(axis=1)
        total, judged = np.bincount(step, error), np.bincount(step, weight)
        return tuple(np.divide(total, judged, out=np.full(len(total), np.nan), where=judged > 0).tolist())

    return Timeline(
        start_s=float(t_s[0]),
        step_s=config.timeline_step_s,
        error_deg=by_step(everything),
        limb_error_deg={limb: by_step(IN_LIMB[limb]) for limb in LIMBS},
    )


def _limb_result(evidence: Evidence, limb: str, config: ScoringConfig) -> LimbResult:
    error_deg = evidence.mean_error_deg[limb]
    coverage = evidence.coverage[limb]
    if coverage < config.min_limb_coverage or not np.isfinite(error_deg):
        return LimbResult(limb, StretchScore(), coverage, error_deg if np.isfinite(error_deg) else None)
    moves = 1.0 / (1.0 + (config.still_limb_movement / max(evidence.guide_size[limb], 1e-9)) ** 2)
    posture = float(np.clip(1.0 - error_deg / config.posture_zero_deg, 0.0, 1.0))
    quality = moves * _movement_quality(evidence, limb, config) + (1.0 - moves) * posture
    return LimbResult(limb, StretchScore(score_of(quality, config)), coverage, error_deg)


def _movement_quality(evidence: Evidence, name: str, config: ScoringConfig) -> float:
    error_deg, chance_deg = evidence.mean_error_deg[name], evidence.chance_error_deg[name]
    closeness = 1.0 - error_deg / chance_deg if chance_deg > 0 else 0.0
    by_chance = metrics.chance_level(config.chance_closeness_1s, evidence.judged_s, config)
    matched_by_chance = metrics.chance_level(config.chance_match_1s, evidence.judged_s, config)
    return 0.5 * (
        metrics.above_chance(closeness, by_chance) + metrics.above_chance(evidence.match[name], matched_by_chance)
    )
