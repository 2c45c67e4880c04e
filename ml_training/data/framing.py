"""From a person's joints to the square that a model sees, as the product's tracker draws it."""

import hashlib
import math

import numpy as np
from numpy.typing import NDArray

from inference.pose.reading import Region
from inference.pose.skeleton import SKELETON

REGION_SCALE = 1.25
LEAST_REACH_IN_TORSOS = 1.6

FOLLOWED_SHIFT, FOLLOWED_STRETCH, FOLLOWED_TURN_RAD = 0.02, 0.05, 0.07
"""Standard deviations of a square that was predicted from the frame before: shares of its side, and radians. Chosen, not fitted:
5 px of a 256 px crop, as a fast dancer moves from frame to frame, and 4 degrees."""
_FURTHEST = 2.0

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


def followed_region(xy_px: NDArray[np.floating], name: str) -> Region | None:
    """`person_region` as a tracker would have it: a little off, always in the same way for a picture of this `name`.

    Of a path, and of a path in a zip, only the file's own name counts.

    The exact one gives the middle of the hips away: it is the middle of the square. A model that learnt from such squares,
    or is judged by them, would be better at home than in use.
    """
    region = person_region(xy_px)
    if region is None:
        return None
    rng = np.random.default_rng(
        int.from_bytes(hashlib.sha256(name.replace("::", "/").rpartition("/")[2].encode()).digest()[:8])
    )
    right, down, larger, turn = np.clip(rng.standard_normal(4), -_FURTHEST, _FURTHEST)
    return Region(
        region.x_px + region.side_px * FOLLOWED_SHIFT * float(right),
        region.y_px + region.side_px * FOLLOWED_SHIFT * float(down),
        region.side_px * math.exp(FOLLOWED_STRETCH * float(larger)),
        region.angle_rad + FOLLOWED_TURN_RAD * float(turn),
    )


def letterbox_region(size_px: tuple[int, int], box_px: tuple[int, int]) -> Region:
    """The square region whose crop of side max(box_px) holds the whole picture in its middle `box_px` (width, height).

    A landscape box is the crop's middle rows, a portrait one its middle columns.
    """
    width, height = size_px
    box_width, box_height = box_px
    side = max(box_px) * max(width / box_width, height / box_height)
    return Region(width / 2, height / 2, side, 0.0)
