"""Pictures by the names that a table of samples gives them: files, or members of a zip that stays packed."""

import lzma
import os
import struct
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_training.errors import TrainingError

SUFFIXES = (".jpg", ".jpeg", ".png")
IN_ZIP = "::"

_HEADS_BYTES = (1 << 12, 1 << 16, None)
"""Where a picture's size stands: at once in nearly every file, behind a camera's notes in others, or anywhere."""
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    struct.error,
)
"""What `zipfile` and the decompressors raise at a damaged archive: flipped bytes can be in a name as well as in a stream."""
_DECODE = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION


def read_picture(root: str | Path, image: str) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 RGB, as it lies in the file: a note in it to turn it is not heeded, for labels heed none.

    Parameters
    ----------
    root
        `Samples.root`.
    image
        A path below it, or `archive.zip::member`.

    Raises
    ------
    TrainingError
        "missing_picture", "damaged_picture", or "unreadable_picture" where it is the disk or a permission that fails.
    """
    content = read_bytes(root, image)
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), _DECODE) if content else None
    if pixels is None or _cut_short(content):
        raise TrainingError("damaged_picture", f"{image} below {root} is no whole JPEG or PNG picture: fetch it again.")
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), np.uint8)


def picture_size(root: str | Path, image: str) -> tuple[int, int]:
    """Width and height from the file's head, without decoding it. Raises as `read_picture`."""
    for most in _HEADS_BYTES:
        size_px = size_in(read_bytes(root, image, most))
        if size_px is not None:
            return size_px
    raise TrainingError("damaged_picture", f"{image} below {root} is no JPEG or PNG picture: fetch it again.")


def read_bytes(root: str | Path, name: str, most: int | None = None) -> bytes:
    """The first `most` bytes of a file or of a zip's member (None: all). Raises as `read_picture`."""
    archive, inside, member = name.partition(IN_ZIP)
    path = Path(root, archive)
    try:
        if not inside:
            with path.open("rb") as file:
                return file.read(-1 if most is None else most)
        with open_zip(path).open(member) as file:
            return file.read(-1 if most is None else most)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, KeyError) as error:
        raise TrainingError("missing_picture", f"{name} is not below {root}: is that folder where it was?") from error
    except _DAMAGE as error:
        message = f"{name} below {root} cannot be unpacked ({error}): fetch the archive again."
        raise TrainingError("damaged_picture", message) from error
    except OSError as error:
        message = f"{name} below {root} cannot be read ({error.strerror or error}): may you, and is its disk well?"
        raise TrainingError("unreadable_picture", message) from error


def open_zip(path: Path) -> zipfile.ZipFile:
    """The archive, opened once in each process: a forked process that shared the file's position would read garbage."""
    status = path.stat()
    return _opened_zip(str(path), status.st_size, status.st_mtime_ns, os.getpid())


@lru_cache(maxsize=16)
def _opened_zip(path: str, _size: int, _changed_ns: int, _process: int) -> zipfile.ZipFile:
    return zipfile.ZipFile(path)


def size_in(content: bytes) -> tuple[int, int] | None:
    """Width and height that a JPEG's or PNG's head tells, None if it does not (yet) tell them."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    return _jpeg_size(content) if content.startswith(b"\xff\xd8") else None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    """From the frame's head (SOF0 to SOF15 but for DHT, JPG and DAC; ITU-T T.81, B.2.2)."""
    place = 2
    while place + 9 <= len(content):
        if content[place] != 0xFF:
            return None
        marker = content[place + 1]
        if marker == 0xFF:
            place += 1
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return width, height
        else:
            place += 2 + struct.unpack(">H", content[place + 2 : place + 4])[0]
    return None


def _cut_short(content: bytes) -> bool:
    """OpenCV fills up what is missing of a JPEG with grey and says nothing; the mark of its end tells."""
    return content.startswith(b"\xff\xd8") and b"\xff\xd9" not in content[-4096:]
