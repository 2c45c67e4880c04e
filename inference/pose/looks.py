"""What the pictures of a clip look like, apart from who is in them: light, sharpness, how the camera moves, cuts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Looks:
    """Measurements of a clip's pictures.

    Attributes
    ----------
    t_s : (T,)
        Every frame that was looked at.
    change : (T,)
        Mean absolute difference of a small grey copy to that of the frame before, 0..255; 0 for the first.
    begins_shot : (T,) bool
        There is a cut right before this frame.
    sampled : (S,) int
        The frames, as indices into `t_s`, in which the following were measured (a few each second).
    brightness : (S,)
        Mean luma in 0..255, of the whole picture.
    sharpness : (S,)
        Variance of the Laplacian of the picture's luma at a fixed size, as a share of the luma's own variance: about
        1 for a sharp picture, whatever it shows.
    camera_shift : (S, 2)
        How far the background moved since the sample before, x and y as shares of the picture's long side.
    """

    t_s: NDArray[np.float64]
    change: NDArray[np.float64]
    begins_shot: NDArray[np.bool_]
    sampled: NDArray[np.int64]
    brightness: NDArray[np.float64]
    sharpness: NDArray[np.float64]
    camera_shift: NDArray[np.float64]

    def since(self, start_s: float) -> "Looks":
        """Those of the frames from `start_s` on."""
        first = int(np.searchsorted(self.t_s, start_s))
        kept = self.sampled >= first
        return Looks(
            self.t_s[first:],
            self.change[first:],
            self.begins_shot[first:],
            self.sampled[kept] - first,
            self.brightness[kept],
            self.sharpness[kept],
            self.camera_shift[kept],
        )


def join_looks(parts: Sequence[Looks]) -> Looks:
    """Parts that follow one another without overlap as one."""
    firsts = np.cumsum([0, *(len(part.t_s) for part in parts[:-1])])
    return Looks(
        np.concatenate([part.t_s for part in parts]),
        np.concatenate([part.change for part in parts]),
        np.concatenate([part.begins_shot for part in parts]),
        np.concatenate([part.sampled + first for part, first in zip(parts, firsts, strict=True)]),
        np.concatenate([part.brightness for part in parts]),
        np.concatenate([part.sharpness for part in parts]),
        np.concatenate([part.camera_shift for part in parts]),
    )
