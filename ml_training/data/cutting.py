"""What a record shows of its picture: where it lies, its pixels, and its joints. Pure.

The pixels are sampled as the product samples them for a model (`inference.estimators.pictures`): bilinear, without averaging
before; beyond the picture lies its edge for a person's square and black for a letterbox.
"""

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_training.data import aihub
from ml_training.data.framing import followed_region, letterbox_region, person_region
from ml_training.data.records import HIDDEN_WEIGHT, LETTERBOX_PX, PERSON_MARGIN, PERSON_SIDE_PX, Kind

Bytes = NDArray[np.uint8]
Floats = NDArray[np.floating]

RECORD_PX: dict[Kind, tuple[int, int]] = {"person": (PERSON_SIDE_PX, PERSON_SIDE_PX), "letterbox": LETTERBOX_PX}
"""Width and height of a record of each kind."""
BEYOND: dict[Literal["person", "letterbox"], int] = {
    "person": cv2.BORDER_REPLICATE,
    "letterbox": cv2.BORDER_CONSTANT,
}


def record_map(kind: Kind, xy_px: Floats, size_px: tuple[int, int], name: str = "") -> NDArray[np.float64] | None:
    """(2, 3) map from the record's pixels to the picture's; None where a person's square cannot be told.

    Parameters
    ----------
    xy_px : (29, 2)
        Pixels of the picture, NaN where not labelled.
    size_px
        Width and height of the picture.
    name
        Of the picture, for `framing.followed_region`; without one, the person's square is exact.
    """
    if kind == "letterbox":
        width, height = LETTERBOX_PX
        side = max(LETTERBOX_PX)
        square = letterbox_region(size_px, LETTERBOX_PX).crop_matrix(side)
        return moved(square, (side - width) / 2, (side - height) / 2)
    region = followed_region(xy_px, name) if name else person_region(xy_px)
    if region is None:
        return None
    middle = PERSON_SIDE_PX / 2
    return scaled_about(region.crop_matrix(PERSON_SIDE_PX), (middle, middle), PERSON_MARGIN)


def cut(picture: Bytes, to_picture: Floats, kind: Kind) -> Bytes:
    """The record's (H, W, 3) pixels."""
    return warped(picture, to_picture, RECORD_PX[kind], BEYOND[kind])


def warped(pixels: Bytes, to_pixels: Floats, size_px: tuple[int, int], beyond: int) -> Bytes:
    """A picture of `size_px` (width, height) whose pixel (x, y) shows `pixels` at `to_pixels` of it."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(pixels, to_pixels, size_px, flags=flags, borderMode=beyond), dtype=np.uint8)


def weight_of(visibility: NDArray[np.uint8], conf: Floats) -> NDArray[np.float32]:
    """What joints count in the loss: 0 not labelled, half where hidden, times how sure the label is."""
    seen = np.select([visibility == aihub.VISIBLE, visibility == aihub.HIDDEN], [1.0, HIDDEN_WEIGHT], 0.0)
    return (seen * np.nan_to_num(conf)).astype(np.float32)


def through(matrix: Floats, xy: Floats) -> NDArray[np.float64]:
    """(..., 2) points through a (2, 3) map."""
    return np.asarray(xy @ matrix[:, :2].T + matrix[:, 2], dtype=np.float64)


def inverse(matrix: Floats) -> NDArray[np.float64]:
    """The (2, 3) map back; every map here turns and stretches, so it can be undone. In closed form, as it is asked for every
    picture of a batch."""
    (a, b, x), (c, d, y) = matrix.tolist()
    area = a * d - b * c
    a, b, c, d = d / area, -b / area, -c / area, a / area
    return np.array([[a, b, -a * x - b * y], [c, d, -c * x - d * y]])


def chained(then: Floats, first: Floats) -> NDArray[np.float64]:
    """The (2, 3) map that does `first` and then `then`."""
    both = then[:, :2] @ first
    both[:, 2] += then[:, 2]
    return np.asarray(both, dtype=np.float64)


def moved(matrix: Floats, x: float, y: float) -> NDArray[np.float64]:
    """`matrix` of points first moved by (x, y)."""
    return chained(matrix, np.array([[1.0, 0.0, x], [0.0, 1.0, y]]))


def scaled_about(matrix: Floats, centre: tuple[float, float], factor: float) -> NDArray[np.float64]:
    """`matrix` of points first moved `factor` times as far from `centre`."""
    x, y = centre
    return chained(matrix, np.array([[factor, 0.0, x * (1 - factor)], [0.0, factor, y * (1 - factor)]]))
