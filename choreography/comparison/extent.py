"""How far and how sharply the learner moves against the guide, in the window around each moment, limb by limb.

With g and a the two dancers' limb vectors about their own means in the window, size lies between two estimates:

    slope  = cov(a, g) / var(g)        right where the learner's deviations are added to the movement
    spread = sqrt(var(a) / var(g))     right where they turn it or move it in time, as cameras and bodies do
    size   = sqrt(slope * spread)

The spread alone would not fall with the learner's movement, because what is added enlarges it the more the less else
there is; the slope alone calls an honest amateur small. Their product falls whenever the slope does, and guide and
learner may be exchanged: the size becomes its inverse, but for the root of their correlation. It means nothing where
the learner does something else, so it is NaN where they hardly correlate.

Jitter of the joints counts as movement in every variance (errors in the variables). A few frames earlier and later the
movement is the same but the jitter another, so these serve as instruments (Bowden and Turkington, Instrumental
Variables, 1984): cov(a, g+) for cov(a, g), cov(g, g+) for var(g), cov(a, a+) for var(a).

Energy is sharpness: the 95th percentile of a limb's speed in the window against the guide's. It asks only how fast,
not whether it was the right movement.

Both expect the learner's movement at corresponding moments, read at its lag (`timing.shifted`).
"""

from dataclasses import dataclass

import numpy as np

from choreography.comparison.metrics import validate
from choreography.comparison.normalise import IN_LIMB, LIMBS, WEIGHTS, Bools, Floats, Movement
from choreography.comparison.windows import ExtentConfig, Singles, blocks, change, odd_width, to_frames, windowed

__all__ = ["ExtentConfig", "energy_ratio", "size_ratio"]


_PAIRS = ((0, 1), (0, 0), (1, 1), (1, 2), (0, 2), (1, 3))
"""Of guide, learner, and the instruments of either: whose covariances `_Spreads` holds, in its order."""


@dataclass(frozen=True, eq=False)
class _Spreads:
    """(B, L + 1) sums over each window and each limb's segments, about their means.

    `count` of frames; `shared`, `shown`, `danced`: covariance of both and squares of either; `steady_shared`,
    `steady_shown`, `steady_danced`: the same, but each with its instrument, in which the jitter is another.
    """

    count: Floats
    shared: Floats
    shown: Floats
    danced: Floats
    steady_shared: Floats
    steady_shown: Floats
    steady_danced: Floats


def size_ratio(shown: Movement, danced: Movement, config: ExtentConfig, rate_hz: float) -> tuple[Floats, Floats]:
    """How far the learner moves in the window around each moment, in the guide's measure.

    Returns
    -------
    limbs : (N, L) 1 is as far as the guide, .5 half as far; NaN where the limb's movement is not the guide's, the guide
        hardly moves it, or too little of it is in view.
    body : (N,) the same for all limbs together.

    Raises
    ------
    ComparisonError
        If the movements do not correspond or are not finite.
    """
    validate(shown, danced)
    frames = len(shown.t_s)
    if frames == 0:
        return _empty()
    hop = max(round(config.hop_s * rate_hz), 1)
    width = odd_width(config.window_s, hop / rate_hz)
    found = _spreads(shown, danced, hop, width, config, rate_hz)
    match = found.shared / np.sqrt(np.maximum(found.shown * found.danced, 1e-12))
    moves = found.shown >= config.min_movement**2 * found.count
    enough = found.count >= config.min_window_share * width * hop * (_groups() @ WEIGHTS)
    lasting = (found.steady_shown >= config.min_instrument * found.shown) & (found.steady_danced > 0)
    tells = (match > config.min_match) & moves & enough & lasting & (found.steady_shown > 0)
    likely = np.where(tells, found.steady_shown, 1.0)
    slope = np.maximum(found.steady_shared, 0.0) / likely
    spread = np.sqrt(np.maximum(found.steady_danced, 0.0) / likely)
    ratio = np.where(tells, np.sqrt(slope * spread), np.nan)
    return _split(to_frames(np.clip(ratio, 0.0, config.most_ratio), hop, frames))


def energy_ratio(shown: Movement, danced: Movement, config: ExtentConfig, rate_hz: float) -> tuple[Floats, Floats]:
    """Peak speed of the learner in the window around each moment, in the guide's measure.

    Returns
    -------
    limbs : (N, L) 1 is as sharp as the guide; NaN where the guide hardly moves the limb or too little is in view.
    body : (N,) the same for all limbs together.

    Raises
    ------
    ComparisonError
        If the movements do not correspond or are not finite.
    """
    validate(shown, danced)
    frames = len(shown.t_s)
    if frames == 0:
        return _empty()
    hop = max(round(config.hop_s * rate_hz), 1)
    speed_g, speed_a = _speeds(shown, danced, config, rate_hz)
    peaks_g, peaks_a = (_peaks(speed, hop, config, rate_hz) for speed in (speed_g, speed_a))
    tells = np.nan_to_num(peaks_g) >= config.min_peak_speed
    ratio = np.divide(peaks_a, peaks_g, out=np.full(peaks_g.shape, np.nan), where=tells)
    return _split(to_frames(np.clip(ratio, 0.0, config.most_ratio), hop, frames))


