"""How late the learner is, moment by moment, for the body and for each limb, and whether the take rushes or drags.

For every lag within reach the learner's movement, read that much later, is correlated with the guide's in windows of
a few seconds, segment by segment. What is correlated is the change of the limb vectors over a fifth of a second:
postures, builds and cameras differ slowly and drop out, and a change has a moment. Each segment has its own gain and
its own noise, so its log-likelihood in a window of n independent samples is, but for a constant,

    -n/2 log(1 - r^2)

with r the correlation at that lag (the profile likelihood of a straight line through the origin); it is counted against
the lag where r is negative, because nobody dances a movement backwards. Segments that follow
exactly speak loudly, noisy ones softly, one late arm cannot pull the body's lag half-way towards its own.

Movement that repeats correlates again one beat later. The lag of the take is therefore a path over the windows:
it pays for changing (Viterbi, with one more state for movement that is unrelated to the guide's), and only where the
evidence repays it does it go elsewhere. Limbs follow the body's path in the same manner.

Lags are positive where the learner is late. NaN where the shape does not say: out of view, still, unrelated, or later
than the reach, which is never to be read as on time.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from choreography.comparison.metrics import ComparisonError
from choreography.comparison.normalise import IN_LIMB, LIMBS, WEIGHTS, Bools, Floats, Movement
from choreography.comparison.result import Pace
from choreography.comparison.windows import Singles, TimingConfig, blocks, change, odd_width, to_frames, windowed

__all__ = ["Lags", "TimingConfig", "measure_lags", "pace_of", "padding", "shifted"]

Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Lags:
    """Lags of N moments of the guide; L limbs as in `normalise.LIMBS`.

    Attributes
    ----------
    lag_s : (N,) of the whole body, positive late; NaN where the shape does not say.
    limb_lag_s : (N, L) the body's where the limb's own evidence is not clear; NaN where neither says anything.
    sureness : (N,) 0..1, that `lag_s` means something.
    limb_sureness : (N, L) 0..1, from the limb's own movement alone; 0 where it only follows the body.
    error_s : (N,) standard error of `lag_s`; NaN with it.
    limb_error_s : (N, L) standard error of the limb's own lag; NaN where it follows the body.
    match : (N,) correlation of the segments' changes at the lag, their likelihoods averaged, 0..1; 0 where unrelated.
    beyond : (N,) bool, the evidence still rises at the end of the reach: later or earlier than can be measured.
    """

    lag_s: Floats
    limb_lag_s: Floats
    sureness: Floats
    limb_sureness: Floats
    error_s: Floats
    limb_error_s: Floats
    match: Floats
    beyond: Bools


def padding(config: TimingConfig, rate_hz: float) -> int:
    """Frames by which the learner's movement must reach beyond the guide's at both ends."""
    return round(config.max_lag_s * rate_hz)


@dataclass(frozen=True, eq=False)
class _Sums:
    """(B, S, K) sums of the blocks: frames seen by both, shared change, and the squares of either's change."""

    count: Singles
    shared: Singles
    shown: Singles
    danced: Singles


@dataclass(frozen=True, eq=False)
class _Evidence:
    """(B, Q, K) nats for each lag of each group of segments; (B, Q) nats that unrelated movement would reach, and the
    independent samples of moving segments in the window."""

    nats: Floats
    unrelated: Floats
    samples: Floats


@dataclass(frozen=True, eq=False)
class _Track:
    """A path through the evidence: lag, its standard error and the match there, all (B, Q)."""

    lag_s: Floats
    error_s: Floats
    match: Floats
    related: Bools
    beyond: Bools


