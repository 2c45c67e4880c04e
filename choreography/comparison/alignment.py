"""Where in the guide the attempt begins, and whether it was danced as in a mirror.

The match at an offset is the correlation of the two dancers' limb vectors, each about its own mean over the frames
that both have in common. Removing the means leaves movement: people who merely stand alike do not match. All offsets
are tried at once by Fourier transforms, with frames out of view left out (Padfield, Masked object registration in the
Fourier domain, 2012, in one dimension).

A short overlap matches by chance more easily: under chance a correlation spreads as 1 / sqrt(frames). Offsets are
therefore ranked by match * sqrt(overlap), not by match.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from choreography.comparison.config import ScoringConfig
from choreography.comparison.metrics import chance_level
from choreography.comparison.normalise import (
    SEGMENTS,
    WEIGHTS,
    Bools,
    Floats,
    Movement,
    mirrored,
    movement_of,
)
from inference.pose.track import PoseTrack

_NO_VARIANCE = 1e-9


@dataclass(frozen=True)
class Alignment:
    """t_attempt = t_guide + offset_s.

    Attributes
    ----------
    offset_s : float
        Offset to score at: the best one, or the hint where one was given.
    best_offset_s : float
        Offset of the best match, to a fraction of a frame.
    mirrored : bool
        True if the mirror image of the attempt matches clearly better.
    match : float
        Correlation in [-1, 1] at the best offset.
    confidence : float
        0..1: by how much the best offset matches better than the next best one and than chance.
    """

    offset_s: float
    best_offset_s: float
    mirrored: bool
    match: float
    confidence: float


@dataclass(frozen=True, eq=False)
class _Curve:
    """Match, rank (match weighted by overlap; -inf where the overlap is too short) and overlap at each offset."""

    offsets_s: Floats
    match: Floats
    rank: Floats
    overlap_s: Floats


def align(guide: PoseTrack, attempt: PoseTrack, config: ScoringConfig, hint_s: float | None = None) -> Alignment | None:
    """Best fixed offset and mirroring; None where no offset leaves enough of both dancers to compare.

    With `hint_s` only offsets within `config.hint_window_s` of it are considered and the hint itself is kept as the
    offset to score at.
    """
    shown = movement_of(guide, config)
    curves = {
        flipped: _restricted(match_curve(shown, movement_of(track, config), config), hint_s, config)
        for flipped, track in ((False, attempt), (True, mirrored(attempt)))
    }
    if not all(np.isfinite(curve.rank).any() for curve in curves.values()):
        return None
    flipped = bool(curves[True].rank.max() > curves[False].rank.max() + config.mirror_margin)
    curve = curves[flipped]
    best = int(np.argmax(curve.rank))
    best_offset_s = float(curve.offsets_s[best]) + _peak_shift(curve.match, best) / config.rate_hz
    return Alignment(
        offset_s=best_offset_s if hint_s is None else hint_s,
        best_offset_s=best_offset_s,
        mirrored=flipped,
        match=float(curve.match[best]),
        confidence=_confidence(curve, best, config),
    )


def match_curve(guide: Movement, attempt: Movement, config: ScoringConfig) -> _Curve:
    """Match at every offset of the even grid at which the two overlap long enough."""
    lags = np.arange(-(len(guide.t_s) - 1), len(attempt.t_s))
    size = fft.next_fast_len(len(guide.t_s) + len(attempt.t_s) - 1, real=True)
    shared, within_guide, within_attempt = np.zeros((3, len(lags)))
    for index in range(len(SEGMENTS)):
        terms = _segment_terms(guide, attempt, index, size)[:, lags]
        shared += WEIGHTS[index] * terms[0]
        within_guide += WEIGHTS[index] * terms[1]
        within_attempt += WEIGHTS[index] * terms[2]
    scale = np.sqrt(np.maximum(within_guide, 0) * np.maximum(within_attempt, 0))
    match = np.divide(shared, scale, out=np.zeros_like(scale), where=scale > _NO_VARIANCE * max(scale.max(), 1e-12))
    overlap = _correlate(guide.seen.any(axis=1), attempt.seen.any(axis=1), size)[lags]
    enough = overlap >= _needed_frames(guide, attempt, config) - 0.5
    share = np.sqrt(overlap / max(overlap.max(), 1.0))
    offsets_s = attempt.t_s[0] - guide.t_s[0] + lags / config.rate_hz
    match = np.clip(match, -1.0, 1.0)
    return _Curve(offsets_s, match, np.where(enough, match * share, -np.inf), overlap / config.rate_hz)


def _segment_terms(guide: Movement, attempt: Movement, index: int, size: int) -> Floats:
    """(3, size) covariance and both variances, summed over the common frames, of one segment at every lag."""
    shown, danced = _spectra(guide, index, size), _spectra(attempt, index, size)
    (n_g, x_g, y_g, sq_g), (n_a, x_a, y_a, sq_a) = shown.conj(), danced
    products = np.stack(
        [n_g * n_a, x_g * x_a + y_g * y_a, x_g * n_a, y_g * n_a, n_g * x_a, n_g * y_a, sq_g * n_a, n_g * sq_a]
    )
    count, dot, mean_xg, mean_yg, mean_xa, mean_ya, square_g, square_a = fft.irfft(products, size, axis=1)
    count = np.maximum(np.round(count), 1.0)
    return np.stack(
        [
            dot - (mean_xg * mean_xa + mean_yg * mean_ya) / count,
            square_g - (mean_xg**2 + mean_yg**2) / count,
            square_a - (mean_xa**2 + mean_ya**2) / count,
        ]
    )


def _spectra(movement: Movement, index: int, size: int) -> NDArray[np.complex128]:
    x, y = movement.vectors[:, index].T
    return np.asarray(fft.rfft(np.stack([movement.seen[:, index].astype(float), x, y, x * x + y * y]), size, axis=1))


def _correlate(guide: Bools, attempt: Bools, size: int) -> Floats:
    spectrum = fft.rfft(guide.astype(float), size).conj() * fft.rfft(attempt.astype(float), size)
    return np.round(np.asarray(fft.irfft(spectrum, size)))


def _needed_frames(guide: Movement, attempt: Movement, config: ScoringConfig) -> float:
    shorter_s = min(guide.seen.any(axis=1).sum(), attempt.seen.any(axis=1).sum()) / config.rate_hz
    wanted_s = min(config.min_overlap_share * float(shorter_s), config.enough_overlap_s)
    return max(config.min_overlap_s, wanted_s) * config.rate_hz


def _restricted(curve: _Curve, hint_s: float | None, config: ScoringConfig) -> _Curve:
    if hint_s is None:
        return curve
    near = np.abs(curve.offsets_s - hint_s) <= config.hint_window_s + 0.5 / config.rate_hz
    return replace(curve, rank=np.where(near, curve.rank, -np.inf))


def _peak_shift(values: Floats, best: int) -> float:
    """Where the parabola through the peak and its neighbours has its top, in samples from the peak (-0.5..0.5)."""
    if best in (0, len(values) - 1):
        return 0.0
    before, peak, after = values[best - 1 : best + 2]
    bend = before - 2 * peak + after
    return float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5)) if bend < 0 else 0.0


def _confidence(curve: _Curve, best: int, config: ScoringConfig) -> float:
    elsewhere = np.abs(np.arange(len(curve.rank)) - best) > round(config.peak_width_s * config.rate_hz)
    others = curve.rank[elsewhere & np.isfinite(curve.rank)]
    peak = max(float(curve.rank[best]), 0.0)
    chance = chance_level(config.chance_match_1s, float(curve.overlap_s[best]), config)
    runner_up = max(float(others.max()), chance) if len(others) else chance
    return float(np.clip(peak - runner_up, 0.0, 1.0))
