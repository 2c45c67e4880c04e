"""What the browser's live scorer is held to is what today's comparison says: tests/golden/live.json.gz."""

import base64
import gzip
import json
from functools import cache

import pytest

from inference.pose.track import PoseTrack
from tests import golden_live
from tests.golden_live import PATH, TAKES, Take

WRITTEN = json.loads(gzip.decompress(PATH.read_bytes()))
SAID = {take["name"]: take["said"] for take in WRITTEN["takes"]}
LOOKED_AT = TAKES[::3]
"""All are written by one run, so a few tell whether it was today's; the rest would only cost time."""
ROUNDING = {"score": 0.3, "lag_ms": 2.0}
"""Other processors round otherwise."""


@cache
def tracks() -> dict[str, PoseTrack]:
    return golden_live.read({name: base64.b64decode(text) for name, text in WRITTEN["tracks"].items()})


def test_the_browser_is_given_todays_numbers_and_takes() -> None:
    """If the change is meant, `python -m tests.golden_live` writes the file anew."""
    assert WRITTEN["config"] == golden_live.config_payload()
    assert [{key: value for key, value in take.items() if key != "said"} for take in WRITTEN["takes"]] == [
        golden_live.take_payload(take) for take in TAKES
    ]


@pytest.mark.parametrize("take", LOOKED_AT, ids=lambda take: take.name)
def test_the_written_verdicts_are_todays(take: Take) -> None:
    today, written = golden_live.said_of(take, tracks()), SAID[take.name]
    assert (today["verdict"], today["mirrored"]) == (written["verdict"], written["mirrored"])
    assert [eight["eight"] for eight in today["eights"]] == [eight["eight"] for eight in written["eights"]]
    for now, then in zip(today["eights"], written["eights"], strict=True):
        assert now["score"] == pytest.approx(then["score"], abs=ROUNDING["score"])
        assert now["lag_ms"] == pytest.approx(then["lag_ms"], abs=ROUNDING["lag_ms"])
        assert now["limbs"] == pytest.approx(then["limbs"], abs=3 * ROUNDING["score"])
