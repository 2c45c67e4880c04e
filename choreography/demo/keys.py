"""Writing movement down: what changes on which count, and how it gets there.

A key says where some channels of the body are on a count. A dancer moves *into* a count: the change begins a little
before it and is there on it, so a channel without a newer key holds its place.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from choreography.demo.body import Floats

type Direction = tuple[float, float, float]
"""Where a bone of an arm points, as (outward, up, front): outward is away from the body on the arm's own side."""
type Change = Mapping[str, float | Direction]

HANGING: Direction = (0.22, -1.0, 0.02)
HANGING_FORE: Direction = (0.10, -1.0, 0.28)

NEUTRAL: dict[str, float | Direction] = {
    "weight": 0.5,  # share of the weight on the left foot
    "hips_x": 0.0,
    "hips_z": 0.0,
    "drop": 0.015,
    "bounce": 0.018,
    "hips_yaw": 0.0,
    "hips_roll": 0.0,
    "hips_pitch": 0.0,
    "chest_x": 0.0,
    "chest_z": 0.0,
    "chest_yaw": 0.0,
    "chest_roll": 0.0,
    "chest_pitch": 0.0,
    "head_yaw": 0.0,
    "head_roll": 0.0,
    "head_pitch": 0.0,
    "left_shrug": 0.0,
    "right_shrug": 0.0,
    "left_upper": HANGING,
    "left_fore": HANGING_FORE,
    "right_upper": HANGING,
    "right_fore": HANGING_FORE,
    "left_foot_x": 0.13,
    "right_foot_x": -0.13,
    "left_foot_z": 0.0,
    "right_foot_z": 0.0,
    "left_foot_lift": 0.0,
    "right_foot_lift": 0.0,
    "left_foot_turnout": 0.22,
    "right_foot_turnout": 0.22,
    "left_heel": 0.0,
    "right_heel": 0.0,
    "left_knee_out": 0.18,
    "right_knee_out": 0.18,
}

_LEFT_IS_POSITIVE = ("hips_x", "hips_yaw", "hips_roll", "chest_x", "chest_yaw", "chest_roll", "head_yaw", "head_roll")


@dataclass(frozen=True)
class Ease:
    """How a movement arrives: it takes `lead` counts up to its own and overshoots by a share of its way."""

    lead: float
    overshoot: float = 0.0


HIT = Ease(lead=0.50, overshoot=0.06)
SNAP = Ease(lead=0.34, overshoot=0.08)
FLOW = Ease(lead=1.0)
SLOW = Ease(lead=2.0)
SETTLE_COUNTS = 0.45


@dataclass(frozen=True)
class Key:
    """`changes` are reached on `count`: 1.0 to 8.0 within an eight, 3.5 is "three and"."""

    count: float
    changes: Change
    ease: Ease = HIT

    def later(self, counts: float) -> "Key":
        return Key(self.count + counts, self.changes, self.ease)


type Eight = tuple[Key, ...]


def at(count: float, *changes: Change, ease: Ease = HIT) -> Key:
    return Key(count, {name: value for change in changes for name, value in change.items()}, ease)


def to_the_other_side(keys: Iterable[Key]) -> Eight:
    """The same movement with left and right exchanged."""
    return tuple(Key(key.count, _mirrored(key.changes), key.ease) for key in keys)


def curve(keys: Iterable[Key], channel: str, counts: Floats) -> Floats:
    """Value of one channel over time.

    Parameters
    ----------
    keys : iterable of Key
        In any order; `count` on the same scale as `counts`.
    channel : str
        A name in NEUTRAL.
    counts : (T,) float64
        Counts of the frames.

    Returns
    -------
    (T,) or (T, 3) float64
        A scalar's values, or a direction's unit vectors. Movements that overlap blend.
    """
    values = np.repeat(_as_array(NEUTRAL[channel])[None], len(counts), axis=0)
    for key in sorted((key for key in keys if channel in key.changes), key=lambda key: key.count):
        target = _as_array(key.changes[channel])
        progress = _progress(counts - key.count, key.ease)
        values = _swing(values, target, progress) if target.size == 3 else _slide(values, target, progress)
    return values[:, 0] if values.shape[1] == 1 else values


def steps(keys: Iterable[Key], side: str, counts: Floats, height_m: float = 0.055) -> Floats:
    """(T,) metres that a foot leaves the floor while it travels, beyond any lift that was asked for."""
    here = {"x": NEUTRAL[f"{side}_foot_x"], "z": NEUTRAL[f"{side}_foot_z"]}
    lift = np.zeros_like(counts)
    for key in sorted(keys, key=lambda key: key.count):
        goal = {axis: key.changes.get(f"{side}_foot_{axis}", place) for axis, place in here.items()}
        way_m = np.hypot(*(np.subtract(goal[axis], here[axis]) for axis in here))
        if way_m > 0:
            share = np.clip((counts - key.count) / key.ease.lead + 1, 0.0, 1.0)
            lift += min(height_m, 0.3 * float(way_m)) * np.sin(np.pi * share) ** 2
        here = goal
    return lift


def _progress(after_counts: Floats, ease: Ease) -> Floats:
    """0 before the movement, 1 on its count (minimum jerk), a little more while it settles, 1 for ever."""
    share = np.clip(after_counts / ease.lead + 1, 0.0, 1.0)
    settling = np.clip((after_counts + 0.1 * ease.lead) / SETTLE_COUNTS, 0.0, 1.0)
    rise = share**3 * (10 - 15 * share + 6 * share**2)
    return np.asarray(rise + ease.overshoot * np.sin(np.pi * settling) ** 2)


def _slide(values: Floats, target: Floats, progress: Floats) -> Floats:
    return values + progress[:, None] * (target - values)


def _swing(directions: Floats, target: Floats, progress: Floats) -> Floats:
    """Turn unit vectors towards `target` along the great circle, by a share of the angle between them."""
    cosine = np.clip(directions @ target, -1.0, 1.0)
    angle = np.arccos(cosine)[:, None]
    across = target - cosine[:, None] * directions
    length = np.linalg.norm(across, axis=1, keepdims=True)
    across = np.where(length > 1e-6, across / np.maximum(length, 1e-6), 0.0)
    turned = angle * progress[:, None]
    return np.asarray(np.cos(turned) * directions + np.sin(turned) * across)


def _as_array(value: float | Direction) -> Floats:
    array = np.atleast_1d(np.asarray(value, dtype=np.float64))
    return array / np.linalg.norm(array) if array.size == 3 else array


def _mirrored(changes: Change) -> Change:
    return {_other_side(name): _mirrored_value(name, value) for name, value in changes.items()}


def _other_side(name: str) -> str:
    if name.startswith("left_"):
        return name.replace("left_", "right_", 1)
    return name.replace("right_", "left_", 1)


def _mirrored_value(name: str, value: float | Direction) -> float | Direction:
    if isinstance(value, tuple):
        return value
    if name == "weight":
        return 1.0 - value
    return -value if name in _LEFT_IS_POSITIVE or name.endswith("_foot_x") else value
