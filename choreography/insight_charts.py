"""What the charts of the insights draw, labels in the reader's language. static/js/controllers/insight-chart.js draws it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NotRequired, TypedDict

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from choreography.market.features import FEATURES, POPULARITY
from choreography.market.payloads import (
    ModelsPayload,
    RegressionPayload,
    ResidualsPayload,
    RosterPayload,
    TrendPayload,
)
from choreography.market.readings_compared import difference_of, roster_verdicts
from choreography.market.verdicts import verdict
from choreography.market_words import feature_name, step_words, unit

type Number = float | None


class AxisPayload(TypedDict):
    """`digits`: decimals of the numbers that are said; without it as many as they need, at most two."""

    label: str
    min: NotRequired[float]
    max: NotRequired[float]
    digits: NotRequired[int]


class PlacesPayload(TypedDict):
    """Where the points of a line or the bars stand: years, weeks, words."""

    label: str
    values: list[int] | list[str]


class SeriesPayload(TypedDict):
    """`values` are parallel to the places. `low` and `high` make a band. `is_trend`: a thin line without points of its own."""

    name: str
    values: list[Number]
    low: NotRequired[list[Number]]
    high: NotRequired[list[Number]]
    axis: NotRequired[Literal["left", "right"]]
    is_trend: NotRequired[bool]


class LinesPayload(TypedDict):
    kind: Literal["lines"]
    label: str
    x: PlacesPayload
    y: AxisPayload
    right: NotRequired[AxisPayload]
    series: list[SeriesPayload]


class BarsPayload(TypedDict):
    """A bar that is null is hidden on purpose: `hidden_words` are said in its place."""

    kind: Literal["bars"]
    label: str
    x: PlacesPayload
    y: AxisPayload
    series: list[SeriesPayload]
    hidden_words: NotRequired[str]


class IntervalPayload(TypedDict):
    """`strong`: the sentences call it clear (market/verdicts.py), which is more than an interval that leaves out zero."""

    label: str
    value: float
    low: float
    high: float
    strong: bool


class IntervalsPayload(TypedDict):
    kind: Literal["intervals"]
    label: str
    x: AxisPayload
    rows: list[IntervalPayload]


class DotsPayload(TypedDict):
    """`labels` say what each point is."""

    name: str
    points: list[tuple[float, float]]
    labels: list[str]


class PointsPayload(TypedDict):
    """`line`: what the points are held against, y = 0 or y = x."""

    kind: Literal["points"]
    label: str
    x: AxisPayload
    y: AxisPayload
    series: list[DotsPayload]
    line: Literal["zero", "diagonal"] | None


type ChartPayload = LinesPayload | BarsPayload | IntervalsPayload | PointsPayload
"""`label` is the accessible name of each."""


def market_charts(
    *,
    trend: TrendPayload | None,
    models: ModelsPayload | None,
    rosters: Sequence[RosterPayload],
    label_names: Mapping[int, str],
) -> dict[str, ChartPayload]:
    """Every chart that these make, by name: "trend_popularity" (and each feature), "nine", "small", "residuals", "quantiles",
    "roster_artists", "roster_danceability", "roster_popularity". One that would be empty is left out."""
    return {
        **(trend_charts(trend) if trend else {}),
        **(model_charts(models) if models else {}),
        **roster_charts(rosters, label_names),
    }


def trend_charts(trend: TrendPayload) -> dict[str, ChartPayload]:
    """A line for popularity and for each feature that the file has, with the straight line that was fitted through it."""
    return {f"trend_{name}": _trend_chart(trend, name) for name in (POPULARITY, *FEATURES) if name in trend["series"]}


def model_charts(models: ModelsPayload) -> dict[str, ChartPayload]:
    charts: dict[str, ChartPayload] = {}
    if models["nine"]:
        charts["nine"] = _coefficients_chart(models["nine"], _("What goes with popularity: the nine-feature model"))
    if models["small"]:
        charts["small"] = _coefficients_chart(models["small"], _("What goes with popularity: the three-feature model"))
    if models["residuals"]:
        charts["residuals"] = _residuals_chart(models["residuals"])
        charts["quantiles"] = _quantiles_chart(models["residuals"])
    return charts


def roster_charts(rosters: Sequence[RosterPayload], label_names: Mapping[int, str]) -> dict[str, ChartPayload]:
    charts: dict[str, ChartPayload] = {}
    found = [roster for roster in rosters if roster["artists"]]
    if found:
        charts["roster_artists"] = _artists_chart(found, label_names)
    for name in ("danceability", POPULARITY):
        rows = list(_difference_rows(rosters, name, label_names))
        if rows:
            charts[f"roster_{name}"] = IntervalsPayload(
                kind="intervals",
                label=_("%(feature)s: each label beside the others") % {"feature": _heading(name)},
                x=AxisPayload(label=_("Difference from the other artists, with its 95% interval")),
                rows=rows,
            )
    return charts


def _trend_chart(trend: TrendPayload, name: str) -> LinesPayload:
    values, years = trend["series"][name], trend["years"]
    scale, words = _shown(name)
    series = [SeriesPayload(name=_heading(name), values=[value * scale for value in values])]
    for line in trend["lines"]:
        if line["name"] == name:
            fitted = _straight(years, values, line["per_decade"] / 10)
            series.append(
                SeriesPayload(name=_("Straight line"), values=[value * scale for value in fitted], is_trend=True)
            )
    return LinesPayload(
        kind="lines",
        label=_("%(feature)s over the years") % {"feature": _heading(name)},
        x=PlacesPayload(label=_("Year"), values=years),
        y=AxisPayload(label=words),
        series=series,
    )


def _straight(years: Sequence[int], values: Sequence[float], per_year: float) -> list[float]:
    """Least squares pass through the mean of both."""
    middle, height = sum(years) / len(years), sum(values) / len(values)
    return [height + per_year * (year - middle) for year in years]


def _shown(name: str) -> tuple[float, str]:
    """By how much a feature's numbers are multiplied for a picture, and what they are counted in then."""
    if name == "duration_ms":
        return 1 / 60_000, _("minutes")
    return 1.0, unit(name)


