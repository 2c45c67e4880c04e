"""What smoothing does to readings whose truth is known: error, lateness and jitter."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.pose.smoothing import OneEuroConfig, one_euro, smooth_positions
from ml_training.rendering.body import Body
from ml_training.rendering.camera import Camera
from ml_training.rendering.motion import read_motion
from ml_training.rendering.posing import pose
from tests.bench.accuracy_dancers import FPS, SHARED_MOTION
from tests.bench.accuracy_metrics import DIRECT_JOINTS, lag_ms

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Smoother = Callable[[Floats, Floats, Floats], Floats]

_LEAST_SEEN = 0.8
_CALM_PER_S, _QUICK_PER_S = 0.1, 1.2
"""Speeds in body heights a second below which a joint is held, above which it is quick."""


def _causal(t_s: Floats, values: Floats, scale: Floats) -> Floats:
    return one_euro(t_s, values, scale, OneEuroConfig())


def _both_ways(t_s: Floats, values: Floats, scale: Floats) -> Floats:
    backward = one_euro(-t_s[::-1], values[::-1], scale[::-1], OneEuroConfig())[::-1]
    return (_causal(t_s, values, scale) + backward) / 2


SMOOTHERS: dict[str, Smoother] = {
    "none": lambda t_s, values, scale: values,
    "one-euro, causal": _causal,
    "one-euro, both ways": _both_ways,
    "spline (ours)": smooth_positions,
}


@dataclass(frozen=True, eq=False)
class Case:
    """Readings of the 23 direct joints (T, 23, 2) in pixels, the region's side (T,) and the truth about them."""

    t_s: Floats
    read_px: Floats
    side_px: Floats
    true_px: Floats
    height_px: Floats
    seen: Mask


def measure(cases: list[Case], smoother: Smoother) -> dict[str, float]:
    """Over all joints that can be seen; lengths in percent of the body's height.

    error: distance to the truth. movement: the same after each joint's constant offset in a clip is taken away, which no
    smoothing can mend. held, quick: movement error of joints that are held and of quick ones. late_ms: the median over
    joints, and the mean of its absolute value. jitter: length of the second difference of the error, all and held.
    """
    rows: dict[str, list[Floats]] = {
        name: [] for name in ("error", "px", "movement", "held", "quick", "jitter", "held_jitter")
    }
    lags = []
    for case in cases:
        smooth = smoother(case.t_s, case.read_px, case.side_px)
        apart = (smooth - case.true_px) / case.height_px[:, None, None]
        speed = np.linalg.norm(np.gradient(case.true_px, case.t_s, axis=0), axis=2) / case.height_px[:, None]
        often = np.maximum(case.seen.sum(axis=0), 1)[:, None]
        offset = np.where(case.seen[..., None], apart, 0.0).sum(axis=0) / often
        moved = np.linalg.norm(apart - offset, axis=2)
        jitter, inner = np.linalg.norm(np.diff(apart, 2, axis=0), axis=2), case.seen[1:-1]
        rows["error"].append(np.linalg.norm(apart, axis=2)[case.seen])
        rows["px"].append((np.linalg.norm(apart, axis=2) * case.height_px[:, None])[case.seen])
        rows["movement"].append(moved[case.seen])
        rows["held"].append(moved[case.seen & (speed < _CALM_PER_S)])
        rows["quick"].append(moved[case.seen & (speed > _QUICK_PER_S)])
        rows["jitter"].append(jitter[inner])
        rows["held_jitter"].append(jitter[inner & (speed[1:-1] < _CALM_PER_S)])
        lags += [
            lag_ms(smooth[:, joint], case.true_px[:, joint], FPS)
            for joint in np.flatnonzero(case.seen.mean(axis=0) > _LEAST_SEEN)
        ]
    means = {
        name: float(np.mean(np.concatenate(values))) * (1 if name == "px" else 100) for name, values in rows.items()
    }
    return {**means, "late_ms": float(np.nanmedian(lags)), "late_abs_ms": float(np.nanmean(np.abs(lags)))}


def captured_cases(body: Body, read: list[Case], seconds: float = 6.0) -> list[Case]:
    """Motion capture seen by a camera, with the errors that the engine made on the rendered dancers (`read`) put on it:
    whole stretches of them, so that they hang together in time as they really do. Empty without the files."""
    rng = np.random.default_rng(0)
    camera = Camera()
    residues = [(case.read_px - case.true_px) / case.height_px[:, None, None] for case in read]
    cases = []
    for path in sorted(SHARED_MOTION.glob("*.bvh")):
        whole = read_motion(path)
        t_s = np.arange(min(round(seconds * FPS), int(whole.t_s[-1] * FPS))) / FPS
        posed = pose(body, whole.at(t_s))
        true_px = camera.project(posed.joints_m[:, DIRECT_JOINTS])[0]
        height_px = np.full(len(t_s), camera.focal_px * body.height_m / camera.distance_m)
        noise = residues[int(rng.integers(len(residues)))]
        noise = np.concatenate([noise, noise[::-1]])
        noise = np.concatenate([noise] * (1 + len(t_s) // len(noise)))[: len(t_s)]
        read_px = true_px + noise * height_px[:, None, None]
        cases.append(Case(t_s, read_px, 1.6 * height_px, true_px, height_px, np.ones(true_px.shape[:2], bool)))
    return cases
