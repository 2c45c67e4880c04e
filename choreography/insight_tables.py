"""The numbers behind the charts as tables: the same rows on the page, in the reader's language, and as CSV."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from django.http import HttpResponse
from django.utils.formats import number_format
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Word:
    """Something that the CSV calls by its stable key, and the page in the reader's language."""

    key: str
    label: str


type Cell = str | Word | float | None

BEGINS_A_FORMULA = re.compile(r"[\t\r\n]|[\s\ufeff\u200b]*[=+\-@\uff1d\uff0b\uff0d\uff20]")
"""At the start of a text these make a spreadsheet calculate; the last four are full-width forms of those before."""
LEAST_P = 0.001


@dataclass(frozen=True)
class Column:
    """`key` heads the CSV and never changes; `label` heads the table. `digits` after the point; None for text.

    `is_p`: a probability, of which a very small one is only said to be under so much. `is_shown`: on the page, too.
    """

    key: str
    label: str
    digits: int | None = None
    is_p: bool = False
    is_shown: bool = True


@dataclass(frozen=True)
class ShownCell:
    text: str
    is_number: bool


@dataclass(frozen=True)
class Table:
    slug: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]

    @property
    def heads(self) -> list[Column]:
        """The columns that the page shows."""
        return [column for column in self.columns if column.is_shown]

    @property
    def shown(self) -> list[list[ShownCell]]:
        """Under `heads`, as the page writes them in the language of the moment."""
        return [
            [_shown(column, cell) for column, cell in zip(self.columns, row, strict=True) if column.is_shown]
            for row in self.rows
        ]


def csv_response(table: Table, file_name: str) -> HttpResponse:
    """UTF-8 with a mark, by which spreadsheets know it; numbers whole, with a point."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([column.key for column in table.columns])
    writer.writerows([_written(cell) for cell in row] for row in table.rows)
    return HttpResponse(
        text.getvalue().encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{file_name}"'},
    )


def _shown(column: Column, cell: Cell) -> ShownCell:
    if cell is None:
        return ShownCell("–", is_number=column.digits is not None)
    if isinstance(cell, (str, Word)):
        return ShownCell(cell.label if isinstance(cell, Word) else cell, is_number=False)
    if column.is_p and cell < LEAST_P:
        return ShownCell(_("under %(least)s") % {"least": number_format(LEAST_P, 3)}, is_number=True)
    return ShownCell(shown_number(cell, column.digits or 0), is_number=True)


def shown_number(number: float, digits: int) -> str:
    """Rounded, which Django's `number_format` does not do; with the minus of typography, and none before a zero."""
    rounded = Decimal(number).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
    text = str(number_format(abs(rounded), digits, force_grouping=True))
    return f"\u2212{text}" if rounded < 0 else text


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, (str, Word)):
        text = cell.key if isinstance(cell, Word) else cell
        return f"'{text}" if BEGINS_A_FORMULA.match(text) else text
    return repr(cell)
