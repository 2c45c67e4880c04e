"""Which of the people in a clip is the dancer: large, in the middle, and moving.

A poster does not move, and a mirror on the wall moves as somebody else does with left and right exchanged: both are
people to a pose model, and neither is the dancer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.pose.people import Person, PersonKind
from inference.pose.reading import Region
from inference.pose.skeleton import SKELETON
from inference.pose.track import PoseTrack
from inference.pose.tracking import off_centre

Floats = NDArray[np.float64]

_MOVING = [
    SKELETON.index(f"{side}_{joint}") for side in ("left", "right") for joint in ("wrist", "elbow", "knee", "ankle")
]
_HIP = SKELETON.index("center_hip")
_LEAST_APART = 0.2
_RANK = {PersonKind.DANCER: 0, PersonKind.REFLECTION: 1, PersonKind.STILL: 2}


@dataclass(frozen=True)
class CastingConfig:
    """Lengths are shares of the region's side, about 2.5 m on the ground."""

    most_people: int = 6
    least_seen_s: float = 1.0
    """Who is in view for less is not listed, unless there is nobody else."""
    off_centre_cost: float = 0.6
    standing_worth: float = 0.3
    """Somebody who only stands counts this much of somebody who dances."""
    dancing_speed: float = 0.15
    """Median speed of hands, elbows, knees and feet against the hips, in sides a second, of somebody who dances."""
    still_for_s: float = 2.0
    still_reach: float = 0.03
    """Who moves hands, elbows, knees and feet over no more than this ..."""
    still_walk: float = 0.05
    """... and walks no further than this, is a picture on the wall or might as well be."""
    mirrored_for_s: float = 2.0
    mirrored_r: float = 0.75
    """Least correlation of a reflection's limbs with those of the dancer, left and right exchanged ..."""
    mirrored_r_gain: float = 0.2
    """... and how much better that must fit than without exchanging them (two dancers in step)."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A person with the side of the region (T,) in pixels that they fill in each frame, NaN where out of view."""

    track: PoseTrack
    side_px: Floats


def cast(candidates: Sequence[Candidate], config: CastingConfig | None = None) -> tuple[Person, ...]:
    """People sorted by how likely each is the dancer: dancers, then reflections, then what is still; the best first."""
    config = config or CastingConfig()
    seen = [candidate for candidate in candidates if candidate.track.found.any()]
    lasting = [candidate for candidate in seen if _seen_s(candidate.track) >= config.least_seen_s]
    ranked = sorted(lasting or seen, key=lambda each: prominence(each, config), reverse=True)[: config.most_people]
    people = [
        _person(candidate, _kind(candidate, ranked[:number], config), ranked, config)
        for number, candidate in enumerate(ranked)
    ]
    return tuple(sorted(people, key=lambda person: (_RANK[person.kind], -person.prominence)))


def prominence(candidate: Candidate, config: CastingConfig) -> float:
    """Mean over all frames of the size as a share of the picture's long side, less off the middle; less without motion."""
    track = candidate.track
    found = np.isfinite(candidate.side_px)
    long_side = max(track.size_px)
    presence = 0.0
    for frame in np.flatnonzero(found):
        x, y = track.xy_px[frame, _HIP]
        side = float(candidate.side_px[frame])
        away = off_centre(Region(float(x), float(y), side, 0.0), track.size_px)
        presence += min(side / long_side, 1.5) * (1 - config.off_centre_cost * away)
    moving = min(1.0, limb_speed(candidate) / config.dancing_speed)
    return presence / max(len(found), 1) * (config.standing_worth + (1 - config.standing_worth) * moving)


def limb_speed(candidate: Candidate) -> float:
    """Median speed of hands, elbows, knees and feet against the hips, in sides of the region a second."""
    limbs = _limbs(candidate)
    elapsed_s = np.diff(candidate.track.t_s)
    speeds = np.linalg.norm(np.diff(limbs, axis=0), axis=2).mean(axis=1) / elapsed_s
    speeds = speeds[np.isfinite(speeds)]
    return float(np.median(speeds)) if len(speeds) else 0.0


