"""The sound of a demo routine: a drum machine and a bass, made of nothing but numbers."""

import io
import wave

import numpy as np

from choreography.demo.body import Floats
from choreography.demo.routine import Routine

SAMPLE_RATE_HZ = 22_050
_A1_HZ = 55.0
_SEED = 20
_PEAK = 0.89


def beat_wav(routine: Routine) -> bytes:
    """The routine's beat as a WAV file.

    Parameters
    ----------
    routine : Routine

    Returns
    -------
    bytes
        16-bit mono PCM at `SAMPLE_RATE_HZ`, `routine.duration_s` long, the same bytes every time. A kick sounds on
        every count from the pickup on, louder on 1; a hat on every "and", a clap on 2, 4, 6 and 8 of the eights.
        Each begins at its time to the sample.
    """
    sound = np.zeros(round(routine.duration_s * SAMPLE_RATE_HZ))
    kick, hat, clap = _kick(), _hat(), _clap()
    for count in range(-4, 8 * len(routine.eights) + 1):
        in_the_eight = count % 8
        _mix(sound, kick * (1.0 if in_the_eight == 0 else 0.72), routine, count)
        _mix(sound, hat * 0.30, routine, count + 0.5)
        if count >= 0 and in_the_eight % 2:
            _mix(sound, clap * 0.42, routine, count)
    for index, semitones in enumerate(routine.bass):
        for step in (0, 1.5, 3, 4, 5.5, 7):
            _mix(sound, 0.34 * _bass(semitones, 0.55 * routine.beat_s), routine, 8 * index + step)
    return _as_wav(_PEAK * sound / np.abs(sound).max())


def _mix(sound: Floats, note: Floats, routine: Routine, count: float) -> None:
    start = round((routine.first_beat_s + count * routine.beat_s) * SAMPLE_RATE_HZ)
    heard = note[: max(len(sound) - start, 0)]
    sound[start : start + len(heard)] += heard


def _kick() -> Floats:
    """A sine that falls from 160 to 48 Hz, with a click at its head."""
    t_s = _times(0.22)
    phase = 2 * np.pi * (48 * t_s + (160 - 48) * 0.03 * (1 - np.exp(-t_s / 0.03)))
    return np.asarray(np.cos(phase) * np.exp(-t_s / 0.07))


def _hat() -> Floats:
    """A short breath of high noise."""
    t_s = _times(0.05)
    noise = np.random.default_rng(_SEED).standard_normal(len(t_s) + 1)
    return np.asarray(np.diff(noise) * np.exp(-t_s / 0.012) / 2)


def _clap() -> Floats:
    t_s = _times(0.14)
    noise = np.random.default_rng(_SEED + 1).standard_normal(len(t_s))
    return np.asarray(noise * np.exp(-t_s / 0.035) / 2)


def _bass(semitones: int, length_s: float) -> Floats:
    """A round bass note, with a soft start so that the kick keeps the edge."""
    t_s = _times(length_s)
    frequency_hz = _A1_HZ * 2 ** (semitones / 12)
    tone = np.sin(2 * np.pi * frequency_hz * t_s) + 0.35 * np.sin(4 * np.pi * frequency_hz * t_s)
    return np.asarray(tone * np.minimum(t_s / 0.02, 1.0) * np.minimum((length_s - t_s) / 0.05, 1.0))


def _times(length_s: float) -> Floats:
    return np.arange(round(length_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ


def _as_wav(sound: Floats) -> bytes:
    samples = np.round(sound * 32_767).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE_HZ)
        out.writeframes(samples.tobytes())
    return file.getvalue()
