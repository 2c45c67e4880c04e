"""How alike two movements are, frame by frame at one alignment.

Conventions: `guide` and `attempt` are movements at corresponding times (N, S); a segment of a frame is judged only
where both show it. Directions count in proportion to the segment's weight and to how fully the guide shows it: a
limb that points at the camera has no direction worth judging.

A mean direction error alone does not separate a right dance from a wrong one, because bodies stand much alike: an
amateur's right dance and a clip of another dance can both be 25 degrees off. Two measures do separate:

- match: concordance of the limb vectors about their own means: correlation, less what movements of another size
  cost. 1 = the same movement, 0 = unrelated.
- closeness: 1 - error / chance, where chance is the error that this very pair gives when its timing is wrong.
"""

import math

import numpy as np

from choreography.comparison.config import ScoringConfig
from choreography.comparison.normalise import IN_LIMB, LIMBS, WEIGHTS, Bools, Floats, Movement

_NO_MOVEMENT = 1e-9


class ComparisonError(ValueError):
    """What was asked to be compared cannot be. `code` is stable; the message is for developers."""

    code = "bad_comparison"


def validate(guide: Movement, attempt: Movement) -> None:
    """Raises ComparisonError unless both movements have the same frames and finite vectors."""
    if guide.vectors.shape != attempt.vectors.shape:
        raise ComparisonError(f"shapes differ: {guide.vectors.shape} and {attempt.vectors.shape}")
    if not (np.isfinite(guide.vectors).all() and np.isfinite(attempt.vectors).all()):
        raise ComparisonError("vectors are not finite")


def judged_weights(guide: Movement, attempt: Movement) -> Floats:
    """(N, S) weight of each direction error; 0 where either dancer's segment is not in view."""
    return np.where(guide.seen & attempt.seen, WEIGHTS * guide.fullness, 0.0)


def direction_error_deg(guide: Movement, attempt: Movement) -> Floats:
    """(N, S) angle between the segments' directions, 0..180; to be read only where both are in view."""
    return _between(guide.angles_deg, attempt.angles_deg)


def mean_error_deg(error_deg: Floats, weights: Floats) -> float:
    """Weighted mean error; NaN without any weight."""
    total = float(weights.sum())
    return float((error_deg * weights).sum() / total) if total > 0 else float("nan")


def chance_error_deg(guide: Movement, attempt: Movement, config: ScoringConfig) -> dict[str, float]:
    """Mean error by limb, and for "all", when the timing is wrong: the median over shifts of the attempt in a circle.

    The same frames are compared, only in another order, so posture, body and camera are the same as in the true
    error. NaN where a limb is never seen by both.
    """
    frames = len(guide.t_s)
    shifts = _chance_shifts(frames, config)
    guide_deg, attempt_deg = guide.angles_deg, attempt.angles_deg
    weights = WEIGHTS * guide.fullness
    rows = []
    for shift in shifts:
        error = _between(guide_deg, np.roll(attempt_deg, shift, axis=0))
        weight = np.where(guide.seen & np.roll(attempt.seen, shift, axis=0), weights, 0.0)
        rows.append([mean_error_deg(error[:, which], weight[:, which]) for which in _groups().values()])
    table = np.array(rows)
    return {name: _median(table[:, column]) for column, name in enumerate(_groups())}


def movement_match(guide: Movement, attempt: Movement) -> dict[str, float]:
    """Concordance of the vectors about their own means, by limb and for "all", in [-1, 1]; 0 where nothing moves.

    2 cov / (var + var): Lin's concordance coefficient (Biometrics 45, 1989) without the shift of the means, because
    posture is judged by the directions. For the guide's movement at s times its size it is 2 s / (1 + s^2).
    """
    both = guide.seen & attempt.seen
    shown, danced = _about_mean(guide.vectors, both), _about_mean(attempt.vectors, both)
    shared = WEIGHTS * (shown * danced).sum(axis=(0, 2))
    squares = np.stack([WEIGHTS * (shown**2).sum(axis=(0, 2)), WEIGHTS * (danced**2).sum(axis=(0, 2))])
    return {name: _concordance(shared[which], squares[:, which]) for name, which in _groups().items()}