def measure_lags(shown: Movement, danced: Movement, config: TimingConfig, rate_hz: float) -> Lags:
    """How late each moment of the guide was danced.

    Parameters
    ----------
    shown : Movement
        The guide, N rows at `rate_hz`.
    danced : Movement
        The attempt, N + 2 * padding rows: row padding + i is what it did at the guide's row i.

    Raises
    ------
    ComparisonError
        If the rows or segments do not correspond, or the vectors are not finite.
    """
    pad = padding(config, rate_hz)
    _validate(shown, danced, pad)
    frames = len(shown.t_s)
    if frames == 0:
        return _nothing_known(0)
    hop = max(round(config.hop_s * rate_hz), 1)
    sums = _block_sums(shown, danced, pad, hop, config, rate_hz)
    lags_s = np.arange(-pad, pad + 1) / rate_hz
    body = _body(sums, lags_s, hop, config, rate_hz)
    limbs = _limbs(sums, body, lags_s, hop, config, rate_hz)
    return _lags(body, limbs, hop, frames, config)


def pace_of(lag_s: Floats, t_s: Floats, config: TimingConfig) -> Pace | None:
    """Whether the lag drifts through the take.

    The slope is Theil and Sen's: the median over all pairs of moments, which a few slips do not move. It is a drift
    only if it is large enough to be heard and lag and time agree (Kendall's tau).

    Parameters
    ----------
    lag_s, t_s : (N,) lag, NaN where unknown, and the guide's time.

    Returns
    -------
    Pace or None
        None where too little of the lag is known.
    """
    if lag_s.shape != t_s.shape or lag_s.ndim != 1:
        raise ComparisonError(f"lags {lag_s.shape} do not belong to times {t_s.shape}")
    known = np.flatnonzero(np.isfinite(lag_s))
    if len(known) < 2 or len(known) * float(np.median(np.diff(t_s))) < config.min_pace_s:
        return None
    chosen = known[np.unique(np.linspace(0, len(known) - 1, config.pace_points).round().astype(int))]
    later, earlier = np.tril_indices(len(chosen), -1)
    steps_s = t_s[chosen][later] - t_s[chosen][earlier]
    changes_s = lag_s[chosen][later] - lag_s[chosen][earlier]
    slope = float(np.median(changes_s / steps_s))
    agreement = abs(float(np.mean(np.sign(changes_s))))
    drift_s = abs(slope) * float(t_s[chosen[-1]] - t_s[chosen[0]])
    ms_per_minute = 60_000.0 * slope
    if (
        abs(ms_per_minute) < config.min_pace_ms_per_minute
        or drift_s < config.min_pace_drift_s
        or agreement < config.min_pace_agreement
    ):
        return Pace("steady", ms_per_minute)
    return Pace("dragging" if slope > 0 else "rushing", ms_per_minute)


def shifted(danced: Movement, lag_s: Floats, pad: int, rate_hz: float) -> Movement:
    """The learner's movement read at the lag of each moment, so that shape is judged apart from timing.

    Parameters
    ----------
    danced : Movement
        N + 2 * pad rows, as for `measure_lags`.
    lag_s : (N,) of the body, within the padding; where NaN the nearest known lag is used, 0 if there is none.

    Returns
    -------
    Movement
        N rows, linear between frames; not seen where a frame that is needed is not.
    """
    frames = len(danced.t_s) - 2 * pad
    if frames < 0 or lag_s.shape != (frames,):
        raise ComparisonError(f"{len(danced.t_s)} rows with a padding of {pad} have no lags {lag_s.shape}")
    if frames == 0:
        return danced.rows(slice(0))
    at = np.clip(pad + np.arange(frames) + nearest_known(lag_s) * rate_hz, 0, len(danced.t_s) - 1)
    left = np.minimum(np.floor(at).astype(int), len(danced.t_s) - 2)
    share = (at - left)[:, None]

    def between(values: Floats) -> Floats:
        part = share.reshape(-1, *([1] * (values.ndim - 1)))
        return np.asarray(values[left] * (1 - part) + values[left + 1] * part)

    seen = (danced.seen[left] | (share >= 1)) & (danced.seen[left + 1] | (share <= 0))
    vectors = np.where(seen[..., None], between(danced.vectors), 0.0)
    depth = None if danced.depth is None else between(danced.depth)
    return Movement(between(danced.t_s), vectors, seen, np.where(seen, between(danced.fullness), 0.0), depth)


