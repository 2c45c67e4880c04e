"""Whom the tracker follows, whom it lets go, and when it says that nobody is there: a scripted engine, no pixels."""

import itertools
import math
from dataclasses import dataclass, field

import numpy as np
import pytest

from inference.pose.reading import Detection, Reading, Region
from inference.pose.tracking import PeopleTracker, TrackingConfig

SIZE = (1920, 1080)


@dataclass
class Person:
    """Somebody (or something) in the picture, as the engine sees it."""

    x_px: float
    side_px: float = 600.0
    y_px: float = 540.0
    score: float = 0.95
    flag: float = 0.99
    conf: float = 0.9
    seen_from_afar: bool = True

    @property
    def region(self) -> Region:
        return Region(self.x_px, self.y_px, self.side_px, 0.0)


def landmarks(person: Person) -> np.ndarray:
    """A plausible body: shoulders a fifth of the side above the hips, the rest spread around."""
    unit = np.random.default_rng(0).uniform(-0.3, 0.3, (33, 3))
    unit[[11, 12]] = (0.05, -0.2, 0), (-0.05, -0.2, 0)
    unit[[23, 24]] = (0.04, 0.0, 0), (-0.04, 0.0, 0)
    return unit * person.side_px + (person.x_px, person.y_px, 0)


@dataclass
class ScriptedReader:
    """A picture is the list of people in it."""

    detected: int = 0
    read_at: list[Region] = field(default_factory=list)

    def detect(self, picture: list[Person], within: Region) -> list[Detection]:
        self.detected += 1
        reach = within.side_px / 2
        return [
            Detection(person.score, person.region)
            for person in picture
            if person.score >= 0.5
            and abs(person.x_px - within.x_px) <= reach
            and abs(person.y_px - within.y_px) <= reach
            and (person.seen_from_afar or within.side_px < 1500)
        ]

    def read(self, picture: list[Person], region: Region) -> Reading:
        self.read_at.append(region)
        near = [person for person in picture if abs(person.x_px - region.x_px) < region.side_px / 2]
        if not near:
            return self.reading(Person(region.x_px, region.side_px, flag=0.02))
        return self.reading(min(near, key=lambda person: abs(person.x_px - region.x_px)))

    @staticmethod
    def reading(person: Person) -> Reading:
        conf = np.full(33, person.conf)
        return Reading(landmarks(person), landmarks(person), conf, conf, person.flag, person.region)


def run(pictures, *, fps=30.0, reader=None, cuts=(), **options):
    """What the tracker sights in each picture."""
    tracker = PeopleTracker(reader or ScriptedReader(), SIZE, **options)
    sightings = []
    for index, picture in enumerate(pictures):
        if index in cuts:
            tracker.begin_shot()
        sightings.append(tracker.follow(picture, index / fps))
    return sightings


def follow(pictures, **options):
    """Where somebody was sighted in each picture, from left to right."""
    return [sorted(round(each.reading.next_region.x_px) for each in seen) for seen in run(pictures, **options)]


def numbers(pictures, **options):
    """The numbers under which people were sighted, by place in the order of time."""
    by_frame = run(pictures, **options)
    return [{round(each.reading.next_region.x_px): each.number for each in seen} for seen in by_frame]


def test_follows_one_dancer_with_few_calls_of_the_detector():
    reader = ScriptedReader()
    path = [400 + 5 * frame for frame in range(90)]
    assert follow([[Person(x)] for x in path], reader=reader) == [[x] for x in path]
    assert len(reader.read_at) == 90
    parts = len(PeopleTracker(reader, SIZE)._search_parts())
    assert reader.detected <= 3 + 7 + parts  # once a second, confirmed twice a second, once in parts


def test_nobody_in_view():
    assert follow([[]] * 30) == [[]] * 30


def test_one_stretch_has_one_number():
    assert {number for seen in run([[Person(500)]] * 60) for number in [each.number for each in seen]} == {0}


def test_follows_several_people_at_once():
    pictures = [[Person(300 + frame, 500), Person(960, 600), Person(1500 - frame, 400)] for frame in range(60)]
    seen = numbers(pictures)
    assert [sorted(places) for places in seen] == [[300 + frame, 960, 1500 - frame] for frame in range(60)]
    assert seen[0][300] == seen[59][359]
    assert seen[0][1500] == seen[59][1441]


