"""The correlations as a page shows them: the lower half of the square, every cell with its words."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from choreography.insight_tables import shown_number
from choreography.market.payloads import CorrelationPayload
from choreography.market_words import feature_name

SHADES_FROM = (0.1, 0.3, 0.5, 0.7)
"""From which r on, up or down, a cell is shaded more strongly."""
LEAST_P = 0.001
SIGNIFICANT = 0.05


@dataclass(frozen=True)
class MatrixCell:
    """`text` is r without the zero before its point, which says nothing. `shade` is "none", or "with" or "against" and 1 to 4.
    `is_sure`: it stands Holm's correction over all pairs."""

    text: str
    shade: str
    is_sure: bool
    detail: str


@dataclass(frozen=True)
class MatrixRow:
    name: str
    cells: list[MatrixCell]


@dataclass(frozen=True)
class Matrix:
    """`heads` are the names of the columns; a row has a cell for each column before its own name."""

    heads: list[str]
    rows: list[MatrixRow]


def matrix_of(correlations: CorrelationPayload) -> Matrix:
    names = [capfirst(feature_name(name)) for name in correlations["names"]]
    rows = [MatrixRow(names[row], list(_cells(correlations, row))) for row in range(1, len(names))]
    return Matrix(names[:-1], rows)


def _cells(correlations: CorrelationPayload, row: int) -> Iterator[MatrixCell]:
    for column in range(row):
        r, p = correlations["r"][row][column], correlations["p"][row][column]
        is_sure = correlations["significant"][row][column]
        pair = _("%(one)s and %(other)s") % {
            "one": capfirst(feature_name(correlations["names"][row])),
            "other": feature_name(correlations["names"][column]),
        }
        if r is None:
            yield MatrixCell(
                "–", "none", is_sure=False, detail=_("%(pair)s: one of them never changes.") % {"pair": pair}
            )
            continue
        yield MatrixCell(_short(r), _shade(r), is_sure, _detail(pair, correlations["n"], r, p, is_sure=is_sure))


def _short(r: float) -> str:
    words = shown_number(r, 2)
    return words if abs(r) >= 0.995 else words.replace("0", "", 1)


def _detail(pair: str, n: int, r: float, p: float | None, *, is_sure: bool) -> str:
    if is_sure:
        verdict = _("stands among all pairs")
    elif p is not None and p < SIGNIFICANT:
        verdict = _("does not stand among so many pairs")
    else:
        verdict = _("may be chance")
    words = {"pair": pair, "r": shown_number(r, 2), "n": shown_number(n, 0), "p": _p(p), "verdict": verdict}
    return _("%(pair)s: r %(r)s over %(n)s rows, p %(p)s; %(verdict)s.") % words


def _shade(r: float) -> str:
    step = sum(abs(r) >= least for least in SHADES_FROM)
    if not step:
        return "none"
    return f"{'with' if r > 0 else 'against'}-{step}"


def _p(p: float | None) -> str:
    if p is None:
        return "–"
    return f"< {shown_number(LEAST_P, 3)}" if p < LEAST_P else shown_number(p, 3)
