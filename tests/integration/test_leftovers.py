"""What killed processes left behind goes after a day, and nothing else goes."""

import os
from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django import app

from inference import storage
from inference.leftovers import OLD_AFTER, clear_away
from inference.models import Video
from tests.factories import AttemptFactory, GuideFactory, VideoFactory

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - OLD_AFTER - timedelta(minutes=1)


@pytest.fixture(autouse=True)
def temporary(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "tmp"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "media"},
        }
    }
    return settings.FILE_UPLOAD_TEMP_DIR


def aged(path):
    os.utime(path, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    return path


def stored(key, *, old=True):
    path = storage.direct_path(storage.save_bytes(key, b"film"))
    return aged(path) if old else path


def clip(**fields):
    video = VideoFactory(**fields)
    video.original_key = storage.video_original_key(video.pk, "me.mp4")
    video.save()
    Video.objects.filter(pk=video.pk).update(created_at=LONG_AGO)
    stored(video.original_key)
    return video


def test_nothing_is_there_to_clear_away():
    assert clear_away(now=timezone.now()) == 0


def test_half_received_uploads_go_after_a_day(temporary):
    (temporary / "new.upload.mp4").write_bytes(b"still coming in")
    aged_folder = temporary / "kdance-abc"
    aged_folder.mkdir()
    (aged_folder / "playable.mp4").write_bytes(b"half")
    aged(aged_folder)
    (temporary / "old.upload.mp4").write_bytes(b"half")
    aged(temporary / "old.upload.mp4")
    assert clear_away(now=timezone.now()) == 2
    assert [path.name for path in temporary.iterdir()] == ["new.upload.mp4"]


def test_files_whose_row_is_gone_go_after_a_day():
    unsaved = VideoFactory.build()
    orphan = stored(storage.video_original_key(unsaved.pk, "me.mp4"))
    young = stored(storage.video_original_key(VideoFactory.build().pk, "me.mp4"), old=False)
    foreign = stored("videos/not-a-name-of-ours/keep.txt")
    assert clear_away(now=timezone.now()) == 1
    assert not orphan.parent.exists()
    assert young.exists()
    assert foreign.exists()


def test_a_copy_that_a_killed_worker_left_beside_the_kept_one_goes():
    video = clip()
    AttemptFactory(video=video)
    video.playable_key = storage.video_playable_key(video.pk, 2)
    video.save()
    kept, left = stored(video.playable_key), stored(storage.video_playable_key(video.pk, 1))
    assert clear_away(now=timezone.now()) == 1
    assert kept.exists()
    assert not left.exists()
    assert storage.direct_path(video.original_key).exists()


def test_clips_of_takes_and_guides_stay_and_those_of_nothing_go():
    of_take, of_guide, of_nothing = clip(), clip(), clip()
    AttemptFactory(video=of_take)
    GuideFactory(video=of_guide)
    just_arrived = VideoFactory()
    assert clear_away(now=timezone.now()) == 1
    assert set(Video.objects.all()) == {of_take, of_guide, just_arrived}
    assert not storage.direct_path(of_nothing.original_key).exists()


def test_it_runs_every_hour():
    names = [name for (name, _) in app.periodic_registry.periodic_tasks]
    assert "kdance:clear_away_leftovers" in names
