"""Songs made in code, and what rooms, microphones and people do to them. Seeded: the samples repeat."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import scipy.signal
from numpy.typing import NDArray

RATE = 16_000
Sound = NDArray[np.float32]


def pop_song(seed: int, duration_s: float, bpm: float = 118.0, kit: int | None = None) -> Sound:
    """Drums, bass, chords and a tune; every other eight bars the same chorus, but for how it is sung."""
    chance = np.random.default_rng(seed)
    beat_s = 60 / bpm
    drums = _drum_kit(np.random.default_rng(seed if kit is None else kit))
    verse, chorus = (chance.choice([0, 3, 5, 7, 8, 10], 4) for _ in range(2))
    hook = chance.integers(0, 12, 32)
    song = np.zeros(round(duration_s * RATE) + 2 * RATE, np.float32)
    for beat in range(int(duration_s / beat_s)):
        at_s, bar = beat * beat_s, beat // 4
        is_chorus = bar // 8 % 2 == 1
        _add(song, at_s, drums["kick" if beat % 2 == 0 else "snare"])
        for half in (0.0, 0.5):
            _add(song, at_s + half * beat_s, drums["hat"])
        root = 45 + (chorus if is_chorus else verse)[bar % 4]
        _add(song, at_s, 0.25 * _note(root - 12, beat_s, 5))
        if beat % 2 == 0:
            _add(song, at_s, 0.08 * sum(_note(root + third, 2 * beat_s, 8) for third in (0, 4, 7)))
        pitch = 64 + (hook[beat % 32] if is_chorus else chance.integers(0, 12))
        _add(song, at_s + chance.normal(0, 0.01), 0.15 * _note(pitch + chance.normal(0, 0.1), beat_s, 10))
    return _levelled(song[: round(duration_s * RATE)])


def loop_song(seed: int, duration_s: float, bpm: float = 120.0, bars: int = 4) -> Sound:
    """The same bars again and again, equal to the sample."""
    loop = pop_song(seed, bars * 4 * 60 / bpm, bpm)
    return np.tile(loop, -(-round(duration_s * RATE) // len(loop)))[: round(duration_s * RATE)]


def orchestra(seed: int, duration_s: float) -> Sound:
    """Slow chords and a tune in a tempo that breathes, no drums."""
    chance = np.random.default_rng(seed)
    song = np.zeros(round(duration_s * RATE) + 6 * RATE, np.float32)
    at_s = 0.0
    while at_s < duration_s:
        length_s = 0.6 * (1 + 0.3 * np.sin(at_s / 3)) * chance.choice([0.5, 1, 1, 2])
        for pitch in chance.choice([36, 43, 48, 52, 55, 60, 64, 67, 72, 76], 3, replace=False):
            _add(song, at_s, chance.uniform(0.05, 0.2) * _note(pitch + chance.normal(0, 0.05), 2 * length_s, 9, 0.05))
        at_s += length_s
    return _levelled(song[: round(duration_s * RATE)])


def talk(seed: int, duration_s: float, voices: int = 3) -> Sound:
    """Some people speaking at once: pulses at a voice's pitch and hiss, through formants, in syllables."""
    chance = np.random.default_rng(seed)
    spoken = np.zeros(round(duration_s * RATE) + RATE, np.float32)
    for _ in range(voices):
        at_s = 0.0
        pitch_hz = chance.uniform(100, 240)
        while at_s < duration_s:
            length = round(chance.uniform(0.08, 0.3) * RATE)
            voice = 0.2 * chance.normal(size=length)
            voice[:: round(RATE / (pitch_hz * chance.uniform(0.85, 1.2)))] += 3
            for formant_hz in (chance.uniform(300, 800), chance.uniform(900, 2400)):
                b, a = scipy.signal.iirpeak(formant_hz, 4, fs=RATE)
                voice = scipy.signal.lfilter(b, a, voice) + 0.1 * voice
            _add(spoken, at_s, (voice * np.hanning(length)).astype(np.float32))
            at_s += length / RATE + chance.gamma(1.5, 0.08)
    return _levelled(spoken[: round(duration_s * RATE)])


def in_room(sound: Sound, seed: int, fades_s: float, direct: float = 1.0) -> Sound:
    """Heard in a room: the sound itself at time zero, eight early reflections, a tail 60 dB down after `fades_s`."""
    chance = np.random.default_rng(seed)
    length = round(fades_s * RATE)
    tail = chance.normal(size=length) * 10 ** (-3 * np.arange(length) / length)
    tail[: round(0.02 * RATE)] = 0
    response = 0.7 * tail / np.sqrt(np.sum(tail**2))
    response[chance.integers(30, 640, 8)] += chance.uniform(-0.35, 0.35, 8)
    response[0] = direct
    return scipy.signal.oaconvolve(sound, response)[: len(sound)].astype(np.float32)


