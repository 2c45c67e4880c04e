"""From making an account to closing it, in both languages, with strangers kept out."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from choreography.models import Attempt
from inference import storage
from inference.models import Video
from tests.factories import PASSWORD, AttemptFactory, UserFactory, VideoFactory

pytestmark = pytest.mark.django_db

SIGN_UP, SIGN_IN, SIGN_OUT = "/accounts/signup/", "/accounts/login/", "/accounts/logout/"
RESET, CHANGE, EMAIL = "/accounts/password/reset/", "/accounts/password/change/", "/accounts/email/"
PROFILE, CLOSE, LANGUAGE = "/accounts/profile/", "/accounts/close/", "/accounts/language/"
COOKIE = settings.LANGUAGE_COOKIE_NAME


def sign_up(client, **changes):
    answers = {"display_name": "Mina", "email": "mina@example.org", "password1": PASSWORD, "language": "ko"}
    return client.post(SIGN_UP, answers | changes)


def sign_in(client, person, password=PASSWORD, **more):
    return client.post(SIGN_IN, {"login": person.email, "password": password} | more)


def sign_in_again(client):
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def forget_the_password(client, person):
    """Signed in, but so long ago that the password is asked for once more."""
    client.force_login(person)
    session = client.session
    session["account_authentication_methods"] = []
    session.save()


def link_in(message):
    return re.search(r"http://testserver(/\S+)", message.body)[1]


# Making an account


def test_sign_up_signs_in_and_keeps_the_answers(client):
    assert sign_up(client).url == "/"
    person = User.objects.get()
    assert (person.email, person.display_name, person.language) == ("mina@example.org", "Mina", "ko")
    assert not person.is_staff
    assert not person.is_superuser
    assert client.get("/").context["user"] == person


def test_nobody_makes_themselves_a_curator(client):
    sign_up(client, is_staff="on", is_superuser="on", is_curator="1")
    assert not User.objects.get().is_staff


def test_the_form_offers_the_language_of_the_page(client):
    assert client.get(SIGN_UP, headers={"accept-language": "ko"}).context["form"]["language"].value() == "ko"
    assert client.get(SIGN_UP).context["form"]["language"].value() == "en"


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"display_name": " "}, "display_name", "Tell us what to call you"),
        ({"display_name": "x" * 41}, "display_name", "at most 40"),
        ({"email": "mina"}, "email", "valid email"),
        ({"password1": "short1"}, "password1", "too short"),
        ({"password1": "password123"}, "password1", "too common"),
        ({"language": "xx"}, "language", "not one of the available"),
    ],
)
def test_sign_up_says_what_to_mend(client, changes, field, words):
    response = sign_up(client, **changes)
    assert words in str(response.context["form"].errors[field])
    assert f'id="id_{field}_error"' in response.content.decode()
    assert not User.objects.exists()


def test_refusals_are_kind_in_korean_too(client):
    client.cookies[COOKIE] = "ko"
    errors = str(sign_up(client, email="mina", password1="short1").context["form"].errors)
    assert "8자 이상으로 정해 주세요" in errors
    assert "올바르게 적어 주세요" in errors


def test_a_taken_address_makes_no_second_account(client):
    UserFactory(email="mina@example.org")
    response = sign_up(client, email="MINA@example.org")
    assert "has an account already" in response.content.decode()
    assert User.objects.count() == 1


def test_with_confirmed_addresses_sign_up_tells_nobody_who_is_here(client, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    UserFactory(email="mina@example.org")
    taken = sign_up(client)
    assert "you have an account already" in mail.outbox[-1].subject
    client.cookies.clear()
    free = sign_up(client, email="new@example.org")
    assert (taken.status_code, taken.url) == (free.status_code, free.url)
    assert client.get(taken.url).status_code == 200


def test_the_address_is_confirmed_by_its_link(client):
    sign_up(client)
    assert mail.outbox[0].to == ["mina@example.org"]
    page = link_in(mail.outbox[0])
    assert client.get(page).status_code == 200
    assert not EmailAddress.objects.get().verified
    client.post(page)
    assert EmailAddress.objects.get().verified


# Signing in and out


def test_sign_in_and_out(client):
    person = UserFactory()
    assert sign_in(client, person).url == "/"
    assert client.get("/").context["user"] == person
    assert client.post(SIGN_OUT).url == "/"
    assert not client.get("/").context["user"].is_authenticated


def test_a_click_on_a_link_does_not_sign_out(client):
    client.force_login(UserFactory())
    assert client.get(SIGN_OUT).status_code == 200
    assert client.get("/").context["user"].is_authenticated


def test_sign_in_goes_on_where_you_were_and_nowhere_else(client):
    person = UserFactory()
    assert sign_in(client, person, next=PROFILE).url == PROFILE
    client.logout()
    assert sign_in(client, person, next="https://evil.example/").url == "/"


def test_wrong_password_and_unknown_address_look_the_same(client):
    person = UserFactory()
    wrong = sign_in(client, person, "not the password")
    unknown = sign_in(client, UserFactory.build(email="nobody@example.org"), "not the password")
    errors = [response.context["form"].non_field_errors() for response in (wrong, unknown)]
    assert errors[0] == errors[1] == ["E-mail address and password do not match. Check both, or set a new password."]


def test_too_many_wrong_passwords_lock_even_the_right_one_out(client):
    person = UserFactory()
    for _ in range(5):
        assert "do not match" in sign_in(client, person, "not the password").content.decode()
    response = sign_in(client, person)
    assert "Too many tries in a row" in response.content.decode()
    assert not client.get("/").context["user"].is_authenticated
    assert sign_in(client, UserFactory()).status_code == 302  # others go on


def test_the_limit_counts_in_the_database_that_all_processes_share(client):
    from django.db import connection

    person = UserFactory()
    for _ in range(5):
        sign_in(client, person, "not the password")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kdance_cache WHERE cache_key LIKE '%%login_failed%%'")
        assert cursor.fetchone()[0] >= 1
        cursor.execute("DELETE FROM kdance_cache")
    assert sign_in(client, person).status_code == 302


def test_thirty_tries_a_minute_from_one_place_are_enough(client):
    for number in range(30):
        person = UserFactory.build(email=f"guess{number}@example.org")
        assert sign_in(client, person, "not the password").status_code == 200
    response = sign_in(client, UserFactory())
    assert response.status_code == 429
    assert "A little slower, please" in response.content.decode()


def test_the_desk_has_no_sign_in_of_its_own(client):
    assert client.get("/admin/login/?next=/admin/").url.startswith(SIGN_IN)
    client.force_login(UserFactory())
    assert client.get("/admin/login/?next=/admin/").status_code == 403


# Passwords and addresses


def test_a_forgotten_password(client):
    person = UserFactory()
    assert client.post(RESET, {"email": person.email}).url == "/accounts/password/reset/done/"
    assert client.get("/accounts/password/reset/done/").status_code == 200
    link = link_in(mail.outbox[0])
    form = client.get(link, follow=True)
    address = form.redirect_chain[-1][0]
    assert client.get(link, follow=True).status_code == 200
    new = "another good long password"
    done = client.post(address, {"password1": new, "password2": new}, follow=True)
    assert "Your new password is set" in done.content.decode()
    assert sign_in(client, person).status_code == 200
    assert sign_in(client, person, new).status_code == 302
    client.logout()
    assert "This link does not work any more" in client.get(link).content.decode()


def test_asking_for_a_password_tells_nobody_who_is_here(client):
    known, unknown = (client.post(RESET, {"email": email}) for email in (UserFactory().email, "nobody@example.org"))
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert "no account with this address" in mail.outbox[1].subject


def test_changing_the_password_asks_for_the_old_one(client):
    person = UserFactory()
    client.force_login(person)
    new = "another good long password"
    wrong = client.post(CHANGE, {"oldpassword": "no", "password1": new, "password2": new})
    assert "This is not your current password" in wrong.content.decode()
    assert client.post(CHANGE, {"oldpassword": PASSWORD, "password1": new, "password2": new}).url == PROFILE
    assert client.get(PROFILE).status_code == 200  # still signed in here
    person.refresh_from_db()
    assert person.check_password(new)


def test_a_new_address_asks_for_the_password(client):
    forget_the_password(client, UserFactory())
    assert "/accounts/reauthenticate/" in client.post(EMAIL, {"email": "new@example.org", "action_add": ""}).url
    assert not EmailAddress.objects.filter(email="new@example.org").exists()


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_new_address_counts_once_it_is_confirmed(client, confirmed):
    person = UserFactory(email="old@example.org")
    EmailAddress.objects.create(user=person, email=person.email, primary=True, verified=confirmed)
    client.force_login(person)
    sign_in_again(client)
    for email in ("typo@example.org", "new@example.org"):
        client.post(EMAIL, {"email": email, "action_add": ""})
        person.refresh_from_db()
        assert person.email == "old@example.org"
    client.get(EMAIL)  # tells which mails were sent
    page = client.get(EMAIL).content.decode()
    assert "new@example.org" in page
    assert "typo@example.org" not in page
    assert "not confirmed yet" in page
    client.post(link_in(mail.outbox[-1]))
    person.refresh_from_db()
    assert person.email == "new@example.org"
    assert [address.email for address in person.emailaddress_set.all()] == ["new@example.org"]


def test_a_change_of_address_can_be_called_off(client):
    person = UserFactory(email="old@example.org")
    client.force_login(person)
    sign_in_again(client)
    client.get(EMAIL)
    client.post(EMAIL, {"email": "new@example.org", "action_add": ""})
    client.post(EMAIL, {"email": "new@example.org", "action_remove": ""})
    person.refresh_from_db()
    assert person.email == "old@example.org"
    assert [address.email for address in person.emailaddress_set.all()] == ["old@example.org"]


def test_nobody_takes_the_address_of_another(client):
    UserFactory(email="taken@example.org")
    client.force_login(UserFactory())
    sign_in_again(client)
    response = client.post(EMAIL, {"email": "TAKEN@example.org", "action_add": ""})
    assert "has an account already" in response.content.decode()
    assert not mail.outbox


# Profile and language


@pytest.mark.parametrize("address", [PROFILE, CLOSE, CHANGE, EMAIL, "/takes/"])
def test_strangers_are_sent_to_sign_in(client, address):
    response = client.get(address)
    assert response.status_code == 302
    assert response.url.startswith(SIGN_IN)


def test_the_profile_changes_name_and_language_of_this_person_alone(client):
    person, other = UserFactory(), UserFactory()
    client.force_login(person)
    answers = {"display_name": "Mina", "language": "ko", "email": "evil@example.org", "is_staff": "on"}
    response = client.post(PROFILE, answers)
    assert response.url == PROFILE
    assert response.cookies[COOKIE].value == "ko"
    for someone in (person, other):
        someone.refresh_from_db()
    assert (person.display_name, person.language, person.is_staff) == ("Mina", "ko", False)
    assert person.email != "evil@example.org"
    assert (other.display_name, other.language) != ("Mina", "ko")
    assert '<html lang="ko">' in client.get(PROFILE).content.decode()


def test_a_refused_profile_changes_nothing_in_the_header(client):
    client.force_login(UserFactory(display_name="Mina"))
    response = client.post(PROFILE, {"display_name": "", "language": "ko"})
    assert response.status_code == 200
    assert response.context["user"].display_name == "Mina"


def test_the_saved_language_wins_over_the_browser(client):
    sign_in(client, UserFactory(language="ko"))
    response = client.get("/", headers={"accept-language": "en"})
    assert '<html lang="ko">' in response.content.decode()
    assert response.headers["Content-Language"] == "ko"


def test_the_greeting_speaks_the_persons_language(client):
    response = sign_in(client, UserFactory(language="ko", display_name="Mina"))
    with translation.override("ko"):
        hello = translation.gettext("Good to see you, %(name)s.") % {"name": "Mina"}
    assert hello in client.get(response.url).content.decode()


def test_the_language_stays_after_signing_out(client):
    sign_in(client, UserFactory(language="ko"))
    client.post(SIGN_OUT)
    assert '<html lang="ko">' in client.get("/").content.decode()


def test_the_switch_sets_the_page_and_the_profile(client):
    person = UserFactory()
    client.force_login(person)
    assert client.post(LANGUAGE, {"language": "ko", "next": "/choreographies/"}).url == "/choreographies/"
    person.refresh_from_db()
    assert person.language == "ko"
    assert '<html lang="ko">' in client.get("/").content.decode()


def test_the_switch_works_for_strangers_and_refuses_nonsense(client):
    client.post(LANGUAGE, {"language": "ko"})
    assert '<html lang="ko">' in client.get("/").content.decode()
    client.post(LANGUAGE, {"language": "tlh"})
    assert '<html lang="ko">' in client.get("/").content.decode()
    assert client.get(LANGUAGE).status_code == 405
    assert client.post(LANGUAGE, {"language": "en", "next": "https://evil.example/"}).url == "/"


def test_a_person_may_not_get_a_language_that_is_not_spoken(client):
    person = UserFactory()
    client.force_login(person)
    client.post(LANGUAGE, {"language": "tlh"})
    person.refresh_from_db()
    assert person.language == "en"


def test_mails_speak_the_readers_language(client):
    client.post(RESET, {"email": UserFactory(language="ko").email}, headers={"accept-language": "en"})
    with translation.override("ko"):
        assert mail.outbox[0].subject == translation.gettext("KDance: set a new password")


async def test_streamed_pages_speak_the_language_too(async_client, transactional_db):
    from asgiref.sync import sync_to_async

    person = await sync_to_async(UserFactory)(language="ko")
    await async_client.aforce_login(person)
    response = await async_client.get("/")
    assert '<html lang="ko">' in response.content.decode()
    assert response.cookies[COOKIE].value == "ko"


# Closing the account


def test_closing_asks_for_the_password_and_a_tick(client):
    person = UserFactory()
    forget_the_password(client, person)
    assert "/accounts/reauthenticate/" in client.get(CLOSE).url
    assert "/accounts/reauthenticate/" in client.post(CLOSE, {"understood": "on"}).url
    sign_in_again(client)
    assert "Tick the box" in client.post(CLOSE, {}).content.decode()
    assert User.objects.filter(pk=person.pk).exists()


def test_closing_deletes_rows_and_files_of_this_person_alone(client):
    person, other = UserFactory(), UserFactory()
    takes = {}
    for owner in (person, other):
        video = VideoFactory(owner=owner, original_key=f"videos/{owner.pk}/original.mp4")
        storage.save_bytes(video.original_key, b"a clip")
        takes[owner] = AttemptFactory(dancer=owner, video=video, with_track=True)
    client.force_login(person)
    sign_in_again(client)
    response = client.post(CLOSE, {"understood": "on"})
    assert response.url == "/"
    assert not client.get("/").context["user"].is_authenticated
    assert list(User.objects.filter(pk__in=[person.pk, other.pk])) == [other]
    assert [take.dancer for take in Attempt.objects.all()] == [other]
    assert [video.owner for video in Video.objects.all()] == [other]
    for key in (takes[person].track_key, takes[person].video.original_key):
        with pytest.raises(FileNotFoundError):
            storage.read_key(key)
    assert storage.read_key(takes[other].video.original_key) == b"a clip"


def test_closing_stops_when_files_cannot_be_deleted(client):
    from accounts import services
    from accounts.signals import account_closing

    def refuses(**_):
        raise OSError("the disk is away")

    person = UserFactory()
    account_closing.connect(refuses)
    try:
        with pytest.raises(OSError, match="away"):
            services.close_account(user=person)
    finally:
        account_closing.disconnect(refuses)
    assert User.objects.filter(pk=person.pk).exists()


# Every page of the accounts


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize(
    ("address", "signed_in"),
    [
        (SIGN_UP, False), (SIGN_IN, False), (RESET, False), ("/accounts/password/reset/done/", False),
        ("/accounts/password/reset/key/done/", False), ("/accounts/password/reset/key/x-y/", False),
        ("/accounts/inactive/", False), ("/accounts/confirm-email/", False), ("/accounts/confirm-email/nokey/", False),
        (SIGN_OUT, True), (CHANGE, True), (EMAIL, True), (PROFILE, True), ("/accounts/reauthenticate/", True),
    ],
)  # fmt: skip
def test_every_page_wears_our_clothes(client, address, signed_in, language):
    if signed_in:
        client.force_login(UserFactory(language=language))
    response = client.get(address, headers={"accept-language": language})
    assert response.status_code == 200
    content = response.content.decode()
    assert f'<html lang="{language}">' in content
    assert 'class="wordmark"' in content
    assert content.count("<h1") == 1
    assert "css/tokens" in content
    assert " style=" not in content
    assert "placeholder=" not in content.split("<main")[1].split("</main>")[0]


@pytest.mark.parametrize("address", ["/accounts/password/set/", "/accounts/login/code/confirm/"])
def test_pages_that_we_do_not_use_lead_away(client, address):
    assert client.get(address).status_code == 302
    client.force_login(UserFactory())
    assert client.get(address).status_code == 302


def test_every_field_has_a_label(client):
    for address in (SIGN_UP, SIGN_IN, RESET):
        content = client.get(address).content.decode()
        for field in re.findall(r'<(?:input|select)[^>]* id="([^"]+)"', content):
            assert f'for="{field}"' in content


def test_the_lists_of_people_are_for_curators(client):
    address = reverse("admin:accounts_user_changelist")
    client.force_login(UserFactory())
    assert client.get(address).status_code in (302, 403)
    client.force_login(UserFactory(is_staff=True, is_superuser=True, email="boss@example.org"))
    assert "boss@example.org" in client.get(address).content.decode()
    answers = {
        "email": "New@example.org",
        "display_name": "New",
        "language": "ko",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "usable_password": "true",
    }
    assert client.post(reverse("admin:accounts_user_add"), answers).status_code == 302
    assert User.objects.get(email="new@example.org").language == "ko"
