"""Files that are there whole or not at all."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ml_training.errors import TrainingError

WRITER = ".writer"
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def whole_file(path: Path, lasting: bool = True) -> Iterator[Path]:
    """A path to write to, in the same folder; it takes the place of `path` once the block is through and it is on the disk.

    When the block fails, an older `path` stays as it was and nothing else is left behind. Waiting for the disk takes seconds
    where others write much: what can be made again in less, and is looked over before it is used, need not be `lasting`.

    Raises
    ------
    TrainingError
        "disk_full" when there is no room for it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        yield draft
        if lasting:
            _onto_the_disk(draft)
        draft.replace(path)
    except OSError as error:
        if error.errno in _NO_ROOM:
            message = f"There is no room for {path}: free some and run the same command again."
            raise TrainingError("disk_full", message) from error
        raise
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One writer at a time: the lock is the kernel's, and a killed writer has none any more.

    Raises
    ------
    TrainingError
        "already_running".
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / WRITER).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            message = f"Another command is writing {folder} at this moment: wait for it, or stop it."
            raise TrainingError("already_running", message) from error
        yield


def _onto_the_disk(path: Path) -> None:
    """Without this a power cut could leave the new name on an empty file."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
