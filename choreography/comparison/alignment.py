"""Where in the guide the attempt begins, and whether it was danced as in a mirror: by movement, and with the sound.

The match at an offset is the correlation of the two dancers' limb vectors, each about its own mean over the frames
that both have in common. Removing the means leaves movement: people who merely stand alike do not match. All offsets
are tried at once by Fourier transforms, with frames out of view left out (Padfield, Masked object registration in the
Fourier domain, 2012, in one dimension). Where depth is known the attempt is turned about the vertical by each of a few
angles, so that another camera does not hide the match.

A short overlap matches by chance more easily: under chance a correlation spreads as 1 / sqrt(frames). Offsets are
therefore ranked by match * sqrt(overlap), not by match.

Sound tells the start more exactly than movement, but not which of two like choruses it is; movement tells that, but not
how late the dancer was. So the sound's candidates come first, and the movement chooses among them. Where the sound or
somebody tells the start, a few seconds in common are enough: the dancer may have begun late in a long clip.
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
)
from choreography.comparison.result import StartCandidate
from choreography.comparison.start import NO_SOUND, SoundEvidence, StartSource

_NO_VARIANCE = 1e-9


@dataclass(frozen=True)
class Alignment:
    """t_attempt = t_guide + offset_s.

    Attributes
    ----------
    offset_s : float
        Where the start was told to be; the best match of the movement where nothing else tells it.
    best_offset_s : float
        Offset of the best match near it, to a fraction of a frame.
    mirrored : bool
        True if the mirror image of the attempt matches clearly better.
    match : float
        Correlation in [-1, 1] at the best offset.
    confidence : float
        0..1: by how much this start stands out from every other and from chance.
    source : StartSource
        Who told the start.
    candidates : tuple of StartCandidate
        Every start that it might have been, best first.
    """

    offset_s: float
    best_offset_s: float
    mirrored: bool
    match: float
    confidence: float
    source: StartSource = "movement"
    candidates: tuple[StartCandidate, ...] = ()


@dataclass(frozen=True, eq=False)
class Curve:
    """Match, rank (match weighted by overlap; -inf where the overlap is too short) and overlap at each offset."""

    offsets_s: Floats
    match: Floats
    rank: Floats
    overlap_s: Floats


def align(
    guide: Movement,
    attempt: Movement,
    config: ScoringConfig,
    hint_s: float | None = None,
    hint_source: StartSource = "known",
    sound: SoundEvidence = NO_SOUND,
) -> Alignment | None:
    """Best start and mirroring; None where no offset leaves enough of both dancers to compare.

    With `hint_s` only offsets within `config.hint_window_s` of it are considered and the hint itself is kept as the
    offset to score at. Otherwise the sound's candidates go before the movement's own, unless the movement clearly
    says that the sound is not what was danced to.
    """
    curves = match_curves(guide, attempt, config)
    if hint_s is not None:
        near = [_near(curve, hint_s, config.hint_window_s, config) for curve in curves]
        return _hinted(near, hint_s, hint_source, config)
    heard = _by_sound(curves, sound, config)
    least_s = _least_overlap_s(guide, attempt, config)
    by_movement = _by_movement([_overlapping(curve, least_s, config) for curve in curves], config)
    if heard is None or by_movement is None:
        return heard or by_movement
    return by_movement if by_movement.confidence > heard.match + config.movement_over_sound else heard


def match_curves(guide: Movement, attempt: Movement, config: ScoringConfig) -> tuple[Curve, Curve]:
    """The match at every offset of the even grid at which the two overlap long enough: as danced, and mirrored."""
    return _match_curve(guide, attempt, config), _match_curve(guide, attempt.mirrored(), config)


def _match_curve(guide: Movement, attempt: Movement, config: ScoringConfig) -> Curve:
    lags = np.arange(-(len(guide.t_s) - 1), len(attempt.t_s))
    size = fft.next_fast_len(len(guide.t_s) + len(attempt.t_s) - 1, real=True)
    total = np.zeros((_TERMS, len(lags)))
    for index in range(len(SEGMENTS)):
        if guide.seen[:, index].any() and attempt.seen[:, index].any():
            total += WEIGHTS[index] * _segment_terms(guide, attempt, index, size)[:, lags]
    match = _best_turn_match(total, config, has_depth=attempt.depth is not None)
    overlap = _correlate(guide.seen.any(axis=1), attempt.seen.any(axis=1), size)[lags]
    enough = overlap >= config.min_overlap_s * config.rate_hz - 0.5
    share = np.sqrt(overlap / max(overlap.max(), 1.0))
    offsets_s = attempt.t_s[0] - guide.t_s[0] + lags / config.rate_hz
    return Curve(offsets_s, match, np.where(enough, match * share, -np.inf), overlap / config.rate_hz)


_TERMS = 8


def _segment_terms(guide: Movement, attempt: Movement, index: int, size: int) -> Floats:
    """(8, size) of one segment at every lag over the common frames: the guide's variance, its covariances xx, yy and xz
    with the attempt, and the attempt's own xx, yy, zz and xz."""
    n_g, x_g, y_g, sq_g = _spectra(guide, index, size, ("n", "x", "y", "xx+yy")).conj()
    n_a, x_a, y_a, z_a, xx_a, yy_a, zz_a, xz_a = _spectra(
        attempt, index, size, ("n", "x", "y", "z", "xx", "yy", "zz", "xz")
    )
    firsts = [n_g * n_a, x_g * n_a, y_g * n_a, n_g * x_a, n_g * y_a, n_g * z_a, sq_g * n_a]
    seconds = [x_g * x_a, y_g * y_a, x_g * z_a, n_g * xx_a, n_g * yy_a, n_g * zz_a, n_g * xz_a]
    products = np.stack([*firsts, *seconds])
    count, xg, yg, xa, ya, za, square, xx, yy, xz, axx, ayy, azz, axz = fft.irfft(products, size, axis=1)
    count = np.maximum(np.round(count), 1.0)
    sums = [square - (xg**2 + yg**2) / count, xx - xg * xa / count, yy - yg * ya / count, xz - xg * za / count]
    own = [axx - xa**2 / count, ayy - ya**2 / count, azz - za**2 / count, axz - xa * za / count]
    return np.stack(sums + own)


