"""From the readings of single frames to one honest track: join the parts, drop the flickers, smooth, name the joints."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from inference.pose.looks import Looks
from inference.pose.mapping import to_kdance
from inference.pose.people import Estimate, Person, PersonKind
from inference.pose.reading import LANDMARK_COUNT, Region
from inference.pose.smoothing import smooth_confidences, smooth_positions
from inference.pose.track import PoseTrack
from inference.pose.tracking import Sighting

Floats = NDArray[np.float64]

LEAST_APPEARANCE_S = 0.5
"""A dancer in view for less is taken for a false find: furniture and faces in the crowd come and go like that."""
LEAST_APPEARANCE_FRAMES = 3
LEAST_SUPPORT = 0.7
SUPPORT_CHECKS = 7
"""A frame is believed if the median of so many of the detector's checks around it reaches LEAST_SUPPORT.

On real dancers each check gives 0.84 to 0.99, on things that the landmarks take for people it mostly finds nobody
(docs/pose.md). Seven checks are 3.5 s: a dancer may be upside down for half of that.
"""
SAME_DANCER_SHARE = 0.25
"""Two readings of one frame belong to one dancer if their joints lie within this share of the region's side."""


@dataclass(frozen=True, eq=False)
class Readings:
    """Landmarks of consecutive frames.

    Attributes
    ----------
    t_s : (T,)
    xyz_px, xyz_m : (T, 33, 3)
        As in `Reading`; NaN in frames without a dancer, as is `side_px`.
    conf : (T, 33)
        The lesser of visibility and presence; 0 in frames without a dancer.
    side_px : (T,)
        Side of the region that the dancer fills.
    support : (T,)
        The detector's score for the dancer's place; NaN in frames where it was not asked.
    """

    t_s: Floats
    xyz_px: Floats
    xyz_m: Floats
    conf: Floats
    side_px: Floats
    support: Floats

    @property
    def found(self) -> NDArray[np.bool_]:
        return np.isfinite(self.side_px)

    def between(self, start: int, end: int | None = None) -> "Readings":
        part = slice(start, end)
        return Readings(
            self.t_s[part],
            self.xyz_px[part],
            self.xyz_m[part],
            self.conf[part],
            self.side_px[part],
            self.support[part],
        )


def gather(frames: Sequence[tuple[float, Sighting | None]]) -> Readings:
    """The readings of a list of (t_s, sighting or None)."""
    readings = Readings(
        t_s=np.array([t_s for t_s, _ in frames], dtype=np.float64),
        xyz_px=np.full((len(frames), LANDMARK_COUNT, 3), np.nan),
        xyz_m=np.full((len(frames), LANDMARK_COUNT, 3), np.nan),
        conf=np.zeros((len(frames), LANDMARK_COUNT)),
        side_px=np.full(len(frames), np.nan),
        support=np.full(len(frames), np.nan),
    )
    for index, (_, sighting) in enumerate(frames):
        if sighting:
            reading = sighting.reading
            readings.support[index] = sighting.support
            readings.xyz_px[index] = reading.xyz_px
            readings.xyz_m[index] = reading.xyz_m
            readings.conf[index] = np.minimum(reading.visibility, reading.presence)
            readings.side_px[index] = reading.next_region.side_px
    return readings


def join(parts: Sequence[Readings]) -> Readings:
    """Parts that follow one another without overlap as one."""
    return Readings(
        np.concatenate([part.t_s for part in parts]),
        np.concatenate([part.xyz_px for part in parts]),
        np.concatenate([part.xyz_m for part in parts]),
        np.concatenate([part.conf for part in parts]),
        np.concatenate([part.side_px for part in parts]),
        np.concatenate([part.support for part in parts]),
    )


def same_dancer(first: Readings, second: Readings) -> bool:
    """False if two readings follow different people: they lie apart in most of the frames that they share."""
    _, ours, theirs = np.intersect1d(first.t_s, second.t_s, return_indices=True)
    shared = first.found[ours] & second.found[theirs]
    if not shared.any():
        return True
    ours, theirs = ours[shared], theirs[shared]
    apart = np.linalg.norm(first.xyz_px[ours, :, :2] - second.xyz_px[theirs, :, :2], axis=2)
    return bool(np.median(np.median(apart, axis=1) / first.side_px[ours]) < SAME_DANCER_SHARE)


def to_estimate(readings: Readings, looks: Looks, size_px: tuple[int, int], model: str) -> Estimate:
    """What was read in a clip as the people in it."""
    track = to_track(readings, size_px, model)
    nobody = replace(track, xy_px=np.full_like(track.xy_px, np.nan), conf=np.zeros_like(track.conf))
    if not track.found.any():
        return Estimate((), nobody, looks)
    best = int(np.argmax(np.where(track.found, track.conf.sum(axis=1), -1)))
    x, y = readings.xyz_px[best, :, :2].mean(axis=0)
    portrait = Region(float(x), float(y), float(readings.side_px[best]), 0.0)
    return Estimate((Person(track, PersonKind.DANCER, 1.0, float(track.t_s[best]), portrait),), nobody, looks)


def to_track(readings: Readings, size_px: tuple[int, int], model: str) -> PoseTrack:
    """The dancer's track: what is not believed dropped, each appearance smoothed by itself, 29 joints."""
    frames = len(readings.t_s)
    xyz_px = np.full_like(readings.xyz_px, np.nan)
    conf = np.zeros_like(readings.conf)
    for start, end in appearances(believed(readings), readings.t_s):
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


def believed(readings: Readings) -> NDArray[np.bool_]:
    """(T,) True in frames with a dancer whom the detector, asked again and again, takes for a person, too."""
    kept = np.zeros(len(readings.t_s), dtype=bool)
    for start, end in _runs(readings.found):
        checks = np.flatnonzero(np.isfinite(readings.support[start:end]))
        if len(checks):
            steady = _running_median(readings.support[start:end][checks])
            nearest = np.searchsorted((checks[1:] + checks[:-1]) / 2, np.arange(end - start))
            kept[start:end] = steady[nearest] >= LEAST_SUPPORT
    return kept


def appearances(found: NDArray[np.bool_], t_s: Floats) -> list[tuple[int, int]]:
    """[start, end) of each unbroken appearance of the dancer that lasts long enough to be believed."""
    return [(start, end) for start, end in _runs(found) if _lasts(t_s[start:end])]


def _runs(found: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], found, [False])).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _running_median(values: Floats) -> Floats:
    reach = SUPPORT_CHECKS // 2
    return np.array([np.median(values[max(0, place - reach) : place + reach + 1]) for place in range(len(values))])


def _lasts(t_s: Floats) -> bool:
    return len(t_s) >= LEAST_APPEARANCE_FRAMES and bool(t_s[-1] - t_s[0] >= LEAST_APPEARANCE_S)
