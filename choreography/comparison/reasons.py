"""Why a take lost points: what was wrong, where, how to mend it and how sure that is, what is best mended first.

Faults of every kind are found on the evidence (`faults`). Of those about one limb and one moment the one that matters
most is told; a second one only if it is of another nature and matters too. They are ranked by

    cost * mendability * sureness

cost in points of the total; mendability by how plainly it can be told what to do; sureness by how far the fault stands
above its threshold, how much of it was in view and how long it lasted.
"""

from dataclasses import dataclass

import numpy as np

from choreography.comparison.counts import DanceMap, Place
from choreography.comparison.directions import Mending, mending_of, whole_part
from choreography.comparison.evidence import Evidence
from choreography.comparison.faults import ALL, Fault, Frames
from choreography.comparison.level_faults import size_faults, timing_faults
from choreography.comparison.normalise import IN_LIMB, LIMBS
from choreography.comparison.plan import practice_plan
from choreography.comparison.reasons_config import ReasonsConfig
from choreography.comparison.result import Finding
from choreography.comparison.shape_faults import shape_faults, still_faults
from choreography.comparison.stretches import overlap

__all__ = ["ReasonsConfig", "find_reasons", "practice_plan"]

_TIMING = ("late", "early")
_SHAPE = ("shape", "still")


@dataclass(frozen=True, eq=False)
class _Reason:
    fault: Fault
    mending: Mending | None
    sureness: float
    rank: float


def find_reasons(evidence: Evidence, dance: DanceMap, config: ReasonsConfig, rate_hz: float) -> tuple[Finding, ...]:
    """Findings, best to mend first, at most `config.most_findings`; none where nothing was judged.

    Parameters
    ----------
    evidence : Evidence
        Of N frames, `rate_hz` a second.
    dance : DanceMap
        Gives the findings their places.
    """
    reasons = [_reason(fault, evidence, config, rate_hz) for fault in _faults(evidence, Frames(config, rate_hz))]
    sure = [reason for reason in reasons if reason.sureness >= config.least_sureness]
    ranked = sorted(sure, key=lambda reason: (-reason.rank, reason.fault.stretch, _order(reason.fault)))
    told: list[_Reason] = []
    for reason in ranked:
        if len(told) < config.most_findings and not any(_says_it_already(other, reason, config) for other in told):
            told.append(reason)
    return tuple(_finding(reason, evidence, dance, config, rate_hz) for reason in told)


def _faults(evidence: Evidence, frames: Frames) -> list[Fault]:
    if not evidence.weights.sum() > 0:
        return []
    still = still_faults(evidence, frames)
    shape = [fault for fault in shape_faults(evidence, frames) if not _is_stillness(fault, still, frames.config)]
    return [*shape, *still, *timing_faults(evidence, frames), *size_faults(evidence, frames)]


def _is_stillness(shape: Fault, still: list[Fault], config: ReasonsConfig) -> bool:
    """A limb that does not move points the wrong way, too, and that is the lesser part of it."""
    length = shape.stretch[1] - shape.stretch[0]
    return any(
        fault.limb == shape.limb
        and fault.stretch[1] - fault.stretch[0] >= config.overlap_share * length
        and overlap(fault.stretch, shape.stretch) >= config.overlap_share
        for fault in still
    )


def _reason(fault: Fault, evidence: Evidence, config: ReasonsConfig, rate_hz: float) -> _Reason:
    mending = _mending(fault, evidence, config)
    sureness = _sureness(fault, evidence, config, rate_hz)
    return _Reason(fault, mending, sureness, fault.cost * _mendability(fault, mending, config) * sureness)


def _mending(fault: Fault, evidence: Evidence, config: ReasonsConfig) -> Mending | None:
    if fault.kind != "shape":
        return None
    if fault.limb == ALL:
        return Mending("upper_body", "other", fault.amount, 0.0)
    return mending_of(evidence, fault.limb, fault.stretch, config)


