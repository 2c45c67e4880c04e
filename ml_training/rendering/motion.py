"""Movements apart from bodies: where each segment points over time.

World axes: metres, y up; a dancer who faces z and stands upright has the left hand at x > 0. A `Motion` says only
directions, so that any body can dance it: a trunk, a head and hips with an orientation each, limbs with a direction.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation

from ml_training.rendering.bvh import Bvh, read_bvh, world_poses

Floats = NDArray[np.float64]

LIMBS = tuple(
    f"{side}_{limb}"
    for side in ("left", "right")
    for limb in ("upper_arm", "forearm", "hand", "thigh", "shank", "foot")
)
FRAMES = ("hips", "chest", "head")

_BVH_LIMBS = {
    "upper_arm": ("Arm", "ForeArm"),
    "forearm": ("ForeArm", "Hand"),
    "thigh": ("UpLeg", "Leg"),
    "shank": ("Leg", "Foot"),
    "foot": ("Foot", "ToeBase_end"),
}
_BVH_HAND_ENDS = ("HandEnd", "HandMiddle1", "HandIndex1")
_Z_UP_TO_Y_UP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])


@dataclass(frozen=True, eq=False)
class Motion:
    """
    Attributes
    ----------
    t_s : (T,)
        Seconds, strictly increasing.
    frames : name -> (T, 3, 3)
        Orientation of hips, chest and head: what turns a body that stands upright and faces z.
    limbs : name -> (T, 3)
        Unit vectors, from the body outwards; a foot from the ankle to the toes.
    floor_xz : (T, 2)
        Where the hips are over the floor, in lengths of the leg.
    height : (T,)
        Height of the lowest point of the dancer above the floor, in lengths of the leg: 0 but in a jump.
    """

    t_s: Floats
    frames: dict[str, Floats]
    limbs: dict[str, Floats]
    floor_xz: Floats
    height: Floats

    def at(self, t_s: Floats) -> "Motion":
        """The same movement at other times, linearly between the frames; it holds still before and after."""

        def between(values: Floats) -> Floats:
            flat = values.reshape(len(values), -1)
            columns = [np.interp(t_s, self.t_s, column) for column in flat.T]
            return np.stack(columns, axis=1).reshape(len(t_s), *values.shape[1:])

        return Motion(
            np.asarray(t_s, dtype=np.float64),
            {name: nearest_turns(between(turns)) for name, turns in self.frames.items()},
            {name: unit(between(limb)) for name, limb in self.limbs.items()},
            between(self.floor_xz),
            between(self.height),
        )

    def at_clock(self, t_s: Floats) -> "Motion":
        """The same poses with other times."""
        return replace(self, t_s=t_s)

    def turned(self, angle_rad: float) -> "Motion":
        """The whole dance turned to the dancer's left about the middle of the floor."""
        turn = Rotation.from_euler("Y", angle_rad).as_matrix()
        return Motion(
            self.t_s,
            {name: turn @ turns for name, turns in self.frames.items()},
            {name: limb @ turn.T for name, limb in self.limbs.items()},
            self.floor_xz @ turn[::2, ::2].T,
            self.height,
        )


def read_motion(path: Path) -> Motion:
    """The movement of a BVH file whose joints have the names of Mixamo's and most studios' skeletons."""
    return from_bvh(read_bvh(path))


def from_bvh(bvh: Bvh) -> Motion:
    """See `read_motion`. The dance is turned to face z on average and moved to the middle of the floor."""
    positions, turns = world_poses(bvh)
    at = {joint.name: positions[:, index] for index, joint in enumerate(bvh.joints)}
    if _is_z_up(at):
        at = {name: place @ _Z_UP_TO_Y_UP.T for name, place in at.items()}
        turns = _Z_UP_TO_Y_UP @ turns
    hips = frame_of(at["LeftUpLeg"] - at["RightUpLeg"], at["Spine1"] - at["Hips"])
    chest = frame_of(at["LeftArm"] - at["RightArm"], at["Neck"] - at["Spine1"])
    head = _follow(turns[:, bvh.index("Head")], chest)
    limbs = {}
    for side in ("Left", "Right"):
        hand_end = next(name for name in _BVH_HAND_ENDS if side + name in at)
        for limb, (start, end) in {**_BVH_LIMBS, "hand": ("Hand", hand_end)}.items():
            limbs[f"{side.lower()}_{limb}"] = unit(at[side + end] - at[side + start])
    leg = np.linalg.norm(at["LeftUpLeg"] - at["LeftLeg"], axis=1) + np.linalg.norm(
        at["LeftLeg"] - at["LeftFoot"], axis=1
    )
    lowest = np.min([at[side + end][:, 1] for side in ("Left", "Right") for end in ("Foot", "ToeBase_end")], axis=0)
    floor = at["Hips"][:, ::2] / leg[:, None]
    motion = Motion(
        np.arange(len(positions)) * bvh.frame_s,
        {"hips": hips, "chest": chest, "head": head},
        limbs,
        floor - floor.mean(axis=0),
        np.maximum(0.0, (lowest - np.percentile(lowest, 10)) / leg - _STANDING_WOBBLE),
    )
    front = hips[:, :, 2].mean(axis=0)
    return motion.turned(-float(np.arctan2(front[0], front[2])))


_STANDING_WOBBLE = 0.02
"""Feet on the floor rise so much, in lengths of the leg, by the roll of the foot and the capture's errors."""


def frame_of(left: Floats, up: Floats) -> Floats:
    """(T, 3, 3) orientations whose x points along `left` and whose y is as near to `up` as that allows."""
    x = unit(left)
    z = unit(np.cross(x, up))
    return np.stack([x, np.cross(z, x), z], axis=-1)


def unit(vectors: Floats) -> Floats:
    """Vectors of length 1; NaN where the length is 0."""
    with np.errstate(invalid="ignore"):
        return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))


def nearest_turns(matrices: Floats) -> Floats:
    """The rotation matrices nearest to matrices that are nearly so."""
    left, _, right = np.linalg.svd(matrices)
    return np.asarray(left @ right)


def smoothed(values: Floats, frames: float) -> Floats:
    """A blur in time by a standard deviation of `frames`, for authored movements."""
    return np.asarray(gaussian_filter1d(values, frames, axis=0, mode="nearest"))


def _is_z_up(at: dict[str, Floats]) -> bool:
    upwards = (at["Head"] - (at["LeftFoot"] + at["RightFoot"]) / 2).mean(axis=0)
    return bool(abs(upwards[2]) > abs(upwards[1]))


def _follow(turns: Floats, reference: Floats) -> Floats:
    """`turns` by a constant turn of the joint's own axes so that on average they agree with `reference`.

    A joint's own axes lie differently in every file; a dancer looks where the chest faces, taken over a whole dance.
    """
    constant = nearest_turns((np.swapaxes(turns, 1, 2) @ reference).mean(axis=0))
    return turns @ constant
