"""Pictures cut to size once and kept as plain bytes, so that a training step never waits for a JPEG."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ml_training.data.samples import Samples

Split = Literal["train", "validation", "test", "unused"]
Kind = Literal["person", "letterbox"]

PERSON_SIDE_PX = 256
PERSON_MARGIN = 1.25
"""A person's record shows so many times the side of `followed_region`, for augmentation to turn and shift in."""
LETTERBOX_PX = (320, 180)
HIDDEN_WEIGHT = 0.5
"""What a joint counts that somebody placed without seeing it."""


@dataclass(frozen=True)
class InputSpec:
    """What a model's pictures show ("person": the turned square of `framing.followed_region`; "letterbox": all), how large."""

    kind: Kind
    width: int
    height: int


@dataclass(frozen=True, eq=False)
class Records:
    """N pictures ready for training, of one kind.

    Attributes
    ----------
    pixels : (N, H, W, 3) uint8
        RGB, a memory map: 256 x 256 for "person" (`PERSON_MARGIN` times the region), 180 x 320 for "letterbox".
    xy_px : (N, 29, 2) float32
        Pixels of the record; NaN where not labelled. Pixel 0 lies on the record's corner and pixel W on the opposite one.
    weight : (N, 29) float32
        What a joint counts in the loss: 0 not labelled, less where hidden or where the label is not sure.
    to_picture : (N, 2, 3) float64
        Affine map from the record's pixels to the picture's.
    split : (N,) str
        "train", "validation", "test", or "unused" (its dancer and its song belong to different splits).
    samples : Samples
        The same rows as they were labelled.
    rendered : bool
        Whether the pictures were drawn and not taken, as the samples told when they were cut.
    """

    folder: Path
    kind: Kind
    pixels: NDArray[np.uint8]
    xy_px: NDArray[np.float32]
    weight: NDArray[np.float32]
    to_picture: NDArray[np.float64]
    split: NDArray[np.str_]
    samples: Samples
    rendered: bool = False

    def __len__(self) -> int:
        return len(self.pixels)

    def rows(self, split: Split) -> NDArray[np.int64]:
        return np.flatnonzero(self.split == split)
