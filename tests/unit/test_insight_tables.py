"""Tables on the page and as CSV: rounded in the reader's language here, whole and safe for spreadsheets there."""

import csv
import io

import pytest
from django.utils import translation

from choreography.insight_tables import Column, Table, Word, csv_response, shown_number


def table_of(*cells, **column):
    return Table("slug", "Caption", [Column("key", "Label", **column)], [[cell] for cell in cells])


def shown(*cells, **column):
    return [row[0].text for row in table_of(*cells, **column).shown]


def written(*cells):
    content = csv_response(table_of(*cells), "a.csv").content.decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(content))
    assert head == ["key"]
    return [row[0] for row in rows]


@pytest.mark.parametrize(
    ("number", "digits", "text"),
    [
        (0.2957, 2, "0.30"),
        (-0.2957, 2, "\u22120.30"),
        (-0.0004, 3, "0.000"),
        (1e-12, 2, "0.00"),
        (19.96, 1, "20.0"),
        (220454.128, 0, "220,454"),
        (7, 0, "7"),
        (1e21, 0, "1,000,000,000,000,000,000,000"),
    ],
)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_numbers_are_rounded_and_not_cut_off(number, digits, text, language):
    with translation.override(language):
        assert shown_number(number, digits) == text


def test_a_very_small_p_is_not_zero():
    with translation.override("en"):
        assert shown(1e-9, 0.0009, 0.0314, 1.0, None, digits=3, is_p=True) == [
            "under 0.001", "under 0.001", "0.031", "1.000", "–"
        ]  # fmt: skip


def test_cells_know_whether_they_are_numbers():
    [[word], [name], [number], [nothing]] = table_of(Word("k", "Wort"), "f(x)", 1.5, None, digits=1).shown
    assert [cell.is_number for cell in (word, name, number, nothing)] == [False, False, True, True]
    assert (word.text, name.text) == ("Wort", "f(x)")


def test_columns_for_the_csv_alone_are_not_shown():
    columns = [Column("a", "A"), Column("b", "B", 1, is_shown=False), Column("c", "C", 0)]
    table = Table("slug", "Caption", columns, [["x", 1.0, 2.0]])
    assert [column.key for column in table.heads] == ["a", "c"]
    assert [cell.text for cell in table.shown[0]] == ["x", "2"]
    assert csv_response(table, "a.csv").content.decode("utf-8-sig") == "a,b,c\r\nx,1.0,2.0\r\n"


def test_a_row_that_does_not_fit_its_columns_is_a_mistake():
    table = Table("slug", "Caption", [Column("a", "A")], [["x", "y"]])
    with pytest.raises(ValueError, match="zip"):
        _ = table.shown


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u3000=1", "\ufeff=1", "\u00a0=1",
        "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff201", '=cmd|" /C calc"!A0',
    ],
)  # fmt: skip
def test_no_text_is_a_formula(text):
    assert written(text, Word(text, "harmless")) == [f"'{text}"] * 2


@pytest.mark.parametrize(
    "text", ["f(x)", "Girls' Generation", "a=b", '"', "a,b", "두 줄\n이름", "", "2NE1", "(여자)아이들"]
)
def test_other_texts_stay_as_they_are(text):
    assert written(text) == [text]


def test_numbers_are_whole_and_may_be_negative():
    assert written(-0.1, 1 / 3, 5, -7, 1e-20) == ["-0.1", repr(1 / 3), "5", "-7", "1e-20"]


def test_nothing_is_an_empty_cell():
    assert csv_response(table_of(None, 1.0), "a.csv").content == b'\xef\xbb\xbfkey\r\n""\r\n1.0\r\n'


def test_an_empty_table_has_its_head():
    assert csv_response(table_of(), "a.csv").content == b"\xef\xbb\xbfkey\r\n"
