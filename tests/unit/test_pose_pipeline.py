"""From single readings to a track; and how a clip is cut into parts."""

import itertools
import math
from types import SimpleNamespace

import numpy as np
import pytest

from inference.estimators.parts import Span, plan
from inference.pose.pipeline import Readings, appearances, believed, gather, join, same_dancer, to_track
from inference.pose.reading import Reading, Region
from inference.pose.tracking import Sighting

SIZE = (576, 1024)


def readings(found: list[bool] | np.ndarray, *, support: float = 0.95, x_px: float = 0.0, fps: float = 30) -> Readings:
    found = np.asarray(found, dtype=bool)
    frames = len(found)
    body = np.random.default_rng(0).uniform(100, 500, (33, 3)) + np.array([x_px, 0, 0])
    checks = np.where(np.arange(frames) % 15 == 0, support, np.nan)
    starts = np.flatnonzero(found & ~np.concatenate(([False], found[:-1])))
    checks[starts] = support
    return Readings(
        t_s=np.arange(frames) / fps,
        xyz_px=np.where(found[:, None, None], body, np.nan),
        conf=np.where(found[:, None], np.full(33, 0.9), 0),
        side_px=np.where(found, 600.0, np.nan),
        support=np.where(found, checks, np.nan),
    )


def test_gathers_what_was_sighted():
    body = np.arange(99, dtype=float).reshape(33, 3)
    visibility, presence = np.full(33, 0.8), np.linspace(0, 1, 33)
    reading = Reading(body, body / 300, visibility, presence, 0.99, Region(10, 20, 300, 0.1))
    whole = gather([(0.0, None), (0.1, Sighting(reading, 0.9)), (0.2, None)])
    assert whole.found.tolist() == [False, True, False]
    np.testing.assert_array_equal(whole.xyz_px[1], body)
    np.testing.assert_array_equal(whole.conf[1], np.minimum(visibility, presence))
    assert whole.side_px[1] == 300
    assert whole.support[1] == 0.9
    assert not whole.conf[[0, 2]].any()


def test_frames_without_a_dancer_are_empty():
    track = to_track(readings([True] * 30 + [False] * 30 + [True] * 30), SIZE, "blazepose-full")
    assert track.found.tolist() == [True] * 30 + [False] * 30 + [True] * 30
    assert np.isnan(track.xy_px[~track.found]).all()
    assert not track.conf[~track.found].any()
    assert (track.size_px, track.model) == (SIZE, "blazepose-full")


def test_drops_flickers():
    track = to_track(readings([False] * 20 + [True] * 8 + [False] * 20 + [True] * 40), SIZE, "m")
    assert np.flatnonzero(track.found).tolist() == list(range(48, 88))


def test_appearances_are_judged_by_time_not_by_frames():
    found = np.array([False, *[True] * 4, False])
    assert appearances(found, np.arange(6) / 5.0) == [(1, 5)]
    assert appearances(found, np.arange(6) / 60.0) == []


def test_does_not_believe_what_the_detector_does_not_support():
    assert believed(readings([True] * 90, support=0.9)).all()
    assert not believed(readings([True] * 90, support=0.55)).any()
    assert not to_track(readings([True] * 90, support=0.0), SIZE, "m").found.any()


def test_one_failed_check_is_no_reason_to_doubt():
    whole = readings([True] * 150)
    whole.support[60] = 0.0
    assert believed(whole).all()


def test_a_place_that_the_dancer_has_left_is_dropped_from_then_on():
    whole = readings([True] * 300)
    whole.support[150::15] = 0.0
    kept = np.flatnonzero(believed(whole))
    assert kept.max() == pytest.approx(150, abs=15)
    assert len(kept) == kept.max() + 1


def test_smoothing_does_not_reach_across_a_gap():
    whole = readings([True] * 30 + [False] * 5 + [True] * 30)
    whole.xyz_px[35:] += 400
    track = to_track(whole, SIZE, "m")
    np.testing.assert_allclose(track.xy_px[34 + 1] - track.xy_px[29], 400, rtol=1e-4)


def test_nothing_in():
    assert len(to_track(readings([]), SIZE, "m").t_s) == 0
    assert not to_track(readings([False] * 10), SIZE, "m").found.any()


def test_parts_join_to_the_whole():
    whole = readings([True] * 40 + [False] * 10 + [True] * 40)
    joined = join([whole.between(0, 33), whole.between(33)])
    for name in ("t_s", "xyz_px", "conf", "side_px", "support"):
        np.testing.assert_array_equal(getattr(joined, name), getattr(whole, name))


class TestSameDancer:
    def test_agrees_with_itself(self):
        whole = readings([True] * 40)
        assert same_dancer(whole, whole.between(20))

    def test_sees_that_somebody_else_was_followed(self):
        assert not same_dancer(readings([True] * 40), readings([True] * 40, x_px=400).between(25))

    def test_cannot_tell_where_one_saw_nobody(self):
        assert same_dancer(readings([True] * 40), readings([False] * 40, x_px=400))

    def test_cannot_tell_without_a_frame_in_common(self):
        whole = readings([True] * 40)
        assert same_dancer(whole.between(0, 20), readings([True] * 40, x_px=400).between(20))


class TestPlan:
    def info(self, seconds: float = 20.0, fps: float = 30.0) -> SimpleNamespace:
        return SimpleNamespace(duration_s=seconds, fps=fps, frames_expected=round(seconds * fps))

    def test_one_worker_reads_it_all(self):
        assert plan(self.info(), [0.0, 10.0], 1) == [Span(0.0, 0.0, None)]

    @pytest.mark.parametrize("workers", [2, 3, 7])
    def test_parts_meet_and_warm_up_before(self, workers):
        spans = plan(self.info(), [0.0, 8.3, 16.6], workers)
        assert (spans[0].warm_s, spans[0].start_s, spans[-1].end_s) == (0.0, 0.0, None)
        for before, after in itertools.pairwise(spans):
            assert before.end_s == after.start_s
            assert after.start_s - after.warm_s == pytest.approx(0.5)

    def test_begins_at_a_key_frame_nearby(self):
        assert plan(self.info(), [0.0, 9.0, 18.0], 2)[1].warm_s == 9.0

    def test_does_not_wait_for_a_key_frame_far_away(self):
        assert plan(self.info(), [0.0, 2.0, 18.0], 2)[1].warm_s == pytest.approx(9.5)

    def test_a_short_clip_is_not_cut(self):
        assert len(plan(self.info(seconds=4), [0.0], 8)) == 1
        assert len(plan(self.info(seconds=7), [0.0], 8)) == 2

    def test_uneven_key_frames_never_cross(self):
        for seed in range(50):
            keys = np.sort(np.random.default_rng(seed).uniform(0, 20, 9)).tolist()
            starts = [span.start_s for span in plan(self.info(), keys, 6)]
            assert all(math.isfinite(start) for start in starts)
            assert starts == sorted(set(starts))
