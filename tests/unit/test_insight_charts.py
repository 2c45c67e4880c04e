"""Charts and the matrix made of analyses: what they draw follows from the figures, in the reader's language."""

import re

import pytest
from django.template.loader import render_to_string
from django.utils.html import strip_tags
from django.utils.translation import override

from choreography.insight_charts import market_charts, model_charts, roster_charts, trend_charts
from choreography.insight_matrix import matrix_of
from choreography.templatetags.insights import percent, signed
from tests import market_payloads as made


def test_every_chart_of_a_whole_analysis_has_a_name_and_its_kind():
    charts = market_charts(
        trend=made.trend(lines={}),
        models=made.models(nine=made.regression(), small=made.small_regression(), left=made.residuals()),
        rosters=[made.roster(1, danceability=(0.1, 0.02, 0.18, 0.01, 0.5), popularity=(2.0, -1.0, 5.0, 0.2, 0.1))],
        label_names={1: "SM"},
    )
    kinds = {name: chart["kind"] for name, chart in charts.items() if not name.startswith("trend_")}
    assert kinds == {
        "nine": "intervals",
        "small": "intervals",
        "residuals": "points",
        "quantiles": "points",
        "roster_artists": "points",
        "roster_danceability": "intervals",
        "roster_popularity": "intervals",
    }
    assert all(chart["label"] for chart in charts.values())


def test_nothing_is_drawn_of_what_is_not_there():
    assert market_charts(trend=None, models=made.models(n=3), rosters=[], label_names={}) == {}
    assert roster_charts([made.roster(1, found=0)], {1: "SM"}) == {}


def test_the_straight_line_passes_through_the_mean_of_the_years():
    trend = made.trend(
        years=range(2001, 2006),
        danceability=[0.5, 0.6, 0.4, 0.7, 0.8],
        lines={"danceability": {"per_decade": 0.5}},
    )
    seen, line = trend_charts(trend)["trend_danceability"]["series"]
    assert seen["values"] == [0.5, 0.6, 0.4, 0.7, 0.8]
    assert line["is_trend"]
    assert line["values"] == pytest.approx([0.5, 0.55, 0.6, 0.65, 0.7])


def test_a_song_s_length_is_drawn_in_minutes():
    trend = made.trend(years=[2000, 2001])
    trend["series"]["duration_ms"] = [180_000.0, 240_000.0]
    chart = trend_charts(trend)["trend_duration_ms"]
    assert chart["series"][0]["values"] == pytest.approx([3.0, 4.0])
    assert chart["y"]["label"] == "minutes"


def test_coefficients_are_drawn_for_a_step_that_can_be_pictured_the_largest_first():
    nine = made.regression(tempo={"points": 3.0}, danceability={"points": -2.0})
    rows = model_charts(made.models(nine=nine))["nine"]["rows"]
    assert len(rows) == 9, "all but the constant"
    assert rows[0]["label"].startswith("Tempo")
    assert rows[-1]["label"].startswith("Danceability")
    assert [rows[0][end] for end in ("value", "low", "high")] == pytest.approx([3.0, 2.0, 4.0])


@pytest.mark.parametrize(
    ("figures", "strong"),
    [
        ({"p": 1e-5}, True),
        ({"p": 0.01, "p_holm": 0.09}, False),
        ({"p": 1e-5, "p_robust": 0.2}, False),
        ({"p": 1e-5, "p_robust": None}, False),
    ],
    ids=["clear", "one of nine", "unequal spread", "a single row decides it"],
)
def test_what_the_sentences_call_clear_is_drawn_solid_and_nothing_else(figures, strong):
    """Each of these intervals leaves out zero."""
    nine = made.regression(tempo={"points": 3.0, **figures})
    drawn = {row["label"]: row["strong"] for row in model_charts(made.models(nine=nine))["nine"]["rows"]}
    assert drawn["Tempo, 10 beats per minute more"] == strong
    assert sum(drawn.values()) == strong


def test_a_label_is_drawn_solid_where_the_sentences_call_its_difference_clear():
    """Two labels with two measures are four looks: 0.02 alone is a hint. Of four artists nothing is judged."""
    clear, hint, few = ((0.1, 0.02, 0.18, p, 0.5) for p in (0.001, 0.02, 0.001))
    open_ = (1.0, -3.0, 5.0, 0.6, 0.1)
    rosters = [
        made.roster(1, danceability=clear, popularity=open_),
        made.roster(2, danceability=hint, popularity=open_),
        made.roster(3, found=4, danceability=few, popularity=open_),
    ]
    charts = roster_charts(rosters, {1: "SM", 2: "JYP", 3: "YG"})
    rows = charts["roster_danceability"]["rows"]
    assert [(row["label"], row["strong"]) for row in rows] == [("SM", True), ("JYP", False), ("YG", False)]
    assert not any(row["strong"] for row in charts["roster_popularity"]["rows"])


