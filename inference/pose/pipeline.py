"""From the readings of single frames to one honest track: join the parts, drop the flickers, smooth, name the joints."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.pose.mapping import to_kdance
from inference.pose.smoothing import smooth_confidences, smooth_positions
from inference.pose.track import PoseTrack
from inference.pose.tracking import LANDMARK_COUNT, Reading

Floats = NDArray[np.float64]

LEAST_APPEARANCE_S = 0.3
"""A dancer in view for less is taken for a false find: furniture and faces in the crowd come and go like that."""
LEAST_APPEARANCE_FRAMES = 3
SAME_DANCER_SHARE = 0.25
"""Two readings of one frame belong to one dancer if their joints lie within this share of the region's side."""


@dataclass(frozen=True, eq=False)
class Readings:
    """Landmarks of consecutive frames.

    Attributes
    ----------
    t_s : (T,)
    xyz_px : (T, 33, 3)
        NaN in frames without a dancer, as is `side_px`.
    conf : (T, 33)
        The lesser of visibility and presence; 0 in frames without a dancer.
    side_px : (T,)
        Side of the region that the dancer fills.
    """

    t_s: Floats
    xyz_px: Floats
    conf: Floats
    side_px: Floats

    @property
    def found(self) -> NDArray[np.bool_]:
        return np.isfinite(self.side_px)

    def between(self, start: int, end: int | None = None) -> "Readings":
        part = slice(start, end)
        return Readings(self.t_s[part], self.xyz_px[part], self.conf[part], self.side_px[part])


def gather(frames: Sequence[tuple[float, Reading | None]]) -> Readings:
    """The readings of a list of (t_s, reading or None)."""
    readings = Readings(
        t_s=np.array([t_s for t_s, _ in frames], dtype=np.float64),
        xyz_px=np.full((len(frames), LANDMARK_COUNT, 3), np.nan),
        conf=np.zeros((len(frames), LANDMARK_COUNT)),
        side_px=np.full(len(frames), np.nan),
    )
    for index, (_, reading) in enumerate(frames):
        if reading:
            readings.xyz_px[index] = reading.xyz_px
            readings.conf[index] = np.minimum(reading.visibility, reading.presence)
            readings.side_px[index] = reading.next_region.side_px
    return readings


def join(parts: Sequence[Readings]) -> Readings:
    """Parts that follow one another without overlap as one."""
    return Readings(
        np.concatenate([part.t_s for part in parts]),
        np.concatenate([part.xyz_px for part in parts]),
        np.concatenate([part.conf for part in parts]),
        np.concatenate([part.side_px for part in parts]),
    )


def same_dancer(first: Readings, second: Readings) -> bool:
    """False if two readings of the same frames follow different people: they disagree in most frames they share."""
    shared = first.found & second.found
    if not shared.any():
        return True
    apart = np.linalg.norm(first.xyz_px[shared, :, :2] - second.xyz_px[shared, :, :2], axis=2)
    return bool(np.median(np.median(apart, axis=1) / first.side_px[shared]) < SAME_DANCER_SHARE)


def to_track(readings: Readings, size_px: tuple[int, int], model: str) -> PoseTrack:
    """The dancer's track: short appearances dropped, each appearance smoothed by itself, 29 joints."""
    frames = len(readings.t_s)
    xyz_px = np.full_like(readings.xyz_px, np.nan)
    conf = np.zeros_like(readings.conf)
    for start, end in appearances(readings.found, readings.t_s):
        part = readings.between(start, end)
        xyz_px[start:end] = smooth_positions(part.t_s, part.xyz_px, part.side_px)
        conf[start:end] = smooth_confidences(part.t_s, part.conf)
    xy, joint_conf = to_kdance(xyz_px, conf) if frames else (np.empty((0, 29, 2)), np.empty((0, 29)))
    return PoseTrack(
        t_s=readings.t_s,
        xy_px=xy.astype(np.float32),
        conf=np.clip(joint_conf, 0, 1).astype(np.float32),
        size_px=size_px,
        model=model,
    )


def appearances(found: NDArray[np.bool_], t_s: Floats) -> list[tuple[int, int]]:
    """[start, end) of each unbroken appearance of the dancer that lasts long enough to be believed."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], found, [False])).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2) if _lasts(t_s[start:end])]


def _lasts(t_s: Floats) -> bool:
    return len(t_s) >= LEAST_APPEARANCE_FRAMES and bool(t_s[-1] - t_s[0] >= LEAST_APPEARANCE_S)
