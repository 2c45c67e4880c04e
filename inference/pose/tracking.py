"""Following people from frame to frame: where to look next, who is new, and when somebody is lost.

Conventions: pixels of the upright picture, x to the right, y down, integer coordinates at pixel centres' indices.
The engine behind `PoseReader` is slow, so while people are followed a frame costs one `read` for each of them; `detect`
runs to find them and, now and then, to look for others and to confirm that what is followed is still a person.

A number stands for one unbroken stretch of following, not for a person: who is who is decided afterwards, with the whole
clip known (`linking.py`). So wherever two people might have been confused, the numbers end and new ones begin.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from inference.pose.reading import Detection, PoseReader, Reading, Region

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sighting:
    """One person in one frame.

    `support` is what the detector gives this place, NaN in frames where it was not asked; `colours` are those of the
    body's parts (`ColoursOf`), None in frames where they were not measured.
    """

    number: int
    reading: Reading
    support: float
    colours: Floats | None


type ColoursOf[Picture] = Callable[[Picture, Reading], Floats]
"""(K, 3) colours of K parts of the body in a picture, 0..255, NaN where a part is out of view."""


@dataclass(frozen=True)
class TrackingConfig:
    """When a reading is believed, and when somebody is lost.

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
    most_people: int = 4
    """So many are followed at once; each costs the time of a reading in every frame."""
    candidates: int = 6
    """At most so many detected people are looked at closely in one frame."""
    check_every_s: float = 0.5
    """Landmarks go on fitting themselves to a coat stand. The detector, shown just that place, is harder to fool."""
    check_trusted_every_s: float = 2.0
    trusted_after_checks: int = 7
    """Whoever passed so many checks in a row is checked less often, until one fails ..."""
    confirmed_at: float = 0.8
    """... and not at all while a search of the whole picture finds them with at least this score."""
    colours_every_s: float = 0.5
    colours_in_crowd_every_s: float = 0.1
    """Near somebody else the landmarks may slip over to them, little by little: their clothes give that away."""
    crowd_share: float = 0.8
    least_support: float = 0.5
    failed_checks: int = 4
    """So many checks in a row without support and the person counts as lost."""
    same_place_share: float = 0.25
    same_body_share: float = 0.08
    """Two readings whose joints lie closer than this at the median are of one body."""
    jump_share: float = 0.15
    jump_share_per_s: float = 3.0
    longest_jump_share: float = 0.8
    """A centre that moves more than jump_share + jump_share_per_s * dt is another person."""
    off_centre_cost: float = 0.6
    replaced_at: float = 1.5
    """With `most_people` followed, somebody so many times more prominent takes the place of the least prominent."""
    scan_every_s: float = 1.5
    """While somebody is followed, the picture is searched for others this often ..."""
    scan_after_loss_every_s: float = 0.2
    after_loss_s: float = 2.0
    """... and more often for a while after somebody was lost: they may come out from behind somebody else."""
    part_search_every_s: float = 0.5
    """With nobody in view the picture is searched in parts as well, this often: people far away, or half hidden ..."""
    part_search_for_others_every_s: float = 8.0
    """... and less often while somebody is followed."""
    part_share: float = 0.6
    """Side of such a part as a share of the picture's long side."""


@dataclass
class _Follower:
    number: int
    region: Region
    seen_s: float
    next_check_s: float = -math.inf
    next_colours_s: float = -math.inf
    failed_checks: int = 0
    passed_checks: int = 0
    velocity_px: tuple[float, float] = (0.0, 0.0)

    def predicted(self, t_s: float) -> tuple[float, float]:
        elapsed_s = t_s - self.seen_s
        return (
            self.region.x_px + self.velocity_px[0] * elapsed_s,
            self.region.y_px + self.velocity_px[1] * elapsed_s,
        )

    def move_to(self, region: Region, t_s: float) -> None:
        elapsed_s = t_s - self.seen_s
        if elapsed_s > 0:
            x, y = self.velocity_px
            moved_x, moved_y = (
                (region.x_px - self.region.x_px) / elapsed_s,
                (region.y_px - self.region.y_px) / elapsed_s,
            )
            self.velocity_px = ((x + moved_x) / 2, (y + moved_y) / 2)
        self.region, self.seen_s = region, t_s


