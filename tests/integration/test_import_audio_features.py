"""Files of audio features into the database: whole or not at all, once, one after the other, in bounded memory."""

import os
import tracemalloc
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from choreography import market_import
from choreography.market.refusals import FileRefused
from choreography.market_import import import_features
from choreography.models import FeatureImport, FeatureRow, MarketAnalysis
from tests import market
from tests.factories import CuratorFactory
from tests.market_imports import imported, refused, repeated, state

pytestmark = pytest.mark.usefixtures("quiet_jobs")


@pytest.fixture
def artists(tmp_path, db):
    return market.write_artists_csv(tmp_path / "data_w_genres.csv", n=40)


def change_line(path, number, old, new):
    lines = path.read_text().splitlines(keepends=True)
    assert old in lines[number - 1]
    before, _, after = lines[number - 1].rpartition(old)
    lines[number - 1] = before + new + after
    path.write_text("".join(lines))


def test_artists_are_stored_as_the_file_has_them(artists):
    rows = market.artists_rows(40)
    said = imported(artists)
    source = FeatureImport.objects.get()
    assert said == f"Imported 40 artists from data_w_genres.csv, SHA-256 {source.sha256}.\n"
    assert (source.kind, source.row_count, source.is_active) == ("artists", 40, True)
    assert source.size_bytes == artists.stat().st_size
    stored = source.feature_rows.order_by("line")
    assert [row.line for row in stored] == list(range(2, 42))
    fields = ("popularity", "danceability", "duration_ms", "loudness", "tempo", "key", "mode", "count")
    assert list(stored.values_list("name", "artists", "genres", *fields)) == [
        (row["artists"], [row["artists"]], row["genres"], *(row[field] for field in fields)) for row in rows
    ]


@pytest.mark.parametrize("layout", market.TRACK_COLUMNS)
def test_tracks_of_each_layout_are_stored(layout, tmp_path, db):
    rows = market.tracks_rows(30)
    imported(market.write_tracks_csv(tmp_path / f"{layout}.csv", rows=rows, layout=layout))
    stored = FeatureRow.objects.filter(source__kind="tracks", source__is_active=True).order_by("line")
    assert [row.name for row in stored] == [row["name"] for row in rows]
    assert [row.artists[0] for row in stored] == [row["artists"][0] for row in rows]
    if layout in ("data", "tracks"):
        assert [row.year for row in stored] == [row["year"] for row in rows]
    else:
        assert [row.genres for row in stored] == [row["genres"] for row in rows]


def test_years_are_stored_and_a_year_twice_is_refused(tmp_path, db):
    rows = market.years_rows(2000, 2004)
    imported(market.write_years_csv(tmp_path / "data_by_year.csv", rows=rows))
    assert list(FeatureRow.objects.order_by("line").values_list("year", "popularity")) == [
        (row["year"], row["popularity"]) for row in rows
    ]
    twice = market.write_years_csv(tmp_path / "twice.csv", rows=[*rows, rows[1]])
    assert "line 7, column year: '2001' stands in an earlier line, too" in refused(twice)


def test_a_genre_is_found_by_its_exact_tag(artists):
    imported(artists)
    tagged = FeatureRow.objects.filter(genres__contains=["k-pop"])
    assert tagged.count() == 10
    assert FeatureRow.objects.filter(genres__contains=["folk-pop"]).exists()
    assert not tagged.filter(genres__contains=["folk-pop"]).exists()


@pytest.mark.parametrize("layout", ["dataset", "spotify_features"])
def test_a_track_that_stands_once_for_each_genre_counts_once_with_all_of_them(layout, tmp_path, db):
    rows = market.tracks_rows(8)
    again = [{**rows[3], "genres": [genre]} for genre in ("dance", "afrobeat", "dance")]
    path = market.write_tracks_csv(tmp_path / "file.csv", rows=[*rows, *again], layout=layout)
    assert "3 lines name a track again" in imported(path)
    assert FeatureImport.objects.get().row_count == 8
    assert FeatureRow.objects.get(line=5).genres == [*rows[3]["genres"], "dance", "afrobeat"]
    assert FeatureRow.objects.get(line=5).popularity == rows[3]["popularity"]


def test_a_track_without_a_name_is_left_out_and_told(tmp_path, db):
    rows = market.tracks_rows(5)
    rows[2] |= {"name": "", "artists": [""], "duration_ms": 0}
    assert "1 lines are left out" in imported(market.write_tracks_csv(tmp_path / "a.csv", rows=rows, layout="tracks"))
    assert FeatureImport.objects.get().row_count == 4