def test_finds_somebody_who_comes_in_later():
    pictures = [[Person(700)] if frame < 10 else [Person(700), Person(1400, 900)] for frame in range(60)]
    places = follow(pictures)
    assert places[9] == [700]
    assert places[45] == [700, 1400]


def test_goes_on_with_those_who_stay_when_somebody_leaves():
    pictures = [[Person(500), Person(1400, 500)]] * 10 + [[Person(1400, 500)]] * 20
    assert follow(pictures) == [[500, 1400]] * 10 + [[1400]] * 20


def test_a_return_has_a_number_of_its_own():
    seen = numbers([[Person(500)]] * 10 + [[]] * 10 + [[Person(560)]] * 10)
    assert seen[0] == {500: 0}
    assert seen[15] == {}
    assert seen[25] == {560: 1}


def test_a_region_that_slips_to_the_neighbour_is_lost_not_followed():
    class Slipping(ScriptedReader):
        slips = False

        def read(self, picture, region):
            return self.reading(picture[-1]) if self.slips and region.x_px < 900 else super().read(picture, region)

    reader = Slipping()
    tracker = PeopleTracker(reader, SIZE)
    picture = [Person(500), Person(1300)]
    for frame in range(5):
        assert len(tracker.follow(picture, frame / 30)) == 2
    reader.slips = True
    assert [each.reading.next_region.x_px for each in tracker.follow(picture, 5 / 30)] == [1300]


class TestCrossing:
    """Two people walk through each other; where they coincide the reader can only read one of them."""

    FRAMES = 60

    def pictures(self):
        places = [(400 + 16 * frame, 1360 - 16 * frame) for frame in range(self.FRAMES)]
        return [[Person(left), Person(right)] if abs(left - right) > 90 else [Person(left)] for left, right in places]

    def test_nobody_is_followed_twice(self):
        for seen in run(self.pictures()):
            places = [each.reading.next_region.x_px for each in seen]
            assert len(places) == len(set(places))

    def test_both_are_followed_again_afterwards(self):
        assert len(follow(self.pictures())[-1]) == 2

    def test_after_it_no_number_of_before_is_left(self):
        """The tracker does not claim to know who is who: linking decides with the whole clip known."""
        seen = run(self.pictures())
        assert {each.number for each in seen[0]}.isdisjoint(each.number for each in seen[-1])


def test_three_who_end_up_on_one_body_become_one():
    class Gathering(ScriptedReader):
        def read(self, picture, region):
            return self.reading(picture[0]) if len(picture) == 1 else super().read(picture, region)

    apart = [Person(860), Person(960), Person(1060)]
    starts = [person.region for person in apart]
    seen = run([apart] * 5 + [[Person(960)]] * 5, reader=Gathering(), starts=starts)
    assert len(seen[4]) == 3
    assert len(seen[5]) == 1
    assert seen[5][0].number not in {each.number for each in seen[4]}


def test_a_cut_ends_every_number():
    seen = numbers([[Person(500)]] * 20, cuts=[10])
    assert seen[9] == {500: 0}
    assert seen[10] == {500: 1}


def test_follows_no_more_than_it_may_but_makes_room_for_the_prominent():
    crowd = [Person(100 + 250 * place, 220) for place in range(8)]
    assert len(follow([crowd] * 40)[-1]) == TrackingConfig().most_people
    pictures = [crowd] * 10 + [[*crowd, Person(960, 900, y_px=500)]] * 40
    assert 960 in follow(pictures)[-1]
    assert len(follow(pictures)[-1]) == TrackingConfig().most_people


@pytest.mark.parametrize(
    "false_dancer",
    [
        Person(960, flag=0.3),
        Person(960, conf=0.2),
        Person(960, side_px=60),
        Person(960, side_px=9000),
        Person(-5000),
    ],
    ids=["no presence", "nothing visible", "tiny", "huge", "outside"],
)
def test_refuses_what_cannot_be_a_dancer(false_dancer):
    assert follow([[false_dancer]] * 5) == [[]] * 5


