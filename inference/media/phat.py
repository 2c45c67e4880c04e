"""How two recordings lie in time, to a fraction of a millisecond, where one of them is known within some hundredths.

The generalised cross-correlation with phase transform (GCC-PHAT) asks in each frequency only which delay its phase
speaks for. Rooms, microphones and loudness do not move its peak. Two devices' clocks do: at 100 parts in a million four
minutes drift apart by 24 ms, and the peak of the whole clip would smear away. So blocks of two seconds are correlated
each for itself, and the straight line is looked for on which their peaks lie: its middle is the delay, its slope the
drift. Blocks where somebody speaks or the take differs lie off the line and do not matter.

Reference
---------
C. Knapp, G. Carter, "The generalized correlation method for estimation of time delay", IEEE TASSP 24(4), 1976.
"""

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

Sound = NDArray[np.float32]
Floats = NDArray[np.float64]

BLOCK_S = 2.0
MOST_BLOCKS = 24
# What the search around an offset covers: the guess may be wrong by some 40 ms, and the clocks drift on top of it.
REACH_S = 0.1
MOST_DRIFT_PPM = 250.0
_LOW_HZ, _HIGH_HZ = 200.0, 7000.0
_BIN_S = 0.0005
# One block alone must not decide, however well it fits: beyond this only its logarithm counts, by which the direct sound
# still stands above its echoes.
_MOST_OF_A_BLOCK = 8.0
_FOUND_BLOCK = 5.0
# What the highest of eight samples of noise varies by.
_LEAST_SPREAD = 0.5
_NEAR_LINE_S = 0.001
_LEAST_SPAN_FOR_DRIFT_S = 8.0
_LEAST_BLOCKS_FOR_DRIFT = 5
_SILENT_RMS = 1e-5


@dataclass(frozen=True)
class Alignment:
    """Attributes
    ----------
    middle_s : the guide's time in the middle of what both clips cover.
    offset_s : t_attempt - t_guide at that time.
    drift_ppm : by how much the offset grows, in millionths of the time that passes; None where too little was heard.
    clarity : how far the line stands above all other lines, in their standard deviations: below 6 by chance.
    """

    middle_s: float
    offset_s: float
    drift_ppm: float | None
    clarity: float


def align(guide: Sound, attempt: Sound, rate: int, offset_s: float) -> Alignment | None:
    """Refine `offset_s`, which must be right within some hundredths of a second.

    Returns
    -------
    Alignment, or None where the clips have less than a block in common at this offset, or only silence.
    """
    shift = round(offset_s * rate)
    first, last = max(0, -shift), min(len(guide), len(attempt) - shift)
    starts = _block_starts(first, last, round(BLOCK_S * rate))
    correlations, kept = _correlations(guide, attempt, rate, starts, shift)
    if not len(kept):
        return None
    from_middle_s = (kept + BLOCK_S * rate / 2 - (first + last) / 2) / rate
    noise = _noise(correlations, rate)
    lag_s, drift, clarity = _best_line(correlations / noise[:, None], from_middle_s, rate)
    lags_s, heights = _peaks_near(correlations, lag_s + drift * from_middle_s, rate)
    weights = np.where(heights > _FOUND_BLOCK * noise, heights, 0)
    lag_s, drift_ppm = _fitted(from_middle_s, lags_s, weights, lag_s)
    return Alignment((first + last) / 2 / rate, shift / rate + lag_s, drift_ppm, clarity)


