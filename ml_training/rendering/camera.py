"""A perspective camera on a stand: from the world (metres, y up) to pixels.

The camera's axes are the picture's: x to the right, y down, z away. Pixels as everywhere here: integer coordinates at the
pixels' own places, the picture's middle at ((width - 1) / 2, (height - 1) / 2).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Camera:
    """Stands `distance_m` from the middle of the floor, `azimuth_rad` to the left of a dancer who faces z, and looks at
    the point `aim_m` above it.

    `focal_share` is the focal length as a share of the picture's height; `roll_rad` turns the picture about its middle, as
    a phone held askew does: what stood upright leans to the right.
    """

    size_px: tuple[int, int] = (720, 1280)
    distance_m: float = 4.5
    azimuth_rad: float = 0.0
    height_m: float = 1.3
    aim_m: float = 0.9
    focal_share: float = 1.15
    roll_rad: float = 0.0

    @property
    def place(self) -> Floats:
        return np.array(
            [
                self.distance_m * np.sin(self.azimuth_rad),
                self.height_m,
                self.distance_m * np.cos(self.azimuth_rad),
            ]
        )

    @property
    def focal_px(self) -> float:
        return self.focal_share * self.size_px[1]

    @property
    def axes(self) -> Floats:
        """(3, 3) rows: the picture's right, down and away in the world."""
        away = np.array([0.0, self.aim_m, 0.0]) - self.place
        away /= np.linalg.norm(away)
        right = np.cross(away, [0.0, 1.0, 0.0])
        right /= np.linalg.norm(right)
        down = np.cross(away, right)
        cosine, sine = np.cos(self.roll_rad), np.sin(self.roll_rad)
        return np.stack([cosine * right - sine * down, sine * right + cosine * down, away])

    @property
    def centre_px(self) -> Floats:
        return (np.array(self.size_px) - 1) / 2

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """(..., 2) pixels and (...) depths in metres along the line of sight; for points before the camera (depth > 0)."""
        seen = (points - self.place) @ self.axes.T
        return self.centre_px + self.focal_px * seen[..., :2] / seen[..., 2:], seen[..., 2]

    def rays(self) -> Floats:
        """(H, W, 3) the direction in the world of each pixel's ray; its depth along the line of sight is 1."""
        width, height = self.size_px
        x = (np.arange(width) - self.centre_px[0]) / self.focal_px
        y = (np.arange(height) - self.centre_px[1]) / self.focal_px
        across, down = np.meshgrid(x, y)
        return np.stack([across, down, np.ones_like(across)], axis=-1) @ self.axes