def _best_turn_match(terms: Floats, config: ScoringConfig, *, has_depth: bool) -> Floats:
    """(K,) correlation in the guide's picture at every lag, at the turn of the attempt that serves it best."""
    square, xx, yy, xz, axx, ayy, azz, axz = terms
    best = np.full(len(square), -1.0)
    for yaw_deg in config.tried_yaws_deg if has_depth else (0.0,):
        cos, sin = np.cos(np.radians(yaw_deg)), np.sin(np.radians(yaw_deg))
        shared = cos * xx + sin * xz + yy
        within = cos**2 * axx + sin**2 * azz + 2 * sin * cos * axz + ayy
        scale = np.sqrt(np.maximum(square, 0) * np.maximum(within, 0))
        match = np.divide(shared, scale, out=np.zeros_like(scale), where=scale > _NO_VARIANCE * max(scale.max(), 1e-12))
        best = np.maximum(best, np.clip(match, -1.0, 1.0) - config.yaw_cost * abs(yaw_deg))
    return best


def _spectra(movement: Movement, index: int, size: int, names: tuple[str, ...]) -> NDArray[np.complex128]:
    x, y = movement.vectors[:, index].T
    z = np.zeros_like(x) if movement.depth is None else np.where(movement.seen[:, index], movement.depth[:, index], 0.0)
    values = {"n": movement.seen[:, index].astype(float), "x": x, "y": y, "z": z}
    values |= {"xx": x * x, "yy": y * y, "zz": z * z, "xz": x * z, "xx+yy": x * x + y * y}
    return np.asarray(fft.rfft(np.stack([values[name] for name in names]), size, axis=1))


def _correlate(guide: Bools, attempt: Bools, size: int) -> Floats:
    spectrum = fft.rfft(guide.astype(float), size).conj() * fft.rfft(attempt.astype(float), size)
    return np.round(np.asarray(fft.irfft(spectrum, size)))


def _least_overlap_s(guide: Movement, attempt: Movement, config: ScoringConfig) -> float:
    """What the movement must have in common to tell the start by itself."""
    shorter_s = min(guide.seen.any(axis=1).sum(), attempt.seen.any(axis=1).sum()) / config.rate_hz
    return max(config.min_overlap_s, min(config.min_overlap_share * float(shorter_s), config.enough_overlap_s))


def _overlapping(curve: Curve, least_s: float, config: ScoringConfig) -> Curve:
    enough = curve.overlap_s >= least_s - 0.5 / config.rate_hz
    return replace(curve, rank=np.where(enough, curve.rank, -np.inf))


def _hinted(curves: list[Curve], hint_s: float, source: StartSource, config: ScoringConfig) -> Alignment | None:
    if not any(np.isfinite(curve.rank).any() for curve in curves):
        return None
    flipped, curve = _fitting(curves, config)
    best = int(np.argmax(curve.rank))
    return Alignment(
        hint_s,
        _peak_s(curve, best, config),
        flipped,
        float(curve.match[best]),
        1.0,
        source,
        (StartCandidate(hint_s, 1.0),),
    )


