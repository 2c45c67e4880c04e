"""Where the embedded server keeps its files. Imports nothing of Django: settings.py calls it."""

import hashlib
import os
from pathlib import Path

SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH_BYTES = 107  # sun_path of a Unix socket, less its closing zero
SHORT_DIR = Path("/tmp")  # noqa: S108 - the folder in it is ours, 0700, and checked for that before it is used


def socket_dir(postgres_dir: Path) -> Path:
    """The folder of the server's socket: its own folder, or a short one where that path is too long for a socket."""
    if len(os.fsencode(postgres_dir / SOCKET_NAME)) <= LONGEST_SOCKET_PATH_BYTES:
        return postgres_dir
    digest = hashlib.sha256(os.fsencode(postgres_dir)).hexdigest()[:12]
    return SHORT_DIR / f"kdance-{os.getuid()}-{digest}"


def make_private_dir(path: Path) -> None:
    """Make a folder that only this user may enter, and refuse one that somebody else laid in its place."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if path.is_symlink() or found.st_uid != os.getuid():
        raise PermissionError(f"{path} belongs to somebody else: remove it, or set KDANCE_POSTGRES_DIR.")
    path.chmod(0o700)
