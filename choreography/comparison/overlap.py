"""Which part of the overlap of guide and attempt is to be judged, where the attempt loops.

A learner who dances the chorus twice in one clip has it once where the guide has it too, and once over whatever the
guide does before or after. That second time is no wrong dance: the same frames match the guide elsewhere. Such ends
are left out. An end that matches the guide nowhere stays in and is judged.
"""

import numpy as np
from scipy.ndimage import uniform_filter1d

from choreography.comparison.alignment import Alignment
from choreography.comparison.config import ScoringConfig
from choreography.comparison.normalise import TIME_TOLERANCE_S, WEIGHTS, Bools, Floats, Movement, Sampler

_NO_MOVEMENT = 1e-6


def judged_rows(t_s: Floats, shown: Sampler, danced: Sampler, alignment: Alignment, config: ScoringConfig) -> Bools:
    """(N,) True for the guide's times that the attempt covers and that are not another round of a looped part."""
    danced_s = t_s + alignment.offset_s
    first_s, last_s = danced.span_s
    within = (danced_s >= first_s - TIME_TOLERANCE_S) & (danced_s <= last_s + TIME_TOLERANCE_S)
    others = [
        found.offset_s
        for found in alignment.candidates
        if abs(found.offset_s - alignment.offset_s) >= config.min_loop_s
    ]
    if not others or within.sum() < 2 * config.min_loop_s * config.rate_hz:
        return np.asarray(within)
    rows = np.flatnonzero(within)
    attempt = _as_shown(danced.at(danced_s[rows]), alignment)
    here = local_match(shown.at(t_s[rows]), attempt, config)
    matches = [local_match(shown.at(danced_s[rows] - other_s), attempt, config) for other_s in others]
    elsewhere = np.asarray(np.max(matches, axis=0), dtype=np.float64)
    keep = _without_ends(here, elsewhere, config)
    judged = np.zeros(len(t_s), dtype=bool)
    judged[rows[keep]] = True
    return judged


def local_match(shown: Movement, danced: Movement, config: ScoringConfig) -> Floats:
    """(N,) correlation of the vectors about their means in the window around each row; 0 where nothing is seen."""
    weights = np.where(shown.seen & danced.seen, WEIGHTS, 0.0)[..., None]
    width = max(3, round(config.loop_window_s * config.rate_hz))

    def mean(values: Floats) -> Floats:
        return np.asarray(uniform_filter1d(values, width, axis=0, mode="nearest"))

    count = np.maximum(mean(weights), 1e-9)
    shown_mean, danced_mean = mean(weights * shown.vectors) / count, mean(weights * danced.vectors) / count
    shared = mean(weights * shown.vectors * danced.vectors) - count * shown_mean * danced_mean
    of_shown = mean(weights * shown.vectors**2) - count * shown_mean**2
    of_danced = mean(weights * danced.vectors**2) - count * danced_mean**2
    scale = np.sqrt(np.maximum(of_shown.sum(axis=(1, 2)), 0.0) * np.maximum(of_danced.sum(axis=(1, 2)), 0.0))
    return np.divide(shared.sum(axis=(1, 2)), scale, out=np.zeros(len(scale)), where=scale > _NO_MOVEMENT)


def _as_shown(danced: Movement, alignment: Alignment) -> Movement:
    return danced.mirrored() if alignment.mirrored else danced


def _without_ends(here: Floats, elsewhere: Floats, config: ScoringConfig) -> Bools:
    """(N,) True but for the ends that fit elsewhere clearly better: the ends over which the gain adds up to the most."""
    keep = np.ones(len(here), dtype=bool)
    least = round(config.min_loop_s * config.rate_hz)
    for order in (slice(None), slice(None, None, -1)):
        gain = np.cumsum(elsewhere[order] - here[order] - config.loop_lead)
        length = int(np.argmax(gain)) + 1
        if gain.max() > 0 and length >= least and here[order][:length].mean() < config.loop_here_match:
            # What lies within reach of the window's blur belongs to neither round.
            keep[order][: length + round(config.loop_window_s * config.rate_hz / 3)] = False
    return keep if keep.any() else np.ones_like(keep)
