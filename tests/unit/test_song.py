"""Where the guide's song plays in an attempt. The full table of rooms and phones is `make bench-songs`."""

import json

import numpy as np
import pytest

from choreography.comparison.start import SoundEvidence
from inference.media.song import APART_S, LONGEST_S, MOST_CANDIDATES, find_song
from tests import songs
from tests.songs import RATE


@pytest.fixture(scope="module")
def pop():
    return songs.pop_song(1, 20.0)


@pytest.fixture(scope="module")
def slow():
    return songs.orchestra(2, 24.0)


def from_room(sound, seed=3, snr_db=5.0):
    return songs.with_added(songs.in_room(sound, seed, 0.5), songs.hiss(seed, len(sound)), snr_db)


def part(song, begin_s, end_s):
    return song[round(begin_s * RATE) : round(end_s * RATE)]


def after_silence(seconds, sound):
    return np.concatenate([np.zeros(round(seconds * RATE), np.float32), sound])


def test_a_clip_fits_itself_at_zero(pop):
    match = find_song(pop, pop)
    assert match.song == "same"
    assert match.candidates[0].offset_s == pytest.approx(0, abs=1e-4)
    assert match.candidates[0].confidence > 0.9
    assert match.drift_ppm == pytest.approx(0, abs=0.5)


@pytest.mark.parametrize(
    ("begin_s", "end_s", "before_s"), [(0, 24, 0), (7.1234, 21, 0), (0, 12, 3.4567), (12, 24, 6), (11.5, 16.5, 1)]
)
def test_takes_of_any_part_from_a_room(slow, begin_s, end_s, before_s):
    take = from_room(after_silence(before_s, part(slow, begin_s, end_s)))
    best = find_song(slow, take).candidates[0]
    assert best.offset_s == pytest.approx(before_s - begin_s, abs=2e-4)
    assert best.confidence > 0.6


def test_a_song_without_drums_and_a_guide_that_starts_later_than_the_take(slow):
    best = find_song(part(slow, 8, 20), from_room(slow)).candidates[0]
    assert best.offset_s == pytest.approx(8, abs=2e-4)


def test_the_two_clips_in_the_other_order_give_the_opposite(slow):
    take = from_room(part(slow, 6, 20))
    there, back = find_song(slow, take).candidates[0], find_song(take, slow).candidates[0]
    assert there.offset_s == pytest.approx(-back.offset_s, abs=2e-4)


@pytest.mark.parametrize("factor", [-0.02, 30.0])
def test_loudness_and_polarity_do_not_matter(slow, factor):
    take = from_room(part(slow, 5, 20))
    plain, louder = (
        find_song(slow, take).candidates[0],
        find_song(slow, (factor * take).astype(np.float32)).candidates[0],
    )
    assert louder.offset_s == pytest.approx(plain.offset_s, abs=1e-4)


def test_a_drifting_clock_is_followed(slow):
    match = find_song(slow, from_room(songs.drifting(slow, 100)))
    assert match.drift_ppm == pytest.approx(100, abs=3)
    # In the middle of the 24 seconds, where 100 millionths are 1.2 ms.
    assert match.candidates[0].offset_s == pytest.approx(0.0012, abs=3e-4)


def test_another_song_talk_and_noise_are_no_song(pop, slow):
    for other in (slow, songs.talk(1, 8.0), songs.hiss(1, 8 * RATE)):
        match = find_song(pop, from_room(other))
        assert (match.song, match.candidates) == ("other", ())
        assert match.confidence < 0.3


def test_identical_loops_share_the_confidence():
    loop = songs.loop_song(6, 40.0, 120.0, 4)  # eight seconds each
    found = find_song(loop, from_room(part(loop, 17, 25))).candidates
    assert any(each.offset_s == pytest.approx(-17, abs=1e-3) for each in found)
    assert len(found) >= 4
    assert max(each.confidence for each in found) < 0.5
    assert sum(each.confidence for each in found) == pytest.approx(1, abs=0.1)


def test_the_same_drums_under_another_tune_do_not_count_as_much(pop):
    """Every other beat is the same drums to the sample; only one place has the tune."""
    match = find_song(pop, part(pop, 5, 13))
    assert match.candidates[0].offset_s == pytest.approx(-5, abs=1e-4)
    assert all(each.confidence < 0.1 for each in match.candidates[1:])


def test_a_part_danced_twice_has_two_starts(slow):
    once = part(slow, 10, 20)
    found = find_song(slow, from_room(np.concatenate([once, once]))).candidates
    assert sorted(each.offset_s for each in found[:2]) == pytest.approx([-10, 0], abs=1e-3)
    assert min(each.confidence for each in found[:2]) > 0.3


def test_candidates_are_apart_and_few():
    loop = songs.loop_song(8, 24.0, 128.0, 1)
    found = find_song(loop, part(loop, 6, 14)).candidates
    starts_s = sorted(each.offset_s for each in found)
    assert 1 < len(found) <= MOST_CANDIDATES
    assert np.diff(starts_s).min() >= APART_S
    assert [each.confidence for each in found] == sorted((each.confidence for each in found), reverse=True)


@pytest.mark.parametrize(
    "silent",
    [
        np.zeros(0, np.float32),
        np.zeros(RATE * 5, np.float32),
        songs.hiss(1, RATE * 5) * 1e-4,
        songs.hiss(1, RATE // 10),
    ],
    ids=["empty", "zeros", "hardly any", "a tenth of a second"],
)
def test_silence_is_no_sound(slow, silent):
    assert find_song(slow, silent).song == "none"
    assert find_song(silent, slow).song == "none"


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_malformed_sound_is_refused(slow, bad):
    broken = slow[:RATE].copy()
    broken[5] = bad
    with pytest.raises(ValueError, match="NaN"):
        find_song(slow, broken)
    with pytest.raises(ValueError, match="one channel"):
        find_song(slow, slow[None])


def test_what_is_too_long_is_cut(slow):
    endless = np.zeros(round((LONGEST_S + 60) * RATE), np.float32)
    endless[-len(slow) :] = slow
    assert find_song(slow, endless).song == "none"


def test_the_payload_is_what_the_comparison_reads(slow):
    match = find_song(slow, part(slow, 5, 20))
    payload = json.loads(json.dumps(match.to_payload()))
    assert set(payload) == {"version", "song", "candidates", "drift_ppm"}
    read = SoundEvidence.from_payload(payload)
    assert read.song == "same"
    assert read.candidates[0].offset_s == pytest.approx(-5, abs=1e-4)
