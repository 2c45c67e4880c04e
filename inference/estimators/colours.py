"""The colours that somebody wears, by parts of the body: what tells people apart who move alike."""

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.estimators.pictures import Picture
from inference.pose.reading import Reading, Region

_PARTS = (
    # Between which two landmarks of BlazePose a part lies, and how far along.
    *((11, 24, 0.3), (12, 23, 0.3), (11, 24, 0.7), (12, 23, 0.7)),  # the trunk, crosswise
    *((11, 13, 0.5), (12, 14, 0.5)),  # upper arms
    *((23, 25, 0.5), (24, 26, 0.5)),  # thighs
    *((25, 27, 0.5), (26, 28, 0.5)),  # shins
)
PART_COUNT = len(_PARTS)
_LEAST_CONF = 0.5
_PATCH_SHARE = 0.04
_PATCH_SIDE = 4


def body_colours(picture: Picture, reading: Reading) -> NDArray[np.float64]:
    """(PART_COUNT, 3) mean RGB of small patches on the trunk, arms and legs; NaN where a part is hidden or outside."""
    colours = np.full((PART_COUNT, 3), np.nan)
    conf = np.minimum(reading.visibility, reading.presence)
    side = _PATCH_SHARE * reading.next_region.side_px
    width, height = picture.size_px
    for part, (start, end, along) in enumerate(_PARTS):
        x, y = (1 - along) * reading.xyz_px[start, :2] + along * reading.xyz_px[end, :2]
        if min(conf[start], conf[end]) >= _LEAST_CONF and 0 <= x < width and 0 <= y < height:
            patch = Region(float(x), float(y), side, 0.0)
            colours[part] = picture.crop(patch, _PATCH_SIDE, beyond=cv2.BORDER_REPLICATE).mean(axis=(0, 1))
    return colours