@pytest.mark.parametrize(
    ("language", "words", "word"),
    [("en", ["Clear", "Not clear"], "clear"), ("ko", ["뚜렷해요", "뚜렷하지 않아요"], "뚜렷함")],
)
def test_a_chart_of_intervals_says_what_solid_means(language, words, word):
    with override(language):
        chart = model_charts(made.models(nine=made.regression(tempo={"points": 3.0, "p": 1e-5})))["nine"]
        shown = render_to_string("partials/insight_chart.html", {"chart": chart})
    legend = re.search(r'<ul class="legend">(.*?)</ul>', shown, re.DOTALL)[1]
    said = [strip_tags(item).strip() for item in legend.split("</li>")[:2]]
    assert [re.split("[:.]", sentence)[0] for sentence in said] == words
    assert shown.count(f"<b>{word}</b>") == 1, "the one row of nine, where no chart is drawn"


def test_a_label_with_too_few_artists_has_points_but_no_interval():
    charts = roster_charts([made.roster(1, found=1)], {1: "SM"})
    assert list(charts) == ["roster_artists"]
    assert charts["roster_artists"]["series"][0]["labels"] == ["artist 0"]
    assert charts["roster_artists"]["series"][0]["points"] == [(0.76, 60.0)]


def test_charts_speak_korean():
    with override("ko"):
        charts = market_charts(
            trend=made.trend(), models=made.models(nine=made.regression()), rosters=[], label_names={}
        )
        rows = charts["nine"]["rows"]
        assert any(row["label"].startswith("춤추기 좋은 정도") for row in rows)
        assert charts["trend_popularity"]["label"] == "해마다의 인기도"


def test_the_matrix_is_the_lower_half():
    matrix = matrix_of(made.correlations())
    assert [len(row.cells) for row in matrix.rows] == list(range(1, 11))
    assert len(matrix.heads) == 10
    assert matrix.heads[0] == "Popularity"
    assert matrix.rows[0].name == "Danceability"


@pytest.mark.parametrize(
    ("r", "text", "shade"),
    [
        (0.0, ".00", "none"),
        (-0.004, ".00", "none"),
        (0.128, ".13", "with-1"),
        (-0.31, "\u2212.31", "against-2"),
        (0.5, ".50", "with-3"),
        (-0.93, "\u2212.93", "against-4"),
        (0.999, "1.00", "with-4"),
    ],
)
def test_a_cell_is_shaded_by_size_and_direction(r, text, shade):
    pair = ("danceability", "popularity")
    cell = matrix_of(made.correlations(r={pair: r})).rows[0].cells[0]
    assert (cell.text, cell.shade) == (text, shade)


def test_a_cell_says_in_words_whether_it_stands():
    pair = ("danceability", "popularity")
    sure = matrix_of(made.correlations(n=1200, r={pair: 0.4}, significant=[pair])).rows[0].cells[0]
    assert sure.is_sure
    assert sure.detail == "Danceability and popularity: r 0.40 over 1,200 rows, p 0.010; stands among all pairs."
    weak = matrix_of(made.correlations(r={pair: 0.2})).rows[0].cells[0]
    assert not weak.is_sure
    assert "does not stand" in weak.detail
    assert "may be chance" in matrix_of(made.correlations()).rows[0].cells[0].detail


def test_a_column_that_never_changes_has_no_r():
    correlations = made.correlations()
    correlations["r"][1][0] = correlations["p"][1][0] = None
    cell = matrix_of(correlations).rows[0].cells[0]
    assert (cell.text, cell.shade) == ("–", "none")
    assert "never changes" in cell.detail


def test_differences_are_told_with_their_sign_and_shares_as_whole_per_cents():
    assert [signed(value, 2) for value in (0.128, -0.128, 0.001, -0.001)] == ["+0.13", "\u22120.13", "0.00", "0.00"]
    assert [percent(share) for share in (0.0621, -0.01, 1.0)] == ["6", "0", "100"]
