"""What the tests of limits do with clips in a child process. Apart from tests/isolated.py: PyAV takes a while to load."""

import resource
from collections.abc import Callable
from pathlib import Path

from inference.media.audio import read_audio
from inference.media.errors import MediaError
from inference.media.frames import read_frames
from inference.media.probe import probe
from inference.media.transcode import to_playable


def use(clip: Path, folder: Path, *, send: Callable[[object], None]) -> tuple[str, int]:
    """All that is done with a clip: "used" or the code of the refusal, and the most memory that was held, in bytes."""
    code = "used"
    try:
        probe(clip, max_duration_s=360)
        for frame in read_frames(clip):
            frame.yuv420()
        read_audio(clip)
        to_playable(clip, folder / "copy.mp4")
    except MediaError as error:
        code = error.code
    return code, _most_memory_bytes()


def read_in_little_memory(clip: Path, folder: Path, *, send: Callable[[object], None]) -> int:
    _leave_bytes(12_000_000)
    return sum(1 for _ in read_frames(clip, thread_type="NONE"))


def convert_in_little_memory(clip: Path, folder: Path, *, send: Callable[[object], None]) -> None:
    _leave_bytes(12_000_000)
    to_playable(clip, folder / "copy.mp4")


def _most_memory_bytes() -> int:
    """Of this program alone: `ru_maxrss` begins with what the process that started it held."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def _leave_bytes(count: int) -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + count
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
