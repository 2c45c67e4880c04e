"""Residuals for the plots: which rows are drawn, and where a normal distribution would have them."""

import json
import math

import numpy as np
import pytest
from scipy import stats

from choreography.market.regression import fit
from choreography.market.residuals import LARGEST, MOST_ROWS, drawn_rows, normal_quantiles, residuals


def model_of(n, seed=0, noise=1.0):
    random = np.random.default_rng(seed)
    columns = random.normal(size=(n, 2))
    popularity = 50.0 + columns @ [3.0, -1.0] + noise * random.normal(size=n)
    return fit(popularity, columns, ("danceability", "tempo")), popularity


def names_of(n):
    return [f"artist {row}" for row in range(n)]


def test_few_rows_are_all_drawn_in_the_order_of_fitted_values():
    model, popularity = model_of(80)
    payload = residuals(model, names_of(80))
    assert payload["of"] == 80
    assert sorted(payload["names"]) == sorted(names_of(80))
    assert payload["fitted"] == sorted(payload["fitted"])
    by_name = dict(zip(names_of(80), popularity, strict=True))
    for name, fitted, residual in zip(payload["names"], payload["fitted"], payload["residual"], strict=True):
        assert fitted + residual == pytest.approx(by_name[name])


def test_standardised_are_in_residual_standard_deviations():
    model, _ = model_of(80)
    payload = residuals(model, names_of(80))
    assert np.array(payload["standardised"]) * model.residual_sd == pytest.approx(np.array(payload["residual"]))
    assert math.sqrt(sum(share**2 for share in payload["standardised"]) / (80 - 3)) == pytest.approx(1.0)


def test_normal_quantiles_rise_with_the_residual_and_are_symmetric():
    model, _ = model_of(81)
    payload = residuals(model, names_of(81))
    pairs = sorted(zip(payload["residual"], payload["normal"], strict=True))
    quantiles = [normal for _, normal in pairs]
    assert quantiles == sorted(quantiles)
    assert quantiles[40] == pytest.approx(0.0)
    assert quantiles[0] == pytest.approx(-quantiles[-1])


def test_normal_quantiles_are_close_to_the_expected_ones():
    """Five draws from a normal distribution, sorted, are on average at -1.1630, -0.4950, 0 and the same above (Harter 1961)."""
    assert normal_quantiles(np.array([3.0, 1.0, 2.0, 5.0, 4.0])) == pytest.approx(
        [0.0, -1.1630, -0.4950, 1.1630, 0.4950], abs=0.02
    )


def test_normal_residuals_lie_on_the_diagonal_and_skewed_ones_do_not():
    random = np.random.default_rng(2)
    normal, skewed = random.normal(size=2_000), random.exponential(size=2_000) - 1.0
    assert stats.pearsonr(normal_quantiles(normal), normal).statistic > 0.998
    assert stats.pearsonr(normal_quantiles(skewed), skewed).statistic < 0.95


def test_of_many_rows_the_largest_residuals_are_always_drawn():
    model, _ = model_of(20_000)
    payload = residuals(model, names_of(20_000))
    assert payload["of"] == 20_000
    assert {len(payload[key]) for key in ("names", "fitted", "residual", "standardised", "normal")} == {MOST_ROWS}
    assert len(set(payload["names"])) == MOST_ROWS
    assert payload["fitted"] == sorted(payload["fitted"])
    largest = np.argsort(-np.abs(model.residual))[:LARGEST]
    assert {f"artist {row}" for row in largest} <= set(payload["names"])


def test_the_others_are_drawn_evenly_by_fitted_value():
    """Each tenth of the rows, in the order of fitted values, gives a tenth of those drawn; the ends are among them."""
    fitted = np.random.default_rng(3).exponential(size=50_000)
    residual = np.zeros(50_000)
    extreme = np.argsort(fitted)[25_000 : 25_000 + LARGEST]
    residual[extreme] = 1.0
    drawn = np.setdiff1d(drawn_rows(fitted, residual), extreme)
    others = np.sort(np.delete(fitted, extreme))
    ranks = np.searchsorted(others, fitted[drawn])
    assert ranks.min() == 0
    assert ranks.max() == len(others) - 1
    tenths = np.histogram(ranks, bins=10, range=(0, len(others)))[0]
    assert tenths.sum() == MOST_ROWS - LARGEST
    assert tenths.min() >= 99
    assert tenths.max() <= 101


@pytest.mark.parametrize("n", [MOST_ROWS - 1, MOST_ROWS, MOST_ROWS + 1, MOST_ROWS + 7])
def test_around_the_limit_no_row_comes_twice_and_none_is_wasted(n):
    random = np.random.default_rng(n)
    drawn = drawn_rows(random.normal(size=n), random.normal(size=n))
    assert len(drawn) == len(set(drawn.tolist())) == min(n, MOST_ROWS)


def test_the_same_rows_give_the_same_draw():
    model, _ = model_of(5_000)
    assert residuals(model, names_of(5_000)) == residuals(model, names_of(5_000))


def test_quantiles_of_a_draw_are_those_within_all_rows():
    model, _ = model_of(5_000)
    payload = residuals(model, names_of(5_000))
    whole = dict(zip(names_of(5_000), normal_quantiles(model.residual), strict=True))
    assert payload["normal"] == [whole[name] for name in payload["names"]]


def test_nothing_left_over_can_still_be_drawn():
    popularity = np.array([0.0, 1.0] * 4)
    payload = residuals(fit(popularity, popularity[:, None], ("tempo",)), names_of(8))
    assert payload["residual"] == pytest.approx([0.0] * 8, abs=1e-12)
    assert payload["standardised"] == [0.0] * 8
    json.dumps(payload, allow_nan=False)


def test_names_of_another_number_are_refused():
    model, _ = model_of(20)
    with pytest.raises(ValueError, match="19 names for 20 rows"):
        residuals(model, names_of(19))
