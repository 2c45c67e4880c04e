"""Faults of shape: directions that stand out, and limbs that do not move where the guide's do.

Nobody dances every direction as the guide does: bodies, cameras and estimators differ, and some limbs differ more than
others throughout. An error is a fault only if it is large in itself and stands above what is typical of this limb in
this take. A difference that stays for long is the body's, the camera's or a habit: errors are therefore looked for
twice, as they are, and with the steady difference of the surrounding seconds taken off, when smaller ones stand out.
"""

import numpy as np

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
from choreography.comparison.normalise import IN_LIMB, LIMBS, SEGMENTS, WEIGHTS, Bools
from choreography.comparison.reasons_config import ReasonsConfig
from choreography.comparison.stretches import (
    Stretch,
    at_half_height,
    eased,
    grown,
    merged,
    overlap,
    stretches_above,
    typical,
    window_sum,
)


def shape_faults(evidence: Evidence, frames: Frames) -> list[Fault]:
    """Directions that were wrong: of a limb, or of the whole body where most limbs were wrong at once."""
    config = frames.config
    passing_deg = passing_error_deg(evidence, frames.window(config.steady_s), config.usual_apart)
    faults = [fault for limb in LIMBS for fault in _limb_faults(evidence, passing_deg, limb, frames)]
    return _with_whole_body(_without_followers(faults, config), evidence, config)


def still_faults(evidence: Evidence, frames: Frames) -> list[Fault]:
    """Stretches in which the guide moves a limb a lot and the dancer hardly."""
    return [
        Fault("still", limb, stretch, curve, 1.0, 0.0, _still_cost(evidence, limb, stretch, frames.config))
        for limb in LIMBS
        for stretch, curve in _still_stretches(evidence, limb, frames)
    ]


def passing_error_deg(evidence: Evidence, width: int, usual_apart: float) -> Floats:
    """(N, S) error as `Evidence.error_deg`, of vectors whose steady difference over `width` frames (odd) is taken off.

    The steady difference is a mean in which moments that stray from the segment's median difference by more than
    `usual_apart` hardly count (Geman and McClure's weights), so that a fault does not become steady by itself.
    """
    apart = evidence.shown - evidence.danced
    strays = np.linalg.norm(apart - _median_where(apart, evidence.weights > 0), axis=-1)
    weights = (evidence.weights / (1.0 + (strays / usual_apart) ** 2) ** 2)[..., None]
    steady = window_sum(apart * weights, width) / np.maximum(window_sum(weights, width), 1e-9)
    chord = np.linalg.norm(apart - steady, axis=-1)
    return np.asarray(2.0 * np.degrees(np.arcsin(np.clip(chord / 2.0, 0.0, 1.0))))


def _median_where(vectors: Floats, seen: Bools) -> Floats:
    """(S, 2) medians over the frames in which a segment is seen; 0 where it never is."""
    medians = np.zeros(vectors.shape[1:])
    for index in np.flatnonzero(seen.any(axis=0)):
        medians[index] = np.median(vectors[seen[:, index], index], axis=0)
    return medians


def _limb_faults(evidence: Evidence, passing_deg: Floats, limb: str, frames: Frames) -> list[Fault]:
    """A limb is wrong where it is off as a whole or where one of its long segments is."""
    config, whole = frames.config, IN_LIMB[limb]
    raw = _View(evidence.error_deg, evidence.weights, whole, config.least_deg(limb), frames)
    passing = [
        _View(passing_deg, evidence.weights, columns, least_deg, frames)
        for columns, least_deg in _passing_views(limb, config)
    ]
    found = merged([stretch for view in (raw, *passing) for stretch in view.stretches()], frames.of(config.merge_gap_s))
    lasting = [(first, last) for first, last in found if last - first >= frames.of(config.least_shape_s)]
    lost = np.clip((raw.slow - raw.base) / (_chance_deg(evidence, limb, raw.base, config) - raw.base), 0.0, 1.0)
    return [
        Fault(
            "shape",
            limb,
            stretch,
            raw.slow,
            max(view.height(stretch) for view in (raw, *passing)),
            stretch_mean(raw.slow, evidence, limb, stretch),
            config.shape_points * lost_share(lost, evidence, limb, stretch),
        )
        for stretch in throughout(lasting, raw.slow, config)
    ]


