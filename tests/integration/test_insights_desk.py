"""The curators' desk for the insights: labels with their artists, and partners with the link that invites them."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from choreography.insights import accept_invitation, sees_insights
from choreography.models import Label, MarketAnalysis, Partner
from tests.factories import CuratorFactory, UserFactory
from tests.insights import stored_artists

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_jobs", "first_labels")]

LABELS = "/admin/choreography/label/"
PARTNERS = "/admin/choreography/partner/"


@pytest.fixture(autouse=True)
def curator(client):
    person = CuratorFactory()
    client.force_login(person)
    return person


def save(client, label, artists, **fields):
    data = {"name_en": label.name_en, "name_ko": label.name_ko, "artists": artists} | fields
    return client.post(f"{LABELS}{label.pk}/change/", data)


# Labels


def test_artists_are_edited_a_name_a_line(client):
    label = Label.objects.get(name_en="SM Entertainment")
    page = client.get(f"{LABELS}{label.pk}/change/").content.decode()
    assert "EXO\nNCT\nRed Velvet" in page.replace("\r\n", "\n")
    assert save(client, label, "  f(x) \r\nEXO\r\n\r\nEXO\r\nexo\r\n\u1112\u1161\u11ab\r\n a, b ").status_code == 302
    label.refresh_from_db()
    assert label.artists == ["f(x)", "EXO", "exo", "한", "a, b"]
    assert save(client, label, "").status_code == 302
    label.refresh_from_db()
    assert label.artists == []


@pytest.mark.parametrize(
    ("artists", "words"),
    [
        ("x" * 201, "too long"),
        ("\n".join(f"Artist {number}" for number in range(501)), "At most 500"),
        ("a\x00b", "Null characters"),
    ],
)
def test_lists_that_cannot_be_kept_are_refused_with_what_was_written(client, artists, words):
    label = Label.objects.first()
    before = label.artists
    response = save(client, label, artists)
    assert response.status_code == 200
    assert words in response.content.decode()
    assert artists[:40] in response.content.decode()
    label.refresh_from_db()
    assert label.artists == before


def test_a_changed_label_is_compared_anew_at_once(client, django_capture_on_commit_callbacks):
    stored_artists()
    label = Label.objects.get(name_en="HYBE")
    with django_capture_on_commit_callbacks(execute=True):
        save(client, label, "Mint 50")
    [analysis] = MarketAnalysis.objects.all()
    assert {"label": label.pk, "artists": ["Mint 50"]} in analysis.request["rosters"]
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{LABELS}{label.pk}/delete/", {"post": "yes"})
    newest = MarketAnalysis.objects.latest("pk")
    assert label.pk not in {roster["label"] for roster in newest.request["rosters"]}


def test_a_label_with_partners_is_not_deleted_and_the_desk_says_why(client):
    label = Label.objects.first()
    Partner.objects.create(name="Kim of the label", label=label)
    for response in (
        client.get(f"{LABELS}{label.pk}/delete/"),
        client.post(f"{LABELS}{label.pk}/delete/", {"post": "yes"}),
        client.post(LABELS, {"action": "delete_selected", "_selected_action": [label.pk]}),
        client.post(LABELS, {"action": "delete_selected", "_selected_action": [label.pk], "post": "yes"}),
    ):
        assert response.status_code == 200
        assert "Kim of the label" in response.content.decode()
    assert Label.objects.filter(pk=label.pk).exists()


# Partners


def link_in(client, partner):
    page = client.get(f"{PARTNERS}{partner.pk}/change/").content.decode()
    return re.search(r'value="http://testserver(/insights/invitations/[^"]+)"', page)


def test_inviting_shows_the_link_to_copy(client):
    response = client.post(f"{PARTNERS}add/", {"name": "Kim", "label": Label.objects.first().pk})
    partner = Partner.objects.get()
    assert response.url == reverse("admin:choreography_partner_change", args=[partner.pk])
    assert link_in(client, partner)[1] == partner.get_invitation_url()
    other = Partner.objects.create(name="Lee")
    assert link_in(client, other)[1] == other.get_invitation_url()
    assert partner.token not in client.get(f"{PARTNERS}add/").content.decode()
    assert client.get(PARTNERS).content.decode().count("not accepted yet") == 2


def test_what_is_sent_by_hand_changes_neither_link_nor_person(client, curator):
    partner = Partner.objects.create(name="Kim")
    client.post(
        f"{PARTNERS}{partner.pk}/change/",
        {"name": "Kim Two", "invitation": "x", "token": "mine", "person": str(curator.pk)},
    )
    changed = Partner.objects.get()
    assert (changed.name, changed.token, changed.person) == ("Kim Two", partner.token, None)


def test_accepted_and_old_links_are_not_shown(client):
    accepted, old = Partner.objects.create(name="Kim"), Partner.objects.create(name="Lee")
    person = UserFactory(display_name="Partner Park")
    accept_invitation(accepted.token, person)
    Partner.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=15))
    for partner, words in ((accepted, "accepted by Partner Park"), (old, "too old")):
        assert link_in(client, partner) is None
        assert words in client.get(f"{PARTNERS}{partner.pk}/change/").content.decode()


def test_deleting_withdraws(client):
    partner, person = Partner.objects.create(name="Kim"), UserFactory()
    accept_invitation(partner.token, person)
    client.post(f"{PARTNERS}{partner.pk}/delete/", {"post": "yes"})
    assert not sees_insights(person)


@pytest.mark.parametrize("who", ["stranger", "partner"])
def test_the_desk_is_for_curators(client, who):
    person = UserFactory()
    if who == "partner":
        accept_invitation(Partner.objects.create(name="Kim").token, person)
    client.force_login(person)
    for address in (LABELS, PARTNERS, f"{PARTNERS}add/"):
        assert client.get(address).status_code == 302
