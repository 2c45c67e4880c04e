"""How alike two movements are, frame by frame at one alignment.

Conventions: `guide` and `attempt` are movements at corresponding times (N, S); a segment of a frame is judged only
where both show it. A segment that the guide points at the camera shows little in the picture and counts for less.

A mean direction error alone does not separate a right dance from a wrong one, because bodies stand much alike: an
amateur's right dance and a clip of another dance can both be 25 degrees off. Two measures do separate:

- match: correlation of the limb vectors about their own means. 1 = the same movement, 0 = unrelated.
- closeness: 1 - error / chance, where chance is the error that this very pair gives when its timing is wrong.
"""

import math

import numpy as np

from choreography.comparison.config import ScoringConfig
from choreography.comparison.normalise import IN_LIMB, LIMBS, WEIGHTS, Bools, Floats, Movement

LARGE: Bools = WEIGHTS >= 0.5
GROUPS: Bools = np.stack([np.ones(len(WEIGHTS), dtype=bool), *(IN_LIMB[limb] for limb in LIMBS)])
"""(1 + L, S): the whole body, then each limb."""


class ComparisonError(ValueError):
    """What was asked to be compared cannot be. `code` is stable; the message is for developers."""

    code = "bad_comparison"


def validate(guide: Movement, attempt: Movement) -> None:
    """Raises ComparisonError unless both movements have the same frames and finite vectors."""
    if guide.vectors.shape != attempt.vectors.shape:
        raise ComparisonError(f"shapes differ: {guide.vectors.shape} and {attempt.vectors.shape}")
    if not (np.isfinite(guide.vectors).all() and np.isfinite(attempt.vectors).all()):
        raise ComparisonError("vectors are not finite")


def shown_weights(guide: Movement, config: ScoringConfig) -> Floats:
    """(N, S) how much each segment counts where both show it; 0 where the guide does not."""
    full = config.least_fullness + (1.0 - config.least_fullness) * guide.fullness
    return np.where(guide.seen, WEIGHTS * full, 0.0)


def direction_error_deg(guide: Movement, attempt: Movement) -> Floats:
    """(N, S) how far the segments point apart, 0..180; to be read only where both are in view.

    The angle whose chord is the distance between the two vectors: for segments in the picture's plane the angle
    between them, and little where both point at the camera, whose direction in the picture is then noise.
    """
    return _apart_deg(guide.vectors, attempt.vectors)


def chance_error_deg(guide: Movement, attempt: Movement, weights: Floats, config: ScoringConfig) -> Floats:
    """(1 + L,) mean error of the body and each limb when the timing is wrong: the median over shifts in a circle.

    The same frames are compared, only in another order, so posture, body and camera are the same as in the true
    error. `weights` (N, S) are the guide's. NaN where a limb is never seen by both.
    """
    step = max(1, round(config.chance_step_s * config.rate_hz))
    shown, weights = guide.rows(slice(None, None, step)), weights[::step]
    danced = attempt.rows(slice(None, None, step))
    rows = []
    for shift in _chance_shifts(len(shown.t_s), config.rate_hz / step, config):
        error = _apart_deg(shown.vectors, np.roll(danced.vectors, shift, axis=0))
        weight = np.where(np.roll(danced.seen, shift, axis=0), weights, 0.0)
        totals = weight.sum(axis=0) @ GROUPS.T
        errors = (error * weight).sum(axis=0) @ GROUPS.T
        rows.append(np.divide(errors, totals, out=np.full(len(GROUPS), np.nan), where=totals > 0))
    table = np.array(rows)
    return np.array([_median(column) for column in table.T])


def about_mean(vectors: Floats, seen: Bools) -> Floats:
    """(N, S, D) vectors less each segment's mean over the frames in which it is seen; 0 where it is not."""
    count = np.maximum(seen.sum(axis=0), 1)[:, None]
    mean = (vectors * seen[..., None]).sum(axis=0) / count
    return np.where(seen[..., None], vectors - mean, 0.0)


