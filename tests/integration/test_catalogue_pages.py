"""The first page, the list and one choreography: who sees what, in how many queries."""

import pytest
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from choreography.models import Difficulty
from tests.factories import (
    AttemptFactory,
    ChoreographyFactory,
    ComparisonFactory,
    GuideFactory,
    PublishedChoreographyFactory,
    SectionFactory,
    SongFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

LIST = "/choreographies/"


@pytest.fixture
def dancer(client):
    person = UserFactory()
    client.force_login(person)
    return person


def titles(response):
    return [row.song.title_en for row in response.context["page"]]


def dance(title, **fields):
    song = {name: fields.pop(name) for name in ("bpm", "title_ko") if name in fields}
    return PublishedChoreographyFactory(song=SongFactory(title_en=title, **song), **fields)


def test_two_hundred_dances_cost_two_queries(client, django_assert_num_queries):
    PublishedChoreographyFactory.create_batch(200)
    with django_assert_num_queries(2):  # how many, and one page of them
        response = client.get(LIST)
    assert len(response.context["page"]) == 24
    assert response.context["page"].paginator.num_pages == 9


def test_a_search_costs_no_more(client, dancer, django_assert_num_queries):
    PublishedChoreographyFactory.create_batch(30)
    with django_assert_num_queries(4):  # session, person, how many, one page
        response = client.get(LIST, {"q": "song", "difficulty": "2", "tempo": "medium", "order": "popular"})
    assert len(response.context["page"]) == 24


def test_posters_are_not_read_for_a_list(client):
    PublishedChoreographyFactory.create_batch(3)
    from django.db import connection

    with CaptureQueriesContext(connection) as queries:
        client.get(LIST)
    assert not any('"poster"' in query["sql"] for query in queries)


def test_pages_keep_the_question(client):
    PublishedChoreographyFactory.create_batch(25)
    response = client.get(LIST, {"q": "song", "page": "2"})
    assert len(response.context["page"]) == 1
    assert 'href="?q=song&amp;page=1"' in response.content.decode()


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", ""])
def test_a_page_that_is_not_there_shows_one_that_is(client, page):
    dance("Here")
    assert titles(client.get(LIST, {"page": page})) == ["Here"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, {"Slow solo", "Fast group"}),
        ({"difficulty": Difficulty.IDOL}, {"Fast group"}),
        ({"dancers": "solo"}, {"Slow solo"}),
        ({"dancers": "group"}, {"Fast group"}),
        ({"tempo": "slow"}, {"Slow solo"}),
        ({"tempo": "medium"}, set()),
        ({"tempo": "fast"}, {"Fast group"}),
        ({"tempo": "fast", "dancers": "solo"}, set()),
    ],
)
def test_filters(client, asked, expected):
    dance("Slow solo", bpm=99.5, difficulty=Difficulty.FIRST_STEPS)
    dance("Fast group", bpm=131.0, difficulty=Difficulty.IDOL, dancers=5)
    assert set(titles(client.get(LIST, asked))) == expected


@pytest.mark.parametrize(
    "nonsense",
    [{"difficulty": "9"}, {"difficulty": "x"}, {"dancers": "7"}, {"tempo": "presto"}, {"order": "-id"}, {"q": "\x00"}],
)
def test_nonsense_counts_as_not_asked(client, nonsense):
    dance("Here")
    response = client.get(LIST, nonsense)
    assert response.status_code == 200
    assert titles(response) == ["Here"]


def test_orders(client):
    middle, first = dance("Middle"), dance("a first")
    dance("Zero", title_ko="가나다")
    AttemptFactory.create_batch(2, guide=middle.guides.get())
    AttemptFactory(guide=first.guides.get())
    assert titles(client.get(LIST)) == ["Zero", "a first", "Middle"]
    assert titles(client.get(LIST, {"order": "popular"})) == ["Middle", "a first", "Zero"]
    assert titles(client.get(LIST, {"order": "title"})) == ["a first", "Middle", "Zero"]


def test_your_best_is_yours(client, dancer):
    here = dance("Here")
    guide = here.guides.get()
    ComparisonFactory(attempt=AttemptFactory(guide=guide, dancer=dancer), score=61.2)
    ComparisonFactory(attempt=AttemptFactory(guide=guide, dancer=dancer), score=71.6)
    ComparisonFactory(attempt=AttemptFactory(guide=guide), score=99.0)
    content = client.get(LIST).content.decode()
    assert "Your best: 72" in content
    client.logout()
    assert "Your best" not in client.get(LIST).content.decode()


def test_an_empty_list_invites(client):
    assert "The floor is still empty" in client.get(LIST).content.decode()
    dance("Here")
    assert "Nothing danced to “zebra” yet" in client.get(LIST, {"q": "zebra"}).content.decode()
    assert "No dance fits all of that" in client.get(LIST, {"dancers": "group"}).content.decode()


def test_words_of_a_search_are_escaped(client):
    assert "<script>alert" not in client.get(LIST, {"q": "<script>alert(1)</script>"}).content.decode()


