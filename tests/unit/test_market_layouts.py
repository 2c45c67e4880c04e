"""Which file is which, and what stands in its cells: read exactly, or refused by name."""

import csv
import io
import tracemalloc
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from choreography.market import cells
from choreography.market.features import BOUNDS, FEATURES
from choreography.market.layouts import BadRow, layout_of
from choreography.market.records import MAX_RECORD_BYTES, records
from choreography.market.refusals import BadCell, FileRefused
from tests import market

TRACK_FILES = tuple(market.TRACK_COLUMNS)
# What can be stored as text: no half of a pair, no NUL.
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def read_file(path, kind=None):
    with path.open("rb") as file:
        lines = records(file)
        layout = layout_of(next(lines)[1], kind)
        return layout, [layout.read(line, row) for line, row in lines]


def refused(header, kind=None):
    with pytest.raises(FileRefused) as refusal:
        layout_of(header, kind)
    return refusal.value


def bad_cell(header, row):
    with pytest.raises(BadRow) as bad:
        layout_of(header).read(7, row)
    return bad.value.cell


def artist_row(**cells_):
    row = market.artists_rows(4)[0] | {"genres": "['k-pop']"} | cells_
    return [str(row[column]) for column in market.ARTIST_COLUMNS]


def test_artists_keep_their_names_genres_and_numbers(tmp_path):
    rows = market.artists_rows(200, seed=3)
    layout, read = read_file(market.write_artists_csv(tmp_path / "data_w_genres.csv", rows=rows))
    assert layout.kind == "artists"
    assert [row.name for row in read] == [row["artists"] for row in rows]
    assert [row.artists for row in read] == [[row["artists"]] for row in rows]
    assert [row.genres for row in read] == [row["genres"] for row in rows]
    assert [row.values for row in read] == [
        (row["popularity"], *(row[feature] for feature in FEATURES)) for row in rows
    ]
    assert [(row.key, row.mode, row.count) for row in read] == [(row["key"], row["mode"], row["count"]) for row in rows]
    assert {row.year for row in read} == {None}


def test_artists_without_genres_are_artists(tmp_path):
    columns = [column for column in market.ARTIST_COLUMNS if column != "genres"]
    layout, read = read_file(market.write_artists_csv(tmp_path / "data_by_artist.csv", columns=columns))
    assert layout.kind == "artists"
    assert {tuple(row.genres) for row in read} == {()}


def test_years_have_a_year_and_no_artist(tmp_path):
    layout, read = read_file(market.write_years_csv(tmp_path / "data_by_year.csv"))
    assert layout.kind == "years"
    assert [row.year for row in read] == list(range(1921, 2021))
    assert {(row.name, len(row.artists)) for row in read} == {("", 0)}


@pytest.mark.parametrize("file", TRACK_FILES)
def test_tracks_of_each_published_layout(file, tmp_path):
    rows = market.tracks_rows(60, seed=1)
    layout, read = read_file(market.write_tracks_csv(tmp_path / "file.csv", rows=rows, layout=file))
    assert layout.kind == "tracks"
    assert [row.name for row in read] == [row["name"] for row in rows]
    first_only = file == "spotify_features"
    assert [row.artists for row in read] == [row["artists"][:1] if first_only else row["artists"] for row in rows]
    assert [row.values[0] for row in read] == [row["popularity"] for row in rows]
    assert [(row.key, row.mode) for row in read] == [(row["key"], row["mode"]) for row in rows]
    tells_year, tells_genre = file in ("data", "tracks"), file in ("dataset", "spotify_features")
    assert [row.year for row in read] == [row["year"] if tells_year else None for row in rows]
    assert [row.genres for row in read] == [row["genres"] if tells_genre else [] for row in rows]
    assert [row.track for row in read] == [row["id"] if tells_genre else "" for row in rows]


@pytest.mark.parametrize("name", ["f(x)", "[ingenting]", "별빛 (星)", "('a', 'b')", "Artist; with ~ signs", '"'])
def test_an_artists_name_is_taken_as_it_stands(name):
    assert layout_of(market.ARTIST_COLUMNS).read(2, artist_row(artists=name)).name == name


def test_names_are_one_spelling_of_unicode_without_outer_spaces():
    decomposed = unicodedata.normalize("NFD", "레드벨벳")
    assert layout_of(market.ARTIST_COLUMNS).read(2, artist_row(artists=f"  {decomposed} ")).name == "레드벨벳"


def test_the_order_of_columns_their_case_and_others_between_them_do_not_matter():
    header = ["Unnamed: 0", *(column.upper() for column in reversed(market.ARTIST_COLUMNS)), "", ""]
    assert layout_of(header).read(2, ["5", *reversed(artist_row(artists="NCT")), "", ""]).name == "NCT"


def test_missing_columns_are_named():
    header = [column for column in market.ARTIST_COLUMNS if column not in ("energy", "loudness")]
    refusal = refused(header)
    assert refusal.code == "missing_columns"
    assert str(refusal).endswith(": energy, loudness.")


