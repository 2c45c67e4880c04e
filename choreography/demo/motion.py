"""From a routine to a PoseTrack: what a camera would see if this dancer danced it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import gaussian_filter1d

from choreography.demo.body import SIDES, DancerBody, Floats, joints_xyz_m
from choreography.demo.camera import Camera, keypoints_m, keypoints_px
from choreography.demo.keys import NEUTRAL, Key, curve, steps, to_the_other_side
from choreography.demo.routine import Routine
from inference.pose.skeleton import SKELETON
from inference.pose.track import PoseTrack

FPS = 30
MODEL = "authored"
CONF_SEEN, CONF_DERIVED, CONF_LITTLE_TOE = 0.95, 0.90, 0.475
_ARM_BONES = tuple(f"{side}_{bone}" for side in SIDES for bone in ("upper", "fore"))
_DEFAULT_CAMERA = Camera()
_DEFAULT_BODY = DancerBody()


@dataclass(frozen=True)
class Forgotten:
    """A limb that stays where it was from one count of an eight to another (both included, eights from 1).

    `limb` is "left_arm", "right_arm", "arms", "legs" or "all", as the guide has them.
    """

    limb: str
    eight: int
    first_count: float = 1.0
    last_count: float = 8.9


def perform(
    routine: Routine,
    dancer: DancerBody = _DEFAULT_BODY,
    *,
    camera: Camera = _DEFAULT_CAMERA,
    delay_s: float = 0.0,
    mirrored: bool = False,
    sloppiness: float = 0.0,
    forgotten: tuple[Forgotten, ...] = (),
    seed: int = 0,
) -> PoseTrack:
    """Dance a routine in front of a camera.

    Parameters
    ----------
    routine : Routine
    dancer : DancerBody
        Another body dances the same counts: arms by direction, feet on the same spots.
    camera : Camera
    delay_s : float
        How late every movement comes, in seconds; the clip itself starts with the guide.
    mirrored : bool
        Left and right exchanged in the movement (not in the picture).
    sloppiness : float
        0 is the guide; at 1 arms reach about 60 % as far, hits melt into each other, the timing of each limb
        wanders by about 60 ms and keypoints tremble by about 3 px.
    forgotten : tuple of Forgotten
        What this dancer leaves out.
    seed : int
        Of all that is random.

    Returns
    -------
    PoseTrack
        30 frames a second over `routine.duration_s`, model "authored". `xyz_m` is where the body truly is: it does
        not tremble.
    """
    random = np.random.default_rng(seed)
    t_s = np.arange(round(routine.duration_s * FPS)) / FPS
    counts = (t_s - delay_s - routine.first_beat_s) / routine.beat_s
    remembered = _remembered(routine.keys, forgotten)
    keys = to_the_other_side(remembered) if mirrored else remembered
    channels = _softened(_danced(keys, counts, 0.06 * sloppiness / routine.beat_s, random), sloppiness)
    joints_m = joints_xyz_m(dancer, _with_groove(channels, counts))
    xy_px = keypoints_px(joints_m, camera)
    if sloppiness > 0:
        xy_px = xy_px + _tremble(xy_px.shape, 3.0 * sloppiness, random).astype(np.float32)
    size_px = (camera.width_px, camera.height_px)
    return PoseTrack(
        t_s=t_s,
        xy_px=xy_px,
        conf=_confidence(len(t_s)),
        size_px=size_px,
        model=MODEL,
        xyz_m=keypoints_m(joints_m),
    )


def _danced(keys: tuple[Key, ...], counts: Floats, wander: float, random: np.random.Generator) -> dict[str, Floats]:
    """Every channel over time. Each limb's clock wanders on its own by about `wander` counts."""
    clocks = {limb: counts + wander * _slow_noise(len(counts), random) for limb in ("left", "right", "trunk")}
    channels = {name: curve(keys, name, clocks[_limb(name)] - _follow_through(name)) for name in NEUTRAL}
    for side in SIDES:
        channels[f"{side}_foot_lift"] = channels[f"{side}_foot_lift"] + steps(keys, side, clocks[side])
    # The hips travel over the feet a little more slowly than a foot is set.
    channels["weight"] = gaussian_filter1d(channels["weight"], 3.0, mode="nearest")
    return channels


