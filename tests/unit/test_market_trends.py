"""Lines over the years: units, intervals that allow for years resembling each other, what two drifting series seem to share."""

import json

import numpy as np
import pytest
from scipy import stats

from choreography.market.features import FEATURES
from choreography.market.sample import Years
from choreography.market.trends import trend_of


def years_of(popularity, danceability, *, year=None, rows=None):
    n = len(popularity)
    values = np.random.default_rng(99).normal(0.5, 0.01, (n, len(FEATURES)))
    values[:, FEATURES.index("danceability")] = danceability
    return Years(
        np.arange(1921, 1921 + n) if year is None else np.asarray(year),
        np.asarray(popularity, dtype=np.float64),
        values,
        np.zeros(n, dtype=np.int64) if rows is None else np.asarray(rows),
    )


def line_of(values, *, year=None):
    trend = trend_of(years_of(values, np.linspace(0.5, 0.6, len(values)), year=year))
    return next(line for line in trend["lines"] if line["name"] == "popularity")


def noisy(n=100, *, slope=0.5, sd=3.0, seed=1):
    return 20 + slope * np.arange(n) + np.random.default_rng(seed).normal(0, sd, n)


def repeating(n=100, *, memory=0.9, seed=2):
    drawn = np.random.default_rng(seed).normal(size=n)
    values = np.zeros(n)
    for place in range(1, n):
        values[place] = memory * values[place - 1] + drawn[place]
    return values


def test_a_slope_is_told_per_decade():
    line = line_of(noisy(slope=0.5))
    assert line["low"] < 5.0 < line["high"]
    assert line["per_decade"] == pytest.approx(10 * np.polyfit(np.arange(100), noisy(slope=0.5), 1)[0])
    assert line["p"] < 1e-6


def test_the_interval_is_newey_and_wests():
    """By its definition: Bartlett's weights over 13 lags, n / (n - k) for the small sample, Student's t, and 2.382 in place
    of 1.96, for the lags reach over 14 % of the years."""
    values = repeating()
    columns = np.column_stack([np.ones(100), (np.arange(100) - 49.5) / 10])
    inverse = np.linalg.inv(columns.T @ columns)
    estimate = inverse @ columns.T @ values
    scores = columns * (values - columns @ estimate)[:, None]
    meat = scores.T @ scores
    for lag in range(1, 14):
        product = scores[lag:].T @ scores[:-lag]
        meat += (1 - lag / 14) * (product + product.T)
    error = np.sqrt((inverse @ meat @ inverse * 100 / 98)[1, 1])
    reach = stats.t.ppf(0.975, 98) * error * 2.3824 / 1.96
    line = line_of(values)
    assert (line["low"], line["high"]) == pytest.approx((estimate[1] - reach, estimate[1] + reach), rel=1e-4)
    assert line["p"] == pytest.approx(2 * stats.t.sf(abs(estimate[1]) / (error * 2.3824 / 1.96), 98), rel=1e-3)


def test_years_that_resemble_each_other_widen_the_interval():
    values = repeating()
    line, plain = line_of(values), stats.linregress(np.arange(100) / 10, values)
    assert line["high"] - line["low"] > 1.5 * 2 * 1.984 * plain.stderr
    assert line["durbin_watson"] < 1


def test_independent_years_are_known_as_such():
    assert 1.6 < line_of(noisy())["durbin_watson"] < 2.4


def test_shifting_the_years_changes_nothing():
    early, late = line_of(noisy()), line_of(noisy(), year=np.arange(2100, 2200))
    for figure in ("per_decade", "low", "high", "r2", "durbin_watson"):
        assert late[figure] == pytest.approx(early[figure])


def test_units_pass_through():
    small, large = line_of(noisy()), line_of(1000 * noisy())
    assert large["per_decade"] == pytest.approx(1000 * small["per_decade"])
    assert large["p"] == pytest.approx(small["p"])
    assert large["durbin_watson"] == pytest.approx(small["durbin_watson"])


@pytest.mark.parametrize(("values", "per_decade", "p"), [(np.full(30, 40.0), 0.0, 1.0), (np.arange(30.0), 10.0, 0.0)])
def test_a_perfectly_straight_series_has_a_line_and_nothing_left_over(values, per_decade, p):
    line = line_of(values)
    assert line["per_decade"] == pytest.approx(per_decade)
    assert line["low"] == pytest.approx(per_decade)
    assert line["p"] == pytest.approx(p)
    assert line["durbin_watson"] == 2.0


def test_two_series_that_drift_seem_to_belong_together_until_their_changes_are_looked_at():
    trend = trend_of(
        years_of(noisy(seed=3), 0.4 + 0.003 * np.arange(100) + np.random.default_rng(4).normal(0, 0.01, 100))
    )
    assert trend["together"]["levels"] > 0.9
    assert abs(trend["together"]["changes"]) < 0.25
    assert trend["together"]["changes_p"] > 0.01


def test_changes_are_taken_between_neighbouring_years_only():
    year = [1990, 1991, 1992, 1993, 2010, 2011, 2012, 2013]
    popularity = np.array([1.0, 2.0, 1.0, 3.0, 90.0, 91.0, 89.0, 92.0])
    danceability = np.array([0.1, 0.2, 0.1, 0.3, 0.0, 0.1, -0.1, 0.2])
    together = trend_of(years_of(popularity, danceability, year=year))["together"]
    assert together["changes"] == pytest.approx(1.0)
    assert together["levels"] < 0.5


def test_years_that_stand_alone_have_no_changes():
    together = trend_of(years_of(noisy(8), noisy(8, seed=7), year=range(1950, 2030, 10)))["together"]
    assert together["levels"] is not None
    assert (together["changes"], together["changes_p"]) == (None, None)


@pytest.mark.parametrize("n", [0, 1, 2, 4])
def test_a_few_years_are_shown_without_a_line(n):
    trend = trend_of(years_of(noisy(n), noisy(n)))
    assert trend["lines"] == []
    assert "together" not in trend
    assert len(trend["series"]["tempo"]) == n


def test_a_series_that_does_not_vary_goes_together_with_nothing():
    assert trend_of(years_of(noisy(), np.full(100, 0.1)))["together"] == {
        "levels": None,
        "changes": None,
        "changes_p": None,
    }


def test_tracks_behind_a_year_are_told_where_the_file_does():
    assert trend_of(years_of(noisy(6), noisy(6)))["rows"] is None
    assert trend_of(years_of(noisy(6), noisy(6), rows=[1, 2, 3, 4, 5, 6]))["rows"] == [1, 2, 3, 4, 5, 6]


def test_what_is_said_is_plain_json():
    for n in (0, 5, 100):
        json.dumps(trend_of(years_of(noisy(n), np.full(n, 0.1))), allow_nan=False)
