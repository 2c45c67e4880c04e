"""The numbers under the headline say no more than the sentences do."""

import re
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from django.utils.translation import override

from tests.market_payloads import models, regression, small_regression

PAGE = SimpleNamespace(selection=SimpleNamespace(source_kind="artists"))


def facts(nine, small=None):
    html = render_to_string("partials/insights_facts.html", {"page": PAGE, "models": models(nine=nine, small=small)})
    return re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", html)[1:]


def test_what_may_be_chance_is_not_told_as_a_fact():
    assert facts(regression(n=80, r2=0.19, f_p=0.076), small_regression(n=80, r2=0.1, f_p=0.2)) == [
        (
            "of the differences in popularity seem to go with 9 features, their number allowed for; that may be chance",
            "9%",
        ),
        ("with energy, danceability and mood alone, which may be chance", "6%"),
    ]
    assert facts(regression(r2=0.4), small_regression(r2=0.1)) == [
        ("of the differences in popularity go with 9 features, their number allowed for", "37%"),
        ("with energy, danceability and mood alone", "9%"),
    ]


def test_features_that_do_not_vary_are_not_counted():
    [(words, _)] = facts(regression(left_out=["instrumentalness"]))
    assert "8 features" in words


def test_less_than_nothing_is_nothing():
    assert [number for _, number in facts(regression(n=30, r2=0.02, f_p=0.9))] == ["0%"]


@pytest.mark.parametrize("f_p", [1e-6, 0.5])
def test_korean_counts_the_features_too(f_p):
    with override("ko"):
        [(words, _)] = facts(regression(f_p=f_p))
    assert "9가지" in words
