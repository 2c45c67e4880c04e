"""Files of audio features into rows: read once from beginning to end, by COPY, and all of it or nothing (docs/insights.md)."""

import hashlib
import os
import stat
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from choreography.insights import prepare_default_analyses
from choreography.market.layouts import MEASURED, BadRow, Layout, Row, layout_of
from choreography.market.records import records
from choreography.market.refusals import SHOWN_ROWS, BadCell, FileRefused
from choreography.models import FeatureImport, FeatureRow

type OnProgress = Callable[[float], None]

REPEATED_AT_MOST = 20
_CHUNK_BYTES = 1 << 20
_LOCK = "choreography.market_import"
_TABLE = connection.ops.quote_name(FeatureRow._meta.db_table)
_COLUMNS = ("source_id", "line", "name", "artists", "genres", "year", *MEASURED, "key", "mode", "count")
_TYPES = ("int8", "int4", "text", "text[]", "text[]", "int2", *["float8"] * len(MEASURED), "int2", "int2", "int4")
_QUOTED = ", ".join(connection.ops.quote_name(column) for column in _COLUMNS)


@dataclass(frozen=True)
class Imported:
    """`was_known`: the file was in use already, and nothing has changed. `merged`: lines that name a track which an earlier
    line names under another genre. `unnamed`: lines left out because they name neither a track nor an artist."""

    source: FeatureImport
    was_known: bool
    merged: int = 0
    unnamed: int = 0


@dataclass
class _Tally:
    """What one reading of a file came upon."""

    rows: int = 0
    unnamed: int = 0
    bad: list[BadCell] = field(default_factory=list)
    bad_count: int = 0
    years: set[int] = field(default_factory=set)


def import_features(
    path: Path,
    *,
    kind: str | None = None,
    on_progress: OnProgress | None = None,
    on_wait: Callable[[], None] | None = None,
) -> Imported:
    """Take in the file in place of the active one of its kind, and have the default analyses made.

    `on_progress` is called with the share that is read, `on_wait` if another import has to end first. Raises FileRefused;
    then, and whenever the process dies before the end, everything is as it was.
    """
    with _opened(path) as file:
        layout = _layout_of(file, kind)
        sha256 = _sha256(file)
        with transaction.atomic():
            _wait_for_others(on_wait)
            source = _known(layout, sha256)
            if source is not None and source.is_active:
                imported = Imported(source, was_known=True)
            else:
                source = _begin(source or FeatureImport(kind=layout.kind, sha256=sha256), path, file)
                imported = _read_into(source, layout, file, on_progress)
    prepare_default_analyses()
    return imported


@contextmanager
def _opened(path: Path) -> Iterator[BufferedReader]:
    """The file, if it is one: a pipe could not be read twice, and opening one would wait for its writer."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise FileRefused("not_a_file", f"{path} is no file.")
        file = path.open("rb")
    except FileNotFoundError:
        raise FileRefused("no_such_file", f"There is no file {path}.") from None
    except OSError as error:
        raise FileRefused("unreadable", f"{path} cannot be read: {error.strerror}.") from None
    with file:
        yield file


def _layout_of(file: BufferedReader, kind: str | None) -> Layout:
    if not os.fstat(file.fileno()).st_size:
        raise FileRefused("empty_file", "The file is empty.")
    header = next(records(file), None)
    if header is None:
        raise FileRefused("no_rows", "The file has neither header nor rows.")
    return layout_of(header[1], kind)


def _sha256(file: BufferedReader) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def _wait_for_others(on_wait: Callable[[], None] | None) -> None:
    """Until this transaction ends, no other import begins: the second would replace rows that the first still writes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [_LOCK])
        if cursor.fetchone() == (True,):
            return
        if on_wait:
            on_wait()
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [_LOCK])


def _known(layout: Layout, sha256: str) -> FeatureImport | None:
    return FeatureImport.objects.filter(kind=layout.kind, sha256=sha256).first()


def _begin(source: FeatureImport, path: Path, file: BufferedReader) -> FeatureImport:
    """Retire the active import of the kind, with its rows, and put `source` in its place."""
    FeatureRow.objects.filter(source__kind=source.kind).delete()
    FeatureImport.objects.filter(kind=source.kind, is_active=True).update(is_active=False)
    source.file_name = _file_name(path)
    source.size_bytes = os.fstat(file.fileno()).st_size
    source.row_count = 0
    source.is_active = True
    source.imported_at = timezone.now()
    source.save()
    return source


def _file_name(path: Path) -> str:
    """As it can be stored: names of files may hold bytes that are no text."""
    name = os.fsencode(path.name).decode(errors="replace")
    return unicodedata.normalize("NFC", name)[:255]


