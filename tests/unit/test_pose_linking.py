"""Who is who: tracklets of one person found again, and two people kept apart."""

import itertools
import time

import numpy as np
import pytest

from inference.pose.linking import colour_distance, link, split_at_slips, typical_colours
from inference.pose.tracklets import Tracklet
from tests.tracklets import tracklet

RED, BLUE, GREY = (200.0, 40.0, 40.0), (40.0, 60.0, 200.0), (120.0, 120.0, 120.0)


def test_nobody():
    assert link([], []) == []


def test_people_in_view_together_are_different_people():
    assert link([tracklet(0, 5, x_px=300), tracklet(0, 5, x_px=900)], []) == [[0], [1]]


def test_the_order_of_the_tracklets_does_not_matter():
    later, earlier = tracklet(3, 5), tracklet(0, 2)
    assert link([later, earlier], []) == [[1, 0]]


def test_goes_on_after_a_moment_out_of_sight():
    assert link([tracklet(0, 2, x_px=500), tracklet(2.3, 5, x_px=560)], []) == [[0, 1]]


def test_goes_on_without_knowing_any_colours():
    assert link([tracklet(0, 2, colour=None), tracklet(2.1, 5, colour=None)], []) == [[0, 1]]


def test_somebody_else_at_the_same_place_is_somebody_else():
    assert link([tracklet(0, 2, colour=RED), tracklet(2.8, 5, colour=BLUE)], []) == [[0], [1]]


def test_nobody_gets_that_far_in_a_blink():
    assert link([tracklet(0, 2, x_px=200, colour=GREY), tracklet(2.1, 5, x_px=1500, colour=RED)], []) == [[0], [1]]


def test_a_bystander_who_walks_through_stays_apart():
    dancer = [tracklet(0, 2, colour=RED), tracklet(2.4, 6, colour=RED)]
    bystander = tracklet(1.5, 2.6, x_px=np.linspace(900, 100, 33), colour=BLUE, side_px=500)
    people = link([*dancer, bystander], [])
    assert sorted(people) == [[0, 1], [2]]


class TestCrossing:
    def tracklets(self, left, right):
        """Red comes from the left, blue from the right; they meet at 800 px, part again, with `left` and `right` after."""
        walk = np.linspace(200, 700, 60)
        return [
            tracklet(0, 2, x_px=walk, colour=RED),
            tracklet(0, 2, x_px=1600 - walk, colour=BLUE),
            tracklet(2.3, 4, x_px=650, colour=left),
            tracklet(2.4, 4, x_px=950, colour=right),
        ]

    def test_colours_tell_that_they_went_past_each_other(self):
        assert sorted(link(self.tracklets(BLUE, RED), [])) == [[0, 3], [1, 2]]

    def test_colours_tell_that_they_turned_back(self):
        assert sorted(link(self.tracklets(RED, BLUE), [])) == [[0, 2], [1, 3]]

    def test_in_the_same_clothes_the_direction_decides(self):
        """In costume nobody can be told apart by colour; walking on is likelier than turning round."""
        tracklets = [
            tracklet(0, 2, x_px=np.linspace(200, 760, 60), colour=GREY),
            tracklet(0, 2, x_px=np.linspace(1400, 840, 60), colour=GREY),
            tracklet(2.2, 4, x_px=860, colour=GREY),
            tracklet(2.2, 4, x_px=740, colour=GREY),
        ]
        assert sorted(link(tracklets, [])) == [[0, 2], [1, 3]]


class TestLater:
    def test_a_dancer_who_left_and_comes_back_elsewhere(self):
        assert link([tracklet(0, 2, x_px=200, colour=RED), tracklet(9, 12, x_px=1500, colour=RED)], []) == [[0, 1]]

    def test_somebody_in_other_clothes_is_another_person(self):
        assert link([tracklet(0, 2, colour=RED), tracklet(9, 12, colour=BLUE)], []) == [[0], [1]]


class TestCuts:
    def test_the_place_means_nothing_across_a_cut(self):
        across = [tracklet(0, 2, colour=RED), tracklet(2, 4, colour=BLUE)]
        assert link(across, [2.0]) == [[0], [1]]

    def test_the_clothes_do(self):
        people = [
            tracklet(0, 2, x_px=300, colour=RED),
            tracklet(0, 2, x_px=900, colour=BLUE),
            tracklet(2, 4, x_px=320, colour=BLUE),
            tracklet(2, 4, x_px=880, colour=RED),
        ]
        assert sorted(link(people, [2.0])) == [[0, 3], [1, 2]]

    def test_the_only_dancer_is_the_only_dancer_in_another_light(self):
        dimmed = (160.0, 10.0, 10.0)
        assert link([tracklet(0, 2, colour=RED), tracklet(2, 4, colour=dimmed, x_px=900)], [2.0]) == [[0, 1]]


