"""Taking the jitter out of keypoints without making the dancer late.

A clip is known whole, so what comes after a frame tells as much about it as what came before: a smoothing spline looks
both ways and is never late. How much it smooths follows the movement: a pose that is held is calmed, a hit is left alone.

`one_euro` is the causal filter for pictures that are still coming in (Casiez, Roussel and Vogel, "1 EUR filter: a simple
speed-based low-pass filter for noisy input in interactive systems", CHI 2012). docs/pose.md has both measured against the
truth of rendered dancers.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solveh_banded

Floats = NDArray[np.float64]

_LONGEST_STEP = 2.0
"""A frame stands for the time around it, but for no more than so many usual steps where frames are missing."""


@dataclass(frozen=True)
class SplineConfig:
    """Half of a swing at the cut-off is left. It goes from `calm_hz` at rest towards `quick_hz`, and is half-way there
    where the point accelerates by `half_way_at` scale units a second squared, looked at through `look_hz` and averaged
    over about 1 / `average_hz` seconds.
    """

    calm_hz: float = 2.0
    quick_hz: float = 10.0
    half_way_at: float = 6.0
    look_hz: float = 5.0
    average_hz: float = 1.5


@dataclass(frozen=True)
class OneEuroConfig:
    """`min_cutoff_hz` at rest; plus `beta` Hz for each scale unit a second of speed; `d_cutoff_hz` for the speed."""

    min_cutoff_hz: float = 0.05
    beta: float = 80.0
    d_cutoff_hz: float = 1.0


def smooth_positions(t_s: Floats, values: Floats, scale: Floats, config: SplineConfig | None = None) -> Floats:
    """A smoothing spline whose stiffness follows the movement, the same forwards and backwards.

    Minimises the sum over frames of h (f - y)^2 plus the integral of f''^2 / w^4, h being the time that a frame stands
    for and w = 2 pi times the cut-off; the discrete form of C. Reinsch, "Smoothing by Spline Functions", 1967. Steady
    movement passes unchanged. Frames may come at any times.

    Parameters
    ----------
    t_s : (T,)
        Strictly increasing seconds.
    values : (T, ..., C)
        Finite positions of points with C coordinates; those of one point are smoothed alike, by the acceleration in the
        first two (the third is the depth, which is mostly noise).
    scale : (T,)
        Length of one scale unit (the side of the dancer's region) in the unit of `values`, above 0.

    Returns
    -------
    (T, ..., C) smoothed positions.
    """
    config = config or SplineConfig()
    if len(t_s) < 3:
        return np.array(values, dtype=np.float64)
    points = np.asarray(values, dtype=np.float64).reshape(len(t_s), -1, values.shape[-1])
    cutoff_hz = _cutoffs(t_s, points[..., :2] / scale[:, None, None], config)
    smoothed = np.empty_like(points)
    for point in range(points.shape[1]):
        smoothed[:, point] = _spline(t_s, points[:, point], cutoff_hz[:, point])
    return smoothed.reshape(values.shape)


def _cutoffs(t_s: Floats, units: Floats, config: SplineConfig) -> Floats:
    """(T, K) Hz for points (T, K, 2) in scale units."""
    calm = _spline(t_s, units.reshape(len(t_s), -1), np.full(len(t_s), config.look_hz)).reshape(units.shape)
    speed = np.gradient(calm, t_s, axis=0)
    acceleration = np.linalg.norm(np.gradient(speed, t_s, axis=0), axis=2)
    acceleration = np.maximum(0.0, _spline(t_s, acceleration, np.full(len(t_s), config.average_hz)))
    quick = acceleration / (acceleration + config.half_way_at)
    return np.asarray(config.calm_hz + (config.quick_hz - config.calm_hz) * quick)


def _spline(t_s: Floats, values: Floats, cutoff_hz: Floats) -> Floats:
    """(T, C) the smoothing spline of `values` at the frames; T >= 3. The cut-off (T,) may change over time."""
    step = np.diff(t_s)
    usual = float(np.median(step))
    stands_for = np.concatenate([step[:1], (step[1:] + step[:-1]) / 2, step[-1:]]).clip(max=_LONGEST_STEP * usual)
    # The second difference of a swing is less than its second derivative by this much; no cut-off above half the rate.
    reach = 2 * np.sin(np.minimum(2 * np.pi * cutoff_hz[1:-1] * usual, np.pi) / 2) / usual
    span = step[1:] + step[:-1]
    bend = np.stack([2 / (span * step[:-1]), -2 / (step[1:] * step[:-1]), 2 / (span * step[1:])])
    stiffness = span / 2 / reach**4
    bands = np.zeros((3, len(t_s)))  # the upper half of the matrix, its diagonal last
    for row in range(3):
        for column in range(row, 3):
            bands[2 - (column - row), column : len(t_s) - 2 + column] += stiffness * bend[row] * bend[column]
    bands[2] += stands_for
    return np.asarray(solveh_banded(bands, stands_for[:, None] * values))


def one_euro(t_s: Floats, values: Floats, scale: Floats, config: OneEuroConfig) -> Floats:
    """The causal filter, as MediaPipe has it (the speed is that of the raw values), for `values` (T, ...).

    Only what came before a frame counts, so slow movements come late. Otherwise as `smooth_positions`.
    """
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
