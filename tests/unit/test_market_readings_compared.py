"""Which sentences are true of what differs: without popularity 0, and between labels."""

import pytest

from tests.market_payloads import (
    models,
    regression,
    roster,
    small_regression,
)
from tests.market_readings import codes, danceability, nine, numbers_of, told

# Rows of popularity 0


def zeros_told(before, after):
    whole = models(nine=regression(r2=0.5, **before), small=small_regression())
    without = models(n=180, nine=regression(n=180, r2=0.4, **after), small=small_regression(n=180))
    return told(whole, without=without, zeros=20)


def test_what_changes_without_rows_of_popularity_0():
    read = zeros_told(
        {"tempo": {"p": 0.01}, "valence": {"p": 0.2}, "loudness": {"p": 0.03, "points": 1}},
        {"tempo": {"p": 0.2}, "valence": {"p": 0.01}, "loudness": {"p": 0.02, "points": -1}},
    ).whole["zeros"]
    assert numbers_of(read, "zeros_some") == {"zeros": 20, "n": 200, "of": "artists", "share": 0.1}
    assert numbers_of(read, "zeros_explained") == {"r2_before": 0.5, "r2": 0.4}
    assert numbers_of(read, "zeros_lost")["features"] == ["tempo"]
    assert numbers_of(read, "zeros_gained")["features"] == ["valence"]
    assert numbers_of(read, "zeros_turned")["features"] == ["loudness"]


def test_a_sign_that_was_chance_before_and_after_is_not_told():
    read = zeros_told({"loudness": {"points": 1}}, {"loudness": {"points": -1}}).whole["zeros"]
    assert codes(read)[-1] == "zeros_no_change"


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ({"p": 1e-5}, {"p": 0.5}, "headline_zeros_open"),
        ({"p": 0.5}, {"p": 1e-5}, "headline_zeros_clear"),
        ({"p": 1e-5}, {"p": 1e-5, "points": -2}, "headline_zeros_clear"),
        ({"p": 1e-5}, {"p": 0.04}, "headline_zeros_hint"),
        ({"p": 1e-5}, {"p": 1e-5}, None),
        ({"p": 0.5}, {"p": 0.06}, None),
    ],
)
def test_rows_of_popularity_0_reach_the_headline_where_they_decide(before, after, code):
    found = [one for one in codes(zeros_told(danceability(**before), danceability(**after)).headline) if "zeros" in one]
    assert found == ([code] if code else [])


def test_without_zeros_the_same_sections_are_told():
    read = zeros_told({}, {})
    assert read.without_zeros.keys() == read.whole.keys()
    assert told(nine()).without_zeros == {}


def test_too_few_left_without_zeros_are_told():
    read = told(nine(), without=models(n=9), zeros=191)
    assert codes(read.whole["zeros"]) == ["zeros_some", "zeros_too_few_left"]


# Labels


@pytest.mark.parametrize(
    ("difference", "code"),
    [
        ((0.09, 0.05, 0.13, 0.001, 1.3), "roster_danceability_clear"),
        ((0.09, 0.001, 0.18, 0.04, 0.8), "roster_danceability_hint"),
        ((0.01, -0.02, 0.04, 0.6, 0.1), "roster_danceability_alike"),
        ((0.05, -0.05, 0.15, 0.3, 0.4), "roster_danceability_open"),
    ],
)
def test_a_label_differs_clearly_by_chance_hardly_or_unknowably(difference, code):
    rosters = [roster(1, danceability=difference, popularity=(1, -9, 11, 0.8, 0.1))]
    read = told(nine(), rosters=rosters).whole["rosters"]
    assert codes(read) == [code, "roster_popularity_open", "rosters_no_effect"]


def test_the_more_labels_are_compared_the_more_is_asked_of_each():
    different = (0.09, 0.02, 0.16, 0.02, 1.0)
    alone = told(nine(), rosters=[roster(1, danceability=different)])
    assert "roster_danceability_clear" in codes(alone.whole["rosters"])
    together = told(nine(), rosters=[roster(label, danceability=different) for label in (1, 2, 3)])
    assert "roster_danceability_clear" not in codes(together.whole["rosters"])
    assert codes(together.headline)[-1] == "headline_rosters_open"


def test_four_artists_say_nothing_about_a_label():
    rosters = [roster(1, found=4, missing=[("f(x)", None)], danceability=(0.3, 0.2, 0.4, 1e-9, 3.0))]
    read = told(nine(), rosters=rosters)
    assert codes(read.whole["rosters"])[0] == "roster_few"
    assert numbers_of(read.whole["rosters"], "roster_few")["named"] == 5
    assert not [code for code in codes(read.headline) if "roster" in code]


def test_the_label_that_stands_out_most_reaches_the_headline():
    rosters = [
        roster(1, danceability=(0.05, 0.02, 0.08, 1e-4, 0.6), popularity=(1, -9, 11, 0.8, 0.1)),
        roster(2, danceability=(0.09, 0.05, 0.13, 1e-6, 1.5), popularity=(20, 15, 25, 1e-6, 2.5)),
    ]
    headline = told(nine(), rosters=rosters).headline
    assert headline[-1]["code"] == "headline_roster_popularity"
    assert headline[-1]["numbers"]["label"] == 2


def test_labels_of_which_nothing_can_be_said_share_a_sentence():
    unclear = {"danceability": (0.05, -0.05, 0.15, 0.3, 0.4), "popularity": (1, -9, 11, 0.8, 0.1)}
    clear = {**unclear, "danceability": (0.09, 0.05, 0.13, 1e-6, 1.5)}
    read = told(nine(), rosters=[roster(1, **unclear), roster(2, **clear), roster(3, **unclear)]).whole["rosters"]
    assert codes(read) == [
        "roster_danceability_clear",
        "rosters_danceability_open",
        "rosters_popularity_open",
        "rosters_no_effect",
    ]
    assert numbers_of(read, "rosters_danceability_open")["named_labels"] == ["1", "3"]
    assert numbers_of(read, "rosters_popularity_open")["named_labels"] == ["1", "2", "3"]


def test_without_zeros_the_headline_is_about_the_rows_that_are_left():
    after = models(n=180, nine=regression(n=180, danceability={"p": 1e-6, "p_holm": 1e-5}), small=small_regression())
    read = told(nine(), without=after, zeros=20)
    assert codes(read.headline)[0] == "headline_open"
    assert codes(read.headline_without_zeros)[0].startswith("headline_clear")
    assert numbers_of(read.headline_without_zeros, codes(read.headline_without_zeros)[0])["n"] == 180


def test_rosters_that_cannot_be_compared_say_why():
    rosters = [
        roster(1, found=0),
        roster(2, found=0, missing=[("exo", "EXO")]),
        roster(3, found=6, others=2),
    ]
    assert codes(told(nine(), rosters=rosters).whole["rosters"]) == [
        "roster_empty",
        "roster_not_found",
        "roster_spelling",
        "roster_without_others",
        "rosters_no_effect",
    ]
    assert codes(told(nine()).whole["rosters"]) == ["rosters_none"]


def test_another_spelling_of_a_name_that_is_found_is_no_news():
    rosters = [roster(1, missing=[("ARTIST 0", "artist 0"), ("nobody", None)])]
    assert "roster_spelling" not in codes(told(nine(), rosters=rosters).whole["rosters"])
