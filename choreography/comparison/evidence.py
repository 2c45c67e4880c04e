"""Everything measured on one aligned pair, frame by frame, on which scores and findings are built."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Evidence:
    """Both dancers at the same moments, `config.rate_hz` a second.

    N frames, S segments (`normalise.SEGMENTS`), L limbs (`normalise.LIMBS`). NaN where nothing could be judged.

    Attributes
    ----------
    t_s : (N,) guide time.
    shown, danced : (N, S, 2) segment vectors in shares of each dancer's own full segment length, in the guide's view, y
        down: mirroring and the camera's turn are taken out of `danced`, and it is read at the lag of the moment, so
        what is late is not also wrong. 0 where not seen.
    weights : (N, S) how much the direction of this segment counts at this moment; 0 where either is not seen.
    shown_weights : (N, S) what the weights would be if the attempt showed everything the guide shows.
    error_deg : (N, S) how far the directions are apart, 0..180; to be read only where weights > 0.
    lag_s : (N,) how late the body is, less what was put down to the device; negative: early.
    limb_lag_s : (N, L) the same for each limb.
    size_ratio : (N, L) how far the limb moves in the window around, against the guide; 1 is as far.
    energy_ratio : (N, L) its peak speed in the window around, against the guide.
    chance_deg : (L,) mean direction error of each limb that wrong timing gives on this pair.
    body_chance_deg : the same for the whole body.
    """

    t_s: Floats
    shown: Floats
    danced: Floats
    weights: Floats
    shown_weights: Floats
    error_deg: Floats
    lag_s: Floats
    limb_lag_s: Floats
    size_ratio: Floats
    energy_ratio: Floats
    chance_deg: Floats
    body_chance_deg: float
