"""Following one dancer from frame to frame: where to look next, whom to follow, and when nobody is there.

Conventions: pixels of the upright picture, x to the right, y down, integer coordinates at pixel centres' indices.
The engine behind `PoseReader` is slow, so while the dancer is tracked a frame costs one `read`; `detect` runs when there
is nobody to track and, now and then, to confirm that what is tracked is still a person.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from inference.pose.reading import Detection, PoseReader, Reading, Region


@dataclass(frozen=True)
class Sighting:
    """The dancer in one frame. `support` is what the detector gives this place, NaN in frames where it was not asked."""

    reading: Reading
    support: float


@dataclass(frozen=True)
class TrackingConfig:
    """When a reading is believed and when a dancer is lost.

    Lengths are shares of the region's side, which is about 2.5 times the distance from the hips to the top of the head
    or beyond: roughly 2.5 m on the ground.
    """

    min_score: float = 0.5
    min_region_share: float = 0.08
    """Smallest side of a region as a share of the picture's long side: below it 256 pixels show nothing of a person."""
    max_region_share: float = 4.0
    min_torso_share: float = 0.04
    """Least distance between the middle of the shoulders and of the hips."""
    min_joints_in_view: int = 6
    in_view_conf: float = 0.5
    candidates: int = 3
    """At most so many detected people are looked at closely in one frame."""
    check_every_s: float = 0.5
    """Landmarks go on fitting themselves to a coat stand. The detector, shown just that place, is harder to fool."""
    least_support: float = 0.5
    failed_checks: int = 4
    """So many checks in a row without support and the dancer counts as lost."""
    same_place_share: float = 0.25
    jump_share: float = 0.15
    jump_share_per_s: float = 3.0
    longest_jump_share: float = 0.8
    """A centre that moves more than jump_share + jump_share_per_s * dt is another person, not the dancer."""
    loyal_s: float = 1.0
    """For so long after the dancer was lost only somebody near the last place is taken for the dancer."""
    off_centre_cost: float = 0.6
    search_every_s: float = 0.5
    """With nobody in view the picture is searched in parts as well, for a dancer far away, this often."""
    part_share: float = 0.6
    """Side of such a part as a share of the picture's long side."""


