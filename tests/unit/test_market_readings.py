"""Which sentences are true of a model: thresholds, corrections and caveats."""

import numpy as np
import pytest

from choreography.market.analysis import analyse_selection
from choreography.market.features import FEATURES, REGRESSORS
from choreography.market.sample import Sample
from tests.market_payloads import (
    correlations,
    models,
    regression,
    residuals,
    roster,
    small_regression,
)
from tests.market_readings import codes, danceability, nine, numbers_of, regression_codes, rows, told

# The question: is danceable music more popular?


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"p": 0.0001, "p_holm": 0.0009}, "danceability_clear"),
        ({"p": 0.0001, "p_holm": 0.0009, "standardised": 0.099}, "danceability_small"),
        ({"p": 0.04, "p_holm": 0.36}, "danceability_hint"),
        ({"p": 0.050, "p_holm": 0.45}, "danceability_hint"),
        ({"p": 0.0001, "p_holm": 0.0009, "p_robust": 0.2}, "danceability_hint"),
        ({"p": 0.0001, "p_holm": 0.0009, "p_robust": None}, "danceability_unchecked"),
        ({"p": 0.04, "p_holm": 0.36, "p_robust": None}, "danceability_hint"),
        ({"p": 0.5, "p_robust": None}, "danceability_open"),
        ({"p": 0.11}, "danceability_open"),
    ],
)
def test_danceability_is_called_clear_only_if_it_survives_correction_and_unequal_spread(changed, code):
    assert code in regression_codes(**danceability(**changed))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"p": 0.0001, "p_holm": 0.0009}, "headline_clear_more"),
        ({"p": 0.0001, "p_holm": 0.0009, "points": -2.4}, "headline_clear_less"),
        ({"p": 0.0001, "p_holm": 0.0009, "standardised": 0.05}, "headline_small_more"),
        ({"p": 0.0001, "p_holm": 0.0009, "standardised": 0.05, "points": -0.1}, "headline_small_less"),
        ({"p": 0.05}, "headline_hint_more"),
        ({"p": 0.05, "points": -2.4}, "headline_hint_less"),
        ({"p": 0.5}, "headline_open"),
        ({"p": 1e-17, "p_holm": 9e-17, "p_robust": None}, "headline_unchecked_more"),
        ({"p": 1e-17, "p_holm": 9e-17, "p_robust": None, "points": -2.4}, "headline_unchecked_less"),
    ],
)
def test_the_headline_begins_with_the_answer(changed, code):
    assert codes(told(nine(**danceability(**changed))).headline)[0] == code


def test_coefficients_are_told_for_a_step_that_can_be_pictured():
    readings = told(nine(**danceability(p=0.05))).whole["regression"]
    numbers = numbers_of(readings, "danceability_hint")
    assert numbers["points"] == pytest.approx(2.4)
    assert (numbers["points_low"], numbers["points_high"]) == pytest.approx((1.4, 3.4))


def test_with_too_few_rows_for_nine_features_the_small_model_answers():
    whole = models(n=10, small=small_regression(n=10, **danceability(p=0.04, p_holm=0.12)))
    read = told(whole)
    assert codes(read.headline)[0] == "headline_hint_more"
    assert codes(read.whole["regression"]) == ["regression_none", "small_model_alone"]


def test_a_handful_is_told_as_too_few():
    read = told(models(n=4))
    assert codes(read.headline) == ["headline_too_few"]
    assert codes(read.whole["correlations"]) == ["correlations_none"]
    assert codes(read.whole["residuals"]) == ["residuals_none"]


def test_nobody_is_told_as_nobody():
    assert codes(told(models(n=0)).headline) == ["headline_nobody"]


def test_equal_danceability_is_told_as_such():
    read = told(nine(left_out=["danceability"]))
    assert codes(read.headline)[0] == "headline_no_variation"
    assert numbers_of(read.whole["regression"], "left_out")["features"] == ["danceability"]


def test_headlines_are_at_most_three():
    without = nine(**danceability(p=0.5))
    read = told(
        nine(**danceability(p=1e-5)),
        without=without,
        zeros=9,
        rosters=[roster(danceability=(0.1, 0.05, 0.15, 1e-5, 1.2))],
    )
    assert codes(read.headline) == ["headline_clear_more", "headline_explained_and_small", "headline_zeros_open"]


# Significance


