"""From a person's joints to the square that a model sees, as the product's tracker draws it."""

import math

import numpy as np
from numpy.typing import NDArray

from inference.pose.reading import Region
from inference.pose.skeleton import SKELETON

REGION_SCALE = 1.25
LEAST_REACH_IN_TORSOS = 1.6

_HIPS = [SKELETON.index("left_hip"), SKELETON.index("right_hip")]
_SHOULDERS = [SKELETON.index("left_shoulder"), SKELETON.index("right_shoulder")]


def person_region(xy_px: NDArray[np.floating]) -> Region | None:
    """The person's square turned upright: around the hips, shoulders up, every labelled joint inside.

    The same as `inference.estimators.onnx_decoding.region_around` makes of the landmarks of the frame before, so that a
    model is trained on what it will be shown.

    Parameters
    ----------
    xy_px : (29, 2)
        NaN where not labelled.

    Returns
    -------
    Region or None
        None where hips or shoulders are not labelled, or lie on one spot.
    """
    hip, shoulder = xy_px[_HIPS].mean(axis=0), xy_px[_SHOULDERS].mean(axis=0)
    torso = math.dist(hip, shoulder)
    if not math.isfinite(torso) or torso == 0:
        return None
    furthest = float(np.nanmax(np.linalg.norm(xy_px - hip, axis=1)))
    reach = hip + (shoulder - hip) / torso * max(furthest, LEAST_REACH_IN_TORSOS * torso)
    return Region.from_axis((float(hip[0]), float(hip[1])), (float(reach[0]), float(reach[1])), REGION_SCALE)


def letterbox_region(size_px: tuple[int, int], box_px: tuple[int, int]) -> Region:
    """The square region whose crop of side max(box_px) holds the whole picture in its middle `box_px` (width, height).

    A landscape box is the crop's middle rows, a portrait one its middle columns.
    """
    width, height = size_px
    box_width, box_height = box_px
    side = max(box_px) * max(width / box_width, height / box_height)
    return Region(width / 2, height / 2, side, 0.0)
