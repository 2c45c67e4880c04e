"""Turned squares cut out of pictures, as the pose models were trained to see them."""

from collections.abc import Sequence
from functools import cache
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.media.frames import Frame
from inference.media.geometry import Geometry
from inference.pose.reading import Region

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]

_LUMA_WEIGHTS = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722)}
# FFmpeg drops the fraction of each product of a sample and a coefficient, half a level on average: R and B have two
# products, G three; one less in full range, where luma's coefficient is 1.
_DROPPED_FRACTIONS = np.array([1.0, 1.5, 1.0])
_DROPPED_FRACTIONS_FULL_RANGE = np.array([0.5, 1.0, 0.5])


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
    """An upright RGB picture (H, W, 3), cropped with the rounding of the models' own pipeline.

    That one warps in perspective, whose rounding of places differs from the affine warp's. It brings landmarks six times
    nearer to the official ones and takes three times as long: for comparisons, not for clips.
    """

    def __init__(self, rgb: Bytes) -> None:
        self._rgb = np.ascontiguousarray(rgb)

    @property
    def size_px(self) -> tuple[int, int]:
        return self._rgb.shape[1], self._rgb.shape[0]

    def crop(self, region: Region, side: int, *, beyond: int) -> Bytes:
        matrix = np.vstack([region.crop_matrix(side), (0.0, 0.0, 1.0)])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(
            cv2.warpPerspective(self._rgb, matrix, (side, side), flags=flags, borderMode=beyond), dtype=np.uint8
        )


class PlanarPicture:
    """A decoded frame, cropped from its planes: only the crop is ever converted to RGB, not the whole picture.

    The crop is what a crop of FFmpeg's RGB would be, which is what the models' own pipeline sees: there a pixel takes the
    colour of its chroma sample as it is, and fractions are dropped.
    """

    def __init__(self, frame: Frame) -> None:
        self._size_px = frame.size_px
        self._planes = frame.yuv420()
        self._maps = _plane_maps(frame.geometry)
        self._to_rgb = _crop_to_rgb(frame.matrix, frame.full_range)
        self._black = 0 if frame.full_range else 16

    @property
    def size_px(self) -> tuple[int, int]:
        return self._size_px

    def crop(self, region: Region, side: int, *, beyond: int) -> Bytes:
        y, u, v = self._planes
        luma, chroma = (_compose(to_plane, region.crop_matrix(side)) for to_plane in self._maps)
        yuv = (
            _warp(y, luma, side, beyond, (self._black,)),
            _warp(u, chroma, side, beyond, (128,), cv2.INTER_NEAREST),
            _warp(v, chroma, side, beyond, (128,), cv2.INTER_NEAREST),
        )
        return np.asarray(cv2.transform(cv2.merge(yuv), self._to_rgb), dtype=np.uint8)


def write_scaled(image: Bytes | NDArray[np.float32], out: NDArray[np.float32], *, scale: float, offset: float) -> None:
    """Put `image * scale + offset` into `out` of the same shape, without an array in between."""
    np.copyto(out, image)
    np.multiply(out, np.float32(scale), out=out)
    if offset:
        np.add(out, np.float32(offset), out=out)


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


@cache
def _plane_maps(geometry: Geometry) -> tuple[Floats, Floats]:
    """(2, 3) maps from pixels of the upright picture to samples of the luma and of the chroma planes."""
    luma = _compose(_shift(-0.5, -0.5), _compose(geometry.upright_to_coded(), _shift(0.5, 0.5)))
    # A chroma sample stands for two by two pixels. That it was taken at the left ones' border matters less than that
    # FFmpeg gives it to all four alike.
    chroma = _compose(np.array([[0.5, 0.0, -0.25], [0.0, 0.5, -0.25]]), luma)
    return luma, chroma


@cache
def _crop_to_rgb(matrix: str, full_range: bool) -> Floats:
    to_rgb = yuv_to_rgb_matrix(matrix, full_range=full_range)
    to_rgb[:, 3] -= _DROPPED_FRACTIONS_FULL_RANGE if full_range else _DROPPED_FRACTIONS
    return to_rgb


def _warp(
    plane: Bytes, matrix: Floats, side: int, beyond: int, blank: Sequence[float], sampling: int = cv2.INTER_LINEAR
) -> Bytes:
    flags = sampling | cv2.WARP_INVERSE_MAP
    warped = cv2.warpAffine(plane, matrix, (side, side), flags=flags, borderMode=beyond, borderValue=blank)
    return np.asarray(warped, dtype=np.uint8)


def _shift(x: float, y: float) -> Floats:
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y]])


def _compose(then: Floats, first: Floats) -> Floats:
    """The (2, 3) map that does `first` and then `then`."""
    both = then[:, :2] @ first
    both[:, 2] += then[:, 2]
    return both