class DancerTracker[Picture]:
    """Follows the main dancer through consecutive pictures of one size."""

    def __init__(
        self,
        reader: PoseReader[Picture],
        size_px: tuple[int, int],
        config: TrackingConfig | None = None,
        start: Region | None = None,
    ) -> None:
        """`start`: where the dancer to follow is in the first picture, if that is known."""
        self._reader = reader
        self._size_px = size_px
        self._config = config or TrackingConfig()
        self._region = start
        self._last_seen: Region | None = start
        self._last_seen_s: float | None = None
        self._next_check_s = -math.inf
        self._next_search_s = -math.inf
        self._failed_checks = 0

    def follow(self, picture: Picture, t_s: float) -> Sighting | None:
        """The dancer in the picture at `t_s`, or None if nobody is in view."""
        sighting = self._read_on(picture, t_s) or self._find(picture, t_s)
        self._region = sighting.reading.next_region if sighting else None
        if sighting:
            self._last_seen, self._last_seen_s = sighting.reading.next_region, t_s
        return sighting

    def _read_on(self, picture: Picture, t_s: float) -> Sighting | None:
        if self._region is None:
            return None
        reading = self._reader.read(picture, self._region)
        if not self._believed(reading) or not self._is_near(reading.next_region, t_s):
            return None
        support = math.nan
        if t_s >= self._next_check_s:
            support = self._check(picture, reading.next_region, t_s)
        return Sighting(reading, support) if self._failed_checks < self._config.failed_checks else None

    def _check(self, picture: Picture, place: Region, t_s: float) -> float:
        """The best score of a person detected at `place`; 0 if there is none."""
        people = self._reader.detect(picture, replace(place, angle_rad=0.0))
        support = max((person.score for person in people if self._is_same_place(person.region, place)), default=0.0)
        self._next_check_s = t_s + self._config.check_every_s
        self._failed_checks = 0 if support >= self._config.least_support else self._failed_checks + 1
        return support

    def _find(self, picture: Picture, t_s: float) -> Sighting | None:
        width, height = self._size_px
        whole = Region(width / 2, height / 2, max(width, height), 0.0)
        found = self._find_among(self._reader.detect(picture, whole), picture, t_s)
        if found or t_s < self._next_search_s:
            return found
        self._next_search_s = t_s + self._config.search_every_s
        people = [person for part in self._search_parts() for person in self._reader.detect(picture, part)]
        return self._find_among(people, picture, t_s)

    def _find_among(self, people: list[Detection], picture: Picture, t_s: float) -> Sighting | None:
        people = [person for person in people if self._has_plausible_size(person.region)]
        if self._is_loyal(t_s):
            people = [person for person in people if self._is_near(person.region, t_s)]
        people.sort(key=lambda person: self._prominence(person.region), reverse=True)
        for person in people[: self._config.candidates]:
            reading = self._reader.read(picture, person.region)
            if not self._believed(reading) or not self._is_same_place(person.region, reading.next_region):
                continue
            support = self._check(picture, reading.next_region, t_s)
            if support >= self._config.least_support:
                return Sighting(reading, support)
        return None

    def _search_parts(self) -> list[Region]:
        """Squares that cover the picture, each half over the next."""
        side = self._config.part_share * max(self._size_px)
        columns, rows = (_middles(length, side) for length in self._size_px)
        return [Region(x, y, side, 0.0) for y in rows for x in columns]

    def _believed(self, reading: Reading) -> bool:
        return reading.score >= self._config.min_score and self._is_plausible(reading)

    def _is_plausible(self, reading: Reading) -> bool:
        """True if the landmarks could be a person's: size, an unfolded torso, enough of the body in the picture."""
        config = self._config
        region = reading.next_region
        xy = reading.xyz_px[:, :2]
        torso = math.dist(xy[[11, 12]].mean(axis=0), xy[[23, 24]].mean(axis=0))
        inside = np.all((xy >= 0) & (xy < self._size_px), axis=1)
        in_view = inside & (np.minimum(reading.visibility, reading.presence) >= config.in_view_conf)
        return (
            self._has_plausible_size(region)
            and torso >= config.min_torso_share * region.side_px
            and int(in_view.sum()) >= config.min_joints_in_view
        )

    def _has_plausible_size(self, region: Region) -> bool:
        share = region.side_px / max(self._size_px)
        return self._config.min_region_share <= share <= self._config.max_region_share

    def _is_loyal(self, t_s: float) -> bool:
        return self._last_seen_s is not None and t_s - self._last_seen_s <= self._config.loyal_s

    def _is_near(self, region: Region, t_s: float) -> bool:
        """True unless the dancer would have had to jump to get there."""
        last = self._last_seen
        if last is None:
            return True
        elapsed_s = t_s - self._last_seen_s if self._last_seen_s is not None else 0.0
        reach = min(
            self._config.jump_share + self._config.jump_share_per_s * elapsed_s, self._config.longest_jump_share
        )
        moved = math.hypot(region.x_px - last.x_px, region.y_px - last.y_px)
        return moved <= reach * max(region.side_px, last.side_px) and 0.4 <= region.side_px / last.side_px <= 2.5

    def _is_same_place(self, region: Region, place: Region) -> bool:
        apart = math.hypot(region.x_px - place.x_px, region.y_px - place.y_px)
        return apart <= self._config.same_place_share * place.side_px and 0.5 <= region.side_px / place.side_px <= 2

    def _prominence(self, region: Region) -> float:
        """Large and central first: the side in pixels, less up to `off_centre_cost` of it at the picture's border."""
        width, height = self._size_px
        off_centre = min(1.0, math.hypot(region.x_px / width - 0.5, (region.y_px / height - 0.5) / 2) * 2)
        return region.side_px * (1 - self._config.off_centre_cost * off_centre)


def _middles(length: float, side: float) -> list[float]:
    if length <= side:
        return [length / 2]
    steps = math.ceil((length - side) / (side / 2))
    return [side / 2 + step * (length - side) / steps for step in range(steps + 1)]
