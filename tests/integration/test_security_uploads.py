"""Clips from people who mean harm, or whose line broke: who may send, how many, and what stays behind."""

import contextlib
import io
import json
from functools import partial

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.services import close_account
from choreography import services
from choreography.models import Attempt
from inference import storage
from inference.models import Job, JobState, Video
from inference.services import receive_video
from kdance_site.body_limit import BodyLimit
from tests.at_once import at_once
from tests.factories import AttemptFactory, CuratorFactory, GuideFactory, JobFactory, UserFactory, VideoFactory

TAKE = "/choreographies/some-dance/takes/"
GUIDE = "/admin/choreography/guide/add/"
pytestmark = pytest.mark.usefixtures("quiet_jobs")
API = "/api/v1/attempts/"


def clip(name="me.mp4", data=b"not looked at in the request"):
    file = io.BytesIO(data)
    file.name = name
    return file


def cookie_of(person):
    client = Client()
    client.force_login(person)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


async def ask(path, *, cookie="", accept="application/json"):
    """How many bytes of a long chunked body got as far as the site, and what was answered in its stead."""
    headers = [(b"accept", accept.encode()), (b"cookie", cookie.encode())]
    taken, sent = [], []

    async def site(scope, receive, send):
        for _ in range(10):
            taken.append(len((await receive())["body"]))

    async def receive():
        return {"type": "http.request", "body": b"x" * 100_000, "more_body": True}

    async def send(message):
        sent.append(message)

    await BodyLimit(site)({"type": "http", "method": "POST", "path": path, "headers": headers}, receive, send)
    return sum(taken), sent


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", [TAKE, GUIDE, API])
@pytest.mark.parametrize("cookie", ["", f"{settings.SESSION_COOKIE_NAME}=made-up", "{{{;=;;", "a=\xff"])
async def test_a_stranger_sends_no_byte_of_a_clip(path, cookie):
    taken, sent = await ask(path, cookie=cookie)
    assert (taken, sent[0]["status"]) == (0, 403)
    assert json.loads(sent[1]["body"])["error"]["code"] == "sign_in_first"


@pytest.mark.django_db(transaction=True)
async def test_a_strangers_browser_is_led_to_sign_in():
    taken, sent = await ask(TAKE, accept="text/html")
    assert (taken, sent[0]["status"]) == (0, 303)
    assert dict(sent[0]["headers"])[b"location"] == b"/accounts/login/?next=%2Fchoreographies%2Fsome-dance%2Ftakes%2F"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("path", "staff", "passes"), [(TAKE, False, True), (API, False, True), (GUIDE, False, False), (GUIDE, True, True)]
)
async def test_dancers_send_takes_and_curators_guides(path, staff, passes):
    person = await sync_to_async(CuratorFactory if staff else UserFactory)()
    taken, _ = await ask(path, cookie=await sync_to_async(cookie_of)(person))
    assert bool(taken) == passes


@pytest.mark.django_db
def test_back_from_signing_in_you_are_where_you_wanted_to_send(client):
    guide = GuideFactory(published=True)
    client.force_login(UserFactory())
    assert client.get(reverse("attempt_upload", args=[guide.choreography.slug])).url == (
        guide.choreography.get_absolute_url()
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../etc/passwd", "passwd"),
        ("a\\b.mp4", "b.mp4"),
        ("<script>alert(1)</script>.mp4", "script>.mp4"),
        ("춤.MP4", "춤.MP4"),
        ("x" * 5000 + ".mp4", "x" * 196 + ".mp4"),
        ("line\nbreak\u202e4pm.mp4", "linebreak4pm.mp4"),
    ],
)
def test_names_of_files_are_only_words(client, name, kept):
    person, guide = UserFactory(), GuideFactory(published=True)
    client.force_login(person)
    services.submit_attempt(dancer=person, choreography=guide.choreography, upload=upload(name))
    video = Video.objects.get()
    assert storage.direct_path(video.original_key).parent.name == str(video.pk)
    assert video.original_name.endswith(kept[-20:])
    assert len(video.original_name) <= 200
    assert not set("/\\\n\u202e") & set(video.original_name)


@pytest.mark.django_db(transaction=True)
def test_uploads_at_the_same_moment_are_three_at_most():
    dancer, choreography = UserFactory(), GuideFactory(published=True).choreography
    before = video_folders()

    def send():
        try:
            services.submit_attempt(dancer=dancer, choreography=choreography, upload=upload())
        except services.TooManyOpen:
            return "refused"
        return "kept"

    assert sorted(at_once([send] * 6)) == ["kept"] * 3 + ["refused"] * 3
    assert Attempt.objects.count() == Video.objects.count() == Job.objects.count() == 3
    assert video_folders() - before == {str(video.pk) for video in Video.objects.all()}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["page", "api"])
def test_trying_again_counts_as_an_open_take(client, address):
    dancer = UserFactory()
    client.force_login(dancer)
    for _ in range(3):
        AttemptFactory(dancer=dancer, job=JobFactory(owner=dancer))
    fourth = AttemptFactory(dancer=dancer, job=JobFactory(owner=dancer, state=JobState.CANCELLED))
    if address == "page":
        client.post(reverse("attempt_retry", args=[fourth.pk]))
    else:
        refused = client.post(f"{API}{fourth.pk}/retry/")
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "too_many_open")
    fourth.job.refresh_from_db()
    assert fourth.job.state == JobState.CANCELLED


@pytest.mark.django_db(transaction=True)
def test_an_upload_while_the_account_closes_leaves_nothing():
    dancer, choreography = UserFactory(), GuideFactory(published=True).choreography

    def send():
        # Whether it came too late depends on the moment; what counts is what lies about afterwards.
        with contextlib.suppress(User.DoesNotExist, IntegrityError):
            services.submit_attempt(dancer=dancer, choreography=choreography, upload=upload())

    before = video_folders()
    at_once([send, partial(close_account, user=dancer)])
    assert (Attempt.objects.count(), Video.objects.count()) == (0, 0)
    assert video_folders() == before


@pytest.mark.django_db
def test_closing_removes_clips_that_never_became_takes():
    dancer = UserFactory()
    video = receive_video(owner=dancer, upload=upload())
    close_account(user=dancer)
    assert not Video.objects.exists()
    assert not storage.direct_path(video.original_key).exists()


@pytest.mark.django_db
def test_a_curator_who_leaves_leaves_the_guides():
    curator = CuratorFactory()
    video = VideoFactory(owner=curator, original_key=storage.save_bytes("videos/kept/original.mp4", b"film"))
    guide = GuideFactory(published=True, with_track=True, video=video, job=JobFactory(owner=curator))
    close_account(user=curator)
    guide.refresh_from_db()
    assert (guide.video.owner, guide.job.owner) == (None, None)
    assert storage.read_key(video.original_key) == b"film"
    assert storage.read_key(guide.track_key)


def upload(name="me.mp4"):
    file = SimpleUploadedFile("x", b"film")
    file._name = name  # as a parser gives it that does not clean names
    return file


def video_folders():
    folder = storage.direct_path("videos")
    return {entry.name for entry in folder.iterdir()} if folder.exists() else set()
