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


@pytest.mark.parametrize(
    "words",
    [
        f"score = shape * (1 - {CONFIG.most_timing_costs:g} * (1 - timing/100))",
        f"* (1 - {CONFIG.most_size_costs:g} * (1 - size/100))",
        f"total = {1 - CONFIG.worst_weight:g} * mean + {CONFIG.worst_weight:g} * mean of the worst fifth",
        f"error_bar = sqrt({CONFIG.base_error:g}^2 + ({CONFIG.one_second_error:g} / sqrt(T))^2",
        f"({CONFIG.unseen_error:g} * (1 - coverage))^2",
        f"({CONFIG.unsure_error:g} * (1 - min(confidence / {CONFIG.sure_confidence:g}, 1)))^2)",
        f"size points = {1 - CONFIG.energy_share:g} * points(size) + {CONFIG.energy_share:g} * points(energy)",
        f"is {1 - CONFIG.limbs_share:g} of its own points and {CONFIG.limbs_share:g} of the mean of its limbs'",
        f"`coverage` below {CONFIG.min_coverage:g}",
        f"below {CONFIG.replay_error_deg:g} degrees",
        f"within {CONFIG.replay_bias_deg:g} degrees",
        f"alike to {100 * CONFIG.replay_build:g} %",
        f"confidence below {CONFIG.low_confidence:g}, and the score would be below {CONFIG.other_dance_score:g}",
        f"less than {CONFIG.min_sure_s:g} s of a whole body",
        f"+-{1000 * CONFIG.device_latency_s:g} ms is put down to the device",
        f"(yaw up to {CONFIG.max_yaw_deg:g}, pitch {CONFIG.max_pitch_deg:g}, roll {CONFIG.max_roll_deg:g} degrees)",
        f"p = {CONFIG.turn_prior:g} * max(1, {CONFIG.turn_told_s:g} s / seconds of body in common)",
        f"c = {CONFIG.chance_closeness_1s:g} / sqrt(T) for closeness, {CONFIG.chance_match_1s:g} / sqrt(T) for match",
        f"within +-{1000 * CONFIG.timing.max_lag_s:g} ms, in windows of {CONFIG.timing.window_s:g} s",
        f"size of the body below {CONFIG.reasons.small_ratio:g}, above {CONFIG.reasons.big_ratio:g}",
        "| of the limb | " + " | ".join(f"{least:g}" for _, least in CONFIG.reasons.least_by_limb) + " |",
        "| passing | " + " | ".join(f"{least:g}" for _, least in CONFIG.reasons.least_passing_by_limb) + " |",
    ],
)
def test_the_formulas_hold_the_configuration(words: str) -> None:
    assert words in " ".join(TEXT.split())
