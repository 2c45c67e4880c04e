"""The whole analysis: a sample or years in, what is stored and shown out."""

from collections.abc import Sequence

from choreography.market.models import models_of
from choreography.market.payloads import MARKET_VERSION, RosterRequest, SelectionPayload, TrendPayload
from choreography.market.readings import read_selection, read_trend
from choreography.market.rosters import compare_rosters
from choreography.market.sample import Sample, Years
from choreography.market.trends import trend_of


def analyse_selection(sample: Sample, rosters: Sequence[RosterRequest]) -> SelectionPayload:
    zero = sample.popularity == 0
    selection: SelectionPayload = {
        "version": MARKET_VERSION,
        "kind": "selection",
        "n": len(sample),
        "zeros": int(zero.sum()),
        "whole": models_of(sample),
        "without_zeros": models_of(sample.where(~zero)) if zero.any() else None,
        "rosters": compare_rosters(sample, rosters),
        "headline": [],
        "headline_without_zeros": [],
        "readings": {},
        "readings_without_zeros": {},
    }
    read = read_selection(selection, "artists" if _is_of_artists(sample) else "tracks")
    return {
        **selection,
        "headline": read.headline,
        "headline_without_zeros": read.headline_without_zeros,
        "readings": read.whole,
        "readings_without_zeros": read.without_zeros,
    }


def analyse_trend(years: Years) -> TrendPayload:
    trend = trend_of(years)
    read = read_trend(trend)
    return {**trend, "headline": read.headline, "readings": read.sentences}


def _is_of_artists(sample: Sample) -> bool:
    return all(artists[:1] == (name,) for name, artists in zip(sample.names, sample.artists, strict=True))
