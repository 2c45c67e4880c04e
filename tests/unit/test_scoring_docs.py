"""docs/scoring.md says what the scoring does: its curves and version are those of the configuration in force."""

import re
from pathlib import Path

import pytest

from choreography.comparison.config import DEFAULT_CONFIG as CONFIG
from tests.bench.scoring_figures import curves

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
TEXT = (DOCS / "scoring.md").read_text(encoding="utf-8")


def row(name: str) -> list[float]:
    """The numbers of a table's row."""
    line = next(line for line in TEXT.splitlines() if line.startswith(f"| {name} |"))
    return [float(cell) for cell in line.strip("|").split("|")[1:]]


def test_the_version_described_is_the_one_in_force() -> None:
    assert TEXT.startswith(f"# Scoring, version {CONFIG.version}\n")


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("quality", CONFIG.quality_knots),
        ("shape points", CONFIG.score_knots),
        ("late or early, ms", CONFIG.lag_knots_ms),
        ("timing points", CONFIG.lag_points),
        ("size or energy", CONFIG.size_knots),
        ("points", CONFIG.size_points),
    ],
)
def test_the_tables_hold_the_knots(name: str, numbers: tuple[float, ...]) -> None:
    assert row(name) == list(numbers)


@pytest.mark.parametrize("name", sorted(curves(CONFIG)))
def test_the_curves_are_drawn_from_the_configuration(name: str) -> None:
    """`make bench-scoring-figures` draws them anew."""
    assert (DOCS / "images" / f"scoring-{name}.svg").read_text(encoding="utf-8") == str(curves(CONFIG)[name])


def test_every_picture_is_there() -> None:
    shown = re.findall(r"\]\((images/[^)]+)\)", TEXT)
    assert len(shown) >= 6
    assert [name for name in shown if not (DOCS / name).is_file()] == []
