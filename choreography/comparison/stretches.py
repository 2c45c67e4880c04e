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


def with_edges(found: list[Stretch], values: Floats, base: float, share: float, gap: int) -> list[Stretch]:
    """The stretches with their edges where the curve rises from `base` by a share of their own height.

    `values` may be a quicker curve than the one they were found on. Dips of up to `gap` frames do not end one.
    """
    edged = [edges for stretch in found for edges in _edged(values, stretch, base, share, gap)]
    return merged(edged, gap)


def _edged(values: Floats, stretch: Stretch, base: float, share: float, gap: int) -> list[Stretch]:
    inside = values[slice(*stretch)]
    if not np.isfinite(inside).any():
        return [stretch]
    level = base + share * max(float(np.nanmedian(inside)) - base, 0.0)
    with np.errstate(invalid="ignore"):
        high = merged(true_stretches(values >= level), gap)
    return [part for part in high if overlap(part, stretch) > 0]


def overlap(one: Stretch, other: Stretch) -> float:
    """Frames in common as a share of the shorter stretch."""
    common = min(one[1], other[1]) - max(one[0], other[0])
    return max(common, 0) / max(min(one[1] - one[0], other[1] - other[0]), 1)
