"""The market's page: what its address chooses, what it knows, what it says meanwhile, and its CSV."""

import csv
import gzip
import io
import re
import unicodedata
from urllib.parse import quote

import pytest

from choreography import insights
from choreography.market.cells import LONGEST_TAG
from choreography.market.features import FEATURES, REGRESSORS
from choreography.models import FeatureImport, FeatureRow, Label, MarketAnalysis
from inference.models import Job, JobState
from tests import market
from tests.factories import CuratorFactory
from tests.insights import (
    answer_defaults,
    answer_selection,
    answer_trend,
    partner_person,
    stored_artists,
    stored_tracks,
    stored_years,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_jobs", "first_labels")]

TABLES = ["years", "correlations", "coefficients", "coefficients_small", "residuals", "rosters", "roster_artists"]


@pytest.fixture
def curator(client):
    person = CuratorFactory()
    client.force_login(person)
    return person


@pytest.fixture
def counted(curator):
    stored_artists()
    stored_years()
    answer_defaults()


def page_of(client, query=""):
    response = client.get(f"/insights/{query}")
    assert response.status_code == 200
    return response.context["page"]


def rows_of(response):
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


# What is there


def test_an_empty_site_says_what_to_do(client, curator):
    response = client.get("/insights/")
    page = response.context["page"]
    assert (page.market_state, page.trend_state, page.sources, page.tables) == ("none", "none", [], {})
    assert "import_audio_features" in response.content.decode()
    assert client.get("/insights/state/").json() == {"state": "none", "percent": 0, "message": ""}
    assert client.post("/insights/").status_code == 302
    assert not Job.objects.exists()


def test_the_page_has_all_that_was_counted(client, counted):
    page = page_of(client)
    assert (page.market_state, page.trend_state, page.is_summary) == ("ready", "ready", False)
    assert page.selection.genres == ("k-pop",)
    assert page.models["n"] == len(market.kpop_of(market.artists_rows(320)))
    assert list(page.tables) == list(page.csv_urls) == TABLES
    assert {"trend_danceability", "nine", "small", "residuals", "quantiles", "roster_artists"} <= set(page.charts)
    assert {"correlations", "regression", "residuals", "rosters", "zeros", "trend"} <= set(page.readings)
    assert page.headline
    assert page.trend_headline
    assert [source.kind for source in page.sources if source.is_chosen] == ["artists"]
    assert ("k-pop", 80) in page.tags
    assert page.own is not None
    assert not Job.objects.exists()


@pytest.mark.parametrize("address", ["/insights/", "/insights/tables/residuals.csv"])
def test_large_answers_travel_packed_to_who_can_unpack_them(client, counted, address):
    plain = client.get(address)
    packed = client.get(address, headers={"accept-encoding": "gzip"})
    assert (plain.headers.get("Content-Encoding"), packed["Content-Encoding"]) == (None, "gzip")
    assert len(gzip.decompress(packed.content)) == len(plain.content) > 2 * len(packed.content)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_sentences_are_in_the_readers_language(client, counted, curator, language):
    curator.language = language
    curator.save()
    page = page_of(client)
    sentences = [*page.headline, *page.trend_headline, *(words for found in page.readings.values() for words in found)]
    assert sentences
    for sentence in sentences:
        assert any("가" <= letter <= "힣" for letter in sentence) == (language == "ko"), sentence


def test_rows_without_popularity_can_be_left_out(client, counted):
    page = page_of(client)
    without = client.get(page.zeros_url).context["page"]
    assert without.selection.without_zeros
    assert without.models["n"] == page.models["n"] - page.market["zeros"]
    assert without.readings["regression"] != page.readings["regression"]
    assert without.tables["residuals"].rows != page.tables["residuals"].rows
    assert client.get(without.whole_url).context["page"].models == page.models


def test_where_nobody_has_popularity_zero_nothing_is_left_out(client, curator):
    stored_artists([row for row in market.artists_rows(120) if row["popularity"]])
    answer_defaults()
    page = page_of(client, "?zeros=without")
    assert page.market["zeros"] == 0
    assert page.models == page.market["whole"]
    assert page.readings["regression"]


def test_tracks_serve_where_there_are_no_artists_and_their_years_where_there_is_no_such_file(client, curator):
    stored_tracks()
    answer_defaults()
    page = page_of(client)
    assert (page.selection.source_kind, page.market_state, page.trend_state) == ("tracks", "ready", "ready")
    assert page.trend["rows"]
    assert page.tables["years"].columns[-1].key == "tracks"


# What is chosen


def test_tags_are_exact_and_any_of_them_is_enough(client, counted):
    answer_selection(genres=("folk-pop", "jazz"))
    page = page_of(client, "?genre=jazz&genre=folk-pop&genre=jazz&genre=pop")
    assert page.selection.genres == ("jazz", "folk-pop")
    assert page.selection.unknown == ("pop",)
    assert page.market_state == "ready"
    tags = [set(row["genres"]) for row in market.artists_rows(320)]
    assert page.models["n"] == sum(bool({"folk-pop", "jazz"} & found) for found in tags)


def test_the_longest_tag_of_a_file_can_be_chosen_and_typed(client, curator):
    longest = ("반도 발라드" * 40)[:LONGEST_TAG]
    rows = market.artists_rows(40)
    rows[0]["genres"] = [longest]
    stored_artists(rows)
    for typed in (longest, f" {longest}", unicodedata.normalize("NFD", longest), longest.replace(" ", "\u00a0")):
        assert page_of(client, f"?genre={quote(typed)}").selection.genres == (longest,)
    field = re.search(r'<input id="genre"[^>]*maxlength="(\d+)"', client.get("/insights/").content.decode())
    assert int(field[1]) >= 2 * LONGEST_TAG, "browsers count a letter outside the first plane as two"


def test_an_empty_tag_means_all_and_an_unknown_one_the_first_look(client, counted):
    answer_selection()
    assert page_of(client, "?genre=").models["n"] == 320
    page = page_of(client, "?genre=polka")
    assert (page.selection.genres, page.selection.unknown) == (("k-pop",), ("polka",))
    assert "polka" in client.get("/insights/?genre=polka").content.decode()


def test_the_addresses_of_a_page_lead_to_the_same_choice(client, counted):
    answer_selection(genres=("children's music", "반도 발라드"))
    page = page_of(client, "?genre=children's music&genre=반도 발라드&zeros=without")
    assert page.market_state == "ready"
    for url in (page.zeros_url, page.state_url, *page.csv_urls.values()):
        assert client.get(url).status_code == 200, url
    assert client.get(page.zeros_url).context["page"].selection == page.selection
    assert client.get(page.state_url).json()["state"] == "ready"
    everything = page_of(client, "?genre=")
    assert client.get(everything.zeros_url).context["page"].selection.genres == ()


@pytest.mark.parametrize(
    "query",
    [
        "?genre=%00",
        "?genre=k-pop%00&source=%00&zeros=%00",
        "?genre=" + "x" * 10_000_000,
        "?" + "&".join(f"genre=tag{number}" for number in range(900)),
        "?genre=%ff%fe&genre=%ED%A0%80",
        "?genre='); DROP TABLE x; --&genre=\\&genre={}&genre=%25&genre=%22",
        "?genre=<script>alert(1)</script>",
        "?source=years",
        "?source=artists&source=tracks&genre[]=1&page=-1",
    ],
    ids=lambda query: query[:30],
)
def test_hostile_addresses_are_only_unknown_tags(client, counted, query):
    response = client.get(f"/insights/{query}")
    page = response.context["page"]
    assert (response.status_code, page.selection.source_kind, page.selection.genres) == (200, "artists", ("k-pop",))
    assert len(page.selection.unknown) <= 5
    assert all(len(tag) <= LONGEST_TAG for tag in page.selection.unknown)
    assert b"<script>alert" not in response.content
    assert client.get(f"/insights/state/{query}").json()["state"] == "ready"
    assert client.get(f"/insights/tables/years.csv{query}").status_code == 200
    assert not Job.objects.exists()


def test_more_names_than_a_form_may_have_are_refused(client, counted):
    assert client.get("/insights/?" + "&".join(f"genre=tag{number}" for number in range(1_100))).status_code == 400


# While it is counted


def test_a_page_that_is_not_counted_yet_says_so_and_asks_once(client, counted, curator):
    page = page_of(client, "?genre=jazz")
    assert (page.market_state, page.trend_state) == ("waiting", "ready")
    assert page.market_message
    assert (page.models, page.charts.keys() & {"nine"}) == (None, set())
    assert page.trend
    page_of(client, "?genre=jazz")
    job = Job.objects.get()
    assert job.owner == curator
    assert client.get(page.state_url).json() == {"state": "waiting", "percent": 0, "message": page.market_message}
    Job.objects.update(state=JobState.RUNNING, percent=20)
    state = client.get(page.state_url).json()
    assert (state["state"], state["percent"]) == ("waiting", 20)
    assert state["message"] != page.market_message
    answer_selection(genres=("jazz",))
    assert client.get(page.state_url).json()["state"] == "ready"


def test_what_failed_says_so_and_is_tried_again_by_a_press(client, counted):
    page_of(client, "?genre=jazz")
    Job.objects.update(state=JobState.FAILED, failure_code="internal")
    page = page_of(client, "?genre=jazz")
    assert page.market_state == "failed"
    assert "try again" in page.market_message.lower()
    assert client.get(page.state_url).json()["state"] == "failed"
    assert client.post("/insights/?genre=jazz").url == "/insights/?genre=jazz"
    assert page_of(client, "?genre=jazz").market_state == "waiting"


def test_too_many_in_a_minute_wait_and_begin_by_themselves(client, counted, monkeypatch):
    monkeypatch.setattr(insights, "MOST_A_MINUTE", 1)
    page_of(client, "?genre=jazz")
    page = page_of(client, "?genre=rock")
    assert page.market_state == "waiting"
    assert MarketAnalysis.objects.filter(request__genres=["rock"]).count() == 0
    Job.objects.update(state=JobState.FAILED, failure_code="internal")
    assert "Wait a moment" in client.post("/insights/?genre=jazz", follow=True).content.decode()
    Job.objects.all().delete()
    assert client.get(page.state_url).json()["state"] == "waiting"
    assert MarketAnalysis.objects.filter(request__genres=["rock"]).count() == 1


def test_a_file_that_is_replaced_meanwhile_begins_anew(client, counted):
    page = page_of(client, "?genre=jazz")
    newer = market.artists_rows(40, seed=5)
    FeatureRow.objects.filter(source__kind="artists").delete()
    FeatureImport.objects.filter(kind="artists").update(is_active=False)
    stored_artists(newer)
    assert client.get(page.state_url).json()["state"] == "waiting"
    answer_defaults()
    assert page_of(client).models["n"] == len(market.kpop_of(newer))


def test_changed_rosters_are_compared_anew(client, counted):
    label = Label.objects.get(name_en="HYBE")
    label.artists = ["Mint 50", "not there"]
    label.save()
    assert page_of(client).market_state == "waiting"
    answer_defaults()
    [roster] = [roster for roster in page_of(client).market["rosters"] if roster["label"] == label.pk]
    assert [artist["name"] for artist in roster["artists"]] == ["Mint 50"]
    label.delete()
    answer_defaults()
    assert label.pk not in {roster["label"] for roster in page_of(client).market["rosters"]}


# Tables


def test_the_csv_has_stable_keys_in_every_language(client, counted, curator):
    english = {slug: client.get(url).content for slug, url in page_of(client).csv_urls.items()}
    curator.language = "ko"
    curator.save()
    assert {slug: client.get(url).content for slug, url in page_of(client).csv_urls.items()} == english
    response = client.get("/insights/tables/coefficients.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="kdance-coefficients.csv"'
    assert response.content.startswith(b"\xef\xbb\xbffeature,")


def test_the_csv_is_what_was_counted(client, counted):
    page = page_of(client)
    nine = {row["feature"]: row for row in rows_of(client.get(page.csv_urls["coefficients"]))}
    assert set(nine) == {"const", *REGRESSORS}
    for coefficient in page.models["nine"]["coefficients"]:
        row = nine[coefficient["name"]]
        assert float(row["estimate"]) == coefficient["estimate"]
        assert row["vif"] == ("" if coefficient["vif"] is None else repr(coefficient["vif"]))
        assert float(row["points_a_step"]) == coefficient["estimate"] * (coefficient["step"] or 1)
    pairs = rows_of(client.get(page.csv_urls["correlations"]))
    assert len(pairs) == len(FEATURES) * (len(FEATURES) + 1) // 2
    years = rows_of(client.get(page.csv_urls["years"]))
    assert [int(row["year"]) for row in years] == page.trend["years"]
    assert [float(row["tempo"]) for row in years] == page.trend["series"]["tempo"]
    artists = rows_of(client.get(page.csv_urls["roster_artists"]))
    assert any(row["artist"] == "f(x)" and row["danceability"] for row in artists)


def test_the_csv_follows_the_choice(client, counted):
    whole = rows_of(client.get("/insights/tables/residuals.csv"))
    without = rows_of(client.get("/insights/tables/residuals.csv?zeros=without"))
    assert len(without) < len(whole)


def test_names_that_are_formulas_are_words(client, curator):
    rows = market.artists_rows(320)
    rows[0]["artists"] = '=HYPERLINK("http://evil.example")'
    stored_artists(rows)
    Label.objects.filter(name_en="HYBE").update(artists=[rows[0]["artists"], "+1", "\u3000@SUM(A1)"])
    answer_defaults()
    content = client.get("/insights/tables/roster_artists.csv").content.decode("utf-8-sig")
    names = [row["artist"] for row in csv.DictReader(io.StringIO(content)) if row["label"] == "HYBE"]
    assert set(names) == {"'" + rows[0]["artists"], "'+1", "'\u3000@SUM(A1)"}


@pytest.mark.parametrize("slug", ["nothing", "YEARS", "years-1"])
def test_a_table_that_is_none(client, counted, slug):
    assert client.get(f"/insights/tables/{slug}.csv").status_code == 404


def test_tables_that_are_not_counted_yet(client, counted):
    assert client.get("/insights/tables/coefficients.csv?genre=jazz").status_code == 404


# Budgets


@pytest.mark.parametrize("who", ["curator", "partner"])
def test_the_page_asks_the_database_little_however_much_there_is(client, counted, django_assert_max_num_queries, who):
    if who == "partner":
        client.force_login(partner_person(Label.objects.first()))
    Label.objects.bulk_create(Label(name_en=f"Label {number}") for number in range(30))
    page_of(client)  # our own dances are counted once a week
    with django_assert_max_num_queries(14):
        page_of(client)
    with django_assert_max_num_queries(7):
        client.get("/insights/state/")
    with django_assert_max_num_queries(7):
        client.get("/insights/tables/residuals.csv")
    with django_assert_max_num_queries(14 + 5):
        page_of(client, "?" + "&".join(f"genre=unknown{number}" for number in range(300)))


def test_the_rosters_are_those_of_all_labels_for_every_partner(client, counted):
    """What was measured of published music is nobody's secret; the dances here are."""
    label = Label.objects.first()
    client.force_login(partner_person(label))
    page = page_of(client)
    assert {roster["label"] for roster in page.market["rosters"]} == set(page.labels)
    assert [own.pk for own in page.own.labels] == [label.pk]


def test_a_trend_that_waits_holds_up_nothing_else(client, curator):
    stored_artists()
    answer_defaults()
    stored_years()
    page = page_of(client)
    assert (page.market_state, page.trend_state) == ("ready", "waiting")
    assert page.trend_message
    answer_trend()
    assert page_of(client).trend_state == "ready"
