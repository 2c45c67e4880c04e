"""From tracklets to tracks; and how a clip is cut into parts."""

import itertools
import math
from types import SimpleNamespace

import numpy as np
import pytest

from inference.estimators.parts import Span, plan
from inference.pose import pipeline
from inference.pose.looks import Looks
from inference.pose.pipeline import _candidate, appearances, believed, to_estimate
from inference.pose.skeleton import SKELETON
from tests.tracklets import tracklet

SIZE = (576, 1024)


def looks(t_s, cuts=()) -> Looks:
    t_s = np.asarray(t_s, dtype=float)
    begins_shot = np.zeros(len(t_s), bool)
    begins_shot[list(cuts)] = True
    none = np.empty(0)
    return Looks(t_s, np.zeros(len(t_s)), begins_shot, none.astype(int), none, none, none.reshape(0, 2))


def estimate(*tracklets, frames=90, cuts=(), skipped_s=()):
    return to_estimate(tracklets, looks(np.arange(frames) / 30, cuts), skipped_s, SIZE, "blazepose-full")


def test_frames_without_a_dancer_are_empty():
    track = estimate(tracklet(0, 1), tracklet(2, 3)).track
    assert track.found.tolist() == [True] * 30 + [False] * 30 + [True] * 30
    assert np.isnan(track.xy_px[~track.found]).all()
    assert np.isnan(track.xyz_m[~track.found]).all()
    assert not track.conf[~track.found].any()
    assert (track.size_px, track.model) == (SIZE, "blazepose-full")


def test_metres_are_counted_from_the_hips():
    track = estimate(tracklet(0, 3)).track
    assert np.isfinite(track.xyz_m).all()
    np.testing.assert_allclose(track.xyz_m[:, SKELETON.index("center_hip")], 0, atol=1e-6)


def test_drops_flickers():
    (person,) = estimate(tracklet(0.6, 0.9), tracklet(1.6, 3)).people
    assert np.flatnonzero(person.track.found).tolist() == list(range(48, 90))


def test_appearances_are_judged_by_time_not_by_frames():
    found, no_cuts = np.array([False, *[True] * 4, False]), np.zeros(6, bool)
    assert appearances(found, np.arange(6) / 5.0, no_cuts) == [(1, 5)]
    assert appearances(found, np.arange(6) / 60.0, no_cuts) == []


def test_a_cut_ends_an_appearance():
    found, cut = np.ones(60, bool), np.arange(60) == 30
    assert appearances(found, np.arange(60) / 30, cut) == [(0, 30), (30, 60)]


class TestBelief:
    def test_does_not_believe_what_the_detector_does_not_support(self):
        assert estimate(tracklet(0, 3, support=0.9)).track.found.all()
        assert estimate(tracklet(0, 3, support=0.55)).people == ()
        assert not estimate(tracklet(0, 3, support=0.0)).track.found.any()

    def test_one_failed_check_is_no_reason_to_doubt(self):
        seen = tracklet(0, 5)
        seen.support[60] = 0.0
        assert believed(seen.support, np.ones(150, bool)).all()

    def test_a_place_that_the_dancer_has_left_is_dropped_from_then_on(self):
        seen = tracklet(0, 10)
        seen.support[150::15] = 0.0
        kept = np.flatnonzero(believed(seen.support, np.ones(300, bool)))
        assert kept.max() == pytest.approx(150, abs=15)
        assert len(kept) == kept.max() + 1


def test_smoothing_does_not_reach_across_a_gap():
    track = estimate(tracklet(0, 1, x_px=200), tracklet(35 / 30, 3, x_px=600)).track
    moved = track.joint("center_hip")[35] - track.joint("center_hip")[29]
    np.testing.assert_allclose(moved, (400, 0), atol=1)


def test_smoothing_does_not_reach_across_a_cut():
    track = estimate(tracklet(0, 1.5, x_px=200), tracklet(1.5, 3, x_px=400), cuts=[45]).track
    assert np.flatnonzero(track.begins_shot).tolist() == [45]
    assert track.found.all()
    np.testing.assert_allclose(track.joint("center_hip")[44:46, 0], (200, 400), atol=1)


