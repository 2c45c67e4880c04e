"""Everything that is counted of one set of rows."""

from choreography.market.payloads import ModelsPayload
from choreography.market.sample import Sample


def models_of(sample: Sample) -> ModelsPayload:
    """`sample` may be of any length, zero too; models that it is too short for are null."""
    raise NotImplementedError
