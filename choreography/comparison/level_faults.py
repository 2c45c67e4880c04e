"""Faults of timing and of size: a lag or a ratio that stays away from none.

Both are told for the whole body and for each limb. What most of the body shares is one fault of the whole body; a limb
has one of its own only for what it adds to that.
"""

from dataclasses import dataclass

import numpy as np

from choreography.comparison.evidence import Evidence
from choreography.comparison.faults import (
    ALL,
    Fault,
    Floats,
    Frames,
    limb_weights,
    lost_share,
    stretch_mean,
    throughout,
)
from choreography.comparison.normalise import LIMBS
from choreography.comparison.reasons_config import ReasonsConfig
from choreography.comparison.result import FindingKind
from choreography.comparison.stretches import Stretch, bridged, grown, stretches_above


@dataclass(frozen=True)
class _Kind:
    """What makes one kind of fault: `sign` turns its curve so that it is wrong above a threshold.

    A limb by itself is told less exactly than the body, so it has a threshold of its own; `zero` costs all the points.
    """

    name: FindingKind
    sign: float
    limbs: tuple[str, ...]
    body_threshold: float
    limb_threshold: float
    least_s: float
    zero: float
    points: float

    def threshold(self, limb: str) -> float:
        return self.body_threshold if limb == ALL else self.limb_threshold


@dataclass(frozen=True, eq=False)
class _Levels:
    """Body (N,) and limbs (N, L): 0 where nothing is wrong, NaN where nothing is known."""

    body: Floats
    limbs: Floats

    def of(self, limb: str) -> Floats:
        return self.body if limb == ALL else self.limbs[:, LIMBS.index(limb)]


def timing_faults(evidence: Evidence, frames: Frames) -> list[Fault]:
    """Late and early; amounts in seconds."""
    levels = _bridged(_Levels(evidence.lag_s, evidence.limb_lag_s), frames)
    kinds = [_timing_kind(name, sign, frames.config) for name, sign in _LATE_AND_EARLY]
    return [fault for kind in kinds for fault in _faults(kind, levels, levels, evidence, frames)]


def size_faults(evidence: Evidence, frames: Frames) -> list[Fault]:
    """Too small and too big; amounts are ratios. The curves are logarithms: half is as wrong as double."""
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.log(np.where(evidence.size_ratio > 0, evidence.size_ratio, np.nan))
    levels = _bridged(_Levels(_mean_over_limbs(logs, evidence), logs), frames)
    ratios = _Levels(np.exp(levels.body), np.exp(levels.limbs))
    config = frames.config
    kinds = (
        _size_kind("too_small", -1.0, config.small_ratio, config.limb_small_ratio, config),
        _size_kind("too_big", 1.0, config.big_ratio, config.limb_big_ratio, config),
    )
    return [fault for kind in kinds for fault in _faults(kind, levels, ratios, evidence, frames)]


_LATE_AND_EARLY: tuple[tuple[FindingKind, float], ...] = (("late", 1.0), ("early", -1.0))


def _timing_kind(name: FindingKind, sign: float, config: ReasonsConfig) -> _Kind:
    return _Kind(
        name,
        sign,
        LIMBS,
        config.least_lag_s,
        config.least_limb_lag_s,
        config.least_lag_run_s,
        config.zero_lag_s,
        config.timing_points,
    )


def _size_kind(name: FindingKind, sign: float, ratio: float, limb_ratio: float, config: ReasonsConfig) -> _Kind:
    """Trunk and head move too little for a size of their own."""
    return _Kind(
        name,
        sign,
        tuple(limb for limb in LIMBS if limb.endswith(("_arm", "_leg"))),
        abs(float(np.log(ratio))),
        abs(float(np.log(limb_ratio))),
        config.least_size_run_s,
        config.zero_size_log,
        config.size_points,
    )


def _faults(kind: _Kind, levels: _Levels, amounts: _Levels, evidence: Evidence, frames: Frames) -> list[Fault]:
    whole = [
        fault
        for fault in _limb_faults(kind, ALL, levels.body, amounts, evidence, frames)
        if _is_shared(kind.sign * levels.limbs, fault.stretch, evidence, 0.5 * kind.body_threshold, frames.config)
    ]
    limbs = [
        fault
        for limb in kind.limbs
        for fault in _limb_faults(kind, limb, _beyond_body(limb, levels, whole), amounts, evidence, frames)
    ]
    return whole + limbs


def _limb_faults(
    kind: _Kind, limb: str, level: Floats, amounts: _Levels, evidence: Evidence, frames: Frames
) -> list[Fault]:
    curve = kind.sign * level
    threshold = kind.threshold(limb)
    gap = frames.of(frames.config.merge_gap_s)
    found = stretches_above(curve, threshold, gap, frames.of(kind.least_s))
    edge = frames.config.level_edge_share * threshold
    edged = grown(found, curve, edge, frames.config.dip_s * frames.rate_hz * threshold, gap)
    lost = np.clip(curve / kind.zero, 0.0, 1.0)
    return [
        Fault(
            kind.name,
            limb,
            stretch,
            curve,
            max(stretch_mean(curve, evidence, limb, stretch) / threshold - 1.0, 0.0),
            stretch_mean(amounts.of(limb), evidence, limb, stretch),
            kind.points * lost_share(lost, evidence, limb, stretch),
        )
        for stretch in throughout(edged, curve, frames.config)
    ]


def _is_shared(limbs: Floats, stretch: Stretch, evidence: Evidence, least: float, config: ReasonsConfig) -> bool:
    """Whether most of the body, by weight and of what is told, has this fault."""
    rows = slice(*stretch)
    weights = np.stack([limb_weights(evidence, limb)[rows] for limb in LIMBS], axis=1) * np.isfinite(limbs[rows])
    with np.errstate(invalid="ignore"):
        sharing = float(weights[limbs[rows] > least].sum())
    # Where no limb speaks for itself the body's own word stands.
    return not weights.sum() > 0 or sharing >= config.all_share * float(weights.sum())


def _beyond_body(limb: str, levels: _Levels, whole: list[Fault]) -> Floats:
    """What a limb adds to what is told of the whole body anyway."""
    own = levels.of(limb).copy()
    for fault in whole:
        rows = slice(*fault.stretch)
        own[rows] -= np.nan_to_num(levels.body[rows])
    return own


def _mean_over_limbs(logs: Floats, evidence: Evidence) -> Floats:
    weights = np.stack([limb_weights(evidence, limb) for limb in LIMBS], axis=1) * np.isfinite(logs)
    total, summed = weights.sum(axis=1), (np.nan_to_num(logs) * weights).sum(axis=1)
    return np.asarray(np.divide(summed, total, out=np.full(len(total), np.nan), where=total > 0))


def _bridged(levels: _Levels, frames: Frames) -> _Levels:
    gap = frames.of(frames.config.silent_gap_s)
    limbs = np.stack([bridged(limb, gap) for limb in levels.limbs.T], axis=1)
    return _Levels(bridged(levels.body, gap), limbs)
