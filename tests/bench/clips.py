"""The clips that the pose engine is measured on: upright H.264, 30 frames a second, a key frame a second.

They are made of a real dance where the folder of real clips lies beside the checkout, else of a drawn dancer. A dance
shorter than the clip is played to and fro, which leaves no cut. There are two kinds: as editors and messengers save a clip
(constant quality), and straight from a phone: about 10 Mbit/s at 720p and 17 at 1080p without B-frames. A scaled-up dance
is too smooth to need as many bits, so a camera's grain is put on it. Decoding that kind takes twice the time.
"""

import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from tests.bench.drawn import drawn_dance

REPOSITORY = Path(__file__).resolve().parent.parent.parent
REAL_CLIPS = REPOSITORY.parent / "shared" / "data" / "video"
REAL_DANCE = REAL_CLIPS / "long_dance.mp4"
FOLDER = Path(os.environ.get("KDANCE_DATA_DIR") or REPOSITORY / "var") / "bench"

FPS = 30
KEY_FRAME_EVERY = 30
GRAIN_LEVELS = 2.0
_RECIPE = 2

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class ClipSize:
    width: int
    height: int
    phone_bit_rate: int | None
    """None: not as a phone writes it, but at constant quality."""


SIZES = {
    "720p": ClipSize(720, 1280, None),
    "1080p": ClipSize(1080, 1920, None),
    "720p-phone": ClipSize(720, 1280, 10_000_000),
    "1080p-phone": ClipSize(1080, 1920, 17_000_000),
}
DEFAULT_SIZES = ("720p", "1080p")


def bench_clip(name: str, seconds: int, folder: Path = FOLDER) -> Path:
    """The clip of a size in SIZES, made at the first call."""
    size = SIZES[name]
    dancer = "real" if REAL_DANCE.exists() else "drawn"
    path = folder / f"{dancer}-{name}-{seconds}s-{_RECIPE}.mp4"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        frames = seconds * FPS
        pictures = (
            real_dance(REAL_DANCE, frames) if dancer == "real" else drawn_dance((size.width, size.height), frames)
        )
        partial = path.with_suffix(".part")
        write_clip(partial, pictures, size)
        partial.replace(path)
    return path


def what_dances(clip: Path) -> str:
    """One line about a clip of ours, for the report."""
    if clip.name.startswith("drawn-"):
        return "a DRAWN dancer (no folder of real clips beside the checkout): speed only, and no more than a hint of it"
    return "a real dance, scaled"


def real_dance(source: Path, frames: int) -> Iterator[Bytes]:
    """RGB pictures of the clip, played to and fro until there are enough.

    To and fro once must do; only the pictures that come again are kept in memory.
    """
    with av.open(str(source)) as video:
        total = video.streams.video[0].frames
        kept: deque[Bytes] = deque(maxlen=max(0, frames - total) + 1)
        for picture in islice(video.decode(video=0), frames):
            rgb = picture.to_ndarray(format="rgb24")
            kept.append(rgb)
            yield rgb
    yield from islice(reversed(kept), 1, max(1, frames - total + 1))


def write_clip(path: Path, pictures: Iterator[Bytes], size: ClipSize) -> None:
    """Encode RGB pictures of any size, scaled; for a phone's clip with grain on their luma."""
    random = np.random.default_rng(1)
    grains = random.normal(0, GRAIN_LEVELS, (4, size.height, size.width)).astype(np.int8)
    options = {"preset": "veryfast", "profile": "high", "sc_threshold": "0"}
    options |= {"bf": "0", "refs": "1"} if size.phone_bit_rate else {"crf": "20"}
    with av.open(str(path), "w", format="mp4") as output:
        stream = output.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = size.width, size.height, "yuv420p"
        stream.gop_size = KEY_FRAME_EVERY
        if size.phone_bit_rate:
            stream.bit_rate = size.phone_bit_rate
        for index, rgb in enumerate(pictures):
            picture = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            planes = picture.reformat(size.width, size.height, "yuv420p").to_ndarray()
            if size.phone_bit_rate:
                grain = np.roll(grains[index % len(grains)], tuple(random.integers(0, 200, 2)), axis=(0, 1))
                planes[: size.height] = np.clip(planes[: size.height].astype(np.int16) + grain, 0, 255)
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
