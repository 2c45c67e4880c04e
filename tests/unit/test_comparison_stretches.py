"""Eights, sections, limbs and the timeline: each says of its own stretch what the total says of the whole."""

from functools import cache

import numpy as np
import pytest

from choreography.comparison.counts import DanceMap
from choreography.comparison.result import ComparisonResult
from inference.pose.skeleton import SKELETON
from tests.dancing import COUNTED, GUIDE, LEFT_ARM, OTHER, judged, limb_scores, take
from tests.motion import unfound


@cache
def one_bad_eight() -> ComparisonResult:
    """Everything is wrong in the verse's second eight, from 4 to 8 s."""
    return judged(take(wrong=OTHER, wrong_s=(4.0, 8.0)), offset_hint_s=0.0, dance=COUNTED)


@cache
def one_bad_arm() -> ComparisonResult:
    danced = take(wrong=OTHER, wrong_parts=LEFT_ARM, wrong_s=(4.0, 8.0))
    return judged(danced, offset_hint_s=0.0, dance=COUNTED)


def points_of_eights(result: ComparisonResult) -> list[float | None]:
    return [eight.went.score for eight in result.eights]


def test_one_bad_eight_shows_where_it_is_and_in_the_total() -> None:
    result = one_bad_eight()
    first, bad, third, fourth = (points or 0.0 for points in points_of_eights(result))
    assert bad < 20.0
    assert min(first, third, fourth) > 95.0
    assert result.worst_eight == 1
    assert (result.score or 100.0) < np.mean([first, bad, third, fourth]) - 10.0


def test_one_bad_arm_shows_in_its_eight_and_no_other_limb() -> None:
    result = one_bad_arm()
    assert result.worst_eight == 1
    bad = {limb: points or 0.0 for limb, points in result.eights[1].limbs.items()}
    assert bad.pop("left_arm") < 20.0
    assert min(bad.values()) > 85.0
    for eight in (result.eights[0], *result.eights[2:]):
        assert min(points or 0.0 for points in eight.limbs.values()) > 85.0
    assert (limb_scores(result)["left_arm"] or 0.0) < 75.0


def test_eights_lie_where_the_counts_are() -> None:
    result = one_bad_eight()
    assert [(eight.index, eight.start_s, eight.end_s) for eight in result.eights] == [
        (0, 0.0, 4.0),
        (1, 4.0, 8.0),
        (2, 8.0, 12.0),
        (3, 12.0, 16.0),
    ]
    for eight in result.eights:
        assert eight.place == COUNTED.place_of(eight.start_s, eight.end_s)
        assert set(eight.limbs) == set(SKELETON.limbs)
    assert [(eight.place.section, eight.place.eight) for eight in result.eights] == [(0, 1), (0, 2), (1, 1), (1, 2)]


def test_sections_are_scored_by_themselves() -> None:
    verse, chorus = one_bad_eight().sections
    assert (verse.section, verse.kind, verse.start_s, verse.end_s) == (0, "verse", 0.0, 8.0)
    assert (chorus.section, chorus.kind) == (1, "chorus")
    assert (verse.went.score or 0.0) < 75.0
    assert (chorus.went.score or 0.0) > 95.0


def test_every_total_lies_between_its_stretches() -> None:
    for result in (one_bad_eight(), one_bad_arm()):
        known = [points for points in points_of_eights(result) if points is not None]
        assert min(known) < (result.score or 0.0) < max(known)
        for column, limb in enumerate(SKELETON.limbs):
            own = [eight.limbs[limb] or 0.0 for eight in result.eights]
            assert min(own) <= (result.limbs[column].score or 0.0) <= max(own)


def test_without_counts_the_dance_is_cut_into_even_pieces_of_the_guide() -> None:
    result = judged(take(from_s=3.0, to_s=13.0), offset_hint_s=-3.0)
    pieces = [(eight.index, eight.start_s, eight.end_s) for eight in result.eights]
    assert pieces == [(0, 3.0, 4.0), (1, 4.0, 8.0), (2, 8.0, 12.0), (3, 12.0, 13.0)]
    assert {eight.place for eight in result.eights} == {DanceMap().place_of(0.0, 1.0)}
    assert result.sections == ()


def test_a_piece_hardly_danced_has_no_score_of_its_own() -> None:
    result = judged(take(from_s=3.3, to_s=12.7), offset_hint_s=-3.3, dance=COUNTED)
    assert [points is None for points in points_of_eights(result)] == [True, False, False, True]
    assert set(result.eights[0].limbs.values()) == {None}
    assert result.worst_eight in (1, 2)


def test_an_eight_out_of_view_has_no_score_and_the_others_have_theirs() -> None:
    result = judged(unfound(take(), (4.0, 8.0)), offset_hint_s=0.0, dance=COUNTED)
    assert [points is None for points in points_of_eights(result)] == [False, True, False, False]
    assert result.worst_eight != 1


def test_one_eight_alone_is_not_the_worst_of_any() -> None:
    assert judged(take(to_s=4.0), offset_hint_s=0.0, dance=COUNTED).worst_eight is None


def test_sections_that_were_not_danced_are_left_out() -> None:
    result = judged(take(from_s=8.0), offset_hint_s=-8.0, dance=COUNTED)
    assert [section.section for section in result.sections] == [1]
    assert [eight.place.section for eight in result.eights] == [1, 1]


# The timeline


def test_the_timeline_shows_when_the_limb_was_wrong() -> None:
    timeline = one_bad_arm().timeline
    t_s, arm = np.array(timeline.t_s), np.array(timeline.limb_error_deg["left_arm"])
    assert arm[(t_s >= 4.2) & (t_s < 7.8)].mean() > 40.0
    assert arm[(t_s < 3.8) | (t_s > 8.2)].max() < 15.0
    assert max(timeline.limb_error_deg["right_leg"]) < 15.0


def test_the_timeline_tells_the_lag_of_each_moment() -> None:
    timeline = judged(take(late_s=0.15), offset_hint_s=0.0).timeline
    assert len(timeline.lag_ms) == len(timeline.t_s)
    assert np.array(timeline.lag_ms) == pytest.approx(150.0, abs=15.0)


def test_the_timeline_covers_the_overlap_in_guide_time() -> None:
    result = judged(take(from_s=4.0, to_s=10.0))
    assert result.overlap_s == pytest.approx((4.0, 10.0), abs=0.05)
    assert result.timeline.t_s[0] == pytest.approx(4.0, abs=0.05)
    assert result.timeline.t_s[-1] + result.timeline.step_s == pytest.approx(10.0, abs=0.12)
    assert "partial_take" in result.notices
    assert GUIDE.duration_s > 10.0
