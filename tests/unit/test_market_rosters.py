"""Labels compared: exact names, each artist once, Welch's interval, and what is said of names that are not there."""

import json
import re
import unicodedata

import numpy as np
import pytest
from scipy import stats

from choreography.market.features import FEATURES
from choreography.market.rosters import compare_rosters
from choreography.market.sample import Sample

SM = ["EXO", "NCT", "Red Velvet", "SHINee", "Girls' Generation", "f(x)"]
OTHERS = ["NCT 127", "fx", "exo planet", "TWICE", "2PM", "ITZY", "Wonder Girls"]


def sample_of(artists, *, danceability=None, popularity=None):
    """One row an entry: a name, or a tuple of the artists of a track."""
    n = len(artists)
    values = np.full((n, len(FEATURES)), 0.5)
    values[:, FEATURES.index("danceability")] = np.linspace(0.5, 0.8, n) if danceability is None else danceability
    owners = tuple((artist,) if isinstance(artist, str) else artist for artist in artists)
    return Sample(
        tuple(artist if isinstance(artist, str) else f"track {place}" for place, artist in enumerate(artists)),
        owners,
        np.linspace(30, 70, n) if popularity is None else np.asarray(popularity, dtype=np.float64),
        values,
    )


def compare(sample, artists):
    return compare_rosters(sample, [{"label": 7, "artists": list(artists)}])[0]


def found(roster):
    return {artist["name"] for artist in roster["artists"]}


def test_a_group_whose_name_reads_like_a_pattern_is_found():
    """The first analysis searched for its names as patterns: parentheses group there, so "f(x)" means "fx"."""
    assert [name for name in [*SM, *OTHERS] if re.search("f(x)", name)] == ["fx"]
    roster = compare(sample_of([*SM, *OTHERS]), SM)
    assert found(roster) == set(SM)
    assert roster["missing"] == []


@pytest.mark.parametrize("name", ["NCT", "f(x)", "EXO"])
def test_a_name_is_no_part_of_another(name):
    assert found(compare(sample_of([*SM, *OTHERS]), [name])) == {name}


def test_the_label_stands_beside_all_others():
    roster = compare(sample_of([*SM, *OTHERS], danceability=[0.748, 0.768] * 3 + [0.669] + [0.659, 0.679] * 3), SM)
    assert roster["label"] == 7
    assert (roster["danceability"]["n"], roster["danceability_rest"]["n"]) == (6, 7)
    assert roster["danceability"]["mean"] == pytest.approx(0.758)
    assert roster["danceability_rest"]["mean"] == pytest.approx(0.669)


def test_every_artist_counts_once_however_many_tracks():
    tracks = ["EXO"] * 9 + ["NCT"] + ["TWICE"] * 5 + ["2PM"]
    roster = compare(sample_of(tracks, popularity=[50] * 9 + [90] + [10] * 5 + [30]), ["EXO", "NCT"])
    assert {artist["name"]: artist["rows"] for artist in roster["artists"]} == {"EXO": 9, "NCT": 1}
    assert roster["popularity"]["mean"] == pytest.approx(70)
    assert roster["popularity_rest"]["mean"] == pytest.approx(20)


def test_a_track_of_two_artists_is_of_both():
    roster = compare(sample_of([("EXO", "TWICE"), "EXO", ("2PM", "2PM")], popularity=[60, 40, 20]), ["EXO"])
    assert roster["artists"][0]["popularity"] == pytest.approx(50)
    assert (roster["popularity_rest"]["n"], roster["popularity_rest"]["mean"]) == (2, pytest.approx(40))


