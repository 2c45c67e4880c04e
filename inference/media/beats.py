"""The beat of a guide's sound: an even grid, where there is one.

What begins in the sound, summed over bands of pitch, gives a curve of onsets, and its autocorrelation a first tempo.
Recorded dance music keeps its tempo to a thousandth, so the curve of the whole song is folded at every tempo about the
first one: at the right one the beats of minutes fall onto each other, and nowhere else. Each beat that is heard near this
grid then gets its number, and a robust line through time over number places the grid within milliseconds. Beats that
wander, as a tracker would follow them, are of no use here: counts are an even grid, and where none fits it is said.

Which beat is "1" is not told: chords and accents do not say it reliably, a person who taps it does.

References
----------
D. Ellis, "Beat tracking by dynamic programming", Journal of New Music Research 36(1), 2007: the onset curve and the
weight by usual tempo. D. Moelants, "Preferred tempo reconsidered", ICMPC 2002: people tap at about 120 a minute.
"""

from dataclasses import dataclass
from typing import TypedDict

import numpy as np
import scipy.fft
import scipy.ndimage
from numpy.typing import NDArray

from inference.media.flux import as_sound, audible_s, mel_flux

VERSION = 1

LONGEST_S = 600.0
"""What is listened to: an hour costs no more than ten minutes, about three seconds."""
SHORTEST_S = 4.0
_AUDIBLE_RMS = 5e-4
_BANDS = 36
_LOCAL_S = 0.4
_LOUDEST = 5.0
# A curve that varies less is no music; in nepers of power.
_LEAST_VARIATION = 0.03
# What the onset curve is ahead of the attack, measured on clicks, drums and a kick of which the times are known: the
# window hears it come.
_AHEAD_S = 0.007

_SLOWEST_BPM, _FASTEST_BPM = 50.0, 210.0
_USUAL_BPM, _USUAL_OCTAVES = 118.0, 0.55
_COMB = (1.0, 0.5, 0.25, 0.125)

# How far about the first tempo is looked, and in how many steps for each beat of the clip.
_SPAN, _STEPS_A_BEAT = 0.06, 8
_PHASES = 48
_NEAR_BEAT_S = 0.04
_HEARD = 0.5
_LEAST_BEATS = 4

# Noise folds to about 1 / sqrt(beats) standard deviations, drum loops to above 1.
_CHANCE, _CERTAIN = 1.5, 0.6
_LEAST_CONFIDENCE = 0.05
_STRETCH_S = 8.0
# Steady: at other tempos the grid gains so many times less, and most stretches gain a fair part of what the whole does.
_STEADY_TIMES, _STEADY_PART, _STEADY_SHARE = 2.8, 0.35, 0.75

Curve = NDArray[np.float64]


class BeatsPayload(TypedDict):
    version: int
    bpm: float
    first_beat_s: float
    confidence: float
    steady: bool
    beats: int


@dataclass(frozen=True)
class Beats:
    """Attributes
    ----------
    bpm : beats a minute.
    first_beat_s : the earliest time of the grid at or after 0, whether or not it is heard; others are 60 / bpm apart.
    confidence : 0..1 that there is a beat and this is it, up to the octave.
    steady : one tempo fits from beginning to end; if not, the grid is the best there is and not good.
    beats : how many were heard.
    """

    bpm: float
    first_beat_s: float
    confidence: float
    steady: bool
    beats: int

    def to_payload(self) -> BeatsPayload:
        return {
            "version": VERSION,
            "bpm": round(self.bpm, 3),
            "first_beat_s": round(self.first_beat_s, 4),
            "confidence": round(self.confidence, 3),
            "steady": self.steady,
            "beats": self.beats,
        }


def find_beats(sound: NDArray[np.float32], rate: int = 16000) -> Beats | None:
    """Find tempo and beats.

    Parameters
    ----------
    sound : (N,) samples; all beyond the first `LONGEST_S` seconds is left out.
    rate : samples a second, at least 8000.

    Returns
    -------
    Beats, or None for less than `SHORTEST_S` seconds of audible sound, or sound without any beat.

    Raises
    ------
    ValueError
        NaN or infinity among the samples, more than one channel, or too low a rate.
    """
    heard = as_sound(sound, rate, LONGEST_S)
    if audible_s(heard, rate, _AUDIBLE_RMS) < SHORTEST_S:
        return None
    flux = mel_flux(heard, rate, _BANDS)
    onsets = onset_curve(flux.rise, flux.fps)
    if not onsets.any():
        return None
    period, first = _best_grid(onsets, _likeliest_period(onsets, flux.fps))
    rows, numbers = _heard_beats(onsets, period, first, flux.fps)
    if len(rows) < _LEAST_BEATS:
        return None
    period, first = _line_through(rows, numbers)
    confidence = _confidence(onsets, period, first)
    if confidence < _LEAST_CONFIDENCE:
        return None
    period_s = period / flux.fps
    return Beats(
        bpm=60 / period_s,
        first_beat_s=(first / flux.fps + _AHEAD_S) % period_s,
        confidence=confidence,
        steady=_is_steady(onsets, period, first, flux.fps),
        beats=len(rows),
    )


