"""Who uses the server: a shared lock that a process holds for as long as it may want the database.

Locks belong to the kernel, so a process that is killed leaves none behind; whoever comes next sees the truth.
"""

import fcntl
import os
from pathlib import Path


class Lease:
    """One process's shared lock on `path`. The descriptor is closed in forked children and never reaches an `exec`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None
        os.register_at_fork(after_in_child=self._forget)

    @property
    def held(self) -> bool:
        return self._fd is not None

    def take(self) -> None:
        """Wait until nobody is stopping the server, then hold it up."""
        self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._fd, fcntl.LOCK_SH)

    def last_one_out(self) -> bool:
        """Turn the lease into the sole right to stop the server; False where others still use it."""
        if self._fd is None:
            return False
        try:
            # The kernel drops the shared lock before it tries for the exclusive one: of several processes that leave
            # at once, the last to drop its lock gets through.
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _forget(self) -> None:
        # A child shares the parent's lock; closing the copy leaves the parent's alone.
        self.close()
