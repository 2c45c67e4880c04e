"""Is the guide's song playing in the attempt, and where: `t_attempt = t_guide + offset_s`.

Both clips may cover any part of the song. First all offsets are looked at roughly: what begins in the one should begin in
the other (the rise of the level in bands of pitch, correlated over what both clips cover). The best offsets are then
looked at closely by GCC-PHAT (`phat.py`), which tells one recording of a song from its next bar, from another song in the
same tempo, and from another performance of it, and knows the offset to a fraction of a millisecond.

A song made of samples and loops fits at several offsets. How much of the attempt each explains that no other does
(`explaining.py`) tells the right one from those where only the drums agree. Where even that is equal, they share the
confidence, and what else is known, the movement, must choose.

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

from inference.media.explaining import explained_shares
from inference.media.flux import Flux, Sound, as_sound, audible_s, mel_flux
from inference.media.phat import BLOCK_S, Alignment, align

SongHeard = Literal["same", "other", "none"]
VERSION = 1

LONGEST_S = 900.0
"""What is listened to of each clip: an hour costs no more than a quarter of it."""
MOST_CANDIDATES = 32
APART_S = 0.1
# Quieter is a muted clip: -66 dB of full scale.
_AUDIBLE_RMS = 5e-4
# Less is too little to tell another song by.
_LEAST_AUDIBLE_S = BLOCK_S
_BANDS = 40
_LOCAL_S = 1.0
# From trials of `make bench-songs`: other songs reach a clarity of about 6, rarely 7.8; the right ones begin at about 9.
_EVEN_CLARITY, _CLARITY_SCALE = 8.0, 0.5
_SAME_FROM = 0.5
_LEAST_CONFIDENCE = 0.01
_LEAST_CHANCE = 0.05
_BEYOND_DOUBT = 12.0
_LOOKED_AT_ONCE = 12


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
    found: list[Alignment] = []
    for begin in range(0, len(rough_s), _LOOKED_AT_ONCE):
        looks = (align(ours, theirs, rate, offset_s) for offset_s in rough_s[begin : begin + _LOOKED_AT_ONCE])
        found = _apart([*found, *(each for each in looks if each is not None)])
        if _is_alone(found):
            break
    return _judged(ours, theirs, rate, found)


def rough_offsets_s(guide: Flux, attempt: Flux) -> list[float]:
    """At most `MOST_CANDIDATES` offsets at which what begins in both clips fits best, right within 0.05 s.

    Two rankings take turns. The one divides the correlation at each offset by the energy of what both clips cover there,
    and judges it by how many instants that is: neither loud passages nor short overlaps win by themselves. It is led by
    the drums, which fit every other beat. In the other all rhythms count the same (the phase transform of the onsets),
    so that the steady beat weighs no more than the tune.
    """
    first, second = (_standardised(flux) for flux in (guide, attempt))
    least = round(BLOCK_S * guide.fps)
    shifts = np.arange(least - len(first), len(second) - least + 1)
    if not len(shifts):
        return []
    begin = np.maximum(0, -shifts)
    end = np.minimum(len(first), len(second) - shifts)
    energy = _energy(first, begin, end) * _energy(second, begin + shifts, end + shifts)
    plain, even = _correlated(first, second, shifts)
    fit = plain / np.sqrt(np.maximum(energy, 1e-9)) * np.sqrt(end - begin)
    best: list[int] = []
    for pair in zip(_peaks(even, guide.fps), _peaks(fit, guide.fps), strict=False):
        best += [at for at in pair if all(abs(at - other) >= APART_S * guide.fps for other in best)]
    return [float(shifts[at] / guide.fps) for at in best[:MOST_CANDIDATES]]


def _peaks(fit: NDArray[np.float64], fps: float) -> list[int]:
    """The highest first, as many as can be needed."""
    peaks, _ = scipy.signal.find_peaks(np.pad(fit, 1, constant_values=-np.inf), distance=APART_S * fps)
    return [int(at) for at in sorted(peaks - 1, key=lambda at: -fit[at])[:MOST_CANDIDATES]]


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
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each shift the sum over bands and time of first[t] * second[t + shift]: as it is, and with every rhythm made
    equally strong. Band by band, for the memory."""
    size = scipy.fft.next_fast_len(len(first) + len(second), real=True)
    plain, even = np.zeros((2, size // 2 + 1), np.complex128)
    for one, two in zip(first.T, second.T, strict=True):
        cross = np.conj(scipy.fft.rfft(one, size)) * scipy.fft.rfft(two, size)
        plain += cross
        even += cross / (np.abs(cross) + np.float32(1e-9))
    return scipy.fft.irfft(plain, size)[shifts], scipy.fft.irfft(even, size)[shifts]


def _apart(found: list[Alignment]) -> list[Alignment]:
    """The clearest first, and of those that came to lie on the same place only one."""
    kept: list[Alignment] = []
    for each in sorted(found, key=lambda each: -each.clarity):
        if all(abs(each.offset_s - other.offset_s) >= APART_S for other in kept):
            kept.append(each)
    return kept


def _is_alone(found: list[Alignment]) -> bool:
    """Whether one is beyond doubt and no other is likely: then nothing repeats, and the rest need no look."""
    return (
        bool(found) and found[0].clarity > _BEYOND_DOUBT and all(_chance_of(each) < _LEAST_CHANCE for each in found[1:])
    )


def _judged(guide: Sound, attempt: Sound, rate: int, found: list[Alignment]) -> SongMatch:
    """Confidence from clarity, shared by how much of the attempt each explains."""
    confidence = _chance_of(found[0]) if found else 0.0
    if confidence < _SAME_FROM:
        return SongMatch("other", confidence=confidence)
    likely = [each for each in found if _chance_of(each) >= _LEAST_CHANCE]
    shares = confidence * explained_shares(guide, attempt, rate, likely)
    best_first = [int(at) for at in np.argsort(-shares, kind="stable")]
    kept = [at for at in best_first if shares[at] >= _LEAST_CONFIDENCE]
    candidates = tuple(Candidate(likely[at].offset_s, float(shares[at])) for at in kept)
    return SongMatch("same", candidates, likely[best_first[0]].drift_ppm, confidence)


def _chance_of(found: Alignment) -> float:
    return float(scipy.special.expit((found.clarity - _EVEN_CLARITY) / _CLARITY_SCALE))
