"""Counts, eights and sections: one table of cases for Python and for the browser (tests/js/counts.test.js)."""

import json
from pathlib import Path

import pytest

from choreography.comparison.counts import CountGrid, DanceMap, SectionSpan

GRIDS = json.loads((Path(__file__).resolve().parents[1] / "golden" / "counts.json").read_text())["grids"]


@pytest.mark.parametrize("table", GRIDS, ids=lambda table: f"{table['bpm']} bpm from {table['first_beat_s']} s")
def test_moments_have_the_counts_and_eights_of_the_table(table: dict) -> None:
    grid = CountGrid(table["bpm"], table["first_beat_s"])
    sections = tuple(SectionSpan("chorus", part["start_s"], part["end_s"]) for part in table["sections"])
    dance = DanceMap(grid, sections)
    for case in table["cases"]:
        t_s = case["t_s"]
        assert (grid.count_at(t_s), grid.eight_at(t_s)) == (case["count"], case["eight"]), case
        # A stretch that begins in the middle of this count.
        middle_s = grid.first_count_s + (grid.beat_at(t_s) + 0.5) * grid.beat_s
        place = dance.place_of(middle_s, middle_s + 0.2 * grid.beat_s)
        assert (place.first_count, place.eight) == (case["count"], case["number"]), case
