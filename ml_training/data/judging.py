"""Whether a label can be used with its picture, and why not: one label at a time, and whole clips."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from inference.pose.skeleton import SKELETON
from ml_training.data.aihub import NOT_LABELLED, Label
from ml_training.data.samples import Samples

ASPECT_TOLERANCE = 0.01
OUTSIDE_TOLERANCE = 0.02
"""A labelled joint may lie so far beyond the picture's edge, as a share of its longer side."""
LEAST_LABELS_TO_JUDGE = 5
SIDEWAYS_SHARE = 0.9

PICTURE_REASONS = {
    "missing_picture": "missing_image",
    "damaged_picture": "damaged_image",
    "unreadable_picture": "unreadable",
}
"""The reason for a code of `images.read_picture`."""
REASONS = {
    "missing_image": "the picture of this label is not there (neither .jpg nor .png of the same name)",
    "damaged_image": "the picture is no JPEG or PNG",
    "bad_label": "the label is not JSON with annotations[0].keypoints of numbers; a truncated file is not",
    "wrong_length": "the label does not hold 29 joints of x, y, v",
    "unlabelled": "no joint is labelled",
    "outside": "a labelled joint lies outside the picture: x and y swapped, or a picture scaled without its label",
    "other_size": "the picture is of another shape than the one that was labelled: it was cut or squeezed",
    "crowd": "the annotation is of a crowd, not of a person",
    "unreadable": "the file of the label or of the picture cannot be read: no permission, or a failing disk; it is tried again",
    "sideways": "people lie with their heads to the left throughout the clip, as they do when x and y are swapped",
}


class Refused(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(REASONS[reason])
        self.reason = reason


@dataclass(frozen=True, eq=False)
class Fitted:
    """A label in the pixels of the picture that is there; `scaled` if it was made on one of another size."""

    label: Label
    size_px: tuple[int, int]
    scaled: bool


def fitted(label: Label, labelled_px: tuple[int, int] | None, picture_px: tuple[int, int]) -> Fitted:
    """The label brought to its picture.

    Parameters
    ----------
    labelled_px
        Width and height of the picture that was labelled; None: not known, taken for that of the picture.

    Raises
    ------
    Refused
        "unlabelled", "other_size" or "outside".
    """
    if not (label.visibility > NOT_LABELLED).any():
        raise Refused("unlabelled")
    ratio = np.array(picture_px) / np.array(labelled_px or picture_px)
    if abs(ratio[0] / ratio[1] - 1) > ASPECT_TOLERANCE:
        raise Refused("other_size")
    scaled = bool((ratio != 1).any())
    if scaled:
        label = replace(label, xy_px=(label.xy_px * ratio).astype(np.float32))
    margin = OUTSIDE_TOLERANCE * max(picture_px)
    if np.nanmin(label.xy_px) < -margin or (np.nanmax(label.xy_px, axis=0) > np.array(picture_px) + margin).any():
        raise Refused("outside")
    return Fitted(label, picture_px, scaled)


type Judged = tuple[Samples, dict[str, list[str]], int]
"""The rows that can be used, the names of the others by reason, and how many of the used ones were scaled."""


def without_sideways(
    samples: Samples, names: list[str], scaled: NDArray[np.bool_], skipped: dict[str, list[str]]
) -> Judged:
    """Judge whole clips, after each label by itself; `names` and `scaled` have a value for each row of `samples`."""
    lying = sideways(samples) if len(samples) else np.zeros(0, bool)
    if lying.any():
        skipped = skipped | {"sideways": [names[row] for row in np.flatnonzero(lying)]}
    return samples.take(~lying), skipped, int(scaled[~lying].sum())


def sideways(samples: Samples) -> NDArray[np.bool_]:
    """(N,) whether a row belongs to a clip whose people lie with their heads to the left, throughout.

    Swapped x and y of a dancer in the middle of a landscape picture often stay inside it, so that no single label gives
    them away: one may lie on the floor. A whole clip of at least `LEAST_LABELS_TO_JUDGE` labels does not.
    """
    clips = np.char.add(np.char.add(samples.song, "/"), samples.clip)
    _, clip = np.unique(clips, return_inverse=True)
    lying, judged = _heads_to_the_left(samples.xy_px)
    count = np.bincount(clip, judged)
    share = np.bincount(clip, lying & judged) / np.maximum(count, 1)
    return ((count >= LEAST_LABELS_TO_JUDGE) & (share >= SIDEWAYS_SHARE))[clip]


def _heads_to_the_left(xy_px: NDArray[np.float32]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(N,) twice: whether the nose lies left of the hips rather than above them, and whether both are labelled."""
    up = xy_px[:, SKELETON.index("nose")] - xy_px[:, SKELETON.index("center_hip")]
    judged = np.isfinite(up).all(axis=1)
    return judged & (up[:, 0] < 0) & (-up[:, 0] > 2 * np.abs(up[:, 1])), judged