def test_every_feature_stands_at_the_strictest_level_that_it_passes():
    readings = told(
        nine(
            tempo={"p": 0.0009},
            valence={"p": 0.001},
            loudness={"p": 0.01},
            liveness={"p": 0.05},
            speechiness={"p": 0.1},
        )
    ).whole["regression"]
    assert numbers_of(readings, "significance") == {
        "p001": ["tempo"],
        "p01": ["valence"],
        "p05": ["loudness"],
        "p10": ["liveness"],
    }


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"tempo": {"p": 0.001, "p_holm": 0.009}, "valence": {"p": 0.03, "p_holm": 0.24}}, "holm_some"),
        ({"tempo": {"p": 0.001, "p_holm": 0.009}}, "holm_all"),
        ({"tempo": {"p": 0.03, "p_holm": 0.27}}, "holm_none"),
    ],
)
def test_what_correction_takes_away_is_told(changed, code):
    assert code in regression_codes(**changed)


def test_nothing_significant_needs_no_correction():
    found = regression_codes()
    assert "significance_none" in found
    assert not [code for code in found if code.startswith("holm")]


def test_the_strongest_is_found_on_one_scale_and_not_by_raw_coefficients():
    clear = {"p": 1e-6, "p_holm": 1e-5}
    found = told(
        nine(danceability={"points": 9, "standardised": 0.2, **clear}, tempo={"standardised": 0.4, **clear})
    ).whole
    assert numbers_of(found["regression"], "strongest")["feature"] == "tempo"
    assert "strongest_danceability" in regression_codes(danceability={"points": 9, "standardised": 0.5, **clear})


@pytest.mark.parametrize("open_p", [0.06, 0.5])
def test_where_a_heavier_feature_is_not_clear_none_is_said_to_weigh_most(open_p):
    clear = {"p": 1e-6, "p_holm": 1e-5}
    heavier = {"points": -3, "standardised": 0.9, "p": open_p}
    read = told(nine(danceability={"standardised": 0.4, **clear}, tempo=heavier)).whole["regression"]
    assert not {"strongest", "strongest_danceability"} & set(codes(read))
    numbers = numbers_of(read, "strongest_of_clear")
    assert (numbers["feature"], numbers["heavier"]) == ("danceability", ["tempo"])


def test_significant_is_not_large():
    clear = {"p": 1e-6, "p_holm": 1e-5}
    trace = {"standardised": 0.02, **clear}
    assert "small_effects_all" in regression_codes(n=28680, tempo=trace, valence=trace)
    assert "strongest" not in regression_codes(n=28680, tempo=trace)
    read = told(nine(n=28680, tempo=trace, valence=clear)).whole["regression"]
    assert numbers_of(read, "small_effects")["features"] == ["tempo"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"r2": 0.5}, "explained"),
        ({"r2": 0.06}, "explained_little"),
        ({"r2": 0.06, "f_p": 0.05}, "explained_open"),
        ({"r2": 0.06, "f_p": 0.05, "tempo": {"p": 0.001, "p_holm": 0.009}}, "explained_open_but_clear"),
    ],
)
def test_how_much_is_explained_is_told_by_its_size_and_its_chance(changed, code):
    assert regression_codes(**changed)[0] == code


def test_adjusted_r2_is_never_told_as_less_than_nothing():
    assert numbers_of(told(nine(n=30, r2=0.02, f_p=0.9)).whole["regression"], "explained_open")["r2_adjusted"] == 0


def test_a_model_that_may_be_chance_is_told_with_its_p():
    """F answers for all features at once, and p 0.076 with 8.7 % is no proof that there is nothing."""
    read = told(nine(n=80, r2=0.19, f_p=0.076))
    assert codes(read.headline) == ["headline_open", "headline_explained_open"]
    assert numbers_of(read.headline, "headline_explained_open") == {"k": 9, "p": 0.076}


def test_a_headline_does_not_call_a_feature_clear_and_all_of_them_chance():
    read = told(nine(n=80, f_p=0.2, **danceability(p=0.001, p_holm=0.009)))
    assert codes(read.headline) == ["headline_clear_more"]
    assert numbers_of(read.whole["regression"], "explained_open_but_clear")["features"] == ["danceability"]


# The smaller model


