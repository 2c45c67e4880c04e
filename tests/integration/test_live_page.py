"""The practice room's page: who gets in, and what it hands to the browser."""

import json

import pytest

from choreography.models import Choreography
from tests.factories import ChoreographyFactory, GuideFactory, PublishedChoreographyFactory, SectionFactory, UserFactory

pytestmark = pytest.mark.django_db


def room_of(choreography):
    return f"/choreographies/{choreography.slug}/live/"


@pytest.fixture
def dancer(client):
    person = UserFactory()
    client.force_login(person)
    return person


def test_who_is_not_signed_in_is_led_there_and_back(client):
    choreography = PublishedChoreographyFactory()
    answer = client.get(room_of(choreography))
    assert answer.status_code == 302
    assert answer.url == f"/accounts/login/?next={room_of(choreography)}"


def test_a_choreography_that_is_not_published_has_no_room(client, dancer):
    unpublished = ChoreographyFactory()
    GuideFactory(choreography=unpublished)
    assert client.get(room_of(unpublished)).status_code == 404
    assert client.get("/choreographies/no-such-dance/live/").status_code == 404


def test_the_room_gets_the_guide_the_engine_and_where_to_send(client, dancer):
    choreography = PublishedChoreographyFactory()
    SectionFactory(choreography=choreography, start_s=2.0, end_s=10.0)
    payload = payload_of(client.get(room_of(choreography)), "live-data")
    assert payload["version"] == 1
    assert payload["player"]["guide"]["track_url"].startswith("/guides/")
    assert payload["player"]["counts"]["bpm"] == 120.0
    assert [section["start_s"] for section in payload["player"]["sections"]] == [2.0]
    assert payload["engine"]["worker"].startswith("/static/")
    assert payload["config"]["bands"]["perfect"] == 90.0
    assert payload["urls"] == {
        "takes": f"/choreographies/{choreography.slug}/live/takes/?guide={choreography.guides.get().pk}",
        "clip": f"/choreographies/{choreography.slug}/takes/",
        "report": "/practice/",
    }


def test_what_leaves_the_device_is_said_before_the_camera_is_asked_for(client, dancer):
    page = client.get(room_of(PublishedChoreographyFactory())).content.decode()
    assert page.index("Only your joints leave this device; the video stays here") < page.index("Open the camera")
    assert 'name="keep" value="joints" checked' in page


def test_the_page_of_a_dance_leads_there(client, dancer):
    choreography = PublishedChoreographyFactory()
    assert room_of(choreography) in client.get(choreography.get_absolute_url()).content.decode()


def test_the_room_costs_as_much_with_many_sections(client, dancer, django_assert_num_queries):
    choreography = PublishedChoreographyFactory()
    SectionFactory.create_batch(12, choreography=choreography)
    assert Choreography.objects.count() == 1
    with django_assert_num_queries(4):  # session, person, guide with its song, sections
        client.get(room_of(choreography))


def payload_of(answer, script_id):
    page = answer.content.decode()
    start = page.index(f'id="{script_id}"')
    return json.loads(page[page.index(">", start) + 1 : page.index("</script>", start)])
