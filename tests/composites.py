"""Scenes with several people, put together from clips of one dancer each."""

from collections.abc import Iterable
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from inference.media.frames import read_frames

Bytes = NDArray[np.uint8]

STAGE = (1280, 1024)
FRAMES = 120


class Dancer:
    """A clip played back and forth without end."""

    def __init__(self, clip: Path, *, columns: slice = slice(None), frames: int = 83) -> None:
        self._pictures = [frame.rgb()[:, columns] for frame, _ in zip(read_frames(clip), range(frames), strict=False)]

    def at(self, frame: int) -> Bytes:
        turn, place = divmod(frame, len(self._pictures))
        return self._pictures[place if turn % 2 == 0 else len(self._pictures) - 1 - place]


def stage() -> Bytes:
    return np.full((STAGE[1], STAGE[0], 3), (120, 118, 116), np.uint8)


def paste(scene: Bytes, picture: Bytes, x: int, y: int, scale: float = 1.0) -> Bytes:
    """The scene with the picture at (x, y), in front of what was there; it may reach over the edges."""
    picture = np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    height, width = picture.shape[:2]
    left, top = max(0, x), max(0, y)
    right, bottom = min(scene.shape[1], x + width), min(scene.shape[0], y + height)
    if right > left and bottom > top:
        scene[top:bottom, left:right] = picture[top - y : bottom - y, left - x : right - x]
    return scene


def write_clip(path: Path, pictures: Iterable[Bytes], *, fps: int = 30) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps, options={"preset": "ultrafast", "crf": "20", "g": "30"})
        stream.pix_fmt = "yuv420p"
        for number, picture in enumerate(pictures):
            if number == 0:
                stream.width, stream.height = picture.shape[1], picture.shape[0]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), "rgb24")))
        container.mux(stream.encode())
    return path
