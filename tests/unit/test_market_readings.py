"""Which sentences are true: thresholds, corrections and caveats, from analyses put together by hand and from made-up rows."""

import numpy as np
import pytest

from choreography.market.analysis import analyse_selection, analyse_trend
from choreography.market.features import FEATURES, REGRESSORS
from choreography.market.readings import read_selection, read_trend
from choreography.market.sample import Sample, Years
from tests.market_payloads import (
    correlations,
    models,
    regression,
    residuals,
    roster,
    selection,
    small_regression,
    trend,
)


def told(whole, **more):
    return read_selection(selection(whole, **more), "artists")


def codes(readings):
    return [reading["code"] for reading in readings]


def numbers_of(readings, code):
    return next(reading["numbers"] for reading in readings if reading["code"] == code)


def nine(**changed):
    return models(n=changed.get("n", 200), nine=regression(**changed), small=small_regression(n=changed.get("n", 200)))


def regression_codes(**changed):
    return codes(told(nine(**changed)).whole["regression"])


def danceability(**changed):
    return {"danceability": {"points": 2.4, **changed}}


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


# Correlations


@pytest.mark.parametrize(
    ("r", "code"),
    [
        ({}, "correlations_nothing"),
        ({"tempo": 0.3}, "correlations_up"),
        ({"tempo": -0.3}, "correlations_down"),
        ({"tempo": -0.3, "energy": 0.2}, "correlations_up_down"),
        ({"tempo": 0.03}, "correlations_up_weak"),
        ({"tempo": -0.03}, "correlations_down_weak"),
        ({"tempo": -0.03, "energy": 0.02}, "correlations_up_down_weak"),
    ],
)
def test_what_goes_with_popularity_is_told_by_direction_and_strength(r, code):
    pairs = {("popularity", name): value for name, value in r.items()}
    whole = models(correlated=correlations(r=pairs, significant=list(pairs)))
    assert codes(told(whole).whole["correlations"])[0] == code


def test_danceability_alone_has_fishers_interval():
    """Fisher's own arithmetic for r 0.5 and n 103: atanh 0.5493, error 0.1."""
    pairs = {("popularity", "danceability"): 0.5}
    readings = told(models(correlated=correlations(n=103, r=pairs, significant=list(pairs)))).whole["correlations"]
    numbers = numbers_of(readings, "correlation_danceability_clear")
    assert (numbers["r_low"], numbers["r_high"]) == pytest.approx((0.339, 0.632), abs=0.001)
    assert numbers["share"] == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("r", "code"),
    [
        ({("energy", "loudness"): 0.8}, "correlated_alike"),
        ({("energy", "acousticness"): -0.8}, "correlated_opposed"),
        ({("energy", "loudness"): 0.8, ("energy", "acousticness"): -0.7}, "correlated_alike_opposed"),
        ({("energy", "loudness"): 0.69}, None),
    ],
)
def test_close_pairs_are_told_by_whether_they_go_along_or_against_each_other(r, code):
    whole = models(correlated=correlations(r={**r, ("tempo", "valence"): 0.9}, significant=list(r)))
    told_of = [one for one in told(whole).whole["correlations"] if one["code"].startswith("correlated")]
    assert codes(told_of) == ([code] if code else [])
    for one in told_of:
        assert one["numbers"]["alike"] == [" ".join(pair) for pair in r if r[pair] > 0]
        assert set(one["numbers"]["opposed"]) == {"energy acousticness" for pair in r if r[pair] < 0}


@pytest.mark.parametrize(
    ("section", "code"), [("correlations", "correlation_no_effect"), ("regression", "regression_no_effect")]
)
def test_what_could_be_taken_for_advice_ends_with_what_it_does_not_say(section, code):
    whole = models(nine=regression(), small=small_regression(), correlated=correlations())
    assert codes(told(whole).whole[section])[-1] == code


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


# The whole way, from rows


def rows(n, *, effect=0.0, noise=10.0, zeros=0, seed=1):
    """`effect`: points of popularity for a standard deviation of danceability."""
    rng = np.random.default_rng(seed)
    drawn = rng.normal(size=(n, len(FEATURES)))
    centre = np.array([0.65, 0.7, 0.5, 0.2, 0.05, 0.2, 0.1, -6.0, 120.0, 210_000.0])
    spread = np.array([0.1, 0.1, 0.15, 0.1, 0.03, 0.08, 0.05, 2.0, 15.0, 20_000.0])
    popularity = np.clip(50 + effect * drawn[:, 0] + noise * rng.normal(size=n), 1, 100)
    popularity[:zeros] = 0
    names = tuple(f"artist {place}" for place in range(n))
    return Sample(names, tuple((name,) for name in names), popularity, centre + spread * drawn)


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
