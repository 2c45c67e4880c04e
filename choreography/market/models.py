"""Everything that is counted of one set of rows."""

from choreography.market.correlations import correlate
from choreography.market.features import REGRESSORS, SMALL_MODEL
from choreography.market.payloads import ModelsPayload
from choreography.market.regression import describe, fit, regress
from choreography.market.residuals import residuals
from choreography.market.sample import Sample


def models_of(sample: Sample) -> ModelsPayload:
    """`sample` may be of any length, zero too; models that it is too short for are null."""
    nine = fit(sample.popularity, sample.columns(REGRESSORS), REGRESSORS)
    return {
        "n": len(sample),
        "correlations": correlate(sample),
        "nine": None if nine is None else describe(nine),
        "small": regress(sample.popularity, sample.columns(SMALL_MODEL), SMALL_MODEL),
        "residuals": None if nine is None else residuals(nine, sample.names),
    }