class PeopleTracker[Picture]:
    """Follows the people in consecutive pictures of one size."""

    def __init__(
        self,
        reader: PoseReader[Picture],
        size_px: tuple[int, int],
        *,
        colours_of: ColoursOf[Picture] | None = None,
        config: TrackingConfig | None = None,
        starts: Sequence[Region] = (),
    ) -> None:
        """`starts`: where people are in the first picture, as far as that is known."""
        self._reader = reader
        self._size_px = size_px
        self._colours_of = colours_of
        self._config = config or TrackingConfig()
        self._next_number = 0
        self._followers: list[_Follower] = []
        self._starts = list(starts)
        self._next_scan_s = -math.inf
        self._next_part_search_s = -math.inf
        self._lost_s = -math.inf

    def begin_shot(self) -> None:
        """The next picture has nothing to do with the last: nobody is followed across a cut."""
        self._followers = []
        self._next_scan_s = self._next_part_search_s = self._lost_s = -math.inf

    def follow(self, picture: Picture, t_s: float) -> list[Sighting]:
        """Everybody in the picture at `t_s` who is followed."""
        self._take_up_starts(t_s)
        sightings = [sighting for each in list(self._followers) if (sighting := self._read_on(each, picture, t_s))]
        sightings = self._without_doubles(sightings, t_s)
        return self._scan(picture, t_s, sightings) if self._is_scan_due(t_s) else sightings

    def _take_up_starts(self, t_s: float) -> None:
        for region in self._starts:
            self._followers.append(_Follower(self._new_number(), region, t_s))
        self._starts = []

    def _read_on(self, follower: _Follower, picture: Picture, t_s: float) -> Sighting | None:
        reading = self._reader.read(picture, follower.region)
        if not self._believed(reading) or not self._is_near(reading.next_region, follower, t_s):
            self._lose(follower, t_s)
            return None
        support = math.nan
        if t_s >= follower.next_check_s:
            support = self._check(picture, reading)
            self._note_check(follower, support, t_s)
            if follower.failed_checks >= self._config.failed_checks:
                self._lose(follower, t_s)
                return None
        return Sighting(follower.number, reading, support, self._colours(follower, picture, reading, t_s))

    def _note_check(self, follower: _Follower, support: float, t_s: float) -> None:
        config = self._config
        passed = support >= config.least_support
        follower.passed_checks = follower.passed_checks + 1 if passed else 0
        follower.failed_checks = 0 if passed else follower.failed_checks + 1
        is_trusted = follower.passed_checks >= config.trusted_after_checks
        follower.next_check_s = t_s + (config.check_trusted_every_s if is_trusted else config.check_every_s)

    def _confirm(self, sightings: list[Sighting], people: Sequence[Detection], t_s: float) -> list[Sighting]:
        """Trusted people whom a search has found anyway need no check of their own."""
        config = self._config
        trusted = {each.number: each for each in self._followers if each.passed_checks >= config.trusted_after_checks}
        confirmed = []
        for sighting in sightings:
            follower = trusted.get(sighting.number)
            score = self._best_at(sighting.reading.next_region, people) if follower else 0.0
            if follower and score >= config.confirmed_at and math.isnan(sighting.support):
                follower.next_check_s = t_s + config.check_trusted_every_s
                sighting = replace(sighting, support=score)
            confirmed.append(sighting)
        return confirmed

    def _lose(self, follower: _Follower, t_s: float) -> None:
        self._followers.remove(follower)
        self._lost_s = t_s
        self._next_scan_s = -math.inf

    def _without_doubles(self, sightings: list[Sighting], t_s: float) -> list[Sighting]:
        """Where two followers have ended up on one body, who moved on smoothly stays, and under a new number."""
        followers = {follower.number: follower for follower in self._followers}
        kept: list[Sighting] = []
        for sighting in sorted(sightings, key=lambda each: self._surprise(followers[each.number], each, t_s)):
            double = next((each for each in kept if self._is_same_body(each.reading, sighting.reading)), None)
            if double is None:
                kept.append(sighting)
                continue
            self._lose(followers[sighting.number], t_s)
            heir = followers.pop(double.number)
            heir.number, heir.next_colours_s = self._new_number(), -math.inf
            followers[heir.number] = heir
            kept[kept.index(double)] = replace(double, number=heir.number)
        for sighting in kept:
            follower = next(each for each in self._followers if each.number == sighting.number)
            follower.move_to(sighting.reading.next_region, t_s)
        return sorted(kept, key=lambda each: each.number)

    def _surprise(self, follower: _Follower, sighting: Sighting, t_s: float) -> float:
        """How far from the expected place the person turned up, in sides of the region; a change of size counts too."""
        region = sighting.reading.next_region
        apart = math.dist(follower.predicted(t_s), (region.x_px, region.y_px)) / follower.region.side_px
        return apart + abs(math.log(region.side_px / follower.region.side_px))

    def _is_scan_due(self, t_s: float) -> bool:
        return not self._followers or t_s >= self._next_scan_s

    def _scan(self, picture: Picture, t_s: float, sightings: list[Sighting]) -> list[Sighting]:
        """The sightings, and those of people who were not followed yet."""
        config = self._config
        soon = t_s - self._lost_s <= config.after_loss_s
        self._next_scan_s = t_s + (config.scan_after_loss_every_s if soon else config.scan_every_s)
        width, height = self._size_px
        people = self._reader.detect(picture, Region(width / 2, height / 2, max(width, height), 0.0))
        sightings = self._confirm(sightings, people, t_s)
        sightings += self._take_on(people, picture, t_s, sightings)
        if t_s >= self._next_part_search_s:
            people = [person for part in self._search_parts() for person in self._reader.detect(picture, part)]
            sightings += self._take_on(people, picture, t_s, sightings)
            others = config.part_search_for_others_every_s
            self._next_part_search_s = t_s + (others if self._followers else config.part_search_every_s)
        return sightings

    def _take_on(self, people: list[Detection], picture: Picture, t_s: float, known: list[Sighting]) -> list[Sighting]:
        """Begin to follow those detected people who are not followed yet and stand a closer look."""
        taken: list[Sighting] = []
        looked_at = 0
        for person in sorted(people, key=lambda person: self._prominence(person.region), reverse=True):
            if looked_at == self._config.candidates or not self._is_fresh(person.region):
                continue
            looked_at += 1
            reading = self._reader.read(picture, person.region)
            if (
                not self._believed(reading)
                or not self._is_same_place(person.region, reading.next_region)
                or any(self._is_same_body(each.reading, reading) for each in known + taken)
            ):
                continue
            support = self._check(picture, reading)
            if support >= self._config.least_support and self._has_room(reading.next_region, known + taken):
                taken.append(self._begin(picture, reading, support, t_s))
        return taken

    def _is_fresh(self, region: Region) -> bool:
        return self._has_plausible_size(region) and not any(
            self._is_same_place(region, follower.region) for follower in self._followers
        )

    def _has_room(self, region: Region, sightings: list[Sighting]) -> bool:
        if len(self._followers) < self._config.most_people:
            return True
        least = min(self._followers, key=lambda follower: self._prominence(follower.region))
        if self._prominence(region) < self._config.replaced_at * self._prominence(least.region):
            return False
        self._followers.remove(least)
        return True

    def _begin(self, picture: Picture, reading: Reading, support: float, t_s: float) -> Sighting:
        follower = _Follower(self._new_number(), reading.next_region, t_s, t_s + self._config.check_every_s)
        self._followers.append(follower)
        return Sighting(follower.number, reading, support, self._colours(follower, picture, reading, t_s))

    def _new_number(self) -> int:
        self._next_number += 1
        return self._next_number - 1

    def _check(self, picture: Picture, reading: Reading) -> float:
        """The best score of a person detected at the reading's place; 0 if there is none."""
        place = reading.next_region
        return self._best_at(place, self._reader.detect(picture, replace(place, angle_rad=0.0)))

    def _best_at(self, place: Region, people: Sequence[Detection]) -> float:
        return max((person.score for person in people if self._is_same_place(person.region, place)), default=0.0)

    def _colours(self, follower: _Follower, picture: Picture, reading: Reading, t_s: float) -> Floats | None:
        if self._colours_of is None or t_s < follower.next_colours_s:
            return None
        config = self._config
        is_crowded = t_s - self._lost_s <= config.after_loss_s or any(
            math.hypot(other.region.x_px - follower.region.x_px, other.region.y_px - follower.region.y_px)
            <= config.crowd_share * follower.region.side_px
            for other in self._followers
            if other is not follower
        )
        follower.next_colours_s = t_s + (config.colours_in_crowd_every_s if is_crowded else config.colours_every_s)
        return self._colours_of(picture, reading)

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

    def _is_near(self, region: Region, follower: _Follower, t_s: float) -> bool:
        """True unless the person would have had to jump to get there."""
        config, last = self._config, follower.region
        reach = min(config.jump_share + config.jump_share_per_s * (t_s - follower.seen_s), config.longest_jump_share)
        moved = math.hypot(region.x_px - last.x_px, region.y_px - last.y_px)
        return moved <= reach * max(region.side_px, last.side_px) and 0.4 <= region.side_px / last.side_px <= 2.5

    def _is_same_place(self, region: Region, place: Region) -> bool:
        apart = math.hypot(region.x_px - place.x_px, region.y_px - place.y_px)
        return apart <= self._config.same_place_share * place.side_px and 0.5 <= region.side_px / place.side_px <= 2

    def _is_same_body(self, first: Reading, second: Reading) -> bool:
        apart = np.linalg.norm(first.xyz_px[:, :2] - second.xyz_px[:, :2], axis=1)
        side = max(first.next_region.side_px, second.next_region.side_px)
        return bool(np.median(apart) < self._config.same_body_share * side)

    def _prominence(self, region: Region) -> float:
        """Large and central first: the side in pixels, less up to `off_centre_cost` of it at the picture's border."""
        return region.side_px * (1 - self._config.off_centre_cost * off_centre(region, self._size_px))


def off_centre(region: Region, size_px: tuple[int, int]) -> float:
    """0 in the middle of the picture, 1 at its left and right borders and beyond; height counts half."""
    width, height = size_px
    return min(1.0, math.hypot(region.x_px / width - 0.5, (region.y_px / height - 0.5) / 2) * 2)


def _middles(length: float, side: float) -> list[float]:
    if length <= side:
        return [length / 2]
    steps = math.ceil((length - side) / (side / 2))
    return [side / 2 + step * (length - side) / steps for step in range(steps + 1)]
