"""From the tracklets of a clip to the people in it: who is who, what is believed, smoothed, the joints named."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from inference.pose.casting import Candidate, cast
from inference.pose.linking import link, split_at_slips
from inference.pose.looks import Looks
from inference.pose.mapping import to_kdance, to_kdance_world
from inference.pose.people import Estimate
from inference.pose.reading import LANDMARK_COUNT
from inference.pose.smoothing import smooth_confidences, smooth_positions
from inference.pose.track import JOINT_COUNT, PoseTrack
from inference.pose.tracklets import Tracklet

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LEAST_APPEARANCE_S = 0.5
"""A person in view for less is taken for a false find: furniture and faces in the crowd come and go like that."""
LEAST_APPEARANCE_FRAMES = 3
LEAST_SUPPORT = 0.7
SUPPORT_CHECKS = 7
"""A frame is believed if the median of so many of the detector's checks around it reaches LEAST_SUPPORT.

On real dancers each check gives 0.84 to 0.99, on things that the landmarks take for people it mostly finds nobody
(docs/pose.md). Seven checks are 3.5 s: a dancer may be upside down for half of that.
"""
MOST_CANDIDATES = 12
"""So many people of a clip are looked at in full; half as many are listed."""
WORLD_SIDE_M = 2.5
"""Side of a person's region on the ground: what smoothing takes for the scale of positions in metres."""


def to_estimate(
    tracklets: Sequence[Tracklet], looks: Looks, skipped_s: Sequence[float], size_px: tuple[int, int], model: str
) -> Estimate:
    """Everybody in a clip.

    Parameters
    ----------
    tracklets
        What was read, in any order.
    looks
        Of the frames that were read: `looks.t_s` is their clock.
    skipped_s
        Times of frames that were not read; their keypoints are interpolated.
    """
    frames = _Frames(looks, skipped_s)
    cuts_s = looks.t_s[looks.begins_shot]
    pieces = [piece for tracklet in tracklets for piece in split_at_slips(tracklet, tracklets)]
    people = [[pieces[index] for index in indices] for indices in link(pieces, cuts_s.tolist())]
    candidates = [_candidate(person, frames, size_px, model) for person in _most_seen(people, looks)]
    return Estimate(cast(candidates), frames.track(_Joints.of_nobody(len(looks.t_s)), size_px, model), looks)


class _Joints:
    """Joints in the frames that were read: xy_px (T, 29, 2), xyz_m (T, 29, 3), conf (T, 29), side_px (T,)."""

    def __init__(self, xy_px: Floats, xyz_m: Floats, conf: Floats, side_px: Floats) -> None:
        self.xy_px, self.xyz_m, self.conf, self.side_px = xy_px, xyz_m, conf, side_px

    @classmethod
    def of_nobody(cls, frames: int) -> "_Joints":
        return cls(
            np.full((frames, JOINT_COUNT, 2), np.nan),
            np.full((frames, JOINT_COUNT, 3), np.nan),
            np.zeros((frames, JOINT_COUNT)),
            np.full(frames, np.nan),
        )


class _Frames:
    """All frames of a clip, and which of them were read."""

    def __init__(self, looks: Looks, skipped_s: Sequence[float]) -> None:
        self.looks = looks
        self.t_s = np.sort(np.concatenate([looks.t_s, np.asarray(skipped_s, dtype=np.float64)]))
        self.read = np.isin(self.t_s, looks.t_s)

    def track(self, joints: _Joints, size_px: tuple[int, int], model: str) -> PoseTrack:
        xy_px = self.spread(joints.xy_px)
        nobody = ~np.isfinite(xy_px[:, :1, 0])
        begins_shot = np.zeros(len(self.t_s), dtype=bool)
        begins_shot[self.read] = self.looks.begins_shot
        return PoseTrack(
            t_s=self.t_s,
            xy_px=xy_px.astype(np.float32),
            conf=np.clip(np.where(nobody, 0, self.spread(joints.conf)), 0, 1).astype(np.float32),
            size_px=size_px,
            model=model,
            xyz_m=self.spread(joints.xyz_m).astype(np.float32),
            interpolated=~self.read,
            begins_shot=begins_shot,
        )

    def spread(self, values: Floats) -> Floats:
        """(all frames, ...) from (frames that were read, ...): between two of them in a straight line, else NaN."""
        if self.read.all():
            return values
        whole = np.full((len(self.t_s), *values.shape[1:]), np.nan)
        whole[self.read] = values
        if len(values) < 2:
            return whole
        skipped = self.t_s[~self.read]
        after = np.clip(np.searchsorted(self.looks.t_s, skipped), 1, len(values) - 1)
        before = after - 1
        share = (skipped - self.looks.t_s[before]) / (self.looks.t_s[after] - self.looks.t_s[before])
        # Beyond the last frame that was read the pose is held.
        share = np.clip(share, 0, 1).reshape(-1, *[1] * (values.ndim - 1))
        between = (1 - share) * values[before] + share * values[after]
        cut = self.looks.begins_shot[after] & (skipped < self.looks.t_s[after])
        between[cut] = np.nan
        whole[~self.read] = between
        return whole


