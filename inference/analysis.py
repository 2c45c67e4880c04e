"""From an uploaded video to its track: check, convert, find the dancer. Each finished step is kept and never redone."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from inference import isolated_work, storage
from inference.jobs import Fenced, JobFailure, JobRun
from inference.media.isolation import run_isolated
from inference.media.probe import MediaInfo
from inference.media.transcode import is_browser_playable
from inference.models import JobStage, Video
from inference.pose import codec
from inference.pose.track import PoseTrack

CHECK_TIMEOUT_S = 60.0
CONVERT_TIMEOUT_S = 1800.0
FIND_TIMEOUT_S = 3600.0
CHILD_MEMORY_BYTES = 4_000_000_000
PLAYABLE_TYPES = {"mp4": "video/mp4", "webm": "video/webm"}


def analyse_video(video: Video, run: JobRun) -> PoseTrack:
    """Fill in what the clip is, a copy that browsers play, and its track.

    Raises MediaError for a clip that cannot be used, JobFailure("no_dancer") where nobody is in it, and StopWork.
    """
    with storage.local_copy(video.original_key) as source:
        if not video.playable_key:
            info = _check(video, source, run)
            _make_playable(video, source, info, run)
        if not video.track_key:
            _find_dancer(video, source, run)
    return codec.decode(storage.read_key(video.track_key))


def _check(video: Video, source: Path, run: JobRun) -> MediaInfo:
    run.begin(JobStage.CHECKING)
    info: MediaInfo = run_isolated(
        isolated_work.check,
        source,
        float(settings.UPLOAD_MAX_S),
        settings.UPLOAD_MAX_BYTES,
        on_message=_relay(run),
        timeout_s=CHECK_TIMEOUT_S,
        memory_limit_bytes=CHILD_MEMORY_BYTES,
    )
    video.width_px, video.height_px = info.width_px, info.height_px
    video.duration_s, video.fps = info.duration_s, info.fps
    with run.fenced():
        video.save(update_fields=["width_px", "height_px", "duration_s", "fps"])
    return info


def _make_playable(video: Video, source: Path, info: MediaInfo, run: JobRun) -> None:
    if is_browser_playable(info):
        suffix = "webm" if "webm" in info.container else "mp4"
        _keep(video, run, playable_key=video.original_key, playable_type=PLAYABLE_TYPES[suffix])
        return
    run.begin(JobStage.CONVERTING)
    with tempfile.TemporaryDirectory(prefix="kdance-", dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        target = Path(folder) / "playable.mp4"
        run_isolated(
            isolated_work.convert,
            source,
            target,
            on_message=_relay(run),
            timeout_s=CONVERT_TIMEOUT_S,
            memory_limit_bytes=CHILD_MEMORY_BYTES,
        )
        key = storage.save_path(storage.video_playable_key(video.pk, run.attempt), target)
    _keep(video, run, playable_key=key, playable_type=PLAYABLE_TYPES["mp4"])


def _find_dancer(video: Video, source: Path, run: JobRun) -> None:
    run.begin(JobStage.FINDING)
    with tempfile.TemporaryDirectory(prefix="kdance-", dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        track_path = Path(folder) / "track.kdt"
        result: isolated_work.FoundDancer = run_isolated(
            isolated_work.find_dancer,
            source,
            track_path,
            settings.POSE_ESTIMATOR,
            settings.MODEL_DIR,
            settings.POSE_WORKERS,
            on_message=_relay(run),
            timeout_s=FIND_TIMEOUT_S,
            memory_limit_bytes=CHILD_MEMORY_BYTES,
        )
        if result.found == 0:
            raise JobFailure("no_dancer")
        key = storage.save_path(storage.video_track_key(video.pk, run.attempt), track_path)
    _keep(video, run, track_key=key)


def _keep(video: Video, run: JobRun, **values: str) -> None:
    """Record stored objects on the row; if this attempt no longer owns the job, remove them instead."""
    try:
        with run.fenced():
            for name, value in values.items():
                setattr(video, name, value)
            video.save(update_fields=list(values))
    except Fenced:
        storage.delete_keys(key for name, key in values.items() if name.endswith("_key") and key != video.original_key)
        raise


def _relay(run: JobRun) -> Callable[[object], None]:
    def on_message(message: object) -> None:
        if isinstance(message, isolated_work.Share):
            run.report(message.share, frames_per_s=message.frames_per_s)
        else:
            run.beat()

    return on_message
