"""The eights of a dance, the loops around them, and which stretch is which."""

import pytest

from choreography.comparison.config import DEFAULT_CONFIG
from choreography.comparison.counts import CountGrid, DanceMap
from choreography.drilling import eights_within, loop_around, loops_of, minutes_of
from choreography.eights import PIECE_S, EightSpan, eight_of, eights_of

GRID = DanceMap(CountGrid(120.0, 2.0))  # eights of four seconds, the first from 2 s
SPANS = eights_of(GRID, 31.0)


def test_pieces_are_those_of_the_scoring():
    assert DEFAULT_CONFIG.piece_s == PIECE_S


def test_half_an_eight_is_one_and_less_is_the_edge_of_the_dance():
    assert [span.index for span in SPANS] == [-1, 0, 1, 2, 3, 4, 5, 6]
    assert SPANS[0] == EightSpan(-1, 0.0, 2.0)
    assert [span.index for span in eights_of(DanceMap(CountGrid(120.0, 1.0)), 30.0)] == [0, 1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("duration_s", [None, 0.0, -1.0])
def test_a_guide_without_a_length_has_none(duration_s):
    assert eights_of(GRID, duration_s) == []


def test_without_counts_there_are_pieces():
    assert [(span.start_s, span.end_s) for span in eights_of(DanceMap(), 10.0)] == [(0.0, 4.0), (4.0, 8.0), (8.0, 10.0)]


@pytest.mark.parametrize(
    ("stretch", "index"),
    [
        ((6.0, 10.0), 1),
        ((6.4, 9.6), 1),
        ((6.9, 10.9), 1),
        ((8.0, 12.0), None),
        ((6.0, 8.0), None),
        ((90.0, 94.0), None),
    ],
)
def test_a_stretch_is_an_eight_if_it_is_nearly_all_of_it(stretch, index):
    found = eight_of(SPANS, *stretch)
    assert (found.index if found else None) == index


def test_a_loop_has_the_eight_before_and_the_eight_after():
    loop = loop_around(SPANS, [2])
    assert (loop.start_s, loop.end_s, loop.eights) == (6.0, 18.0, (2,))
    assert loop_around(SPANS, [-1]).start_s == 0.0
    assert loop_around(SPANS, [6]).end_s == SPANS[-1].end_s
    assert loop_around(SPANS, [77]) is None


def test_neighbours_are_drilled_as_one_in_the_order_of_the_worst():
    assert [loop.eights for loop in loops_of(SPANS, [5, 1, 2, 3, 99])] == [(5,), (1, 2), (3,)]
    assert minutes_of(loops_of(SPANS, [2])) == 2
    assert minutes_of([]) == 0


@pytest.mark.parametrize(
    ("moment", "eights"),
    [((6.2, 9.8), [1]), ((7.0, 13.0), [1, 2]), ((9.5, 13.0), [2]), ((9.8, 10.3), [2]), ((40.0, 41.0), [])],
)
def test_a_moment_is_about_the_eights_that_it_has_a_good_part_of(moment, eights):
    assert eights_within(SPANS, *moment) == eights
