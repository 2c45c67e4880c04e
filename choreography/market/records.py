"""The rows of a CSV file as lists of cells, in memory that the file cannot make grow."""

import csv
from collections.abc import Iterator
from typing import Protocol

from choreography.market.refusals import FileRefused

MAX_RECORD_BYTES = 1 << 20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")


class LineSource(Protocol):
    def readline(self, limit: int, /) -> bytes: ...


def records(source: LineSource) -> Iterator[tuple[int, list[str]]]:
    """The number of the line where each row begins, and its cells; rows without any text are passed over.

    Raises
    ------
    FileRefused
        "archive", "not_utf8", "nul_bytes", "line_too_long" (a row above `MAX_RECORD_BYTES`), "not_csv".
    """
    lines = _Lines(source)
    reader = csv.reader(lines, strict=True)
    while True:
        first_line = lines.begin_record()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise FileRefused(
                "not_csv",
                f"The row that begins in line {first_line} is no CSV: a quote is missing or too many, or a cell is longer "
                f"than {csv.field_size_limit():,} characters.",
            ) from None
        if any(cells):
            yield first_line, cells


class _Lines:
    """Lines as text. None is read further than a row may be long, whatever the file says."""

    def __init__(self, source: LineSource) -> None:
        self._source = source
        self._number = 0
        self._record_bytes = 0

    def begin_record(self) -> int:
        self._record_bytes = 0
        return self._number + 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._source.readline(MAX_RECORD_BYTES + 1)
        if not line:
            raise StopIteration
        self._number += 1
        self._record_bytes += len(line)
        if self._number == 1:
            self._refuse_archive(line)
            line = line.removeprefix(_BYTE_ORDER_MARK)
        if self._record_bytes > MAX_RECORD_BYTES:
            raise FileRefused(
                "line_too_long",
                f"A row is longer than {MAX_RECORD_BYTES:,} bytes (line {self._number}): this is no such file, or a quote "
                "is not closed.",
            )
        return self._decoded(line)

    def _decoded(self, line: bytes) -> str:
        if b"\0" in line:
            raise FileRefused("nul_bytes", f"Line {self._number} holds NUL bytes: this is no text in UTF-8.")
        try:
            return line.decode()
        except UnicodeDecodeError:
            raise FileRefused("not_utf8", f"Line {self._number} is no text in UTF-8.") from None

    def _refuse_archive(self, line: bytes) -> None:
        if line.startswith(_ARCHIVES):
            raise FileRefused("archive", "The file is an archive: unpack it and import the CSV file in it.")