@pytest.mark.parametrize(("r2", "code"), [(0.04, "small_model_little"), (0.3, "small_model_much")])
def test_the_smaller_model_is_measured_against_the_nine(r2, code):
    whole = models(nine=regression(r2=0.499), small=small_regression(r2=r2))
    numbers = numbers_of(told(whole).whole["regression"], code)
    assert (numbers["r2_small"], numbers["r2"]) == (r2, 0.499)


def test_what_chance_alone_explains_is_not_shared_out():
    whole = models(nine=regression(r2=0.03, f_p=0.8), small=small_regression(r2=0.001))
    assert "small_model_much" in codes(told(whole).whole["regression"])


@pytest.mark.parametrize(
    ("here", "there", "code"),
    [
        ({"p": 0.001, "p_holm": 0.009}, {"p": 0.5}, "small_model_open"),
        ({"p": 0.001, "p_holm": 0.009}, {"p": 0.05}, "small_model_hint"),
        ({"p": 0.5}, {"p": 0.001, "p_holm": 0.003}, "small_model_clear"),
        ({"p": 0.04}, {"p": 0.04, "points": -2}, "small_model_turns"),
        ({"p": 0.04}, {"p": 0.04}, None),
        ({"p": 0.5}, {"p": 0.5, "points": -2}, None),
    ],
)
def test_danceability_in_the_smaller_model_is_told_where_it_differs(here, there, code):
    whole = models(nine=regression(**danceability(**here)), small=small_regression(**danceability(**there)))
    found = [one for one in codes(told(whole).whole["regression"]) if one.startswith("small_model")]
    assert found[1:] == ([code] if code else [])


# Collinearity, spread, few rows


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"warnings": ["singular", "collinear"], "tempo": {"vif": None}}, ["singular"]),
        (
            {"warnings": ["singular", "collinear"], "tempo": {"vif": None}, "speechiness": {"vif": 11}},
            ["singular", "collinear"],
        ),
        ({"warnings": ["collinear"], "loudness": {"vif": 10.1}, "condition": 60.0}, ["collinear"]),
        ({"loudness": {"vif": 10.1}}, ["collinear"]),
        ({"loudness": {"vif": 9.9}, "condition": 60.0}, ["collinear_with_constant"]),
        ({"loudness": {"vif": 9.9}}, ["not_collinear"]),
    ],
)
def test_collinearity_is_told_from_a_constant_far_away(changed, code):
    found = [one for one in regression_codes(**changed) if "collinear" in one or one == "singular"]
    assert found == code


def test_what_follows_from_others_or_repeats_them_is_named():
    changed = {"tempo": {"vif": None}, "valence": {"vif": None}, "speechiness": {"vif": 11}, "loudness": {"vif": 9}}
    read = told(nine(warnings=["singular", "collinear"], **changed)).whole["regression"]
    assert numbers_of(read, "singular")["features"] == ["valence", "tempo"]
    assert numbers_of(read, "collinear") == {"features": ["speechiness"], "vif": 11}


def with_column(sample, name, values):
    """The rows with other values of this feature."""
    changed = sample.values.copy()
    changed[:, FEATURES.index(name)] = values
    return Sample(sample.names, sample.artists, sample.popularity, changed)


@pytest.mark.parametrize(("share", "code"), [(1.0, "singular"), (0.99, "collinear"), (0.9, "collinear_with_constant")])
def test_the_sentence_on_collinearity_agrees_with_the_models_warning(share, code):
    """Valence made of liveness and of itself; 0.9 inflates variances by about 5, which is not called repeating."""
    drawn = rows(2000)
    liveness, valence = (drawn.column(name) for name in ("liveness", "valence"))
    mixed = share * (liveness - 0.2) / 0.08 + np.sqrt(1 - share**2) * (valence - 0.5) / 0.15
    analysis = analyse_selection(with_column(drawn, "valence", 0.5 + 0.15 * mixed), [])
    said = [one for one in codes(analysis["readings"]["regression"]) if "collinear" in one or one == "singular"]
    assert said == [code]
    warned = {one for one in analysis["whole"]["nine"]["warnings"] if one in ("singular", "collinear")}
    assert warned == {"singular": {"singular", "collinear"}, "collinear": {"collinear"}}.get(code, set())


def test_few_rows_are_told_where_the_model_warns_of_them():
    assert "few_rows" in regression_codes(n=80, warnings=["few_rows"])
    assert "few_rows" not in regression_codes()


