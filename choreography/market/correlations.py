"""What goes with what: Pearson's r of popularity and every feature.

The problem: which of them rise and fall together in these rows? With eleven columns there are 55 pairs, of which
three would pass at 5 % by chance alone; so a pair is called significant only after Holm's correction over all of them.
"""

from typing import Final

import numpy as np
from scipy import stats

from choreography.market.features import FEATURES, POPULARITY
from choreography.market.finite import finite
from choreography.market.payloads import CorrelationPayload, Number
from choreography.market.regression import LEVEL, holm_corrected, standardised, varies
from choreography.market.sample import Sample, Values

LEAST_ROWS: Final = 4
"""With three, whatever is not on a line is significant or not by one degree of freedom."""


def correlate(sample: Sample) -> CorrelationPayload | None:
    """Popularity and every feature with each other.

    Returns
    -------
    None under LEAST_ROWS rows. A column that does not vary has no r, not even with itself.

    References
    ----------
    p from Student's t with N - 2 degrees of freedom (Fisher 1915), two-sided; Holm (1979), Scand. J. Statist. 6.
    """
    if len(sample) < LEAST_ROWS:
        return None
    columns = np.column_stack([sample.popularity, sample.values])
    r = pearson(columns)
    p = p_values(r, len(sample))
    pairs = np.triu_indices(len(r), k=1)
    passes = np.zeros(r.shape, dtype=bool)
    passes[pairs] = [known is not None and known < LEVEL for known in holm_corrected(_numbers(p[pairs]))]
    return {
        "n": len(sample),
        "names": [POPULARITY, *FEATURES],
        "r": [_numbers(row) for row in r],
        "p": [_numbers(row) for row in p],
        "significant": (passes | passes.T).tolist(),
    }


def pearson(columns: Values) -> Values:
    """(k, k) correlations of `columns` (N, k), symmetric, -1 to 1; NaN for a column that does not vary."""
    count = columns.shape[1]
    moving = [place for place in range(count) if varies(columns[:, place])]
    r = np.full((count, count), np.nan)
    if moving:
        apart = standardised(columns[:, moving])[0]
        together = np.clip(apart.T @ apart / (len(columns) - 1), -1.0, 1.0)
        np.fill_diagonal(together, 1.0)
        r[np.ix_(moving, moving)] = together
    return r


def p_values(r: Values, rows: int) -> Values:
    """(k, k) two-sided p of each r from `rows` rows, were there no correlation; NaN on the diagonal and where r is."""
    with np.errstate(divide="ignore"):
        t = np.abs(r) * np.sqrt((rows - 2) / (1.0 - r**2))
    p: Values = 2.0 * stats.t.sf(t, rows - 2)
    np.fill_diagonal(p, np.nan)
    return p


def _numbers(values: Values) -> list[Number]:
    return [finite(value) for value in values]
