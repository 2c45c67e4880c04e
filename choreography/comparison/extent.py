"""How far and how sharply the learner moves against the guide, in the window around each moment, limb by limb.

Size is the slope of the learner's limb vectors on the guide's, each about its own mean in the window: what the guide
does once, the learner does `slope` times. The plain ratio of the two spreads will not do, because jitter and movement
of another kind enlarge it the more the smaller the right movement is. A slope means nothing where the learner does
something else, so it is NaN there.

Jitter of the guide's own joints would make every slope too small (errors in the variable). The guide a few frames
earlier and later has the same movement but other jitter, and serves as an instrument (Reiersol 1945; Bowden and
Turkington, Instrumental Variables, 1984):

    slope = cov(learner, instrument) / cov(guide, instrument)

Energy is sharpness: the 95th percentile of a limb's speed in the window against the guide's. It asks only how fast,
not whether it was the right movement.

Both expect the learner's movement at corresponding moments, read at its lag (`timing.shifted`).
"""

import numpy as np

from choreography.comparison.metrics import validate
from choreography.comparison.normalise import IN_LIMB, LIMBS, WEIGHTS, Bools, Floats, Movement
from choreography.comparison.windows import ExtentConfig, Singles, blocks, change, odd_width, to_frames, windowed

__all__ = ["ExtentConfig", "energy_ratio", "size_ratio"]


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
    count, shared, squares_g, squares_a, steady_g, steady_a = _spreads(shown, danced, hop, width, config, rate_hz)
    match = shared / np.sqrt(np.maximum(squares_g * squares_a, 1e-12))
    moves = squares_g >= config.min_movement**2 * count
    enough = count >= config.min_window_share * width * hop * (_groups() @ WEIGHTS)
    lasting = steady_g >= config.min_instrument * squares_g
    tells = (match > config.min_match) & moves & enough & lasting & (steady_g > 0)
    slope = np.divide(steady_a, steady_g, out=np.full(match.shape, np.nan), where=tells)
    return _split(to_frames(np.clip(slope, 0.0, config.most_ratio), hop, frames))


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


def _spreads(
    shown: Movement, danced: Movement, hop: int, width: int, config: ExtentConfig, rate_hz: float
) -> tuple[Floats, ...]:
    """(B, L + 1) weighted sums over each limb's segments: frames, then about the windows' means the covariance of both,
    the squares of guide and learner, and the covariance of guide and learner with the instrument."""
    instrument, known = _instrument(shown, max(round(config.instrument_s * rate_hz), 1))
    both = (shown.seen & danced.seen & known).astype(np.float32)
    g, a, z = (vectors.astype(np.float32) * both[..., None] for vectors in (shown.vectors, danced.vectors, instrument))
    pairs = ((g, a), (g, g), (a, a), (g, z), (a, z))
    squares = [(one * other).sum(axis=-1) for one, other in pairs]
    sums = windowed(blocks(np.stack([both, *squares], axis=1), hop), width)
    mean_g, mean_a, mean_z = (
        windowed(blocks(each, hop), width) / np.maximum(sums[:, 0], 1.0)[..., None] for each in (g, a, z)
    )
    means = ((mean_g, mean_a), (mean_g, mean_g), (mean_a, mean_a), (mean_g, mean_z), (mean_a, mean_z))
    count = sums[:, 0]
    about_means = (
        sums[:, index] - count * (one * other).sum(axis=-1) for index, (one, other) in enumerate(means, start=1)
    )
    weights = (_groups() * WEIGHTS).T
    return tuple(each @ weights for each in (count, *about_means))


def _instrument(shown: Movement, step: int) -> tuple[Floats, Bools]:
    """The mean of the guide's vectors `step` frames earlier and later, and where both are seen."""
    vectors, known = np.zeros_like(shown.vectors), np.zeros_like(shown.seen)
    if len(vectors) > 2 * step:
        vectors[step:-step] = 0.5 * (shown.vectors[2 * step :] + shown.vectors[: -2 * step])
        known[step:-step] = shown.seen[2 * step :] & shown.seen[: -2 * step]
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
