"""Regression: certified results of others, what the first analysis did wrong, and what is not as usual."""

import math

import numpy as np
import pytest
from statsmodels.api import add_constant
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.diagnostic import het_breuschpagan
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.outliers_influence import variance_inflation_factor
from statsmodels.stats.stattools import jarque_bera

from choreography.market.features import REGRESSORS, STEPS
from choreography.market.regression import CONDITION_CEILING, holm_corrected, regress
from tests.market import artists_rows, kpop_of, sample_of_artists
from tests.market_regressions import NAMES, holds_together, made, of, told
from tests.nist import FILIP, LONGLEY, NORRIS, WAMPLER_1, WAMPLER_4

# Certified by NIST


@pytest.mark.parametrize(
    ("known", "estimates", "errors"),
    [(NORRIS, 1e-11, 1e-12), (LONGLEY, 1e-10, 1e-12), (WAMPLER_4, 1e-6, 1e-12), (FILIP, 1e-5, 1e-5)],
    ids=["norris", "longley", "wampler 4", "filip"],
)
def test_certified_results_come_out(known, estimates, errors):
    """Ten digits of Longley; six of Filip, of which statsmodels on the plain columns gets none."""
    regression = told(known.y, known.columns, known.names)
    assert of(regression, "name") == ["const", *known.names]
    assert of(regression, "estimate") == pytest.approx(known.estimates, rel=estimates)
    assert of(regression, "std_error") == pytest.approx(known.errors, rel=errors)
    assert regression["residual_sd"] == pytest.approx(known.residual_sd, rel=errors)
    assert regression["r2"] == pytest.approx(known.r2, rel=1e-9)
    assert regression["f"] == pytest.approx(known.f, rel=errors)


def test_a_polynomial_without_errors_is_found_and_its_rounding_is_not_tested():
    """Wampler 1: every coefficient 1, nothing left over."""
    regression = told(WAMPLER_1.y, WAMPLER_1.columns, WAMPLER_1.names)
    assert of(regression, "estimate") == pytest.approx(WAMPLER_1.estimates, rel=1e-6)
    assert regression["r2"] == 1.0
    assert regression["residual_sd"] < 1e-6
    assert regression["breusch_pagan_p"] is None
    assert regression["jarque_bera_p"] is None


def test_longley_is_known_for_its_collinearity():
    """The raw condition number as statsmodels prints it; the scaled one as Belsley's book gives it: 43,275."""
    regression = told(LONGLEY.y, LONGLEY.columns, LONGLEY.names)
    assert regression["condition_number"] == pytest.approx(4.86e9, rel=1e-3)
    assert regression["condition_number_scaled"] == pytest.approx(43_275, rel=1e-4)
    assert of(regression, "vif", "gnp")[0] == pytest.approx(1788.51, abs=0.01)
    assert regression["warnings"] == ["collinear", "few_rows"]


# Against statsmodels on the columns as they are


def test_it_is_the_same_model_as_statsmodels_on_the_plain_columns():
    popularity, columns = made()
    regression, plain = told(popularity, columns), OLS(popularity, add_constant(columns)).fit()
    robust = plain.get_robustcov_results("HC3", use_t=True)
    close = {"rel": 1e-7}
    assert of(regression, "estimate") == pytest.approx(plain.params, **close)
    assert of(regression, "std_error") == pytest.approx(plain.bse, **close)
    assert of(regression, "t") == pytest.approx(plain.tvalues, **close)
    assert of(regression, "p") == pytest.approx(plain.pvalues, **close)
    assert of(regression, "low") == pytest.approx(plain.conf_int()[:, 0], **close)
    assert of(regression, "high") == pytest.approx(plain.conf_int()[:, 1], **close)
    assert of(regression, "p_robust") == pytest.approx(robust.pvalues, **close)
    assert of(regression, "low_robust") == pytest.approx(robust.conf_int()[:, 0], **close)
    assert of(regression, "high_robust") == pytest.approx(robust.conf_int()[:, 1], **close)
    for key, value in {
        "r2": plain.rsquared,
        "adjusted_r2": plain.rsquared_adj,
        "f": plain.fvalue,
        "f_p": plain.f_pvalue,
        "aic": plain.aic,
        "bic": plain.bic,
        "residual_sd": math.sqrt(plain.mse_resid),
        "condition_number": plain.condition_number,
        "breusch_pagan_p": het_breuschpagan(plain.resid, add_constant(columns))[1],
        "jarque_bera_p": jarque_bera(plain.resid)[1],
    }.items():
        assert regression[key] == pytest.approx(value, **close), key


