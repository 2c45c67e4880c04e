"""Where a curve over time stands out, and for how long.

Conventions: curves are (N,) on an even time grid, NaN where nothing is known; stretches are half-open frame ranges
(first, last), in order and apart.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Stretch = tuple[int, int]

_MAD_TO_DEVIATION = 1.4826


def eased(values: Floats, weights: Floats, frames: int, least_weight: float) -> Floats:
    """Weighted mean of the `frames` (odd) around each moment; NaN where their mean weight is below `least_weight`.

    The window is symmetric and cut at the ends, so a step keeps its half height in its place.
    """
    weighed = np.where(weights > 0, values, 0.0) * weights
    total, weight = window_sum(weighed, frames), window_sum(weights, frames)
    count = window_sum(np.ones(len(weights)), frames)
    known = (weight > 1e-9) & (weight >= least_weight * count)
    return np.asarray(np.divide(total, weight, out=np.full(len(values), np.nan), where=known))


def window_sum(values: Floats, frames: int) -> Floats:
    """Sum of the `frames` (odd) around each moment along the first axis, cut at the ends."""
    reach = frames // 2
    sums = np.concatenate([np.zeros_like(values[:1]), np.cumsum(values, axis=0)])
    at = np.arange(len(values))
    return np.asarray(sums[np.minimum(at + reach + 1, len(values))] - sums[np.maximum(at - reach, 0)])


def typical(values: Floats) -> tuple[float, float]:
    """Median and standard deviation as the median deviation tells it; zeros where nothing is known."""
    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0, 0.0
    middle = float(np.median(known))
    return middle, _MAD_TO_DEVIATION * float(np.median(np.abs(known - middle)))


def bridged(values: Floats, frames: int) -> Floats:
    """Unknown stretches of up to `frames` filled by straight lines between what is known."""
    known = np.isfinite(values)
    if known.all() or not known.any():
        return values
    at = np.arange(len(values))
    filled = np.interp(at, at[known], values[known], left=np.nan, right=np.nan)
    for first, last in true_stretches(~known):
        if last - first > frames:
            filled[first:last] = np.nan
    return np.asarray(filled)


def true_stretches(mask: Bools) -> list[Stretch]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(first), int(last)) for first, last in zip(edges[::2], edges[1::2], strict=True)]


def merged(stretches: list[Stretch], gap: int) -> list[Stretch]:
    """Stretches that overlap or lie at most `gap` frames apart become one."""
    joined: list[Stretch] = []
    for first, last in sorted(stretches):
        if joined and first - joined[-1][1] <= gap:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def stretches_above(values: Floats, threshold: float, gap: int, least: int) -> list[Stretch]:
    """Stretches of at least `least` frames above the threshold; dips of up to `gap` frames do not end one."""
    with np.errstate(invalid="ignore"):
        found = merged(true_stretches(values > threshold), gap)
    return [(first, last) for first, last in found if last - first >= least]


def grown(found: list[Stretch], values: Floats, level: float, most_drop: float, gap: int) -> list[Stretch]:
    """The stretches with their edges where a curve's excess over `level` adds up to most, out from its peak.

    `values` may be a quicker curve than the one they were found on. A dip ends a stretch where it takes more than
    `most_drop` (level times frames) from what has been added up, else what lies behind it belongs to it too: a limb
    that dances something else passes by the right place now and then. (The maximal scoring segments of Ruzzo and
    Tompa, 1999, with the drop that ends them in Altschul et al., 1990.)
    """
    excess = np.nan_to_num(values - level)
    edged = []
    for first, last in found:
        peak = first + int(np.argmax(excess[first:last]))
        edged.append((peak - _reach(excess[:peak][::-1], most_drop), peak + 1 + _reach(excess[peak + 1 :], most_drop)))
    return merged(edged, gap)


def at_half_height(found: list[Stretch], values: Floats, base: float, frames: int) -> list[Stretch]:
    """The stretches with their edges moved in by at most `frames`, to where the curve reaches half its height.

    An eased step rises before it is there, and has half its height where it is.
    """
    return [_at_half_height(values, stretch, base, frames) for stretch in found]


def _at_half_height(values: Floats, stretch: Stretch, base: float, frames: int) -> Stretch:
    first, last = stretch
    inside = np.nan_to_num(values[first:last], nan=base)
    high = inside >= 0.5 * (base + float(np.median(inside)))
    begins, ends = (int(np.argmax(side)) for side in (high, high[::-1]))
    return first + min(begins, frames), last - min(ends, frames)


def _reach(excess: Floats, most_drop: float) -> int:
    """How many of the first values add up to most, before their sum falls by `most_drop`."""
    if not len(excess):
        return 0
    sums = np.concatenate([[0.0], np.cumsum(excess)])
    best = np.maximum.accumulate(sums)
    fallen = np.flatnonzero(best - sums > most_drop)
    end = int(fallen[0]) if len(fallen) else len(sums)
    return int(np.argmax(sums[:end]))


def overlap(one: Stretch, other: Stretch) -> float:
    """Frames in common as a share of the shorter stretch."""
    common = min(one[1], other[1]) - max(one[0], other[0])
    return max(common, 0) / max(min(one[1] - one[0], other[1] - other[0]), 1)