def with_added(sound: Sound, other: Sound, snr_db: float) -> Sound:
    """`other` on top, so loud that the sound is `snr_db` above it."""
    louder = np.sqrt(np.mean(sound**2) / np.mean(other**2)) * 10 ** (-snr_db / 20)
    return (sound + louder * other[: len(sound)]).astype(np.float32)


def hiss(seed: int, samples: int) -> Sound:
    return np.random.default_rng(seed).normal(size=samples).astype(np.float32)


def only_between(sound: Sound, low_hz: float, high_hz: float) -> Sound:
    """What a small microphone or a codec leaves."""
    sections = scipy.signal.butter(6, [low_hz, high_hz], "bandpass", fs=RATE, output="sos")
    return scipy.signal.sosfilt(sections, sound).astype(np.float32)


def drifting(sound: Sound, ppm: float) -> Sound:
    """Recorded by a clock that makes it longer by `ppm` millionths."""
    at = np.arange(round(len(sound) * (1 + ppm * 1e-6))) / (1 + ppm * 1e-6)
    # Four times the rate first: straight lines between samples would be a low-pass filter that comes and goes.
    fine = scipy.signal.resample_poly(sound, 4, 1)
    return np.interp(at * 4, np.arange(len(fine)), fine).astype(np.float32)


def clipped(sound: Sound, share: float = 0.3) -> Sound:
    """Too loud for the microphone."""
    limit = share * float(np.abs(sound).max())
    return np.clip(sound, -limit, limit)


def coarse(sound: Sound, kept: float = 0.1) -> Sound:
    """As a codec at a low rate: of each frame's frequencies only the strongest, nothing above 5 kHz."""
    hz, _, spectrum = scipy.signal.stft(sound, RATE, nperseg=1024)
    level = np.abs(spectrum)
    weak = level < np.quantile(level, 1 - kept, axis=0)
    spectrum[weak | (hz > 5000)[:, None]] = 0
    return scipy.signal.istft(spectrum, RATE, nperseg=1024)[1][: len(sound)].astype(np.float32)


def clicks(times_s: Sequence[float], duration_s: float, rate: int = RATE) -> Sound:
    n = np.arange(round(0.05 * rate)) / rate
    click = (np.sin(2 * np.pi * 1000 * n) * np.exp(-n / 0.01)).astype(np.float32)
    track = np.zeros(round(duration_s * rate) + len(click), np.float32)
    for time_s in times_s:
        at = round(time_s * rate)
        track[at : at + len(click)] += click
    return track[: round(duration_s * rate)]


def recorded(path: Path) -> Sound:
    """The sound of any file, one channel."""
    import av

    with av.open(str(path)) as container:
        resampler = av.AudioResampler("fltp", "mono", RATE)
        blocks = []
        for frame in container.decode(audio=0):
            frame.pts = None
            blocks += resampler.resample(frame)
        blocks += resampler.resample(None)
    return np.concatenate([block.to_ndarray()[0] for block in blocks])


def _drum_kit(chance: np.random.Generator) -> dict[str, Sound]:
    t_s = np.arange(round(0.15 * RATE)) / RATE
    hiss_ = chance.normal(size=(2, len(t_s)))
    kick = np.sin(2 * np.pi * (50 * t_s + chance.uniform(2, 4) * (1 - np.exp(-t_s / 0.02)))) * np.exp(-t_s / 0.05)
    snare = (hiss_[0] + np.sin(2 * np.pi * chance.uniform(170, 220) * t_s)) * np.exp(-t_s / 0.04)
    hat = np.diff(hiss_[1], prepend=0) * np.exp(-t_s / 0.012)
    return {"kick": kick.astype("f4"), "snare": (0.35 * snare).astype("f4"), "hat": (0.12 * hat).astype("f4")}


def _note(pitch: float, duration_s: float, partials: int, attack_s: float = 0.008) -> Sound:
    """`pitch` as in MIDI: 69 is 440 Hz."""
    t_s = np.arange(round(duration_s * RATE)) / RATE
    hz = 440 * 2 ** ((pitch - 69) / 12)
    vibrato = 2 * np.pi * hz * (t_s + 0.0003 * np.sin(2 * np.pi * 5.5 * t_s) / 5.5)
    tone = sum(np.sin(vibrato * k) / k for k in range(1, partials + 1) if hz * k < RATE / 2)
    return (tone * np.minimum(t_s / attack_s, 1) * np.exp(-2 * t_s / duration_s)).astype(np.float32)


def _add(song: Sound, at_s: float, sound: Sound) -> None:
    at = max(0, round(at_s * RATE))
    room = song[at : at + len(sound)]
    room += sound[: len(room)]


def _levelled(sound: Sound) -> Sound:
    return (0.5 * sound / np.abs(sound).max()).astype(np.float32)
