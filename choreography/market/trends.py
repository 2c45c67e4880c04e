"""What the years say: straight lines with intervals that allow for years being no independent draws.

The means of neighbouring years resemble each other, so the ordinary standard error of a slope is far too small. Newey and
West's is used here, whose sums of products reach over `_lags` years. [1]_ [2]_

.. [1] W. K. Newey, K. D. West: A simple, positive semi-definite, heteroskedasticity and autocorrelation consistent
       covariance matrix. Econometrica 55 (1987), 703-708.
.. [2] C. W. J. Granger, P. Newbold: Spurious regressions in econometrics. Journal of Econometrics 2 (1974), 111-120: why
       two series that both rise correlate, and why their changes are looked at as well.
.. [3] E. Lazarus, D. J. Lewis, J. H. Stock, M. W. Watson: HAR inference: recommendations for practice. J. Business &
       Economic Statistics 36 (2018), 541-559.
.. [4] N. M. Kiefer, T. J. Vogelsang: A new asymptotic theory for heteroskedasticity-autocorrelation robust tests.
       Econometric Theory 21 (2005), 1130-1164, table 1.
"""

import math
from typing import Final

import numpy as np
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.stattools import durbin_watson

from choreography.market.correlations import p_values, pearson
from choreography.market.features import FEATURES, POPULARITY
from choreography.market.finite import finite
from choreography.market.payloads import MARKET_VERSION, Number, TrendLinePayload, TrendPayload
from choreography.market.regression import varies
from choreography.market.sample import Values, Years

LEAST_YEARS: Final = 5
"""Fewer are shown, but no line is drawn through them."""
CONFIDENCE: Final = 0.95
YEARS_A_DECADE: Final = 10.0
ROUNDING: Final = 1e-12
INDEPENDENT: Final = 2.0
"""Durbin and Watson's statistic where nothing repeats itself."""


def trend_of(years: Years) -> TrendPayload:
    """Every series with its line; without sentences, which `readings` adds.

    Parameters
    ----------
    years : Years
        Ascending, each year once; gaps are allowed. No NaN.

    Returns
    -------
    TrendPayload
        `lines` is empty and `together` missing below LEAST_YEARS. `rows` is null where the file tells none.
    """
    series = {name: years.column(name) for name in (POPULARITY, *FEATURES)}
    trend: TrendPayload = {
        "version": MARKET_VERSION,
        "kind": "trend",
        "years": years.year.tolist(),
        "rows": years.rows.tolist() if years.rows.any() else None,
        "series": {name: values.tolist() for name, values in series.items()},
        "lines": [],
        "headline": [],
        "readings": [],
    }
    if len(years) >= LEAST_YEARS:
        trend["lines"] = [_line(name, years, values) for name, values in series.items()]
        trend["together"] = _together(years)
    return trend


def _line(name: str, years: Years, values: Values) -> TrendLinePayload:
    """The least-squares line of `values` (Y,) over the years, in units of the series per decade.

    A series that does not vary has the flat line, with p 1 and r2 0; one that lies on a line exactly has nothing left over
    that could repeat itself, so that its `durbin_watson` is 2.
    """
    if not varies(values):
        return _line_payload(name, (0.0, 0.0, 0.0), 1.0, 0.0, INDEPENDENT)
    decades = (years.year - years.year.mean()) / YEARS_A_DECADE
    fit = sm.OLS(values, sm.add_constant(decades)).fit(
        cov_type="HAC", cov_kwds={"maxlags": _lags(len(years)), "use_correction": True}
    )
    slope, error, freedom = float(fit.params[1]), float(fit.bse[1]) * _widening(len(years)), len(years) - 2
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, freedom)) * error
    p = 2 * float(stats.t.sf(abs(slope) / error, freedom)) if error else 0.0
    repeats = float(durbin_watson(fit.resid)) if fit.rsquared < 1 - ROUNDING else INDEPENDENT
    return _line_payload(name, (slope, slope - reach, slope + reach), p, float(fit.rsquared), repeats)


def _line_payload(
    name: str, slope: tuple[float, float, float], p: float, r2: float, repeats: float
) -> TrendLinePayload:
    per_decade, low, high = slope
    return {
        "name": name,
        "per_decade": per_decade,
        "low": low,
        "high": high,
        "p": p,
        "r2": r2,
        "durbin_watson": repeats,
    }


def _lags(n: int) -> int:
    """Years that an error is let to last: 13 for a hundred. The older rule of thumb, 4, gives intervals far too narrow for
    series that repeat themselves as much as these do. [3]_"""
    return math.ceil(1.3 * math.sqrt(n))


def _widening(n: int) -> float:
    """How much wider than by the normal distribution an interval must be for so many lags: the share of the years that they
    reach over decides, by the critical value at 97.5 % for Bartlett's weights. [4]_"""
    share = (_lags(n) + 1) / n
    return (1.9600 + 2.9694 * share + 0.4160 * share**2 - 0.5324 * share**3) / 1.9600


def _together(years: Years) -> dict[str, Number]:
    """Pearson's r of popularity and danceability: `levels` of the years as they are, `changes` from a year to the next (only
    where both were counted) with its `changes_p`. Null where one does not vary or fewer than LEAST_YEARS pairs are left."""
    popularity, danceability = years.popularity, years.column("danceability")
    follows = np.diff(years.year) == 1
    levels, _ = _pearson(popularity, danceability)
    changes, p = _pearson(np.diff(popularity)[follows], np.diff(danceability)[follows])
    return {"levels": levels, "changes": changes, "changes_p": p}


def _pearson(one: Values, other: Values) -> tuple[Number, Number]:
    if len(one) < LEAST_YEARS:
        return None, None
    r = pearson(np.column_stack([one, other]))
    return finite(r[0, 1]), finite(p_values(r, len(one))[0, 1])
