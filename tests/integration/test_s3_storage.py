"""Private files on S3: a setting away, and the same to everybody above `inference.storage`."""

import boto3
import pytest
from django.core.files.storage import storages
from django.test import AsyncClient
from django.urls import reverse
from moto import mock_aws

from inference import storage
from tests.factories import AttemptFactory, UserFactory, VideoFactory

BUCKET = "kdance-test"


@pytest.fixture
def bucket(settings, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        settings.STORAGES = settings.STORAGES | {
            "default": {
                "BACKEND": "storages.backends.s3.S3Storage",
                "OPTIONS": {"bucket_name": BUCKET, "default_acl": "private", "querystring_auth": True},
            }
        }
        yield boto3.client("s3")


def test_objects_are_written_read_measured_and_removed(bucket):
    assert type(storages["default"]).__name__ == "S3Storage"
    storage.save_bytes("videos/a/original.mp4", b"first")
    storage.save_bytes("videos/a/original.mp4", b"second")
    assert storage.read_key("videos/a/original.mp4") == b"second"
    assert storage.size_of("videos/a/original.mp4") == 6
    storage.delete_keys(["videos/a/original.mp4", "videos/a/was-never-there"])
    assert bucket.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0
    with pytest.raises(FileNotFoundError):
        storage.read_key("videos/a/original.mp4")


def test_native_code_gets_a_copy_that_goes_away(bucket):
    storage.save_bytes("videos/a/original.mp4", b"film")
    with storage.local_copy("videos/a/original.mp4") as path:
        assert path.read_bytes() == b"film"
        assert path.suffix == ".mp4"
    assert not path.exists()


@pytest.fixture
def take(bucket, transactional_db):
    dancer = UserFactory()
    video = VideoFactory(owner=dancer, playable_type="video/mp4")
    video.playable_key = storage.save_bytes(f"videos/{video.pk}/original.mp4", b"film")
    video.save()
    return AttemptFactory(dancer=dancer, video=video, with_track=True)


async def test_videos_are_answered_by_a_signed_address_and_tracks_by_the_site(take):
    client = AsyncClient()
    await client.aforce_login(take.dancer)
    film = await client.get(reverse("attempt_video", args=[take.pk]))
    assert film.status_code == 302
    assert "Signature" in film["Location"]
    assert film["Cache-Control"] == "no-store"
    track = await client.get(reverse("attempt_track", args=[take.pk]))
    assert track.status_code == 200
