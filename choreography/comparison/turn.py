"""The turn between two cameras: found where depth is known, and taken out.

Both dancers move alike, but one is filmed from another side or height, or with a tilted phone. The attempt's vectors
in space a (N, S, 3) are turned by one rotation R so that their picture P R a lies nearest to the guide's vectors g
(N, S, 2), P dropping the depth:

    cost(R) = sum w |g - P R a|^2 / sum w |g|^2 + prior(angles)

Depth is the least exact of the three axes, and only its sine enters, so a take filmed from the guide's side keeps its
exact picture. The prior holds the turn at nothing where the movement does not tell. The range is limited: a dancer who
faces the wrong wall dances wrong.

The cost needs only the moments sum w g a^T and sum w a a^T, so trying thousands of turns is cheap.

One turn is found for the whole take. A dancer who walks across the picture, or a camera that is carried, changes it
slowly: the yaw of every window of some seconds is then looked for near the take's, and drawn to it.
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
    moments = _moments(shown, danced)
    if moments is None or moments.size.sum() <= 0:
        return NO_TURN
    prior = config.turn_prior * max(1.0, config.turn_told_s * config.rate_hz / max(float(moments.frames.sum()), 1.0))
    across, within, size = moments.across.sum(axis=0), moments.within.sum(axis=0), float(moments.size.sum())
    best = np.zeros(3)
    limits = np.array([config.max_yaw_deg, config.max_pitch_deg, config.max_roll_deg])
    for number, step in enumerate(_STEPS_DEG):
        tries = best + _grid(np.floor(limits / step) if number == 0 else np.full(3, 4.0), step)
        tries = np.clip(tries, -limits, limits)
        costs = _costs(tries, across[None], within[None], np.array([size]))[:, 0]
        best = tries[np.argmin(costs + prior * ((tries / limits) ** 2).sum(axis=1))]
    return Turn(*(float(angle) for angle in best))


def wandering_yaw_deg(shown: Movement, danced: Movement, turn: Turn, config: ScoringConfig) -> Floats:
    """(N,) the yaw at each moment: the take's, and what the windows around say beyond it."""
    frames = len(shown.t_s)
    moments = _moments(shown, danced)
    hop = max(1, round(config.turn_hop_s * config.rate_hz))
    if moments is None or frames < 2 * hop:
        return np.full(frames, turn.yaw_deg)
    starts = np.arange(0, frames, hop)
    width = max(1, round(config.turn_window_s / config.turn_hop_s))
    sums = [_windowed(np.add.reduceat(part, starts, axis=0), width) for part in moments.parts]
    across, within, size, seen = sums
    off = np.arange(-config.max_wander_deg, config.max_wander_deg + 1e-6, 2.0)
    tries = np.stack([turn.yaw_deg + off, np.full_like(off, turn.pitch_deg), np.full_like(off, turn.roll_deg)], axis=1)
    prior = config.wander_prior * (off / config.max_wander_deg) ** 2
    costs = _costs(tries, across, within, np.maximum(size, 1e-9)) + prior[:, None]
    enough = seen >= 0.5 * hop * width * 0.5
    yaw_deg = turn.yaw_deg + np.where(enough, off[np.argmin(costs, axis=0)], 0.0)
    return np.interp(np.arange(frames), starts + 0.5 * hop, _windowed(yaw_deg, 5) / _windowed(np.ones_like(yaw_deg), 5))


def turned(danced: Movement, turn: Turn, config: ScoringConfig, yaw_deg: Floats | None = None) -> Movement:
    """The movement as the guide's camera would have seen it; `yaw_deg` (N,) where the yaw wanders."""
    if danced.depth is None or (turn == NO_TURN and yaw_deg is None):
        return danced
    space = np.concatenate([danced.vectors, danced.depth[..., None]], axis=-1)
    if yaw_deg is None:
        space = space @ turn.matrix.T
    else:
        angles = np.stack(
            [yaw_deg, np.full_like(yaw_deg, turn.pitch_deg), np.full_like(yaw_deg, turn.roll_deg)], axis=1
        )
        space = np.einsum("nij,nsj->nsi", _matrices(angles), space)
    vectors = np.where(danced.seen[..., None], space[..., :2], 0.0)
    length = np.linalg.norm(vectors, axis=-1)
    fullness = np.where(danced.seen, np.clip(length / config.full_length_share, 0.0, 1.0), 0.0)
    return Movement(danced.t_s, vectors, danced.seen, fullness, space[..., 2])


@dataclass(frozen=True, eq=False)
class _Moments:
    """Of each frame: sum w g a^T (N, 2, 3), sum w a a^T (N, 3, 3), sum w |g|^2 (N,), and the share of a body seen (N,)."""

    across: Floats
    within: Floats
    size: Floats
    frames: Floats

    @property
    def parts(self) -> tuple[Floats, Floats, Floats, Floats]:
        return self.across, self.within, self.size, self.frames


def _moments(shown: Movement, danced: Movement) -> _Moments | None:
    if danced.depth is None:
        return None
    weights = np.where(shown.seen & danced.seen, WEIGHTS, 0.0)
    space = np.concatenate([danced.vectors, danced.depth[..., None]], axis=-1)
    weighed = space * weights[..., None]
    return _Moments(
        across=np.swapaxes(shown.vectors, 1, 2) @ weighed,
        within=np.swapaxes(space, 1, 2) @ weighed,
        size=(weights * (shown.vectors**2).sum(axis=-1)).sum(axis=1),
        frames=weights.sum(axis=1) / WEIGHTS.sum(),
    )


def _windowed(values: Floats, width: int) -> Floats:
    """Sums over `width` neighbours in the middle of which each entry lies."""
    before = width // 2
    edges = [(before, width - 1 - before)] + [(0, 0)] * (values.ndim - 1)
    sums = np.cumsum(np.pad(values, edges), axis=0)
    first = np.concatenate([np.zeros_like(sums[:1]), sums])
    return np.asarray(first[width:] - first[:-width])


def _grid(reach: Floats, step: Floats) -> Floats:
    """(K, 3) angles around 0, so many steps to each side."""
    axes = [np.arange(-count, count + 1) * width for count, width in zip(reach, step, strict=True)]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)


def _costs(angles_deg: Floats, across: Floats, within: Floats, size: Floats) -> Floats:
    """(K, W) cost, but for a constant, of K turns in W windows."""
    flat = _matrices(angles_deg)[:, :2]
    fits = flat.reshape(len(flat), -1) @ across.reshape(len(across), -1).T
    squares = np.swapaxes(flat, 1, 2) @ flat
    length = squares.reshape(len(flat), -1) @ within.reshape(len(within), -1).T
    return np.asarray((length - 2 * fits) / size)


def _matrices(angles_deg: Floats) -> Floats:
    """(K, 3, 3) rotations: first about the vertical, then the picture's horizontal, then the line of sight."""
    (cy, cp, cr), (sy, sp, sr) = np.cos(np.radians(angles_deg)).T, np.sin(np.radians(angles_deg)).T
    zero, one = np.zeros_like(cy), np.ones_like(cy)
    yaw = np.array([[cy, zero, sy], [zero, one, zero], [-sy, zero, cy]])
    pitch = np.array([[one, zero, zero], [zero, cp, sp], [zero, -sp, cp]])
    roll = np.array([[cr, -sr, zero], [sr, cr, zero], [zero, zero, one]])
    return np.asarray(np.einsum("ijk,jlk,lmk->kim", roll, pitch, yaw))
