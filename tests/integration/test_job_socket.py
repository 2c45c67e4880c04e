"""The socket of a job: a snapshot first, then the truth again whenever it changes, and nothing for strangers."""

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.test import Client

from inference import consumers
from inference.consumers import MOST_PER_PERSON, NOT_FOUND, NOT_SPOKEN_TO, TOO_MANY
from inference.jobs import close_job
from inference.models import Job, JobState
from kdance_site.asgi import application
from tests.factories import JobFactory, UserFactory
from tests.sockets import Socket

pytestmark = pytest.mark.django_db(transaction=True)
HOST = b"localhost"


@pytest.fixture(autouse=True)
def in_memory_layer(settings):
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


@pytest.fixture
def job(transactional_db):
    return JobFactory()


def socket(job_id, user=None, origin=b"http://localhost"):
    headers = [(b"host", HOST), (b"origin", origin)]
    if user is not None:
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={session}".encode()))
    return Socket(application, f"/ws/jobs/{job_id}/", headers)


async def test_the_owner_gets_a_snapshot_and_then_each_change(job):
    connection = await sync_to_async(socket)(job.pk, job.owner)
    assert await connection.connect()
    first = await connection.read()
    assert (first["id"], first["state"], first["queue_position"]) == (str(job.pk), "queued", 1)
    await sync_to_async(close_job)(job.pk, JobState.FAILED, "no_dancer", attempt=0)
    last = await connection.read()
    assert (last["state"], last["failure"]["code"]) == ("failed", "no_dancer")
    await connection.hang_up()


async def test_a_lost_hint_is_made_good_by_looking(job, monkeypatch):
    monkeypatch.setattr(consumers, "LOOK_EVERY_S", 0.05)
    connection = await sync_to_async(socket)(job.pk, job.owner)
    await connection.connect()
    await connection.read()
    await Job.objects.filter(pk=job.pk).aupdate(percent=40)
    assert (await connection.read())["percent"] == 40
    await connection.hang_up()


@pytest.mark.parametrize("who", ["nobody", "stranger", "curator"])
async def test_others_are_told_that_there_is_nothing(job, who):
    user = None if who == "nobody" else await sync_to_async(UserFactory)(is_staff=who == "curator")
    connection = await sync_to_async(socket)(job.pk, user)
    await connection.connect()
    assert await connection.closing_code() == NOT_FOUND


async def test_curators_watch_the_jobs_of_guides():
    job = await sync_to_async(JobFactory)(kind="analyse_guide")
    curator = await sync_to_async(UserFactory)(is_staff=True)
    connection = await sync_to_async(socket)(job.pk, curator)
    await connection.connect()
    assert (await connection.read())["kind"] == "analyse_guide"
    await connection.hang_up()


async def test_another_site_cannot_open_the_socket(job):
    connection = await sync_to_async(socket)(job.pk, job.owner, origin=b"http://evil.example")
    assert not await connection.connect()


async def test_the_socket_closes_when_its_job_is_deleted(job, monkeypatch):
    monkeypatch.setattr(consumers, "LOOK_EVERY_S", 0.05)
    connection = await sync_to_async(socket)(job.pk, job.owner)
    await connection.connect()
    await connection.read()
    await Job.objects.filter(pk=job.pk).adelete()
    assert await connection.closing_code() == NOT_FOUND


@pytest.mark.parametrize("message", [{"text": "{not json"}, {"text": "[" * 4000}, {"bytes": b"\x00" * 4000}])
async def test_whoever_talks_to_it_is_hung_up_on(job, message):
    connection = await sync_to_async(socket)(job.pk, job.owner)
    await connection.connect()
    await connection.read()
    await connection.send_input({"type": "websocket.receive", **message})
    assert await connection.closing_code() == NOT_SPOKEN_TO


async def test_a_person_holds_only_so_many_open(job):
    sockets = [await sync_to_async(socket)(job.pk, job.owner) for _ in range(MOST_PER_PERSON + 2)]
    for connection in sockets[:MOST_PER_PERSON]:
        await connection.connect()
        await connection.read()
    one_too_many, later = sockets[MOST_PER_PERSON:]
    await one_too_many.connect()
    assert await one_too_many.closing_code() == TOO_MANY
    await sockets[0].hang_up()
    await later.connect()
    assert (await later.read())["id"] == str(job.pk)
    for connection in [*sockets[1:MOST_PER_PERSON], later, one_too_many]:
        await connection.hang_up()
    assert consumers._open_sockets == {}
