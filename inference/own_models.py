"""Pose models that curators give to the site: taken in after a trial in a process of its own, used by new clips.

The row is the truth, the file lies in the private storage, and each use of it checks the SHA-256 that the row keeps.
docs/gpu.md says what a file must say of itself.
"""

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.base import File
from django.db import transaction

from inference import isolated_models, storage
from inference.estimators.registry import estimator_names
from inference.jobs import JobFailure
from inference.media.errors import DecoderDied
from inference.media.isolation import run_isolated
from inference.models import PoseModel
from inference.work_folders import work_folder

if TYPE_CHECKING:
    from accounts.models import User

logger = logging.getLogger(__name__)

TRIAL_TIMEOUT_S = 60.0
TRIAL_MEMORY_BYTES = 4_000_000_000
_CHUNK_BYTES = 1 << 20


class ModelRefused(Exception):
    """The file cannot be taken. `code` is stable (words: `inference/model_words.py`); `detail` is for who made the model."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code, self.detail = code, detail


@dataclass(frozen=True)
class TriedModel:
    """What a trial of an upload showed."""

    sha256: str
    size_bytes: int
    report: isolated_models.ModelReport


@dataclass(frozen=True)
class FetchedModel:
    """A model's name and its file on this machine."""

    name: str
    file: Path


def try_model(*, name: str, upload: File[Any]) -> TriedModel:
    """Look at an upload in a process of its own. Raises ModelRefused. Keeps nothing."""
    if name in estimator_names():
        raise ModelRefused("name_taken")
    with work_folder() as folder:
        path = folder / "model.onnx"
        sha256, size_bytes = _copy(upload.chunks(), path)
        _refuse_by_size(size_bytes)
        if PoseModel.objects.filter(sha256=sha256).exists():
            raise ModelRefused("model_known")
        return TriedModel(sha256, size_bytes, _tried_out(path))


def keep_model(*, name: str, upload: File[Any], tried: TriedModel, note: str, curator: "User") -> PoseModel:
    """Store a model that passed its trial; it is not in use yet."""
    model = PoseModel(
        name=name,
        sha256=tried.sha256,
        size_bytes=tried.size_bytes,
        licence=tried.report.licence,
        says=tried.report.says,
        reading_ms=tried.report.reading_ms,
        note=note,
        added_by=curator,
    )
    upload.seek(0)
    model.key = storage.save_file(storage.pose_model_key(model.pk), upload)
    try:
        model.save(force_insert=True)
    except Exception:
        storage.delete_keys([model.key])
        raise
    return model


def activate_model(model: PoseModel) -> None:
    """Search new clips with this model. A clip that is being searched is not touched."""
    with transaction.atomic():
        # All rows, in one order: two curators who choose at the same time wait for each other.
        list(PoseModel.objects.select_for_update().order_by("pk"))
        PoseModel.objects.filter(is_active=True).update(is_active=False)
        PoseModel.objects.filter(pk=model.pk).update(is_active=True)


def deactivate_model(model: PoseModel) -> None:
    """Search new clips with the engine of the settings again."""
    PoseModel.objects.filter(pk=model.pk).update(is_active=False)


def delete_model(model: PoseModel) -> None:
    """The row goes, and the file once nobody can read the row any more: workers see it until the outermost commit.

    If this is cut short between the two, `inference.leftovers` removes the file.
    """
    key = model.key
    with transaction.atomic():
        model.delete()
        transaction.on_commit(lambda: storage.delete_keys([key]), robust=True)


def fetch_active(folder: Path) -> FetchedModel | None:
    """A copy of the active model in `folder`, or None where there is none.

    A copy, so that whoever deletes the model breaks no search.

    Raises
    ------
    JobFailure
        If the file is gone from storage, or is not the one that was tried out.
    """
    while (model := PoseModel.objects.filter(is_active=True).first()) is not None:
        path = folder / "model.onnx"
        try:
            with storage.open_key(model.key) as source:
                sha256, _ = _copy(_chunks(source), path)
        except FileNotFoundError:
            if not PoseModel.objects.filter(pk=model.pk, is_active=True).exists():
                continue  # deleted just now, or another one was chosen
            sha256 = ""
        if sha256 != model.sha256:
            logger.error("the file of the pose model %s (%s) is missing or damaged", model.name, model.key)
            raise JobFailure("model_unusable")
        return FetchedModel(model.name, path)
    return None


def _tried_out(path: Path) -> isolated_models.ModelReport:
    from inference.estimators.onnx_declared import BadDeclaration

    try:
        report: isolated_models.ModelReport = run_isolated(
            isolated_models.try_out,
            path,
            timeout_s=TRIAL_TIMEOUT_S,
            memory_limit_bytes=TRIAL_MEMORY_BYTES,
        )
    except BadDeclaration as error:
        raise ModelRefused(error.code, str(error).removeprefix(f"{path}: ")) from error
    except DecoderDied as error:
        raise ModelRefused("model_died") from error
    return report


def _refuse_by_size(size_bytes: int) -> None:
    if size_bytes == 0:
        raise ModelRefused("model_empty")
    if size_bytes > settings.UPLOAD_MAX_BYTES:
        raise ModelRefused("model_too_large")


def _copy(chunks: Iterable[bytes], path: Path) -> tuple[str, int]:
    """The SHA-256 and the length of what was written to `path`."""
    digest, size_bytes = hashlib.sha256(), 0
    with path.open("wb") as target:
        for chunk in chunks:
            digest.update(chunk)
            target.write(chunk)
            size_bytes += len(chunk)
    return digest.hexdigest(), size_bytes


def _chunks(source: IO[bytes]) -> Iterable[bytes]:
    while chunk := source.read(_CHUNK_BYTES):
        yield chunk
