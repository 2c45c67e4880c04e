"""Is the guide's song playing in the attempt, and where: `t_attempt = t_guide + offset_s`.

Both clips may cover any part of the song. First all offsets are looked at roughly: what begins in the one should begin in
the other (the rise of the level in bands of pitch, correlated over what both clips cover). The best offsets are then
looked at closely by GCC-PHAT (`phat.py`), which tells one recording of a song from its next bar, from another song in the
same tempo, and from another performance of it, and knows the offset to a fraction of a millisecond.

A song that repeats itself to the sample fits at several offsets. They share the confidence, and what else is known, the
movement, must choose.

A drifting clock has no single offset. `offset_s` is then that in the middle of what both clips cover, so that it is wrong
by at most half of what they drift apart: 12 ms in four minutes at 100 parts in a million.
"""

from dataclasses import dataclass
from typing import Literal, TypedDict

import numpy as np
import scipy.fft
import scipy.signal
import scipy.special
from numpy.typing import NDArray

from inference.media.flux import Flux, as_sound, audible_s, mel_flux
from inference.media.phat import BLOCK_S, Alignment, align

SongHeard = Literal["same", "other", "none"]
VERSION = 1

LONGEST_S = 900.0
"""What is listened to of each clip: an hour costs no more than a quarter of it."""
MOST_CANDIDATES = 24
APART_S = 0.1
# Quieter is a muted clip: -66 dB of full scale.
_AUDIBLE_RMS = 5e-4
_LEAST_AUDIBLE_S = 1.0
_BANDS = 24
_LOCAL_S = 1.0
# From trials of `make bench-songs`: other songs reach a clarity of about 6, the right ones begin at about 9.
_EVEN_CLARITY, _CLARITY_SCALE = 7.5, 0.5
_SAME_FROM = 0.5
_LEAST_CONFIDENCE = 0.01
_SHARE_POWER = 4


class CandidatePayload(TypedDict):
    offset_s: float
    confidence: float


class SongPayload(TypedDict):
    version: int
    song: SongHeard
    candidates: list[CandidatePayload]
    drift_ppm: float | None


@dataclass(frozen=True)
class Candidate:
    """The guide's time 0 heard at `offset_s` of the attempt; `confidence` 0..1 that this is no chance."""

    offset_s: float
    confidence: float


@dataclass(frozen=True)
class SongMatch:
    """Attributes
    ----------
    song : "same" where the guide's song was heard in the attempt, "other" where both have sound and it was not, "none"
        where one of them is silent, or as good as.
    candidates : best first, at least `APART_S` apart, at most `MOST_CANDIDATES`; empty unless the song is the same.
    drift_ppm : of the best candidate, by how many millionths the attempt's clock runs slower than the guide's: its
        offset grows by as much. None where unknown.
    confidence : 0..1 that the guide's song is heard at all, wherever.
    """

    song: SongHeard
    candidates: tuple[Candidate, ...] = ()
    drift_ppm: float | None = None
    confidence: float = 0.0

    def to_payload(self) -> SongPayload:
        return {
            "version": VERSION,
            "song": self.song,
            "candidates": [
                {"offset_s": round(found.offset_s, 5), "confidence": round(found.confidence, 3)}
                for found in self.candidates
            ],
            "drift_ppm": None if self.drift_ppm is None else round(self.drift_ppm, 1),
        }


def find_song(guide: NDArray[np.float32], attempt: NDArray[np.float32], rate: int = 16000) -> SongMatch:
    """Find the guide's sound in the attempt's.

    Parameters
    ----------
    guide, attempt : (N,) and (M,) samples, of any length; all beyond the first `LONGEST_S` seconds is left out.
    rate : samples a second, at least 8000.

    Returns
    -------
    SongMatch

    Raises
    ------
    ValueError
        NaN or infinity among the samples, more than one channel, or too low a rate.
    """
    ours, theirs = as_sound(guide, rate, LONGEST_S), as_sound(attempt, rate, LONGEST_S)
    if min(audible_s(ours, rate, _AUDIBLE_RMS), audible_s(theirs, rate, _AUDIBLE_RMS)) < _LEAST_AUDIBLE_S:
        return SongMatch("none")
    rough_s = rough_offsets_s(mel_flux(ours, rate, _BANDS), mel_flux(theirs, rate, _BANDS))
    found = (align(ours, theirs, rate, offset_s) for offset_s in rough_s)
    return _judged([each for each in found if each is not None], len(ours) / rate, len(theirs) / rate)


