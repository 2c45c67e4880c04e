"""The stored and sent form of a result: plain JSON, null where there is nothing to say, for refusals too."""

import json
from typing import get_type_hints

import pytest

from choreography.comparison.compare import compare
from choreography.comparison.result import ComparisonResult
from choreography.comparison.result_payloads import ResultPayload
from inference.pose.skeleton import SKELETON
from tests.dancing import COUNTED, GUIDE, LEFT_ARM, LEGS, OTHER, judged, nobody, take
from tests.motion import SHORT_AND_BROAD, hidden, performed, standing, unfound


def payload(result: ComparisonResult) -> ResultPayload:
    """As it comes back out of a database."""
    stored: ResultPayload = json.loads(json.dumps(result.to_payload(), allow_nan=False))
    assert set(stored) == set(get_type_hints(ResultPayload))
    return stored


def test_where_nothing_was_judged_there_is_null() -> None:
    danced = unfound(hidden(take(wrong=OTHER, wrong_parts=LEFT_ARM, wrong_s=(8.0, 12.0)), LEGS), (4.0, 6.0))
    said = payload(judged(danced, offset_hint_s=0.0, dance=COUNTED))
    timeline = said["timeline"]
    assert None in timeline["error_deg"]
    assert set(timeline["limb_error_deg"]) == set(SKELETON.limbs)
    assert {len(errors) for errors in timeline["limb_error_deg"].values()} == {len(timeline["t_s"])}
    leg = next(limb for limb in said["limbs"] if limb["limb"] == "left_leg")
    assert (leg["score"], leg["coverage"], leg["mean_error_deg"], leg["size_ratio"]) == (None, 0.0, None, None)
    assert leg["parts"] == {"shape": None, "timing": None, "size": None, "energy": None}
    assert said["missing_limbs"] == ["left_leg", "right_leg"]
    assert said["turn_deg"] is None
    assert said["eights"][2]["place"] == {"section": 1, "eight": 1, "first_count": 1, "last_count": 8}
    assert (said["findings"][0]["limb"], said["findings"][0]["kind"]) == ("left_arm", "shape")
    assert {drill["finding"] for drill in said["plan"]} <= set(range(len(said["findings"])))


@pytest.mark.parametrize(
    ("verdict", "result"),
    [
        ("no_dancer", compare(GUIDE, nobody())),
        ("too_short", compare(GUIDE, take(to_s=1.0))),
        ("stood_still", compare(GUIDE, standing())),
        ("guide_replayed", compare(GUIDE, GUIDE)),
        ("other_dance", compare(GUIDE, performed(OTHER, SHORT_AND_BROAD))),
    ],
)
def test_a_refusal_is_plain_json_without_a_score(verdict: str, result: ComparisonResult) -> None:
    said = payload(result)
    assert said["verdict"] == verdict
    assert [said["score"], said["error_bar"], said["grade"], said["lag_ms"], said["worst_eight"]] == [None] * 5
    assert said["parts"] == {"shape": None, "timing": None, "size": None, "energy": None}
    assert [said["limbs"], said["sections"], said["eights"], said["findings"], said["plan"]] == [[]] * 5


def test_a_clip_that_could_not_be_aligned_has_an_empty_timeline() -> None:
    said = payload(compare(GUIDE, nobody()))
    assert said["timeline"] == {"step_s": 0.1, "t_s": [], "error_deg": [], "limb_error_deg": {}, "lag_ms": []}
    assert (said["offset_s"], said["start"], said["overlap_s"], said["coverage"]) == (None, None, None, 0.0)
