"""Music that we make: a beat and chords on a dance's tempo. Nobody's song, and no great one.

The first beat is at 0 s, where the first pose of a made-up dance is, and every bar has four.
"""

import numpy as np
from numpy.typing import NDArray

Single = NDArray[np.float32]

RATE_HZ = 44_100
_LEVEL = 0.7
_HALF_TONES = {"major": (0, 4, 7), "minor": (0, 3, 7)}
# Steps above the key and kind of chord; each progression is four bars.
_PROGRESSIONS = (
    ((0, "major"), (7, "major"), (9, "minor"), (5, "major")),
    ((0, "minor"), (8, "major"), (3, "major"), (10, "major")),
    ((9, "minor"), (5, "major"), (0, "major"), (7, "major")),
)


def make_music(seed: int, beats_a_minute: float, duration_s: float) -> Single:
    """Mono sound.

    Parameters
    ----------
    seed
        The same number gives the same music.
    beats_a_minute : float
        Above 0.
    duration_s : float
        At least 0.

    Returns
    -------
    (N,) float32
        Samples in [-1, 1] at RATE_HZ; N is the duration's.
    """
    rng = np.random.default_rng(seed)
    beat_s = 60.0 / beats_a_minute
    track = np.zeros(round(duration_s * RATE_HZ), dtype=np.float32)
    key_hz = float(110.0 * 2 ** (rng.integers(12) / 12))
    chords = _PROGRESSIONS[rng.integers(len(_PROGRESSIONS))]
    kick, snare, hat = _kick(), _snare(rng), _hat(rng)
    for beat in range(int(np.ceil(duration_s / beat_s))):
        _add(track, kick, beat * beat_s)
        _add(track, hat, (beat + 0.5) * beat_s)
        if beat % 2 == 1:
            _add(track, snare, beat * beat_s)
        if beat % 4 == 0:
            step, kind = chords[beat // 4 % len(chords)]
            _add(track, _chord(key_hz * 2 ** (step / 12), kind, 4 * beat_s), beat * beat_s)
        if beat % 4 in (0, 3):
            _add(track, _bass(key_hz / 2 * 2 ** (step / 12), beat_s), beat * beat_s)
    loudest = np.abs(track).max(initial=1e-9)
    return np.asarray(track * np.float32(_LEVEL / loudest), dtype=np.float32)


def _add(track: Single, sound: Single, at_s: float) -> None:
    start = round(at_s * RATE_HZ)
    room = track[start : start + len(sound)]
    room += sound[: len(room)]


def _times(duration_s: float) -> Single:
    return (np.arange(round(duration_s * RATE_HZ)) / RATE_HZ).astype(np.float32)


def _kick() -> Single:
    t_s = _times(0.18)
    # The pitch falls from 130 to 45 Hz: the phase is its integral.
    phase = 2 * np.pi * (45 * t_s + 85 * 0.04 * (1 - np.exp(-t_s / 0.04)))
    return np.asarray(0.9 * np.sin(phase) * np.exp(-t_s / 0.06), dtype=np.float32)


def _snare(rng: np.random.Generator) -> Single:
    t_s = _times(0.15)
    noise = rng.standard_normal(len(t_s))
    return np.asarray(0.35 * (0.6 * noise + np.sin(2 * np.pi * 190 * t_s)) * np.exp(-t_s / 0.045), dtype=np.float32)


def _hat(rng: np.random.Generator) -> Single:
    t_s = _times(0.05)
    # Differences of noise leave its high frequencies.
    noise = np.diff(rng.standard_normal(len(t_s) + 1))
    return np.asarray(0.1 * noise * np.exp(-t_s / 0.012), dtype=np.float32)


def _chord(root_hz: float, kind: str, duration_s: float) -> Single:
    t_s = _times(duration_s)
    swell = np.minimum(1, t_s / 0.03) * np.minimum(1, (duration_s - t_s) / 0.05)
    total = np.zeros_like(t_s)
    for steps in _HALF_TONES[kind]:
        pitch_hz = 2 * root_hz * 2 ** (steps / 12)
        for harmonic in (1, 2, 3):
            total += np.sin(2 * np.pi * harmonic * pitch_hz * t_s) / harmonic**2
    return np.asarray(0.09 * total * swell, dtype=np.float32)


def _bass(pitch_hz: float, duration_s: float) -> Single:
    t_s = _times(0.9 * duration_s)
    wave = np.sin(2 * np.pi * pitch_hz * t_s) + 0.3 * np.sin(4 * np.pi * pitch_hz * t_s)
    return np.asarray(0.3 * wave * np.exp(-t_s / 0.4) * np.minimum(1, t_s / 0.005), dtype=np.float32)
