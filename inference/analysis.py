"""From an uploaded video to its track: check, convert, find the people. Each finished step is kept and never redone."""

import logging
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from django.conf import settings

from inference import isolated_work, own_models, storage
from inference.estimators.onnx_declared import BadDeclaration
from inference.jobs import Fenced, JobFailure, JobRun, StopWork
from inference.media.isolation import run_isolated
from inference.media.probe import MediaInfo
from inference.media.transcode import is_browser_playable
from inference.models import JobStage, Person, Video
from inference.pose import codec
from inference.pose.track import PoseTrack
from inference.work_folders import work_folder

logger = logging.getLogger(__name__)

CHECK_TIMEOUT_S = 60.0
CONVERT_TIMEOUT_S = 1800.0
FIND_TIMEOUT_S = 3600.0
# Both tell how far they are several times a second; loading the engine is the longest silence.
QUIET_LIMIT_S = 180.0
CHILD_MEMORY_BYTES = 4_000_000_000
PLAYABLE_TYPES = {"mp4": "video/mp4", "webm": "video/webm"}


def analyse_video(video: Video, run: JobRun) -> PoseTrack:
    """Fill in what the clip is, a copy that browsers play, and who is in it; return the dancer's track.

    Raises MediaError for a clip that cannot be used, JobFailure where nobody is in it or the dancer cannot be judged (the
    people are kept: one can be chosen who can), and StopWork.
    """
    with storage.local_copy(video.original_key) as source:
        if not video.playable_key:
            info = _check(video, source, run)
            _make_playable(video, source, info, run)
        if not video.track_key:
            _find_people(video, source, run)
    return dancers_track(video)


def dancers_track(video: Video) -> PoseTrack:
    """The track of the person who is to be judged. Raises JobFailure if that person cannot be."""
    if video.dancer is not None and video.dancer.refusal:
        raise JobFailure(video.dancer.refusal)
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
    with work_folder() as folder:
        target = folder / "playable.mp4"
        run_isolated(
            isolated_work.convert,
            source,
            target,
            on_message=_relay(run),
            timeout_s=CONVERT_TIMEOUT_S,
            quiet_limit_s=QUIET_LIMIT_S,
            memory_limit_bytes=CHILD_MEMORY_BYTES,
            file_limit_bytes=2 * settings.UPLOAD_MAX_BYTES,
        )
        key = storage.save_path(storage.video_playable_key(video.pk, run.attempt), target)
    _keep(video, run, playable_key=key, playable_type=PLAYABLE_TYPES["mp4"])


def _find_people(video: Video, source: Path, run: JobRun) -> None:
    run.begin(JobStage.FINDING)
    with work_folder() as folder:
        found = _search(source, folder, _engine(folder), run)
        if not found:
            raise JobFailure("no_dancer")
        _keep_people(video, found, folder, run)


def _search(
    source: Path, folder: Path, engine: isolated_work.EngineChoice, run: JobRun
) -> list[isolated_work.SeenPerson]:
    try:
        found: list[isolated_work.SeenPerson] = run_isolated(
            isolated_work.find_people,
            source,
            folder,
            engine,
            settings.MODEL_DIR,
            settings.POSE_WORKERS,
            on_message=_relay(run),
            timeout_s=FIND_TIMEOUT_S,
            quiet_limit_s=QUIET_LIMIT_S,
            memory_limit_bytes=settings.POSE_MEMORY_LIMIT_MB * 1_000_000 or None,
        )
    except BadDeclaration as error:  # checked when it was added, so this machine differs from the one that did
        logger.exception("the pose model %s cannot be used here", engine.name)
        raise JobFailure("model_unusable") from error
    return found


def _engine(folder: Path) -> isolated_work.EngineChoice:
    """The model that a curator chose for new clips, else the engine of the settings."""
    model = own_models.fetch_active(folder)
    if model is None:
        return isolated_work.EngineChoice(settings.POSE_ESTIMATOR)
    return isolated_work.EngineChoice(model.name, model.file)


def _keep_people(video: Video, found: list[isolated_work.SeenPerson], folder: Path, run: JobRun) -> None:
    """Store everybody's files, then their rows, with the main dancer as the one to be judged.

    If this attempt no longer owns the job, its files go again.
    """
    people = [_row(video, seen, run) for seen in found]
    keys = [key for person in people for key in (person.track_key, person.portrait_key)]
    try:
        for person, seen in zip(people, found, strict=True):
            run.beat()
            storage.save_path(person.track_key, folder / seen.track)
            if seen.portrait:
                storage.save_path(person.portrait_key, folder / seen.portrait)
        with run.fenced():
            dancer, *_ = Person.objects.bulk_create(people)
            video.dancer, video.track_key = dancer, dancer.track_key
            video.save(update_fields=["dancer", "track_key"])
    except StopWork:
        storage.delete_keys(keys)
        raise


def _row(video: Video, seen: isolated_work.SeenPerson, run: JobRun) -> Person:
    values = asdict(seen)
    del values["track"], values["portrait"]
    track_key = storage.video_track_key(video.pk, run.attempt, seen.number)
    portrait_key = storage.video_portrait_key(video.pk, run.attempt, seen.number) if seen.portrait else ""
    return Person(video=video, track_key=track_key, portrait_key=portrait_key, **values)


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
