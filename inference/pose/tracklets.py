"""What was read of one person over consecutive frames, and how the tracklets of a clip's parts join."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from inference.pose.reading import Region
from inference.pose.tracking import Sighting

Floats = NDArray[np.float64]

SAME_BODY_SHARE = 0.25
"""Two tracklets follow one body if in most shared frames their joints lie within this share of the region's side."""


@dataclass(frozen=True, eq=False)
class Tracklet:
    """One person followed without a break, through n consecutive frames.

    Attributes
    ----------
    t_s : (n,)
    xyz_px, xyz_m : (n, 33, 3)
        As in `Reading`.
    conf : (n, 33)
        The lesser of visibility and presence.
    region : (n, 4)
        x, y, side in pixels and angle in radians of where to look in the next frame.
    support : (n,)
        The detector's score for the person's place; NaN in frames where it was not asked.
    colours : (n, K, 3)
        Colours of K parts of the body; NaN in frames where they were not measured. K is 0 if they never were.
    """

    t_s: Floats
    xyz_px: NDArray[np.floating[Any]]
    xyz_m: NDArray[np.floating[Any]]
    conf: NDArray[np.floating[Any]]
    region: Floats
    support: Floats
    colours: Floats

    @property
    def side_px(self) -> Floats:
        return self.region[:, 2]

    @property
    def last_region(self) -> Region:
        return Region(*(float(value) for value in self.region[-1]))

    def after(self, t_s: float) -> "Tracklet":
        """The frames later than `t_s`."""
        return self.between(int(np.searchsorted(self.t_s, t_s, side="right")), None)

    def between(self, start: int, end: int | None) -> "Tracklet":
        """The frames of these indices."""
        return Tracklet(*(getattr(self, field.name)[start:end] for field in fields(self)))

    def followed_by(self, later: "Tracklet") -> "Tracklet":
        parts = max(self.colours.shape[1], later.colours.shape[1])
        ours, theirs = self._with_colours_of(parts), later._with_colours_of(parts)
        return Tracklet(
            *(np.concatenate([getattr(ours, field.name), getattr(theirs, field.name)]) for field in fields(self))
        )

    def _with_colours_of(self, parts: int) -> "Tracklet":
        if self.colours.shape[1] == parts:
            return self
        return replace(self, colours=np.full((len(self.t_s), parts, 3), np.nan))


@dataclass(frozen=True, eq=False)
class PartTracklets:
    """What one part of a clip came to.

    `numbered` holds tracklets by the tracker's number, those of the frames before `start_s` (which the part before has
    read as well) included. Where a part began with people whose places were known, they have the numbers from 0.
    """

    start_s: float
    numbered: dict[int, Tracklet]


def gather(frames: Iterable[tuple[float, Sequence[Sighting]]]) -> dict[int, Tracklet]:
    """Tracklets by number from (t_s, sightings) of consecutive frames, which may come one at a time."""
    by_number: dict[int, list[_Row]] = defaultdict(list)
    for t_s, sightings in frames:
        for sighting in sightings:
            by_number[sighting.number].append(_row(t_s, sighting))
    return {number: _tracklet(rows) for number, rows in by_number.items()}


def join_next(before: Sequence[Tracklet], part: PartTracklets) -> list[Tracklet]:
    """`before` and the tracklets of the part that follows: who is in both at their border is one tracklet."""
    joined = list(before)
    heirs = _heirs(before, part)
    for number, tracklet in part.numbered.items():
        if number in heirs:
            index = heirs[number]
            joined[index] = joined[index].followed_by(tracklet.after(joined[index].t_s[-1]))
        else:
            own = tracklet.after(np.nextafter(part.start_s, -np.inf))
            if len(own.t_s):
                joined.append(own)
    return joined


def followed_at(tracklets: Sequence[Tracklet], t_s: float) -> list[Tracklet]:
    """Those that reach up to `t_s` or beyond."""
    return [tracklet for tracklet in tracklets if tracklet.t_s[-1] >= t_s]


def is_anybody_missed(before: Sequence[Tracklet], part: PartTracklets, *, last_s: float, at_least_s: float) -> bool:
    """True if somebody was followed right to the border at `last_s`, for `at_least_s`, but is not in the part after it."""
    heirs = set(_heirs(before, part).values())
    return any(
        index not in heirs and tracklet.t_s[-1] >= last_s and tracklet.t_s[-1] - tracklet.t_s[0] >= at_least_s
        for index, tracklet in enumerate(before)
    )


def continued(before: Sequence[Tracklet], part: PartTracklets, starts: Sequence[Tracklet]) -> list[Tracklet]:
    """`before` and what a part found that was told where the people of `starts` (of `before`) are."""
    others = [tracklet for tracklet in before if not any(tracklet is start for start in starts)]
    told = [
        start.followed_by(part.numbered[number]) if number in part.numbered else start
        for number, start in enumerate(starts)
    ]
    return [*others, *told, *(tracklet for number, tracklet in part.numbered.items() if number >= len(starts))]


def apart(first: Tracklet, second: Tracklet) -> float:
    """How far two tracklets' joints lie apart where both saw somebody, in sides of the region; inf if nowhere."""
    _, ours, theirs = np.intersect1d(first.t_s, second.t_s, return_indices=True)
    if not len(ours):
        return float("inf")
    distance = np.linalg.norm(first.xyz_px[ours, :, :2] - second.xyz_px[theirs, :, :2], axis=2)
    return float(np.median(np.median(distance, axis=1) / first.side_px[ours]))


def _heirs(before: Sequence[Tracklet], part: PartTracklets) -> dict[int, int]:
    """For numbers of the part the index in `before` of the tracklet that they go on with; the closest pairs first."""
    candidates = [
        (apart(tracklet, heir), number, index)
        for index, tracklet in enumerate(before)
        for number, heir in part.numbered.items()
        if tracklet.t_s[-1] >= heir.t_s[0]
    ]
    heirs: dict[int, int] = {}
    for distance, number, index in sorted(candidates):
        if distance < SAME_BODY_SHARE and number not in heirs and index not in heirs.values():
            heirs[number] = index
    return heirs


class _Row(NamedTuple):
    """A sighting in single precision: minutes of several people have to fit into memory."""

    t_s: float
    xyz_px: NDArray[np.float32]
    xyz_m: NDArray[np.float32]
    conf: NDArray[np.float32]
    region: tuple[float, float, float, float]
    support: float
    colours: Floats | None


def _row(t_s: float, sighting: Sighting) -> _Row:
    reading = sighting.reading
    region = reading.next_region
    return _Row(
        t_s,
        reading.xyz_px.astype(np.float32),
        reading.xyz_m.astype(np.float32),
        np.minimum(reading.visibility, reading.presence).astype(np.float32),
        (region.x_px, region.y_px, region.side_px, region.angle_rad),
        sighting.support,
        sighting.colours,
    )


def _tracklet(rows: Sequence[_Row]) -> Tracklet:
    parts = max((len(row.colours) for row in rows if row.colours is not None), default=0)
    unknown = np.full((parts, 3), np.nan)
    return Tracklet(
        t_s=np.array([row.t_s for row in rows]),
        xyz_px=np.array([row.xyz_px for row in rows]),
        xyz_m=np.array([row.xyz_m for row in rows]),
        conf=np.array([row.conf for row in rows]),
        region=np.array([row.region for row in rows]),
        support=np.array([row.support for row in rows]),
        colours=np.array([unknown if row.colours is None else row.colours for row in rows]),
    )