def test_refuses_a_folded_body():
    class Folded(ScriptedReader):
        @staticmethod
        def reading(person):
            reading = ScriptedReader.reading(person)
            reading.xyz_px[[11, 12]] = reading.xyz_px[[23, 24]]
            return reading

    assert follow([[Person(960)]] * 3, reader=Folded()) == [[]] * 3


def test_lets_go_of_a_thing_that_the_detector_no_longer_sees():
    pictures = [[Person(960)]] * 20 + [[Person(960, score=0.3)]] * 100
    xs = follow(pictures)
    assert xs[:20] == [[960]] * 20
    assert xs[-30:] == [[]] * 30


def test_asks_the_detector_about_each_persons_place_now_and_then():
    supports = [seen[0].support for seen in run([[Person(960, score=0.8)]] * 31)]
    assert [frame for frame, support in enumerate(supports) if not math.isnan(support)] == [0, 15, 30]
    assert supports[0] == 0.8


def test_a_trusted_person_needs_no_checks_where_the_search_finds_them_anyway():
    reader = ScriptedReader()
    follow([[Person(960)]] * 600, reader=reader)
    config = TrackingConfig()
    parts = len(PeopleTracker(reader, SIZE)._search_parts())
    searches = 20 / config.scan_every_s + 3 * parts
    assert reader.detected <= searches + config.trusted_after_checks + 2


def test_lets_go_of_a_trusted_person_too():
    pictures = [[Person(960)]] * 200 + [[Person(960, score=0.3)]] * 200
    assert follow(pictures)[-30:] == [[]] * 30


def test_measures_colours_now_and_then():
    red = np.full((2, 3), 200.0)
    seen = run([[Person(960)]] * 16, colours_of=lambda picture, reading: red)
    assert [frame for frame, (each,) in enumerate(seen) if each.colours is not None] == [0, 15]


def test_finds_a_small_dancer_far_away_by_searching_in_parts():
    assert follow([[Person(1500, 200, seen_from_afar=False)]]) == [[1500]]


def test_finds_a_small_dancer_beside_a_large_one():
    assert follow([[Person(600, 800), Person(1500, 200, seen_from_afar=False)]]) == [[600, 1500]]


def test_searches_in_parts_only_now_and_then():
    reader = ScriptedReader()
    parts = len(PeopleTracker(reader, SIZE)._search_parts())
    follow([[]] * 30, reader=reader)
    assert reader.detected <= 30 + 2 * parts


def test_parts_cover_the_picture():
    tracker = PeopleTracker(ScriptedReader(), SIZE)
    parts = tracker._search_parts()
    edges = [(part.x_px - part.side_px / 2, part.x_px + part.side_px / 2) for part in parts]
    assert min(left for left, _ in edges) == pytest.approx(0)
    assert max(right for _, right in edges) == pytest.approx(SIZE[0])
    assert all(after[0] < before[1] for before, after in itertools.pairwise(edges))


def test_begins_where_it_is_told():
    seen = numbers([[Person(500), Person(960)]] * 3, starts=[Person(960).region, Person(500).region])
    assert seen[0] == {960: 0, 500: 1}


@pytest.mark.parametrize("fps", [15, 24, 60])
def test_frame_rate_does_not_matter(fps):
    path = [300 + 600 * frame / fps for frame in range(2 * fps)]
    assert follow([[Person(x)] for x in path], fps=fps) == [[round(x)] for x in path]


class TestRegion:
    def test_upright_body(self):
        region = Region.from_axis((100, 200), (100, 100), 1.25)
        assert (region.side_px, region.angle_rad) == (250, pytest.approx(0))

    @pytest.mark.parametrize("turn_deg", [-170, -90, -30, 0, 45, 90, 179])
    def test_the_body_stands_upright_in_its_region(self, turn_deg):
        turn = math.radians(turn_deg)
        head = (100 + 80 * math.sin(turn), 200 - 80 * math.cos(turn))
        region = Region.from_axis((100, 200), head, 1.25)
        assert region.angle_rad == pytest.approx(turn)
        assert region.to_picture(np.array([[0.5, 0.5 - 1 / 2.5]]))[0] == pytest.approx(head)
