"""The scoring's numbers, written down: a change shows as a diff of tests/golden/scoring.json."""

import json
from functools import cache

import pytest

from tests import golden_scoring
from tests.golden_scoring import PATH, Value

WRITTEN: dict[str, dict[str, Value]] = json.loads(PATH.read_text())
ROUNDING = 0.11
"""One step of the last digit written: other processors round otherwise."""


@cache
def today() -> dict[str, dict[str, Value]]:
    return golden_scoring.summary()


def test_the_same_takes_are_written_down() -> None:
    assert list(today()) == list(WRITTEN)


@pytest.mark.parametrize("take", WRITTEN)
def test_golden(take: str) -> None:
    """If the change is meant, `python -m tests.golden_scoring` writes the file anew; commit it with the reason."""
    assert today()[take] == pytest.approx(WRITTEN[take], abs=ROUNDING)