def test_a_file_that_tells_no_kind_is_refused_with_what_each_kind_needs():
    refusal = refused(["genres", *FEATURES, "popularity"])  # data_by_genres.csv
    assert refusal.code == "unknown_layout"
    assert "years need year" in str(refusal)
    missing = refused(["genres", *FEATURES, "popularity"], "artists")
    assert (missing.code, str(missing).rpartition(": ")[2]) == ("missing_columns", "artists.")


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (market.TRACK_COLUMNS["data"], "years"),
        (market.TRACK_COLUMNS["dataset"], "artists"),
        (market.ARTIST_COLUMNS, "tracks"),
        (market.YEAR_COLUMNS, "artists"),
    ],
)
def test_a_kind_that_the_columns_contradict_is_refused(header, kind):
    assert refused(header, kind).code == "other_kind"
    assert layout_of(header).kind != kind


def test_a_kind_that_is_none_and_columns_that_stand_twice_are_refused():
    assert refused(market.YEAR_COLUMNS, "genres").code == "unknown_kind"
    twice = refused([*market.ARTIST_COLUMNS, "Tempo "])
    assert (twice.code, str(twice)) == ("repeated_columns", "The header names twice: 'tempo'.")


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("", "is empty"),
        ("loud", "is no number"),
        ("0,5", "is no number"),
        ("1_0", "is no number"),
        ("０.5", "is no number"),
        ("nan", "is no finite number"),
        ("-inf", "is no finite number"),
        ("1e999", "is no finite number"),
        ("1.0001", "is not from 0 to 1"),
        ("-0.1", "is not from 0 to 1"),
    ],
)
def test_numbers_are_numbers_in_their_bounds(value, why):
    assert bad_cell(market.ARTIST_COLUMNS, artist_row(valence=value)) == BadCell(7, "valence", value, why)


@pytest.mark.parametrize("feature", BOUNDS)
def test_the_bounds_themselves_are_in(feature):
    low, high = BOUNDS[feature]
    layout = layout_of(market.ARTIST_COLUMNS)
    place = ("popularity", *FEATURES).index(feature)
    assert layout.read(2, artist_row(**{feature: low})).values[place] == low
    assert layout.read(2, artist_row(**{feature: high})).values[place] == high


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ({"key": "12"}, "is not from -1 to 11"),
        ({"key": "H"}, "is no number"),
        ({"mode": "2"}, "is not from 0 to 1"),
        ({"count": "1.5"}, "is no whole number"),
        ({"count": "3e9"}, "is not from 0 to 2.14748e+09"),
        ({"artists": " "}, "names nobody"),
        ({"genres": "k-pop"}, "is no list in brackets"),
        ({"genres": "['k-pop'"}, "is no list in brackets"),
        ({"genres": "["}, "is no list in brackets"),
        ({"genres": "[k-pop]"}, "is no list of strings in quotes"),
        ({"genres": "['k-pop' 'pop']"}, "is no list of strings in quotes"),
        ({"genres": "['k-pop', ['pop']]"}, "is no list of strings in quotes"),
        ({"genres": repr(["k" * 201])}, "has a genre of more than 200 characters"),
        ({"genres": "['k-pop\\ud800']"}, "has an escape for no character"),
        ({"genres": "['k-pop\\x00']"}, "has an escape for no character"),
        ({"genres": "['\\N{DIGIT ONE}']"}, "has an escape that is not known"),
    ],
)
def test_other_cells_that_cannot_be_read_are_named(cell, why):
    [(column, value)] = cell.items()
    assert bad_cell(market.ARTIST_COLUMNS, artist_row(**cell)) == BadCell(7, column, value.strip(), why)


def test_optional_cells_may_be_empty_and_no_key_is_none():
    row = layout_of(market.ARTIST_COLUMNS).read(2, artist_row(key="-1", mode="", count="", genres=""))
    assert (row.key, row.mode, row.count, row.genres) == (None, None, None, [])


def test_a_bad_cell_is_told_by_the_name_that_its_file_gives_the_column():
    header = market.TRACK_COLUMNS["spotify_features"]
    row = market.spotify_features_row(0, market.tracks_rows(1)[0])
    listed = [str(row[column] if column != "track_id" else "") for column in header]
    assert bad_cell(header, listed).column == "track_id"


def test_a_row_of_another_length_is_named_by_its_line():
    cell = bad_cell(market.ARTIST_COLUMNS, artist_row()[:-1])
    assert str(cell) == "line 7 has 15 cells, the header 16"


def test_what_is_shown_of_a_cell_is_short_and_harmless_to_a_terminal():
    assert str(BadCell(3, "tempo", "\x1b[2J" + "9" * 5000, "is no number")).startswith(
        "line 3, column tempo: '\\x1b[2J99"
    )
    assert len(str(BadCell(3, "tempo", "9" * 5000, "is no number"))) < 120


def test_a_track_without_any_name_is_left_out_but_one_with_either_stays():
    header = market.TRACK_COLUMNS["tracks"]
    row = market.listed_row(0, market.tracks_rows(1)[0])

    def read(**change):
        return layout_of(header).read(2, [str((row | change)[column]) for column in header])

    assert read(name="", artists="['']") is None
    assert read(name="", artists="['NCT']").artists == ["NCT"]
    assert read(name="Spring", artists="[]").name == "Spring"


