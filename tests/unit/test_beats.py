import json

import numpy as np
import pytest

from inference.media.beats import find_beats
from tests import songs
from tests.songs import RATE


def off_grid_s(found, time_s):
    """How far a beat at this time lies off the grid that was found."""
    period_s = 60 / found.bpm
    return abs((time_s - found.first_beat_s + period_s / 2) % period_s - period_s / 2)


def test_silence_short_clips_tones_and_noise_have_no_beat():
    tone = np.sin(np.arange(RATE * 10) * 0.1).astype(np.float32)
    for sound in (np.zeros(0, np.float32), np.zeros(RATE * 10, np.float32), songs.pop_song(1, 3.0), tone):
        assert find_beats(sound, RATE) is None
    for seed in range(3):
        assert find_beats(0.1 * songs.hiss(seed, RATE * 20), RATE) is None


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_malformed_sound_is_refused(bad):
    with pytest.raises(ValueError, match="NaN"):
        find_beats(np.array([0, bad], np.float32), RATE)
    with pytest.raises(ValueError, match="one channel"):
        find_beats(np.zeros((2, RATE), np.float32), RATE)


@pytest.mark.parametrize("rate", [16_000, 44_100])
@pytest.mark.parametrize(("bpm", "first_s"), [(118.4, 0.3137), (90.0, 0.1), (150.0, 0.05), (72.5, 0.6)])
def test_clicks_are_found_within_milliseconds(bpm, first_s, rate):
    found = find_beats(songs.clicks(np.arange(first_s, 59, 60 / bpm), 60, rate), rate)
    assert found.bpm == pytest.approx(bpm, abs=0.005)
    assert found.first_beat_s == pytest.approx(first_s, abs=0.003)
    assert found.steady
    assert found.confidence > 0.9
    assert found.beats == pytest.approx(59 * bpm / 60, abs=2)


@pytest.mark.parametrize("bpm", [84.0, 102.7, 146.0])
def test_a_song_keeps_its_grid_to_its_end(bpm):
    duration_s = 40.0
    found = find_beats(songs.pop_song(3, duration_s, bpm), RATE)
    assert found.steady
    assert found.bpm == pytest.approx(bpm, abs=0.03)
    for beat in (0, int(duration_s * bpm / 60) - 1):
        assert off_grid_s(found, beat * 60 / bpm) < 0.02


@pytest.mark.parametrize("shift_s", [0.237, 3.31])
def test_moving_the_sound_moves_the_grid(shift_s):
    song = songs.pop_song(4, 20.0, 110.0)
    plain = find_beats(song, RATE)
    moved = find_beats(np.concatenate([np.zeros(round(shift_s * RATE), np.float32), song]), RATE)
    assert moved.bpm == pytest.approx(plain.bpm, abs=0.05)
    assert off_grid_s(moved, plain.first_beat_s + shift_s) < 0.006
    assert 0 <= moved.first_beat_s < 60 / moved.bpm


@pytest.mark.parametrize("factor", [0.02, 20.0])
def test_loudness_does_not_matter(factor):
    song = songs.pop_song(4, 20.0, 110.0)
    plain, other = find_beats(song, RATE), find_beats((factor * song).astype(np.float32), RATE)
    assert other.bpm == pytest.approx(plain.bpm, abs=1e-3)
    assert other.first_beat_s == pytest.approx(plain.first_beat_s, abs=1e-4)


def test_a_change_of_tempo_is_not_steady():
    changing = np.concatenate([songs.pop_song(1, 20.0, 100.0), songs.pop_song(1, 20.0, 120.0)])
    assert not find_beats(changing, RATE).steady


@pytest.mark.parametrize(
    ("name", "bpm"), [("kick_120bpm.mp3", 120.0), ("vibe_ace.ogg", 130.0), ("lets_go_fishin.ogg", 118.0)]
)
def test_recorded_music_in_one_tempo(name, bpm, shared_data):
    found = find_beats(songs.recorded(shared_data / "audio" / name), RATE)
    assert found.bpm == pytest.approx(bpm, abs=0.02)
    assert found.steady


def test_an_orchestra_that_breathes_is_not_steady(shared_data):
    found = find_beats(songs.recorded(shared_data / "audio" / "hungarian_dance_5.ogg"), RATE)
    assert not found.steady
    assert found.confidence < 0.5


def test_the_payload_is_json():
    payload = json.loads(json.dumps(find_beats(songs.pop_song(4, 20.0, 110.0), RATE).to_payload()))
    assert set(payload) == {"version", "bpm", "first_beat_s", "confidence", "steady", "beats"}
    assert payload["version"] == 1
    assert isinstance(payload["steady"], bool)
