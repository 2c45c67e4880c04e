"""Labels of AI Hub's "K-pop choreography video" data set as arrays in the order of `SKELETON`.

A label file is JSON; `annotations[0].keypoints` is one flat list x, y, v for each of 29 joints. Its order and names are
those of `inference.pose.skeleton`, its left and right the dancer's own. v: 0 not labelled, 1 labelled but hidden, 2 visible.

The triples are told apart by place alone. Values 0, 1 and 2 occur as coordinates too, so a reader that drops the v's by
their value shifts every joint behind the first such coordinate, and nothing fails.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.pose.skeleton import SKELETON

JOINTS = len(SKELETON.joints)
NOT_LABELLED, HIDDEN, VISIBLE = 0, 1, 2


class LabelError(ValueError):
    """The file is no label of this data set. The message names the file and what is wrong with it."""

    code = "bad_label"


class WrongLength(LabelError):
    """It is a list, but not of 29 triples."""

    code = "wrong_length"


@dataclass(frozen=True, eq=False)
class Label:
    """One labelled picture.

    Attributes
    ----------
    xy_px : (29, 2) float32
        Pixels of the labelled picture (1920 x 1080 in this data set), x to the right, y down; NaN where not labelled,
        so that no loss can mistake a missing joint for one in the corner.
    visibility : (29,) uint8
        `NOT_LABELLED`, `HIDDEN` or `VISIBLE`.
    """

    xy_px: NDArray[np.float32]
    visibility: NDArray[np.uint8]


def read_label(path: Path) -> Label:
    """The keypoints of one label file.

    Raises
    ------
    LabelError
        If the file is not JSON, has no annotation, or its list is not 29 finite triples with v in 0..2.
    OSError
        If it cannot be read.
    """
    try:
        return label_in(path.read_bytes())[0]
    except LabelError as error:
        raise type(error)(f"{path}: {error}") from None


def label_in(content: bytes) -> tuple[Label, tuple[int, int] | None]:
    """The label in a file's bytes, and the width and height that it tells of the labelled picture. Raises LabelError."""
    try:
        told = json.loads(content.decode("utf-8-sig"))
        flat = told["annotations"][0]["keypoints"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise LabelError("no annotations[0].keypoints in it") from error
    return label_of(flat), _told_size(told)


def _told_size(told: dict[str, object]) -> tuple[int, int] | None:
    images = told.get("images") or told.get("image")
    first = images[0] if isinstance(images, list) else images
    if not isinstance(first, dict):
        return None
    width, height = first.get("width"), first.get("height")
    if isinstance(width, int) and isinstance(height, int) and width > 0 and height > 0:
        return width, height
    return None


def label_of(flat: object) -> Label:
    """The label in a flat list x, y, v, x, y, v, ... of 29 joints. Raises LabelError."""
    try:
        values = np.asarray(flat, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise LabelError("its keypoints are not numbers") from error
    if values.shape != (3 * JOINTS,):
        raise WrongLength(f"its keypoints have shape {values.shape}, not ({3 * JOINTS},)")
    triples = values.reshape(JOINTS, 3)
    xy_px, visibility = triples[:, :2], triples[:, 2]
    if not np.isin(visibility, (NOT_LABELLED, HIDDEN, VISIBLE)).all():
        raise LabelError("a visibility is not 0, 1 or 2")
    labelled = visibility > NOT_LABELLED
    if not np.isfinite(xy_px[labelled]).all():
        raise LabelError("a labelled joint has no finite place")
    return Label(np.where(labelled[:, None], xy_px, np.nan).astype(np.float32), visibility.astype(np.uint8))
