"""What the years say, and what they cannot say."""

from typing import Final

from choreography.market.features import POPULARITY
from choreography.market.payloads import Reading, TrendLinePayload, TrendPayload
from choreography.market.verdicts import CLOSE_PAIR, SIGNIFICANT, reading, under

REPEATS_BELOW: Final = 1.0
"""Durbin and Watson's statistic under which each year largely repeats the last."""
SIGNIFICANT_IF_REPEATED: Final = 0.01
"""Asked of a line through such years, for its interval is too narrow still."""
CURVED_BELOW: Final = 0.5
"""R2 under which a straight line is said to leave out most of what happened."""
THIN_YEAR: Final = 100
"""Tracks under which a year's mean is said to rest on few."""
YEARS_OF_A_DIRECTION: Final = 30
"""Fewer name none in the headline: whatever drifts a little looks like one too often (docs/insights.md has the rates)."""
RECENT_YEARS: Final = 20
NOTABLE_CHANGE: Final = 0.02
"""In danceability: less than this between two spans of years is not told as a change."""


def read_years(trend: TrendPayload) -> list[Reading]:
    lines = {line["name"]: line for line in trend["lines"]}
    if not lines:
        return [reading("trend_none", years=len(trend["years"]))]
    return [
        _span(trend),
        _danceability(lines["danceability"]),
        *_recently(trend, lines["danceability"]),
        _popularity(lines[POPULARITY]),
        *_few_years(trend),
        *_together(trend),
        *_repeats(lines),
        *_thin_years(trend),
    ]


def trend_headline(trend: TrendPayload) -> list[Reading]:
    lines = {line["name"]: line for line in trend["lines"]}
    if not lines:
        return [reading("trend_none", years=len(trend["years"]))]
    if _are_few(trend):
        return [reading("trend_headline_few_years", years=len(trend["years"]))]
    line = lines["danceability"]
    told = [reading(f"trend_headline_{direction(line)}", first=trend["years"][0], last=trend["years"][-1])]
    told += [_as_headline(recent) for recent in _recently(trend, line) if direction(line) == "level"]
    if direction(lines[POPULARITY]) == "rises":
        told.append(reading("trend_headline_popularity"))
    return told


def _span(trend: TrendPayload) -> Reading:
    years = {"years": len(trend["years"]), "first": trend["years"][0], "last": trend["years"][-1]}
    if trend["rows"] is None:
        return reading("trend_span", **years)
    return reading("trend_span_of_tracks", **years, tracks=sum(trend["rows"]))


def direction(line: TrendLinePayload) -> str:
    """ "rises", "falls" or "level", of the years in the file: a line is no law, and says nothing of other years."""
    level = SIGNIFICANT_IF_REPEATED if line["durbin_watson"] < REPEATS_BELOW else SIGNIFICANT
    if not under(line["p"], level):
        return "level"
    return "rises" if line["per_decade"] > 0 else "falls"


def _danceability(line: TrendLinePayload) -> Reading:
    code = f"trend_danceability_{direction(line)}"
    return reading(
        code, change=line["per_decade"], change_low=line["low"], change_high=line["high"], p=line["p"], r2=line["r2"]
    )


def _recently(trend: TrendPayload, line: TrendLinePayload) -> list[Reading]:
    """The last years beside all before, where the line through all of them hides what they did.

    Years that scatter about a line are not curved: then neighbours would not resemble each other.
    """
    series = trend["series"]["danceability"]
    if line["r2"] >= CURVED_BELOW or line["durbin_watson"] >= REPEATS_BELOW or len(series) < 2 * RECENT_YEARS:
        return []
    before, recent = series[:-RECENT_YEARS], series[-RECENT_YEARS:]
    mean_before, mean_recent = sum(before) / len(before), sum(recent) / len(recent)
    if abs(mean_recent - mean_before) < NOTABLE_CHANGE:
        code = "trend_curved"
    else:
        code = "trend_curved_higher" if mean_recent > mean_before else "trend_curved_lower"
    since = trend["years"][-RECENT_YEARS]
    return [reading(code, since=since, danceability=mean_recent, danceability_rest=mean_before)]


def _as_headline(recent: Reading) -> Reading:
    return {**recent, "code": f"trend_headline_{recent['code'].removeprefix('trend_')}"}


def _popularity(line: TrendLinePayload) -> Reading:
    code = f"trend_popularity_{direction(line)}"
    return reading(code, points=line["per_decade"], points_low=line["low"], points_high=line["high"])


def _are_few(trend: TrendPayload) -> bool:
    return len(trend["years"]) < YEARS_OF_A_DIRECTION


def _few_years(trend: TrendPayload) -> list[Reading]:
    return [reading("trend_few_years", years=len(trend["years"]))] if _are_few(trend) else []


def _together(trend: TrendPayload) -> list[Reading]:
    """The years as they are, then their changes: two figures that may differ in sign and size, so each has its sentence."""
    together = trend.get("together", {})
    levels, changes = together.get("levels"), together.get("changes")
    told = []
    if levels is not None:
        way = _way(levels) if abs(levels) >= CLOSE_PAIR else "loose"
        told.append(reading(f"levels_{way}", r=levels))
    if changes is not None:
        p = together.get("changes_p")
        way = _way(changes) if under(p, SIGNIFICANT) else "open"
        told.append(reading(f"changes_{way}", r_changes=changes, p=p))
    return told


def _way(r: float) -> str:
    return "alike" if r > 0 else "opposed"


def _repeats(lines: dict[str, TrendLinePayload]) -> list[Reading]:
    """Of the two series that are told about, the one that repeats itself more."""
    worst = min(lines[POPULARITY]["durbin_watson"], lines["danceability"]["durbin_watson"])
    return [reading("trend_repeats", durbin_watson=worst)] if worst < REPEATS_BELOW else []


def _thin_years(trend: TrendPayload) -> list[Reading]:
    if trend["rows"] is None:
        return []
    thin = [year for year, rows in zip(trend["years"], trend["rows"], strict=True) if rows < THIN_YEAR]
    if not thin:
        return []
    return [reading("trend_thin", thin=len(thin), years=len(trend["years"]), least=THIN_YEAR)]