def _block_starts(first: int, last: int, size: int) -> NDArray[np.int64]:
    """Starts of at most `MOST_BLOCKS` blocks, half overlapping where there is less to hear."""
    room = last - first - size
    if room < 0:
        return np.zeros(0, np.int64)
    count = min(MOST_BLOCKS, 1 + 2 * room // size)
    return np.linspace(first, first + room, count).round().astype(np.int64)


def _correlations(
    guide: Sound, attempt: Sound, rate: int, starts: NDArray[np.int64], shift: int
) -> tuple[NDArray[np.float32], Floats]:
    """(B, 2 * reach + 1) absolute GCC-PHAT of each block that is not silent, and those blocks' starts."""
    size, reach = round(BLOCK_S * rate), round(REACH_S * rate)
    padded = scipy.fft.next_fast_len(size, real=True)
    hz = np.fft.rfftfreq(padded, 1 / rate)
    used = slice(int(np.searchsorted(hz, _LOW_HZ)), int(np.searchsorted(hz, min(_HIGH_HZ, 0.45 * rate))))
    scale = padded / 2 / (used.stop - used.start)
    taper = np.hanning(size).astype(np.float32)
    cross = np.zeros(len(hz), np.complex64)
    found, kept = [], []
    for start in starts:
        blocks = np.stack([guide[start : start + size], attempt[start + shift : start + shift + size]]) * taper
        if np.sqrt(np.mean(np.square(blocks), axis=1)).min() < _SILENT_RMS:
            continue
        spectra = scipy.fft.rfft(blocks, padded, axis=1)[:, used]
        product = np.conj(spectra[0]) * spectra[1]
        cross[used] = product / (np.abs(product) + np.float32(1e-20))
        # Absolute: a microphone may be wired the other way round.
        correlation = np.abs(scipy.fft.irfft(cross, padded)) * np.float32(scale)
        found.append(np.concatenate([correlation[-reach:], correlation[: reach + 1]]))
        kept.append(start)
    return np.array(found, np.float32), np.array(kept, np.float64)


def _noise(correlations: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """(B,) the standard deviation of each block's correlation away from its peak: never below that of random phases.

    It would be, for a copy of the guide's own file, and everything would stand out of it.
    """
    frequencies = (min(_HIGH_HZ, 0.45 * rate) - _LOW_HZ) * BLOCK_S
    random = (2 * frequencies) ** -0.5
    return np.asarray(np.maximum(np.median(correlations, axis=1) / 0.6745, random), np.float32)


def _best_line(relative: NDArray[np.float32], from_middle_s: Floats, rate: int) -> tuple[float, float, float]:
    """(lag_s in the middle, drift, clarity) of the line along which the correlations sum up highest."""
    width = max(1, round(_BIN_S * rate))
    bins = relative.shape[1] // width
    pooled = relative[:, : bins * width].reshape(len(relative), bins, width).max(axis=2)
    loud = pooled > _MOST_OF_A_BLOCK
    pooled[loud] = _MOST_OF_A_BLOCK * (1 + np.log(pooled[loud] / _MOST_OF_A_BLOCK) / 4)
    half_span_s = float(np.abs(from_middle_s).max())
    bin_s = width / rate
    most = MOST_DRIFT_PPM * 1e-6
    steps = int(np.ceil(most * half_span_s / bin_s))
    drifts = np.linspace(-most, most, 2 * steps + 1) if steps else np.zeros(1)
    margin = steps + 1
    edged = np.pad(pooled, ((0, 0), (margin, margin)), constant_values=float(np.median(pooled)))
    best = (-np.inf, 0, 0.0)
    level: list[NDArray[np.float32]] = []
    for drift in drifts:
        moved = np.round(drift * from_middle_s / bin_s).astype(int) + margin
        summed = np.mean([row[by : by + bins] for row, by in zip(edged, moved, strict=True)], axis=0)
        level.append(summed)
        at = int(summed.argmax())
        best = max(best, (float(summed[at]), at, float(drift)))
    everywhere = np.concatenate(level)
    middle = float(np.median(everywhere))
    spread = 1.4826 * float(np.median(np.abs(everywhere - middle)))
    lag_s = (best[1] * width + (width - 1) / 2) / rate - REACH_S
    least = _LEAST_SPREAD / float(np.sqrt(len(relative)))
    return lag_s, best[2], (best[0] - middle) / max(spread, least)


def _peaks_near(correlations: NDArray[np.float32], line_s: Floats, rate: int) -> tuple[Floats, Floats]:
    """Each block's highest point within a millisecond of the line: (lags in seconds, heights)."""
    reach, near = correlations.shape[1] // 2, max(1, round(_NEAR_LINE_S * rate))
    lags_s, heights = [], []
    for row, expected_s in zip(correlations, line_s, strict=True):
        centre = round(float(expected_s) * rate) + reach
        begin = min(max(0, centre - near), len(row) - 1)
        peak = begin + int(row[begin : max(begin + 1, centre + near + 1)].argmax())
        left, middle, right = (float(row[at]) for at in np.clip([peak - 1, peak, peak + 1], 0, len(row) - 1))
        bend = left - 2 * middle + right
        between = (left - right) / (2 * bend) if bend < 0 else 0.0
        lags_s.append((peak + min(max(between, -0.5), 0.5) - reach) / rate)
        heights.append(middle)
    return np.array(lags_s), np.array(heights)


def _fitted(x_s: Floats, y_s: Floats, weights: Floats, guess_s: float) -> tuple[float, float | None]:
    """The line through the blocks that were found: (lag in the middle, drift in ppm or None)."""
    if not weights.any():
        return guess_s, None
    seen = weights > 0
    span_s = float(np.ptp(x_s[seen]))
    if span_s < _LEAST_SPAN_FOR_DRIFT_S or np.count_nonzero(seen) < _LEAST_BLOCKS_FOR_DRIFT:
        return float(np.average(y_s, weights=weights)), None
    slope, middle_s = 0.0, guess_s
    for _ in range(4):
        slope, middle_s = np.polyfit(x_s, y_s, 1, w=np.sqrt(weights))
        residuals = np.abs(y_s - middle_s - slope * x_s)
        # Iterated towards least absolute residuals; a sample's width is as good as it gets.
        weights = np.where(seen, 1 / np.maximum(residuals, 3e-5), 0)
    return float(middle_s), float(slope * 1e6)