def _mendability(fault: Fault, mending: Mending | None, config: ReasonsConfig) -> float:
    if mending is not None:
        return config.mends_other_shape if mending.correction == "other" else config.mends_clear_shape
    if fault.kind == "still":
        return config.mends_still
    return config.mends_timing if fault.kind in _TIMING else config.mends_size


def _sureness(fault: Fault, evidence: Evidence, config: ReasonsConfig, rate_hz: float) -> float:
    """0..1: half of it from standing above the threshold, times the share in view, times the length."""
    rows = slice(*fault.stretch)
    which = np.ones(evidence.weights.shape[1], dtype=bool) if fault.limb == ALL else IN_LIMB[fault.limb]
    meant = float(evidence.shown_weights[rows, which].sum())
    in_view = min(float(evidence.weights[rows, which].sum()) / meant, 1.0) if meant > 0 else 0.0
    height = 0.5 + 0.5 * (1.0 - float(np.exp(-fault.height / config.sure_height)))
    length_s = (fault.stretch[1] - fault.stretch[0]) / rate_hz
    return float(height * np.sqrt(in_view) * min(1.0, 0.5 + 0.5 * length_s / config.sure_length_s))


def _says_it_already(told: _Reason, new: _Reason, config: ReasonsConfig) -> bool:
    """Whether a finding that ranks higher makes this one superfluous."""
    one, other = told.fault, new.fault
    if overlap(one.stretch, other.stretch) < config.overlap_share:
        return False
    if one.limb != other.limb:
        # Timing and size of a limb are told only for what they add to the body's.
        return ALL in (one.limb, other.limb) and one.kind in _SHAPE and other.kind in _SHAPE
    another_nature = (one.kind in _TIMING) != (other.kind in _TIMING)
    return not (another_nature and other.cost >= config.both_matter_share * one.cost)


def _finding(reason: _Reason, evidence: Evidence, dance: DanceMap, config: ReasonsConfig, rate_hz: float) -> Finding:
    fault, mending = reason.fault, reason.mending
    start_s, end_s = _span_s(fault, evidence, rate_hz)
    return Finding(
        kind=fault.kind,
        limb=fault.limb,
        part=whole_part(fault.limb) if mending is None else mending.part,
        start_s=start_s,
        end_s=end_s,
        place=_place(fault, evidence, dance, config, rate_hz),
        cost=fault.cost,
        sureness=reason.sureness,
        correction=None if mending is None else mending.correction,
        degrees=None if mending is None else mending.degrees,
        lag_ms=1000.0 * fault.amount if fault.kind in _TIMING else None,
        size_ratio=fault.amount if fault.kind in ("too_small", "too_big") else None,
    )


def _span_s(fault: Fault, evidence: Evidence, rate_hz: float) -> tuple[float, float]:
    first, last = fault.stretch
    return float(evidence.t_s[first]), float(evidence.t_s[last - 1]) + 1.0 / rate_hz


def _place(fault: Fault, evidence: Evidence, dance: DanceMap, config: ReasonsConfig, rate_hz: float) -> Place:
    """Of the fault; of its worst eight if it goes on for longer than two."""
    start_s, end_s = _span_s(fault, evidence, rate_hz)
    eight_s = dance.grid.eight_s if dance.grid else config.worst_part_s
    if end_s - start_s <= 2.0 * eight_s:
        doubt_s = min(config.edge_doubt_s, 0.25 * (end_s - start_s))
        return dance.place_of(start_s + doubt_s, end_s - doubt_s)
    spans = [(start, end) for _, start, end in dance.spans(start_s, end_s, config.worst_part_s)]
    whole = [(start, end) for start, end in spans if end - start >= 0.5 * eight_s]
    start_s, end_s = max(whole, key=lambda span: _level(fault, evidence, *span))
    return dance.place_of(start_s, end_s)


def _level(fault: Fault, evidence: Evidence, start_s: float, end_s: float) -> float:
    curve = fault.curve[(evidence.t_s >= start_s) & (evidence.t_s < end_s)]
    known = curve[np.isfinite(curve)]
    return float(known.mean()) if len(known) else -np.inf


def _order(fault: Fault) -> int:
    return -1 if fault.limb == ALL else LIMBS.index(fault.limb)