class TestSkippedFrames:
    """A clip of 60 frames a second of which every other one was read."""

    SKIPPED = (np.arange(90) * 2 + 1) / 60

    def test_are_interpolated_and_marked(self):
        walk = np.linspace(100, 400, 90)
        track = estimate(tracklet(0, 3, x_px=walk), skipped_s=self.SKIPPED).track
        np.testing.assert_allclose(track.t_s, np.arange(180) / 60)
        assert track.interpolated.tolist() == [False, True] * 90
        assert track.found.all()
        hips = track.joint("center_hip")[:, 0]
        np.testing.assert_allclose(hips[1:-1:2], (hips[0:-2:2] + hips[2::2]) / 2, atol=1e-3)

    def test_the_last_pose_is_held(self):
        track = estimate(tracklet(0, 3, x_px=np.linspace(100, 400, 90)), skipped_s=self.SKIPPED).track
        np.testing.assert_array_equal(track.xy_px[-1], track.xy_px[-2])

    def test_nobody_is_made_up_at_the_border_of_an_appearance(self):
        track = estimate(tracklet(1, 2), skipped_s=self.SKIPPED).track
        assert np.flatnonzero(track.found).tolist() == list(range(60, 119))

    def test_nothing_is_drawn_across_a_cut(self):
        track = estimate(
            tracklet(0, 1.5, x_px=200), tracklet(1.5, 3, x_px=400), cuts=[45], skipped_s=self.SKIPPED
        ).track
        assert not track.found[89]
        assert track.found[[88, 90]].all()
        assert np.flatnonzero(track.begins_shot).tolist() == [90]


def test_nothing_in():
    empty = estimate(frames=0)
    assert (len(empty.track.t_s), empty.people) == (0, ())
    nobody = estimate(frames=10)
    assert (len(nobody.track.t_s), nobody.people) == (10, ())
    assert not nobody.track.found.any()


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

    def test_all_parts_have_as_much_to_read(self):
        spans = plan(self.info(), [time_s / 10 for time_s in range(200)], 4)
        lengths = [(span.end_s or 20.0) - span.warm_s for span in spans]
        assert lengths == pytest.approx([lengths[0]] * 4, abs=0.1)

    def test_waits_for_a_key_frame_nearby(self):
        assert plan(self.info(), [0.0, 9.9, 18.0], 2)[1].warm_s == 9.9

    def test_does_not_wait_for_a_key_frame_far_away(self):
        assert plan(self.info(), [0.0, 8.0, 18.0], 2)[1].warm_s == pytest.approx(9.75)

    def test_a_key_frame_just_passed_is_no_reason_to_be_uneven(self):
        assert plan(self.info(), [0.0, 9.5, 18.0], 2)[1].warm_s == pytest.approx(9.75)

    def test_a_short_clip_is_not_cut(self):
        assert len(plan(self.info(seconds=4), [0.0], 8)) == 1
        assert len(plan(self.info(seconds=7), [0.0], 8)) == 2

    def test_uneven_key_frames_never_cross(self):
        for seed in range(50):
            keys = np.sort(np.random.default_rng(seed).uniform(0, 20, 9)).tolist()
            starts = [span.start_s for span in plan(self.info(), keys, 6)]
            assert all(math.isfinite(start) for start in starts)
            assert starts == sorted(set(starts))


class TestCrowd:
    @pytest.mark.parametrize("seed", range(3))
    def test_whatever_was_followed_makes_tracks(self, seed):
        rng = np.random.default_rng(seed)
        seen = []
        for start_s in rng.uniform(0, 9, 25):
            end_s = min(10.0, start_s + rng.uniform(0.05, 3))
            seen.append(tracklet(start_s, end_s, x_px=rng.uniform(0, 576), side_px=rng.uniform(50, 900)))
            seen[-1].support[rng.random(len(seen[-1].t_s)) < 0.5] = np.nan
            seen[-1].colours[:] *= rng.uniform(0.1, 1)
        cuts = sorted(rng.choice(np.arange(1, 300), 4, replace=False))
        skipped_s = np.arange(300) / 30 + 1 / 60
        found = estimate(*[each for each in seen if len(each.t_s)], frames=300, cuts=cuts, skipped_s=skipped_s)
        for person in found.people:
            assert len(person.track.t_s) == 600
            assert person.track.found.any()

    def test_those_hardly_seen_are_left_out_before_they_take_memory(self, monkeypatch):
        laid_out = []
        monkeypatch.setattr(pipeline, "_candidate", lambda parts, *rest: laid_out.append(parts) or whole(parts, *rest))
        whole = _candidate
        crowd = [tracklet(n / 10, n / 10 + 1, x_px=20.0 * n, colour=(n * 3.0, 250 - n * 3, n * 2)) for n in range(80)]
        dancer = tracklet(0, 10, side_px=900, colour=(255, 255, 255))
        found = estimate(*crowd, dancer, frames=300)
        assert len(laid_out) <= pipeline.MOST_CANDIDATES
        assert found.track.found.all()
