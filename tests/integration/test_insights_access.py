"""Who sees the insights: curators and invited partners, at every address; the rest of the world at most a summary."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django.utils import timezone

from accounts.services import close_account
from choreography.insights import (
    SESSION_FLAG,
    InvitationOver,
    NoSuchInvitation,
    accept_invitation,
    labels_seen,
    sees_insights,
)
from choreography.models import Label, MarketAnalysis, Partner
from inference.models import Job
from tests.factories import PASSWORD, CuratorFactory, UserFactory
from tests.insights import answer_defaults, partner_person, stored_artists, stored_years

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_jobs", "first_labels")]

METHODS = ("get", "head", "options", "post", "put", "patch", "delete")
MARKET = ("/insights/", "/insights/?genre=", "/insights/state/", "/insights/tables/years.csv",
          "/insights/tables/coefficients.csv")  # fmt: skip


@pytest.fixture
def counted(db):
    stored_artists()
    stored_years()
    answer_defaults()


def invited(**fields):
    return Partner.objects.create(**{"name": "Somebody"} | fields)


# Who


def test_every_address_of_the_market_is_looked_at_here():
    names = {str(name) for name in get_resolver().reverse_dict if isinstance(name, str)}
    own = {name for name in names if name.startswith("insights") and "dance" not in name}
    assert own == {"insights", "insights_state", "insights_table", "insights_invitation"}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("who", ["nobody", "stranger", "withdrawn", "inactive"])
def test_strangers_find_nothing(client, counted, who, method):
    if who != "nobody":
        person = partner_person() if who in ("withdrawn", "inactive") else UserFactory()
        client.force_login(person)
        if who == "withdrawn":
            Partner.objects.all().delete()
        if who == "inactive":
            person.is_active = False
            person.save()
    jobs = Job.objects.count()
    for address in MARKET:
        response = getattr(client, method)(address)
        allowed = (302, 405) if who in ("nobody", "inactive") else (404, 405)
        assert response.status_code in allowed, address
        if response.status_code == 302:
            assert response.url.startswith("/accounts/login/?next=/insights/")
        assert b"danceab" not in response.content
    assert Job.objects.count() == jobs


@pytest.mark.parametrize("who", ["curator", "partner", "partner of a label"])
def test_curators_and_partners_see_it_and_no_cache_keeps_it(client, counted, who):
    label = Label.objects.first() if who == "partner of a label" else None
    client.force_login(CuratorFactory() if who == "curator" else partner_person(label))
    for address in MARKET:
        response = client.get(address)
        assert response.status_code == 200, address
        assert {"private", "no-store"} <= {word.strip() for word in response["Cache-Control"].split(",")}


def test_whose_dances_somebody_sees():
    one, other = Label.objects.all()[:2]
    assert labels_seen(CuratorFactory()) is None
    assert labels_seen(partner_person()) is None
    assert labels_seen(UserFactory()) == []
    assert labels_seen(UserFactory(is_staff=True, is_active=False)) == []
    person = partner_person(one)
    assert labels_seen(person) == [one]
    for label in (one, other):  # invited twice to one, and once to another
        accept_invitation(invited(label=label).token, person)
    assert labels_seen(person) == [one, other]
    accept_invitation(invited().token, person)
    assert labels_seen(person) is None


# Invitations


def test_a_link_is_accepted_once_and_by_whoever_comes_first(client):
    link = invited(label=Label.objects.first()).get_invitation_url()
    assert client.get(link).url == f"/accounts/login/?next={link}"
    first, second = UserFactory(), UserFactory()
    client.force_login(first)
    assert client.get(link).status_code == 200
    assert not sees_insights(first)  # looking accepts nothing
    assert client.post(link).url == "/insights/"
    assert sees_insights(first)
    assert client.get(link).url == "/insights/"  # the link in the mail goes on leading there
    client.force_login(second)
    for response in (client.get(link), client.post(link)):
        assert response.status_code == 410
        assert "Ask whoever sent it" in response.content.decode()
        assert first.email not in response.content.decode()
    assert not sees_insights(second)


def test_an_old_link_and_one_that_never_was(client):
    old = invited(created_at=timezone.now() - timedelta(days=15))
    client.force_login(UserFactory())
    assert client.post(old.get_invitation_url()).status_code == 410
    gone = invited()
    gone.delete()
    assert client.get(gone.get_invitation_url()).status_code == 404
    for token in ("a%00b", "x" * 5000, "%F0%9F%92%83", "'%20or%201=1"):
        for method in (client.get, client.post):
            assert method(f"/insights/invitations/{token}/").status_code == 404


def test_two_accept_at_once_and_one_has_it():
    partner, one, other = invited(), UserFactory(), UserFactory()
    accept_invitation(partner.token, one)
    with pytest.raises(InvitationOver):
        accept_invitation(partner.token, other)
    assert accept_invitation(partner.token, one).person == one
    with pytest.raises(NoSuchInvitation):
        accept_invitation("", other)


def test_accepting_wants_the_token_of_the_form():
    strict, person = Client(enforce_csrf_checks=True), UserFactory()
    strict.force_login(person)
    assert strict.post(invited().get_invitation_url()).status_code == 403
    assert not sees_insights(person)


def test_a_curator_who_tries_the_link_does_not_use_it_up(client):
    partner = invited(name="Kim of the label")
    client.force_login(CuratorFactory())
    for method in (client.get, client.post):
        assert "Kim of the label" in method(partner.get_invitation_url()).content.decode()
    partner.refresh_from_db()
    assert partner.is_open


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_invitation_speaks_the_readers_language(client, language):
    client.force_login(UserFactory(language=language))
    content = client.get(invited(label=Label.objects.get(name_en="HYBE")).get_invitation_url()).content.decode()
    assert ("You are invited" in content) == (language == "en")
    assert ("HYBE" if language == "en" else "하이브") in content


def test_closing_the_account_takes_the_partnership_along():
    person = partner_person(Label.objects.first())
    stays = partner_person()
    close_account(user=person)
    assert [partner.person for partner in Partner.objects.all()] == [stays]


# The menu


def test_the_menu_knows_a_partner_from_the_sign_in_on(client):
    person = partner_person()
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert client.session[SESSION_FLAG] is True
    with_link = client.get(reverse("history"))
    assert b'href="/insights/"' in with_link.content
    Partner.objects.all().delete()
    assert client.get("/insights/").status_code == 404
    assert SESSION_FLAG not in client.session
    assert b'href="/insights/"' not in client.get(reverse("history")).content


def test_the_menu_knows_a_partner_who_accepts_and_asks_the_database_nothing(client):
    client.force_login(UserFactory())
    with CaptureQueriesContext(connection) as before:
        assert b'href="/insights/"' not in client.get(reverse("history")).content
    client.post(invited().get_invitation_url())
    client.get(reverse("home"))  # where the welcome is said
    with CaptureQueriesContext(connection) as after:
        assert b'href="/insights/"' in client.get(reverse("history")).content
    assert len(after) == len(before)
    client.force_login(CuratorFactory())
    assert b'href="/insights/"' in client.get(reverse("history")).content


# The public summary


@pytest.mark.parametrize("who", ["nobody", "stranger"])
def test_the_summary_is_shown_where_the_site_wants_it(client, counted, settings, who):
    settings.INSIGHTS_PUBLIC_SUMMARY = True
    if who == "stranger":
        client.force_login(UserFactory())
    before = (Job.objects.count(), MarketAnalysis.objects.count())
    page = client.get("/insights/?genre=rock&source=tracks&zeros=without").context["page"]
    assert page.is_summary
    assert page.selection.genres == ("k-pop",)  # nothing is chosen
    assert page.trend
    assert page.headline
    assert page.sources
    assert (page.market, page.models, page.own, page.labels, page.tags, page.state_url) == (
        None,
        None,
        None,
        {},
        [],
        "",
    )
    assert list(page.tables) == ["years"]
    assert client.get("/insights/tables/years.csv").status_code == 200
    for hidden in ("tables/coefficients.csv", "tables/residuals.csv", "state/"):
        assert client.get(f"/insights/{hidden}").status_code == 404, hidden
    assert client.post("/insights/").status_code in (302, 404)
    assert (Job.objects.count(), MarketAnalysis.objects.count()) == before


def test_the_summary_has_nothing_counted_for_it(client, settings):
    settings.INSIGHTS_PUBLIC_SUMMARY = True
    stored_artists()
    page = client.get("/insights/").context["page"]
    assert (page.trend, page.headline, page.market_state) == (None, [], "none")
    assert not Job.objects.exists()
    assert not MarketAnalysis.objects.exists()
