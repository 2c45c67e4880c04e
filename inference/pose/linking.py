"""Who is who: which tracklets belong to one person.

A tracklet ends where somebody was hidden, left the picture, came too close to somebody else, or where the video is cut.
Each new tracklet is given to the person who fits best among those out of sight: by place, speed and size while the gap is
short, by the colours of what they wear always. Tracklets that begin at about the same time are assigned together, so
that two dancers who part after crossing are not both taken for the same one (Kuhn, "The Hungarian method for the
assignment problem", 1955).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from inference.pose.tracklets import Tracklet

Floats = NDArray[np.float64]

_TYPICAL_OF = 8


@dataclass(frozen=True)
class LinkingConfig:
    """Lengths are shares of the region's side, colours are mean distances in 0..255."""

    motion_s: float = 1.5
    """Over a longer gap nothing is concluded from the place."""
    reach_share: float = 0.25
    reach_share_per_s: float = 1.5
    foresight_s: float = 0.3
    most_size_ratio: float = 1.8
    other_colours: float = 45.0
    """Somebody at the right place in clothes further apart than this is somebody else."""
    same_colours: float = 18.0
    """Somebody whose clothes are closer than this is the same person wherever they turn up."""
    lone_colours: float = 32.0
    lone_colours_across_cut: float = 70.0
    """If there is only one person to be and only one who could be it, clothes may look this different (light changes)."""
    together_s: float = 0.4
    near_s: float = 1.0
    near_share: float = 1.0
    blink_s: float = 0.5
    """Alone in the picture, who is at the right place after so short a gap is the same person in whatever light."""


@dataclass
class _Identity:
    tracklets: list[int] = field(default_factory=list)
    end_s: float = -math.inf
    colours: Floats | None = None


def link(
    tracklets: Sequence[Tracklet], cuts_s: Sequence[float], config: LinkingConfig | None = None
) -> list[list[int]]:
    """For each person the indices of their tracklets in the order of time.

    Parameters
    ----------
    tracklets
        Not empty each; the ones of one person never overlap in time.
    cuts_s
        Times of the first frames after cuts.
    """
    config = config or LinkingConfig()
    people: list[_Identity] = []
    for group in _groups(tracklets, config.together_s):
        absent = [person for person in people if person.end_s < min(tracklets[index].t_s[0] for index in group)]
        for index, person in _assign(group, absent, tracklets, cuts_s, config):
            if person not in people:
                people.append(person)
            _give(person, index, tracklets[index])
    return [person.tracklets for person in people]


