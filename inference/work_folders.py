"""Folders for files in the making: gone when their work is done, and soon also where a worker was killed in mid-work."""

import contextlib
import fcntl
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from django.conf import settings

# Where machines share the folder, each clears up after its own workers: not every network folder shares its locks.
PREFIX = f"kdance-{socket.gethostname()}-"
LOCK_NAME = ".in-use"


@contextlib.contextmanager
def work_folder() -> Iterator[Path]:
    """A folder of this process's own for as long as the block runs.

    The lock in it belongs to the kernel, which gives it up when the process ends, however it ends.
    """
    while True:
        with (
            tempfile.TemporaryDirectory(prefix=PREFIX, dir=settings.FILE_UPLOAD_TEMP_DIR) as name,
            (Path(name) / LOCK_NAME).open("wb") as lock,
        ):
            fcntl.flock(lock, fcntl.LOCK_EX)
            # Somebody who clears up may have been quicker than the lock.
            if _is_still_there(lock):
                yield Path(name)
                return


def clear_abandoned() -> int:
    """Remove the work folders of this machine that no living process works in; return how many."""
    folders = [path.parent for path in Path(settings.FILE_UPLOAD_TEMP_DIR).glob(f"{PREFIX}*/{LOCK_NAME}")]
    return sum(_clear_if_abandoned(folder) for folder in folders)


def _clear_if_abandoned(folder: Path) -> bool:
    with contextlib.suppress(FileNotFoundError, BlockingIOError), (folder / LOCK_NAME).open("r+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
        return True
    return False


def _is_still_there(lock: IO[bytes]) -> bool:
    try:
        return os.path.samestat(os.stat(lock.name), os.fstat(lock.fileno()))
    except FileNotFoundError:
        return False