@pytest.mark.parametrize(
    ("robust", "code"),
    [
        ({"tempo": {"p": 0.01}}, "unequal_spread"),
        ({"tempo": {"p": 0.01, "p_robust": 0.2}}, "unequal_spread_lost"),
        ({"tempo": {"p": 0.2, "p_robust": 0.01}}, "unequal_spread_gained"),
        (
            {"tempo": {"p": 0.2, "p_robust": 0.01}, "valence": {"p": 0.01, "p_robust": 0.2}},
            "unequal_spread_lost_gained",
        ),
    ],
)
def test_unequal_spread_tells_what_it_changes(robust, code):
    whole = models(nine=regression(warnings=["unequal_spread"], **robust), small=small_regression())
    assert code in codes(told(whole).whole["residuals"])


def spread_told(warnings=("unequal_spread",), **changed):
    whole = models(nine=regression(warnings=warnings, **changed), small=small_regression())
    told_of = told(whole).whole["residuals"]
    return [one for one in told_of if "spread" in one["code"] or one["code"] == "robust_unchecked"]


def test_what_cannot_be_checked_is_not_told_as_lost():
    """Robust errors of a coefficient that a single row decides are not known, which is not the same as large."""
    unknown = {"p": 1e-9, "p_robust": None}
    found = spread_told(tempo={"p": 0.01}, valence={"p": 0.01, "p_robust": 0.2}, instrumentalness=unknown)
    assert codes(found) == ["unequal_spread_lost", "robust_unchecked"]
    assert found[0]["numbers"]["lost"] == ["valence"]
    assert found[1]["numbers"]["features"] == ["instrumentalness"]


def test_where_nothing_can_be_checked_nothing_is_said_to_stay_or_go():
    unknown = {name: {"p": 1e-9, "p_robust": None} for name in REGRESSORS}
    assert codes(spread_told(**unknown)) == ["unequal_spread_unchecked"]


def test_what_cannot_be_checked_is_told_where_the_spread_seems_equal_too():
    assert codes(spread_told((), tempo={"p_robust": None})) == ["equal_spread", "robust_unchecked"]


def test_one_row_that_decides_a_feature_is_told_for_what_it_is():
    sample = with_column(rows(80, effect=8, noise=4), "instrumentalness", np.eye(80)[7])
    analysis = analyse_selection(sample, [])
    assert analysis["headline"][0]["code"] == "headline_clear_more"
    assert numbers_of(analysis["readings"]["residuals"], "robust_unchecked")["features"] == ["instrumentalness"]


@pytest.mark.parametrize(("n", "code"), [(80, "not_normal_few"), (28680, "not_normal_many")])
def test_misses_that_are_not_normal_matter_where_rows_are_few(n, code):
    assert code in codes(told(nine(n=n, warnings=["not_normal"])).whole["residuals"])


def test_a_guess_without_the_features_misses_by_the_spread_of_popularity():
    """r2 0.75 of a spread of 20 leaves 10, but for the features' number."""
    numbers = numbers_of(told(nine(n=100_000, r2=0.75)).whole["residuals"], "typical_miss")
    assert numbers["sd_whole"] == pytest.approx(20, rel=1e-3)


def test_the_spread_of_popularity_is_that_of_the_rows_where_a_feature_follows_from_others():
    sample = rows(30, effect=8)
    analysis = analyse_selection(with_column(sample, "valence", sample.column("liveness")), [])
    numbers = numbers_of(analysis["readings"]["residuals"], "typical_miss")
    assert numbers["sd_whole"] == pytest.approx(sample.popularity.std(ddof=1), rel=1e-9)


def test_who_lies_farthest_off_is_named_by_side():
    left = residuals([4.0, -5.0, 3.5, -3.2, 2.9], names=["A", "B", "C", "D", "E"])
    whole = models(nine=regression(), small=small_regression(), left=left)
    numbers = numbers_of(told(whole).whole["residuals"], "farthest_above_below")
    assert (numbers["above"], numbers["below"]) == (["A", "C"], ["B"])


@pytest.mark.parametrize(
    ("section", "code"), [("correlations", "correlation_no_effect"), ("regression", "regression_no_effect")]
)
def test_what_could_be_taken_for_advice_ends_with_what_it_does_not_say(section, code):
    whole = models(nine=regression(), small=small_regression(), correlated=correlations())
    assert codes(told(whole).whole[section])[-1] == code
