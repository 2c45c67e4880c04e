"""Popularity on three features, and what is asked of its regression."""

import json

import numpy as np

from choreography.market.regression import regress

NAMES = ("danceability", "tempo", "duration_ms")


def made(seed=0, n=60):
    """Popularity on three columns in very different units."""
    random = np.random.default_rng(seed)
    columns = random.normal(size=(n, 3)) * [0.1, 12.0, 40_000.0] + [0.6, 120.0, 210_000.0]
    return columns @ [30.0, 0.1, -1e-4] + random.normal(size=n) * 9.0 + 50.0, columns


def told(popularity, columns, names=NAMES):
    regression = regress(popularity, columns, names)
    assert regression is not None
    return regression


def of(regression, key, name=None):
    return [c[key] for c in regression["coefficients"] if name in (None, c["name"])]


def holds_together(regression):
    json.dumps(regression, allow_nan=False)
    assert -1e-9 <= regression["r2"] <= 1.0 + 1e-9
    for c in regression["coefficients"]:
        assert c["low"] <= c["estimate"] <= c["high"]
        assert c["std_error"] >= 0.0
        assert all(c[p] is None or 0.0 <= c[p] <= 1.0 for p in ("p", "p_holm", "p_robust"))
        assert c["p_holm"] is None or c["p_holm"] >= c["p"]
        assert c["vif"] is None or c["vif"] >= 1.0 - 1e-9