def _most_seen(people: Sequence[Sequence[Tracklet]], looks: Looks) -> list[Sequence[Tracklet]]:
    """Those who fill the most of the picture for the longest.

    A crowd can make hundreds of people of a clip, and each track covers all of it: so many would not fit into memory.
    """
    shown = [(_shown_px(person, looks), number) for number, person in enumerate(people)]
    best = sorted(((-much, number) for much, number in shown if much > 0))[:MOST_CANDIDATES]
    return [people[number] for _, number in sorted(best, key=lambda each: each[1])]


def _shown_px(parts: Sequence[Tracklet], looks: Looks) -> float:
    """Sum of the sides of somebody's region over the frames in which they are believed."""
    side_px = _laid_out(parts, looks, "side_px", np.nan, ())
    return sum(float(side_px[start:end].sum()) for start, end in _believed_appearances(parts, looks))


def _believed_appearances(parts: Sequence[Tracklet], looks: Looks) -> list[tuple[int, int]]:
    support = _laid_out(parts, looks, "support", np.nan, ())
    found = np.isfinite(_laid_out(parts, looks, "side_px", np.nan, ()))
    return appearances(believed(support, found), looks.t_s, looks.begins_shot)


def _laid_out(parts: Sequence[Tracklet], looks: Looks, name: str, blank: float, shape: tuple[int, ...]) -> Floats:
    """(T, ...) a field of one person's tracklets over all frames that were read."""
    values = np.full((len(looks.t_s), *shape), blank)
    for part in parts:
        values[np.searchsorted(looks.t_s, part.t_s)] = getattr(part, name)
    return values


def _candidate(parts: Sequence[Tracklet], frames: _Frames, size_px: tuple[int, int], model: str) -> Candidate:
    """One person's tracklets as a track: what is not believed dropped, each appearance smoothed by itself."""
    looks = frames.looks
    side_px = _laid_out(parts, looks, "side_px", np.nan, ())
    xyz_px = _laid_out(parts, looks, "xyz_px", np.nan, (LANDMARK_COUNT, 3))
    xyz_m = _laid_out(parts, looks, "xyz_m", np.nan, (LANDMARK_COUNT, 3))
    conf = _laid_out(parts, looks, "conf", 0.0, (LANDMARK_COUNT,))
    joints = _Joints.of_nobody(len(looks.t_s))
    for start, end in _believed_appearances(parts, looks):
        part = slice(start, end)
        t_s, side = looks.t_s[part], side_px[part]
        smooth_px = smooth_positions(t_s, xyz_px[part], side)
        joints.xy_px[part], joints.conf[part] = to_kdance(smooth_px, smooth_confidences(t_s, conf[part]))
        if np.isfinite(xyz_m[part]).all():  # not every engine knows world landmarks
            smooth_m = smooth_positions(t_s, xyz_m[part], np.full(end - start, WORLD_SIDE_M))
            joints.xyz_m[part] = to_kdance_world(smooth_m)
        joints.side_px[part] = side
    return Candidate(frames.track(joints, size_px, model), frames.spread(joints.side_px))


def believed(support: Floats, found: Flags) -> Flags:
    """(T,) True in frames with a person whom the detector, asked again and again, takes for one, too."""
    kept = np.zeros(len(support), dtype=bool)
    for start, end in _runs(found):
        checks = np.flatnonzero(np.isfinite(support[start:end]))
        if len(checks):
            steady = _running_median(support[start:end][checks])
            nearest = np.searchsorted((checks[1:] + checks[:-1]) / 2, np.arange(end - start))
            kept[start:end] = steady[nearest] >= LEAST_SUPPORT
    return kept


def appearances(found: Flags, t_s: Floats, begins_shot: Flags) -> list[tuple[int, int]]:
    """[start, end) of each unbroken appearance within one shot that lasts long enough to be believed."""
    runs = [
        (start, end)
        for run_start, run_end in _runs(found)
        for start, end in _between_cuts(run_start, run_end, begins_shot)
    ]
    return [(start, end) for start, end in runs if _lasts(t_s[start:end])]


def _between_cuts(start: int, end: int, begins_shot: Flags) -> list[tuple[int, int]]:
    cuts = [start, *(start + 1 + np.flatnonzero(begins_shot[start + 1 : end])).tolist(), end]
    return list(pairwise(cuts))


def _runs(found: Flags) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], found, [False])).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _running_median(values: Floats) -> Floats:
    reach = SUPPORT_CHECKS // 2
    return np.array([np.median(values[max(0, place - reach) : place + reach + 1]) for place in range(len(values))])


def _lasts(t_s: Floats) -> bool:
    return len(t_s) >= LEAST_APPEARANCE_FRAMES and bool(t_s[-1] - t_s[0] >= LEAST_APPEARANCE_S)
