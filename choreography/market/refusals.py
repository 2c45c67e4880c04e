"""Why a file of audio features is not taken in. The words are for whoever runs the import, in English."""

from collections.abc import Sequence
from dataclasses import dataclass

SHOWN_ROWS = 20
_SHOWN_CHARACTERS = 60


@dataclass(frozen=True)
class BadCell:
    """What is wrong with a row: where it begins in the file, in which column ("" for the row itself), and why."""

    line: int
    column: str
    value: str
    why: str

    def __str__(self) -> str:
        place = f"line {self.line}, column {self.column}" if self.column else f"line {self.line}"
        return f"{place}: {shown(self.value)} {self.why}" if self.column else f"{place} {self.why}"


class FileRefused(Exception):
    """`code` is stable; `bad` are the first rows that were wrong, each by one cell, and `bad_count` is how many there are."""

    def __init__(self, code: str, message: str, *, bad: Sequence[BadCell] = (), bad_count: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.bad = tuple(bad)
        self.bad_count = bad_count


def shown(text: str) -> str:
    """The text in quotes, short and without anything that a terminal would act on."""
    return repr(text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…")