def onset_curve(rise: NDArray[np.float32], fps: float) -> Curve:
    """(T,) >= 0, what begins at each instant: the mean rise over the bands above its local mean, in standard deviations."""
    total = rise.mean(axis=1, dtype=np.float64)
    above = np.maximum(total - scipy.ndimage.uniform_filter1d(total, round(_LOCAL_S * fps)), 0)
    return np.minimum(above / max(float(above.std()), _LEAST_VARIATION), _LOUDEST)


def _likeliest_period(onsets: Curve, fps: float) -> float:
    """Rows a beat: what the autocorrelation says of one to four beats, weighed by what people tap to."""
    bpm = np.geomspace(_SLOWEST_BPM, _FASTEST_BPM, 600)
    periods = 60 * fps / bpm
    size = scipy.fft.next_fast_len(2 * len(onsets), real=True)
    centred = onsets - onsets.mean()
    similar = scipy.fft.irfft(np.abs(scipy.fft.rfft(centred, size)) ** 2, size)[: len(onsets)]
    similar /= np.maximum(len(onsets) - np.arange(len(onsets)), len(onsets) / 4)
    lags = np.arange(len(similar))
    comb = sum(share * np.interp(periods * (beat + 1), lags, similar, right=0) for beat, share in enumerate(_COMB))
    usual = np.exp(-0.5 * (np.log2(bpm / _USUAL_BPM) / _USUAL_OCTAVES) ** 2)
    return float(periods[(np.maximum(comb, 0) * usual).argmax()])


def _best_grid(onsets: Curve, about: float) -> tuple[float, float]:
    """(period, first) in rows: the grid near the period `about` on which the onsets are highest on average."""
    best = (-np.inf, about, 0.0)
    for period in _periods_about(about, len(onsets)):
        profile = _folded(onsets, period)
        peak = int(profile.argmax())
        best = max(best, (float(profile[peak]), float(period), (peak + 0.5) / _PHASES * float(period)))
    return best[1], best[2]


def _periods_about(about: float, rows: int) -> Curve:
    """As many as it takes for the last beat of the clip to move by a fraction of a beat from one to the next."""
    steps = max(8, round(_STEPS_A_BEAT * _SPAN * rows / about))
    return about * (1 + np.linspace(-_SPAN, _SPAN, 2 * steps + 1))


def _folded(onsets: Curve, period: float) -> Curve:
    """(_PHASES,) mean onset at each phase of the beat, a little smoothed."""
    phase = (np.arange(len(onsets)) / period % 1 * _PHASES).astype(int) % _PHASES
    counted = np.maximum(np.bincount(phase, minlength=_PHASES), 1)
    profile = np.bincount(phase, onsets, _PHASES) / counted
    return np.asarray(scipy.ndimage.gaussian_filter1d(profile, 1.5, mode="wrap"))


def _heard_beats(onsets: Curve, period: float, first: float, fps: float) -> tuple[Curve, Curve]:
    """(rows, numbers) of the beats that are heard close to the grid, between rows by a parabola."""
    near = max(1, round(_NEAR_BEAT_S * fps))
    rows, numbers = [], []
    for number in range(int((len(onsets) - 1 - first) / period) + 1):
        begin = max(1, round(first + number * period) - near)
        around = onsets[begin : begin + 2 * near + 1]
        peak = begin + int(around.argmax()) if len(around) else 0
        if not 1 <= peak < len(onsets) - 1 or onsets[peak] < _HEARD:
            continue
        left, middle, right = onsets[peak - 1 : peak + 2]
        bend = left - 2 * middle + right
        rows.append(peak + (float(np.clip((left - right) / (2 * bend), -0.5, 0.5)) if bend < 0 else 0.0))
        numbers.append(number)
    return np.array(rows), np.array(numbers, np.float64)


def _line_through(rows: Curve, numbers: Curve) -> tuple[float, float]:
    """(period, first): least absolute residuals of row = first + period * number."""
    weights = np.ones(len(rows))
    for _ in range(8):
        period, first = np.polyfit(numbers, rows, 1, w=np.sqrt(weights))
        weights = 1 / np.maximum(np.abs(rows - first - period * numbers), 0.2)
    return float(period), float(first)


def _confidence(onsets: Curve, period: float, first: float) -> float:
    beats = len(onsets) / period
    gain = _gain(onsets, period, first)
    return float(np.clip((gain - _CHANCE / np.sqrt(beats)) / _CERTAIN, 0, 1))


def _gain(onsets: Curve, period: float, first: float) -> float:
    """How much higher the onsets are on the grid than elsewhere, in their standard deviations."""
    phase = int(first / period % 1 * _PHASES) % _PHASES
    spread = float(onsets.std())
    return float(_folded(onsets, period)[phase] - onsets.mean()) / spread if spread > 0 else 0.0


def _is_steady(onsets: Curve, period: float, first: float, fps: float) -> bool:
    """Whether this tempo stands out from those about it, and holds in nearly every stretch that has beats."""
    gain = _gain(onsets, period, first)
    others = [float(_folded(onsets, other).max() - onsets.mean()) for other in _periods_about(period, len(onsets))]
    stretch = round(_STRETCH_S * fps)
    starts = range(0, max(1, len(onsets) - stretch + 1), stretch)
    held = [_gain(onsets[at : at + stretch], period, first - at) > _STEADY_PART * gain for at in starts]
    stands_out = gain * float(onsets.std()) > _STEADY_TIMES * float(np.median(others))
    return stands_out and float(np.mean(held)) >= _STEADY_SHARE
