import pytest
from django.core.cache import cache

from choreography import live_takes
from inference import storage
from inference.pose import codec
from tests.factories import GuideFactory, UserFactory
from tests.live_takes import GUIDE, PART_BYTES, Browser


@pytest.fixture(autouse=True)
def quiet_queue(settings, tmp_path, monkeypatch):
    cache.clear()
    disk = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "media"}}
    settings.STORAGES = settings.STORAGES | {"default": disk}
    monkeypatch.setattr(live_takes, "PART_BYTES", PART_BYTES)
    monkeypatch.setattr("inference.queue._defer", lambda job_id: None)


@pytest.fixture
def dancer(client):
    person = UserFactory()
    client.force_login(person)
    return person


@pytest.fixture
def guide():
    guide = GuideFactory(published=True, duration_s=12.0)
    guide.track_key = storage.save_bytes(storage.guide_track_key(guide.pk), codec.encode(GUIDE))
    guide.save()
    return guide


@pytest.fixture
def browser(client, dancer, guide):
    return Browser(client, guide)
