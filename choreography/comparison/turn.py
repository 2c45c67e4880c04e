"""The turn between two cameras: found where depth is known, and taken out.

Both dancers move alike, but one is filmed from another side or height, or with a tilted phone. The attempt's vectors
in space a (N, S, 3) are turned by one rotation R so that their picture P R a lies nearest to the guide's vectors g
(N, S, 2), P dropping the depth:

    cost(R) = sum w |g - P R a|^2 / sum w |g|^2 + prior(angles)

Depth is the least exact of the three axes, and only its sine enters, so a take filmed from the guide's side keeps its
exact picture. The prior holds the turn at nothing where the movement does not tell. The range is limited: a dancer who
faces the wrong wall dances wrong.

The cost needs only the moments sum w g a^T and sum w a a^T, so trying thousands of turns is cheap.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from choreography.comparison.config import ScoringConfig
from choreography.comparison.normalise import WEIGHTS, Movement

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Turn:
    """Degrees by which the attempt is turned to be seen as the guide is: about the vertical, the picture's horizontal,
    and the line of sight."""

    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0

    @property
    def matrix(self) -> Floats:
        return np.asarray(_matrices(np.array([[self.yaw_deg, self.pitch_deg, self.roll_deg]]))[0])


NO_TURN = Turn()
_STEPS_DEG = np.array([[10.0, 5.0, 4.0], [2.5, 1.25, 1.0], [0.6, 0.3, 0.25]])


def find_turn(shown: Movement, danced: Movement, config: ScoringConfig) -> Turn:
    """The turn that brings `danced` nearest to `shown` (N rows each, corresponding moments).

    No turn where the attempt's depth is not known or nothing is seen by both.
    """
    if danced.depth is None:
        return NO_TURN
    weights = np.where(shown.seen & danced.seen, WEIGHTS, 0.0)
    space = np.concatenate([danced.vectors, danced.depth[..., None]], axis=-1)
    across = np.einsum("nsi,nsj,ns->ij", shown.vectors, space, weights, optimize=True)
    within = np.einsum("nsi,nsj,ns->ij", space, space, weights, optimize=True)
    size = float((weights * (shown.vectors**2).sum(axis=-1)).sum())
    if size <= 0:
        return NO_TURN
    seconds = float(weights.sum() / WEIGHTS.sum() / config.rate_hz)
    prior = config.turn_prior * max(1.0, config.turn_told_s / max(seconds, 1.0))
    best = np.zeros(3)
    limits = np.array([config.max_yaw_deg, config.max_pitch_deg, config.max_roll_deg])
    for number, step in enumerate(_STEPS_DEG):
        tries = best + _grid(np.floor(limits / step) if number == 0 else np.full(3, 4.0), step)
        tries = np.clip(tries, -limits, limits)
        best = tries[np.argmin(_costs(tries, across, within, size, prior * (tries / limits) ** 2))]
    return Turn(*(float(angle) for angle in best))


def turned(danced: Movement, turn: Turn, config: ScoringConfig) -> Movement:
    """The movement as the guide's camera would have seen it."""
    if danced.depth is None or turn == NO_TURN:
        return danced
    space = np.concatenate([danced.vectors, danced.depth[..., None]], axis=-1) @ turn.matrix.T
    vectors = np.where(danced.seen[..., None], space[..., :2], 0.0)
    length = np.linalg.norm(vectors, axis=-1)
    fullness = np.where(danced.seen, np.clip(length / config.full_length_share, 0.0, 1.0), 0.0)
    return Movement(danced.t_s, vectors, danced.seen, fullness, space[..., 2])


def _grid(reach: Floats, step: Floats) -> Floats:
    """(K, 3) angles around 0, so many steps to each side."""
    axes = [np.arange(-count, count + 1) * width for count, width in zip(reach, step, strict=True)]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)


def _costs(angles_deg: Floats, across: Floats, within: Floats, size: float, prior: Floats) -> Floats:
    flat = _matrices(angles_deg)[:, :2]
    fits = np.einsum("kij,ij->k", flat, across)
    length = np.einsum("kij,jl,kil->k", flat, within, flat)
    return np.asarray((length - 2 * fits) / size + prior.sum(axis=1))


def _matrices(angles_deg: Floats) -> Floats:
    """(K, 3, 3) rotations: first about the vertical, then the picture's horizontal, then the line of sight."""
    (cy, cp, cr), (sy, sp, sr) = np.cos(np.radians(angles_deg)).T, np.sin(np.radians(angles_deg)).T
    zero, one = np.zeros_like(cy), np.ones_like(cy)
    yaw = np.array([[cy, zero, sy], [zero, one, zero], [-sy, zero, cy]])
    pitch = np.array([[one, zero, zero], [zero, cp, sp], [zero, -sp, cp]])
    roll = np.array([[cr, -sr, zero], [sr, cr, zero], [zero, zero, one]])
    return np.asarray(np.einsum("ijk,jlk,lmk->kim", roll, pitch, yaw))
