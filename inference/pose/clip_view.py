"""One person in the pictures of one clip: which joints are to be seen when, and the stretches of time that masks make."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from inference.pose.people import Estimate
from inference.pose.quality_report import KEY_JOINTS, QualityConfig, Stretch
from inference.pose.skeleton import SKELETON
from inference.pose.track import PoseTrack

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ClipView:
    """What the findings and the gates are made from. T frames; masks are (T,) unless they say otherwise."""

    track: PoseTrack
    estimate: Estimate
    config: QualityConfig

    @cached_property
    def outside(self) -> Mask:
        """(T, 29) joints of a found dancer that lie beyond the picture's edge."""
        size = np.array(self.track.size_px)
        margin = self.config.picture_margin * size.max()
        xy = np.nan_to_num(self.track.xy_px, nan=0.0)
        beyond = np.any((xy < -margin) | (xy > size + margin), axis=2)
        return np.asarray(beyond & self.track.found[:, None])

    @cached_property
    def in_view(self) -> Mask:
        """(T, 29) joints that are to be seen."""
        return np.asarray((self.track.conf >= self.config.min_joint_conf) & ~self.outside)

    def limb_in_view(self, limb: str) -> Mask:
        return np.asarray(self.in_view[:, key_joints(limb)].all(axis=1))

    def limb_cut_off(self, limb: str) -> Mask:
        return np.asarray(self.outside[:, key_joints(limb)].any(axis=1))

    @cached_property
    def height_px(self) -> Floats:
        """(T,) From the highest to the lowest joint; NaN without a dancer."""
        return heights_px(self.track)

    def stretches(self, mask: Mask, least_s: float, bridge_s: float | None = None) -> list[Stretch]:
        """The times in which a mask of the track's frames holds, the longest first."""
        bridge_s = self.config.bridge_s if bridge_s is None else bridge_s
        return stretches(mask, self.track.t_s, least_s, bridge_s)


def key_joints(limb: str) -> list[int]:
    return [SKELETON.index(joint) for joint in KEY_JOINTS[limb]]


def heights_px(track: PoseTrack) -> Floats:
    """(T,) From the highest to the lowest joint; NaN without a dancer."""
    heights = np.full(len(track.t_s), np.nan)
    y = track.xy_px[track.found, :, 1]
    heights[track.found] = y.max(axis=1, initial=-np.inf) - y.min(axis=1, initial=np.inf)
    return heights


def stretches(mask: Mask, t_s: Floats, least_s: float, bridge_s: float) -> list[Stretch]:
    """The times in which a mask holds: those less than `bridge_s` apart as one, short ones dropped, the longest first.

    A frame lasts until the next one; the last frame of all lasts as long as the one before.
    """
    if not len(t_s):
        return []
    ends_s = np.append(t_s[1:], t_s[-1] + (t_s[-1] - t_s[-2] if len(t_s) > 1 else 0.0))
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    joined: list[Stretch] = []
    for start, end in edges.reshape(-1, 2):
        from_s, to_s = float(t_s[start]), float(ends_s[end - 1])
        if joined and from_s - joined[-1][1] < bridge_s:
            from_s = joined.pop()[0]
        joined.append((from_s, to_s))
    lasting = [(from_s, to_s) for from_s, to_s in joined if to_s - from_s >= least_s]
    return sorted(lasting, key=lambda stretch: (stretch[0] - stretch[1], stretch[0]))


def share(mask: Mask) -> float:
    """How much of a mask holds; 0 of nothing."""
    return float(mask.mean()) if mask.size else 0.0


def fps_of(t_s: Floats) -> float:
    """Frames a second by the usual step; 0 where there is no step."""
    return float(1 / np.median(np.diff(t_s))) if len(t_s) > 1 else 0.0
