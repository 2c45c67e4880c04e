"""The market's page: what was asked for, what is known of it, and what is still being counted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypedDict, cast
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from accounts.models import User
from choreography.insight_charts import ChartPayload, market_charts
from choreography.insight_tables import Table
from choreography.insights import TooManyAnalyses, ask, key_of, labels_seen
from choreography.market.payloads import (
    AnalysisRequest,
    ModelsPayload,
    Reading,
    RosterPayload,
    SelectionPayload,
    TrendPayload,
)
from choreography.market_tables import market_tables
from choreography.market_words import sentence
from choreography.models import FeatureKind, Label, MarketAnalysis
from choreography.queries.market_requests import (
    CHOICES,
    Selection,
    Sources,
    chosen,
    selection_request,
    trend_request,
)
from choreography.queries.market_rows import facts_of, sources_in_use
from choreography.queries.own_insights import OwnInsights, own_insights
from inference.models import JobState
from inference.progress import queue_position

type State = Literal["none", "waiting", "failed", "ready"]
"""Nothing imported; being counted; did not come to its end; there."""

SUMMARY_TABLES = ("years",)
_WORST_FIRST: tuple[State, ...] = ("waiting", "failed", "ready", "none")


@dataclass(frozen=True)
class SourceView:
    """An import in use. `url` is the page about it; empty for a file of years, which is no choice."""

    kind: str
    name: str
    file_name: str
    row_count: int
    size_bytes: int
    sha256: str
    imported_at: datetime
    is_chosen: bool
    url: str


@dataclass(frozen=True)
class InsightsPage:
    """The messages say what is being counted, or why it came to nothing; a POST to the page's own address tries again what
    failed. `tables` and `csv_urls` by slug of the table; `readings` by section of the payloads, and "trend"."""

    is_summary: bool
    sources: list[SourceView]
    selection: Selection
    tags: list[tuple[str, int]] = field(default_factory=list)
    trend: TrendPayload | None = None
    trend_state: State = "none"
    market: SelectionPayload | None = None
    market_state: State = "none"
    market_message: str = ""
    trend_message: str = ""
    models: ModelsPayload | None = None
    labels: Mapping[int, Label] = field(default_factory=dict)
    headline: list[str] = field(default_factory=list)
    trend_headline: list[str] = field(default_factory=list)
    readings: Mapping[str, list[str]] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    charts: Mapping[str, ChartPayload] = field(default_factory=dict)
    csv_urls: Mapping[str, str] = field(default_factory=dict)
    state_url: str = ""
    zeros_url: str = ""
    whole_url: str = ""
    own: OwnInsights | None = None


class StatePayload(TypedDict):
    state: State
    percent: int
    message: str


@dataclass(frozen=True)
class Answer:
    """To one request: its result once that is there."""

    state: State = "none"
    percent: int = 0
    message: str = ""
    result: SelectionPayload | TrendPayload | None = None


@dataclass(frozen=True)
class _Asked:
    """What an address asks for, and the answers to it."""

    sources: Sources
    selection: Selection
    labels: dict[int, Label]
    market: Answer
    trend: Answer

    @property
    def market_result(self) -> SelectionPayload | None:
        return cast("SelectionPayload | None", self.market.result)

    @property
    def trend_result(self) -> TrendPayload | None:
        return cast("TrendPayload | None", self.trend.result)

    @property
    def leaves_zeros_out(self) -> bool:
        """Whether that was chosen and makes a difference: where no popularity is 0, those without zeros are the whole."""
        market = self.market_result
        return self.selection.without_zeros and market is not None and market["without_zeros"] is not None

    @property
    def models(self) -> ModelsPayload | None:
        """Of the rows that were chosen."""
        market = self.market_result
        if market is None:
            return None
        return market["without_zeros"] if self.leaves_zeros_out else market["whole"]

    @property
    def rosters(self) -> list[RosterPayload]:
        return self.market_result["rosters"] if self.market_result else []

    @property
    def label_names(self) -> dict[int, str]:
        return {pk: label.name for pk, label in self.labels.items()}


def insights_page(user: User | None, params: QueryDict) -> InsightsPage:
    """For whoever sees the insights; for everybody else (None) the public summary, for which nothing is counted."""
    asked = _asked(user, params)
    return _summary(asked) if user is None else _whole(asked, user)


def insights_state(user: User, params: QueryDict) -> StatePayload:
    """How far the page of this address is; ready when all is there that it can have."""
    asked = _asked(user, params)
    answer = min((asked.market, asked.trend), key=lambda answer: _WORST_FIRST.index(answer.state))
    return {"state": answer.state, "percent": answer.percent, "message": answer.message}


def insights_table(user: User | None, params: QueryDict, slug: str) -> Table | None:
    """One table of the page at this address; of the summary (None) only what the summary shows."""
    asked = _asked(user, params)
    return (_summary_tables(asked) if user is None else _tables(asked)).get(slug)


def try_again(user: User, params: QueryDict) -> None:
    """Have counted once more what failed of the page at this address. Raises TooManyAnalyses."""
    sources = sources_in_use()
    for request in _requests(sources, chosen(params, sources), Label.objects.all()):
        if request is not None:
            ask(request, user, again=True)


def _summary(asked: _Asked) -> InsightsPage:
    tables = _summary_tables(asked)
    return InsightsPage(
        is_summary=True,
        sources=_source_views(asked),
        selection=asked.selection,
        trend=asked.trend_result,
        trend_state=asked.trend.state,
        market_state=asked.market.state,
        headline=_headline(asked, asked.market_result),
        trend_headline=_headline(asked, asked.trend_result),
        readings=_trend_readings(asked),
        tables=tables,
        charts=market_charts(trend=asked.trend_result, models=None, rosters=[], label_names={}),
        csv_urls={slug: reverse("insights_table", args=[slug]) for slug in tables},
    )


def _whole(asked: _Asked, user: User) -> InsightsPage:
    source = asked.sources.get(asked.selection.source_kind)
    tables = _tables(asked)
    return InsightsPage(
        is_summary=False,
        sources=_source_views(asked),
        selection=asked.selection,
        tags=list(facts_of(source).tags) if source else [],
        trend=asked.trend_result,
        trend_state=asked.trend.state,
        trend_message=asked.trend.message,
        market=asked.market_result,
        market_state=asked.market.state,
        market_message=asked.market.message,
        models=asked.models,
        labels=asked.labels,
        headline=_market_headline(asked),
        trend_headline=_headline(asked, asked.trend_result),
        readings={**_market_readings(asked), **_trend_readings(asked)},
        tables=tables,
        charts=market_charts(
            trend=asked.trend_result, models=asked.models, rosters=asked.rosters, label_names=asked.label_names
        ),
        csv_urls={slug: _address("insights_table", asked.selection.query(), slug) for slug in tables},
        state_url=_address("insights_state", asked.selection.query()),
        zeros_url=_address("insights", asked.selection.query(without_zeros=True)),
        whole_url=_address("insights", asked.selection.query(without_zeros=False)),
        own=own_insights(labels_seen(user), localdate()),
    )


def _asked(user: User | None, params: QueryDict) -> _Asked:
    sources = sources_in_use()
    selection = chosen(QueryDict() if user is None else params, sources)
    labels = {label.pk: label for label in Label.objects.all()}
    market, trend = (_answer(request, user) for request in _requests(sources, selection, labels.values()))
    return _Asked(sources, selection, labels, market, trend)


def _requests(
    sources: Sources, selection: Selection, labels: Iterable[Label]
) -> tuple[AnalysisRequest | None, AnalysisRequest | None]:
    return selection_request(selection, sources, labels), trend_request(sources)


def _answer(request: AnalysisRequest | None, user: User | None) -> Answer:
    if request is None:
        return Answer()
    if user is None:
        analysis = MarketAnalysis.objects.filter(key=key_of(request), result__isnull=False).first()
        return Answer() if analysis is None else Answer("ready", 100, result=analysis.result)
    try:
        return _answer_of(ask(request, user))
    except TooManyAnalyses:
        return Answer(
            "waiting", message=_("That was a lot to count in a minute. This will begin by itself in a moment.")
        )


def _answer_of(analysis: MarketAnalysis) -> Answer:
    if analysis.result is not None:
        return Answer("ready", 100, result=analysis.result)
    job = analysis.job
    if job is None or job.state == JobState.QUEUED:
        position = queue_position(job) if job else None
        return Answer(
            "waiting", message=_("Waiting to be counted: number %(position)s in line.") % {"position": position or 1}
        )
    if job.state in (JobState.FAILED, JobState.CANCELLED):
        return Answer("failed", message=_("The counting did not come to its end. Nothing is lost: please try again."))
    return Answer("waiting", job.percent, _("Being counted. This takes a few seconds, for large files up to a minute."))


def _tables(asked: _Asked) -> dict[str, Table]:
    return market_tables(trend=asked.trend_result, models=asked.models, rosters=asked.rosters, labels=asked.labels)


def _summary_tables(asked: _Asked) -> dict[str, Table]:
    return market_tables(trend=asked.trend_result, models=None, rosters=[], labels={})


def _source_views(asked: _Asked) -> list[SourceView]:
    return [
        SourceView(
            kind=source.kind,
            name=str(source.get_kind_display()),
            file_name=source.file_name,
            row_count=source.row_count,
            size_bytes=source.size_bytes,
            sha256=source.sha256,
            imported_at=source.imported_at,
            is_chosen=source.kind == asked.selection.source_kind,
            url=reverse("insights") + "?" + urlencode({"source": source.kind}) if source.kind in CHOICES else "",
        )
        for source in (asked.sources[kind] for kind in FeatureKind.values if kind in asked.sources)
    ]


def _headline(asked: _Asked, result: SelectionPayload | TrendPayload | None) -> list[str]:
    return _sentences(result["headline"], asked) if result else []


def _market_headline(asked: _Asked) -> list[str]:
    market = asked.market_result
    if market is None:
        return []
    return _sentences(market["headline_without_zeros"] if asked.leaves_zeros_out else market["headline"], asked)


def _market_readings(asked: _Asked) -> dict[str, list[str]]:
    market = asked.market_result
    if market is None:
        return {}
    readings = market["readings_without_zeros"] if asked.leaves_zeros_out else market["readings"]
    return {section: _sentences(found, asked) for section, found in readings.items()}


def _trend_readings(asked: _Asked) -> dict[str, list[str]]:
    return {"trend": _sentences(asked.trend_result["readings"], asked)} if asked.trend_result else {}


def _sentences(readings: Iterable[Reading], asked: _Asked) -> list[str]:
    return [sentence(reading, asked.label_names) for reading in readings]


def _address(name: str, query: str, *place: str) -> str:
    return f"{reverse(name, args=place)}?{query}"
