"""Ordinary least squares of popularity on audio features, with what a careful reader asks of it."""

from collections.abc import Sequence

from choreography.market.payloads import RegressionPayload
from choreography.market.sample import Values


def regress(popularity: Values, columns: Values, names: Sequence[str]) -> RegressionPayload | None:
    """`popularity` (N,), `columns` (N, k), `names` of the k columns. None where N < k + 3 or popularity does not vary."""
    raise NotImplementedError
