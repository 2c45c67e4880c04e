"""The layouts of published files of audio features: which columns tell which kind, and rows of text as rows of numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast

from choreography.market import cells
from choreography.market.features import BOUNDS, FEATURES, POPULARITY
from choreography.market.refusals import BadCell, FileRefused, shown

type Kind = Literal["tracks", "artists", "years"]

KINDS: Final[tuple[Kind, ...]] = ("tracks", "artists", "years")
MEASURED: Final = (POPULARITY, *FEATURES)
_TRACK_NAMES = ("name", "track_name")
_TRACK_IDS = ("track_id", "id")
_ARTISTS = ("artists", "artist_name")
_ONE_GENRE = ("track_genre", "genre")
_MAX_COUNT = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file. `values` are popularity and then FEATURES, in the units of the file.

    `track` is the publisher's name of a track in files that give a track a line for each of its genres, else "".
    """

    line: int
    name: str
    artists: list[str]
    genres: list[str]
    year: int | None
    values: tuple[float, ...]
    key: int | None
    mode: int | None
    count: int | None
    track: str


class BadRow(Exception):
    def __init__(self, cell: BadCell) -> None:
        super().__init__(str(cell))
        self.cell = cell


@dataclass(frozen=True)
class Layout:
    """How to read the rows under a header.

    `columns`: the header. `places`: where what is needed stands, by our names. `measured`: column, name and bounds of
    popularity and the features. `artists_of`, `genres_of`: how a cell lists names.
    """

    kind: Kind
    columns: tuple[str, ...]
    places: dict[str, int]
    measured: tuple[tuple[int, str, cells.Bounds], ...]
    artists_of: Callable[[str], list[str]]
    genres_of: Callable[[str], list[str]]

    @property
    def is_a_line_a_genre(self) -> bool:
        """Whether a track stands there once for each of its genres."""
        return self.kind == "tracks" and self.places.keys() >= {"one_genre", "track"}

    def read(self, line: int, row: Sequence[str]) -> Row | None:
        """None for a track that names neither itself nor an artist: publishers blank what was withdrawn.

        Raises BadRow.
        """
        if len(row) != len(self.columns):
            raise BadRow(BadCell(line, "", "", f"has {len(row)} cells, the header {len(self.columns)}"))
        reader = _RowReader(self, line, row)
        name, artists = reader.naming()
        if self.kind == "tracks" and not name and not artists:
            return None
        return Row(
            line=line,
            name=name,
            artists=artists,
            genres=reader.genres(),
            year=reader.year(),
            values=reader.values(),
            key=reader.optional("key", cells.key),
            mode=reader.optional("mode", cells.mode),
            count=reader.optional("count", lambda text: cells.whole(text, (0, _MAX_COUNT))),
            track=reader.track(),
        )


def layout_of(header: Sequence[str], kind: str | None = None) -> Layout:
    """The layout of a file with these columns.

    Parameters
    ----------
    header : names of the columns as they stand in the file; those that nobody needs may be anything.
    kind : one of KINDS, where the columns are not to tell it.

    Raises
    ------
    FileRefused
        "repeated_columns", "other_kind", "missing_columns" (named), "unknown_layout".
    """
    names = [column.strip().lower() for column in header]
    repeated = sorted({name for name in names if name and names.count(name) > 1})
    if repeated:
        raise FileRefused("repeated_columns", f"The header names twice: {_quoted(repeated)}.")
    chosen = _kind_of(names, kind)
    missing = [*_missing_names(names, chosen), *(name for name in MEASURED if name not in names)]
    if missing:
        raise FileRefused(
            "missing_columns", f"A file of {chosen} needs the columns that are missing here: {', '.join(missing)}."
        )
    return _layout(names, chosen)


def _kind_of(names: list[str], wanted: str | None) -> Kind:
    if wanted is not None and wanted not in KINDS:
        raise FileRefused("unknown_kind", f"There is no kind {shown(wanted)}, only {', '.join(KINDS)}.")
    found = _kind_by_columns(names)
    if found is None and wanted is None:
        raise FileRefused(
            "unknown_layout",
            "The columns do not tell what a row is. Artists need artists, tracks need artists and name (or artist_name "
            f"and track_name), years need year; each of them {', '.join(MEASURED)}. Found: {_quoted(names)}.",
        )
    if found is not None and wanted is not None and found != wanted:
        raise FileRefused("other_kind", f"By its columns this is a file of {found}, not of {wanted}.")
    return found or cast(Kind, wanted)


