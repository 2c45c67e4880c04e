"""From the page's address to what is asked of the market."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from choreography.market.cells import LONGEST_TAG, tag
from choreography.market.payloads import MARKET_VERSION, AnalysisRequest, SelectionRequest, TrendRequest
from choreography.models import FeatureImport, FeatureKind, Label
from choreography.queries.market_rows import facts_of, has_tag, sources_in_use

FIRST_GENRE = "k-pop"
MOST_GENRES = 5
CHOICES = (FeatureKind.ARTISTS, FeatureKind.TRACKS)
"""The kinds of files in which rows are chosen, the first that is there without being asked for."""

type Sources = Mapping[str, FeatureImport]


@dataclass(frozen=True)
class Selection:
    """Which rows: those with any of `genres`, all where there are none. `unknown`: tags that no row has."""

    source_kind: str
    genres: tuple[str, ...] = ()
    without_zeros: bool = False
    unknown: tuple[str, ...] = ()

    def query(self, *, without_zeros: bool | None = None) -> str:
        """As it stands in an address; an empty genre says that all are meant."""
        without = self.without_zeros if without_zeros is None else without_zeros
        genres = [("genre", genre) for genre in self.genres or ("",)]
        return urlencode([("source", self.source_kind), *genres, *([("zeros", "without")] if without else [])])


def chosen(params: QueryDict, sources: Sources) -> Selection:
    """Whatever stands in the address: what is unknown is told, and what is left out is as it is at first."""
    kinds = [kind.value for kind in CHOICES if kind in sources]
    if not kinds:
        return Selection(CHOICES[0])
    wanted = params.get("source", "")
    source = sources[wanted if wanted in kinds else kinds[0]]
    texts = params.getlist("genre")
    genres, unknown = _known(texts, source)
    if not genres and not _means_all(texts):
        genres = _first_genres(source)
    return Selection(source.kind, genres, params.get("zeros") == "without", unknown)


def selection_request(selection: Selection, sources: Sources, labels: Iterable[Label]) -> SelectionRequest | None:
    """The same rows make the same request, in whatever order their tags were given."""
    source = sources.get(selection.source_kind)
    if source is None:
        return None
    return {
        "version": MARKET_VERSION,
        "kind": "selection",
        "source": source.pk,
        "genres": sorted(selection.genres),
        "rosters": [
            {"label": label.pk, "artists": list(dict.fromkeys(label.artists))} for label in labels if label.artists
        ],
    }


def trend_request(sources: Sources) -> TrendRequest | None:
    """Of the file of years; without one, of tracks that have years."""
    source = sources.get(FeatureKind.YEARS)
    if source is None:
        tracks = sources.get(FeatureKind.TRACKS)
        source = tracks if tracks is not None and facts_of(tracks).has_years else None
    return None if source is None else {"version": MARKET_VERSION, "kind": "trend", "source": source.pk}


def default_requests() -> list[AnalysisRequest]:
    """What the page shows before anything is chosen, of each file in use."""
    sources, labels = sources_in_use(), list(Label.objects.all())
    selections = [Selection(kind, _first_genres(sources[kind])) for kind in CHOICES if kind in sources]
    found = [selection_request(selection, sources, labels) for selection in selections]
    return [request for request in (*found, trend_request(sources)) if request is not None]


def _first_genres(source: FeatureImport) -> tuple[str, ...]:
    return (FIRST_GENRE,) if _is_there(source, FIRST_GENRE) else ()


def _means_all(texts: Sequence[str]) -> bool:
    return bool(texts) and not any(text.strip() for text in texts)


def _known(texts: Iterable[str], source: FeatureImport) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of the first few tags, those that rows have, and those that none has."""
    wanted = list(dict.fromkeys(filter(None, map(_tag, texts))))[:MOST_GENRES]
    known = tuple(genre for genre in wanted if _is_there(source, genre))
    return known, tuple(genre for genre in wanted if genre not in known)


def _tag(text: str) -> str:
    """As tags are kept. Cut before it is read too: decomposed, a letter is up to four."""
    return tag(text[: 4 * LONGEST_TAG])[:LONGEST_TAG]


def _is_there(source: FeatureImport, genre: str) -> bool:
    return any(genre == name for name, _rows in facts_of(source).tags) or has_tag(source, genre)
