"""Dancers find a dance under every name they type, and nothing else."""

import pytest

from choreography.models import Choreography
from choreography.queries.catalogue import Wish, catalogue
from tests.factories import ArtistFactory, GuideFactory, PublishedChoreographyFactory, SongFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def dances():
    new_jeans = ArtistFactory(name_en="NewJeans", name_ko="뉴진스", name_romanised="Nyujinseu")
    fx = ArtistFactory(name_en="f(x)", name_ko="에프엑스", name_romanised="Epeuekseu")
    beyonce = ArtistFactory(name_en="Beyoncé")
    songs = {
        "hype": SongFactory(artist=new_jeans, title_en="Hype Boy", title_ko="하입보이"),
        "ditto": SongFactory(artist=new_jeans, title_en="Ditto"),
        "four": SongFactory(artist=fx, title_en="4 Walls", title_ko="포 월즈"),
        "love": SongFactory(artist=ArtistFactory(name_en="IVE", name_ko="아이브"), title_en="LOVE DIVE"),
        "halo": SongFactory(artist=beyonce, title_en="Halo"),
        "gangnam": SongFactory(
            artist=ArtistFactory(name_en="PSY", name_ko="싸이"), title_en="Gangnam Style", title_ko="강남스타일"
        ),
    }
    return {name: PublishedChoreographyFactory(song=song, slug=name) for name, song in songs.items()}


def found(words):
    return {row.slug for row in catalogue(Wish(q=words))}


@pytest.mark.parametrize(
    "words",
    [
        "뉴진스", "newjeans", "New Jeans", "NewJeans", "NEW  JEANS", "new-jeans", "nyujinseu", "Nyu jinseu", "nujinseu",
        "nyujinsu", "newjean", "뉴진", "\u1102\u1172\u110c\u1175\u11ab\u1109\u1173", "ｎｅｗｊｅａｎｓ",
    ],
)  # fmt: skip
def test_one_artist_under_many_names(dances, words):
    assert found(words) == {"hype", "ditto"}


@pytest.mark.parametrize("words", ["f(x)", "fx", "F (X)", "에프엑스", "에프"])
def test_a_name_of_two_letters_and_brackets(dances, words):
    assert found(words) == {"four"}


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        ("hype boy", "hype"),
        ("하입", "hype"),
        ("뉴진스 하입보이", "hype"),
        ("하입보이 newjeans", "hype"),
        ("hypeboi", "hype"),
        ("lov dive", "love"),
        ("lovediv", "love"),
        ("love  dive ive", "love"),
        ("beyonce", "halo"),
        ("BEYONCÉ", "halo"),
        ("강남", "gangnam"),
        ("강남 스타일", "gangnam"),
        ("gangnam stile", "gangnam"),
        ("4walls", "four"),
    ],
)
def test_a_song(dances, words, slug):
    assert found(words) == {slug}


@pytest.mark.parametrize("words", ["zebra", "트와이스", "()", "%", "_", "'; DROP TABLE", "🕺", "newtwice"])
def test_nothing_for_what_is_not_there(dances, words):
    assert found(words) == set()


def test_no_words_ask_nothing(dances):
    assert found("") == set(dances)


def test_the_closest_comes_first(dances):
    near = PublishedChoreographyFactory(slug="near", song=SongFactory(title_en="Hype Boi"))
    assert [row.slug for row in catalogue(Wish(q="hype boi"))] == [near.slug, "hype"]


def test_a_new_name_is_found_at_once(dances):
    dances["halo"].song.artist.__class__.objects.filter(name_en="Beyoncé").update(name_ko="비욘세")
    dances["ditto"].song.__class__.objects.filter(title_en="Ditto").update(title_ko="디토")
    assert found("비욘세") == {"halo"}
    assert found("디토") == {"ditto"}


def test_saving_a_row_does_not_lose_its_words(dances):
    dance = Choreography.objects.get(slug="halo")
    dance.search_text = "something else"
    dance.save()
    assert found("halo") == {"halo"}


def test_only_published_guides_are_seen(dances):
    GuideFactory(choreography__slug="draft", choreography__song__title_en="Draft", state="ready")
    GuideFactory(choreography__slug="gone", choreography__song__title_en="Gone", state="withdrawn")
    assert set(dances) == {row.slug for row in catalogue(Wish())}
    assert found("draft") == found("gone") == set()


def test_the_index_answers_a_part_of_a_name(django_db_blocker, dances):
    """The words of a query are no constants, and yet the trigram index must serve them."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM choreography_choreography WHERE search_text LIKE '%%' || catalogue_key(%s) || '%%'",
            ["New Jeans"],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "choreography_search" in plan
