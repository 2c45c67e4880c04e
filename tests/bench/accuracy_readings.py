"""What an engine reads in a clip picture by picture, before anything is smoothed, from RGB or from the coded planes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.estimators.blazepose_graph import BlazePoseReader
from inference.estimators.pictures import Picture, PlanarPicture, RgbPicture
from inference.media.frames import Frame, read_frames
from inference.pose.mapping import to_kdance
from inference.pose.reading import Reading, Region

Floats = NDArray[np.float64]
Source = Literal["rgb", "planes"]

_LOST_BELOW = 0.5


@dataclass(frozen=True, eq=False)
class RawReadings:
    """Landmarks of every frame; NaN and confidence 0 where nobody was found.

    `xyz_px` (T, 33, 3), `xyz_m` (T, 33, 3), `conf` (T, 33), `side_px` (T,) the side of the region read.
    """

    t_s: Floats
    xyz_px: Floats
    xyz_m: Floats
    conf: Floats
    side_px: Floats

    @property
    def joints_px(self) -> Floats:
        """(T, 29, 2)"""
        return to_kdance(self.xyz_px, self.conf)[0]


def read_clip(reader: BlazePoseReader, video: Path, source: Source) -> RawReadings:
    """One dancer, followed by the region that the landmarks predict, as the engine does; detected when lost."""
    cv2.setNumThreads(1)
    region: Region | None = None
    t_s, rows = [], []
    for frame in read_frames(video):
        picture = _picture(frame, source)
        reading = _read(reader, picture, region)
        region = reading.next_region if reading else None
        t_s.append(frame.t_s)
        rows.append(reading)
    return _gather(np.array(t_s), rows)


def _picture(frame: Frame, source: Source) -> Picture:
    return RgbPicture(frame.rgb()) if source == "rgb" else PlanarPicture(frame)


def _read(reader: BlazePoseReader, picture: Picture, region: Region | None) -> Reading | None:
    if region is None:
        width, height = picture.size_px
        found = reader.detect(picture, Region((width - 1) / 2, (height - 1) / 2, max(width, height), 0.0))
        if not found:
            return None
        region = max(found, key=lambda each: each.score).region
    reading = reader.read(picture, region)
    return reading if reading.score >= _LOST_BELOW else None


def _gather(t_s: Floats, rows: list[Reading | None]) -> RawReadings:
    nothing, unsure = np.full((33, 3), np.nan), np.zeros(33)
    return RawReadings(
        t_s,
        np.array([row.xyz_px if row else nothing for row in rows]),
        np.array([row.xyz_m if row else nothing for row in rows]),
        np.array([np.minimum(row.visibility, row.presence) if row else unsure for row in rows]),
        np.array([row.next_region.side_px if row else np.nan for row in rows]),
    )
