"""Measuring what a clip's pictures look like while they pass by, cheaply: on small grey copies of the luma plane."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.media.frames import Frame
from inference.pose.cuts import LONG_SIDE_PX, CutFinder
from inference.pose.looks import Looks

_SAMPLE_EVERY_S = 0.25
_SAMPLE_PX = 320
_AVERAGED = 3
"""Side of the block of picked pixels that makes one of a thumbnail: enough that noise and fine patterns cancel out."""
_BORDER_SHARE = 0.25
_LEAST_STRIP_DETAIL = 4.0
_LEAST_RESPONSE = 0.05
_FEWEST_STRIPS = 2
_AGREEMENT = 0.01
"""Shifts this close together, as a share of the picture's long side, are one movement."""

Luma = NDArray[np.uint8]
Grey = NDArray[np.float32]


class Looker:
    """Looks at consecutive frames of one clip. The coded planes are not turned upright: nothing here depends on it.

    The camera's movement is read from the picture's four borders, each by itself, and the middle of what they say is
    taken: a dancer who fills the picture moves some of them, a camera all.
    """

    def __init__(self) -> None:
        self._cuts = CutFinder()
        self._t_s: list[float] = []
        self._change: list[float] = []
        self._begins_shot: list[bool] = []
        self._last_cut = 0
        self._samples: list[tuple[int, float, float, float, float]] = []
        self._last_sample: Grey | None = None
        self._next_sample_s = 0.0

    def look(self, frame: Frame) -> bool:
        """Take one frame in; True if there seems to be a cut before it.

        A flash may look like one for as long as it lasts; `looks` knows better afterwards.
        """
        luma = frame.yuv420()[0]
        index = len(self._t_s)
        glance = self._cuts.look(_thumbnail(luma), frame.t_s)
        if glance.was_flash:
            self._begins_shot[self._last_cut] = False
        if glance.is_cut:
            self._last_cut = index
            self._last_sample = None
        if frame.t_s >= self._next_sample_s:
            self._sample(index, luma)
            self._next_sample_s = frame.t_s + _SAMPLE_EVERY_S
        self._t_s.append(frame.t_s)
        self._change.append(glance.change)
        self._begins_shot.append(glance.is_cut)
        return glance.is_cut

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

    def _sample(self, index: int, luma: Luma) -> None:
        picture = _picked(luma, _SAMPLE_PX)
        brightness, contrast = _mean_and_deviation(picture)
        _, edges = _mean_and_deviation(cv2.Laplacian(picture, cv2.CV_16S))
        sharpness = (edges / contrast) ** 2 if contrast > 0 else 0.0
        small = _resized(picture, _SAMPLE_PX // 2, cv2.INTER_AREA).astype(np.float32)
        x, y = (0.0, 0.0) if self._last_sample is None else camera_shift(self._last_sample, small)
        self._last_sample = small
        self._samples.append((index, brightness, sharpness, x / max(small.shape), y / max(small.shape)))


def camera_shift(before: Grey, grey: Grey) -> tuple[float, float]:
    """How far the background moved between two pictures of the same shape, x and y in their pixels.

    The median over the border strips that show enough to tell; 0 if fewer than two do, or if they do not agree.
    """
    shifts = []
    for rows, columns in _borders(*grey.shape):
        first, second = before[rows, columns], grey[rows, columns]
        if min(float(first.std()), float(second.std())) < _LEAST_STRIP_DETAIL:
            continue
        shift, response = cv2.phaseCorrelate(first, second, _fading(first.shape))
        if response >= _LEAST_RESPONSE:
            shifts.append(shift)
    if len(shifts) < _FEWEST_STRIPS:
        return 0.0, 0.0
    middle = np.median(shifts, axis=0)
    agreeing = np.linalg.norm(shifts - middle, axis=1) <= _AGREEMENT * max(grey.shape)
    if agreeing.sum() < max(_FEWEST_STRIPS, len(shifts) / 2):
        return 0.0, 0.0
    x, y = middle
    return float(x), float(y)


@cache
def _fading(shape: tuple[int, int]) -> Grey:
    """Weights of a strip's pixels, less toward its ends, which do not match where it moved."""
    return np.asarray(cv2.createHanningWindow(shape[::-1], cv2.CV_32F), dtype=np.float32)


def _mean_and_deviation(values: NDArray[np.uint8] | cv2.typing.MatLike) -> tuple[float, float]:
    mean, deviation = cv2.meanStdDev(values)
    return float(mean[0, 0]), float(deviation[0, 0])


def _borders(height: int, width: int) -> list[tuple[slice, slice]]:
    """Rows and columns of the strips along the four sides."""
    strip = round(_BORDER_SHARE * min(height, width))
    whole = slice(None)
    ends = (slice(0, strip), slice(-strip, None))
    return [(whole, end) for end in ends] + [(end, whole) for end in ends]


def _thumbnail(luma: Luma) -> Luma:
    picked = _picked(luma, LONG_SIDE_PX * _AVERAGED)
    return _resized(picked, LONG_SIDE_PX, cv2.INTER_AREA)


def _picked(luma: Luma, long_side: int) -> Luma:
    return _resized(luma, long_side, cv2.INTER_NEAREST)


def _resized(luma: Luma, long_side: int, how: int) -> Luma:
    height, width = luma.shape
    scale = min(1.0, long_side / max(width, height))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(luma, size, interpolation=how), dtype=np.uint8)
