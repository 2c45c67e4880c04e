"""What goes with what: Pearson's r of popularity and every feature."""

from choreography.market.payloads import CorrelationPayload
from choreography.market.sample import Sample


def correlate(sample: Sample) -> CorrelationPayload | None:
    """None where there are fewer than four rows."""
    raise NotImplementedError
