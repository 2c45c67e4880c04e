"""The market's page: what was asked for, what is known of it, and what is still being counted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from django.http import QueryDict

from accounts.models import User
from choreography.insight_charts import ChartPayload
from choreography.insight_tables import Table
from choreography.market.payloads import ModelsPayload, SelectionPayload, TrendPayload
from choreography.models import Label

if TYPE_CHECKING:
    from choreography.queries.own_insights import OwnInsights

type State = Literal["none", "waiting", "failed", "ready"]
"""Nothing imported; being counted; did not come to its end; there."""


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
class Selection:
    """Which rows: those with any of `genres`, all where there are none. `unknown`: tags that no row has."""

    source_kind: str
    genres: tuple[str, ...] = ()
    without_zeros: bool = False
    unknown: tuple[str, ...] = ()


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
    own: "OwnInsights | None" = None


def insights_page(user: User | None, params: QueryDict) -> InsightsPage:
    """All of it for whoever sees the insights; for everybody else (None) the public summary, for which nothing is counted."""
    return InsightsPage(is_summary=user is None, sources=[], selection=Selection("artists"))
