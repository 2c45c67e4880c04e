"""The only owner of stored objects' names: where private files lie, and how they are written, read and removed."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path, PurePath
from typing import IO, Any
from uuid import UUID

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, default_storage
from django.core.files.storage.filesystem import FileSystemStorage

from inference.work_folders import work_folder

SUFFIXES = {".mp4", ".mov", ".webm", ".m4v", ".mkv"}


def video_original_key(video_id: UUID, name: str) -> str:
    """The key of an upload; of the name that came with it only a known suffix is kept."""
    suffix = PurePath(name).suffix.lower()
    return f"videos/{video_id}/original{suffix if suffix in SUFFIXES else '.bin'}"


def video_playable_key(video_id: UUID, job_attempt: int) -> str:
    return f"videos/{video_id}/playable-{job_attempt}.mp4"


def video_track_key(video_id: UUID, job_attempt: int, person: int = 0) -> str:
    return f"videos/{video_id}/track-{job_attempt}-{person}.kdt"


def video_portrait_key(video_id: UUID, job_attempt: int, person: int) -> str:
    return f"videos/{video_id}/portrait-{job_attempt}-{person}.jpg"


def pose_model_key(model_id: UUID) -> str:
    return f"models/{model_id}/model.onnx"


def guide_track_key(guide_id: UUID) -> str:
    return f"guides/{guide_id}/track.kdt"


def guide_audio_key(guide_id: UUID) -> str:
    return f"guides/{guide_id}/audio.wav"


def attempt_track_key(attempt_id: UUID, job_attempt: int | None = None) -> str:
    """The track of a take that is no clip; one that a job makes carries the job's attempt."""
    return f"attempts/{attempt_id}/track{'' if job_attempt is None else f'-{job_attempt}'}.kdt"


def attempt_sent_key(attempt_id: UUID) -> str:
    """A live take's track as its browser sent it."""
    return f"attempts/{attempt_id}/sent.kdt"


def live_part_key(live_take_id: UUID, number: int) -> str:
    return f"live/{live_take_id}/{number}.part"


def save_bytes(key: str, data: bytes) -> str:
    """Store `data` under exactly `key`, replacing what was there."""
    return save_file(key, ContentFile(data))


def save_file(key: str, content: File[Any]) -> str:
    """Store an open file under exactly `key`, replacing what was there."""
    storage = _storage()
    storage.delete(key)
    saved = storage.save(key, content)
    if saved != key:
        storage.delete(saved)
        raise FileExistsError(f"{key} is being written by somebody else")
    return key


def save_path(key: str, path: Path) -> str:
    with path.open("rb") as source:
        return save_file(key, File(source))


def open_key(key: str) -> IO[bytes]:
    """Raises FileNotFoundError for a key that is not there."""
    return _storage().open(key, "rb")


def read_key(key: str) -> bytes:
    with open_key(key) as source:
        return source.read()


def size_of(key: str) -> int:
    return _storage().size(key)


def delete_keys(keys: Iterable[str]) -> None:
    """Remove stored objects, and on disk the folders that this leaves empty. Absent ones are no error."""
    storage = _storage()
    for key in keys:
        if not key:
            continue
        storage.delete(key)
        if isinstance(storage, FileSystemStorage):
            _remove_if_empty(Path(storage.path(key)).parent)


def stored_videos() -> Iterator[tuple[UUID, list[str]]]:
    """The keys stored under each video, whether or not a row still names them."""
    return _stored_under("videos")


def stored_attempts() -> Iterator[tuple[UUID, list[str]]]:
    """The same for each take."""
    return _stored_under("attempts")


def stored_live_parts() -> Iterator[tuple[UUID, list[str]]]:
    """The same for each live take."""
    return _stored_under("live")


def stored_pose_models() -> Iterator[tuple[UUID, list[str]]]:
    """The same for each pose model."""
    return _stored_under("models")


def attempt_keys(attempt_id: UUID) -> list[str]:
    """Everything stored of a take itself; its clip is stored under the video."""
    return _keys_in(f"attempts/{attempt_id}")


def live_parts(live_take_id: UUID) -> dict[int, str]:
    """The keys of the parts that have arrived, by number."""
    keys = _keys_in(f"live/{live_take_id}")
    return dict(sorted((int(PurePath(key).stem), key) for key in keys if PurePath(key).stem.isdecimal()))


def written_at(key: str) -> datetime:
    """Raises FileNotFoundError for a key that is not there."""
    return _storage().get_modified_time(key)


def direct_path(key: str) -> Path | None:
    """The file itself where storage is a local disk, else None."""
    storage = _storage()
    return Path(storage.path(key)) if isinstance(storage, FileSystemStorage) else None


def direct_url(key: str) -> str | None:
    """A short-lived signed address where storage serves files itself (S3), else None."""
    storage = _storage()
    return None if isinstance(storage, FileSystemStorage) else storage.url(key)


@contextmanager
def local_copy(key: str) -> Iterator[Path]:
    """A path that native code can open: the file itself on disk storage, a temporary copy of a remote object."""
    path = direct_path(key)
    if path is not None:
        yield path
        return
    with work_folder() as folder:
        copy = folder / PurePath(key).name
        with open_key(key) as source, copy.open("wb") as target:
            shutil.copyfileobj(source, target, length=1 << 20)
        yield copy


def _storage() -> Storage:
    return default_storage


def _stored_under(kind: str) -> Iterator[tuple[UUID, list[str]]]:
    for folder in _names_in(kind)[0]:
        with suppress(ValueError):  # not a name that we gave
            yield UUID(folder), _keys_in(f"{kind}/{folder}")


def _keys_in(folder: str) -> list[str]:
    return [f"{folder}/{name}" for name in _names_in(folder)[1]]


def _names_in(folder: str) -> tuple[list[str], list[str]]:
    try:
        return _storage().listdir(folder)
    except FileNotFoundError:
        return [], []


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return
