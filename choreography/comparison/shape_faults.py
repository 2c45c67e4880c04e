"""Faults of shape: directions that stand out, and limbs that do not move where the guide's do.

Nobody dances every direction as the guide does: bodies, cameras and estimators differ, and some limbs differ more than
others throughout. An error is a fault only if it is large in itself and stands above what is typical of this limb in
this take.
"""

import numpy as np
from numpy.typing import NDArray

from choreography.comparison.evidence import Evidence
from choreography.comparison.faults import (
    ALL,
    Fault,
    Floats,
    Frames,
    limb_error_deg,
    limb_weights,
    lost_share,
    stretch_mean,
    throughout,
)
from choreography.comparison.normalise import IN_LIMB, LIMBS, WEIGHTS
from choreography.comparison.reasons_config import ReasonsConfig
from choreography.comparison.stretches import (
    Stretch,
    eased,
    merged,
    overlap,
    stretches_above,
    typical,
    window_sum,
    with_edges,
)


def shape_faults(evidence: Evidence, frames: Frames) -> list[Fault]:
    """Directions that were wrong: of a limb, or of the whole body where most limbs were wrong at once."""
    faults = [fault for limb in LIMBS for fault in _limb_faults(evidence, limb, frames)]
    return _with_whole_body(_without_followers(faults, frames.config), evidence, frames.config)


def still_faults(evidence: Evidence, frames: Frames) -> list[Fault]:
    """Stretches in which the guide moves a limb a lot and the dancer hardly."""
    return [
        Fault("still", limb, stretch, curve, 1.0, 0.0, _still_cost(evidence, limb, stretch, frames.config))
        for limb in LIMBS
        for stretch, curve in _still_stretches(evidence, limb, frames)
    ]


def _limb_faults(evidence: Evidence, limb: str, frames: Frames) -> list[Fault]:
    """Found where the error of a second is large, its edges where that of a moment rises."""
    config = frames.config
    gap = frames.of(config.merge_gap_s)
    slow, quick = (_eased_error_deg(evidence, limb, ease_s, frames) for ease_s in (config.ease_s, config.edge_ease_s))
    usual, spread = typical(slow)
    least_deg = config.least_deg(limb)
    wanted_deg = usual + config.spreads_above_typical * spread
    threshold = float(np.clip(wanted_deg, least_deg, config.most_over_least * least_deg))
    base = min(usual, least_deg)
    found = with_edges(stretches_above(slow, threshold, gap, 1), quick, base, config.edge_share, gap)
    lasting = [(first, last) for first, last in found if last - first >= frames.of(config.least_shape_s)]
    lost = np.clip((slow - base) / (_chance_deg(evidence, limb, base, config) - base), 0.0, 1.0)
    return [
        Fault(
            "shape",
            limb,
            stretch,
            slow,
            max(float(np.nanmax(slow[slice(*stretch)])) / threshold - 1.0, 0.0),
            stretch_mean(slow, evidence, limb, stretch),
            config.shape_points * lost_share(lost, evidence, limb, stretch),
        )
        for stretch in throughout(lasting, slow, config)
    ]


def _eased_error_deg(evidence: Evidence, limb: str, ease_s: float, frames: Frames) -> Floats:
    least_weight = frames.config.least_weight_share * float(WEIGHTS[IN_LIMB[limb]].sum())
    error_deg, weights = limb_error_deg(evidence, limb), limb_weights(evidence, limb)
    return eased(error_deg, weights, frames.window(ease_s), least_weight)


def _chance_deg(evidence: Evidence, limb: str, base: float, config: ReasonsConfig) -> float:
    chance = float(evidence.chance_deg[LIMBS.index(limb)])
    return chance if np.isfinite(chance) and chance > base else config.usual_chance_deg


