"""Ordinary least squares of popularity on audio features, with what a careful reader asks of it.

The problem: how many points of popularity go along with a feature, the others held equal, and how sure is that?

Conventions. The model is y = const + X b + error. Columns come in units from 0..1 to hundreds of thousands of
milliseconds, so the fit is made in coordinates where units do not matter: every column less its mean, in standard
deviations, then turned to the columns' principal directions (a singular value decomposition). statsmodels fits on
those, and every coefficient, interval and p is the contrast that turns them back. The least-squares solution is the
same; what is gained are the digits that plain units lose, and columns that follow from each other are known by their
rank and not by luck: as with a pseudo-inverse, two equal columns share one effect in halves.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.diagnostic import het_breuschpagan
from statsmodels.stats.stattools import jarque_bera

from choreography.market.features import STEPS
from choreography.market.finite import finite
from choreography.market.payloads import CoefficientPayload, Number, RegressionPayload
from choreography.market.sample import Values
from choreography.market.verdicts import INFLATED, holm

LEVEL: Final = 0.05
"""What intervals leave out, and the p under which a test warns."""

COLLINEAR_FROM: Final = 30.0
"""Scaled condition number above which Belsley, Kuh and Welsch speak of strong dependence.

A tempo of 120 give or take 10 is nearly a constant: that alone brings the number near 30, and yet it costs nobody but the
constant its precision, which nobody reads. So the warning wants a variance inflation above INFLATED as well."""

ROWS_A_FEATURE: Final = 10
"""Fewer are few: a rule of thumb (Harrell, Regression Modeling Strategies, section 4.4)."""

CONDITION_CEILING: Final = 1e30
"""Told for columns that follow from each other exactly; float64 can tell nothing beyond 1e16."""

STILL: Final = 1e-12
"""A column whose values differ by less than this share of their size does not vary: that is rounding."""

EXTENT: Final = (1e-100, 1e100)
"""A column that varies by less does not vary, larger numbers are refused: between them nothing overflows."""

FULL_LEVERAGE: Final = 1.0 - 1e-9
"""From here a row determines its own fitted value: its error cannot be seen, and HC3 divides by nothing."""


@dataclass(frozen=True)
class Fit:
    """A fitted model, before it is told.

    Attributes
    ----------
    names : the k columns that vary, in order. left_out : the names of the others.
    columns : (N, k) in the units that they were given in.
    mean, sd : (k,) of the columns, in their units.
    unit : the standard deviation of popularity, in points.
    singular : (r,) singular values of the columns in standard deviations, less those that are rounding: r < k where
        columns follow from others. turns : (r, k) the principal directions.
    ols : statsmodels' results for popularity, in standard deviations, on a constant and the r directions.
    """

    names: tuple[str, ...]
    left_out: tuple[str, ...]
    columns: Values
    mean: Values
    sd: Values
    unit: float
    singular: Values
    turns: Values
    ols: Any

    @property
    def n(self) -> int:
        return len(self.columns)

    @property
    def is_singular(self) -> bool:
        return len(self.singular) < len(self.names)

    @property
    def is_exact(self) -> bool:
        """Nothing but rounding is left over, so there is no spread to be tested."""
        return math.sqrt(float(self.ols.mse_resid)) <= STILL

    @property
    def back(self) -> Values:
        """(k, r) from the effects of the directions to those of the columns, all in standard deviations."""
        turned: Values = self.turns.T / self.singular * math.sqrt(self.n)
        return turned

    @property
    def fitted(self) -> Values:
        """(N,) in points."""
        points: Values = self.ols.fittedvalues * self.unit
        return points

    @property
    def residual(self) -> Values:
        """(N,) popularity less fitted, in points."""
        points: Values = self.ols.resid * self.unit
        return points

    @property
    def residual_sd(self) -> float:
        """In points, with N - r - 1 degrees of freedom."""
        return math.sqrt(float(self.ols.mse_resid)) * self.unit


def regress(popularity: Values, columns: Values, names: Sequence[str]) -> RegressionPayload | None:
    """Ordinary least squares with a constant.

    Parameters
    ----------
    popularity : (N,) points.
    columns : (N, k), in any units.
    names : what the k columns are called; a name may come twice.

    Returns
    -------
    None where there is nothing to count: N < k + 3 over the columns that vary, none of them varies, or popularity
    does not. The robust numbers are null for coefficients that hang on a row which alone determines its fitted value,
    the tests of the residuals where nothing but rounding is left over, `vif` for columns that follow from others.

    Raises
    ------
    ValueError : shapes that do not fit together, a number that is not finite or beyond EXTENT.

    References
    ----------
    MacKinnon and White (1985), J. Econometrics 29 (HC3); Holm (1979), Scand. J. Statist. 6; Belsley, Kuh and Welsch
    (1980), Regression Diagnostics; Koenker (1981), J. Econometrics 17 (the studentised test of Breusch and Pagan);
    Jarque and Bera (1980), Economics Letters 6.
    """
    model = fit(popularity, columns, names)
    return None if model is None else describe(model)


def fit(popularity: Values, columns: Values, names: Sequence[str]) -> Fit | None:
    """The model of `regress`, from which residuals can be had too."""
    validate(popularity, columns, names)
    kept = [place for place in range(len(names)) if varies(columns[:, place])]
    if not kept or len(popularity) < len(kept) + 3 or not varies(popularity):
        return None
    used = columns[:, kept]
    values, mean, sd = standardised(used)
    unit = float(standardised(popularity[:, None])[2][0])
    directions, singular, turns = np.linalg.svd(values, full_matrices=False)
    rank = int((singular > singular[0] * len(used) * np.finfo(np.float64).eps).sum())
    design = np.column_stack([np.ones(len(used)), directions[:, :rank] * math.sqrt(len(used))])
    return Fit(
        names=tuple(names[place] for place in kept),
        left_out=tuple(name for place, name in enumerate(names) if place not in kept),
        columns=used,
        mean=mean,
        sd=sd,
        unit=unit,
        singular=singular[:rank],
        turns=turns[:rank],
        ols=OLS(popularity / unit, design).fit(),
    )


def validate(popularity: Values, columns: Values, names: Sequence[str]) -> None:
    """Raises ValueError unless the shapes fit together and every number is within EXTENT."""
    if popularity.ndim != 1 or columns.shape != (len(popularity), len(names)):
        raise ValueError(f"shapes differ: {popularity.shape}, {columns.shape} and {len(names)} names")
    if not all((np.abs(numbers) <= EXTENT[1]).all() for numbers in (popularity, columns)):
        raise ValueError(f"numbers must be finite and not beyond {EXTENT[1]:g}")


def varies(column: Values) -> bool:
    """Whether the values of `column` (N,) differ by more than rounding."""
    if not len(column):
        return False
    return bool(np.ptp(column) > max(STILL * np.abs(column).max(), EXTENT[0]))


def standardised(columns: Values) -> tuple[Values, Values, Values]:
    """`columns` (N, k), each varying, less their mean and in standard deviations (of N - 1); the means (k,); the
    deviations (k,). Brought to size 1 first, so that the squares of large values do not overflow."""
    size = np.abs(columns).max(axis=0)
    small = columns / size
    mean = small.mean(axis=0)
    apart = small - mean
    sd = apart.std(axis=0, ddof=1)
    return apart / sd, mean * size, sd * size


def describe(model: Fit) -> RegressionPayload:
    """What a fitted model says."""
    ols = model.ols
    aic, bic = information(model)
    inflation = variance_inflation(model)
    scaled = scaled_condition_number(model.columns)
    breusch_pagan_p = None if model.is_exact else finite(het_breuschpagan(ols.resid, ols.model.exog)[1])
    jarque_bera_p = None if model.is_exact else finite(jarque_bera(ols.resid)[1])
    warns = {
        "collinear": scaled > COLLINEAR_FROM and any(value is None or value > INFLATED for value in inflation),
        "singular": model.is_singular,
        "few_rows": model.n < ROWS_A_FEATURE * len(model.names),
        "unequal_spread": breusch_pagan_p is not None and breusch_pagan_p < LEVEL,
        "not_normal": jarque_bera_p is not None and jarque_bera_p < LEVEL,
    }
    return {
        "features": list(model.names),
        "left_out": list(model.left_out),
        "n": model.n,
        "r2": float(ols.rsquared),
        "adjusted_r2": float(ols.rsquared_adj),
        "f": finite(ols.fvalue),
        "f_p": finite(ols.f_pvalue),
        "aic": aic,
        "bic": bic,
        "residual_sd": model.residual_sd,
        "condition_number": condition_number(model.columns),
        "condition_number_scaled": scaled,
        "breusch_pagan_p": breusch_pagan_p,
        "jarque_bera_p": jarque_bera_p,
        "warnings": [code for code, holds in warns.items() if holds],
        "coefficients": coefficients(model, inflation),
    }


def coefficients(model: Fit, inflation: Sequence[Number]) -> list[CoefficientPayload]:
    """That of the constant, then one for each column, in order. `inflation` (k,): see `variance_inflation`."""
    contrasts = _contrasts(model)
    plain, interval = _tests(model.ols, contrasts)
    robust, robust_interval = _robust_tests(model, contrasts)
    corrected = [None, *holm_corrected([finite(p) for p in plain.pvalue[1:]])]
    inflated = [None, *inflation]
    effects = [None, *(finite(effect) for effect in model.back @ model.ols.params[1:])]
    return [
        {
            "name": name,
            "estimate": float(plain.effect[row]),
            "std_error": float(plain.sd[row]),
            "t": finite(plain.tvalue[row]),
            "p": finite(plain.pvalue[row]),
            "low": float(interval[row, 0]),
            "high": float(interval[row, 1]),
            "p_holm": corrected[row],
            "p_robust": finite(robust[row]),
            "low_robust": finite(robust_interval[row, 0]),
            "high_robust": finite(robust_interval[row, 1]),
            "standardised": effects[row],
            "vif": inflated[row],
            "step": STEPS.get(name),
        }
        for row, name in enumerate(("const", *model.names))
    ]


def holm_corrected(p: Sequence[Number]) -> list[Number]:
    """`verdicts.holm` where some p are unknown: they stay so and do not count."""
    corrected = iter(holm([value for value in p if value is not None]))
    return [None if value is None else next(corrected) for value in p]


def variance_inflation(model: Fit) -> list[Number]:
    """1 / (1 - R2 of a column on all the others) for each column; None where that R2 is 1."""
    inflation = ((model.turns.T / model.singular) ** 2).sum(axis=1) * (model.n - 1)
    within = (model.turns**2).sum(axis=0)
    return [float(value) if share > 1.0 - 1e-9 else None for value, share in zip(inflation, within, strict=True)]


def condition_number(columns: Values) -> float:
    """Largest by smallest singular value of a constant and `columns` (N, k) as they are; at most CONDITION_CEILING."""
    singular = np.linalg.svd(np.column_stack([np.ones(len(columns)), columns]), compute_uv=False)
    return float(singular[0] / max(singular[-1], singular[0] / CONDITION_CEILING))


def scaled_condition_number(columns: Values) -> float:
    """That of a constant and `columns` (N, k), none of them all zero, each brought to length 1: free of units, so what
    is left tells how nearly the columns and the constant follow from each other (Belsley)."""
    small = columns / np.abs(columns).max(axis=0)
    alike = math.sqrt(len(columns)) / np.linalg.norm(small, axis=0)
    return condition_number(small * alike)


def information(model: Fit) -> tuple[float, float]:
    """Akaike's and Schwarz's criteria of normal errors, the constant counted and the variance not, as statsmodels does."""
    rows, count = model.n, len(model.singular) + 1
    variance = max(float(model.ols.ssr), np.finfo(np.float64).tiny) / rows
    log_likelihood = -rows / 2 * (math.log(2 * math.pi * variance) + 1) - rows * math.log(model.unit)
    return 2 * count - 2 * log_likelihood, math.log(rows) * count - 2 * log_likelihood


def _contrasts(model: Fit) -> Values:
    """(k + 1, r + 1) that turn what was fitted to the constant and the coefficients, in points per unit."""
    back = model.back
    per_unit = back * (model.unit / model.sd)[:, None]
    const = np.concatenate([[model.unit], -model.unit * (model.mean / model.sd) @ back])
    return np.vstack([const, np.column_stack([np.zeros(len(back)), per_unit])])


def _tests(results: Any, contrasts: Values, covariance: Values | None = None) -> tuple[Any, Values]:
    tested = results.t_test(contrasts, cov_p=covariance)
    return tested, tested.conf_int(alpha=LEVEL)


def _robust_tests(model: Fit, contrasts: Values) -> tuple[Values, Values]:
    """p (k + 1,) and intervals (k + 1, 2) by HC3; NaN for what hangs on a row of full leverage.

    Such a row has no residual, so that it leaves HC3's sum; what does not hang on it is as if it had never been there.
    """
    design = model.ols.model.exog
    leverage = (design**2).sum(axis=1) / model.n
    alone = leverage > FULL_LEVERAGE
    # What is left out of the sum: 0 / 0 for the rows alone.
    deleted = np.divide(model.ols.resid, 1.0 - leverage, out=np.zeros(model.n), where=~alone)
    scores = design * deleted[:, None] / model.n
    tested, interval = _tests(model.ols, contrasts, covariance=scores.T @ scores)
    share = (design[alone] @ contrasts.T) ** 2 / model.n / (contrasts**2).sum(axis=1)
    hangs = (share > 1.0 - FULL_LEVERAGE).any(axis=0)
    return np.where(hangs, np.nan, tested.pvalue), np.where(hangs[:, None], np.nan, interval)
