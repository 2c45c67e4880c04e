"""Four takes and what the scoring says of them, one value a line, so that a change of the scoring can be read as a diff.

`python -m tests.golden_scoring` writes tests/golden/scoring.json anew. A change of its numbers is a change of the scoring:
say in the commit why they are better, and give the scoring a new version if scores of the old one are stored.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from choreography.comparison.compare import compare
from choreography.comparison.counts import PlacePayload
from choreography.comparison.result import ComparisonResult
from choreography.comparison.result_payloads import FindingPayload
from ml_training.rendering.dances import make_dance
from tests.bench.figures import a_build, a_camera
from tests.bench.learners import learner
from tests.dancing import COUNTED, GUIDE, LEFT_ARM, OTHER, heard, take
from tests.motion import SHORT_AND_BROAD, performed

PATH = Path(__file__).resolve().parent / "golden" / "scoring.json"

Value = str | float | bool | None


def results() -> dict[str, ComparisonResult]:
    motion = make_dance(7, 14.0)
    turned = learner(motion, body=a_build(3), camera=a_camera(yaw_deg=30.0), noise=0.0)
    amateur = take(size=0.7, late_s=0.2, wrong=OTHER, wrong_parts=LEFT_ARM, wrong_s=(4.0, 8.0))
    return {
        "late, small, an arm wrong in eight 2": compare(GUIDE, amateur, sound=heard((0.0, 0.9)), dance=COUNTED),
        "a part, shaky, at 24 fps": compare(GUIDE, take(from_s=2.0, to_s=12.0, fps=24.0, noise_px=7.0), dance=COUNTED),
        "from 30 degrees aside": compare(learner(motion, noise=0.0), turned),
        "another dance": compare(GUIDE, performed(OTHER, SHORT_AND_BROAD)),
    }


def summary() -> dict[str, dict[str, Value]]:
    """What is written down, by the take."""
    return {name: dict(_said(result)) for name, result in results().items()}


def _said(result: ComparisonResult) -> Iterator[tuple[str, Value]]:
    said = result.to_payload()
    yield "scoring_version", said["scoring_version"]
    yield from (("verdict", said["verdict"]), ("score", said["score"]), ("error bar", said["error_bar"]))
    yield from (("grade", said["grade"]), ("offset_s", said["offset_s"]), ("lag_ms", said["lag_ms"]))
    yield from (("mirrored", said["mirrored"]), ("turn_deg", said["turn_deg"]), ("confidence", said["confidence"]))
    yield "notices", ", ".join(said["notices"])
    for part in ("shape", "timing", "size", "energy"):
        yield part, said["parts"][part]
    for limb in said["limbs"]:
        yield limb["limb"], limb["score"]
    for section in said["sections"]:
        yield f"{section['kind']} {section['section'] + 1}", section["score"]
    for eight in said["eights"]:
        yield f"eight {eight['index'] + 1}", eight["score"]
    for number, finding in enumerate(said["findings"], start=1):
        yield f"finding {number}", _code(finding)
    yield "drills", len(said["plan"])


def _code(finding: FindingPayload) -> str:
    words = (finding["limb"], finding["kind"], finding["correction"], _where(finding["place"]))
    return " ".join(word for word in words if word)


def _where(place: PlacePayload) -> str:
    if place["eight"] is None:
        return ""
    return f"section {place['section']} eight {place['eight']} counts {place['first_count']}-{place['last_count']}"


if __name__ == "__main__":
    PATH.write_text(json.dumps(summary(), indent=1) + "\n")