def test_the_difference_is_welchs_with_hedges_g():
    """By the definitions, worked through for 4 and 5 artists."""
    here, there = np.array([60.0, 64, 71, 77]), np.array([40.0, 52, 55, 43, 61])
    sample = sample_of(["a", "b", "c", "d", *OTHERS[:5]], popularity=[*here, *there])
    difference = compare(sample, "abcd")["popularity_difference"]
    one, other = here.var(ddof=1) / 4, there.var(ddof=1) / 5
    freedom = (one + other) ** 2 / (one**2 / 3 + other**2 / 4)
    assert difference["difference"] == pytest.approx(68.0 - 50.2)
    reach = stats.t.ppf(0.975, freedom) * (one + other) ** 0.5
    assert difference["low"] == pytest.approx(17.8 - reach)
    assert difference["high"] == pytest.approx(17.8 + reach)
    pooled = ((3 * here.var(ddof=1) + 4 * there.var(ddof=1)) / 7) ** 0.5
    assert difference["g"] == pytest.approx((1 - 3 / 27) * 17.8 / pooled)


def test_the_mean_has_students_interval():
    mean = compare(sample_of(["a", "b", "c", "d"], popularity=[60, 64, 71, 77]), "abcd")["popularity"]
    assert mean["mean"] == pytest.approx(68)
    assert mean["sd"] == pytest.approx(7.5277, abs=1e-4)
    assert mean["low"] == pytest.approx(68 - 3.1824 * 7.5277 / 2, abs=1e-3)


def test_artists_are_listed_by_danceability():
    roster = compare(sample_of(["a", "b", "c", "d"], danceability=[0.5, 0.9, 0.7, 0.9]), "abcd")
    assert [artist["name"] for artist in roster["artists"]] == ["b", "d", "c", "a"]


def test_names_that_differ_in_case_or_spaces_are_hinted_at_and_not_counted():
    roster = compare(sample_of(["2PM", "Red Velvet", "TWICE"]), ["2pm", "RedVelvet", "Itzy"])
    assert found(roster) == set()
    assert roster["missing"] == [
        {"name": "2pm", "like": "2PM"},
        {"name": "RedVelvet", "like": "Red Velvet"},
        {"name": "Itzy", "like": None},
    ]


def test_of_several_spellings_the_one_with_most_rows_is_hinted_at():
    roster = compare(sample_of(["EXO", "exo", "exo"]), ["Exo"])
    assert roster["missing"] == [{"name": "Exo", "like": "exo"}]


def test_a_name_typed_with_combining_letters_is_the_same_name():
    assert found(compare(sample_of(["소녀시대", "EXO"]), [unicodedata.normalize("NFD", "소녀시대")])) == {"소녀시대"}


def test_a_name_listed_twice_counts_once():
    assert compare(sample_of([*SM, *OTHERS]), ["EXO", "EXO"])["popularity"]["n"] == 1


@pytest.mark.parametrize("members", [[], ["EXO"], ["nobody"], [*SM, *OTHERS], [*SM, *OTHERS[:-1]]])
def test_a_difference_needs_two_on_either_side(members):
    roster = compare(sample_of([*SM, *OTHERS]), members)
    assert roster["popularity_difference"] is None
    assert roster["danceability_difference"] is None


def test_a_group_of_one_has_a_mean_and_no_interval():
    alone = compare(sample_of([*SM, *OTHERS], popularity=range(13)), ["EXO"])["popularity"]
    assert alone == {"n": 1, "mean": 0.0, "sd": None, "low": None, "high": None}


def test_artists_that_do_not_differ_at_all_have_no_difference():
    roster = compare(sample_of([*SM, *OTHERS], danceability=[0.1 + 0.2] + [0.3] * 12), SM)
    assert roster["danceability_difference"] is None
    assert roster["popularity_difference"] is not None


def test_nothing_can_be_compared_in_nothing():
    roster = compare(sample_of([]), SM)
    assert [missing["name"] for missing in roster["missing"]] == SM
    assert roster["popularity_rest"]["mean"] is None


def test_rosters_keep_their_order_and_may_share_artists():
    rosters = compare_rosters(
        sample_of([*SM, *OTHERS]), [{"label": 2, "artists": SM}, {"label": 1, "artists": ["EXO"]}]
    )
    assert [roster["label"] for roster in rosters] == [2, 1]
    assert found(rosters[1]) == {"EXO"}


def test_what_is_said_is_plain_json():
    for artists in ([], ["EXO"], [*SM, *OTHERS]):
        json.dumps(compare(sample_of(artists), SM), allow_nan=False)
