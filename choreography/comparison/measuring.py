"""From an alignment to evidence: the attempt mirrored, turned and read at its lag, and everything measured on the pair."""

from dataclasses import dataclass

import numpy as np

from choreography.comparison import extent, metrics, timing
from choreography.comparison.alignment import Alignment
from choreography.comparison.config import ScoringConfig
from choreography.comparison.evidence import Evidence
from choreography.comparison.normalise import Floats, Movement, Sampler
from choreography.comparison.turn import Turn, find_turn, turned, wandering_yaw_deg


@dataclass(frozen=True, eq=False)
class Measured:
    """Both movements at the same moments, the attempt turned, mirrored and read at its lag, and what was found.

    `latency_s`: what of a constant lag is the device's, None where nothing was heard; `offset_s` is where lags are
    counted from; `build_difference` is `metrics.build_difference` of the two bodies.
    """

    guide: Movement
    attempt: Movement
    evidence: Evidence
    turn: Turn
    latency_s: float | None
    offset_s: float
    build_difference: float


def measure(
    shown: Movement, guide_build: Floats, danced: Sampler, alignment: Alignment, config: ScoringConfig
) -> Measured:
    """Everything that can be measured on `shown` (the guide's judged rows) and the attempt behind `danced`."""
    pad = timing.padding(config.timing, config.rate_hz)
    first = danced.at(shown.t_s + alignment.best_offset_s)
    first = first.mirrored() if alignment.mirrored else first
    turn = find_turn(shown, first, config)
    yaw_deg = wandering_yaw_deg(shown, first, turn, config)
    padded = _padded(shown.t_s, danced, alignment, pad, config)
    padded = turned(padded, turn, config, np.pad(yaw_deg, pad, mode="edge"))
    lags = timing.measure_lags(shown, padded, config.timing, config.rate_hz)
    in_step = timing.shifted(padded, lags.lag_s, pad, config.rate_hz)
    latency_s, zero_s = _zero(lags.lag_s, alignment, config)
    weights = metrics.shown_weights(shown, config)
    chance_deg = metrics.chance_error_deg(shown, in_step, weights, config)
    evidence = Evidence(
        t_s=shown.t_s,
        shown=shown.vectors,
        danced=in_step.vectors,
        weights=np.where(in_step.seen, weights, 0.0),
        shown_weights=weights,
        error_deg=metrics.direction_error_deg(shown, in_step),
        lag_s=lags.lag_s - zero_s,
        limb_lag_s=lags.limb_lag_s - zero_s,
        size_ratio=extent.size_ratio(shown, in_step, config.extent, config.rate_hz)[0],
        energy_ratio=extent.energy_ratio(shown, in_step, config.extent, config.rate_hz)[0],
        chance_deg=chance_deg[1:],
        body_chance_deg=float(chance_deg[0]),
    )
    unlike = metrics.build_difference(guide_build, danced.build)
    return Measured(shown, in_step, evidence, turn, latency_s, alignment.offset_s + zero_s, unlike)


def _padded(t_s: Floats, danced: Sampler, alignment: Alignment, pad: int, config: ScoringConfig) -> Movement:
    """The attempt at the guide's times and so much before and after them as a lag may reach."""
    steps = np.arange(-pad, len(t_s) + pad) / config.rate_hz
    movement = danced.at(t_s[0] + steps + alignment.offset_s)
    return movement.mirrored() if alignment.mirrored else movement


def _zero(lag_s: Floats, alignment: Alignment, config: ScoringConfig) -> tuple[float | None, float]:
    """What of a constant lag is not the dancer's: the device's share where the start was heard or told by a browser's
    clock, and the zero of lags.

    Where the movement alone told the start, a constant lag and a start that lies elsewhere are the same thing.
    """
    known = lag_s[np.isfinite(lag_s)]
    constant_s = float(np.median(known)) if len(known) else 0.0
    if alignment.source == "movement":
        return None, constant_s
    if alignment.source in ("sound", "both", "live"):
        latency_s = float(np.clip(constant_s, -config.device_latency_s, config.device_latency_s))
        return latency_s, latency_s
    return None, 0.0
