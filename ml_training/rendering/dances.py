"""Dances that we make up: key poses on the beat, seeded, with blurred turns of direction like a dancer's.

Arms go anywhere in front of, beside and above the body; legs step, bend and kick a little; hips, chest and head turn
and lean. Nothing repeats, and nothing is anybody's choreography.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.spatial.transform import Rotation

from ml_training.rendering.motion import LIMBS, Motion, unit

Floats = NDArray[np.float64]

BEATS_A_MINUTE = 116.0
_RATE_HZ = 60.0

# (azimuth, elevation) in degrees: azimuth from straight ahead towards the arm's own side, elevation from the horizontal.
_ARM_POSES = (
    ((20, -80), (10, -70)),  # hanging
    ((90, 0), (80, 10)),  # to the side
    ((70, 60), (40, 85)),  # up
    ((80, -20), (-20, 45)),  # hand at the shoulder
    ((40, -30), (-40, 10)),  # forearm across the chest
    ((85, -35), (60, -75)),  # hands on the hips' height, wide
    ((30, 10), (10, 20)),  # forward
    ((80, 20), (60, 80)),  # forearm up
    ((60, 40), (-60, 40)),  # over the head
)
# Thigh: (forward, outward) lift in degrees; shank: bend of the knee in degrees.
_LEG_POSES = ((0, 4, 4), (12, 6, 24), (28, 10, 45), (5, 18, 8), (-10, 6, 22), (45, 12, 70))
_WIDE_LEG_POSES = ((80, 25, 105), (60, 20, 60), (75, 8, 20), (-20, 10, 60), (0, 32, 5), (50, 35, 95), (20, 3, 100))


def make_dance(seed: int, duration_s: float) -> Motion:
    """The dance number `seed`; the same number gives the same dance. Duration in seconds, above 0."""
    rng = np.random.default_rng(seed)
    t_s = np.arange(round(duration_s * _RATE_HZ) + 1) / _RATE_HZ
    keys = _Keys(rng, t_s)
    hips = _euler(keys.values((35, 6, 6)))
    chest = hips @ _euler(keys.values((18, 10, 10)))
    head = chest @ _euler(keys.values((25, 12, 10)))
    limbs: dict[str, Floats] = {}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        arm = keys.poses(_ARM_POSES, jitter=12.0)
        for column, limb in enumerate(("upper_arm", "forearm")):
            local = _arm_direction(arm[:, 2 * column], arm[:, 2 * column + 1], sign)
            limbs[f"{side}_{limb}"] = np.einsum("tij,tj->ti", chest, local)
        limbs[f"{side}_hand"] = unit(limbs[f"{side}_forearm"] + 0.3 * _wander(keys, chest))
        limbs.update(_leg(keys, hips, side, sign))
    sway = keys.values((0.25, 0.12, 0.0))[:, :2]
    return Motion(
        t_s, {"hips": hips, "chest": chest, "head": head}, {limb: limbs[limb] for limb in LIMBS}, sway, 0 * t_s
    )


def make_freestyle(seed: int, duration_s: float, beats_a_minute: float) -> Motion:
    """A dance of number `seed` that leaves no reachable pose out: to learn from, where `make_dance` is to look at.

    Arms go anywhere the shoulder and the elbow let them, legs squat, lunge and kick, the trunk bends, the dancer turns
    around and jumps. Duration in seconds, above 0.
    """
    rng = np.random.default_rng(seed)
    t_s = np.arange(round(duration_s * _RATE_HZ) + 1) / _RATE_HZ
    keys = _Keys(rng, t_s, beats_a_minute)
    energy = rng.uniform(0.6, 1.4)
    facing = keys.between(_facing_deg(rng, len(keys), energy))
    hips = _euler(keys.values((12 * energy, 8 * energy, 8 * energy)) + facing[:, None] * (1, 0, 0))
    bend = keys.between(np.where(rng.random(len(keys)) < 0.2, rng.uniform(0, 60, len(keys)), 0.0) * energy)
    chest = hips @ _euler(keys.values((20 * energy, 9, 10 * energy)) + bend[:, None] * (0, 1, 0))
    head = chest @ _euler(keys.values((32, 16, 12)))
    limbs: dict[str, Floats] = {}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        upper, fore = (unit(keys.between(part)) for part in _free_arm(rng, len(keys), sign))
        limbs[f"{side}_upper_arm"] = np.einsum("tij,tj->ti", chest, upper)
        limbs[f"{side}_forearm"] = np.einsum("tij,tj->ti", chest, fore)
        limbs[f"{side}_hand"] = unit(limbs[f"{side}_forearm"] + 0.4 * _wander(keys, chest))
        limbs.update(_leg(keys, hips, side, sign, _LEG_POSES + _WIDE_LEG_POSES))
    hops = np.where(rng.random(len(keys)) < 0.08, rng.uniform(0.1, 0.4, len(keys)), 0.0)
    frames = {"hips": hips, "chest": chest, "head": head}
    sway = keys.values((0.35, 0.2))
    return Motion(t_s, frames, {limb: limbs[limb] for limb in LIMBS}, sway, np.maximum(keys.between(hops), 0.0))


def _facing_deg(rng: np.random.Generator, keys: int, energy: float) -> Floats:
    """Where the dancer faces at each key: mostly ahead, now and then a whole turn on the spot."""
    turns = 360.0 * np.cumsum(rng.choice([-1, 0, 1], size=keys, p=[0.04, 0.92, 0.04]))
    return np.asarray(turns + rng.normal(0.0, 25.0 * energy, keys))


def _free_arm(rng: np.random.Generator, keys: int, sign: float) -> tuple[Floats, Floats]:
    """(K, 3) twice, in the chest's axes: the upper arm within the shoulder's reach, the forearm bent from it by up to 145
    degrees, rather forward, inward and up than away."""
    hanging = rng.random(keys) < 0.2
    azimuth = np.where(hanging, rng.uniform(0, 90, keys), rng.uniform(-25, 120, keys))
    elevation = np.where(hanging, rng.uniform(-88, -65, keys), rng.uniform(-75, 85, keys))
    upper = _arm_direction(azimuth, elevation, sign)
    wish = rng.normal((-0.5 * sign, 0.3, 0.8), 0.6, (keys, 3))
    across = unit(wish - np.sum(wish * upper, axis=1, keepdims=True) * upper)
    bent = np.radians(rng.choice([0.0, 1.0], size=keys, p=[0.2, 0.8]) * rng.uniform(10, 145, keys))[:, None]
    return upper, np.cos(bent) * upper + np.sin(bent) * across


class _Keys:
    """Values that are drawn anew on every beat or every second one and reached without overshoot."""

    def __init__(self, rng: np.random.Generator, t_s: Floats, beats_a_minute: float = BEATS_A_MINUTE) -> None:
        self._rng = rng
        self._t_s = t_s
        beat_s = 60.0 / beats_a_minute
        count = int(np.ceil(t_s[-1] / beat_s)) + 2
        # Now and then a movement takes two beats, and a pose is reached shortly before the beat or held after it.
        self._keys_s = np.arange(count) * beat_s

    def values(self, spread: tuple[float, ...]) -> Floats:
        keys = np.clip(self._rng.standard_normal((len(self._keys_s), len(spread))), -1.7, 1.7) * spread
        return self.between(keys)

    def __len__(self) -> int:
        return len(self._keys_s)

    def poses(
        self, table: tuple[tuple[tuple[int, ...], ...], ...] | tuple[tuple[int, ...], ...], jitter: float
    ) -> Floats:
        rows = np.array(table, dtype=np.float64).reshape(len(table), -1)
        chosen = rows[self._rng.integers(len(rows), size=len(self._keys_s))]
        held = self._rng.random(len(chosen)) < 0.25
        for place in np.flatnonzero(held[1:]) + 1:
            chosen[place] = chosen[place - 1]
        return self.between(chosen + self._rng.normal(0.0, jitter, chosen.shape) * ~held[:, None])

    def between(self, keys: Floats) -> Floats:
        return np.asarray(PchipInterpolator(self._keys_s, keys, axis=0)(self._t_s))


def _leg(
    keys: _Keys, hips: Floats, side: str, sign: float, table: tuple[tuple[int, ...], ...] = _LEG_POSES
) -> dict[str, Floats]:
    pose = np.radians(keys.poses(table, jitter=3.0))
    yaw_only = _upright(hips)
    # Feet stay under the body: legs swing in a frame that turns with the hips but does not lean with them.
    thigh = _swing(pose[:, 0], sign * pose[:, 1])
    shank = _swing(pose[:, 0] - pose[:, 2], sign * pose[:, 1] * 0.6)
    toes_up = np.clip(pose[:, 2] - pose[:, 0] - 0.4, 0.0, 0.5)
    foot = np.stack([sign * 0.25 * np.ones_like(toes_up), -0.35 - toes_up, np.ones_like(toes_up)], axis=1)
    local = {"thigh": thigh, "shank": shank, "foot": foot}
    return {f"{side}_{limb}": unit(np.einsum("tij,tj->ti", yaw_only, vector)) for limb, vector in local.items()}


def _swing(forward_rad: Floats, outward_rad: Floats) -> Floats:
    """(T, 3) a leg that hangs, lifted forward and outward (towards x)."""
    return np.stack(
        [np.sin(outward_rad), -np.cos(forward_rad) * np.cos(outward_rad), np.sin(forward_rad) * np.cos(outward_rad)],
        axis=1,
    )


def _arm_direction(azimuth_deg: Floats, elevation_deg: Floats, sign: float) -> Floats:
    azimuth, elevation = np.radians(azimuth_deg), np.radians(elevation_deg)
    flat = np.cos(elevation)
    return np.stack([sign * np.sin(azimuth) * flat, np.sin(elevation), np.cos(azimuth) * flat], axis=1)


def _wander(keys: _Keys, chest: Floats) -> Floats:
    return np.einsum("tij,tj->ti", chest, keys.values((1.0, 1.0, 1.0)))


def _euler(yaw_pitch_roll_deg: Floats) -> Floats:
    return np.asarray(Rotation.from_euler("YXZ", yaw_pitch_roll_deg, degrees=True).as_matrix())


def _upright(turns: Floats) -> Floats:
    yaw = np.arctan2(turns[:, 0, 2], turns[:, 2, 2])
    return np.asarray(Rotation.from_euler("Y", yaw[:, None]).as_matrix())