def _read_into(source: FeatureImport, layout: Layout, file: BufferedReader, on_progress: OnProgress | None) -> Imported:
    tally = _Tally()
    reading = _Reading(file, on_progress)
    rows = _good_rows(layout, records(reading), tally)
    with connection.cursor() as cursor:
        if layout.is_a_line_a_genre:
            _copy_merged(cursor, source, rows)
        else:
            _copy(cursor, _TABLE, _QUOTED, _TYPES, (_values(source, row) for row in rows))
    _refuse(tally)
    if reading.sha256() != source.sha256:
        raise FileRefused("changed_meanwhile", "The file was changed while it was read.")
    source.row_count = source.feature_rows.count()
    source.repeated = _repeated(source)
    source.save()
    with connection.cursor() as cursor:
        cursor.execute(
            f"ANALYZE {_TABLE}"
        )  # the first page is asked for at once, before the server would look by itself
    return Imported(source, was_known=False, merged=tally.rows - source.row_count, unnamed=tally.unnamed)


class _Reading:
    """The file from its beginning: what has been read of it, and whether it is still what it was."""

    def __init__(self, file: BufferedReader, on_progress: OnProgress | None) -> None:
        file.seek(0)
        self._file = file
        self._size = os.fstat(file.fileno()).st_size
        self._digest = hashlib.sha256()
        self._read = self._told = 0
        self._on_progress = on_progress

    def readline(self, limit: int) -> bytes:
        line = self._file.readline(limit)
        self._digest.update(line)
        self._read += len(line)
        if self._on_progress and (self._read - self._told >= _CHUNK_BYTES or (not line and self._told < self._read)):
            self._told = self._read
            self._on_progress(min(1.0, self._read / max(1, self._size)))
        return line

    def sha256(self) -> str:
        return self._digest.hexdigest()


def _good_rows(layout: Layout, lines: Iterator[tuple[int, list[str]]], tally: _Tally) -> Iterator[Row]:
    """The rows up to the first bad one; from there on they are only looked at, to name what is wrong."""
    next(lines, None)  # the header
    for line, cells in lines:
        try:
            row = layout.read(line, cells)
            if row is not None and layout.kind == "years":
                _refuse_second(row, tally)
        except BadRow as bad:
            tally.bad_count += 1
            if len(tally.bad) < SHOWN_ROWS:
                tally.bad.append(bad.cell)
            continue
        if row is None:
            tally.unnamed += 1
            continue
        tally.rows += 1
        if not tally.bad_count:
            yield row


def _refuse_second(row: Row, tally: _Tally) -> None:
    if row.year in tally.years:
        raise BadRow(BadCell(row.line, "year", str(row.year), "stands in an earlier line, too"))
    if row.year is not None:
        tally.years.add(row.year)


def _refuse(tally: _Tally) -> None:
    if tally.bad_count:
        more = tally.bad_count - len(tally.bad)
        lines = "\n".join(map(str, tally.bad)) + (f"\nand {more:,} more rows" if more else "")
        raise FileRefused("bad_rows", f"Nothing was imported.\n{lines}", bad=tally.bad, bad_count=tally.bad_count)
    if not tally.rows:
        raise FileRefused("no_rows", "The file has a header but no rows.")


def _values(source: FeatureImport, row: Row) -> tuple[object, ...]:
    return (
        source.pk, row.line, row.name, row.artists, row.genres, row.year, *row.values, row.key, row.mode, row.count,
    )  # fmt: skip


def _copy(
    cursor: CursorWrapper, table: str, columns: str, types: Sequence[str], rows: Iterator[tuple[object, ...]]
) -> None:
    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def _copy_merged(cursor: CursorWrapper, source: FeatureImport, rows: Iterator[Row]) -> None:
    """A track that stands there once for each of its genres becomes one row with all of them: counted five times, it would
    make five observations of one. The rest of the row is its first line's."""
    cursor.execute(f"CREATE TEMPORARY TABLE market_lines AS SELECT {_QUOTED} FROM {_TABLE} WITH NO DATA")  # noqa: S608
    cursor.execute("ALTER TABLE market_lines ADD COLUMN track text")
    _copy(
        cursor,
        "market_lines",
        f"{_QUOTED}, track",
        [*_TYPES, "text"],
        ((*_values(source, row), row.track) for row in rows),
    )
    cursor.execute("ANALYZE market_lines")
    selected = ", ".join("tags.genres" if column == "genres" else f"market_lines.{column}" for column in _COLUMNS)
    cursor.execute(
        f"""
        INSERT INTO {_TABLE} ({_QUOTED})
        SELECT DISTINCT ON (track) {selected}
        FROM market_lines JOIN (
            SELECT track, coalesce(array_agg(genre ORDER BY first) FILTER (WHERE genre IS NOT NULL), '{{}}') AS genres
            FROM (SELECT track, genres[1] AS genre, min(line) AS first FROM market_lines GROUP BY 1, 2) AS each
            GROUP BY track
        ) AS tags USING (track)
        ORDER BY track, line
        """  # noqa: S608 (names of our own tables and columns)
    )
    cursor.execute("DROP TABLE market_lines")


def _repeated(source: FeatureImport) -> list[dict[str, str | int]]:
    """Artists who stand in more than one row: either two of one name, or one counted twice."""
    if source.kind != "artists":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT name, count(*) FROM {_TABLE} WHERE source_id = %s GROUP BY name HAVING count(*) > 1 "  # noqa: S608
            "ORDER BY 2 DESC, 1 LIMIT %s",
            [source.pk, REPEATED_AT_MOST],
        )
        return [{"name": name, "rows": rows} for name, rows in cursor.fetchall()]
