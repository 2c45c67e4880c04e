"""Learners whose faults are known: a dance, danced by another body before another camera, read as the pose engine reads.

Everything random follows from `seed`. The guide is a learner without faults.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from inference.pose.track import PoseTrack
from ml_training.rendering.camera import Camera
from ml_training.rendering.motion import Motion
from tests.bench.engine_errors import Truth, as_read
from tests.bench.figures import AVERAGE, Build, a_camera, from_hips, height_px, in_picture, joints_m
from tests.bench.motion_edits import WrongLimb, mirrored, smaller, with_late_limb, with_wrong_limb

Floats = NDArray[np.float64]

FRONT = a_camera()
WOBBLE_S = 2.0
"""The time over which a learner's tempo wanders off and comes back."""


def learner(
    dance: Motion,
    *,
    body: Build = AVERAGE,
    camera: Camera = FRONT,
    fps: float = 30.0,
    noise: float = 1.0,
    mirrored_dance: bool = False,
    late_s: float = 0.0,
    late_limb: tuple[str, float] | None = None,
    size: float = 1.0,
    tempo_wobble_s: float = 0.0,
    wrong_limb: WrongLimb | None = None,
    start_offset_s: float = 0.0,
    cut: tuple[float, float] | None = None,
    seed: int = 0,
) -> PoseTrack:
    """One take of a dance.

    Parameters
    ----------
    dance : Motion
    body, camera, fps :
        Who dances, and who films how.
    noise : float
        How many times the pose engine's own errors; 0 gives the truth.
    mirrored_dance : bool
        Left and right exchanged in the movement. Limbs of faults are named as in the dance.
    late_s : float
        How late every movement comes.
    late_limb : (limb, seconds), optional
        One limb late by itself.
    size : float
        How far everything goes; 1 is as far as the dance.
    tempo_wobble_s : float
        Standard deviation of the lateness that comes and goes.
    wrong_limb : WrongLimb, optional
        A limb that dances something else for a while.
    start_offset_s : float
        How long the clip runs before the dance (or before `cut`) begins; the dancer waits in the first pose. Negative:
        the clip begins after it.
    cut : (from, to), optional
        The clip shows these seconds of the dance only.

    Returns
    -------
    PoseTrack
        `t_s` from 0. The time 0 of the dance lies at `start_offset_s - cut[0]` of the clip.
    """
    danced = dance if size == 1.0 else smaller(dance, size)
    danced = with_late_limb(danced, *late_limb) if late_limb else danced
    danced = with_wrong_limb(danced, wrong_limb) if wrong_limb else danced
    danced = mirrored(danced) if mirrored_dance else danced
    from_s, to_s = cut or (float(dance.t_s[0]), float(dance.t_s[-1]))
    t_s = np.arange(int((to_s - from_s + start_offset_s) * fps + 1e-6) + 1) / fps
    dance_s = t_s + from_s - start_offset_s
    lateness_s = late_s + tempo_wobble_s * _slow_course(dance, np.random.default_rng(seed), dance_s)
    return _filmed(danced.at(dance_s - lateness_s).at_clock(t_s), body, camera, noise, seed)


def _filmed(motion: Motion, body: Build, camera: Camera, noise: float, seed: int) -> PoseTrack:
    world_m = joints_m(body, motion)
    truth = Truth(motion.t_s, in_picture(camera, world_m), from_hips(camera, world_m), height_px(camera, body, world_m))
    read = as_read(truth, noise, seed)
    return PoseTrack(
        t_s=motion.t_s,
        xy_px=read.xy_px.astype(np.float32),
        conf=read.conf.astype(np.float32),
        size_px=camera.size_px,
        model="made-up",
        xyz_m=read.xyz_m.astype(np.float32),
    )


def _slow_course(dance: Motion, rng: np.random.Generator, at_s: Floats) -> Floats:
    """A course of standard deviation 1 over the dance."""
    rate_hz = 10.0
    grid_s = np.arange(dance.t_s[0] - 5.0, dance.t_s[-1] + 5.0, 1 / rate_hz)
    course = gaussian_filter1d(rng.standard_normal(len(grid_s)), WOBBLE_S * rate_hz, mode="wrap")
    return np.interp(at_s, grid_s, course / course.std())
