"""Gathering what was sighted, and joining the parts of a clip."""

import numpy as np

from inference.pose.reading import Reading, Region
from inference.pose.tracking import Sighting
from inference.pose.tracklets import PartTracklets, apart, continued, followed_at, gather, is_anybody_missed, join_next
from tests.tracklets import tracklet


def sighting(number: int, x_px: float, *, colours=None, support=np.nan) -> Sighting:
    conf = np.linspace(0, 1, 33)
    reading = Reading(np.full((33, 3), x_px), np.zeros((33, 3)), np.full(33, 0.8), conf, 0.9, Region(x_px, 2, 300, 0.1))
    return Sighting(number, reading, support, colours)


def test_gathers_by_number():
    red = np.full((2, 3), 200.0)
    frames = [(0.0, [sighting(0, 10, colours=red, support=0.9)]), (0.1, [sighting(0, 11), sighting(1, 50)]), (0.2, [])]
    found = gather(frames)
    assert sorted(found) == [0, 1]
    assert found[0].t_s.tolist() == [0.0, 0.1]
    assert found[0].xyz_px[:, 0, 0].tolist() == [10, 11]
    assert found[0].last_region == Region(11, 2, 300, 0.1)
    np.testing.assert_allclose(found[0].conf[0], np.minimum(0.8, np.linspace(0, 1, 33)), rtol=1e-6)
    np.testing.assert_array_equal(found[0].support, [0.9, np.nan])
    assert found[0].colours.shape == (2, 2, 3)
    assert np.isnan(found[0].colours[1]).all()
    assert found[1].t_s.tolist() == [0.1]


def test_how_far_apart():
    assert apart(tracklet(0, 2), tracklet(1, 3)) == 0
    assert apart(tracklet(0, 2, x_px=500), tracklet(1, 3, x_px=800)) == 0.5
    assert apart(tracklet(0, 1), tracklet(1, 2)) == np.inf


class TestJoin:
    """A part reads half a second before its own frames, which begin at 2 s."""

    def test_who_is_in_both_is_one(self):
        (joined,) = join_next([tracklet(0, 2)], PartTracklets(2.0, {0: tracklet(1.5, 4)}))
        np.testing.assert_allclose(joined.t_s, np.arange(120) / 30)

    def test_each_finds_their_own(self):
        left, right = tracklet(0, 2, x_px=300), tracklet(0, 2, x_px=900)
        part = PartTracklets(2.0, {0: tracklet(1.5, 4, x_px=905), 1: tracklet(1.6, 4, x_px=305)})
        first, second = join_next([left, right], part)
        assert (first.region[0, 0], first.region[-1, 0]) == (300, 305)
        assert (second.region[0, 0], second.region[-1, 0]) == (900, 905)

    def test_who_is_new_keeps_only_the_parts_own_frames(self):
        old, new = join_next([tracklet(0, 2, x_px=300)], PartTracklets(2.0, {0: tracklet(1.5, 4, x_px=1200)}))
        assert old.t_s[-1] < 2
        assert new.t_s[0] == 2

    def test_who_was_gone_before_the_border_is_not_brought_back(self):
        (joined,) = join_next([tracklet(0, 2)], PartTracklets(2.0, {0: tracklet(1.5, 1.8)}))
        assert joined.t_s[-1] < 2

    def test_fills_what_the_earlier_part_lost_in_the_overlap(self):
        (joined,) = join_next([tracklet(0, 1.7)], PartTracklets(2.0, {0: tracklet(1.5, 4)}))
        np.testing.assert_allclose(joined.t_s, np.arange(120) / 30)


class TestMissed:
    def is_missed(self, before, part):
        return is_anybody_missed(before, part, last_s=59 / 30, at_least_s=1)

    def test_nobody_if_all_go_on(self):
        assert not self.is_missed([tracklet(0, 2)], PartTracklets(2.0, {0: tracklet(1.5, 4)}))

    def test_somebody_the_next_part_does_not_follow(self):
        assert self.is_missed([tracklet(0, 2)], PartTracklets(2.0, {0: tracklet(1.5, 4, x_px=1500)}))

    def test_neither_who_had_left_nor_who_was_there_for_a_moment(self):
        assert not self.is_missed([tracklet(0, 1.5), tracklet(1.5, 2, x_px=900)], PartTracklets(2.0, {}))

    def test_those_followed_to_the_end(self):
        there, gone = tracklet(0, 2), tracklet(0, 1.5)
        assert followed_at([there, gone], 59 / 30) == [there]

    def test_goes_on_from_where_they_were(self):
        followed, gone = tracklet(0, 2), tracklet(0, 1, x_px=1500)
        part = PartTracklets(2.0, {0: tracklet(2, 4), 1: tracklet(2.5, 4, x_px=1200)})
        others, joined, new = continued([followed, gone], part, [followed])
        assert others is gone
        np.testing.assert_allclose(joined.t_s, np.arange(120) / 30)
        assert new.t_s[0] == 2.5


def test_joins_somebody_whose_colours_were_never_measured():
    measured, never = tracklet(0, 1), gather([(1.0, [sighting(0, 500)])])[0]
    for joined in (measured.followed_by(never), never.followed_by(measured)):
        assert joined.colours.shape == (31, 4, 3)
        assert np.isfinite(joined.colours[:, 0, 0]).sum() == 2
