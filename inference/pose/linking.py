"""Who is who: which tracklets belong to one person.

A tracklet ends where somebody was hidden, left the picture, came too close to somebody else, or where the video is cut.
Each new tracklet is given to the person who fits best among those out of sight: by place, speed and size while the gap is
short, by the colours of what they wear always. Tracklets that begin at about the same time are assigned together, so
that two dancers who part after crossing are not both taken for the same one (Kuhn, "The Hungarian method for the
assignment problem", 1955).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from inference.pose.tracklets import Tracklet

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

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
    lasting_s: float = 0.5
    """Whoever was seen for less in all is no rival of the only person to be: things are taken for people for a moment."""


def link(
    tracklets: Sequence[Tracklet], cuts_s: Sequence[float], config: LinkingConfig | None = None
) -> list[list[int]]:
    """For each person the indices of their tracklets in the order of time.

    Parameters
    ----------
    tracklets
        Not empty each; the ones of one person never overlap in time.
    cuts_s
        Times of the first frames after cuts, ascending.
    """
    config = config or LinkingConfig()
    people = _People(tracklets, cuts_s, config)
    for group in _groups(tracklets, config.together_s):
        for index, person in _assign(group, people):
            people.give(index, person)
    return people.tracklets_of


class _People:
    """Who is known so far, as rows of arrays: a crowd that comes and goes makes thousands."""

    def __init__(self, tracklets: Sequence[Tracklet], cuts_s: Sequence[float], config: LinkingConfig) -> None:
        most = len(tracklets)
        self.tracklets = tracklets
        self.config = config
        self.tracklets_of: list[list[int]] = []
        self._cuts_s = np.asarray(cuts_s, dtype=np.float64)
        self._worn = _same_length([typical_colours(tracklet) for tracklet in tracklets])
        self._colours = np.full_like(self._worn, np.nan)
        self._end_s = np.full(most, np.inf)
        self._seen_s = np.zeros(most)

    def absent_at(self, t_s: float) -> Ints:
        """Who was seen before, but not at `t_s` or later."""
        return np.flatnonzero(self._end_s < t_s)

    def give(self, index: int, person: int | None) -> None:
        """One more tracklet for a person; None: for a new one."""
        if person is None:
            person = len(self.tracklets_of)
            self.tracklets_of.append([])
        seen, known = self._worn[index], self._colours[person]
        both = np.isfinite(seen) & np.isfinite(known)
        self._colours[person] = np.where(both, (known + seen) / 2, np.where(np.isfinite(seen), seen, known))
        self._end_s[person] = self.tracklets[index].t_s[-1]
        self._seen_s[person] += self.length_s(index)
        self.tracklets_of[person].append(index)

    def length_s(self, index: int) -> float:
        t_s = self.tracklets[index].t_s
        return float(t_s[-1] - t_s[0])

    def only_one_of(self, absent: Ints) -> int | None:
        """The only person of `absent` who could have been anybody; None if there are several, or none."""
        lasting = absent[self._seen_s[absent] >= self.config.lasting_s]
        rivals = lasting if len(lasting) else absent
        return int(rivals[0]) if len(rivals) == 1 else None

    def costs(self, index: int, absent: Ints, only: int | None) -> Floats:
        """How badly a tracklet fits each person who is out of sight; inf if it cannot be theirs.

        `only` is the one person whom it can be taken for if need be.
        """
        config, tracklet = self.config, self.tracklets[index]
        start_s = tracklet.t_s[0]
        gaps_s = start_s - self._end_s[absent]
        cuts_before = np.searchsorted(self._cuts_s, self._end_s[absent], side="right")
        is_cut = np.searchsorted(self._cuts_s, start_s, side="right") > cuts_before
        colours = _distances(self._colours[absent], self._worn[index])
        unlike = np.where(np.isnan(colours), 0.5, colours / config.other_colours)
        costs = np.where(colours <= config.same_colours, 2 + unlike, np.inf)
        lone = np.where(is_cut, config.lone_colours_across_cut, config.lone_colours)
        for place in np.flatnonzero(~is_cut & (gaps_s > 0) & (gaps_s <= config.motion_s)):
            last = self.tracklets[self.tracklets_of[absent[place]][-1]]
            motion = _motion_cost(last, tracklet, float(gaps_s[place]), config)
            is_lone = absent[place] == only and gaps_s[place] <= config.blink_s
            if motion <= 1 and (unlike[place] <= 1 or is_lone):
                costs[place] = motion + unlike[place]
        is_last_resort = (absent == (-1 if only is None else only)) & ~(colours > lone) & np.isinf(costs)
        costs[is_last_resort] = 4 + unlike[is_last_resort]
        return np.where(gaps_s > 0, costs, np.inf)


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
    begin, cuts = 0, [0]
    for place in range(2, len(measured) - 1):
        if place < begin + 2:
            continue
        before = _medians(colours[max(begin, place - _TYPICAL_OF) : place])
        was_changed, *is_changed = (
            colour_distance(before, colours[each]) > config.other_colours for each in (place - 1, place, place + 1)
        )
        if was_changed or not all(is_changed):
            continue
        cut = _greatest_jump(tracklet, int(measured[place - 1]), int(measured[place]))
        after = _medians(colours[place : place + _TYPICAL_OF // 2])
        near = [other for other in others if other is not tracklet and _was_near(tracklet, cut, other, config)]
        if any(colour_distance(after, typical_colours(other)) < colour_distance(before, after) / 2 for other in near):
            begin = int(np.searchsorted(measured, cut))
            cuts.append(cut)
    if len(cuts) == 1:
        return [tracklet]
    return [tracklet.between(start, end) for start, end in zip(cuts, [*cuts[1:], None], strict=True)]


def _was_near(tracklet: Tracklet, frame: int, other: Tracklet, config: LinkingConfig) -> bool:
    """Whether `other` was seen within a moment of that frame of `tracklet`, and close by."""
    t_s = float(tracklet.t_s[frame])
    moment = slice(*np.searchsorted(other.t_s, [t_s - config.near_s, t_s + config.near_s]))
    if not len(other.t_s[moment]):
        return False
    apart = np.linalg.norm(other.region[moment, :2] - tracklet.region[frame, :2], axis=1)
    return bool(apart.min() <= config.near_share * tracklet.side_px[frame])


def colour_distance(first: Floats, second: Floats) -> float:
    """Mean distance of the parts' colours (K, 3) that both know, per channel; NaN if that are fewer than two.

    Colours that were never measured may come as (0, 3).
    """
    first, second = _same_length([first, second])
    return float(_distances(first[None], second)[0])


def _distances(first: Floats, second: Floats) -> Floats:
    """(n,) those of (n, K, 3) to (K, 3)."""
    apart = np.sqrt(((first - second) ** 2).sum(axis=2) / 3)
    known = np.isfinite(apart)
    count = known.sum(axis=1)
    total = np.where(known, apart, 0.0).sum(axis=1)
    return np.where(count >= 2, total / np.maximum(count, 1), np.nan)


def _same_length(colours: Sequence[Floats]) -> Floats:
    """(n, K, 3) from n arrays (K, 3) or (0, 3), the latter as NaN."""
    parts = max((len(each) for each in colours), default=0)
    unknown = np.full((parts, 3), np.nan)
    return np.array([each if len(each) else unknown for each in colours]).reshape(len(colours), parts, 3)


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


def _assign(group: Sequence[int], people: _People) -> list[tuple[int, int | None]]:
    """A person for each tracklet of the group, None for a new one where nobody fits."""
    absent = people.absent_at(max(float(people.tracklets[index].t_s[0]) for index in group))
    only = people.only_one_of(absent)
    lasting = [index for index in group if people.length_s(index) >= people.config.lasting_s]
    costs = np.array(
        [people.costs(index, absent, only if set(lasting) <= {index} else None) for index in group]
    ).reshape(len(group), len(absent))
    fitting = np.flatnonzero(np.isfinite(costs).any(axis=0))
    absent, costs = absent[fitting], costs[:, fitting]
    chosen: dict[int, int] = {}
    # Forbidden pairs cost more than any allowed ones together, so that they are taken last and then left out.
    for row, column in zip(*linear_sum_assignment(np.where(np.isfinite(costs), costs, 1e6)), strict=True):
        if np.isfinite(costs[row, column]):
            chosen[group[int(row)]] = int(absent[column])
    return [(index, chosen.get(index)) for index in group]


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