def chance_level(in_1s: float, judged_s: float, config: ScoringConfig) -> float:
    """What unrelated dances reach by chance in `judged_s` seconds, given what they reach in one.

    The best of many offsets always matches a little, and better in a short clip: the spread of a correlation falls
    with the root of the number of independent moments.
    """
    return min(in_1s / math.sqrt(judged_s), config.most_chance) if judged_s > 0 else config.most_chance


def above_chance(value: Floats, chance: float) -> Floats:
    """Agreement beyond chance in [0, 1], as Cohen's kappa has it: 1 stays 1, chance and less become 0."""
    return np.clip((value - chance) / (1.0 - chance), 0.0, 1.0)


def judged_s(guide: Movement, attempt: Movement, config: ScoringConfig) -> float:
    """Seconds of a whole body that both show: a second of half a body counts for half a second."""
    return float((WEIGHTS * (guide.seen & attempt.seen)).sum() / WEIGHTS.sum() / config.rate_hz)


def movement_size(movement: Movement, frames: Bools) -> Floats:
    """(1 + L,) root mean square distance of the vectors from their mean, of the body and each limb.

    `frames` (N, S) are those looked at. NaN where nothing is seen.
    """
    seen = movement.seen & frames
    squares = WEIGHTS * (about_mean(movement.vectors, seen) ** 2).sum(axis=(0, 2))
    counts = (WEIGHTS * seen.sum(axis=0)) @ GROUPS.T
    mean = np.divide(squares @ GROUPS.T, counts, out=np.full(len(GROUPS), np.nan), where=counts > 0)
    return np.asarray(np.sqrt(mean))


def coverage(guide: Movement, attempt: Movement) -> Floats:
    """(1 + L,) share of what the guide shows that the attempt shows too; 0 where the guide shows nothing."""
    shown = (WEIGHTS * guide.seen.sum(axis=0)) @ GROUPS.T
    judged = (WEIGHTS * (guide.seen & attempt.seen).sum(axis=0)) @ GROUPS.T
    return np.divide(judged, shown, out=np.zeros(len(GROUPS)), where=shown > 0)


def replay_error_deg(guide: Movement, attempt: Movement) -> float:
    """Median direction error of the large segments; NaN if none is seen by both.

    The engine reads the same footage again, encoded anew, darker or at half its frames, to within about 2 degrees;
    nobody dances twice so alike.
    """
    error = direction_error_deg(guide, attempt)[:, LARGE]
    return _median(error[(guide.seen & attempt.seen)[:, LARGE]])


def replay_bias_deg(guide: Movement, attempt: Movement) -> float:
    """How far a typical segment (the median one) points elsewhere on the whole, all moments together.

    Another body that is driven by the very same motion shows itself by this: its joints lie elsewhere in it. NaN if
    nothing is seen by both.
    """
    both = (guide.seen & attempt.seen)[..., None]
    count = both.sum(axis=0)
    apart = ((attempt.vectors - guide.vectors) * both).sum(axis=0) / np.maximum(count, 1)
    return _median(np.degrees(np.linalg.norm(apart, axis=-1))[count[:, 0] > 0])


def build_difference(guide_lengths: Floats, attempt_lengths: Floats) -> float:
    """Spread of the logarithms of the ratios between two bodies' large segments (S,), whatever their sizes in the picture.

    0 for one body; NaN if they have none in common.
    """
    ratios = (np.log(guide_lengths) - np.log(attempt_lengths))[LARGE]
    known = ratios[np.isfinite(ratios)]
    return float(known.std()) if len(known) else float("nan")


def _apart_deg(one: Floats, other: Floats) -> Floats:
    half = 0.5 * np.linalg.norm(one - other, axis=-1)
    return np.degrees(2.0 * np.arcsin(np.minimum(half, 1.0)))


def _chance_shifts(frames: int, rate_hz: float, config: ScoringConfig) -> list[int]:
    least = min(round(config.min_chance_shift_s * rate_hz), frames // 2)
    return sorted({round(shift) for shift in np.linspace(least, frames - least, config.chance_shifts)})


def _median(values: Floats) -> float:
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else float("nan")
