"""Taking the jitter out of keypoints without making the dancer late.

The one-euro filter (Casiez, Roussel and Vogel, "1 EUR filter: a simple speed-based low-pass filter for noisy input in
interactive systems", CHI 2012) smooths strongly what is slow and hardly what is fast. Being causal it lags behind the
slow movements. A clip is known whole, so here the filter runs from both ends and the mean of the two passes is taken:
what one pass makes late, the other makes early by as much. docs/pose.md has the measured lags.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class OneEuroConfig:
    """`min_cutoff_hz` at rest; plus `beta` Hz for each scale unit a second of speed; `d_cutoff_hz` for the speed."""

    min_cutoff_hz: float = 0.05
    beta: float = 80.0
    d_cutoff_hz: float = 1.0


def smooth_positions(t_s: Floats, values: Floats, scale: Floats, config: OneEuroConfig | None = None) -> Floats:
    """The one-euro filter without lag: the mean of a forward and a backward pass.

    Parameters
    ----------
    t_s : (T,)
        Strictly increasing seconds.
    values : (T, ...)
        Finite positions in pixels.
    scale : (T,)
        Length in pixels of one scale unit (the side of the dancer's region), above 0.

    Returns
    -------
    (T, ...) smoothed positions in pixels.
    """
    config = config or OneEuroConfig()
    forward = one_euro(t_s, values, scale, config)
    backward = one_euro(-t_s[::-1], values[::-1], scale[::-1], config)[::-1]
    return (forward + backward) / 2


def one_euro(t_s: Floats, values: Floats, scale: Floats, config: OneEuroConfig) -> Floats:
    """The causal filter, as MediaPipe has it (the speed is that of the raw values). See `smooth_positions`."""
    smoothed = np.array(values, dtype=np.float64)
    speed = np.zeros_like(smoothed[:1])[0] if len(values) else smoothed
    for frame in range(1, len(values)):
        elapsed_s = t_s[frame] - t_s[frame - 1]
        raw_speed = (values[frame] - values[frame - 1]) / (scale[frame] * elapsed_s)
        speed = speed + _share(config.d_cutoff_hz, elapsed_s) * (raw_speed - speed)
        share = _share(config.min_cutoff_hz + config.beta * np.abs(speed), elapsed_s)
        smoothed[frame] = smoothed[frame - 1] + share * (values[frame] - smoothed[frame - 1])
    return smoothed


def smooth_confidences(t_s: Floats, conf: Floats, time_constant_s: float = 0.1) -> Floats:
    """(T, ...) `conf` after a first-order low-pass run from both ends; stays in the range of what came in."""
    forward = _low_pass(t_s, conf, time_constant_s)
    backward = _low_pass(-t_s[::-1], conf[::-1], time_constant_s)[::-1]
    return (forward + backward) / 2


def _low_pass(t_s: Floats, values: Floats, time_constant_s: float) -> Floats:
    smoothed = np.array(values, dtype=np.float64)
    for frame in range(1, len(values)):
        keep = math.exp(-(t_s[frame] - t_s[frame - 1]) / time_constant_s)
        smoothed[frame] = keep * smoothed[frame - 1] + (1 - keep) * values[frame]
    return smoothed


def _share[Cutoff: (float, Floats)](cutoff_hz: Cutoff, elapsed_s: float) -> Cutoff:
    """Weight of the new value in a first-order low-pass."""
    return 1.0 / (1.0 + 1.0 / (2 * math.pi * cutoff_hz * elapsed_s))
