"""How far two readings of the same frames lie apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SAME_PX = 0.1


@dataclass(frozen=True)
class Summary:
    """Of one distance a landmark and frame: over all of them, and over the frames' own means.

    Attributes
    ----------
    frames : frames that both have; the rest say nothing.
    only_one : frames that only one of them has.
    mean, p95, largest : of all distances.
    median_frame : the median of the frames' means, which a few frames with another person or swapped limbs do not move.
    same_share : frames whose mean is below 0.1, as a share.
    """

    frames: int
    only_one: int
    mean: float
    p95: float
    largest: float
    median_frame: float
    same_share: float

    def as_json(self, digits: int = 3) -> dict[str, float]:
        return {name: round(value, digits) for name, value in vars(self).items()}


def apart(first: Floats, second: Floats) -> Floats:
    """(T, J) Euclidean distances of (T, J, D) points; NaN where either is unknown.

    Raises ValueError if they are not of the same frames and joints.
    """
    if first.shape != second.shape:
        raise ValueError(f"not the same frames and joints: {first.shape} and {second.shape}")
    return np.asarray(np.linalg.norm(first - second, axis=-1))


def summary(first: Sequence[Floats], second: Sequence[Floats], scale: float = 1.0) -> Summary:
    """Of any number of clips, each (T, J, D); distances are multiplied by `scale`.

    Raises ValueError as `apart`, and if the two have no frame in common.
    """
    distances = np.concatenate([apart(*pair) for pair in zip(first, second, strict=True)]) * scale
    known = np.isfinite(distances).any(axis=1)
    if not known.any():
        raise ValueError("nothing in common")
    frames = np.nanmean(distances[known], axis=1)
    found = [np.concatenate([np.isfinite(each).all(axis=-1).any(axis=1) for each in side]) for side in (first, second)]
    return Summary(
        frames=int(known.sum()),
        only_one=int((found[0] ^ found[1]).sum()),
        mean=float(np.nanmean(distances)),
        p95=float(np.nanpercentile(distances, 95)),
        largest=float(np.nanmax(distances)),
        median_frame=float(np.median(frames)),
        same_share=float((frames < SAME_PX).mean()),
    )


def table(rows: Mapping[str, Summary], unit: str) -> str:
    columns = ("frames", "only_one", "mean", "p95", "largest", "median_frame", "same_share")
    width = max(map(len, rows)) + 2
    lines = [unit.ljust(width) + " ".join(name.rjust(12) for name in columns)]
    lines += [
        name.ljust(width) + " ".join(f"{getattr(row, column):.6g}".rjust(12) for column in columns)
        for name, row in rows.items()
    ]
    return "\n".join(lines)