def _empty() -> tuple[Floats, Floats]:
    return np.empty((0, len(LIMBS))), np.empty(0)


def _groups() -> Bools:
    """(L + 1, S) the segments of each limb, and of the whole body."""
    return np.stack([*(IN_LIMB[limb] for limb in LIMBS), np.ones(len(WEIGHTS), dtype=bool)])


def _split(values: Floats) -> tuple[Floats, Floats]:
    return values[:, :-1], values[:, -1]


def _spreads(shown: Movement, danced: Movement, hop: int, width: int, config: ExtentConfig, rate_hz: float) -> _Spreads:
    step = max(round(config.instrument_s * rate_hz), 1)
    (steady_g, known_g), (steady_a, known_a) = (_instrument(each, step) for each in (shown, danced))
    both = (shown.seen & danced.seen & known_g & known_a).astype(np.float32)
    four = [
        vectors.astype(np.float32) * both[..., None] for vectors in (shown.vectors, danced.vectors, steady_g, steady_a)
    ]
    products = [(four[one] * four[other]).sum(axis=-1) for one, other in _PAIRS]
    sums = windowed(blocks(np.stack([both, *products], axis=1), hop), width)
    count = sums[:, 0]
    means = [windowed(blocks(each, hop), width) / np.maximum(count, 1.0)[..., None] for each in four]
    of_means = np.stack([(means[one] * means[other]).sum(axis=-1) for one, other in _PAIRS], axis=1)
    about_means = sums[:, 1:] - count[:, None] * of_means
    weights = (_groups() * WEIGHTS).T
    return _Spreads(count @ weights, *np.moveaxis(about_means @ weights, 1, 0))


def _instrument(movement: Movement, step: int) -> tuple[Floats, Bools]:
    """The mean of the vectors `step` frames earlier and later, and where both are seen."""
    vectors, known = np.zeros_like(movement.vectors), np.zeros_like(movement.seen)
    if len(vectors) > 2 * step:
        vectors[step:-step] = 0.5 * (movement.vectors[2 * step :] + movement.vectors[: -2 * step])
        known[step:-step] = movement.seen[2 * step :] & movement.seen[: -2 * step]
    return vectors, known


def _speeds(shown: Movement, danced: Movement, config: ExtentConfig, rate_hz: float) -> tuple[Floats, Floats]:
    """(N, L + 1) speed of each limb, root mean square over its segments, in lengths a second; NaN where not both show it.

    Both are smoothed alike, so that what smoothing takes off the peaks drops out of their ratio.
    """
    (moved_g, known_g), (moved_a, known_a) = (
        change(each.vectors, each.seen, config.slope_s, rate_hz) for each in (shown, danced)
    )
    both = known_g * known_a
    weights = (_groups() * WEIGHTS).T
    count = both @ weights
    per_s = 1.0 / config.slope_s

    def speed(moved: Singles) -> Floats:
        squares = ((moved**2).sum(axis=-1) * both) @ weights
        return np.asarray(per_s * np.sqrt(np.divide(squares, count, out=np.full(count.shape, np.nan), where=count > 0)))

    return speed(moved_g), speed(moved_a)


def _peaks(speed: Floats, hop: int, config: ExtentConfig, rate_hz: float) -> Floats:
    """(B, L + 1) the peak quantile in the window around each block; NaN where too few frames are known."""
    half = max(round(0.5 * config.window_s * rate_hz), 1)
    unknown = np.full((half, speed.shape[1]), np.nan)
    spare = np.full((hop, speed.shape[1]), np.nan)
    padded = np.concatenate([unknown, speed, spare, unknown])
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half, axis=0)
    ordered = np.sort(windows[hop // 2 : hop // 2 + len(speed) : hop], axis=-1)  # NaN goes last
    count = np.isfinite(ordered).sum(axis=-1)
    at = config.peak * np.maximum(count - 1, 0)
    left = np.floor(at).astype(int)
    low, high = (
        np.take_along_axis(ordered, each[..., None], axis=-1)[..., 0] for each in (left, np.ceil(at).astype(int))
    )
    peak = low + (high - low) * (at - left)
    return np.where(count >= config.min_window_share * 2 * half, peak, np.nan)
