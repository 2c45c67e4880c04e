"""What clean takes must give: every fair condition scores high and alike, other dances low, and nothing is found wrong."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from choreography.comparison.result import ComparisonResult
from tests.bench.scoring_dances import Dance
from tests.bench.scoring_takes import Bench, Take, fair_takes

MOST_TURNED_DEG = 35.0
FOUND_START_MS = 100.0


@dataclass(frozen=True)
class Judged:
    """A take against a guide, which is of its own dance or of another. `number`: the score, were nothing refused."""

    guide: Dance
    take: Take
    result: ComparisonResult
    number: float

    @property
    def is_same(self) -> bool:
        return self.guide == self.take.dance


def judge(bench: Bench) -> list[Judged]:
    """Every fair take against its own guide; a plain, two turned and a mirrored one also against every other guide."""
    judged = []
    for guide in bench.guides:
        for dance in bench.dances:
            takes = fair_takes(dance)
            for take in takes if dance == guide else (takes[0], takes[4], takes[5], takes[6]):
                result = bench.result(guide, take.track)
                number = bench.number(guide, take.track) if result.score is None else result.score
                judged.append(Judged(guide, take, result, number))
    return judged


def separation(judged: Sequence[Judged]) -> dict[str, float]:
    """auc: the share of pairs of a right and a wrong dance of which the right one scores more."""
    turned = [one for one in judged if 0 < abs(one.take.fair.yaw_deg) <= MOST_TURNED_DEG]
    mirrored = [one for one in judged if one.take.fair.mirrored]
    same, other = _numbers(judged, True), _numbers(judged, False)
    return {
        "auc_same_vs_other": _auc(judged),
        "auc_turned": _auc(turned),
        "auc_mirrored": _auc(mirrored),
        "worst_same": float(same.min()),
        "best_other": float(other.max()),
        "margin": float(same.min() - other.max()),
        "same_refused": sum(one.result.score is None for one in judged if one.is_same),
        "other_refused_share": float(np.mean([one.result.score is None for one in judged if not one.is_same])),
    }


def evenness(judged: Sequence[Judged]) -> dict[str, float]:
    """How little a fair condition moves the score, and whether the error bar says by how much it may."""
    same = [one for one in judged if one.is_same]
    by_guide = [[one for one in same if one.guide == guide] for guide in dict.fromkeys(one.guide for one in same)]
    spreads = [np.ptp([one.number for one in takes]) for takes in by_guide]
    usual = {takes[0].guide: float(np.median([one.number for one in takes])) for takes in by_guide}
    bars = [one.result.error_bar for one in same if one.result.error_bar is not None]
    within = [
        abs(one.number - usual[one.guide]) <= one.result.error_bar for one in same if one.result.error_bar is not None
    ]
    return {
        "clean_mean": float(np.mean([one.number for one in same])),
        "clean_spread": float(max(spreads)),
        "clean_spread_median": float(np.median(spreads)),
        "error_bar_mean": _mean(bars),
        "within_error_bar": _mean(within),
    }


def false_findings(judged: Sequence[Judged]) -> dict[str, float]:
    results = [one.result for one in judged if one.is_same and one.result.overlap_s]
    minutes = sum(result.overlap_s[1] - result.overlap_s[0] for result in results if result.overlap_s) / 60
    found = [finding for result in results for finding in result.findings]
    return {
        "false_findings_10_min": 10 * len(found) / minutes if minutes else float("nan"),
        "clean_minutes": minutes,
    }


def starts(judged: Sequence[Judged]) -> dict[str, float]:
    """The start as the movement alone tells it, and whether mirroring was seen."""
    same = [one for one in judged if one.is_same and one.result.offset_s is not None]
    off_ms = np.array([abs(1000 * ((one.result.offset_s or 0.0) - one.take.fair.offset_s)) for one in same])
    return {
        "start_missed": int(np.sum(off_ms > FOUND_START_MS)),
        "start_error_ms": _mean(off_ms[off_ms <= FOUND_START_MS].tolist()),
        "mirror_told_right": float(np.mean([one.result.mirrored == one.take.fair.mirrored for one in same])),
    }


def by_condition(judged: Sequence[Judged]) -> dict[str, tuple[float, float]]:
    """Mean and lowest score of the clean takes under each fair condition."""
    rows: dict[str, list[float]] = {}
    for one in judged:
        if one.is_same:
            rows.setdefault(one.take.fair.name, []).append(one.number)
    return {name: (float(np.mean(scores)), min(scores)) for name, scores in rows.items()}


def _auc(judged: Sequence[Judged]) -> float:
    same, other = _numbers(judged, True), _numbers(judged, False)
    above = same[:, None] > other[None, :]
    return float((above + 0.5 * (same[:, None] == other[None, :])).mean())


def _numbers(judged: Sequence[Judged], is_same: bool) -> np.ndarray:
    return np.array([one.number for one in judged if one.is_same == is_same])


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if len(values) else float("nan")