@pytest.mark.parametrize(
    ("date", "year"), [("1969", 1969), ("2012-07", 2012), ("2012-07-21", 2012), ("0000", None), ("", None)]
)
def test_the_year_of_a_release(date, year):
    header = market.TRACK_COLUMNS["tracks"]
    row = market.listed_row(0, market.tracks_rows(1)[0]) | {"release_date": date}
    assert layout_of(header).read(2, [str(row[column]) for column in header]).year == year


@pytest.mark.parametrize("date", ["21.7.2012", "2012-7", "12", "1066", "2012-07-21T00:00"])
def test_a_release_that_is_no_date_is_refused(date):
    with pytest.raises(ValueError, match="is n"):
        cells.year_of_date(date)


@given(st.lists(NAMES))
def test_lists_are_read_as_python_prints_them(names):
    clean = [found for name in names if (found := unicodedata.normalize("NFC", name).strip())]
    assert cells.listed_names(repr(names)) == list(dict.fromkeys(clean))


@given(st.text("[]'\"\\, \nxuU0aé"))
def test_no_text_breaks_the_reading_of_lists(text):
    try:
        names = cells.listed_names(f"[{text}]")
    except ValueError:
        return
    assert all(names)


@pytest.mark.parametrize("hostile", ["[" * 500_000 + "]" * 500_000, "['" + "\\" * 500_001 + "']", "['" * 300_000 + "]"])
def test_deep_nesting_and_long_runs_are_refused_at_once(hostile):
    with pytest.raises(ValueError, match=r"is no list|has an escape"):
        cells.listed_names(hostile)


def test_rows_are_told_by_the_line_where_they_begin():
    text = 'a,b\n"x\ny",1\n\n,\nz,2\n'
    assert list(records(io.BytesIO(text.encode()))) == [(1, ["a", "b"]), (2, ["x\ny", "1"]), (6, ["z", "2"])]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(ending):
    text = "\ufeffgenre,artist_name" + ending + "k-pop,NCT" + ending
    assert [row for _, row in records(io.BytesIO(text.encode()))] == [["genre", "artist_name"], ["k-pop", "NCT"]]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("이름,값\n".encode("cp949"), "not_utf8"),
        ("a,b\nc,d\n".encode("utf-16"), "nul_bytes"),
        (b"a,b\nc\0,d\n", "nul_bytes"),
        (b'a,b\n"c,d\n', "not_csv"),
        (b'a,b\n"c"d,e\n', "not_csv"),
        (b"a,b\rc,d\r", "not_csv"),
        (b"a,b\n" + b"c" * 200_000 + b",d\n", "not_csv"),
        (b"PK\x03\x04rest of a zip\n", "archive"),
        (b"\x1f\x8b\x08rest of a gzip", "archive"),
        (b"a,b\n" + b"c," * MAX_RECORD_BYTES, "line_too_long"),
        (b"a,b\n" + b'"c\n",' * MAX_RECORD_BYTES, "line_too_long"),
    ],
)
def test_what_is_no_csv_in_utf8_is_refused(content, code):
    with pytest.raises(FileRefused) as refusal:
        list(records(io.BytesIO(content)))
    assert refusal.value.code == code


class EndlessLine:
    """Two gigabytes of one cell, made as they are asked for."""

    def __init__(self, size=2_000_000_000):
        self.left = size

    def readline(self, limit=-1):
        given = min(self.left, limit if limit >= 0 else self.left)
        self.left -= given
        return b"x" * given


def test_two_gigabytes_in_one_line_take_no_memory():
    tracemalloc.start()
    with pytest.raises(FileRefused, match="longer than"):
        list(records(EndlessLine()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 * MAX_RECORD_BYTES


def test_the_made_up_files_are_csv_that_others_read_alike(tmp_path):
    path = market.write_tracks_csv(tmp_path / "data.csv", n=30)
    with path.open(encoding="utf-8", newline="") as file, path.open("rb") as raw:
        assert list(csv.reader(file)) == [row for _, row in records(raw)]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("k-pop\u200b", "k-pop"),
        ("\ufeffk-pop", "k-pop"),
        ("k\u00adpop\x07", "kpop"),
        ("k\u3000pop\t", "k pop"),
        ("반도 발라드", "반도 발라드"),
    ],
)
def test_genres_lose_what_cannot_be_seen(written, kept):
    genres = layout_of(market.ARTIST_COLUMNS).read(2, artist_row(genres=repr([written, kept]))).genres
    assert genres == [kept]


def test_a_genre_of_nothing_that_can_be_seen_is_none():
    assert layout_of(market.ARTIST_COLUMNS).read(2, artist_row(genres="['\u200b', 'pop']")).genres == ["pop"]


@given(NAMES)
def test_a_genre_that_is_asked_for_as_it_is_kept_is_found(text):
    assert cells.tag(cells.tag(text)) == cells.tag(text)