def _without_followers(faults: list[Fault], config: ReasonsConfig) -> list[Fault]:
    """Without limbs that stand out only a little beside a limb that does so clearly: a wrong arm pulls the trunk."""
    return [
        fault
        for fault in faults
        if not any(
            fault.height < config.neighbour_share * other.height
            and fault.amount < config.neighbour_share * other.amount
            and overlap(fault.stretch, other.stretch) >= config.overlap_share
            for other in faults
        )
    ]


def _with_whole_body(faults: list[Fault], evidence: Evidence, config: ReasonsConfig) -> list[Fault]:
    """Faults of most of the body at one moment become one fault of all of it; the others stay as they are."""
    left = sorted(faults, key=lambda fault: (-fault.cost, fault.stretch, fault.limb))
    told: list[Fault] = []
    while left:
        seed = left[0]
        group = [fault for fault in left if overlap(fault.stretch, seed.stretch) >= config.overlap_share]
        if len({fault.limb for fault in group}) >= 3 and _weight_share(group, evidence) >= config.all_share:
            told.append(_as_one(group))
            left = [fault for fault in left if fault not in group]
        else:
            told.append(seed)
            left = left[1:]
    return told


def _as_one(group: list[Fault]) -> Fault:
    start, end = (round(float(np.median([fault.stretch[side] for fault in group]))) for side in (0, 1))
    amount = float(np.mean([fault.amount for fault in group]))
    height = max(fault.height for fault in group)
    return Fault(group[0].kind, ALL, (start, end), group[0].curve, height, amount, sum(fault.cost for fault in group))


def _weight_share(group: list[Fault], evidence: Evidence) -> float:
    rows = slice(*group[0].stretch)
    whole = float(evidence.weights[rows].sum())
    limbs = {fault.limb for fault in group}
    return sum(float(limb_weights(evidence, limb)[rows].sum()) for limb in limbs) / whole if whole > 0 else 0.0


def _still_stretches(evidence: Evidence, limb: str, frames: Frames) -> list[tuple[Stretch, Floats]]:
    """Each with how much the guide moves there."""
    config, which = frames.config, IN_LIMB[limb]
    seen = evidence.weights[:, which] > 0
    width = frames.window(config.still_window_s)
    shown = _movement(evidence.shown[:, which], seen, WEIGHTS[which], width)
    danced = _movement(evidence.danced[:, which], seen, WEIGHTS[which], width)
    with np.errstate(invalid="ignore"):
        still = (shown >= config.still_guide_movement) & (danced < config.still_share * shown)
    # A window that is still as a whole ends half its width before the stillness does.
    reach = width // 2
    least = max(frames.of(config.least_still_s) - 2 * reach, 1)
    found = stretches_above(still.astype(np.float64), 0.5, frames.of(config.merge_gap_s), least)
    wide = merged([(max(first - reach, 0), min(last + reach, len(still))) for first, last in found], 0)
    return [(stretch, shown) for stretch in wide]


def _still_cost(evidence: Evidence, limb: str, stretch: Stretch, config: ReasonsConfig) -> float:
    lost = np.clip(limb_error_deg(evidence, limb) / _chance_deg(evidence, limb, 0.0, config), 0.0, 1.0)
    return config.shape_points * lost_share(lost, evidence, limb, stretch)


def _movement(vectors: Floats, seen: NDArray[np.bool_], weights: Floats, width: int) -> Floats:
    """(N,) root mean square distance of the limb's vectors from their mean in the window; NaN unless mostly seen."""
    masked = np.where(seen[..., None], vectors, 0.0)
    count = window_sum(seen.astype(np.float64), width)
    mean = window_sum(masked, width) / np.maximum(count, 1.0)[..., None]
    square = window_sum((masked**2).sum(axis=-1), width) / np.maximum(count, 1.0) - (mean**2).sum(axis=-1)
    told = np.where(count >= 0.7 * width, weights, 0.0)
    total, summed = told.sum(axis=1), (np.maximum(square, 0.0) * told).sum(axis=1)
    return np.asarray(np.sqrt(np.divide(summed, total, where=total > 0, out=np.full(len(total), np.nan))))
