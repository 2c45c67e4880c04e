"""Turned squares cut out of pictures, as the pose models were trained to see them."""

from collections.abc import Sequence
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.media.frames import Frame
from inference.pose.reading import Region

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]

_LUMA_WEIGHTS = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722)}


class Picture(Protocol):
    """A picture from which a turned square can be cut."""

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height, upright."""
        ...

    def crop(self, region: Region, side: int, *, beyond: int) -> Bytes:
        """(side, side, 3) RGB of the region; `beyond` is an OpenCV border type for what lies outside the picture."""
        ...


class RgbPicture:
    """An upright RGB picture (H, W, 3)."""

    def __init__(self, rgb: Bytes) -> None:
        self._rgb = np.ascontiguousarray(rgb)

    @property
    def size_px(self) -> tuple[int, int]:
        return self._rgb.shape[1], self._rgb.shape[0]

    def crop(self, region: Region, side: int, *, beyond: int) -> Bytes:
        return _warp(self._rgb, crop_matrix(region, side), side, beyond, (0, 0, 0))


class PlanarPicture:
    """A decoded frame, cropped from its planes: only the crop is ever converted to RGB, not the whole picture."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._planes = frame.yuv420()
        self._to_coded = frame.geometry.upright_to_coded()
        self._to_rgb = yuv_to_rgb_matrix(frame.matrix, full_range=frame.full_range)

    @property
    def size_px(self) -> tuple[int, int]:
        return self._frame.size_px

    def crop(self, region: Region, side: int, *, beyond: int) -> Bytes:
        luma = _compose(_shift(-0.5, -0.5), self._to_coded, _shift(0.5, 0.5), crop_matrix(region, side))
        # Colours have half the resolution; their samples lie on every other column, between two rows (MPEG-2 and later).
        chroma = _compose(np.array([[0.5, 0, 0], [0, 0.5, -0.25]]), luma)
        black = 0 if self._frame.full_range else 16
        y, u, v = (
            _warp(plane, matrix, side, beyond, (blank,))
            for plane, matrix, blank in zip(self._planes, (luma, chroma, chroma), (black, 128, 128), strict=True)
        )
        return np.asarray(cv2.transform(cv2.merge((y, u, v)), self._to_rgb), dtype=np.uint8)


def crop_matrix(region: Region, side: int) -> Floats:
    """(2, 3) map from pixels of the crop to pixels of the picture.

    Pixel 0 of the crop lies on the region's corner and pixel `side` on the opposite one, as the models were trained: no
    shift by half a pixel.
    """
    corners = region.to_picture(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    return np.stack([(corners[1] - corners[0]) / side, (corners[2] - corners[0]) / side, corners[0]], axis=1)


def yuv_to_rgb_matrix(matrix: str, *, full_range: bool) -> Floats:
    """(3, 4) affine map from Y, U, V to R, G, B in 0..255 (Recommendations ITU-R BT.601 and BT.709)."""
    red, blue = _LUMA_WEIGHTS[matrix]
    green = 1 - red - blue
    luma, chroma, black = (1.0, 1.0, 0.0) if full_range else (255 / 219, 255 / 224, 16.0)
    linear = np.array(
        [
            [luma, 0.0, chroma * 2 * (1 - red)],
            [luma, -chroma * 2 * (1 - blue) * blue / green, -chroma * 2 * (1 - red) * red / green],
            [luma, chroma * 2 * (1 - blue), 0.0],
        ]
    )
    return np.column_stack([linear, -linear @ (black, 128.0, 128.0)])


def _warp(plane: Bytes, matrix: Floats, side: int, beyond: int, blank: Sequence[float]) -> Bytes:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = cv2.warpAffine(plane, matrix, (side, side), flags=flags, borderMode=beyond, borderValue=blank)
    return np.asarray(warped, dtype=np.uint8)


def _shift(x: float, y: float) -> Floats:
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y]])


def _compose(*maps: Floats) -> Floats:
    """One (2, 3) map that does the last of `maps` first."""
    whole = np.eye(3)
    for each in maps:
        whole = whole @ np.vstack([each, (0.0, 0.0, 1.0)])
    return whole[:2]
