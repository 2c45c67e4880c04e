"""The table that every reader makes and everything else takes: one row a labelled picture."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

Strings = NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class Samples:
    """N labelled pictures.

    Attributes
    ----------
    image : (N,) str
        Path below `root`; a member of a zip is `archive.zip::member`. Always with forward slashes.
    xy_px : (N, 29, 2) float32
        Pixels of the labelled picture in the order of SKELETON; NaN where not labelled.
    visibility : (N, 29) uint8
        `aihub.NOT_LABELLED`, `HIDDEN` or `VISIBLE`.
    conf : (N, 29) float32
        How sure the label is: 1 from people and renderers, the teacher's confidence for pseudo labels.
    size_px : (N, 2) int32
        Width and height of the labelled picture.
    part, song, dancer, clip, view : (N,) str
        The publisher's folder ("Training" or "Validation"), whose dance, who dances, the clip's folder, the camera's letter.
    frame : (N,) int32
        Number of the picture in its clip.
    root : str
        The folder that `image` lies below.
    rendered : bool
        Whether the pictures are drawn and not taken: figures on them say little about real people.
    """

    image: Strings
    xy_px: NDArray[np.float32]
    visibility: NDArray[np.uint8]
    conf: NDArray[np.float32]
    size_px: NDArray[np.int32]
    part: Strings
    song: Strings
    dancer: Strings
    clip: Strings
    view: Strings
    frame: NDArray[np.int32]
    root: str
    rendered: bool = False

    def __len__(self) -> int:
        return len(self.image)

    def take(self, rows: Sequence[int] | NDArray[np.int_] | NDArray[np.bool_]) -> "Samples":
        """The rows with these indices, or where the mask is True."""
        return replace(self, **{name: getattr(self, name)[rows] for name in COLUMNS})


COLUMNS = tuple(field.name for field in fields(Samples) if field.name not in ("root", "rendered"))
"""The attributes that have a value for each row."""