def nearest_known(lag_s: Floats) -> Floats:
    """(N,) the lag, where it is NaN the nearest known one; 0 if none is known."""
    known = np.flatnonzero(np.isfinite(lag_s))
    if len(known) == 0:
        return np.zeros_like(lag_s)
    at = np.arange(len(lag_s))
    after = np.clip(np.searchsorted(known, at), 0, len(known) - 1)
    before = np.maximum(after - 1, 0)
    nearer = np.where(np.abs(at - known[before]) <= np.abs(known[after] - at), known[before], known[after])
    return np.asarray(lag_s[nearer])


def _validate(shown: Movement, danced: Movement, pad: int) -> None:
    frames = len(shown.t_s)
    if shown.vectors.shape != (frames, len(WEIGHTS), 2):
        raise ComparisonError(f"the guide's vectors are {shown.vectors.shape}")
    if danced.vectors.shape != (frames + 2 * pad, len(WEIGHTS), 2):
        raise ComparisonError(f"{danced.vectors.shape} is not {shown.vectors.shape} with {pad} more rows at both ends")
    if not (np.isfinite(shown.vectors).all() and np.isfinite(danced.vectors).all()):
        raise ComparisonError("vectors are not finite")


def _nothing_known(frames: int) -> Lags:
    unknown, limbs = np.full(frames, np.nan), np.full((frames, len(LIMBS)), np.nan)
    zero = np.zeros(frames)
    return Lags(unknown, limbs, zero, np.zeros_like(limbs), unknown, limbs, zero, np.zeros(frames, dtype=bool))


def _block_sums(shown: Movement, danced: Movement, pad: int, hop: int, config: TimingConfig, rate_hz: float) -> _Sums:
    (change_g, known_g), (change_a, known_a) = (
        change(each.vectors, each.seen, config.slope_s, rate_hz) for each in (shown, danced)
    )
    frames = len(shown.t_s)
    square_g, square_a = (change_g**2).sum(axis=-1), (change_a**2).sum(axis=-1)
    left = np.stack([known_g, change_g[..., 0], change_g[..., 1], square_g, known_g], axis=1)
    right = np.stack([known_a, change_a[..., 0], change_a[..., 1], known_a, square_a], axis=1)
    found = np.stack([blocks(left * right[lag : lag + frames], hop) for lag in range(2 * pad + 1)], axis=-1)
    return _Sums(found[:, 0], found[:, 1] + found[:, 2], found[:, 3], found[:, 4])


def _body(sums: _Sums, lags_s: Floats, hop: int, config: TimingConfig, rate_hz: float) -> _Track:
    width = odd_width(config.window_s, hop / rate_hz)
    everything = np.ones((1, len(WEIGHTS)), dtype=bool)
    evidence = _evidence(sums, everything, width, config.unrelated_share, config, rate_hz)
    overall = lags_s[np.argmax(evidence.nats.sum(axis=(0, 1)))]
    prior = -config.stray_cost_per_s * np.abs(lags_s - overall)[None, None, :]
    return _tracked(evidence, prior, width, lags_s, hop / rate_hz, config)


def _limbs(sums: _Sums, body: _Track, lags_s: Floats, hop: int, config: TimingConfig, rate_hz: float) -> _Track:
    width = odd_width(config.limb_window_s, hop / rate_hz)
    groups = np.stack([IN_LIMB[limb] for limb in LIMBS])
    evidence = _evidence(sums, groups, width, config.unrelated_limb_share, config, rate_hz)
    leader = nearest_known(np.where(body.related[:, 0], body.lag_s[:, 0], np.nan))
    prior = -config.follow_cost_per_s * np.abs(lags_s[None, None, :] - leader[:, None, None])
    return _tracked(evidence, prior, width, lags_s, hop / rate_hz, config)