def split_at_slips(
    tracklet: Tracklet, others: Sequence[Tracklet], config: LinkingConfig | None = None
) -> list[Tracklet]:
    """The tracklet in pieces, cut where the landmarks slipped from one person over to another.

    There the colours change for good, to those of somebody who was near: two measurements in a row are far from what was
    typical, and close to what is typical of one of `others`. (Stage lights change everybody's colours.) The cut is made
    in the frame before them in which the body jumped furthest.
    """
    config = config or LinkingConfig()
    measured = np.flatnonzero(np.isfinite(tracklet.colours[:, :, 0]).sum(axis=1) >= 2)
    colours = tracklet.colours[measured]
    for place in range(2, len(measured) - 1):
        before = _medians(colours[max(0, place - _TYPICAL_OF) : place])
        changed = [colour_distance(before, colours[later]) for later in (place, place + 1)]
        was_changed = colour_distance(before, colours[place - 1]) > config.other_colours
        if was_changed or min(changed) <= config.other_colours:
            continue
        cut = _greatest_jump(tracklet, int(measured[place - 1]), int(measured[place]))
        after = _medians(colours[place : place + _TYPICAL_OF // 2])
        near = [other for other in others if other is not tracklet and _was_near(tracklet, cut, other, config)]
        if any(colour_distance(after, typical_colours(other)) < colour_distance(before, after) / 2 for other in near):
            return [tracklet.between(0, cut), *split_at_slips(tracklet.between(cut, None), others, config)]
    return [tracklet]


def _was_near(tracklet: Tracklet, frame: int, other: Tracklet, config: LinkingConfig) -> bool:
    """Whether `other` was seen within a moment of that frame of `tracklet`, and close by."""
    t_s = float(tracklet.t_s[frame])
    moment = slice(*np.searchsorted(other.t_s, [t_s - config.near_s, t_s + config.near_s]))
    if not len(other.t_s[moment]):
        return False
    apart = np.linalg.norm(other.region[moment, :2] - tracklet.region[frame, :2], axis=1)
    return bool(apart.min() <= config.near_share * tracklet.side_px[frame])


def colour_distance(first: Floats, second: Floats) -> float:
    """Mean distance of the parts' colours (K, 3) that both know, per channel; NaN if that are fewer than two."""
    apart = np.linalg.norm(first - second, axis=1) / math.sqrt(3)
    known = np.isfinite(apart)
    return float(apart[known].mean()) if known.sum() >= 2 else math.nan


def typical_colours(tracklet: Tracklet) -> Floats:
    """(K, 3) medians over the frames in which the colours were measured; NaN for parts never seen."""
    return _medians(tracklet.colours)


def _medians(colours: Floats) -> Floats:
    """(K, 3) from (n, K, 3), leaving out what is NaN."""
    typical = np.full(colours.shape[1:], np.nan)
    for part in range(len(typical)):
        known = np.isfinite(colours[:, part, 0])
        if known.any():
            typical[part] = np.median(colours[known, part], axis=0)
    return typical


def _greatest_jump(tracklet: Tracklet, start: int, end: int) -> int:
    """The frame in (start, end] with the body furthest from where it was in the frame before."""
    xy = tracklet.xyz_px[start : end + 1, :, :2].astype(np.float64)
    jumps = np.linalg.norm(np.diff(xy, axis=0), axis=2).mean(axis=1)
    return start + 1 + int(np.argmax(jumps))


def _groups(tracklets: Sequence[Tracklet], together_s: float) -> list[list[int]]:
    """Indices by start, those that begin together in one group; nobody in a group ends before another one begins."""
    groups: list[list[int]] = []
    for index in sorted(range(len(tracklets)), key=lambda each: float(tracklets[each].t_s[0])):
        start_s = tracklets[index].t_s[0]
        if (
            groups
            and start_s - tracklets[groups[-1][0]].t_s[0] <= together_s
            and all(tracklets[other].t_s[-1] >= start_s for other in groups[-1])
        ):
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def _assign(
    group: Sequence[int],
    absent: Sequence[_Identity],
    tracklets: Sequence[Tracklet],
    cuts_s: Sequence[float],
    config: LinkingConfig,
) -> list[tuple[int, _Identity]]:
    """A person for each tracklet of the group, a new one where nobody fits."""
    is_lone = len(group) == 1 and len(absent) == 1
    costs = np.array(
        [[_cost(person, tracklets[index], tracklets, cuts_s, is_lone, config) for person in absent] for index in group]
    ).reshape(len(group), len(absent))
    chosen: dict[int, _Identity] = {}
    if costs.size:
        # Forbidden pairs cost more than any allowed ones together, so that they are taken last and then left out.
        for row, column in zip(*linear_sum_assignment(np.where(np.isfinite(costs), costs, 1e6)), strict=True):
            if np.isfinite(costs[row, column]):
                chosen[group[int(row)]] = absent[int(column)]
    return [(index, chosen.get(index) or _Identity()) for index in group]


def _cost(
    person: _Identity,
    tracklet: Tracklet,
    tracklets: Sequence[Tracklet],
    cuts_s: Sequence[float],
    is_lone: bool,
    config: LinkingConfig,
) -> float:
    """How badly a tracklet fits a person who is out of sight; inf if it cannot be theirs."""
    last = tracklets[person.tracklets[-1]]
    gap_s = float(tracklet.t_s[0] - last.t_s[-1])
    is_cut = any(last.t_s[-1] < cut_s <= tracklet.t_s[0] for cut_s in cuts_s)
    colours = math.nan if person.colours is None else colour_distance(person.colours, typical_colours(tracklet))
    unlike = 0.5 if math.isnan(colours) else colours / config.other_colours
    if not is_cut and gap_s <= config.motion_s:
        motion = _motion_cost(last, tracklet, gap_s, config)
        if motion <= 1 and (unlike <= 1 or (is_lone and gap_s <= config.blink_s)):
            return motion + unlike
    if colours <= config.same_colours:
        return 2 + unlike
    lone = config.lone_colours_across_cut if is_cut else config.lone_colours
    if is_lone and not colours > lone:
        return 4 + unlike
    return math.inf


def _motion_cost(last: Tracklet, tracklet: Tracklet, gap_s: float, config: LinkingConfig) -> float:
    """0 where a person who moved on like that would be, 1 at the limit of what somebody can do in the gap."""
    side = max(float(last.side_px[-1]), float(tracklet.side_px[0]))
    expected = last.region[-1, :2] + _velocity(last) * min(gap_s, config.foresight_s)
    apart = float(np.linalg.norm(tracklet.region[0, :2] - expected)) / side
    size = abs(math.log(float(tracklet.side_px[0] / last.side_px[-1]))) / math.log(config.most_size_ratio)
    return max(apart / (config.reach_share + config.reach_share_per_s * gap_s), size)


def _velocity(tracklet: Tracklet) -> Floats:
    """(2,) pixels a second of the region's centre over the last few frames."""
    last = slice(-6, None)
    if len(tracklet.t_s) < 2:
        return np.zeros(2)
    elapsed_s = tracklet.t_s[last][-1] - tracklet.t_s[last][0]
    return np.asarray((tracklet.region[last][-1, :2] - tracklet.region[last][0, :2]) / elapsed_s)


def _give(person: _Identity, index: int, tracklet: Tracklet) -> None:
    seen = typical_colours(tracklet)
    known = seen if person.colours is None else person.colours
    person.colours = np.where(
        np.isfinite(seen) & np.isfinite(known), (known + seen) / 2, np.where(np.isfinite(seen), seen, known)
    )
    person.tracklets.append(index)
    person.end_s = float(tracklet.t_s[-1])