def is_still(candidate: Candidate, config: CastingConfig) -> bool:
    """True for somebody in view long enough who neither moves a limb nor walks."""
    if _seen_s(candidate.track) < config.still_for_s:
        return False
    found = np.isfinite(candidate.side_px)
    reach = _spread(_limbs(candidate)[found])
    hips = candidate.track.xy_px[found, _HIP] / np.median(candidate.side_px[found])
    return reach < config.still_reach and _spread(hips[:, None]) < config.still_walk


def is_reflection(candidate: Candidate, other: Candidate, config: CastingConfig) -> bool:
    """True if `candidate` moves as `other` does with left and right exchanged, and not as another dancer in step."""
    both = np.isfinite(candidate.side_px) & np.isfinite(other.side_px)
    if not both.any() or _seen_s_of(candidate.track.t_s, both) < config.mirrored_for_s:
        return False
    ours, theirs = _limbs(candidate)[both], _limbs(other)[both]
    exchanged = np.roll(theirs, theirs.shape[1] // 2, axis=1)
    alike = _correlation(ours, theirs)
    mirrored = max(_correlation(ours, exchanged), _correlation(ours, exchanged * (-1, 1)))
    return mirrored >= config.mirrored_r and mirrored >= alike + config.mirrored_r_gain


def _kind(candidate: Candidate, more_prominent: Sequence[Candidate], config: CastingConfig) -> PersonKind:
    if is_still(candidate, config):
        return PersonKind.STILL
    if any(is_reflection(candidate, other, config) for other in more_prominent):
        return PersonKind.REFLECTION
    return PersonKind.DANCER


def _person(candidate: Candidate, kind: PersonKind, everybody: Sequence[Candidate], config: CastingConfig) -> Person:
    track = candidate.track
    width, height = track.size_px
    inside = np.all((track.xy_px >= 0) & (track.xy_px < (width, height)), axis=2)
    seen = (track.conf * inside).sum(axis=1) * np.nan_to_num(candidate.side_px)
    shown = np.where(track.found, seen * _apart(candidate, everybody), -1.0)
    frame = int(np.argmax(shown))
    corners = track.xy_px[frame].min(axis=0), track.xy_px[frame].max(axis=0)
    (x, y), side = (corners[0] + corners[1]) / 2, float((corners[1] - corners[0]).max())
    portrait = Region(float(x), float(y), 1.25 * side, 0.0)
    return Person(track, kind, prominence(candidate, config), float(track.t_s[frame]), portrait)


def _apart(candidate: Candidate, everybody: Sequence[Candidate]) -> Floats:
    """(T,) how far from everybody else, in sides of the region: from `_LEAST_APART` where somebody is close to 1."""
    hips = candidate.track.xy_px[:, _HIP]
    apart = np.ones(len(hips))
    for other in everybody:
        if other is not candidate:
            distance = np.linalg.norm(hips - other.track.xy_px[:, _HIP], axis=1) / candidate.side_px
            apart = np.fmin(apart, distance)
    return np.maximum(apart, _LEAST_APART)


def _limbs(candidate: Candidate) -> Floats:
    """(T, 8, 2) hands, elbows, knees and feet against the hips, in sides of the region: the left ones first."""
    xy = candidate.track.xy_px.astype(np.float64)
    return np.asarray((xy[:, _MOVING] - xy[:, [_HIP]]) / candidate.side_px[:, None, None])


def _spread(points: Floats) -> float:
    """Mean over the points of (n, K, 2) of how far apart the middle 90 % of their positions lie."""
    low, high = np.percentile(points, [5, 95], axis=0)
    return float(np.linalg.norm(high - low, axis=1).mean())


def _correlation(first: Floats, second: Floats) -> float:
    first, second = first - first.mean(axis=0), second - second.mean(axis=0)
    scale = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum()) / scale if scale > 0 else 0.0


def _seen_s(track: PoseTrack) -> float:
    return _seen_s_of(track.t_s, track.found)


def _seen_s_of(t_s: Floats, found: NDArray[np.bool_]) -> float:
    if len(t_s) < 2:
        return 0.0
    return float(found.sum() * np.median(np.diff(t_s)))
