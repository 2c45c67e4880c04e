"""A stored result, whatever version of the scoring wrote it, with every key that readers know."""

from collections.abc import Mapping
from typing import Any, cast

from choreography.comparison.result import ComparisonResult, StretchScore
from choreography.comparison.result_payloads import ResultPayload

FIRST_VERSION_WITH_PARTS = 2
UNJUDGED_NOTICES = ("guide_replayed", "other_dance")
"""Verdicts by now; version 1 gave a score and said so in a notice."""


def complete(stored: Mapping[str, Any]) -> ResultPayload:
    """What an earlier version did not know is null or empty."""
    empty = ComparisonResult(str(stored["scoring_version"]), stored["verdict"]).to_payload()
    nothing = StretchScore().to_payload()
    limbs = [{**nothing, "size_ratio": None, **limb} for limb in stored.get("limbs", [])]
    timeline = {**empty["timeline"], **(stored.get("timeline") or {})}
    verdict = next((code for code in UNJUDGED_NOTICES if code in stored.get("notices", [])), stored["verdict"])
    return cast(ResultPayload, {**empty, **stored, "verdict": verdict, "limbs": limbs, "timeline": timeline})


def is_of_earlier_version(result: ResultPayload) -> bool:
    """Scored before shape, timing and size were told apart."""
    version = result["scoring_version"].split(".")[0]
    return version.isdigit() and int(version) < FIRST_VERSION_WITH_PARTS