class TestSlips:
    """The landmarks went over to somebody else at 1.4 s."""

    OTHER = tracklet(0, 1.2, x_px=700, colour=BLUE)

    def slipped(self, before=RED, after=BLUE):
        whole = tracklet(0, 4)
        measured = np.isfinite(whole.colours[:, 0, 0])
        whole.colours[measured & (whole.t_s < 1.4)] = before
        whole.colours[measured & (whole.t_s >= 1.4)] = after
        whole.xyz_px[whole.t_s >= 1.4, :, 0] += 80
        return whole

    def test_are_cut_where_the_body_jumped(self):
        first, second = split_at_slips(self.slipped(), [self.OTHER])
        assert second.t_s[0] == pytest.approx(1.4)
        assert len(first.t_s) + len(second.t_s) == 120

    def test_another_light_is_none(self):
        """Nobody near wears what the dancer seems to wear now."""
        whole = self.slipped(after=(60.0, 200.0, 90.0))
        assert split_at_slips(whole, [whole, self.OTHER]) == [whole]

    def test_nor_are_the_clothes_of_somebody_far_away(self):
        whole = self.slipped()
        assert split_at_slips(whole, [tracklet(0, 1.2, x_px=1900, colour=BLUE)]) == [whole]
        assert split_at_slips(whole, [tracklet(3, 4, x_px=700, colour=BLUE)]) == [whole]

    def test_one_odd_measurement_is_none(self):
        whole = tracklet(0, 4, colour=RED)
        whole.colours[45] = BLUE
        assert split_at_slips(whole, [self.OTHER]) == [whole]

    def test_without_colours_nothing_is_known(self):
        whole = tracklet(0, 4, colour=None)
        assert split_at_slips(whole, [self.OTHER]) == [whole]

    def test_each_piece_finds_its_person(self):
        first, second = split_at_slips(self.slipped(), [self.OTHER])
        red_again = tracklet(3.0, 4, x_px=300, colour=RED)
        assert sorted(link([first, second, self.OTHER, red_again], [])) == [[0, 3], [2, 1]]


def test_alone_in_changing_light_it_is_the_same_dancer():
    assert link([tracklet(0, 2, colour=RED), tracklet(2.2, 4, colour=BLUE)], []) == [[0, 1]]


def test_colours_are_compared_where_both_are_known():
    first, second = np.full((4, 3), 100.0), np.full((4, 3), 110.0)
    assert colour_distance(first, second) == pytest.approx(10)
    second[:2] = np.nan
    assert colour_distance(first, second) == pytest.approx(10)
    second[:3] = np.nan
    assert np.isnan(colour_distance(first, second))


def test_typical_colours_are_medians():
    seen = tracklet(0, 3, colour=RED)
    seen.colours[15] = 0.0
    np.testing.assert_array_equal(typical_colours(seen), np.tile(RED, (4, 1)))


class TestCrowds:
    def test_who_is_back_just_after_somebody_else_came(self):
        """A bystander comes into view moments before the dancer, lost for an instant, is found again."""
        dancer = [tracklet(0, 1.2, colour=RED), tracklet(1.3, 4, colour=RED)]
        assert sorted(link([*dancer, tracklet(1.0, 4, x_px=1400, colour=BLUE)], [])) == [[0, 1], [2]]

    def test_a_thing_taken_for_a_person_for_a_moment_is_no_rival(self):
        """The dancer comes back in other light; without the thing there would be no doubt who it is."""
        darker = (165.0, 20.0, 20.0)
        seen = [tracklet(0, 2, colour=RED), tracklet(2.5, 2.7, colour=BLUE, x_px=1500), tracklet(9, 12, colour=darker)]
        assert sorted(link(seen, [])) == [[0, 2], [1]]

    def test_somebody_whose_colours_were_never_measured(self):
        unmeasured = Tracklet(**{**vars(tracklet(2.1, 2.2)), "colours": np.empty((3, 0, 3))})
        assert link([tracklet(0, 2), unmeasured, tracklet(2.3, 4)], []) == [[0, 1, 2]]

    @pytest.mark.parametrize("seed", range(5))
    def test_whatever_comes_each_is_given_to_one_person_and_nobody_is_in_two_places(self, seed):
        tracklets = crowd(np.random.default_rng(seed), 60, 20)
        people = link(tracklets, [3.0, 3.1, 12.0])
        assert sorted(index for person in people for index in person) == list(range(60))
        for person in people:
            for before, after in itertools.pairwise(person):
                assert tracklets[before].t_s[-1] < tracklets[after].t_s[0]

    def test_two_thousand_do_not_take_minutes(self):
        tracklets = crowd(np.random.default_rng(1), 2000, 600)
        began = time.process_time()
        link(tracklets, list(np.arange(0, 600, 2.0)))
        assert time.process_time() - began < 15  # 1 s; comparing each with each in Python took minutes


def crowd(rng: np.random.Generator, count: int, length_s: float) -> list[Tracklet]:
    """Short tracklets all over a clip, in clothes of few or of all colours, some never seen."""
    return [
        tracklet(
            start_s,
            start_s + rng.uniform(0.1, 1.5),
            x_px=rng.uniform(0, 1900),
            side_px=rng.uniform(100, 900),
            colour=None if rng.random() < 0.2 else tuple(rng.choice([30, 60, 90, 120, 200], 3).tolist()),
        )
        for start_s in rng.uniform(0, length_s, count)
    ]


class TestFlickeringLight:
    def strobe(self):
        """Every third measurement, ten a second, the light changes between red and blue for ten minutes."""
        whole = tracklet(0, 600, colour=RED)
        whole.colours[::3] = np.where((np.arange(6000) // 3 % 2 == 0)[:, None, None], RED, BLUE)
        return whole

    def test_next_to_somebody_in_those_colours_does_not_break_the_search_for_slips(self):
        pieces = split_at_slips(self.strobe(), [tracklet(0, 600, colour=RED), tracklet(0, 600, colour=BLUE)])
        assert sum(len(piece.t_s) for piece in pieces) == 18000
        assert len(pieces) > 1000

    def test_one_odd_measurement_before_one_that_cannot_be_compared_is_no_slip(self):
        whole = tracklet(0, 4.6, colour=RED)
        whole.colours[:, 2:] = np.nan
        whole.colours[120] = BLUE
        whole.colours[135] = [[np.nan] * 3, [np.nan] * 3, BLUE, BLUE]
        whole.colours[120, 2:] = np.nan
        assert split_at_slips(whole, [tracklet(0, 8, x_px=600, colour=BLUE)]) == [whole]
