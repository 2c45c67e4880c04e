"""Where in a sound something begins: the rise of its level in bands of pitch, a hundred times a second.

Both who looks for a song in a room (`song.py`) and who looks for its beats (`beats.py`) listen to this and not to the
level itself: what rises is attacks, and attacks survive rooms, microphones and codecs.

References
----------
S. Dixon, "Onset detection revisited", DAFx 2006. S. Stevens et al. on the mel scale, JASA 1937.
"""

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

Sound = NDArray[np.float32]

HOP_S = 0.01
WINDOW_S = 0.032
LOW_HZ = 100.0
HIGH_HZ = 7000.0
# Levels this far below a band's own mean, or the mean of all bands, count as nothing: the hiss between two notes is no
# event, nor is what a window leaks from one band to others.
_FLOOR, _FLOOR_OF_ALL = 1e-3, 1e-6
_CHUNK_FRAMES = 4096


@dataclass(frozen=True)
class Flux:
    """Attributes
    ----------
    rise : (T, bands) float32 >= 0, how much the logarithm of the power rose; row k is about k / fps seconds in.
    fps : rows a second, 100 where the sample rate divides by 100.
    """

    rise: NDArray[np.float32]
    fps: float


def as_sound(sound: NDArray[np.floating], rate: int, longest_s: float) -> Sound:
    """The first `longest_s` seconds as float32.

    Raises
    ------
    ValueError
        Not one channel (N,), or NaN or infinity in it, or a rate below 8000 a second.
    """
    if rate < 8000:
        raise ValueError(f"too few samples a second: {rate}")
    if sound.ndim != 1:
        raise ValueError(f"one channel is wanted, (N,), not {sound.shape}")
    kept = np.ascontiguousarray(sound[: int(longest_s * rate)], dtype=np.float32)
    if not np.isfinite(kept).all():
        raise ValueError("NaN or infinity among the samples")
    return kept


def audible_s(sound: Sound, rate: int, least_rms: float) -> float:
    """For how many seconds the sound is louder than `least_rms`, looked at in tenths of a second."""
    step = rate // 10
    tenths = sound[: len(sound) // step * step].reshape(-1, step)
    power = np.einsum("ij,ij->i", tenths, tenths) / step
    return float(np.count_nonzero(power > least_rms**2)) / 10


def mel_flux(sound: Sound, rate: int, bands: int) -> Flux:
    """The rise of the level in each of `bands` bands that are equally wide on the mel scale, 100 Hz to 7 kHz.

    Parameters
    ----------
    sound : (N,) float32
    rate : samples a second.

    Returns
    -------
    Flux
        Of N / hop rows, rounded up. Memory beyond the result does not grow with N.
    """
    hop, window = round(HOP_S * rate), round(WINDOW_S * rate)
    size = scipy.fft.next_fast_len(window, real=True)
    taper = np.hanning(window + 1)[:-1].astype(np.float32)
    filters = _mel_filters(size, rate, bands)
    count = -(-len(sound) // hop)
    level = np.empty((count, bands), np.float32)
    for first in range(0, count, _CHUNK_FRAMES):
        frames = _frames(sound, first, min(_CHUNK_FRAMES, count - first), hop, window)
        spectrum = scipy.fft.rfft(frames * taper, size, axis=1)
        level[first : first + len(frames)] = (spectrum.real**2 + spectrum.imag**2) @ filters
    if count:
        mean = level.mean(axis=0, dtype=np.float64)
        level = np.log(level + (_FLOOR * mean + _FLOOR_OF_ALL * mean.mean() + 1e-12).astype(np.float32))
    rise = np.zeros_like(level)
    np.maximum(level[1:] - level[:-1], 0, out=rise[1:])
    return Flux(rise, rate / hop)


def _frames(sound: Sound, first: int, count: int, hop: int, window: int) -> Sound:
    """(count, window): frame k is centred on sample k * hop, with silence around the sound."""
    begin = first * hop - window // 2
    end = begin + (count - 1) * hop + window
    piece = np.pad(sound[max(0, begin) : max(0, end)], (max(0, -begin), max(0, end - len(sound))))
    return np.lib.stride_tricks.sliding_window_view(piece, window)[::hop]


def _mel_filters(size: int, rate: int, bands: int) -> Sound:
    """(size // 2 + 1, bands) triangles, each of area one."""
    top_hz = min(HIGH_HZ, 0.45 * rate)
    edges_hz = _hz(np.linspace(_mel(LOW_HZ), _mel(top_hz), bands + 2))
    bins_hz = np.fft.rfftfreq(size, 1 / rate)[:, None]
    low, middle, high = edges_hz[:-2], edges_hz[1:-1], edges_hz[2:]
    triangles = np.clip(np.minimum((bins_hz - low) / (middle - low), (high - bins_hz) / (high - middle)), 0, None)
    # A band narrower than the bins' spacing takes its nearest bin.
    empty = ~triangles.any(axis=0)
    triangles[np.abs(bins_hz - middle).argmin(axis=0)[empty], np.flatnonzero(empty)] = 1
    return np.asarray(triangles / triangles.sum(axis=0), np.float32)


def _mel(hz: float) -> float:
    return float(2595 * np.log10(1 + hz / 700))


def _hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(700 * (10 ** (mel / 2595) - 1))
