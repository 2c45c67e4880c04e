"""What a regression leaves over, in few enough points to be drawn."""

from collections.abc import Sequence

from choreography.market.payloads import ResidualsPayload
from choreography.market.sample import Values


def residuals(
    popularity: Values, columns: Values, names: Sequence[str], rows: Sequence[str], most: int = 1_200
) -> ResidualsPayload | None:
    """`rows` are what the N rows are called. None where `regress` gives none."""
    raise NotImplementedError
