"""Correlations of popularity and every feature, against scipy and against what must hold of any rows."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from choreography.market.correlations import LEAST_ROWS, correlate
from choreography.market.features import FEATURES
from choreography.market.models import models_of
from choreography.market.sample import Sample
from tests.market import artists_rows, kpop_of, sample_of_artists

few = settings(max_examples=40, deadline=None, derandomize=True)
seeds = st.integers(0, 10_000)


def made(seed=0, n=80, places=None):
    """Unrelated columns of the right number."""
    random = np.random.default_rng(seed)
    drawn = random.normal(size=(n, 1 + len(FEATURES)))
    rows = drawn if places is None else (drawn * 0.4).round(places)
    names = tuple(f"artist {row}" for row in range(n))
    return Sample(names, tuple((name,) for name in names), rows[:, 0], rows[:, 1:])


def with_column(sample, feature, column):
    values = sample.values.copy()
    values[:, FEATURES.index(feature)] = column
    return replace(sample, values=values)


def cell(correlations, key, one, other):
    names = correlations["names"]
    return correlations[key][names.index(one)][names.index(other)]


def test_r_and_p_are_those_of_scipy():
    sample = sample_of_artists(kpop_of(artists_rows(400)))
    correlations = correlate(sample)
    assert correlations["n"] == 80
    assert correlations["names"] == ["popularity", *FEATURES]
    columns = np.column_stack([sample.popularity, sample.values])
    for one in range(11):
        for other in range(one):
            known = stats.pearsonr(columns[:, one], columns[:, other])
            assert correlations["r"][one][other] == pytest.approx(known.statistic)
            assert correlations["p"][one][other] == pytest.approx(known.pvalue)


def test_the_matrix_is_symmetric_and_its_diagonal_one_without_a_p():
    correlations = correlate(made())
    for key in ("r", "p", "significant"):
        assert correlations[key] == [list(row) for row in zip(*correlations[key], strict=True)]
    assert [correlations["r"][place][place] for place in range(11)] == [1.0] * 11
    assert [correlations["p"][place][place] for place in range(11)] == [None] * 11
    assert not any(correlations["significant"][place][place] for place in range(11))


def test_of_unrelated_columns_some_pass_alone_and_hardly_any_after_holm():
    """5,500 pairs of nothing: 5 % pass at 5 %, but in all 100 matrices together only some 5 cells do after Holm."""
    alone, corrected = 0, 0
    above = np.triu_indices(11, k=1)
    for seed in range(100):
        correlations = correlate(made(seed))
        alone += int((np.array(correlations["p"], dtype=float)[above] < 0.05).sum())
        corrected += int(np.array(correlations["significant"])[above].sum())
    assert 200 < alone < 350
    assert corrected < 15


def test_what_goes_together_is_significant():
    sample = made()
    noise = np.random.default_rng(5).normal(size=80)
    sample = with_column(sample, "energy", -sample.popularity + 0.5 * noise)
    correlations = correlate(sample)
    assert cell(correlations, "r", "popularity", "energy") < -0.8
    assert cell(correlations, "significant", "popularity", "energy") is True
    assert cell(correlations, "significant", "popularity", "tempo") is False


def test_a_column_that_does_not_vary_has_no_r():
    correlations = correlate(with_column(made(), "instrumentalness", 0.1))
    assert set(correlations["r"][correlations["names"].index("instrumentalness")]) == {None}
    assert set(correlations["p"][correlations["names"].index("instrumentalness")]) == {None}
    assert cell(correlations, "significant", "popularity", "instrumentalness") is False
    untouched = correlate(made())
    assert cell(correlations, "r", "popularity", "tempo") == cell(untouched, "r", "popularity", "tempo")


def test_columns_that_stand_still_do_not_count_among_the_pairs():
    """Holm over 55 pairs lets p under 0.05 / 55 pass; with one pair left, p itself decides."""
    sample = made(n=30)
    for feature in FEATURES[1:]:
        sample = with_column(sample, feature, 0.5)
    weak = sample.popularity + 2.0 * np.random.default_rng(1).normal(size=30)
    alone = correlate(with_column(sample, "danceability", weak))
    among = correlate(with_column(made(n=30), "danceability", weak))
    p = cell(alone, "p", "popularity", "danceability")
    assert p == cell(among, "p", "popularity", "danceability")
    assert 0.05 / 55 < p < 0.05
    assert cell(alone, "significant", "popularity", "danceability") is True
    assert cell(among, "significant", "popularity", "danceability") is False


def test_the_same_column_twice_is_one_and_certain():
    sample = made()
    correlations = correlate(with_column(sample, "valence", sample.column("energy") * -3.0 + 2.0))
    assert cell(correlations, "r", "valence", "energy") == pytest.approx(-1.0)
    assert cell(correlations, "p", "valence", "energy") == pytest.approx(0.0, abs=1e-12)
    json.dumps(correlations, allow_nan=False)


def test_too_few_rows_have_none():
    assert correlate(made(n=LEAST_ROWS - 1)) is None
    assert correlate(made(n=0)) is None
    assert correlate(made(n=LEAST_ROWS)) is not None


@few
@given(seeds, st.integers(4, 30), st.integers(0, 2))
def test_any_rows_give_numbers_that_can_be_stored(seed, n, places):
    correlations = correlate(made(seed, n, places))
    json.dumps(correlations, allow_nan=False)
    r = np.array(correlations["r"], dtype=float)
    assert np.nanmax(np.abs(r), initial=0.0) <= 1.0
    assert not np.array(correlations["significant"])[np.isnan(r)].any()


@few
@given(seeds, st.floats(1e-6, 1e6), st.floats(-1e3, 1e3))
def test_units_and_zero_points_do_not_matter(seed, unit, shift):
    sample = made(seed)
    moved = correlate(with_column(sample, "tempo", (sample.column("tempo") + shift) * unit))
    assert np.allclose(np.array(moved["r"]), np.array(correlate(sample)["r"]), atol=1e-8)


@few
@given(seeds, seeds)
def test_the_order_of_rows_does_not_matter(seed, shuffling):
    sample = made(seed)
    rows = np.random.default_rng(shuffling).permutation(80)
    moved = Sample(sample.names, sample.artists, sample.popularity[rows], sample.values[rows])
    assert np.allclose(np.array(correlate(moved)["r"]), np.array(correlate(sample)["r"]), atol=1e-12)


# All models of one set of rows


def test_models_of_80_artists():
    models = models_of(sample_of_artists(kpop_of(artists_rows(400))))
    assert models["n"] == 80
    assert len(models["nine"]["features"]) == 9
    assert models["small"]["features"] == ["energy", "danceability", "valence"]
    assert models["small"]["r2"] < models["nine"]["r2"]
    assert models["residuals"]["of"] == 80
    json.dumps(models, allow_nan=False)


@pytest.mark.parametrize(
    ("n", "there"),
    [
        (0, set()),
        (3, set()),
        (4, {"correlations"}),
        (6, {"correlations", "small"}),
        (12, {"correlations", "small", "nine", "residuals"}),
    ],
)
def test_each_model_is_there_as_soon_as_its_rows_suffice(n, there):
    models = models_of(made(n=n))
    assert models["n"] == n
    assert {key for key in ("correlations", "nine", "small", "residuals") if models[key] is not None} == there
