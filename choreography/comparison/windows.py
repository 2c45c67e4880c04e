"""Sliding windows over movements, and the numbers that timing and extent depend on.

Frames are summed into blocks of `hop` frames, windows are sums of blocks, and what a window says is handed back to
every frame by straight lines between the windows' centres. Nothing here knows about segments or limbs.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class TimingConfig:
    """How lags are measured. Times in seconds; movement in shares of a segment's length.

    Evidence is counted in nats: the log-likelihood that one lag explains more than another.
    """

    max_lag_s: float = 0.667
    """Further than this nobody is called late: it would be another beat."""
    hop_s: float = 0.2
    window_s: float = 1.4
    limb_window_s: float = 2.2
    """One limb alone says less in the same time than the whole body."""
    slope_s: float = 0.2
    """Movement is read as change over this time: posture and slow turns drop out, the moment of a move stands out."""
    still_change: float = 0.04
    """A segment that changes by less than this over `slope_s` is as still as a tracked joint can be."""
    independent_hz: float = 4.0
    """How often a second a dancer's deviation from the guide is drawn anew: one window is no more samples than that."""
    closest: float = 0.03
    """Share of the variance that even the same movement leaves unexplained; keeps one segment from deciding alone."""

    change_cost_per_s: float = 12.0
    """Nats for a lag that changes by one second; jumping by a beat has to pay."""
    stray_cost_per_s: float = 0.25
    """Nats a window for each second away from the take's overall lag: settles what repeats."""
    follow_cost_per_s: float = 1.0
    """Nats a window for each second that a limb departs from the body."""
    unrelated_share: float = 0.2
    """Share of the variance that unrelated movement explains at its best lag."""
    unrelated_limb_share: float = 0.36
    wander_s: float = 0.08
    """Standard deviation by which a dancer's lag wanders within a second."""
    doubt_cost: float = 2.0
    """Nats for the step from related to unrelated and back."""

    faint_match: float = 0.4
    full_match: float = 0.65
    """Correlation of the change at which a lag begins to mean something, and at which it is sure."""
    full_error_s: float = 0.025
    faint_error_s: float = 0.08
    """Standard error at which a lag is sure, and at which it means nothing any more."""
    min_sureness: float = 0.25

    pace_points: int = 240
    min_pace_s: float = 12.0
    """Of known lag; less does not tell a drift from a slip."""
    min_pace_ms_per_minute: float = 30.0
    min_pace_drift_s: float = 0.03
    """Less drift than this through the whole take nobody hears."""
    min_pace_agreement: float = 0.4
    """Kendall's tau between lag and time from which a drift is clear."""


@dataclass(frozen=True)
class ExtentConfig:
    """How the size and the energy of movements are measured. Movement in shares of a segment's length."""

    hop_s: float = 0.2
    window_s: float = 4.0
    """Shorter windows hold too little of a slow phrase to tell its size."""
    min_window_share: float = 0.25
    """Share of the window that both must show."""

    min_match: float = 0.6
    """Below this correlation the learner does something else, and its size against the guide's has no meaning."""
    min_movement: float = 0.06
    """Root mean square distance from the mean below which a limb of the guide stands still."""
    instrument_s: float = 0.067
    """A movement this much earlier and later stands in for itself: its jitter is not the same there."""
    min_instrument: float = 0.3
    """Share of the guide's movement that must last over `instrument_s`; the rest is as fast as jitter."""

    slope_s: float = 0.13
    """Speeds are changes over this time: shorter ones are jitter of the joints."""
    peak: float = 0.95
    """The quantile of the speeds in a window that is called its peak; the fastest frame of all is often a slip."""
    min_peak_speed: float = 0.6
    """Lengths a second; a limb of the guide that is never faster has no sharpness to follow."""
    most_ratio: float = 4.0


def change(vectors: Floats, seen: Bools, slope_s: float, rate_hz: float) -> tuple[Singles, Singles]:
    """(N, S, 2) change of the vectors over `slope_s` about each frame, and (N, S) 1 where all of it is seen, else 0.

    Means of the frames before and after are subtracted, so that jitter of the joints weighs less: `side` frames each
    have their centres side + 1 frames apart.
    """
    side = max(round(slope_s * rate_hz) - 1, 1)
    frames = len(vectors)
    moved = np.zeros(vectors.shape, dtype=np.float32)
    known = np.zeros(seen.shape, dtype=np.float32)
    if frames <= 2 * side:
        return moved, known
    singles = vectors.astype(np.float32)
    inner = slice(side, frames - side)
    whole = seen[inner].copy()
    for step in range(1, side + 1):
        ahead, behind = slice(side + step, frames - side + step), slice(side - step, frames - side - step)
        moved[inner] += (singles[ahead] - singles[behind]) / side
        whole &= seen[ahead] & seen[behind]
    known[inner] = whole
    return moved * known[..., None], known


def blocks(frames: Singles, hop: int) -> Singles:
    """(B, ...) sums of `hop` consecutive rows of (N, ...); the last block may be short."""
    short = -len(frames) % hop
    if short:
        frames = np.concatenate([frames, np.zeros((short, *frames.shape[1:]), dtype=frames.dtype)])
    return np.asarray(frames.reshape(-1, hop, *frames.shape[1:]).sum(axis=1))


def windowed(sums: Singles, width: int) -> Singles:
    """(B, ...) sums of the `width` (odd) blocks around each block, fewer at the ends.

    Added block by block: differences of running sums would leave rounding errors where there is nothing.
    """
    total = sums.copy()
    for step in range(1, min(width // 2, len(sums) - 1) + 1):
        total[step:] += sums[:-step]
        total[:-step] += sums[step:]
    return total


def odd_width(window_s: float, hop_s: float) -> int:
    """Blocks in a window, an odd number."""
    return 2 * max(round((window_s / hop_s - 1) / 2), 0) + 1


def to_frames(values: Floats, hop: int, frames: int) -> Floats:
    """(N, ...) from (B, ...) at the blocks' centres, by straight lines; NaN reaches no further than its own blocks."""
    centre = (np.arange(frames) - (hop - 1) / 2) / hop
    left = np.clip(np.floor(centre).astype(int), 0, max(len(values) - 2, 0))
    right = np.minimum(left + 1, len(values) - 1)
    share = np.clip(centre - left, 0.0, 1.0).reshape(-1, *([1] * (values.ndim - 1)))
    own = np.minimum(np.arange(frames) // hop, len(values) - 1)
    between = values[left] * (1 - share) + values[right] * share
    return np.where(np.isfinite(between), between, values[own])