def _heading(name: str) -> str:
    return str(capfirst(feature_name(name)))


def _coefficients_chart(model: RegressionPayload, label: str) -> IntervalsPayload:
    rows = []
    for coefficient in model["coefficients"]:
        step = coefficient["step"]
        if step is None:
            continue
        rows.append(
            IntervalPayload(
                label=f"{_heading(coefficient['name'])}, {step_words(coefficient['name'])}",
                value=coefficient["estimate"] * step,
                low=coefficient["low"] * step,
                high=coefficient["high"] * step,
                strong=verdict(coefficient) == "clear",
            )
        )
    rows.sort(key=lambda row: -row["value"])
    axis = AxisPayload(label=_("Popularity points for such a step, with its 95% interval"))
    return IntervalsPayload(kind="intervals", label=label, x=axis, rows=rows)


def _residuals_chart(residuals: ResidualsPayload) -> PointsPayload:
    points = list(zip(residuals["fitted"], residuals["residual"], strict=True))
    return PointsPayload(
        kind="points",
        label=_("What the model leaves over, beside what it says"),
        x=AxisPayload(label=_("Popularity that the model says"), digits=1),
        y=AxisPayload(label=_("Left over, in points"), digits=1),
        series=[DotsPayload(name=_("Left over"), points=points, labels=residuals["names"])],
        line="zero",
    )


def _quantiles_chart(residuals: ResidualsPayload) -> PointsPayload:
    points = list(zip(residuals["normal"], residuals["standardised"], strict=True))
    return PointsPayload(
        kind="points",
        label=_("What the model leaves over, beside a normal distribution"),
        x=AxisPayload(label=_("Where a normal distribution would put it")),
        y=AxisPayload(label=_("Left over, in standard deviations")),
        series=[DotsPayload(name=_("Left over"), points=points, labels=residuals["names"])],
        line="diagonal",
    )


def _artists_chart(rosters: Iterable[RosterPayload], label_names: Mapping[int, str]) -> PointsPayload:
    series = [
        DotsPayload(
            name=label_names[roster["label"]],
            points=[(artist["danceability"], artist["popularity"]) for artist in roster["artists"]],
            labels=[artist["name"] for artist in roster["artists"]],
        )
        for roster in rosters
    ]
    return PointsPayload(
        kind="points",
        label=_("Each label's artists: danceability and popularity"),
        x=AxisPayload(label=_heading("danceability")),
        y=AxisPayload(label=_heading(POPULARITY), digits=0),
        series=series,
        line=None,
    )


def _difference_rows(
    rosters: Sequence[RosterPayload], name: str, label_names: Mapping[int, str]
) -> Iterable[IntervalPayload]:
    verdicts = roster_verdicts(list(rosters))
    for roster in rosters:
        difference = difference_of(roster, name)
        if difference is not None:
            yield IntervalPayload(
                label=label_names[roster["label"]],
                value=difference["difference"],
                low=difference["low"],
                high=difference["high"],
                strong=verdicts.get((roster["label"], name)) == "clear",
            )