def _passing_views(limb: str, config: ReasonsConfig) -> list[tuple[Bools, float]]:
    """The segments to look at together, and the least passing error that is a finding: all of them, and each alone."""
    alone = [
        (np.arange(len(SEGMENTS)) == index, least_deg)
        for index, segment in enumerate(SEGMENTS)
        if segment.limb == limb and (least_deg := config.least_alone_deg(segment.end[0])) is not None
    ]
    return [(IN_LIMB[limb], config.least_passing_deg(limb)), *alone]


class _View:
    """The error of some segments together over time: found where that of a second is large, its edges where that of a
    moment rises."""

    def __init__(
        self, errors_deg: Floats, segment_weights: Floats, columns: Bools, least_deg: float, frames: Frames
    ) -> None:
        config = self._config = frames.config
        self._frames = frames
        weights = segment_weights[:, columns]
        error_deg = (errors_deg[:, columns] * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9)
        least_weight = config.least_weight_share * float(WEIGHTS[columns].sum())
        self.slow, self._quick = (
            eased(error_deg, weights.sum(axis=1), frames.window(ease_s), least_weight)
            for ease_s in (config.ease_s, config.edge_ease_s)
        )
        usual, spread = typical(self.slow)
        wanted_deg = usual + config.spreads_above_typical * spread
        self.threshold = float(np.clip(wanted_deg, least_deg, config.most_over_least * least_deg))
        self.base = min(usual, least_deg)
        least_edge, most_edge = (share * self.threshold for share in config.edge_shares)
        self._edge = float(np.clip(usual + config.edge_spreads * spread, least_edge, most_edge))

    def stretches(self) -> list[Stretch]:
        config, frames = self._config, self._frames
        gap = frames.of(config.merge_gap_s)
        drop = config.dip_s * frames.rate_hz * self.threshold
        found = grown(stretches_above(self.slow, self.threshold, gap, 1), self._quick, self._edge, drop, gap)
        return at_half_height(found, self._quick, self.base, frames.window(config.edge_ease_s) // 2)

    def height(self, stretch: Stretch) -> float:
        inside = self.slow[slice(*stretch)]
        known = inside[np.isfinite(inside)]
        return max(float(known.max()) / self.threshold - 1.0, 0.0) if len(known) else 0.0


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
    least_deg = config.still_error_share * config.least_deg(limb)
    error_deg = limb_error_deg(evidence, limb)
    return [(each, shown) for each in wide if stretch_mean(error_deg, evidence, limb, each) >= least_deg]


def _still_cost(evidence: Evidence, limb: str, stretch: Stretch, config: ReasonsConfig) -> float:
    lost = np.clip(limb_error_deg(evidence, limb) / _chance_deg(evidence, limb, 0.0, config), 0.0, 1.0)
    return config.shape_points * lost_share(lost, evidence, limb, stretch)


def _movement(vectors: Floats, seen: Bools, weights: Floats, width: int) -> Floats:
    """(N,) root mean square distance of the limb's vectors from their mean in the window; NaN unless mostly seen."""
    masked = np.where(seen[..., None], vectors, 0.0)
    count = window_sum(seen.astype(np.float64), width)
    mean = window_sum(masked, width) / np.maximum(count, 1.0)[..., None]
    square = window_sum((masked**2).sum(axis=-1), width) / np.maximum(count, 1.0) - (mean**2).sum(axis=-1)
    told = np.where(count >= 0.7 * width, weights, 0.0)
    total, summed = told.sum(axis=1), (np.maximum(square, 0.0) * told).sum(axis=1)
    return np.asarray(np.sqrt(np.divide(summed, total, where=total > 0, out=np.full(len(total), np.nan))))