def test_variance_inflation_is_that_of_statsmodels():
    popularity, columns = made()
    columns[:, 2] += columns[:, 1] * 6_000.0
    given_by = [variance_inflation_factor(add_constant(columns), place) for place in (1, 2, 3)]
    assert of(told(popularity, columns), "vif") == [None, *(pytest.approx(value) for value in given_by)]
    assert max(given_by) > 3.0


def test_standardised_effects_are_the_estimates_in_standard_deviations():
    popularity, columns = made()
    regression = told(popularity, columns)
    sizes = columns.std(axis=0) / popularity.std()
    expected = np.array(of(regression, "estimate")[1:]) * sizes
    assert of(regression, "standardised") == [None, *(pytest.approx(value) for value in expected)]


def test_each_feature_comes_with_a_step_that_can_be_pictured():
    regression = told(*made())
    assert of(regression, "step") == [None, STEPS["danceability"], STEPS["tempo"], STEPS["duration_ms"]]


def test_holm_steps_down_from_the_smallest():
    """0.01 x 4; 0.02 x 3; 0.03 x 2; 0.04 is not below the one before it."""
    assert holm_corrected([0.04, 0.01, None, 0.03, 0.02]) == [
        pytest.approx(0.06),
        pytest.approx(0.04),
        None,
        pytest.approx(0.06),
        pytest.approx(0.06),
    ]
    assert holm_corrected([None, None]) == [None, None]
    many = np.random.default_rng(0).uniform(size=55) ** 4
    assert holm_corrected(list(many)) == pytest.approx(list(multipletests(many, method="holm")[1]))


# What the first analysis did


def test_a_column_given_twice_shares_its_effect_in_halves_and_is_told():
    """The first analysis gave tempo twice: nothing was explained better, and its condition number was 1.3e19."""
    popularity, columns = made()
    once = told(popularity, columns)
    twice = told(popularity, columns[:, [0, 1, 2, 1]], (*NAMES, "tempo"))
    assert twice["r2"] == pytest.approx(once["r2"], rel=1e-12)
    assert twice["adjusted_r2"] == pytest.approx(once["adjusted_r2"], rel=1e-12)
    # Nine degrees of freedom and not ten: so were the published F of 7.755 and adjusted R2 of 0.435 (n 80, R2 0.499).
    assert twice["f"] == pytest.approx(once["f"], rel=1e-10)
    assert twice["aic"] == pytest.approx(once["aic"], rel=1e-10)
    half = of(once, "estimate", "tempo")[0] / 2
    assert of(twice, "estimate", "tempo") == [pytest.approx(half), pytest.approx(half)]
    assert of(twice, "p", "tempo") == [pytest.approx(of(once, "p", "tempo")[0])] * 2
    assert of(twice, "estimate", "danceability") == pytest.approx(of(once, "estimate", "danceability"))
    assert twice["condition_number"] > 1e15
    assert twice["condition_number_scaled"] > 1e15
    assert {"singular", "collinear"} <= set(twice["warnings"])
    assert of(twice, "vif") == [
        None,
        pytest.approx(of(once, "vif", "danceability")[0]),
        None,
        of(twice, "vif")[3],
        None,
    ]
    holds_together(twice)
    assert {"singular", "collinear"} & set(once["warnings"]) == set()
    assert once["condition_number"] < 1e8
    assert once["condition_number_scaled"] < 100


def test_a_column_that_follows_from_two_others_is_told():
    popularity, columns = made()
    sum_of_two = columns[:, 0] + columns[:, 1] / 100.0
    regression = told(popularity, np.column_stack([columns, sum_of_two]), (*NAMES, "sum"))
    assert "singular" in regression["warnings"]
    assert regression["r2"] == pytest.approx(told(popularity, columns)["r2"])
    assert of(regression, "vif") == [None, None, None, pytest.approx(1.0, abs=0.2), None]
    assert regression["condition_number"] <= CONDITION_CEILING
    holds_together(regression)


