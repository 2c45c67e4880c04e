"""What is counted in a child process, which alone imports the statistics. No Django here."""

from collections.abc import Callable, Sequence

from choreography.market.payloads import RosterRequest, SelectionPayload, TrendPayload
from choreography.market.sample import Sample, Years

Send = Callable[[object], None]

LOADED = 0.5
"""The share of the work that is done, about, once the libraries are there."""


def analyse_selection(sample: Sample, rosters: Sequence[RosterRequest], *, send: Send) -> SelectionPayload:
    from choreography.market import analysis

    send(LOADED)
    return analysis.analyse_selection(sample, rosters)


def analyse_trend(years: Years, *, send: Send) -> TrendPayload:
    from choreography.market import analysis

    send(LOADED)
    return analysis.analyse_trend(years)