@pytest.mark.parametrize("state", ["draft", "processing", "ready", "withdrawn"])
def test_without_a_published_guide_there_is_no_page(client, state):
    hidden = GuideFactory(state=state, choreography__song__title_en="Hidden").choreography
    assert client.get(hidden.get_absolute_url()).status_code == 404
    assert "Hidden" not in client.get(LIST).content.decode()
    assert "Hidden" not in client.get("/").content.decode()


def test_a_choreography_without_a_guide_has_no_page(client):
    assert client.get(ChoreographyFactory().get_absolute_url()).status_code == 404


def test_one_choreography(client, django_assert_num_queries):
    here = dance("Here", is_demo=True, choreographer="Kim", licence="CC BY 4.0", source="https://example.org/dance")
    SectionFactory(choreography=here)
    with django_assert_num_queries(2):  # the guide with its dance, the sections
        response = client.get(here.get_absolute_url())
    content = response.content.decode()
    for words in ("Here", "Kim", "CC BY 4.0", "https://example.org/dance", "Demo data: motion authored by KDance."):
        assert words in content
    payload = response.context["player_payload"]
    assert payload["guide"]["track_url"].startswith(f"{reverse('guide_track', args=[here.guides.get().pk])}?v=")
    assert payload["counts"] == {"bpm": 120.0, "first_beat_s": 0.0}
    assert payload["sections"] == [{"kind": "chorus", "label": "chorus", "start_s": 0.0, "end_s": 8.0}]
    assert "attempt" not in payload
    assert len(payload["skeleton"]["joints"]) == 29


def test_without_a_tempo_there_are_no_counts(client):
    assert "counts" not in client.get(dance("Here", bpm=None).get_absolute_url()).context["player_payload"]


def test_only_signed_in_dancers_send_takes_and_see_their_own(client, django_assert_num_queries):
    here = dance("Here")
    upload = reverse("attempt_upload", args=[here.slug])
    assert upload not in client.get(here.get_absolute_url()).content.decode()
    person = UserFactory()
    client.force_login(person)
    mine = [AttemptFactory(guide=here.guides.get(), dancer=person) for _ in range(5)]
    AttemptFactory(guide=here.guides.get())
    AttemptFactory(dancer=person)
    with django_assert_num_queries(5):  # session, person, guide, sections, takes
        response = client.get(here.get_absolute_url())
    assert upload in response.content.decode()
    assert set(response.context["attempts"]) == set(mine)


def test_the_first_page_moves_and_invites(client, django_assert_num_queries):
    demo = dance("Demo", is_demo=True)
    dance("Newer")
    with django_assert_num_queries(2):
        response = client.get("/")
    assert response.context["featured"] == demo
    content = response.content.decode()
    assert "Try the demo" in content
    assert reverse("guide_poster_data", args=[demo.guides.get().pk]) in content


def test_the_first_page_of_an_empty_site(client):
    assert "The floor is still empty" in client.get("/").content.decode()


def test_the_first_page_goes_on_where_you_stopped(client, dancer, django_assert_num_queries):
    first, second = dance("First"), dance("Second")
    for guide in (first.guides.get(), second.guides.get(), first.guides.get()):
        ComparisonFactory(attempt=AttemptFactory(guide=guide, dancer=dancer))
    AttemptFactory()  # somebody else's
    # Session, person, going on, what is remembered, the maps of those dances, newest (few: no second shelf).
    with django_assert_num_queries(6):
        response = client.get("/")
    assert [row.song.title_en for row, _ in response.context["going_on"]] == ["First", "Second"]


def test_a_second_shelf_opens_when_it_shows_something_new(client, dancer, django_assert_num_queries):
    PublishedChoreographyFactory.create_batch(6)
    assert client.get("/").context["most_danced"] == []
    most = AttemptFactory(guide=dance("Oldest", slug="oldest").guides.get()).choreography
    with django_assert_num_queries(6):  # session, person, going on, what is remembered, newest, most danced
        response = client.get("/")
    assert response.context["most_danced"][0] == most
    assert len(response.context["newest"]) == len(response.context["most_danced"]) == 6


def test_a_withdrawn_dance_is_not_gone_on_with(client, dancer):
    AttemptFactory(dancer=dancer, guide=GuideFactory(state="withdrawn"))
    assert not client.get("/").context["going_on"]


@pytest.mark.parametrize("address", ["/nowhere/", "/choreographies/nowhere/"])
def test_a_lost_page_shows_the_way(client, address):
    response = client.get(address)
    assert response.status_code == 404
    assert "Nobody dances here" in response.content.decode()


def test_names_follow_the_language(client):
    dance("Hype Boy", title_ko="하입보이")
    assert "하입보이" in client.get(LIST, headers={"accept-language": "ko"}).content.decode()
    assert "Hype Boy" in client.get(LIST, headers={"accept-language": "en"}).content.decode()


@pytest.mark.parametrize("address", ["/", LIST])
def test_pages_carry_no_inline_code(client, address):
    dance("Here")
    response = client.get(address)
    content = response.content.decode()
    assert " style=" not in content
    assert "onclick" not in content
    assert "'unsafe-inline'" not in response.headers["Content-Security-Policy"]
    nonce = response.headers["Content-Security-Policy"].split("'nonce-")[1].split("'")[0]
    assert f'<script type="module" nonce="{nonce}"' in content
