"""From rows to sentences."""

import numpy as np
import pytest

from choreography.market.analysis import analyse_selection, analyse_trend
from choreography.market.features import FEATURES
from choreography.market.sample import Sample, Years
from tests.market_readings import codes, numbers_of, rows

# The whole way, from rows


def test_a_strong_effect_is_found():
    analysis = analyse_selection(rows(300, effect=8, noise=6), [])
    assert analysis["headline"][0]["code"] == "headline_clear_more"
    numbers = numbers_of(analysis["readings"]["regression"], "danceability_clear")
    assert numbers["points_low"] < 8 < numbers["points_high"]


def test_nothing_is_told_as_nothing():
    analysis = analyse_selection(rows(300), [])
    assert codes(analysis["headline"]) == ["headline_open", "headline_explained_open"]


def test_a_trace_among_many_rows_is_told_as_a_trace():
    analysis = analyse_selection(rows(28680, effect=0.5, noise=15), [])
    assert analysis["headline"][0]["code"] == "headline_small_more"
    assert {"explained_little", "small_effects_all"} <= set(codes(analysis["readings"]["regression"]))


def test_zeros_are_counted_and_left_out():
    analysis = analyse_selection(rows(300, effect=8, noise=6, zeros=30), [])
    assert (analysis["n"], analysis["zeros"], analysis["without_zeros"]["n"]) == (300, 30, 270)
    assert analyse_selection(rows(100), [])["without_zeros"] is None


@pytest.mark.parametrize("n", [0, 1, 2, 3, 5, 8, 12, 13])
def test_any_number_of_rows_can_be_read(n):
    for zeros in (0, n // 2, n):
        analysis = analyse_selection(rows(n, zeros=zeros), [{"label": 1, "artists": ["artist 0", "Artist 1"]}])
        assert analysis["headline"]


def test_rows_are_called_tracks_where_their_names_are_no_artists():
    sample = rows(100)
    tracks = Sample(sample.names, (("EXO",),) * 100, sample.popularity, sample.values)
    assert numbers_of(analyse_selection(sample, [])["readings"]["regression"], "explained_open")["of"] == "artists"
    assert numbers_of(analyse_selection(tracks, [])["readings"]["regression"], "explained_open")["of"] == "tracks"


def test_years_are_analysed_and_read():
    values = np.full((50, len(FEATURES)), 0.5)
    values[:, 0] += 0.01 * np.arange(50) + np.random.default_rng(1).normal(0, 0.01, 50)
    analysis = analyse_trend(Years(np.arange(1971, 2021), np.arange(50.0), values, np.zeros(50, dtype=np.int64)))
    assert codes(analysis["headline"]) == ["trend_headline_rises", "trend_headline_popularity"]
    assert analysis["readings"][0]["code"] == "trend_span"