def _evidence(
    sums: _Sums, groups: Bools, width: int, unrelated_share: float, config: TimingConfig, rate_hz: float
) -> _Evidence:
    """Of each group of segments (Q, S) in windows of `width` blocks."""
    count, shared, shown, danced = (
        windowed(each, width) for each in (sums.count, sums.shared, sums.shown, sums.danced)
    )
    floor = count * config.still_change**2
    explained = shared**2 / np.maximum((shown + floor) * (danced + floor), 1e-12)
    samples = count * (config.independent_hz / rate_hz)
    nats = -0.5 * samples * np.sign(shared) * np.log(1.0 - explained / (1.0 + config.closest))
    moving = (samples * shown / np.maximum(shown + floor, 1e-12)).max(axis=2)
    weights = groups * WEIGHTS
    moving = moving @ weights.T
    return _Evidence(
        nats=np.einsum("qs,bsk->bqk", weights, nats),
        unrelated=-0.5 * np.log(1.0 - unrelated_share) * moving,
        samples=moving,
    )


def _tracked(
    evidence: _Evidence, prior: Floats, width: int, lags_s: Floats, hop_s: float, config: TimingConfig
) -> _Track:
    """The best path through the evidence, made finer than a frame by the parabola through its neighbours and smooth.

    Windows overlap, so each counts for one part in `width`.
    """
    nats = evidence.nats
    states = _best_path((nats + prior) / width, evidence.unrelated / width, lags_s, config)
    related = states >= 0
    last = len(lags_s) - 1
    at = np.where(related, states, 0)
    inner = np.clip(at, 1, last - 1)
    before, here, after = (np.take_along_axis(nats, (inner + step)[..., None], axis=2)[..., 0] for step in (-1, 0, 1))
    bend = np.minimum(before - 2 * here + after, 0.0)
    rise = np.divide(0.5 * (before - after), bend, out=np.zeros_like(bend), where=bend < 0)
    step_s = lags_s[1] - lags_s[0]
    rough_s = lags_s[inner] + np.clip(rise, -1.0, 1.0) * step_s
    precision = np.where(related, -bend / step_s**2 / width, 0.0)
    strides = np.diff(lags_s[at], axis=0, prepend=0.0)
    strides[0] = 0.0
    lag_s, error_s = _smoothed(rough_s, precision, config.wander_s**2 * hop_s + strides**2)
    explained, samples = (_around(np.where(related, each, 0.0), width) for each in (here, evidence.samples))
    unexplained = np.exp(-2.0 * explained / np.maximum(samples, 1e-6))
    return _Track(
        lag_s=lag_s,
        error_s=error_s,
        match=np.where(related, np.sqrt(np.clip(1.0 - unexplained, 0.0, 1.0)), 0.0),
        related=related,
        beyond=related & (((at == 0) & (before >= here)) | ((at == last) & (after >= here))),
    )


def _around(values: Floats, width: int) -> Floats:
    return windowed(values.astype(np.float32), width).astype(np.float64)


