"""The market's numbers as tables, with every figure that was counted."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from choreography.insight_tables import Cell, Column, Table, Word
from choreography.market.features import FEATURES, POPULARITY
from choreography.market.payloads import (
    CoefficientPayload,
    CorrelationPayload,
    DifferencePayload,
    MeanPayload,
    ModelsPayload,
    RegressionPayload,
    ResidualsPayload,
    RosterPayload,
    TrendPayload,
)
from choreography.market_words import feature_name, step_words
from choreography.models import Label

DIGITS = {"popularity": 1, "loudness": 1, "tempo": 1, "duration_ms": 0}
OTHER_DIGITS = 3

type Labels = Mapping[int, Label]


def market_tables(
    *, trend: TrendPayload | None, models: ModelsPayload | None, rosters: Sequence[RosterPayload], labels: Labels
) -> dict[str, Table]:
    """By slug; what could not be counted has no table."""
    tables = [
        trend and years_table(trend),
        models and models["correlations"] and correlations_table(models["correlations"]),
        models and models["nine"] and coefficients_table(models["nine"], "coefficients"),
        models and models["small"] and coefficients_table(models["small"], "coefficients_small"),
        models and models["residuals"] and residuals_table(models["residuals"]),
        rosters and rosters_table(rosters, labels),
        rosters and roster_artists_table(rosters, labels),
    ]
    return {table.slug: table for table in tables if table}


def years_table(trend: TrendPayload) -> Table:
    names = [name for name in (POPULARITY, *FEATURES) if name in trend["series"]]
    columns = [Column("year", _("Year"), None), *(_feature_column(name) for name in names)]
    rows: list[list[Cell]] = [
        [str(year), *(trend["series"][name][at] for name in names)] for at, year in enumerate(trend["years"])
    ]
    if trend["rows"] is not None:
        columns.append(Column("tracks", _("Tracks"), 0))
        rows = [[*row, tracks] for row, tracks in zip(rows, trend["rows"], strict=True)]
    return Table("years", _("Means of each year"), columns, rows)


def correlations_table(correlations: CorrelationPayload) -> Table:
    """A row a pair."""
    columns = [
        Column("feature", _("Feature")),
        Column("other", _("Other feature")),
        Column("r", "r", 2),
        Column("p", "p", 3, is_p=True),
        Column("clear", _("Clear after correction")),
        Column("n", "n", 0, is_shown=False),
    ]
    names = correlations["names"]
    rows: list[list[Cell]] = [
        [
            _word(names[one]),
            _word(names[other]),
            correlations["r"][one][other],
            correlations["p"][one][other],
            _yes_or_no(correlations["significant"][one][other]),
            correlations["n"],
        ]
        for one, other in combinations(range(len(names)), 2)
    ]
    return Table("correlations", _("How features and popularity go together, pair by pair"), columns, rows)


def coefficients_table(model: RegressionPayload, slug: str) -> Table:
    """Points for a step on the page; the CSV has them for a unit as well, and all that belongs to the model."""
    columns = [
        Column("feature", _("Feature")),
        Column("step", _("Step"), None, is_shown=False),
        Column("points_a_step", _("Points for a step"), 2),
        Column("low_a_step", _("At least (95%)"), 2),
        Column("high_a_step", _("At most (95%)"), 2),
        Column("p", "p", 3, is_p=True),
        Column("p_holm", _("p, corrected"), 3, is_p=True),
        Column("p_robust", _("p, unequal spread"), 3, is_p=True),
        Column("standardised", _("Standardised"), 2),
        Column("vif", _("Variance inflation"), 1),
        *(
            Column(key, key, 6, is_shown=False)
            for key in ("estimate", "std_error", "t", "low", "high", "low_robust", "high_robust")
        ),
    ]
    rows = [_coefficient_row(coefficient) for coefficient in model["coefficients"]]
    caption = _("The nine-feature model") if slug == "coefficients" else _("The three-feature model")
    return Table(slug, caption, columns, rows)


def residuals_table(residuals: ResidualsPayload) -> Table:
    columns = [
        Column("name", _("Name")),
        Column("fitted", _("The model says"), 1),
        Column("residual", _("Left over"), 1),
        Column("standardised", _("In standard deviations"), 2),
        Column("normal", _("In a normal distribution"), 2),
    ]
    lists = (residuals[key] for key in ("names", "fitted", "residual", "standardised", "normal"))
    return Table("residuals", _("What the nine-feature model leaves over"), columns, list(zip(*lists, strict=True)))


def rosters_table(rosters: Sequence[RosterPayload], labels: Labels) -> Table:
    """Two rows a label: danceability and popularity."""
    columns = [
        Column("label", _("Label")),
        Column("measure", _("Measure")),
        Column("artists", _("Artists"), 0),
        Column("mean", _("Mean"), 2),
        Column("low", _("At least (95%)"), 2),
        Column("high", _("At most (95%)"), 2),
        Column("sd", _("Standard deviation"), 2, is_shown=False),
        Column("others", _("Others"), 0),
        Column("others_mean", _("Mean of the others"), 2),
        Column("difference", _("Difference"), 2),
        Column("difference_low", _("Difference, at least (95%)"), 2),
        Column("difference_high", _("Difference, at most (95%)"), 2),
        Column("p", "p", 3, is_p=True),
        Column("g", "Hedges' g", 2, is_shown=False),
    ]
    rows = [row for roster in rosters for row in _roster_rows(roster, labels)]
    return Table("rosters", _("Labels beside the other artists"), columns, rows)


def roster_artists_table(rosters: Sequence[RosterPayload], labels: Labels) -> Table:
    """Artists that no row has stand there without numbers."""
    columns = [
        Column("label", _("Label")),
        Column("artist", _("Artist")),
        Column("rows", _("Rows"), 0),
        _feature_column("danceability"),
        _feature_column(POPULARITY),
        Column("like", _("Written in the file as")),
    ]
    rows = [row for roster in rosters for row in _artist_rows(roster, labels)]
    return Table("roster_artists", _("The labels' artists"), columns, rows)


def _coefficient_row(coefficient: CoefficientPayload) -> list[Cell]:
    step = coefficient["step"]
    return [
        _stepped(coefficient["name"], step),
        "" if step is None else repr(step),
        *(coefficient[key] * (step or 1.0) for key in ("estimate", "low", "high")),
        coefficient["p"],
        None if step is None else coefficient["p_holm"],
        coefficient["p_robust"],
        coefficient["standardised"],
        coefficient["vif"],
        *(coefficient[key] for key in ("estimate", "std_error", "t", "low", "high", "low_robust", "high_robust")),
    ]


def _roster_rows(roster: RosterPayload, labels: Labels) -> Iterable[list[Cell]]:
    label = _label(roster["label"], labels)
    yield _measure_row(
        label, "danceability", roster["danceability"], roster["danceability_rest"], roster["danceability_difference"]
    )
    yield _measure_row(
        label, POPULARITY, roster["popularity"], roster["popularity_rest"], roster["popularity_difference"]
    )


def _measure_row(
    label: Word, name: str, own: MeanPayload, rest: MeanPayload, difference: DifferencePayload | None
) -> list[Cell]:
    compared: list[Cell] = [None] * 5
    if difference is not None:
        compared = [difference["difference"], difference["low"], difference["high"], difference["p"], difference["g"]]
    return [
        label, _word(name), own["n"], own["mean"], own["low"], own["high"], own["sd"], rest["n"], rest["mean"], *compared
    ]  # fmt: skip


def _artist_rows(roster: RosterPayload, labels: Labels) -> Iterable[list[Cell]]:
    label = _label(roster["label"], labels)
    for artist in roster["artists"]:
        yield [label, artist["name"], artist["rows"], artist["danceability"], artist["popularity"], ""]
    for missing in roster["missing"]:
        yield [label, missing["name"], 0, None, None, missing["like"] or ""]


def _feature_column(name: str) -> Column:
    return Column(name, capfirst(feature_name(name)), DIGITS.get(name, OTHER_DIGITS))


def _word(name: str) -> Word:
    return Word(name, capfirst(feature_name(name)))


def _stepped(name: str, step: float | None) -> Word:
    words = capfirst(feature_name(name))
    return Word(name, words if step is None else f"{words}, {step_words(name)}")


def _label(pk: int, labels: Labels) -> Word:
    return Word(labels[pk].name_en, labels[pk].name)


def _yes_or_no(answer: bool) -> Word:
    return Word("yes", _("yes")) if answer else Word("no", _("no"))
