"""What is left of takes danced before the webcam: deleted, given up, never finished."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from moto import mock_aws

from choreography import live_takes, services
from choreography.live_takes import MAX_UNFINISHED
from choreography.models import Attempt, LiveTake
from inference import leftovers, storage
from inference.jobs import run_job
from inference.models import Job
from inference.pose import codec
from tests.live_takes import BYTES, GUIDE, Browser, refused

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet_jobs")]


def test_deleting_a_take_removes_what_was_sent(client, browser):
    browser.send()
    take = Attempt.objects.get()
    run_job(take.job_id)
    folder = storage.direct_path(storage.attempt_sent_key(take.pk)).parent
    assert len(list(folder.iterdir())) == 2
    storage.save_bytes(storage.live_part_key(browser.id, 0), b"left behind")
    client.post(reverse("attempt_delete", args=[take.pk]))
    assert not folder.exists()
    assert storage.live_parts(browser.id) == {}
    assert (Attempt.objects.count(), LiveTake.objects.count(), Job.objects.count()) == (0, 0, 0)


def test_closing_the_account_removes_takes_and_parts(client, browser, guide, dancer):
    browser.send()
    half = Browser(client, guide)
    half.open()
    half.part(0)
    services.delete_dancer_data(dancer)
    assert (Attempt.objects.count(), LiveTake.objects.count()) == (0, 0)
    assert list(storage.stored_live_parts()) == list(storage.stored_attempts()) == []


def test_giving_up_a_take_removes_its_parts(browser):
    browser.open()
    browser.part(0)
    assert browser.delete().status_code == 204
    assert refused(browser.part(0)) == refused(browser.delete()) == (404, "not_found")
    assert storage.live_parts(browser.id) == {}


def test_the_oldest_unfinished_take_makes_room(client, browser, guide):
    browser.open()
    browser.part(0)
    for _ in range(MAX_UNFINISHED):
        assert Browser(client, guide).open().status_code == 200
    assert LiveTake.objects.count() == MAX_UNFINISHED
    assert storage.live_parts(browser.id) == {}
    assert browser.open().json()["received"] == []  # and its browser begins anew


def test_what_was_never_finished_goes_after_a_day(client, browser, guide, dancer):
    browser.send()
    half, young = Browser(client, guide), Browser(client, guide)
    for one in (half, young):
        one.open()
        one.part(0)
    LiveTake.objects.filter(pk=half.id).update(created_at=timezone.now() - timedelta(days=2))
    lost = storage.save_bytes(storage.live_part_key(uuid.uuid4(), 0), b"without a row")
    trackless = storage.save_bytes(storage.attempt_sent_key(uuid.uuid4()), b"without a row")
    assert live_takes.clear_away in leftovers._clearings
    assert live_takes.clear_away(timezone.now() - timedelta(days=1)) == 1
    assert storage.live_parts(half.id) == {}
    assert len(storage.live_parts(young.id)) == 1
    assert storage.size_of(lost) == storage.size_of(trackless)
    assert live_takes.clear_away(timezone.now() + timedelta(minutes=1)) == 3
    for key in (lost, trackless):
        with pytest.raises(FileNotFoundError):
            storage.read_key(key)
    assert storage.read_key(storage.attempt_sent_key(Attempt.objects.get().pk)) == BYTES


def test_parts_lie_on_s3_as_well(settings, monkeypatch, browser):
    import boto3

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        bucket = boto3.client("s3")
        bucket.create_bucket(Bucket="kdance-test")
        backend = {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {"bucket_name": "kdance-test", "default_acl": "private", "querystring_auth": True},
        }
        settings.STORAGES = settings.STORAGES | {"default": backend}
        storage.save_bytes(browser.guide.track_key, codec.encode(GUIDE))
        assert browser.send().status_code == 200
        take = Attempt.objects.select_related("job").get()
        run_job(take.job_id)
        take.refresh_from_db()
        assert take.comparison.verdict == "judged"
        assert storage.live_parts(browser.id) == {}
        services.delete_attempt(take)
        assert bucket.list_objects_v2(Bucket="kdance-test")["KeyCount"] == 1  # the guide's