def test_nine_features_of_80_artists_are_no_singular_model():
    sample = sample_of_artists(kpop_of(artists_rows(400)))
    regression = told(sample.popularity, sample.columns(REGRESSORS), REGRESSORS)
    assert regression["features"] == list(REGRESSORS)
    assert len(set(REGRESSORS)) == 9
    assert "singular" not in regression["warnings"]
    assert "few_rows" in regression["warnings"]
    holds_together(regression)


# Warnings


def test_a_feature_far_from_zero_is_not_called_collinear():
    """Nearly a constant, it only makes the constant uncertain: Belsley's number is high, no feature's is inflated."""
    popularity, columns = made()
    columns[:, 1] = 120.0 + (columns[:, 1] - 120.0) / 10.0
    regression = told(popularity, columns)
    assert regression["condition_number_scaled"] > 100
    assert max(of(regression, "vif")[1:]) < 2
    assert "collinear" not in regression["warnings"]


def test_features_that_nearly_follow_from_each_other_are_called_collinear():
    popularity, columns = made()
    columns[:, 1] = columns[:, 0] * 100.0 + np.random.default_rng(9).normal(size=len(columns))
    regression = told(popularity, columns)
    assert "collinear" in regression["warnings"]
    assert "singular" not in regression["warnings"]


def test_few_rows_are_under_ten_a_feature():
    assert "few_rows" in told(*made(n=29))["warnings"]
    assert "few_rows" not in told(*made(n=30))["warnings"]


def test_a_spread_that_grows_is_told_and_an_equal_one_is_not():
    random = np.random.default_rng(3)
    column = random.uniform(1.0, 10.0, size=(400, 1))
    noise = random.normal(size=400)
    equal = told(column[:, 0] + noise, column, ("tempo",))
    grows = told(column[:, 0] + noise * column[:, 0], column, ("tempo",))
    assert "unequal_spread" not in equal["warnings"]
    assert "unequal_spread" in grows["warnings"]
    assert of(grows, "low_robust", "tempo")[0] != pytest.approx(of(grows, "low", "tempo")[0], rel=1e-3)


def test_residuals_with_a_long_tail_are_told():
    random = np.random.default_rng(4)
    column = random.normal(size=(400, 1))
    assert "not_normal" not in told(column[:, 0] + random.normal(size=400), column, ("tempo",))["warnings"]
    assert "not_normal" in told(column[:, 0] + random.exponential(size=400), column, ("tempo",))["warnings"]


# Degenerate


def test_too_few_rows_are_no_model():
    popularity, columns = made(n=6)
    assert regress(popularity[:5], columns[:5], NAMES) is None
    holds_together(told(popularity, columns))


def test_nothing_to_explain_or_to_explain_it_by_is_no_model():
    popularity, columns = made()
    assert regress(np.full(60, 40.0), columns, NAMES) is None
    assert regress(popularity, np.full((60, 3), 0.1), NAMES) is None
    assert regress(popularity, np.empty((60, 0)), ()) is None
    assert regress(np.empty(0), np.empty((0, 3)), NAMES) is None


def test_a_column_that_does_not_vary_is_left_out_and_named():
    popularity, columns = made()
    full = told(popularity, columns[:, [0, 2]], ("danceability", "duration_ms"))
    columns[:, 1] = 120.1
    regression = told(popularity, columns)
    assert regression["left_out"] == ["tempo"]
    assert regression["features"] == ["danceability", "duration_ms"]
    assert regression["coefficients"] == full["coefficients"]


def test_rows_that_do_not_suffice_for_all_columns_suffice_without_a_still_one():
    popularity, columns = made(n=5)
    columns[:, 1] = 120.0
    assert told(popularity, columns)["features"] == ["danceability", "duration_ms"]


ROBUST = ("p_robust", "low_robust", "high_robust")


