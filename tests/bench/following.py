"""The official API's two modes with our reader, as plainly as can be: what is compared with the official engine is the reader.

IMAGE: the best detection in the whole picture, read once. VIDEO: the region that the landmarks predict, the detector only
when they are lost, and the causal one-euro filter. Our product does more than this (see docs/pose.md).
"""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from inference.pose.reading import LANDMARK_COUNT, PoseReader, Reading, Region
from inference.pose.smoothing import OneEuroConfig, one_euro

Floats = NDArray[np.float64]

LEAST_SCORE = 0.5


def look_once[Picture](reader: PoseReader[Picture], picture: Picture, size_px: tuple[int, int]) -> Reading | None:
    people = reader.detect(picture, whole(size_px))
    if not people:
        return None
    reading = reader.read(picture, max(people, key=lambda person: person.score).region)
    return reading if reading.score >= LEAST_SCORE else None


def follow[Picture](
    reader: PoseReader[Picture], pictures: Iterable[Picture], size_px: tuple[int, int]
) -> list[Reading | None]:
    readings: list[Reading | None] = []
    last: Reading | None = None
    for picture in pictures:
        if last is None:
            last = look_once(reader, picture, size_px)
        else:
            reading = reader.read(picture, last.next_region)
            last = reading if reading.score >= LEAST_SCORE else None
        readings.append(last)
    return readings


def smoothed(readings: list[Reading | None], t_s: Floats) -> Floats:
    """(T, 33, 2) after the causal filter, begun anew after each loss."""
    xy_px = positions(readings)
    start = 0
    for end in range(1, len(readings) + 1):
        if end == len(readings) or (readings[end] is None) != (readings[start] is None):
            run = [reading for reading in readings[start:end] if reading is not None]
            if run:
                sides_px = np.array([reading.next_region.side_px for reading in run])
                xy_px[start:end] = one_euro(t_s[start:end], xy_px[start:end], sides_px, OneEuroConfig())
            start = end
    return xy_px


def positions(readings: list[Reading | None]) -> Floats:
    """(T, 33, 2) pixels, NaN where nobody was found."""
    return _stacked(readings, lambda reading: reading.xyz_px[:, :2], 2)


def world(readings: list[Reading | None]) -> Floats:
    """(T, 33, 3) metres from the middle of the hips, NaN where nobody was found."""
    return _stacked(readings, lambda reading: reading.xyz_m, 3)


def whole(size_px: tuple[int, int]) -> Region:
    width, height = size_px
    return Region(width / 2, height / 2, max(width, height), 0.0)


def _stacked(readings: list[Reading | None], of: Callable[[Reading], Floats], dimensions: int) -> Floats:
    blank = np.full((LANDMARK_COUNT, dimensions), np.nan)
    rows = [blank if reading is None else of(reading) for reading in readings]
    return np.array(rows).reshape(-1, LANDMARK_COUNT, dimensions)
