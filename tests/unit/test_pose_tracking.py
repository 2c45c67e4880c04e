"""Whom the tracker follows, whom it leaves, and when it says that nobody is there: a scripted engine, no pixels."""

import itertools
import math
from dataclasses import dataclass, field

import numpy as np
import pytest

from inference.pose.reading import Detection, Reading, Region
from inference.pose.tracking import DancerTracker

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


def follow(pictures, *, fps=30.0, reader=None, **options):
    tracker = DancerTracker(reader or ScriptedReader(), SIZE, **options)
    sightings = [tracker.follow(picture, index / fps) for index, picture in enumerate(pictures)]
    return [sighting.reading.next_region.x_px if sighting else None for sighting in sightings]


def test_follows_one_dancer_with_few_calls_of_the_detector():
    reader = ScriptedReader()
    path = [400 + 5 * frame for frame in range(90)]
    assert follow([[Person(x)] for x in path], reader=reader) == path
    assert len(reader.read_at) == 90
    assert reader.detected <= 8  # found, confirmed there, and then twice a second


def test_nobody_in_view():
    assert follow([[]] * 30) == [None] * 30


def test_prefers_the_large_and_central_person():
    assert follow([[Person(200, 500), Person(960, 600), Person(1500, 400)]]) == [960]


def test_a_much_larger_person_at_the_side_wins():
    assert follow([[Person(960, 300), Person(1400, 800)]]) == [1400]


def test_does_not_change_over_when_somebody_larger_comes_in():
    pictures = [[Person(700)] if frame < 10 else [Person(700), Person(1400, 900)] for frame in range(40)]
    assert follow(pictures) == [700] * 40


def test_does_not_jump_to_somebody_else_when_the_dancer_leaves():
    pictures = [[Person(500), Person(1400, 500)]] * 10 + [[Person(1400, 500)]] * 20
    assert follow(pictures) == [500] * 10 + [None] * 20


def test_takes_up_somebody_else_when_the_dancer_stays_away():
    pictures = [[Person(500), Person(1400, 500)]] * 10 + [[Person(1400, 500)]] * 60
    assert follow(pictures)[-1] == 1400


def test_a_region_that_slips_to_the_neighbour_is_lost_not_followed():
    class Slipping(ScriptedReader):
        def read(self, picture, region):
            return self.reading(picture[-1])

    pictures = [[Person(500)]] * 5 + [[Person(500), Person(1300)]] * 5
    assert follow(pictures, reader=Slipping()) == [500] * 5 + [None] * 5


def test_comes_back_to_the_dancer_after_a_moment():
    pictures = [[Person(500)]] * 10 + [[]] * 10 + [[Person(560)]] * 10
    assert follow(pictures) == [500] * 10 + [None] * 10 + [560] * 10


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
    assert follow([[false_dancer]] * 5) == [None] * 5


def test_refuses_a_folded_body():
    class Folded(ScriptedReader):
        @staticmethod
        def reading(person):
            reading = ScriptedReader.reading(person)
            reading.xyz_px[[11, 12]] = reading.xyz_px[[23, 24]]
            return reading

    assert follow([[Person(960)]] * 3, reader=Folded()) == [None] * 3


def test_lets_go_of_a_thing_that_the_detector_no_longer_sees():
    pictures = [[Person(960)]] * 20 + [[Person(960, score=0.3)]] * 100
    xs = follow(pictures)
    assert xs[:20] == [960] * 20
    assert xs[-30:] == [None] * 30


def test_asks_the_detector_about_the_dancers_place_only():
    reader = ScriptedReader()
    tracker = DancerTracker(reader, SIZE)
    supports = [tracker.follow([Person(960, score=0.8)], frame / 30).support for frame in range(31)]
    assert [frame for frame, support in enumerate(supports) if not math.isnan(support)] == [0, 15, 30]
    assert supports[0] == 0.8


def test_finds_a_small_dancer_far_away_by_searching_in_parts():
    reader = ScriptedReader()
    assert follow([[Person(1500, 200, seen_from_afar=False)]], reader=reader) == [1500]


def test_searches_in_parts_only_now_and_then():
    reader = ScriptedReader()
    follow([[]] * 30, reader=reader)
    assert reader.detected <= 30 + 2 * 3


def test_parts_cover_the_picture():
    tracker = DancerTracker(ScriptedReader(), SIZE)
    parts = tracker._search_parts()
    edges = [(part.x_px - part.side_px / 2, part.x_px + part.side_px / 2) for part in parts]
    assert min(left for left, _ in edges) == pytest.approx(0)
    assert max(right for _, right in edges) == pytest.approx(SIZE[0])
    assert all(after[0] < before[1] for before, after in itertools.pairwise(edges))


def test_begins_where_it_is_told():
    assert follow([[Person(500), Person(960, 900)]] * 3, start=Person(500).region) == [500] * 3


@pytest.mark.parametrize("fps", [15, 24, 60])
def test_frame_rate_does_not_matter(fps):
    path = [300 + 600 * frame / fps for frame in range(2 * fps)]
    assert follow([[Person(x)] for x in path], fps=fps) == path


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