def _by_movement(curves: list[Curve], config: ScoringConfig) -> Alignment | None:
    if not any(np.isfinite(curve.rank).any() for curve in curves):
        return None
    flipped, curve = _fitting(curves, config)
    peaks = _peaks(curve, config)
    offsets_s = [_peak_s(curve, peak, config) for peak in peaks]
    candidates = tuple(
        StartCandidate(offset_s, _confidence(curve, peak, config))
        for offset_s, peak in zip(offsets_s, peaks, strict=True)
    )
    best = peaks[0]
    return Alignment(
        offset_s=offsets_s[0],
        best_offset_s=offsets_s[0],
        mirrored=flipped,
        match=float(curve.match[best]),
        confidence=candidates[0].confidence,
        candidates=candidates,
    )


def _by_sound(curves: tuple[Curve, Curve], sound: SoundEvidence, config: ScoringConfig) -> Alignment | None:
    """The heard start that the movement likes best, weighed with how surely it was heard."""
    tried = []
    for heard in sound.candidates:
        near = [_near(curve, heard.offset_s, config.sound_window_s, config) for curve in curves]
        if heard.confidence >= config.min_sound_confidence and any(np.isfinite(curve.rank).any() for curve in near):
            flipped, curve = _fitting(near, config)
            best = int(np.argmax(curve.rank))
            apart_s = abs(float(curve.offsets_s[best]) - heard.offset_s)
            worth = heard.confidence + float(curve.rank[best]) - config.apart_cost_per_s * apart_s
            tried.append((heard, flipped, curve, best, worth))
    if not tried:
        return None
    tried.sort(key=lambda entry: -entry[4])
    heard, flipped, curve, best, worth = tried[0]
    lead = worth - tried[1][4] if len(tried) > 1 else 1.0
    # One candidate alone is as sure as it was heard; of several, the lead of the best over the next counts too.
    confidence = float(np.clip(max(heard.confidence if len(tried) == 1 else lead, 0.0), 0.0, 1.0))
    is_settled_by_movement = len(tried) > 1 and heard is not sound.candidates[0]
    return Alignment(
        offset_s=heard.offset_s,
        best_offset_s=_peak_s(curve, best, config),
        mirrored=flipped,
        match=float(curve.match[best]),
        confidence=confidence,
        source="both" if is_settled_by_movement or _are_alike(sound, config) else "sound",
        candidates=tuple(StartCandidate(entry[0].offset_s, entry[0].confidence) for entry in tried),
    )


def _are_alike(sound: SoundEvidence, config: ScoringConfig) -> bool:
    return len(sound.candidates) > 1 and (
        sound.candidates[0].confidence - sound.candidates[1].confidence < config.clear_sound_lead
    )


def _fitting(curves: list[Curve], config: ScoringConfig) -> tuple[bool, Curve]:
    """Whether the mirror image fits clearly better, and the curve that does."""
    as_danced, flipped = curves
    is_flipped = bool(flipped.rank.max() > as_danced.rank.max() + config.mirror_margin)
    return is_flipped, flipped if is_flipped else as_danced


def _near(curve: Curve, offset_s: float, window_s: float, config: ScoringConfig) -> Curve:
    near = np.abs(curve.offsets_s - offset_s) <= window_s + 0.5 / config.rate_hz
    return replace(curve, rank=np.where(near, curve.rank, -np.inf))


def _peaks(curve: Curve, config: ScoringConfig) -> list[int]:
    """The best offsets, best first, far enough from one another to be different starts."""
    rank = curve.rank.copy()
    apart = round(config.peak_width_s * config.rate_hz)
    peaks: list[int] = []
    while len(peaks) < config.most_starts and np.isfinite(rank.max()):
        best = int(np.argmax(rank))
        if peaks and rank[best] < config.least_start_share * curve.rank[peaks[0]]:
            break
        peaks.append(best)
        rank[max(0, best - apart) : best + apart + 1] = -np.inf
    return peaks


def _peak_s(curve: Curve, best: int, config: ScoringConfig) -> float:
    return float(curve.offsets_s[best]) + _peak_shift(curve.match, best) / config.rate_hz


def _peak_shift(values: Floats, best: int) -> float:
    """Where the parabola through the peak and its neighbours has its top, in samples from the peak (-0.5..0.5)."""
    if best in (0, len(values) - 1):
        return 0.0
    before, peak, after = values[best - 1 : best + 2]
    bend = before - 2 * peak + after
    return float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5)) if bend < 0 else 0.0


def _confidence(curve: Curve, best: int, config: ScoringConfig) -> float:
    """By how much the rank stands above the best one elsewhere and above chance, 0..1."""
    elsewhere = np.abs(np.arange(len(curve.rank)) - best) > round(config.peak_width_s * config.rate_hz)
    others = curve.rank[elsewhere & np.isfinite(curve.rank)]
    peak = max(float(curve.rank[best]), 0.0)
    chance = chance_level(config.chance_match_1s, float(curve.overlap_s[best]), config)
    runner_up = max(float(others.max()), chance) if len(others) else chance
    return float(np.clip(peak - runner_up, 0.0, 1.0))