def _remembered(keys: tuple[Key, ...], forgotten: tuple[Forgotten, ...]) -> tuple[Key, ...]:
    for gap in forgotten:
        first, last = (8 * (gap.eight - 1) + count - 1 for count in (gap.first_count, gap.last_count))
        keys = tuple(_without(key, gap.limb) if first <= key.count <= last else key for key in keys)
    return keys


def _without(key: Key, limb: str) -> Key:
    return replace(key, changes={name: value for name, value in key.changes.items() if not _belongs(name, limb)})


def _belongs(channel: str, limb: str) -> bool:
    is_arm = channel in _ARM_BONES
    if limb == "arms":
        return is_arm
    if limb == "legs":
        return not is_arm and not channel.startswith(("chest", "head"))
    return limb == "all" or (is_arm and channel.startswith(limb.removesuffix("arm")))


def _follow_through(channel: str) -> float:
    """Counts by which what hangs at the end of a chain comes after its root."""
    if channel.endswith("_fore"):
        return 0.05
    return 0.03 if channel.startswith("head") else 0.0


def _limb(channel: str) -> str:
    side = channel.split("_")[0]
    return side if side in SIDES else "trunk"


def _softened(channels: Mapping[str, Floats], sloppiness: float) -> dict[str, Floats]:
    """Movement without its edges, and at sloppiness > 0 with less of its reach."""
    frames = 0.9 + 2.5 * sloppiness
    reach = 1.0 - 0.4 * sloppiness
    soft = {}
    for name, values in channels.items():
        smooth = gaussian_filter1d(values, frames, axis=0, mode="nearest")
        soft[name] = _shorter(name, smooth, reach)
    return soft


def _shorter(name: str, values: Floats, reach: float) -> Floats:
    if name in _ARM_BONES:
        hanging = np.asarray(NEUTRAL[name], dtype=np.float64)
        blended = reach * values + (1 - reach) * hanging / np.linalg.norm(hanging)
        return np.asarray(blended / np.linalg.norm(blended, axis=1, keepdims=True))
    neutral = float(np.asarray(NEUTRAL[name]))
    return neutral + reach * (values - neutral)


def _with_groove(channels: Mapping[str, Floats], counts: Floats) -> dict[str, Floats]:
    """The pulse that never stops: knees give on the beat, chest and head answer it."""
    bounce = channels["bounce"]
    down = (1 + np.cos(2 * np.pi * counts)) / 2
    answer = np.cos(2 * np.pi * (counts - 0.08))
    grooving = dict(channels)
    grooving["drop"] = channels["drop"] + bounce * down
    grooving["chest_pitch"] = channels["chest_pitch"] + 1.0 * bounce * answer
    grooving["head_pitch"] = channels["head_pitch"] + 2.0 * bounce * answer
    for side in SIDES:
        grooving[f"{side}_shrug"] = channels[f"{side}_shrug"] - 0.25 * bounce * answer
        grooving[f"{side}_foot_lift"] = np.maximum(channels[f"{side}_foot_lift"], 0.0)
    return grooving


def _confidence(frames: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    by_joint = [CONF_DERIVED if joint in SKELETON.derived else CONF_SEEN for joint in SKELETON.joints]
    for side in SIDES:
        by_joint[SKELETON.index(f"{side}_littletoe")] = CONF_LITTLE_TOE
    return np.tile(np.array(by_joint, dtype=np.float32), (frames, 1))


def _tremble(shape: tuple[int, ...], spread_px: float, random: np.random.Generator) -> Floats:
    """Noise as an estimator leaves it: it wanders over a few frames instead of jumping in each."""
    noise = gaussian_filter1d(random.standard_normal(shape), 2.0, axis=0, mode="wrap")
    return np.asarray(spread_px * noise / max(float(noise.std()), 1e-9))


def _slow_noise(frames: int, random: np.random.Generator) -> Floats:
    """(T,) with a standard deviation of 1, changing over about two seconds."""
    noise = gaussian_filter1d(random.standard_normal(frames), 1.0 * FPS, mode="wrap")
    return np.asarray(noise / max(float(noise.std()), 1e-9))
