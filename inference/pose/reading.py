"""What engines give and are asked: a square region of a picture, the people detected there, the landmarks read in it.

Conventions: pixels of the upright picture, x to the right, y down, integer coordinates at pixel centres' indices.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

LANDMARK_COUNT = 33
"""BlazePose's landmarks; `mapping.py` names those that are read."""


@dataclass(frozen=True)
class Region:
    """A rotated square around a body: side and centre in pixels; `angle_rad` turns the upright square clockwise."""

    x_px: float
    y_px: float
    side_px: float
    angle_rad: float

    @classmethod
    def from_axis(cls, hip: tuple[float, float], reach: tuple[float, float], scale: float) -> "Region":
        """The square of side 2 |reach - hip| `scale`, centred on `hip`, with `reach` straight above it."""
        dx, dy = reach[0] - hip[0], reach[1] - hip[1]
        turn = math.pi / 2 - math.atan2(-dy, dx)
        return cls(hip[0], hip[1], 2 * math.hypot(dx, dy) * scale, math.remainder(turn, 2 * math.pi))

    def to_picture(self, unit: NDArray[np.float64]) -> NDArray[np.float64]:
        """(..., 2) points of the unit square to pixels of the picture."""
        cos, sin = math.cos(self.angle_rad), math.sin(self.angle_rad)
        turned = (unit - 0.5) @ np.array([[cos, sin], [-sin, cos]])
        return np.asarray(turned * self.side_px + (self.x_px, self.y_px))

    def crop_matrix(self, side: int) -> NDArray[np.float64]:
        """(2, 3) map from pixels of a square crop to pixels of the picture.

        Pixel 0 of the crop lies on the region's corner and pixel `side` on the opposite one, as the models were trained: no
        shift by half a pixel.
        """
        step = self.side_px / side
        along, across = step * math.cos(self.angle_rad), step * math.sin(self.angle_rad)
        half = side / 2
        return np.array(
            [
                [along, -across, self.x_px - half * (along - across)],
                [across, along, self.y_px - half * (across + along)],
            ]
        )


@dataclass(frozen=True)
class Detection:
    """A person found in the whole picture."""

    score: float
    region: Region


@dataclass(frozen=True)
class Reading:
    """The landmarks read inside one region.

    Attributes
    ----------
    xyz_px : (33, 3) float
        z grows away from the camera, on the scale of x.
    xyz_m : (33, 3) float
        Metres from the middle of the hips, along the picture's axes: x to the right, y down, z away from the camera.
    visibility, presence : (33,) float in [0, 1]
        Not hidden; inside the picture.
    score : float in [0, 1]
        How sure the engine is that the region shows a person at all.
    next_region : Region
        Where to look in the next frame.
    """

    xyz_px: NDArray[np.float64]
    xyz_m: NDArray[np.float64]
    visibility: NDArray[np.float64]
    presence: NDArray[np.float64]
    score: float
    next_region: Region


class PoseReader[Picture](Protocol):
    """An engine that finds people in a picture and reads the landmarks of one."""

    def detect(self, picture: Picture, within: Region) -> list[Detection]:
        """The people in an upright square of the picture; small ones are overlooked in a large square."""
        ...

    def read(self, picture: Picture, region: Region) -> Reading: ...
