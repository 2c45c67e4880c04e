"""Which sentences are true of what goes with what."""

import pytest

from tests.market_payloads import (
    correlations,
    models,
)
from tests.market_readings import codes, numbers_of, told


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
