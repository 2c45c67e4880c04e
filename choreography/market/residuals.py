"""What a regression leaves over, in few enough points to be drawn.

The problem: do the residuals look like what the intervals assume, the same spread at every fitted value and a normal
distribution? Seen in two plots: residual against fitted value, and residual against normal quantile.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from choreography.market.payloads import ResidualsPayload
from choreography.market.regression import Fit
from choreography.market.sample import Values

MOST_ROWS: Final = 1_200
LARGEST: Final = 200
"""Rows drawn in any case, for they are what the eye looks for."""


def residuals(model: Fit, names: Sequence[str]) -> ResidualsPayload:
    """Residuals of `model`, whose N rows are called `names`, ascending by fitted value.

    Of more than MOST_ROWS rows those with the LARGEST absolute residuals are drawn, and of the others as many as there
    is room for, evenly by rank of fitted value. Quantiles are those within all N rows. The same rows give the same
    draw. Where nothing but rounding is left over, `standardised` is 0.

    Raises
    ------
    ValueError : `names` are not as many as the rows.
    """
    if len(names) != model.n:
        raise ValueError(f"{len(names)} names for {model.n} rows")
    fitted, residual = model.fitted, model.residual
    shares = np.zeros(model.n) if model.is_exact else residual / model.residual_sd
    normal = normal_quantiles(residual)
    drawn = drawn_rows(fitted, residual)
    return {
        "of": model.n,
        "names": [names[row] for row in drawn],
        "fitted": fitted[drawn].tolist(),
        "residual": residual[drawn].tolist(),
        "standardised": shares[drawn].tolist(),
        "normal": normal[drawn].tolist(),
    }


def normal_quantiles(values: Values) -> Values:
    """(N,) what each of `values` (N,) would be near if they were standard normal: the quantile of (rank - 3/8) /
    (N + 1/4). Reference: Blom (1958), Statistical Estimates and Transformed Beta-Variables."""
    ranks = np.empty(len(values))
    ranks[np.argsort(values, kind="stable")] = np.arange(1, len(values) + 1)
    quantiles: Values = stats.norm.ppf((ranks - 0.375) / (len(values) + 0.25))
    return quantiles


def drawn_rows(fitted: Values, residual: Values) -> NDArray[np.intp]:
    """(M,) with M at most MOST_ROWS: which rows are drawn, ascending by fitted value."""
    order = np.argsort(fitted, kind="stable")
    if len(order) <= MOST_ROWS:
        return order
    large = np.zeros(len(order), dtype=bool)
    large[np.argsort(-np.abs(residual), kind="stable")[:LARGEST]] = True
    others = order[~large[order]]
    even = np.linspace(0, len(others) - 1, MOST_ROWS - LARGEST).round().astype(np.intp)
    chosen = large
    chosen[others[even]] = True
    return order[chosen[order]]