def test_the_same_file_again_changes_nothing_whatever_it_is_called(artists, tmp_path):
    imported(artists)
    before = state()
    analyses = MarketAnalysis.objects.count()
    renamed = tmp_path / "again.csv"
    renamed.write_bytes(artists.read_bytes())
    assert imported(renamed).startswith("This file is in use already: 40 artists from data_w_genres.csv")
    assert state() == before
    assert MarketAnalysis.objects.count() == analyses


def test_a_new_file_replaces_the_one_of_its_kind_and_an_old_one_can_come_back(artists, tmp_path):
    years = market.write_years_csv(tmp_path / "data_by_year.csv")
    imported(artists), imported(years)
    other = market.write_artists_csv(tmp_path / "other.csv", n=12, seed=5)
    imported(other)
    active = FeatureImport.objects.filter(is_active=True)
    assert sorted(active.values_list("file_name", "row_count")) == [("data_by_year.csv", 100), ("other.csv", 12)]
    assert FeatureRow.objects.count() == 112, "rows that nobody uses are gone"
    assert imported(artists).startswith("Imported 40 artists")
    assert sorted(active.values_list("file_name", "row_count")) == [
        ("data_by_year.csv", 100),
        ("data_w_genres.csv", 40),
    ]
    assert FeatureImport.objects.count() == 3, "each file is known once"
    assert FeatureRow.objects.count() == 140


def test_the_first_analyses_are_set_going_for_nobody_in_particular(artists):
    imported(artists)
    analyses = MarketAnalysis.objects.select_related("job")
    assert {analysis.request["source"] for analysis in analyses} == {FeatureImport.objects.get().pk}
    assert {analysis.job.owner_id for analysis in analyses} == {None}


def test_names_that_stand_twice_are_told(tmp_path, db):
    rows = market.artists_rows(12)
    rows[7]["artists"] = rows[9]["artists"] = rows[2]["artists"]
    path = market.write_artists_csv(tmp_path / "a.csv", rows=rows)
    assert f"in more than one row: {rows[2]['artists']} (3)." in imported(path)
    assert FeatureImport.objects.get().repeated == [{"name": rows[2]["artists"], "rows": 3}]


def test_korean_names_of_artists_and_of_the_file(tmp_path, db):
    rows = market.artists_rows(4)
    rows[0]["artists"] = "소녀시대 (少女時代)"
    imported(market.write_artists_csv(tmp_path / "가수 목록.csv", rows=rows))
    assert FeatureImport.objects.get().file_name == "가수 목록.csv"
    assert FeatureRow.objects.get(line=2).artists == ["소녀시대 (少女時代)"]


def test_a_file_whose_name_is_no_text_is_imported(artists):
    odd = artists.with_name(os.fsdecode(b"\xff\xfe.csv"))
    artists.rename(odd)
    imported(odd)
    assert FeatureImport.objects.get().file_name == "\ufffd\ufffd.csv"


def test_bad_rows_are_named_and_nothing_is_imported(artists):
    imported(artists)
    before = state()
    rows = market.artists_rows(60, seed=9)
    for number, row in enumerate(rows[10:35]):
        row["energy"] = f"loud {number}"
    bad = market.write_artists_csv(artists.with_name("bad.csv"), rows=rows)
    said = refused(bad)
    assert said.startswith("Nothing was imported.\nline 12, column energy: 'loud 0' is no number\n")
    assert "line 31, column energy: 'loud 19'" in said
    assert "loud 20" not in said
    assert said.endswith("and 5 more rows (bad_rows)")
    assert state() == before
    with pytest.raises(FileRefused) as refusal:
        import_features(bad)
    assert (len(refusal.value.bad), refusal.value.bad_count) == (20, 25)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("['", "[[", "line 3, column genres"),
        (",", "", "line 3 has 15 cells, the header 16"),
    ],
)
def test_a_broken_line_is_named(artists, old, new, said):
    change_line(artists, 3, old, new)
    assert said in refused(artists)
    assert not FeatureImport.objects.exists()