def unequal(seed=0, n=80):
    """Danceability counts, and what is left over spreads the wider the higher it is."""
    popularity, columns = made(seed, n)
    return popularity + columns[:, 0] * 60.0 + (columns[:, 0] - 0.6) * np.resize([90.0, -90.0], n), columns


def test_a_row_that_alone_has_a_feature_takes_the_robust_numbers_of_that_feature_alone():
    """Its error cannot be seen. All else is as if neither the row nor the column had ever been there."""
    popularity, columns = unequal()
    columns[:, 1] = 0.0
    columns[7, 1] = 0.9
    regression = told(popularity, columns)
    without = np.delete(columns[:, [0, 2]], 7, axis=0)
    plain = OLS(np.delete(popularity, 7), add_constant(without)).fit().get_robustcov_results("HC3", use_t=True)
    others = ("const", "danceability", "duration_ms")
    for key, values in zip(ROBUST, (plain.pvalues, *plain.conf_int().T), strict=True):
        assert [of(regression, key, name)[0] for name in others] == pytest.approx(values, rel=1e-7), key
        assert of(regression, key, "tempo") == [None]
    assert of(regression, "p_robust", "danceability")[0] < 0.001
    assert of(regression, "p", "tempo")[0] is not None
    holds_together(regression)


def test_a_row_that_alone_tells_two_features_apart_takes_the_robust_numbers_of_both():
    """The two are equal but for it: only their sum is known from the others."""
    popularity, columns = unequal()
    twin = columns[:, 1].copy()
    twin[7] += 5.0
    regression = told(popularity, np.column_stack([columns, twin]), (*NAMES, "twin"))
    without = np.delete(columns, 7, axis=0)
    plain = OLS(np.delete(popularity, 7), add_constant(without)).fit().get_robustcov_results("HC3", use_t=True)
    for key, values in zip(ROBUST, (plain.pvalues, *plain.conf_int().T), strict=True):
        known = [of(regression, key, name)[0] for name in ("const", "danceability", "duration_ms")]
        assert known == pytest.approx([values[0], values[1], values[3]], rel=1e-7), key
        assert [of(regression, key, name)[0] for name in ("tempo", "twin")] == [None, None]
    holds_together(regression)


def test_several_rows_that_each_alone_decide_something_are_left_out_together():
    popularity, columns = unequal()
    alone = np.zeros((80, 2))
    alone[3, 0], alone[50, 1] = 1e-6, 1e6
    regression = told(popularity, np.column_stack([columns, alone]), (*NAMES, "tiny", "huge"))
    rest = np.delete(np.arange(80), [3, 50])
    plain = OLS(popularity[rest], add_constant(columns[rest])).fit().get_robustcov_results("HC3", use_t=True)
    assert of(regression, "p_robust") == [*(pytest.approx(p, rel=1e-7) for p in plain.pvalues), None, None]
    holds_together(regression)


def test_popularity_that_is_one_of_the_columns_still_can_be_stored():
    popularity, columns = made()
    columns[:, 0] = popularity
    regression = told(popularity, columns)
    assert regression["r2"] == pytest.approx(1.0)
    assert of(regression, "estimate", "danceability") == [pytest.approx(1.0)]
    holds_together(regression)
    holds_together(told(np.array([0.0, 1.0] * 4), np.array([[0.0], [1.0]] * 4), ("tempo",)))


@pytest.mark.parametrize("size", [1e-90, 1e-30, 1e30, 1e90])
def test_huge_and_tiny_values_do_not_overflow(size):
    popularity, columns = made()
    plain = told(popularity, columns)
    for regression in (told(popularity, columns * size), told(popularity * size, columns)):
        assert regression["r2"] == pytest.approx(plain["r2"])
        holds_together(regression)


def test_what_is_no_number_or_of_another_shape_is_refused():
    popularity, columns = made()
    with pytest.raises(ValueError, match="shapes differ"):
        regress(popularity[1:], columns, NAMES)
    with pytest.raises(ValueError, match="shapes differ"):
        regress(popularity, columns, NAMES[:2])
    for wrong in (math.nan, math.inf, 1e101):
        columns[3, 1] = wrong
        with pytest.raises(ValueError, match="finite"):
            regress(popularity, columns, NAMES)
