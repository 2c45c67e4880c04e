"""Doors, headers and refusals: what strangers, other people and hostile names get to see."""

import re
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver, reverse

from choreography.insights import accept_invitation
from choreography.models import FeatureImport, Label, LiveTake, Partner
from tests import market
from tests.factories import (
    ArtistFactory,
    AttemptFactory,
    ComparisonFactory,
    CuratorFactory,
    GuideFactory,
    JobFactory,
    LiveTakeFactory,
    SongFactory,
    UserFactory,
)
from tests.insights import answer_defaults, answer_selection, stored_artists

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_jobs")]

API = "/api/v1/attempts/"
SCRIPT = "\"'><script>alert(1)</script><svg onload=alert(2)>{{7*7}}"
METHODS = ("get", "head", "options", "post", "put", "patch", "delete")
OF_A_TAKE = (
    "attempt", "attempt_delete", "attempt_cancel", "attempt_retry", "attempt_track", "attempt_video",
    "attempt_poster", "attempt_poster_data", "attempt_portrait", "attempt_dancer", "api-attempt-detail",
    "api-attempt-result", "api-attempt-cancel", "api-attempt-retry", "api-attempt-people", "api-attempt-dancer",
    "attempt_start", "attempt_teachers", "api-attempt-start",
)  # fmt: skip
OF_A_LIVE_TAKE = ("live_take", "live_part", "live_done")
OF_A_GUIDE = ("guide_track", "guide_video", "guide_audio", "guide_poster", "guide_poster_data", "guide_portrait")


@pytest.fixture
def dancer(client):
    person = UserFactory()
    client.force_login(person)
    return person


def address_of(name, row):
    if name.startswith("api"):
        return reverse(name, kwargs={"pk": row.pk})
    return reverse(name, args=[row.pk, 0] if name.endswith("portrait") else [row.pk])


# Whose is it


