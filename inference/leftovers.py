"""Clears away what a killed process left behind: half-received uploads, files without a row, clips that became nothing.

Everything here is at least a day old, which is far longer than any upload or job takes, but for the folders that dead
workers left: those are known for what they are. docs/jobs.md says when it runs.
"""

import logging
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Q

from inference import storage
from inference.models import PoseModel, Video
from inference.services import delete_video
from inference.work_folders import clear_abandoned

logger = logging.getLogger(__name__)

OLD_AFTER = timedelta(days=1)


Clearing = Callable[[datetime], int]
_clearings: list[Clearing] = []


def clears_away(function: Clearing) -> Clearing:
    """Register what else removes leftovers of before a time, and answers how many."""
    _clearings.append(function)
    return function


def clear_away(*, now: datetime) -> int:
    """Remove leftovers; return how many things were removed."""
    before = now - OLD_AFTER
    removed = clear_abandoned() + _temporary_files(before) + _unused_videos(before) + _files_without_a_row(before)
    removed += sum(clearing(before) for clearing in _clearings)
    if removed:
        logger.info("cleared away %s things that were left behind", removed)
    return removed


def _temporary_files(before: datetime) -> int:
    old = [path for path in Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir() if path.lstat().st_mtime < before.timestamp()]
    for path in old:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(old)


def _unused_videos(before: datetime) -> int:
    """Clips whose upload ended between the file and the row that would have shown it."""
    subjects = [relation.name for relation in Video._meta.related_objects if relation.one_to_one]
    unused = Q(*((subject, None) for subject in subjects))
    videos = list(Video.objects.filter(unused, created_at__lt=before))
    for video in videos:
        delete_video(video)
    return len(videos)


def _files_without_a_row(before: datetime) -> int:
    orphans = [key for key in _orphans() if storage.written_at(key) < before]
    storage.delete_keys(orphans)
    return len(orphans)


def _orphans() -> Iterator[str]:
    for video_id, keys in storage.stored_videos():
        video = Video.objects.filter(pk=video_id).first()
        used = set(video.keys) if video is not None else set()
        yield from (key for key in keys if key not in used)
    for model_id, keys in storage.stored_pose_models():
        if not PoseModel.objects.filter(pk=model_id).exists():
            yield from keys
