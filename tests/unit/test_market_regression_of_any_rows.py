"""What must hold of a regression whatever the rows: properties, samples in hundreds, and very many rows."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from choreography.market.features import REGRESSORS
from choreography.market.regression import fit, regress
from tests.market_regressions import NAMES, holds_together, made, of, told

few = settings(max_examples=40, deadline=None, derandomize=True)
seeds = st.integers(0, 10_000)


@few
@given(seeds, st.integers(4, 40), st.integers(1, 4), st.integers(0, 2))
def test_any_rows_give_numbers_that_can_be_stored(seed, n, k, places):
    """Rounded hard, so that columns stand still, repeat each other and single rows stick out."""
    random = np.random.default_rng(seed)
    popularity = random.normal(size=n).round(places)
    columns = (random.normal(size=(n, k)) * 0.5).round(places)
    regression = regress(popularity, columns, [f"column {place}" for place in range(k)])
    if regression is not None:
        holds_together(regression)
        assert len(regression["features"]) + len(regression["left_out"]) == k


@few
@given(seeds, st.floats(1e-6, 1e6), st.floats(-1e3, 1e3))
def test_units_and_zero_points_of_a_feature_change_its_coefficient_alone(seed, unit, shift):
    popularity, columns = made(seed)
    plain = told(popularity, columns)
    columns[:, 1] = columns[:, 1] * unit + shift * unit
    moved = told(popularity, columns)
    assert moved["r2"] == pytest.approx(plain["r2"], rel=1e-6)
    assert of(moved, "estimate", "tempo")[0] * unit == pytest.approx(
        of(plain, "estimate", "tempo")[0], rel=1e-5, abs=1e-9
    )
    for key in ("t", "p", "p_robust", "vif", "standardised"):
        assert of(moved, key)[1:] == pytest.approx(of(plain, key)[1:], rel=1e-5, abs=1e-9), key
    assert moved["breusch_pagan_p"] == pytest.approx(plain["breusch_pagan_p"], rel=1e-5)
    assert moved["aic"] == pytest.approx(plain["aic"], rel=1e-6)


@few
@given(seeds, st.floats(0.01, 100.0), st.floats(-1e3, 1e3))
def test_the_scale_of_popularity_changes_nothing_but_the_scale(seed, unit, shift):
    popularity, columns = made(seed)
    plain, moved = told(popularity, columns), told(popularity * unit + shift, columns)
    assert moved["r2"] == pytest.approx(plain["r2"], rel=1e-6)
    assert moved["residual_sd"] == pytest.approx(plain["residual_sd"] * unit, rel=1e-6)
    assert of(moved, "estimate")[1:] == pytest.approx([unit * b for b in of(plain, "estimate")[1:]], rel=1e-5)
    assert moved["warnings"] == plain["warnings"]


@few
@given(seeds, st.permutations(range(3)), seeds)
def test_the_order_of_rows_and_columns_does_not_matter(seed, places, shuffling):
    popularity, columns = made(seed)
    rows = np.random.default_rng(shuffling).permutation(len(popularity))
    plain = told(popularity, columns)
    moved = told(popularity[rows], columns[rows][:, places], [NAMES[place] for place in places])
    assert moved["features"] == [NAMES[place] for place in places]
    for name in NAMES:
        for key in ("estimate", "low", "p", "p_holm", "p_robust"):
            assert of(moved, key, name) == [pytest.approx(of(plain, key, name)[0], rel=1e-6)], (name, key)
    assert of(moved, "estimate", "const") == [pytest.approx(of(plain, "estimate", "const")[0])]


def test_a_planted_effect_is_found_within_its_interval_as_often_as_is_told():
    """95 % of 400 samples: give or take three standard errors."""
    held = 0
    for seed in range(400):
        random = np.random.default_rng(seed)
        columns = random.normal(size=(40, 2))
        regression = told(columns @ [2.0, 0.0] + random.normal(size=40), columns, ("danceability", "tempo"))
        effect = regression["coefficients"][1]
        held += effect["low"] <= 2.0 <= effect["high"]
    assert abs(held / 400 - 0.95) < 3 * math.sqrt(0.95 * 0.05 / 400)


def test_fitted_and_residual_add_up_to_popularity():
    popularity, columns = made()
    model = fit(popularity, columns, NAMES)
    assert model.fitted + model.residual == pytest.approx(popularity)
    assert model.residual.sum() == pytest.approx(0.0, abs=1e-8)
    assert columns.T @ model.residual == pytest.approx(np.zeros(3), abs=1e-3)


def test_two_hundred_thousand_rows_are_counted_without_a_matrix_of_rows_by_rows():
    random = np.random.default_rng(0)
    columns = random.normal(size=(200_000, 9))
    popularity = columns[:, 0] + random.normal(size=200_000)
    regression = told(popularity, columns, REGRESSORS)
    assert of(regression, "estimate", "danceability") == [pytest.approx(1.0, abs=0.02)]
    twice = told(popularity, columns[:, [*range(9), 7]], (*REGRESSORS, "tempo"))
    assert "singular" in twice["warnings"]
    assert twice["r2"] == pytest.approx(regression["r2"])
    holds_together(twice)
