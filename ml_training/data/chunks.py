"""Labels read in chunks, each kept on the disk as soon as it is read, so that a stopped conversion goes on from there."""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ml_training.data.aihub import JOINTS, LabelError, label_in
from ml_training.data.images import picture_size, read_bytes
from ml_training.data.judging import PICTURE_REASONS, Fitted, Refused, fitted
from ml_training.data.layout import LabelFile
from ml_training.errors import TrainingError
from ml_training.files import whole_file

CHUNK = 500
FOLDER = ".parts"
_VERSION = 2


@dataclass(frozen=True)
class Task:
    """Labels that are read in one go: (label, picture) below `root`, and the file that keeps what was read of them."""

    root: str
    files: tuple[tuple[str, str | None], ...]
    labelled_px: tuple[int, int] | None
    part: str


@dataclass(frozen=True, eq=False)
class Read:
    """What became of M labels.

    Attributes
    ----------
    reason : (M,) str
        "" where the label can be used, otherwise a key of `judging.REASONS`.
    xy_px : (M, 29, 2) float32
    visibility : (M, 29) uint8
    size_px : (M, 2) int32
        Of the picture that is there.
    scaled : (M,) bool
        Whether the label was made on a picture of another size.
    """

    reason: NDArray[np.str_]
    xy_px: NDArray[np.float32]
    visibility: NDArray[np.uint8]
    size_px: NDArray[np.int32]
    scaled: NDArray[np.bool_]


def tasks_for(
    root: Path, out: Path, labels: list[LabelFile], labelled_px: tuple[int, int] | None, chunk: int = CHUNK
) -> list[Task]:
    """The labels in their order, `chunk` to a task. A part's name changes with any of its labels."""
    chunks = [labels[start : start + chunk] for start in range(0, len(labels), chunk)]
    return [
        Task(
            str(root),
            tuple((file.label, file.image) for file in files),
            labelled_px,
            str(out / FOLDER / f"{fingerprint(root, files, labelled_px)}.npz"),
        )
        for files in chunks
    ]


def fingerprint(root: Path, labels: list[LabelFile], labelled_px: tuple[int, int] | None) -> str:
    """Changes with the labels' files, their pictures' files, what their names tell, and how they are read."""
    told = [
        _VERSION,
        str(root),
        labelled_px,
        [(file.label, file.image, file.stamp, vars(file.name)) for file in labels],
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def read_task(task: Task) -> int:
    """Read the task's labels unless all of that was done before; how many they are. Raises TrainingError ("disk_full")."""
    if not _is_whole(task):
        rows = [_read_file(task.root, label, image, task.labelled_px) for label, image in task.files]
        with whole_file(Path(task.part), lasting=False) as draft, draft.open("wb") as file:
            np.savez(file, **vars(_stacked(rows)))
    return len(task.files)


def results(tasks: list[Task]) -> Read:
    """What all tasks read, in their order."""
    parts = []
    for task in tasks:
        with np.load(task.part) as part:
            parts.append({name: part[name] for name in part.files})
    return Read(**{name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


def _is_whole(task: Task) -> bool:
    try:
        with np.load(task.part) as part:
            return len(part["reason"]) == len(task.files) and "unreadable" not in part["reason"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return False


def _read_file(root: str, label: str, image: str | None, labelled_px: tuple[int, int] | None) -> Fitted | str:
    """The label in its picture's pixels, or why it cannot be used."""
    if image is None:
        return "missing_image"
    try:
        read, told_px = label_in(_label_bytes(root, label))
        return fitted(read, told_px or labelled_px, picture_size(root, image))
    except LabelError as error:
        return error.code
    except Refused as error:
        return error.reason
    except TrainingError as error:
        return PICTURE_REASONS[error.code]


def _label_bytes(root: str, label: str) -> bytes:
    try:
        return read_bytes(root, label)
    except TrainingError as error:
        if error.code == "unreadable_picture":
            raise
        raise LabelError(str(error)) from error


def _stacked(rows: list[Fitted | str]) -> Read:
    count = len(rows)
    read = Read(
        np.array([row if isinstance(row, str) else "" for row in rows], dtype=np.str_),
        np.full((count, JOINTS, 2), np.nan, np.float32),
        np.zeros((count, JOINTS), np.uint8),
        np.zeros((count, 2), np.int32),
        np.zeros(count, bool),
    )
    for place, row in _used(rows):
        read.xy_px[place], read.visibility[place] = row.label.xy_px, row.label.visibility
        read.size_px[place], read.scaled[place] = row.size_px, row.scaled
    return read


def _used(rows: list[Fitted | str]) -> Iterator[tuple[int, Fitted]]:
    return ((place, row) for place, row in enumerate(rows) if not isinstance(row, str))