def test_what_is_no_file_of_ours_is_refused_with_a_stable_code(tmp_path, db):
    good = market.write_artists_csv(tmp_path / "good.csv", n=4).read_bytes()
    header = good.partition(b"\n")[0] + b"\n"
    files = {
        "empty_file": b"",
        "no_rows": header,
        "not_utf8": good + "가".encode("cp949"),
        "nul_bytes": good.replace(b"EXO", b"E\0O"),
        "not_csv": good.replace(b"EXO", b'"EXO'),
        "archive": b"PK\x03\x04" + good,
        "line_too_long": header + b"x" * (3 << 20),
        "repeated_columns": good.replace(b"count", b"tempo", 1),
        "missing_columns": good.replace(b"count", b"", 1).replace(b"energy", b"anger", 1),
        "unknown_layout": b"a,b\n1,2\n",
    }
    for code, content in files.items():
        path = tmp_path / f"{code}.csv"
        path.write_bytes(content)
        assert refused(path).endswith(f"({code})"), code
    blank = tmp_path / "blank.csv"
    blank.write_bytes(b"\n\n")
    os.mkfifo(tmp_path / "pipe")
    assert refused(blank).endswith("(no_rows)")
    assert refused(tmp_path).endswith("(not_a_file)")
    assert refused(tmp_path / "pipe").endswith("(not_a_file)")
    assert refused(tmp_path / "gone.csv").endswith("(no_such_file)")
    assert refused(tmp_path / "good.csv", "--kind", "tracks").endswith("(other_kind)")
    assert not FeatureImport.objects.exists()
    assert not FeatureRow.objects.exists()


def test_a_file_that_may_not_be_read_is_refused(artists, monkeypatch):
    def forbidden(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", forbidden)
    assert refused(artists).endswith("cannot be read: Permission denied. (unreadable)")


def test_a_file_that_changes_while_it_is_read_is_refused(artists, monkeypatch):
    wait = market_import._wait_for_others

    def wait_and_change(on_wait):
        wait(on_wait)
        change_line(artists, 2, "k-pop", "j-pop")

    monkeypatch.setattr(market_import, "_wait_for_others", wait_and_change)
    assert refused(artists).endswith("(changed_meanwhile)")
    assert not FeatureImport.objects.exists()


def test_progress_goes_up_to_the_end(tmp_path, db):
    shares = []
    import_features(market.write_artists_csv(tmp_path / "a.csv", n=12_000), on_progress=shares.append)
    assert len(shares) >= 2
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


class Terminal(StringIO):
    def isatty(self):
        return True


def test_a_terminal_shows_how_far_it_is_and_is_left_clean(artists):
    terminal, log = Terminal(), StringIO()
    call_command("import_audio_features", artists, stdout=StringIO(), stderr=terminal)
    assert terminal.getvalue() == "\r100%\r\x1b[K"
    call_command("import_audio_features", artists, stdout=StringIO(), stderr=log)
    assert not log.getvalue()


def test_ctrl_c_leaves_everything_as_it_was(artists, monkeypatch):
    imported(artists)
    before = state()
    other = market.write_artists_csv(artists.with_name("other.csv"), n=60, seed=2)
    monkeypatch.setattr(market_import, "_repeated", interrupt)
    with pytest.raises(CommandError, match="Stopped") as stopped:
        imported(other)
    assert stopped.value.returncode == 130
    assert state() == before


def interrupt(*args):
    raise KeyboardInterrupt


def test_memory_does_not_grow_with_the_file(tmp_path, db):
    small = market.write_tracks_csv(tmp_path / "small.csv", n=2_000)
    large = repeated(small, 15, tmp_path / "large.csv")
    import_features(small)
    peaks = [peak_of_import(path) for path in (small, large)]
    assert FeatureImport.objects.get(is_active=True).row_count == 30_000
    assert peaks[1] < peaks[0] + 300_000 < large.stat().st_size / 4


def peak_of_import(path):
    FeatureImport.objects.all().delete()
    tracemalloc.start()
    import_features(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_curators_see_imports_and_change_none(client, artists):
    imported(artists)
    source = FeatureImport.objects.get()
    client.force_login(CuratorFactory())
    page = client.get(reverse("admin:choreography_featureimport_changelist"))
    assert "data_w_genres.csv" in page.content.decode()
    change = reverse("admin:choreography_featureimport_change", args=[source.pk])
    assert source.sha256 in client.get(change).content.decode()
    assert client.post(change, {"file_name": "other.csv"}).status_code == 403
    assert client.get(reverse("admin:choreography_featureimport_add")).status_code == 403
    assert client.post(reverse("admin:choreography_featureimport_delete", args=[source.pk])).status_code == 403
    assert FeatureImport.objects.get().file_name == "data_w_genres.csv"
