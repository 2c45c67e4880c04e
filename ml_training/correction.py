"""A straight line a joint and axis that corrects predictions, fitted on held-out pictures and applied only where it helps.

A network trained on too little predicts too close to the mean place of a joint: its error is smallest there. The best
straight correction is y = a + b p, with p what it said and y what was true. Its slope b tells how healthy a joint is: 1 means
that the predictions are calibrated, 0 that they know nothing about the picture, more than 1 that they are shrunk.

Conventions: coordinates are in pixels of the network's input, as `Network.decode` gives them; never of the picture.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ml_training.errors import TrainingError
from ml_training.models.base import JOINTS

FEWEST = 20
"""Labelled examples a joint needs in each half before it is corrected at all."""
ORIGINAL_SCALE = 6.0

type Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Correction:
    """
    Attributes
    ----------
    offset_px, slope : (29, 2) float64
        a and b as fitted, whether applied or not; a = 0 and b = 1 where there was too little to fit.
    applied : (29, 2) bool
        Where the correction lowered the mean error on examples it was not fitted on.
    """

    offset_px: Floats
    slope: Floats
    applied: NDArray[np.bool_]

    @classmethod
    def fit(cls, pred: Floats, truth: Floats, weight: Floats) -> Self:
        """
        Fit by weighted least squares; apply where it gains both ways between the first and the second half of the rows.

        The halves are rows next to each other, as neighbours in a clip are near duplicates: a random half would show nothing
        new.

        Parameters
        ----------
        pred, truth : (N, 29, 2)
            Pixels of the network's input; `truth` may be NaN where the weight is 0.
        weight : (N, 29)
            At least 0.
        """
        pred, truth = np.asarray(pred, np.float64), np.nan_to_num(np.asarray(truth, np.float64))
        weight = np.broadcast_to(np.asarray(weight, np.float64)[..., None], pred.shape)
        half = len(pred) // 2
        first, second = slice(None, half), slice(half, None)
        gains = _gains(pred, truth, weight, first, second) & _gains(pred, truth, weight, second, first)
        offset, slope = _line(pred, truth, weight)
        return cls(offset, slope, gains)

    @classmethod
    def original(cls, factor: float) -> Self:
        """What the first version of the platform did: multiply the output by 6, 6.25, 6.5 or 8 and draw it on the full picture.

        Six is the scale between its 320 x 180 input and the 1920 x 1080 picture, so that anything more stretches the body
        from the picture's top left corner. Only for comparison; it means nothing for a person's crop.
        """
        stretch = np.full((JOINTS, 2), factor / ORIGINAL_SCALE)
        return cls(np.zeros((JOINTS, 2)), stretch, np.ones((JOINTS, 2), bool))

    def apply(self, xy: NDArray[np.floating]) -> Floats:
        """(..., 29, 2) pixels of the network's input, corrected."""
        slope, offset = self.effective()
        return np.asarray(xy, np.float64) * slope + offset

    def effective(self) -> tuple[Floats, Floats]:
        """(slope, offset_px), each (29, 2): 1 and 0 where the correction is not applied."""
        return np.where(self.applied, self.slope, 1.0), np.where(self.applied, self.offset_px, 0.0)

    def as_json(self) -> dict[str, Any]:
        return {
            "offset_px": self.offset_px.round(6).tolist(),
            "slope": self.slope.round(6).tolist(),
            "applied": self.applied.tolist(),
        }

    @classmethod
    def from_json(cls, payload: dict[str, Any]) -> Self:
        """Raises TrainingError for anything but what `as_json` gives."""
        try:
            offset = np.array(payload["offset_px"], np.float64)
            slope = np.array(payload["slope"], np.float64)
            applied = np.array(payload["applied"], bool)
        except (KeyError, TypeError, ValueError) as error:
            raise TrainingError("damaged_correction", f"This is no correction: {error!r}.") from error
        if not offset.shape == slope.shape == applied.shape == (JOINTS, 2):
            raise TrainingError("damaged_correction", f"A correction has {JOINTS} joints and two axes.")
        return cls(offset, slope, applied)


def _line(pred: Floats, truth: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """(offset, slope), each (29, 2): weighted least squares over the rows; the identity where predictions do not vary."""
    total = np.maximum(weight.sum(axis=0), 1e-12)
    mean_pred, mean_truth = (weight * pred).sum(axis=0) / total, (weight * truth).sum(axis=0) / total
    variance = (weight * (pred - mean_pred) ** 2).sum(axis=0)
    covariance = (weight * (pred - mean_pred) * (truth - mean_truth)).sum(axis=0)
    known = ((weight > 0).sum(axis=0) >= FEWEST) & (variance > 1e-9 * total)
    slope = np.where(known, covariance / np.where(known, variance, 1.0), 1.0)
    return np.where(known, mean_truth - slope * mean_pred, 0.0), slope


def _gains(pred: Floats, truth: Floats, weight: Floats, fitted: slice, judged: slice) -> NDArray[np.bool_]:
    """(29, 2): where the line through one part of the rows lowers the mean error of the other."""
    offset, slope = _line(pred[fitted], truth[fitted], weight[fitted])
    before = weight[judged] * np.abs(pred[judged] - truth[judged])
    after = weight[judged] * np.abs(pred[judged] * slope + offset - truth[judged])
    return np.asarray(after.sum(axis=0) < before.sum(axis=0))
