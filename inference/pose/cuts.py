"""Finding the cuts of a video from small grey copies of its pictures, one after the other.

How alike two pictures are is their correlation, which does not mind a change of light or exposure. In a shot it stays
above 0.88 from frame to frame, also with a dancer who fills the picture, and drops below 0.4 at a cut (docs/pose.md).
What a camera that is swung round leaves of the old picture is looked for beside its old place.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

LONG_SIDE_PX = 32
"""Of the copies that are compared."""

_ALIKE = 0.5
_TIMES_USUAL = 3.0
"""A cut is less alike than `_ALIKE`, and its loss of likeness so many times the usual one."""
_MEMORY = 0.9
_LEAST_DETAIL = 2.0
"""Standard deviation in grey levels: below it (a fade's black, a flash's white) there is nothing to compare."""
_SAME_AGAIN = 0.8
_LONGEST_FLASH_S = 0.2
"""Pictures that look as before the cut so soon after it: it was a flash, or a glitch of the decoder."""
_LONGEST_STEP_S = 0.5
_TIMES_USUAL_STEP = 4.0
"""A step in time this much longer than half a second and than the usual step leaves out part of the dance."""
_WINDOW_SHARE = 0.6
_SWUNG = 0.8

Grey = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class _Picture:
    """A picture that has something to compare: its `deviation` from its mean, scaled to length 1."""

    deviation: Grey

    @classmethod
    def of(cls, grey: Grey) -> "_Picture | None":
        """None for a picture without detail."""
        deviation = grey - grey.sum() / grey.size
        length = math.sqrt(float(np.vdot(deviation, deviation)))
        return cls(deviation / length) if length >= _LEAST_DETAIL * math.sqrt(grey.size) else None

    def likeness(self, other: "_Picture") -> float:
        """Pearson's correlation, -1..1."""
        return float(np.vdot(self.deviation, other.deviation))


@dataclass(frozen=True)
class Glance:
    """What one picture is after the one before.

    Attributes
    ----------
    change : float
        Mean absolute difference to the picture before, 0..255; 0 for the first.
    is_cut : bool
        A new shot begins with this picture, as far as can be said without looking ahead.
    was_flash : bool
        The cut that was last reported was none: the old shot goes on.
    """

    change: float
    is_cut: bool
    was_flash: bool = False


class CutFinder:
    """Tells for each picture of a video, in their order, whether a new shot begins with it."""

    def __init__(self) -> None:
        self._last: Grey | None = None
        self._last_s = 0.0
        self._usual_step_s: float | None = None
        self._usual_loss = 0.0
        self._detailed: _Picture | None = None
        """The last picture that had something to compare."""
        self._before_cut: tuple[_Picture, float] | None = None

    def look(self, thumbnail: NDArray[np.uint8], t_s: float) -> Glance:
        """`thumbnail`: (h, w) grey, always of the same shape, about LONG_SIDE_PX long; `t_s`: its time."""
        grey = thumbnail.astype(np.float32)
        last, self._last = self._last, grey
        change = 0.0 if last is None else float(np.abs(grey - last).sum()) / grey.size
        jumped = last is not None and self._jumped(t_s)
        self._last_s = t_s
        picture = _Picture.of(grey)
        if picture is None:
            return Glance(change, jumped)
        detailed, self._detailed = self._detailed, picture
        if detailed is None or jumped:
            return Glance(change, jumped)
        if self._is_back(picture, t_s):
            self._before_cut = None
            return Glance(change, is_cut=False, was_flash=True)
        is_cut = self._is_cut(detailed, picture)
        if is_cut:
            self._before_cut = (detailed, t_s)
        return Glance(change, is_cut)

    def _jumped(self, t_s: float) -> bool:
        step_s, usual_s = t_s - self._last_s, self._usual_step_s
        if usual_s is None:
            self._usual_step_s = step_s
            return False
        if step_s > max(_LONGEST_STEP_S, _TIMES_USUAL_STEP * usual_s):
            return True
        self._usual_step_s = _MEMORY * usual_s + (1 - _MEMORY) * step_s
        return False

    def _is_back(self, picture: _Picture, t_s: float) -> bool:
        if self._before_cut is None:
            return False
        before, cut_s = self._before_cut
        return t_s - cut_s <= _LONGEST_FLASH_S and before.likeness(picture) >= _SAME_AGAIN

    def _is_cut(self, before: _Picture, picture: _Picture) -> bool:
        loss = 1.0 - before.likeness(picture)
        if loss > 1.0 - _ALIKE and loss >= _TIMES_USUAL * self._usual_loss and not _is_swung(before, picture):
            self._usual_loss = 0.0
            return True
        if loss > 1e-4:  # A repeated picture says nothing of how lively this shot is.
            self._usual_loss = _MEMORY * self._usual_loss + (1 - _MEMORY) * loss
        return False


def _is_swung(before: _Picture, picture: _Picture) -> bool:
    """Whether the middle of the picture is found somewhere in the one before, or the other way round."""
    return (
        max(
            _best_match(before.deviation, picture.deviation),
            _best_match(picture.deviation, before.deviation),
        )
        >= _SWUNG
    )


def _best_match(place: Grey, picture: Grey) -> float:
    height, width = (max(2, round(_WINDOW_SHARE * side)) for side in picture.shape)
    top, left = (picture.shape[0] - height) // 2, (picture.shape[1] - width) // 2
    middle = picture[top : top + height, left : left + width]
    middle = middle - middle.mean()
    windows = sliding_window_view(place, (height, width))
    windows = windows - windows.mean(axis=(2, 3), keepdims=True)
    scale = np.sqrt((windows * windows).sum(axis=(2, 3)) * (middle * middle).sum())
    return float(((windows * middle).sum(axis=(2, 3)) / np.maximum(scale, 1e-9)).max())
