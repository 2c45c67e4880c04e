"""Finding the cuts of a video from small grey copies of its pictures, one after the other."""

import numpy as np
from numpy.typing import NDArray

_LEAST_CHANGE = 25.0
_TIMES_USUAL = 4.0
_MEMORY = 0.9


class CutFinder:
    """A cut is a change from one picture to the next that is large, and far larger than what is usual before it."""

    def __init__(self) -> None:
        self._last: NDArray[np.int16] | None = None
        self._usual = 0.0

    def look(self, thumbnail: NDArray[np.uint8]) -> tuple[float, bool]:
        """The mean absolute difference to the picture before in 0..255, and whether there is a cut between them."""
        grey = thumbnail.astype(np.int16)
        last, self._last = self._last, grey
        if last is None:
            return 0.0, False
        change = float(np.abs(grey - last).mean())
        is_cut = change >= _LEAST_CHANGE and change >= _TIMES_USUAL * self._usual
        if not is_cut:
            self._usual = _MEMORY * self._usual + (1 - _MEMORY) * change
        return change, is_cut