def chance_level(in_1s: float, judged_s: float, config: ScoringConfig) -> float:
    """What unrelated dances reach by chance in `judged_s` seconds, given what they reach in one.

    The best of many offsets always matches a little, and better in a short clip: the spread of a correlation falls
    with the root of the number of independent moments.
    """
    return min(in_1s / math.sqrt(judged_s), config.most_chance) if judged_s > 0 else config.most_chance


def above_chance(value: float, chance: float) -> float:
    """Agreement beyond chance in [0, 1], as Cohen's kappa has it: 1 stays 1, chance and less become 0."""
    return float(np.clip((value - chance) / (1.0 - chance), 0.0, 1.0))


def judged_s(guide: Movement, attempt: Movement, config: ScoringConfig) -> float:
    """Seconds of a whole body that both show: a second of half a body counts for half a second."""
    return float((WEIGHTS * (guide.seen & attempt.seen)).sum() / WEIGHTS.sum() / config.rate_hz)


def movement_size(movement: Movement, frames: Bools | None = None) -> dict[str, float]:
    """Root mean square distance of the vectors from their mean in torso lengths, by limb and for "all".

    `frames` (N, S) limits it to some segments of some frames. NaN where nothing is seen.
    """
    seen = movement.seen if frames is None else movement.seen & frames
    squares = WEIGHTS * (_about_mean(movement.vectors, seen) ** 2).sum(axis=(0, 2))
    counts = WEIGHTS * seen.sum(axis=0)
    return {
        name: float(np.sqrt(squares[which].sum() / counts[which].sum())) if counts[which].any() else float("nan")
        for name, which in _groups().items()
    }


def coverage(guide: Movement, attempt: Movement) -> dict[str, float]:
    """Share of what the guide shows that the attempt shows too, by limb and for "all"; 0 if the guide shows nothing."""
    shown = WEIGHTS * guide.seen.sum(axis=0)
    judged = WEIGHTS * (guide.seen & attempt.seen).sum(axis=0)
    return {
        name: float(judged[which].sum() / shown[which].sum()) if shown[which].any() else 0.0
        for name, which in _groups().items()
    }


def replay_residual(guide: Movement, attempt: Movement) -> float:
    """What is left of the guide's vectors when the attempt's, at their best size, are taken off, as a share.

    Practically 0 only for the same footage: another body has other proportions. NaN if nothing is seen by both.
    """
    both = (guide.seen & attempt.seen)[..., None]
    squares = float((guide.vectors**2 * both).sum()) * float((attempt.vectors**2 * both).sum())
    if squares <= 0:
        return float("nan")
    likeness = float((guide.vectors * attempt.vectors * both).sum()) ** 2 / squares
    return math.sqrt(max(1.0 - likeness, 0.0))


def _groups() -> dict[str, Bools]:
    return {"all": np.ones(len(WEIGHTS), dtype=bool), **{limb: IN_LIMB[limb] for limb in LIMBS}}


def _between(one_deg: Floats, other_deg: Floats) -> Floats:
    return np.abs((one_deg - other_deg + 180.0) % 360.0 - 180.0)


def _chance_shifts(frames: int, config: ScoringConfig) -> list[int]:
    least = min(round(config.min_chance_shift_s * config.rate_hz), frames // 2)
    return sorted({round(shift) for shift in np.linspace(least, frames - least, config.chance_shifts)})


def _about_mean(vectors: Floats, seen: Bools) -> Floats:
    """Vectors less each segment's mean over the frames in which it is seen; 0 where it is not."""
    count = np.maximum(seen.sum(axis=0), 1)[:, None]
    mean = (vectors * seen[..., None]).sum(axis=0) / count
    return np.where(seen[..., None], vectors - mean, 0.0)


def _concordance(shared: Floats, squares: Floats) -> float:
    size = 0.5 * float(squares.sum())
    return float(np.clip(shared.sum() / size, -1.0, 1.0)) if size > _NO_MOVEMENT else 0.0


def _median(values: Floats) -> float:
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else float("nan")
