"""Which sentences are true of an analysis, as codes and numbers; choreography/market_words.py has the words.

Nothing is told because it is expected: each code is decided by figures, and figures that say little have codes of their own.
Three rules keep a reader from being flattered. A feature is called clear only if it survives Holm's correction over its model
and standard errors that need no equal spread. What is clear but weighs little is said to be small. And every section that
could be taken for advice ends with what it does not say.
"""

from dataclasses import dataclass
from typing import Final

from choreography.market.payloads import ModelsPayload, Reading, SelectionPayload, TrendPayload
from choreography.market.readings_compared import (
    MEASURES,
    difference_of,
    read_rosters,
    read_zeros,
    roster_numbers,
    roster_verdicts,
    zeros_and_danceability,
)
from choreography.market.readings_of_models import read_correlations, read_regression, read_residuals
from choreography.market.readings_of_years import read_years, trend_headline
from choreography.market.verdicts import (
    Kind,
    beyond_chance,
    clear,
    coefficient,
    danceability_in,
    is_small,
    is_unchecked,
    points,
    reading,
    verdict,
)

MOST_HEADLINES: Final = 3


@dataclass(frozen=True)
class ReadSelection:
    """`whole` and `without_zeros` by section; the latter is empty where no row has popularity 0."""

    headline: list[Reading]
    headline_without_zeros: list[Reading]
    whole: dict[str, list[Reading]]
    without_zeros: dict[str, list[Reading]]


@dataclass(frozen=True)
class ReadTrend:
    headline: list[Reading]
    sentences: list[Reading]


def read_selection(selection: SelectionPayload, kind: Kind) -> ReadSelection:
    """`kind`: what a row of the selection is. Rosters and zeros are told of the whole selection, whichever is looked at."""
    shared = {"rosters": read_rosters(selection), "zeros": read_zeros(selection, kind)}
    without = selection["without_zeros"]
    return ReadSelection(
        headline=_headline(selection, selection["whole"], kind),
        headline_without_zeros=[] if without is None else _headline(selection, without, kind),
        whole={**_read_models(selection["whole"], kind), **shared},
        without_zeros={} if without is None else {**_read_models(without, kind), **shared},
    )


def read_trend(trend: TrendPayload) -> ReadTrend:
    return ReadTrend(headline=trend_headline(trend), sentences=read_years(trend))


def _read_models(models: ModelsPayload, kind: Kind) -> dict[str, list[Reading]]:
    return {
        "correlations": read_correlations(models["correlations"], models["n"], kind),
        "regression": read_regression(models, kind),
        "residuals": read_residuals(models["nine"], models["residuals"], kind),
    }


def _headline(selection: SelectionPayload, models: ModelsPayload, kind: Kind) -> list[Reading]:
    """The answer to whether danceable music is more popular, how much of it that is, and what else must be known."""
    if not models["n"]:
        return [reading("headline_nobody")]
    told = [_headline_danceability(models, kind), *_headline_explained(models)]
    told += _headline_zeros(selection) or _headline_rosters(selection)
    return told[:MOST_HEADLINES]


def _headline_danceability(models: ModelsPayload, kind: Kind) -> Reading:
    rows = {"n": models["n"], "of": kind}
    if models["nine"] is None and models["small"] is None:
        return reading("headline_too_few", **rows)
    found = danceability_in(models)
    if found is None:
        return reading("headline_no_variation", **rows)
    judged = verdict(found)
    if judged == "open":
        return reading("headline_open", **rows, **points(found))
    size = "small" if judged == "clear" and is_small(found) else "unchecked" if is_unchecked(found) else judged
    direction = "more" if found["estimate"] > 0 else "less"
    return reading(f"headline_{size}_{direction}", **rows, **points(found))


def _headline_explained(models: ModelsPayload) -> list[Reading]:
    nine, small = models["nine"], models["small"]
    if nine is None:
        return []
    if not beyond_chance(nine):
        return [] if clear(nine) else [reading("headline_explained_open", k=len(nine["features"]), p=nine["f_p"])]
    numbers = {"k": len(nine["features"]), "r2_adjusted": max(0.0, nine["adjusted_r2"])}
    if small is None:
        return [reading("headline_explained", **numbers)]
    return [
        reading(
            "headline_explained_and_small",
            **numbers,
            r2_small=max(0.0, small["adjusted_r2"]),
            features=small["features"],
        )
    ]


def _headline_zeros(selection: SelectionPayload) -> list[Reading]:
    """Where rows of popularity 0 decide what is said of danceability."""
    without = selection["without_zeros"]
    was = coefficient(selection["whole"]["nine"], "danceability")
    now = coefficient(without["nine"], "danceability") if without is not None else None
    if was is None or now is None:
        return []
    verdicts = {verdict(was), verdict(now)}
    turned = (was["estimate"] > 0) != (now["estimate"] > 0)
    if "clear" not in verdicts or (len(verdicts) == 1 and not turned):
        return []
    return [zeros_and_danceability("headline_zeros", was, now)]


def _headline_rosters(selection: SelectionPayload) -> list[Reading]:
    """The label that stands out most, or that none does."""
    verdicts = roster_verdicts(selection["rosters"])
    if not verdicts:
        return []
    clear = [
        (abs(difference["g"]), measure, roster)
        for roster in selection["rosters"]
        for measure in MEASURES
        if verdicts.get((roster["label"], measure)) == "clear" and (difference := difference_of(roster, measure))
    ]
    if not clear:
        return [_no_label_stands_out({label for label, _ in verdicts})]
    _, measure, roster = max(clear, key=lambda found: found[0])
    return [reading(f"headline_roster_{measure}", **roster_numbers(roster, measure))]


def _no_label_stands_out(labels: set[int]) -> Reading:
    if len(labels) == 1:
        return reading("headline_roster_open", label=labels.pop())
    return reading("headline_rosters_open", labels=len(labels))
