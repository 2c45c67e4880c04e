"""Which sentences are true of the years."""

import pytest

from choreography.market.readings import read_trend
from tests.market_payloads import (
    trend,
)
from tests.market_readings import codes, numbers_of

# The years


def years_told(**more):
    return read_trend(trend(**{"lines": {}, **more}))


RISES = {"per_decade": 0.02, "low": 0.01, "high": 0.03, "p": 1e-4}
FALLS = {"per_decade": -0.02, "low": -0.03, "high": -0.01, "p": 1e-4}


@pytest.mark.parametrize(("line", "way"), [(RISES, "rises"), (FALLS, "falls"), ({}, "level")])
def test_the_years_rise_fall_or_neither(line, way):
    read = years_told(lines={"danceability": line, "popularity": line})
    assert codes(read.headline)[0] == f"trend_headline_{way}"
    assert {f"trend_danceability_{way}", f"trend_popularity_{way}"} <= set(codes(read.sentences))


def test_that_popularity_is_of_today_is_said_wherever_newer_years_seem_more_popular():
    assert "trend_headline_popularity" in codes(years_told(lines={"popularity": RISES}).headline)
    assert "trend_headline_popularity" not in codes(years_told(lines={"popularity": FALLS}).headline)


@pytest.mark.parametrize("way", [RISES, FALLS, {}])
def test_few_years_have_no_direction_in_the_headline(way):
    """Six or twelve values that only drift look like a rise or a fall in a third of all cases."""
    read = years_told(years=range(1992, 2021), lines={"danceability": way, "popularity": way})
    assert read.headline == [{"code": "trend_headline_few_years", "numbers": {"years": 29}}]
    assert numbers_of(read.sentences, "trend_few_years") == {"years": 29}


def test_from_thirty_years_on_the_headline_tells_which_way():
    read = years_told(years=range(1991, 2021), lines={"danceability": RISES})
    assert codes(read.headline) == ["trend_headline_rises"]
    assert "trend_few_years" not in codes(read.sentences)


def test_more_is_asked_of_a_line_through_years_that_repeat_themselves():
    line = {**RISES, "p": 0.02}
    assert "trend_danceability_rises" in codes(years_told(lines={"danceability": line}).sentences)
    repeated = years_told(lines={"danceability": {**line, "durbin_watson": 0.3}})
    assert "trend_danceability_level" in codes(repeated.sentences)
    assert numbers_of(repeated.sentences, "trend_repeats")["durbin_watson"] == 0.3


@pytest.mark.parametrize(("recent", "code"), [(0.6, "higher"), (0.4, "lower"), (0.51, "")])
def test_what_a_straight_line_hides_is_told(recent, code):
    curved = {"r2": 0.1, "durbin_watson": 0.2}
    read = years_told(lines={"danceability": curved}, danceability=[0.5] * 80 + [recent] * 20)
    name = f"trend_curved_{code}".rstrip("_")
    assert name in codes(read.sentences)
    assert codes(read.headline)[1] == name.replace("trend_", "trend_headline_")
    assert numbers_of(read.sentences, name)["since"] == 2001


def test_scatter_about_a_line_is_no_curve():
    read = years_told(lines={"danceability": {"r2": 0.1, "durbin_watson": 2.0}}, danceability=[0.5] * 80 + [0.6] * 20)
    assert not [code for code in codes(read.sentences) if "curved" in code]


@pytest.mark.parametrize(
    ("together", "said"),
    [
        ((0.9, 0.4, 0.001), ["levels_alike", "changes_alike"]),
        ((0.9, -0.4, 0.001), ["levels_alike", "changes_opposed"]),
        ((0.9, 0.1, 0.4), ["levels_alike", "changes_open"]),
        ((0.9, None, None), ["levels_alike"]),
        ((-1.0, -0.98, 1e-9), ["levels_opposed", "changes_opposed"]),
        ((-0.9, 0.4, 0.001), ["levels_opposed", "changes_alike"]),
        ((-0.9, -0.5, 0.2), ["levels_opposed", "changes_open"]),
        ((0.05, -1.0, 1e-9), ["levels_loose", "changes_opposed"]),
        ((0.12, 0.99, 1e-9), ["levels_loose", "changes_alike"]),
        ((0.2, 0.1, 0.4), ["levels_loose", "changes_open"]),
        ((0.2, None, None), ["levels_loose"]),
        ((None, None, None), []),
    ],
)
def test_levels_and_changes_are_told_each_by_its_own_sign_and_size(together, said):
    found = codes(years_told(together=together).sentences)
    assert [code for code in found if code.startswith(("levels", "changes"))] == said


def test_years_that_rest_on_few_tracks_are_counted():
    read = years_told(rows=[40] * 20 + [2000] * 80)
    assert numbers_of(read.sentences, "trend_thin")["thin"] == 20
    assert numbers_of(read.sentences, "trend_span_of_tracks")["tracks"] == 160_800


def test_three_years_lead_nowhere():
    read = read_trend(trend(years=range(2000, 2003)))
    assert codes(read.sentences) == codes(read.headline) == ["trend_none"]