def _smoothed(rough_s: Floats, precision: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """(B, Q) each: the lag that wanders, given measurements of some precision, and its standard error.

    The smoother of a random walk in information form: messages from before and from after are added to what is measured
    at each step. Where little moves, a lag is carried on from where more does, and its error grows. `variance` (B, Q):
    of the step from the block before; larger where the path itself goes elsewhere.
    """
    ahead = _messages(rough_s, precision, variance)
    back = _messages(rough_s[::-1], precision[::-1], np.roll(variance[::-1], 1, axis=0))
    total = np.maximum(precision + ahead[0] + back[0][::-1], 1e-6)
    return (precision * rough_s + ahead[1] + back[1][::-1]) / total, 1.0 / np.sqrt(total)


def _messages(rough_s: Floats, precision: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """(B, Q) precision of what all earlier steps say about each, and that times the lag they say."""
    told, weighted = np.zeros_like(rough_s), np.zeros_like(rough_s)
    for step in range(1, len(rough_s)):
        known = told[step - 1] + precision[step - 1]
        fading = 1.0 / (1.0 + known * variance[step])
        told[step] = known * fading
        weighted[step] = (weighted[step - 1] + precision[step - 1] * rough_s[step - 1]) * fading
    return told, weighted


def _best_path(evidence: Floats, unrelated: Floats, lags_s: Floats, config: TimingConfig) -> Indices:
    """(B, Q) index of the lag on the likeliest path, -1 where the movement is likelier to be unrelated.

    Viterbi over the lags and one more state for unrelated movement. A change costs in proportion to its size, so the
    best way to every lag is found in one pass from either end (Felzenszwalb and Huttenlocher, Distance Transforms of
    Sampled Functions, 2012), and the states before are looked up on the way back only.
    """
    steps, groups, lags = evidence.shape
    slope = config.change_cost_per_s * (lags_s - lags_s[0])
    totals = np.empty((steps, groups, lags + 1))
    totals[0] = np.concatenate([evidence[0], unrelated[0][:, None]], axis=1)
    for step in range(1, steps):
        before, doubtful = totals[step - 1, :, :lags], totals[step - 1, :, lags]
        rising = np.maximum.accumulate(before + slope, axis=1) - slope
        falling = np.maximum.accumulate((before - slope)[:, ::-1], axis=1)[:, ::-1] + slope
        stay = np.maximum(np.maximum(rising, falling), doubtful[:, None] - config.doubt_cost)
        totals[step, :, :lags] = stay + evidence[step]
        totals[step, :, lags] = np.maximum(doubtful, before.max(axis=1) - config.doubt_cost) + unrelated[step]
    cost = np.full((lags + 1, lags + 1), config.doubt_cost)
    cost[:lags, :lags] = np.abs(slope[:, None] - slope[None, :])
    cost[lags, lags] = 0.0
    path = np.empty((steps, groups), dtype=np.int64)
    path[-1] = totals[-1].argmax(axis=1)
    for step in range(steps - 1, 0, -1):
        path[step - 1] = (totals[step - 1] - cost[path[step]]).argmax(axis=1)
    return np.where(path == lags, -1, path)


def _lags(body: _Track, limbs: _Track, hop: int, frames: int, config: TimingConfig) -> Lags:
    sure, limb_sure = _sureness(body, config)[:, 0], _sureness(limbs, config)
    lag_s = np.where(sure >= config.min_sureness, body.lag_s[:, 0], np.nan)
    own = (limb_sure >= config.min_sureness) & body.related
    limb_lag_s = np.where(own, limbs.lag_s, lag_s[:, None])

    def each(values: Floats) -> Floats:
        return to_frames(values, hop, frames)

    return Lags(
        lag_s=each(lag_s),
        limb_lag_s=each(limb_lag_s),
        sureness=each(sure),
        limb_sureness=each(np.where(own, limb_sure, 0.0)),
        error_s=each(np.where(np.isfinite(lag_s), body.error_s[:, 0], np.nan)),
        limb_error_s=each(np.where(own, limbs.error_s, np.nan)),
        match=each(body.match[:, 0]),
        beyond=each(body.beyond[:, 0].astype(np.float64)) >= 0.5,
    )


def _sureness(track: _Track, config: TimingConfig) -> Floats:
    """(B, Q) 0..1: it matches, its moment is sharp, and it does not run out of reach."""
    matched = (track.match - config.faint_match) / (config.full_match - config.faint_match)
    sharp = (config.faint_error_s - track.error_s) / (config.faint_error_s - config.full_error_s)
    sure: Floats = np.clip(matched, 0.0, 1.0) * np.clip(sharp, 0.0, 1.0)
    return np.where(track.related & ~track.beyond, sure, 0.0)
