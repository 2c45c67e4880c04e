import io
import wave

import numpy as np
import pytest

from choreography.demo.beat import SAMPLE_RATE_HZ, beat_wav
from choreography.demo.routines import ROUTINES


@pytest.fixture(scope="module", params=ROUTINES, ids=[routine.slug for routine in ROUTINES])
def routine(request):
    return request.param


@pytest.fixture(scope="module")
def sound(routine):
    with wave.open(io.BytesIO(beat_wav(routine))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, SAMPLE_RATE_HZ)
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2") / 32_768


def onset_s(sound, around_s, reach_s=0.06):
    """When the sharpest edge near a time begins."""
    first = round((around_s - reach_s) * SAMPLE_RATE_HZ)
    edges = np.abs(np.diff(sound[first : first + round(2 * reach_s * SAMPLE_RATE_HZ)]))
    return (first + 1 + np.argmax(edges > 0.5 * edges.max())) / SAMPLE_RATE_HZ


def test_the_sound_is_as_long_as_the_dance(routine, sound):
    assert len(sound) / SAMPLE_RATE_HZ == pytest.approx(routine.duration_s, abs=1e-3)


def test_every_count_and_every_and_begins_on_time(routine, sound):
    counts = np.arange(-4, 8 * len(routine.eights), 0.5)
    off_ms = [
        1000 * (onset_s(sound, time_s) - time_s)
        for time_s in routine.first_beat_s + counts * routine.beat_s
        if time_s > 0.06
    ]
    assert np.abs(off_ms).max() < 5


def test_the_one_is_louder_than_the_other_odd_counts(routine, sound):
    def low_energy(count):
        first = round((routine.first_beat_s + count * routine.beat_s) * SAMPLE_RATE_HZ)
        return float(np.abs(sound[first : first + 60]).max())

    ones = [low_energy(8 * eight) for eight in range(len(routine.eights))]
    fives = [low_energy(8 * eight + 4) for eight in range(len(routine.eights))]
    assert min(ones) > 1.2 * max(fives)


def test_it_is_loud_and_never_clips(sound):
    assert 0.8 < np.abs(sound).max() < 0.95


def test_the_same_bytes_every_time(routine):
    assert beat_wav(routine) == beat_wav(routine)
