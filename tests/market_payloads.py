"""Analyses put together by hand, so that a test can set just the figure that it is about."""

from choreography.market.features import FEATURES, POPULARITY, REGRESSORS, SMALL_MODEL, STEPS
from choreography.market.payloads import MARKET_VERSION

NAMES = (POPULARITY, *FEATURES)


def coefficient(name, *, points=0.1, p=0.5, p_holm=None, p_robust="as p", standardised=0.3, vif=1.2):
    """`points`: per step of the feature; the interval reaches 1 point to either side."""
    step = STEPS.get(name)
    per_unit = 1 / (step or 1)
    return {
        "name": name,
        "estimate": points * per_unit,
        "std_error": per_unit / 2,
        "t": points * 2,
        "p": p,
        "low": (points - 1) * per_unit,
        "high": (points + 1) * per_unit,
        "p_holm": min(1.0, 9 * p) if p_holm is None else p_holm,
        "p_robust": p if p_robust == "as p" else p_robust,
        "low_robust": (points - 1) * per_unit,
        "high_robust": (points + 1) * per_unit,
        "standardised": standardised if points > 0 else -standardised,
        "vif": None if name == "const" else vif,
        "step": step,
    }


def regression(features=REGRESSORS, *, n=200, r2=0.4, f_p=1e-6, warnings=(), left_out=(), condition=12.0, **changed):
    """`changed`: what is special about the coefficient of a feature."""
    kept = [name for name in features if name not in left_out]
    return {
        "features": kept,
        "left_out": list(left_out),
        "n": n,
        "r2": r2,
        "adjusted_r2": 1 - (1 - r2) * (n - 1) / (n - len(kept) - 1),
        "f": 4.0,
        "f_p": f_p,
        "aic": 1.0,
        "bic": 1.0,
        "residual_sd": 10.0,
        "condition_number": 1e6,
        "condition_number_scaled": condition,
        "breusch_pagan_p": 0.001 if "unequal_spread" in warnings else 0.4,
        "jarque_bera_p": 0.001 if "not_normal" in warnings else 0.4,
        "warnings": list(warnings),
        "coefficients": [coefficient("const"), *(coefficient(name, **changed.get(name, {})) for name in kept)],
    }


def small_regression(**changed):
    return regression(SMALL_MODEL, **{"r2": 0.1, **changed})


def correlations(*, n=200, r=None, significant=()):
    """`r`: by pair of names, zero for all others; `significant` of these pairs."""
    values = {frozenset(pair): value for pair, value in (r or {}).items()}
    clear = {frozenset(pair) for pair in significant}
    size = range(len(NAMES))
    return {
        "n": n,
        "names": list(NAMES),
        "r": [[1.0 if a == b else values.get(frozenset((NAMES[a], NAMES[b])), 0.0) for b in size] for a in size],
        "p": [
            [None if a == b else 0.5 if not values.get(frozenset((NAMES[a], NAMES[b]))) else 0.01 for b in size]
            for a in size
        ],
        "significant": [[frozenset((NAMES[a], NAMES[b])) in clear for b in size] for a in size],
    }


def residuals(standardised=(0.5, -0.5), names=None):
    return {
        "of": len(standardised),
        "names": list(names or [f"artist {place}" for place in range(len(standardised))]),
        "fitted": [40.0] * len(standardised),
        "residual": [10 * value for value in standardised],
        "standardised": list(standardised),
        "normal": list(standardised),
    }


def models(*, n=200, nine=None, small=None, correlated=None, left=None):
    return {"n": n, "correlations": correlated, "nine": nine, "small": small, "residuals": left}


def roster(label=1, *, found=6, others=74, missing=(), danceability=None, popularity=None):
    """`danceability`, `popularity`: difference, low, high, p and g of the label against the rest."""
    artists = [
        {"name": f"artist {place}", "rows": 1, "popularity": 60.0, "danceability": 0.76} for place in range(found)
    ]

    def mean(n, value):
        return {"n": n, "mean": value if n else None, "sd": 1.0, "low": value, "high": value}

    def difference(told):
        return told and dict(zip(("difference", "low", "high", "p", "g"), told, strict=True))

    return {
        "label": label,
        "artists": artists,
        "missing": [{"name": name, "like": like} for name, like in missing],
        "popularity": mean(found, 60.0),
        "danceability": mean(found, 0.76),
        "popularity_rest": mean(others, 55.0),
        "danceability_rest": mean(others, 0.67),
        "popularity_difference": difference(popularity),
        "danceability_difference": difference(danceability),
    }


def selection(whole, *, without=None, zeros=0, rosters=()):
    return {
        "version": MARKET_VERSION,
        "kind": "selection",
        "n": whole["n"],
        "zeros": zeros,
        "whole": whole,
        "without_zeros": without,
        "rosters": list(rosters),
        "headline": [],
        "readings": {},
        "readings_without_zeros": {},
    }


def trend(*, years=range(1921, 2021), rows=None, lines=None, together=None, danceability=None):
    """`lines`: what is special about the line of a series."""
    years = list(years)
    plain = {"per_decade": 0.001, "low": -0.01, "high": 0.012, "p": 0.6, "r2": 0.8, "durbin_watson": 1.8}
    told = {
        "version": MARKET_VERSION,
        "kind": "trend",
        "years": years,
        "rows": rows,
        "series": {name: [0.5] * len(years) for name in NAMES},
        "lines": [] if lines is None else [{**plain, "name": name, **lines.get(name, {})} for name in NAMES],
        "headline": [],
        "readings": [],
    }
    if danceability is not None:
        told["series"]["danceability"] = list(danceability)
    if together is not None:
        told["together"] = dict(zip(("levels", "changes", "changes_p"), together, strict=True))
    return told
