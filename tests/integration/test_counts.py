"""Where the counts of a guide lie: what the player, the API and the pages get, and how a curator sets it."""

import pytest
from django.urls import reverse

from choreography.models import GuideState, SectionKind
from choreography.queries.practice import player_payload
from tests.factories import (
    AttemptFactory,
    ChoreographyFactory,
    ComparisonFactory,
    GuideFactory,
    SectionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
OWN = {"bpm": 96.5, "first_beat_s": -0.25}


@pytest.fixture
def curator(client):
    person = UserFactory(is_staff=True)
    client.force_login(person)
    return person


def counted(**fields):
    """A published guide whose counts are not those of its song (120 beats a minute from 0 s)."""
    return GuideFactory(published=True, bpm=OWN["bpm"], first_count_s=OWN["first_beat_s"], **fields)


def set_counts(client, guide, follow=True, **fields):
    page = client.post(reverse("admin:choreography_guide_counts", args=[guide.pk]), fields, follow=follow)
    guide.refresh_from_db()
    return page


def test_the_counts_of_a_guide_go_before_those_of_its_song(client):
    guide = counted()
    page = client.get(guide.choreography.get_absolute_url())
    assert page.context["player_payload"]["counts"] == OWN
    assert "96.5 beats per minute" in page.content.decode()
    answer = client.get(reverse("api-choreography-detail", args=[guide.choreography.slug])).json()
    assert answer["guide"]["counts"] == OWN
    found = client.get(reverse("choreographies"), {"tempo": "slow"}).context["page"].object_list
    assert [choreography.pk for choreography in found] == [guide.choreography_id]


def test_a_take_shows_the_counts_of_the_version_it_was_danced_to():
    newer = counted()
    older = GuideFactory(choreography=newer.choreography, state=GuideState.WITHDRAWN)
    result = {"overlap_s": None}
    for guide, counts in ((newer, OWN), (older, {"bpm": 120.0, "first_beat_s": 0.0})):
        take = ComparisonFactory(attempt=AttemptFactory(guide=guide, with_track=True), result=result).attempt
        assert player_payload(take)["counts"] == counts


def test_a_curator_sets_the_counts_and_goes_back_to_the_song(client, curator):
    guide = GuideFactory(with_track=True)
    page = set_counts(client, guide, bpm="118.4", first_count_s="-0.2")
    assert (guide.bpm, guide.first_count_s) == (118.4, -0.2)
    assert [str(message) for message in page.context["messages"]] == ["Counts saved."]
    assert 'value="118.4"' in page.content.decode()
    set_counts(client, guide, use_song="1")
    assert (guide.bpm, guide.first_count_s) == (None, None)
    assert (guide.grid.bpm, guide.grid.first_count_s) == (120.0, 0.0)


def test_who_moves_the_counts_of_a_danced_guide_is_told_what_stays(client, curator):
    take = ComparisonFactory(attempt=AttemptFactory(), score=71.0).attempt
    page = set_counts(client, take.guide, bpm="100", first_count_s="1")
    assert "Takes keep their scores" in page.content.decode()
    take.comparison.refresh_from_db()
    assert take.comparison.score == 71.0


@pytest.mark.parametrize(
    ("bpm", "first_count_s", "words"),
    [
        ("29.9", "0", "tempo of 30 to 300"),
        ("300.1", "0", "tempo of 30 to 300"),
        ("nan", "0", "tempo of 30 to 300"),
        ("", "0", "tempo of 30 to 300"),
        ("120", "inf", "when a count 1 falls"),
        ("120", "", "when a count 1 falls"),
        ("120", "1e9", "when a count 1 falls"),
    ],
)
def test_impossible_counts_are_explained_and_change_nothing(client, curator, bpm, first_count_s, words):
    guide = counted()
    assert words in set_counts(client, guide, bpm=bpm, first_count_s=first_count_s).content.decode()
    assert (guide.bpm, guide.first_count_s) == (OWN["bpm"], OWN["first_beat_s"])


def test_only_curators_set_counts_and_only_by_post(client):
    guide = GuideFactory()
    address = reverse("admin:choreography_guide_counts", args=[guide.pk])
    for person in (None, UserFactory()):
        if person:
            client.force_login(person)
        assert set_counts(client, guide, follow=False, bpm="100", first_count_s="0").status_code == 302
        assert guide.bpm is None
    client.force_login(UserFactory(is_staff=True))
    assert client.get(address).status_code == 405


def test_the_desk_offers_what_was_heard_in_the_sound(client, curator):
    beats = {"version": 1, "bpm": 118.4, "first_beat_s": 0.31, "confidence": 0.83, "steady": False, "beats": 64}
    guide = GuideFactory(with_track=True, beats=beats)
    content = client.get(reverse("admin:choreography_guide_change", args=[guide.pk])).content.decode()
    assert "118.4 beats per minute, 83% sure" in content
    assert "The tempo is not steady" in content
    assert '"found": {"bpm": 118.4, "first_beat_s": 0.31}' in content
    assert "This version goes by the song" in content


def test_sections_show_their_length_in_eights_of_the_published_guide(client, curator):
    choreography = ChoreographyFactory()
    GuideFactory(choreography=choreography, published=True, bpm=60.0, first_count_s=0.0)
    GuideFactory(choreography=choreography)  # newer, and of no account while dancers see the other
    SectionFactory(choreography=choreography, kind=SectionKind.CHORUS, start_s=0, end_s=20)
    content = client.get(reverse("admin:choreography_choreography_change", args=[choreography.pk])).content.decode()
    assert "<p>2.5</p>" in content


@pytest.mark.parametrize("typed", [{"bpm": "12000"}, {"first_beat_s": "1e300"}])
def test_a_slip_of_the_keys_is_no_tempo_of_a_song(client, curator, typed):
    """At 12000 beats a minute every dance would have thousands of eights, each with its row in every result."""
    song = ChoreographyFactory().song
    values = {"artist": song.artist_id, "title_en": song.title_en, "bpm": "120", "first_beat_s": "0"}
    change = reverse("admin:choreography_song_change", args=[song.pk])
    refused = client.post(change, values | typed)
    assert set(refused.context["adminform"].form.errors) == set(typed)
    assert client.post(change, values).status_code == 302