def test_every_address_of_a_take_is_looked_at_here():
    """A new one must be added to the lists above, and so to the tests of who may see it."""
    names = {str(name) for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert {name for name in names if name.startswith(("attempt_", "api-attempt"))} - {
        "attempt_upload", "api-attempt-list"
    } <= set(OF_A_TAKE)  # fmt: skip
    assert {name for name in names if name.startswith("guide_")} <= set(OF_A_GUIDE)
    assert {name for name in names if name.startswith("live_")} - {"live_takes"} <= set(OF_A_LIVE_TAKE)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("who", ["nobody", "stranger", "curator", "superuser"])
def test_nobody_else_gets_anything_of_a_take(client, who, method):
    take = ComparisonFactory(attempt=AttemptFactory(with_track=True, job=JobFactory())).attempt
    if who != "nobody":
        client.force_login(UserFactory(is_staff=who != "stranger", is_superuser=who == "superuser"))
    for name in OF_A_TAKE:
        response = getattr(client, method)(address_of(name, take))
        assert response.status_code in (302, 403, 404, 405) or (method == "options" and name.startswith("api")), name
        assert str(take.choreography.slug).encode() not in response.content
    take.refresh_from_db()
    assert take.job.state == "queued"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("who", ["nobody", "stranger", "superuser"])
def test_nobody_else_gets_anything_of_a_live_take(client, who, method):
    take = LiveTakeFactory()
    if who != "nobody":
        client.force_login(UserFactory(is_staff=who == "superuser", is_superuser=who == "superuser"))
    for name in OF_A_LIVE_TAKE:
        response = getattr(client, method)(reverse(name, args=[take.pk, 0] if name == "live_part" else [take.pk]))
        assert response.status_code in (403, 404, 405) or method == "options", name
        assert take.choreography.slug.encode() not in response.content
    assert LiveTake.objects.filter(pk=take.pk, attempt=None).exists()


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_files_are_only_read(client, dancer, method):
    take = AttemptFactory(dancer=dancer, with_track=True)
    guide = GuideFactory(published=True, with_track=True)
    for name, row in [*((name, guide) for name in OF_A_GUIDE), ("attempt_track", take), ("attempt_poster", take)]:
        assert getattr(client, method)(address_of(name, row)).status_code == 405


def test_head_tells_as_much_as_get(client, dancer):
    take = ComparisonFactory(attempt=AttemptFactory(dancer=dancer, with_track=True)).attempt
    for address in (address_of("attempt_track", take), address_of("attempt_poster", take), reverse("history")):
        head = client.head(address)
        assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize("name", ["attempt_delete", "attempt_cancel", "attempt_retry", "attempt_dancer"])
def test_every_act_wants_the_token(name):
    take = AttemptFactory()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(take.dancer)
    assert strict.post(address_of(name, take)).status_code == 403
    assert strict.post(f"{API}{take.pk}/cancel/").status_code == 403
    assert strict.delete(f"{API}{take.pk}/").status_code == 403
    strict.force_login(CuratorFactory())
    for action in ("publish", "withdraw", "cancel", "retry", "dancer"):
        assert strict.post(reverse(f"admin:choreography_guide_{action}", args=[take.guide_id])).status_code == 403


# Names that are programs


def test_hostile_names_are_only_words(client):
    song = SongFactory(title_en=SCRIPT, title_ko=SCRIPT, artist=ArtistFactory(name_en=SCRIPT, name_ko=SCRIPT))
    guide = GuideFactory(
        published=True, with_track=True, choreography__song=song, choreography__choreographer=SCRIPT,
        choreography__part=SCRIPT, choreography__source="javascript:alert(1)", choreography__licence=SCRIPT,
    )  # fmt: skip
    dancer = CuratorFactory(display_name=SCRIPT[:40])
    client.force_login(dancer)
    take = AttemptFactory(dancer=dancer, guide=guide, job=JobFactory(owner=dancer))
    pages = [
        "/", "/choreographies/", f"/choreographies/?q={SCRIPT}", guide.choreography.get_absolute_url(),
        take.get_absolute_url(), reverse("history"), reverse("profile"), "/admin/choreography/song/",
        "/admin/choreography/choreography/", f"/admin/choreography/choreography/{guide.choreography_id}/change/",
        f"/admin/choreography/guide/{guide.pk}/change/", reverse("guide_poster", args=[guide.pk]),
    ]  # fmt: skip
    for page in pages:
        content = client.get(page).content
        assert b"<script>alert" not in content, page
        assert b"<svg onload" not in content, page
        assert b'href="javascript:' not in content, page


def test_hostile_names_in_the_insights_are_only_words(client):
    rows = market.artists_rows(320)
    for number, row in enumerate(rows):
        row["artists"] = f"{SCRIPT}{number}"
        row["genres"] = [*row["genres"], SCRIPT]
    FeatureImport.objects.filter(pk=stored_artists(rows).pk).update(file_name=SCRIPT)
    Label.objects.update(name_ko=SCRIPT, artists=[f"{SCRIPT}0", f"{SCRIPT}1", f"{SCRIPT}2", SCRIPT])
    label = Label.objects.first()
    Label.objects.filter(pk=label.pk).update(name_en=SCRIPT)
    partner = Partner.objects.create(name=SCRIPT, label=label)
    answer_defaults()
    answer_selection(genres=(SCRIPT[:100],))
    client.force_login(CuratorFactory(display_name=SCRIPT[:40]))
    pages = [
        "/insights/", f"/insights/?genre={quote(SCRIPT)}", f"/insights/?genre={quote(SCRIPT)}unknown", "/insights/dances/",
        partner.get_invitation_url(), "/admin/choreography/label/", f"/admin/choreography/label/{label.pk}/change/",
        f"/admin/choreography/label/{label.pk}/delete/", "/admin/choreography/partner/",
        f"/admin/choreography/partner/{partner.pk}/change/", "/admin/choreography/featureimport/",
    ]  # fmt: skip
    for page in pages:
        response = client.get(page)
        assert response.status_code == 200, page
        assert b"<script>alert" not in response.content, page
        assert b"<svg onload" not in response.content, page
        assert b"&lt;svg" in response.content or page in ("/insights/dances/", "/admin/choreography/partner/"), page
    client.force_login(UserFactory())
    assert b"<script>alert" not in client.get(partner.get_invitation_url()).content


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_away(client, target):
    person = UserFactory(password="correct horse")
    login = client.post(f"/accounts/login/?next={target}", {"login": person.email, "password": "correct horse"})
    assert login.status_code == 302
    for response in (
        login,
        client.post(reverse("set_language"), {"language": "ko", "next": target}),
        client.post(f"/accounts/logout/?next={target}"),
    ):
        assert re.match(r"^/(?![/\\])", response.url), response.url


# What browsers are told


@pytest.mark.parametrize(
    "page", ["/", "/nowhere/", "/admin/", "/api/docs/", "/api/schema/", API, "/accounts/login/", "/insights/"]
)
def test_every_answer_is_guarded(client, page):
    client.force_login(CuratorFactory())
    headers = client.get(page).headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert policy.count("unsafe") == policy.count("'wasm-unsafe-eval'") == 1  # WebAssembly alone, and only as a script


@pytest.mark.parametrize("page", ["/", "/nowhere/", "/api/docs/", "/admin/", "/choreographies/", "/insights/"])
def test_no_page_has_code_or_style_that_the_policy_forbids(client, page):
    client.force_login(CuratorFactory())
    content = client.get(page).content.decode()
    assert "<html" in content
    assert "<style" not in content
    assert not re.search(r"<[^>]+ (style|on[a-z]+)=", content)
    for script in re.findall(r"<script[^>]*>", content):
        assert "src=" in script or 'type="application/json"' in script, script


def test_private_pages_are_kept_by_nobody(client, dancer):
    take = ComparisonFactory(attempt=AttemptFactory(dancer=dancer, job=JobFactory(owner=dancer))).attempt
    running = AttemptFactory(dancer=dancer, job=JobFactory(owner=dancer))
    partner = Partner.objects.create(name="Somebody")
    accept_invitation(Partner.objects.create(name="The dancer").token, dancer)
    pages = [
        "/insights/", "/insights/state/", "/insights/dances/", partner.get_invitation_url(),
        running.get_absolute_url(), reverse("history"), reverse("profile"),
        reverse("job_state", args=[running.job_id]), API, f"{API}{take.pk}/", f"{API}{take.pk}/result/",
    ]  # fmt: skip
    for page in pages:
        kept = client.get(page).headers.get("Cache-Control", "")
        assert "no-store" in kept, page
        assert "private" in kept, page


def test_cookies_keep_to_this_site(client):
    person = UserFactory(password="correct horse")
    client.get("/accounts/login/")
    client.post("/accounts/login/", {"login": person.email, "password": "correct horse"})
    assert client.cookies["sessionid"]["httponly"]
    for cookie in client.cookies.values():
        assert cookie["samesite"] == "Lax", cookie.key


def test_behind_https_django_finds_nothing_to_mend(settings, capsys):
    settings.SECURE_SSL_REDIRECT = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECRET_KEY = "".join(chr(33 + 7 * n % 90) for n in range(60))
    call_command("check", "--deploy", "--tag", "security", "--fail-level", "WARNING")
    assert "no issues" in capsys.readouterr().out


@pytest.mark.parametrize("language", ["en", "ko"])
def test_our_own_mistakes_show_nothing_of_the_inside(monkeypatch, language):
    def break_down(*args):
        raise RuntimeError("secret of the house")

    monkeypatch.setattr("choreography.views.catalogue.catalogue.featured", break_down)
    response = Client(raise_request_exception=False, headers={"accept-language": language}).get("/")
    content = response.content.decode()
    assert response.status_code == 500
    assert "secret" not in content
    assert "Traceback" not in content
    assert ("We missed a step" in content) == (language == "en")
    assert f'lang="{language}"' in content


# The API


def error_of(response):
    error = response.json()["error"]
    assert set(response.json()) == {"error"}
    assert len(error["message"]) > 5
    return response.status_code, error["code"]


def test_the_api_refuses_in_one_form(client, dancer):
    slug = GuideFactory(published=True).choreography.slug
    take = AttemptFactory(dancer=dancer)
    assert error_of(client.get(f"{API}00000000-0000-0000-0000-000000000000/")) == (404, "not_found")
    assert error_of(client.get(f"{API}{take.pk}/result/")) == (404, "not_found")
    assert error_of(client.get("/api/v1/choreographies/nowhere/")) == (404, "not_found")
    assert error_of(client.get("/api/v1/choreographies/?page=99999")) == (404, "not_found")
    assert error_of(client.put(API)) == (405, "method_not_allowed")
    assert error_of(client.post(API, "{}", content_type="application/json")) == (415, "unsupported_media_type")
    assert error_of(client.post(API, {"choreography": "nowhere"})) == (400, "invalid")
    client.logout()
    assert error_of(client.get(API)) == (403, "not_authenticated")
    assert error_of(client.post(API, {"choreography": slug})) == (403, "not_authenticated")


def test_the_api_says_which_field_does_not_fit(client, dancer):
    error = client.post(API, {"choreography": "nowhere"}).json()["error"]
    assert {name: field["code"] for name, field in error["fields"].items()} == {
        "choreography": "does_not_exist",
        "clip": "required",
    }


@pytest.mark.parametrize("address", ["/api/v1/choreographies/%00/", "/choreographies/%00/", "/choreographies/?q=%00"])
def test_a_zero_byte_breaks_nothing(client, address):
    assert client.get(address).status_code in (200, 404)


def test_a_zero_byte_is_no_choreography(client, dancer):
    assert error_of(client.post(API, {"choreography": "a\x00b"})) == (400, "invalid")


@pytest.mark.parametrize(("who", "scope"), [("nobody", "anon"), ("dancer", "user")])
def test_the_api_is_not_asked_without_end(client, monkeypatch, who, scope):
    from rest_framework.throttling import SimpleRateThrottle

    cache.clear()
    monkeypatch.setitem(SimpleRateThrottle.THROTTLE_RATES, scope, "2/min")
    if who == "dancer":
        client.force_login(UserFactory())
    for number in range(2):  # another address in a header of the caller's own making changes nothing
        spoofed = {"x-forwarded-for": f"10.0.0.{number}"}
        assert client.get("/api/v1/choreographies/", headers=spoofed).status_code == 200
    assert error_of(client.get("/api/v1/choreographies/", headers={"x-forwarded-for": "10.0.0.9"})) == (
        429, "throttled"
    )  # fmt: skip


def test_uploads_by_the_api_are_counted(client, dancer, monkeypatch):
    from rest_framework.throttling import SimpleRateThrottle

    cache.clear()
    monkeypatch.setitem(SimpleRateThrottle.THROTTLE_RATES, "upload", "1/hour")
    assert client.post(API, {}).status_code == 400
    assert error_of(client.post(API, {})) == (429, "throttled")
    assert client.get(API).status_code == 200


def test_a_page_of_the_api_has_a_fixed_length(client):
    answer = client.get("/api/v1/choreographies/?page_size=100000&limit=100000").json()
    assert set(answer) == {"count", "next", "previous", "results"}


def test_the_schema_has_no_gaps(capsys):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")
