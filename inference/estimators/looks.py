"""Measuring what a clip's pictures look like while they pass by, cheaply: on small grey copies of the luma plane."""

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.media.frames import Frame
from inference.pose.cuts import CutFinder
from inference.pose.looks import Looks

_SAMPLE_EVERY_S = 0.25
_THUMBNAIL_PX = 32
_SAMPLE_PX = 320


class Looker:
    """Looks at consecutive frames of one clip. The coded planes are not turned upright: nothing here depends on it."""

    def __init__(self) -> None:
        self._cuts = CutFinder()
        self._t_s: list[float] = []
        self._change: list[float] = []
        self._begins_shot: list[bool] = []
        self._samples: list[tuple[int, float, float, float, float]] = []
        self._last_sample: NDArray[np.float32] | None = None
        self._next_sample_s = 0.0

    def look(self, frame: Frame) -> bool:
        """Take one frame in; True if there is a cut before it."""
        luma = frame.yuv420()[0]
        change, is_cut = self._cuts.look(_smaller(luma, _THUMBNAIL_PX))
        if is_cut:
            self._last_sample = None
        if frame.t_s >= self._next_sample_s:
            self._sample(len(self._t_s), luma)
            self._next_sample_s = frame.t_s + _SAMPLE_EVERY_S
        self._t_s.append(frame.t_s)
        self._change.append(change)
        self._begins_shot.append(is_cut)
        return is_cut

    def looks(self) -> Looks:
        samples = np.array(self._samples, dtype=np.float64).reshape(-1, 5)
        return Looks(
            t_s=np.array(self._t_s),
            change=np.array(self._change),
            begins_shot=np.array(self._begins_shot, dtype=bool),
            sampled=samples[:, 0].astype(np.int64),
            brightness=samples[:, 1],
            sharpness=samples[:, 2],
            camera_shift=samples[:, 3:],
        )

    def _sample(self, index: int, luma: NDArray[np.uint8]) -> None:
        small = _smaller(luma, _SAMPLE_PX)
        sharpness = float(cv2.Laplacian(small, cv2.CV_32F).var())
        grey = small.astype(np.float32)
        x = y = 0.0
        if self._last_sample is not None:
            (x, y), _ = cv2.phaseCorrelate(self._last_sample, grey)
        self._last_sample = grey
        self._samples.append((index, float(grey.mean()), sharpness, x / max(grey.shape), y / max(grey.shape)))


def _smaller(luma: NDArray[np.uint8], long_side: int) -> NDArray[np.uint8]:
    height, width = luma.shape
    scale = min(1.0, long_side / max(width, height))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_NEAREST), dtype=np.uint8)
