"""Nobody and nothing that trains a network judges it."""

import numpy as np
import pytest

from ml_training.data.split import leaks, split_of
from ml_training.errors import TrainingError
from tests.training.aihub_folder import samples_of

NONE = {"dancer": [], "song": [], "clip": []}


def own_songs(dancers=40, frames=25):
    """Dancers with two songs of their own each."""
    names = [f"D{k // (2 * frames):02d}" for k in range(dancers * 2 * frames)]
    return samples_of(names, [f"song {k // frames}" for k in range(len(names))])


def everybody_dances_everything(dancers=12, songs=20, frames=5):
    pairs = [(f"D{d}", f"song {s}") for d in range(dancers) for s in range(songs) for _ in range(frames)]
    return samples_of([dancer for dancer, _ in pairs], [song for _, song in pairs])


def test_dancers_with_songs_of_their_own_lose_no_row_and_leak_nothing():
    samples = own_songs()
    split = split_of(samples)
    assert leaks(samples, split) == NONE
    assert "unused" not in split


def test_dancers_of_the_same_songs_leak_nothing_and_the_rows_between_are_not_used():
    samples = everybody_dances_everything()
    split = split_of(samples)
    assert leaks(samples, split) == NONE
    assert {"train", "validation", "test", "unused"} == set(split)
    for row in np.flatnonzero(split == "unused")[:20]:
        of_dancer = set(split[samples.dancer == samples.dancer[row]]) - {"unused"}
        of_song = set(split[samples.song == samples.song[row]]) - {"unused"}
        assert not of_dancer & of_song


@pytest.mark.parametrize("made", [own_songs, everybody_dances_everything])
def test_the_order_of_rows_changes_no_rows_split(made):
    samples = made()
    order = np.random.default_rng(0).permutation(len(samples))
    assert (split_of(samples.take(order)) == split_of(samples)[order]).all()


SHARES = {"train": 0.7, "validation": 0.15, "test": 0.15}


def shares_of(split):
    return {name: np.mean(split == name) for name in SHARES}


@pytest.mark.parametrize("dancers", [12, 60, 190])
def test_numbered_people_give_every_split_its_share(dancers):
    split = split_of(own_songs(dancers, frames=2))
    assert shares_of(split) == pytest.approx(SHARES, abs=1.5 / dancers + 0.01)


def test_people_of_any_name_give_every_split_about_its_share():
    names = [np.random.default_rng(k).bytes(8).hex() + "x" for k in range(190)]
    assert shares_of(split_of(samples_of(names, names))) == pytest.approx(SHARES, abs=0.07)


def with_more(samples, dancers, songs):
    """The same rows, then others."""
    return samples_of([*samples.dancer.tolist(), *dancers], [*samples.song.tolist(), *songs])


@pytest.mark.parametrize("made", [own_songs, everybody_dances_everything])
@pytest.mark.parametrize(
    ("dancers", "songs"),
    [
        (["D03"] * 900, ["new song"] * 900),
        (["D90"] * 900, ["song 5"] * 900),
        (["new dancer"] * 50, ["new song"] * 50),
        ([f"D{k}" for k in range(100, 200)], [f"song {k}" for k in range(1000, 1100)]),
        ([""] * 5, ["a", "b", "c", "d", "e"]),
    ],
)
def test_what_is_added_moves_nobody_who_was_there(made, dancers, songs):
    before = made()
    larger = with_more(before, dancers, songs)
    split = split_of(larger)
    assert (split[: len(before)] == split_of(before)).all()
    assert leaks(larger, split) == NONE


def test_one_dancer_who_is_in_everything_leaves_the_songs_to_split_by():
    samples = samples_of(["D00"] * 100, [f"song {k // 10}" for k in range(100)])
    split = split_of(samples)
    assert set(split) == {"train", "validation", "test"}
    assert leaks(samples, split) == {"dancer": ["D00"], "song": [], "clip": []}


def test_unnamed_dancers_are_not_one_person():
    samples = samples_of([""] * 60, [f"song {k // 10}" for k in range(60)])
    split = split_of(samples)
    assert "unused" not in split
    assert leaks(samples, split) == NONE


def test_three_dancers_of_unequal_length_still_give_three_splits():
    names = ["A"] * 50 + ["B"] * 45 + ["C"] * 5
    assert set(split_of(samples_of(names, names))) == {"train", "validation", "test"}


def test_two_of_everything_cannot_be_split_in_three():
    with pytest.raises(TrainingError, match="at least 3") as refused:
        split_of(samples_of(["A", "B"], ["x", "y"]))
    assert refused.value.code == "too_few_to_split"


def test_the_leak_test_sees_a_split_by_frame():
    samples = own_songs(dancers=4)
    by_frame = np.array(["train", "test"])[np.arange(len(samples)) % 2]
    found = leaks(samples, by_frame)
    assert found["dancer"] == ["D00", "D01", "D02", "D03"]
    assert len(found["song"]) == len(found["clip"]) == 8
