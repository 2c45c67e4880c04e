"""From the picture as it is coded to the picture as people see it: turned, mirrored, with square pixels."""

import math
from dataclasses import dataclass

import av
import numpy as np
from av.sidedata.sidedata import Type as SideDataType
from numpy.typing import NDArray

# A pixel aspect outside this range is a broken header, not an anamorphic lens.
_ASPECT_RANGE = (0.25, 4.0)


@dataclass(frozen=True)
class Geometry:
    """How the upright picture follows from the coded one: scale to square pixels, turn, mirror.

    Attributes
    ----------
    coded_px : (int, int)
        Width and height of the planes as decoded.
    size_px : (int, int)
        Width and height of the upright picture.
    rotation_deg : int
        Clockwise turn from coded to upright: 0, 90, 180 or 270.
    mirrored : bool
        Whether left and right are swapped after the turn (front cameras of some phones).
    """

    coded_px: tuple[int, int]
    size_px: tuple[int, int]
    rotation_deg: int = 0
    mirrored: bool = False

    @property
    def square_px(self) -> tuple[int, int]:
        """Width and height with square pixels, before the turn."""
        width, height = self.size_px
        return (height, width) if self.rotation_deg in (90, 270) else (width, height)

    def turn(self, plane: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """An array (H, W, ...) in the coded orientation turned and mirrored upright, contiguous."""
        turned = np.rot90(plane, k=-self.rotation_deg // 90)
        return np.ascontiguousarray(turned[:, ::-1] if self.mirrored else turned)

    def upright_to_coded(self) -> NDArray[np.float64]:
        """(2, 3) affine map from upright to coded pixel coordinates.

        Coordinates are continuous: pixel i covers [i, i + 1), so the picture spans [0, width] x [0, height].
        """
        width, height = self.size_px
        unmirror = np.array([[-1.0, 0, width], [0, 1, 0], [0, 0, 1]]) if self.mirrored else np.eye(3)
        unturn = {
            0: np.eye(3),
            90: np.array([[0.0, 1, 0], [-1, 0, width], [0, 0, 1]]),
            180: np.array([[-1.0, 0, width], [0, -1, height], [0, 0, 1]]),
            270: np.array([[0.0, -1, height], [1, 0, 0], [0, 0, 1]]),
        }[self.rotation_deg]
        scale = np.diag([self.coded_px[0] / self.square_px[0], self.coded_px[1] / self.square_px[1], 1.0])
        return np.asarray((scale @ unturn @ unmirror)[:2])


def geometry_of(picture: av.VideoFrame, aspect: float) -> Geometry:
    """The geometry that a decoded picture and its pixel aspect ratio (width / height, 0 if unknown) ask for."""
    rotation_deg, mirrored = _orientation(picture)
    width, height = _square(picture.width, picture.height, aspect)
    size = (height, width) if rotation_deg in (90, 270) else (width, height)
    return Geometry((picture.width, picture.height), size, rotation_deg, mirrored)


def _square(width: int, height: int, aspect: float) -> tuple[int, int]:
    low, high = _ASPECT_RANGE
    if not low <= aspect <= high:
        return width, height
    # Enlarge the shorter pixel side, as browsers do: no detail is lost.
    return (max(1, round(width * aspect)), height) if aspect >= 1 else (width, max(1, round(height / aspect)))


def _orientation(picture: av.VideoFrame) -> tuple[int, bool]:
    matrix = picture.side_data.get(SideDataType.DISPLAYMATRIX)
    if matrix is None or matrix.buffer_size < 36:
        return 0, False
    # 3x3, 16.16 fixed point, (x, y) -> (a x + c y, b x + d y) with y down. ISO/IEC 14496-12, 8.2.2.
    a, b, _, c, d = (float(value) for value in np.frombuffer(bytes(matrix), np.int32)[:5])
    mirrored = a * d - b * c < 0
    if mirrored:
        a = -a
    turns = round(math.degrees(math.atan2(b, a)) / 90) if a or b else 0
    return (turns % 4) * 90, mirrored