def _kind_by_columns(names: list[str]) -> Kind | None:
    if _first(names, _TRACK_NAMES):
        return "tracks"
    if _first(names, _ARTISTS):
        return "artists"
    return "years" if "year" in names else None


def _missing_names(names: list[str], kind: Kind) -> list[str]:
    if kind == "years":
        return [] if "year" in names else ["year"]
    missing = [] if _first(names, _ARTISTS) else ["artists"]
    return missing + (["name"] if kind == "tracks" and not _first(names, _TRACK_NAMES) else [])


def _layout(names: list[str], kind: Kind) -> Layout:
    synonyms = {"name": _TRACK_NAMES, "track": _TRACK_IDS, "artists": _ARTISTS, "one_genre": _ONE_GENRE}
    places = {name: names.index(name) for name in names if name}
    for common, others in synonyms.items():
        found = _first(names, others)
        if found:
            places[common] = names.index(found)
    return Layout(
        kind=kind,
        columns=tuple(names),
        places=places,
        measured=tuple((names.index(name), name, BOUNDS[name]) for name in MEASURED),
        artists_of=_artists_reader(names, kind),
        genres_of=cells.listed_names if "genres" in names else cells.one_name,
    )


def _artists_reader(names: list[str], kind: Kind) -> Callable[[str], list[str]]:
    """By the layout and never by the cell: an artist may be called "[ingenting]"."""
    if kind == "artists" or "artists" not in names:
        return cells.one_name
    return cells.listed_names if "name" in names else cells.separated_names


class _RowReader:
    """The cells of one row; whatever cannot be read raises BadRow with its place."""

    def __init__(self, layout: Layout, line: int, row: Sequence[str]) -> None:
        self._layout, self._line, self._row = layout, line, row

    def naming(self) -> tuple[str, list[str]]:
        if self._layout.kind == "years":
            return "", []
        artists = self._required("artists", self._layout.artists_of)
        if self._layout.kind == "tracks":
            return cells.name(self._text("name")), artists
        if not artists:
            raise self._bad("artists", "names nobody")
        return artists[0], artists

    def genres(self) -> list[str]:
        column = "genres" if "genres" in self._layout.places else "one_genre"
        found = map(cells.tag, self.optional(column, self._layout.genres_of) or [])
        genres = list(dict.fromkeys(filter(None, found)))
        if any(len(genre) > cells.LONGEST_TAG for genre in genres):
            raise self._bad(column, f"has a genre of more than {cells.LONGEST_TAG} characters")
        return genres

    def year(self) -> int | None:
        def whole_year(text: str) -> int:
            return cells.whole(text, cells.YEAR_BOUNDS)

        if self._layout.kind == "artists":
            return None
        if self._layout.kind == "years":
            return self._required("year", whole_year)
        year = self.optional("year", whole_year)
        return self.optional("release_date", cells.year_of_date) if year is None else year

    def values(self) -> tuple[float, ...]:
        values = []
        for place, name, bounds in self._layout.measured:
            try:
                values.append(cells.number(self._row[place], bounds))
            except ValueError as why:
                raise self._bad(name, str(why)) from None
        return tuple(values)

    def track(self) -> str:
        if not self._layout.is_a_line_a_genre:
            return ""
        track = self._text("track")
        if not track:
            raise self._bad("track", "is empty")
        return track

    def optional[T](self, column: str, read: Callable[[str], T]) -> T | None:
        return self._required(column, read) if self._text(column) else None

    def _required[T](self, column: str, read: Callable[[str], T]) -> T:
        try:
            return read(self._text(column))
        except ValueError as why:
            raise self._bad(column, str(why)) from None

    def _text(self, column: str) -> str:
        place = self._layout.places.get(column)
        return "" if place is None else self._row[place].strip()

    def _bad(self, column: str, why: str) -> BadRow:
        named = self._layout.columns[self._layout.places[column]]
        return BadRow(BadCell(self._line, named, self._text(column), why))


def _first(names: list[str], wanted: Sequence[str]) -> str | None:
    return next((name for name in wanted if name in names), None)


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(shown(name) for name in names[:20]) + (" and more" if len(names) > 20 else "")
