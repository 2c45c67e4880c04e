"""Where a limb, or the whole body, was wrong for a while: what every kind of fault has in common.

A fault costs, in points of the total, the share of the judged weight and time that it took, times how wrong it was
there, times the points that its part of the score has in all.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from choreography.comparison.evidence import Evidence
from choreography.comparison.normalise import IN_LIMB
from choreography.comparison.reasons_config import ReasonsConfig
from choreography.comparison.result import FindingKind
from choreography.comparison.stretches import Stretch

Floats = NDArray[np.float64]

ALL = "all"


@dataclass(frozen=True, eq=False)
class Fault:
    """One thing that was wrong within `stretch` (frames).

    Attributes
    ----------
    curve : (N,) how wrong, by which the worst part is told; NaN where unknown.
    height : how far it stands above its threshold, as a share of it.
    amount : mean error in degrees, lag in seconds (positive late) or size ratio; 0 for "still".
    cost : points of the total.
    """

    kind: FindingKind
    limb: str
    stretch: Stretch
    curve: Floats
    height: float
    amount: float
    cost: float


@dataclass(frozen=True)
class Frames:
    """The times of the configuration in frames."""

    config: ReasonsConfig
    rate_hz: float

    def of(self, seconds: float) -> int:
        return max(round(seconds * self.rate_hz), 1)

    def window(self, seconds: float) -> int:
        """Odd, so that it has a middle."""
        return 2 * (self.of(seconds) // 2) + 1


def limb_weights(evidence: Evidence, limb: str) -> Floats:
    """(N,) how much this limb, or the whole body, counts."""
    weights = evidence.weights if limb == ALL else evidence.weights[:, IN_LIMB[limb]]
    return np.asarray(weights.sum(axis=1))


def limb_error_deg(evidence: Evidence, limb: str) -> Floats:
    """(N,) weighted mean direction error of a limb; 0 where it has no weight."""
    which = IN_LIMB[limb]
    error = (evidence.error_deg[:, which] * evidence.weights[:, which]).sum(axis=1)
    return np.asarray(error / np.maximum(limb_weights(evidence, limb), 1e-9))


def throughout(found: list[Stretch], curve: Floats, config: ReasonsConfig) -> list[Stretch]:
    """A single stretch where they take up nearly all that is known."""
    above = sum(last - first for first, last in found)
    nearly_all = above >= config.throughout_share * np.isfinite(curve).sum()
    return [(found[0][0], found[-1][1])] if len(found) > 1 and nearly_all else found


def lost_share(lost: Floats, evidence: Evidence, limb: str, stretch: Stretch) -> float:
    """What is lost of the whole body's weight and time; `lost` (N,) is 1 where everything is."""
    rows = slice(*stretch)
    weights = limb_weights(evidence, limb)[rows]
    return float((np.nan_to_num(lost[rows]) * weights).sum()) / float(evidence.weights.sum())


def stretch_mean(values: Floats, evidence: Evidence, limb: str, stretch: Stretch) -> float:
    """Over the stretch by weight; plainly where nothing has weight."""
    rows = slice(*stretch)
    known = np.isfinite(values[rows])
    weights = limb_weights(evidence, limb)[rows][known]
    return float(np.average(values[rows][known], weights=weights if weights.sum() > 0 else None))
