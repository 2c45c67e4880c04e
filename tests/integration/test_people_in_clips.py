"""Several people in view, on real weights: who is found, who is who, and who is taken for the dancer."""

from pathlib import Path

import numpy as np
import pytest

from inference.estimators.blazepose import BlazePose
from inference.estimators.parts import plan
from inference.media.probe import probe
from inference.pose.people import Estimate, Person, PersonKind
from inference.weights import DEFAULT_SOURCE, default_model_dir, prepare
from tests.composites import FRAMES, Dancer, paste, stage, write_clip


@pytest.fixture(scope="module")
def engine() -> BlazePose:
    folder = default_model_dir()
    prepare(DEFAULT_SOURCE, folder)
    return BlazePose("lite", folder)


@pytest.fixture(scope="module")
def clips(shared_data) -> Path:
    return shared_data / "video"


@pytest.fixture(scope="module")
def first(clips) -> Dancer:
    return Dancer(clips / "same_dance_0.mp4", columns=slice(100, 480))


@pytest.fixture(scope="module")
def second(clips) -> Dancer:
    return Dancer(clips / "same_dance_1.mp4", columns=slice(100, 480))


@pytest.fixture
def seen(engine, tmp_path):
    def look(pictures, *, workers: int = 1) -> Estimate:
        return engine.estimate(write_clip(tmp_path / "scene.mp4", pictures), workers=workers)

    return look


def hip_x(person: Person) -> np.ndarray:
    return person.track.joint("center_hip")[:, 0]


def test_two_dancers_in_step_are_both_dancers(seen, first, second):
    people = seen(paste(paste(stage(), first.at(f), 150, 0), second.at(f), 750, 0) for f in range(FRAMES)).people
    assert [person.kind for person in people] == [PersonKind.DANCER] * 2
    assert all(person.track.found.mean() > 0.95 for person in people)
    left, right = sorted(float(np.median(hip_x(person))) for person in people)
    assert (left, right) == pytest.approx((360, 950), abs=100)


def test_the_larger_and_more_central_one_is_the_main_dancer(seen, first, second):
    people = seen(paste(paste(stage(), first.at(f), 0, 250, 0.7), second.at(f), 500, 0) for f in range(FRAMES)).people
    assert np.nanmedian(hip_x(people[0])) > 400 > np.nanmedian(hip_x(people[1]))


def test_a_poster_is_not_the_dancer(seen, first, second):
    poster = second.at(10)
    people = seen(paste(paste(stage(), first.at(f), 100, 250, 0.7), poster, 700, 0) for f in range(FRAMES)).people
    assert [person.kind for person in people] == [PersonKind.DANCER, PersonKind.STILL]
    assert np.median(hip_x(people[0])) < 500


def test_a_mirror_image_is_not_the_dancer(seen, first):
    people = seen(
        paste(paste(stage(), first.at(f), 150, 0), first.at(f)[:, ::-1], 850, 250, 0.6) for f in range(FRAMES)
    ).people
    assert [person.kind for person in people] == [PersonKind.DANCER, PersonKind.REFLECTION]


@pytest.mark.parametrize("workers", [1, 2])
def test_two_who_cross_keep_their_tracks(seen, first, second, workers):
    """The second one passes in front of the first; where the middle of the hips is in each picture is known."""
    ours, theirs = 100 + 5 * np.arange(150), 900 - 6 * np.arange(150)
    estimate = seen(
        (paste(paste(stage(), first.at(f), ours[f], 0), second.at(f), theirs[f], 40, 0.95) for f in range(150)),
        workers=workers,
    )
    assert len(estimate.people) == 2
    # The dancers sway by 100 px about these.
    tracks = {"ours": ours + 190, "theirs": theirs + 180}
    away = np.abs(tracks["ours"] - tracks["theirs"]) > 250  # clear of each other
    for person in estimate.people:
        found = person.track.found & away
        near = {name: np.abs(hip_x(person)[found] - place[found]) < 170 for name, place in tracks.items()}
        whose = max(near, key=lambda name: near[name].mean())
        assert near[whose].mean() > 0.98, "one track must be of one person, before and after"
        assert found.sum() > 0.6 * away.sum()


def test_who_walks_through_does_not_disturb(seen, first, second):
    """Somebody smaller walks by at the front, covering the dancer's legs for a while."""
    people = seen(
        paste(paste(stage(), first.at(f), 430, 0), second.at(f), 1280 - 14 * f, 500, 0.5) for f in range(FRAMES)
    ).people
    dancer = people[0]
    assert dancer.track.found.mean() > 0.95
    assert np.abs(hip_x(dancer)[dancer.track.found] - 620).max() < 150


def test_a_dancer_far_away_is_found_beside_a_large_one(seen, first, second):
    people = seen(
        paste(paste(stage(), first.at(f), 100, 0), second.at(f), 1000, 300, 0.25) for f in range(FRAMES)
    ).people
    assert len(people) == 2
    assert abs(np.median(hip_x(people[1])) - 1050) < 60


class TestCuts:
    def test_a_track_does_not_leak_across_a_cut(self, seen, first, second):
        """The dancer stands left before the cut and right after it."""
        estimate = seen(
            paste(stage(), first.at(f), 50, 0) if f < 60 else paste(stage(), first.at(f), 850, 0) for f in range(FRAMES)
        )
        track = estimate.track
        assert np.flatnonzero(track.begins_shot).tolist() == [60]
        assert track.found.all()
        assert hip_x(estimate.people[0])[:60].max() < 500
        assert hip_x(estimate.people[0])[60:].min() > 800

    def test_a_cut_where_a_part_begins_is_not_lost(self, engine, first, tmp_path):
        """Three seconds each side: two processes meet at about the cut."""
        pictures = (paste(stage(), first.at(f), 50 if f < 98 else 850, 0) for f in range(182))
        clip = write_clip(tmp_path / "scene.mp4", pictures)
        (span,) = [span for span in plan(probe(clip), [], 2) if span.start_s > 0]
        assert round(span.start_s * 30) == 98, "the cut must lie where the second part begins, or this tests nothing"
        track = engine.estimate(clip, workers=2).track
        assert np.flatnonzero(track.begins_shot).tolist() == [98]
        assert track.found.mean() > 0.95

    def test_the_same_clothes_are_the_same_dancer_after_a_cut(self, seen, first, second):
        """Two dancers change places by a cut."""
        estimate = seen(
            paste(paste(stage(), first.at(f), 150 if f < 60 else 750, 0), second.at(f), 750 if f < 60 else 150, 0)
            for f in range(FRAMES)
        )
        places = sorted((np.median(hip_x(each)[:60]), np.median(hip_x(each)[60:])) for each in estimate.people)
        assert [(before < 640, after < 640) for before, after in places] == [(True, False), (False, True)]