def rough_offsets_s(guide: Flux, attempt: Flux) -> list[float]:
    """At most `MOST_CANDIDATES` offsets at which what begins in both clips fits best, best first, right within 0.05 s.

    The correlation at each offset is divided by the energy of what both clips cover there, and judged by how many
    instants that is: neither loud passages nor short overlaps win by themselves.
    """
    first, second = (_standardised(flux) for flux in (guide, attempt))
    least = round(BLOCK_S * guide.fps)
    shifts = np.arange(least - len(first), len(second) - least + 1)
    if not len(shifts):
        return []
    begin = np.maximum(0, -shifts)
    end = np.minimum(len(first), len(second) - shifts)
    energy = _energy(first, begin, end) * _energy(second, begin + shifts, end + shifts)
    fit = _correlated(first, second, shifts) / np.sqrt(np.maximum(energy, 1e-9)) * np.sqrt(end - begin)
    peaks, _ = scipy.signal.find_peaks(np.pad(fit, 1, constant_values=-np.inf), distance=APART_S * guide.fps)
    best = sorted(peaks - 1, key=lambda at: -fit[at])[:MOST_CANDIDATES]
    return [float(shifts[at] / guide.fps) for at in best]


def _standardised(flux: Flux) -> NDArray[np.float32]:
    """Each band about its own local mean, in its own standard deviations, the loudest attacks cut."""
    around = max(1, round(_LOCAL_S * flux.fps))
    kernel = np.full((around, 1), 1 / around, np.float32)
    local = scipy.signal.oaconvolve(flux.rise, kernel, mode="same", axes=0) if len(flux.rise) > around else 0
    centred = flux.rise - local
    return np.minimum(centred / np.maximum(centred.std(axis=0), 1e-6), 4).astype(np.float32)


def _energy(bands: NDArray[np.float32], begin: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.float64]:
    total = np.concatenate([[0.0], np.cumsum(np.square(bands, dtype=np.float64).sum(axis=1))])
    return np.asarray(total[end] - total[begin])


def _correlated(
    first: NDArray[np.float32], second: NDArray[np.float32], shifts: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The sum over bands and time of first[t] * second[t + shift], for each shift. Band by band, for the memory."""
    size = scipy.fft.next_fast_len(len(first) + len(second), real=True)
    cross = sum(
        np.conj(scipy.fft.rfft(one, size)) * scipy.fft.rfft(two, size)
        for one, two in zip(first.T, second.T, strict=True)
    )
    return np.asarray(scipy.fft.irfft(cross, size)[shifts], np.float64)


def _judged(found: list[Alignment], guide_s: float, attempt_s: float) -> SongMatch:
    """Confidence from clarity, shared among all that fit as well."""
    if not found:
        return SongMatch("other")
    chances = [float(scipy.special.expit((each.clarity - _EVEN_CLARITY) / _CLARITY_SCALE)) for each in found]
    confidence = max(chances)
    if confidence < _SAME_FROM:
        return SongMatch("other", confidence=confidence)
    covered_s = [min(guide_s, attempt_s - each.offset_s) - max(0.0, -each.offset_s) for each in found]
    weights = [
        chance * max(0.0, covered) * each.coherence**_SHARE_POWER
        for each, chance, covered in zip(found, chances, covered_s, strict=True)
    ]
    kept: list[tuple[float, Alignment]] = []
    for weight, each in sorted(zip(weights, found, strict=True), key=lambda pair: -pair[0]):
        if all(abs(each.offset_s - other.offset_s) >= APART_S for _, other in kept):
            kept.append((weight, each))
    total = sum(weight for weight, _ in kept)
    shared = [(confidence * weight / total, each) for weight, each in kept]
    candidates = tuple(Candidate(each.offset_s, share) for share, each in shared if share >= _LEAST_CONFIDENCE)
    return SongMatch("same", candidates, kept[0][1].drift_ppm, confidence)
