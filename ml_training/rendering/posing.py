"""A body made to dance: linear blend skinning of the mesh and the exact places of the 29 joints."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from inference.pose.skeleton import SKELETON
from ml_training.rendering.body import PARENTS, SEGMENTS, Body
from ml_training.rendering.motion import LIMBS, Motion, nearest_turns, unit

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Posed:
    """One body in T poses.

    Attributes
    ----------
    turns : (T, S, 3, 3)
        Orientation of each segment, the identity at rest.
    places : (T, S, 3)
        Where each segment's origin is, in metres; feet on the floor at y = 0.
    joints_m : (T, 29, 3)
        In the order of SKELETON, in the world's axes.
    """

    body: Body
    turns: Floats
    places: Floats
    joints_m: Floats

    def vertices(self, frame: int) -> Floats:
        """(V, 3) metres: each vertex is carried by its segments in the share of its weights."""
        weights, turns = self.body.weights, self.turns[frame]
        shifts = self.places[frame] - np.einsum("sij,sj->si", turns, self.body.origins)
        blended = (weights @ turns.reshape(-1, 9)).reshape(-1, 3, 3)
        return np.einsum("vij,vj->vi", blended, self.body.vertices) + weights @ shifts


def pose(body: Body, motion: Motion) -> Posed:
    """The body in every pose of the motion, standing on the floor where the motion does not jump."""
    turns = _turns(body, motion)
    places = _chain(body, turns)
    places += _to_floor(body, turns, places, motion)[:, None]
    return Posed(body, turns, places, _joints(body, turns, places))


def _turns(body: Body, motion: Motion) -> Floats:
    turns = {"hips": motion.frames["hips"], "chest": motion.frames["chest"], "head": motion.frames["head"]}
    turns["waist"] = nearest_turns(turns["hips"] + turns["chest"])
    turns["neck"] = nearest_turns(turns["chest"] + turns["head"])
    for limb in LIMBS:
        rest = unit(body.tips[limb] - body.origins[SEGMENTS.index(limb)])
        outer = turns[PARENTS[limb]]
        turns[limb] = swing(np.einsum("tij,j->ti", outer, rest), motion.limbs[limb]) @ outer
    return np.stack([turns[segment] for segment in SEGMENTS], axis=1)


def swing(start: Floats, end: Floats) -> Floats:
    """(T, 3, 3) The smallest turns that bring the unit vectors `start` onto `end` (T, 3)."""
    axis = np.cross(start, end)
    sine = np.linalg.norm(axis, axis=1, keepdims=True)
    angle = np.arctan2(sine, np.sum(start * end, axis=1, keepdims=True))
    scale = np.divide(angle, sine, out=np.ones_like(sine), where=sine > 1e-12)
    return np.asarray(Rotation.from_rotvec(axis * scale).as_matrix())


def _chain(body: Body, turns: Floats) -> Floats:
    """(T, S, 3) origins of the segments with the hips' at rest."""
    places = np.empty(turns.shape[:3])
    for index, segment in enumerate(SEGMENTS):
        if segment not in PARENTS:
            places[:, index] = body.origins[index]
            continue
        parent = SEGMENTS.index(PARENTS[segment])
        reach = body.origins[index] - body.origins[parent]
        places[:, index] = places[:, parent] + turns[:, parent] @ reach
    return places


def _to_floor(body: Body, turns: Floats, places: Floats, motion: Motion) -> Floats:
    """(T, 3) The shift that puts the lowest point of the feet at the motion's height and the hips over its spot."""
    lowest = np.full(len(places), np.inf)
    for side in ("left", "right"):
        index = SEGMENTS.index(f"{side}_foot")
        sole = body.vertices[body.weights[:, index] > 0.9] - body.origins[index]
        low = (turns[:, index, 1] @ sole.T).min(axis=1) + places[:, index, 1]
        lowest = np.minimum(lowest, low)
    shift = np.zeros((len(places), 3))
    shift[:, 1] = motion.height * body.leg_m - lowest
    shift[:, ::2] = motion.floor_xz * body.leg_m - places[:, 0, ::2]
    return shift


def _joints(body: Body, turns: Floats, places: Floats) -> Floats:
    at = {
        joint: places[:, segment] + turns[:, segment] @ (rest - body.origins[segment])
        for joint, (segment, rest) in body.markers.items()
    }
    every = with_derived(at)
    return np.stack([every[joint] for joint in SKELETON.joints], axis=1)


def with_derived(at: dict[str, Floats]) -> dict[str, Floats]:
    """The joints of the trunk's midline added, by the formulas of `inference/pose/mapping.py`."""
    shoulders, hips, ears = ((at[f"left_{name}"] + at[f"right_{name}"]) / 2 for name in ("shoulder", "hip", "ear"))
    return {
        **at,
        "center_hip": hips,
        "neck": shoulders + 0.25 * (ears - shoulders),
        "chest": shoulders + 0.25 * (hips - shoulders),
        "navel": shoulders + 0.72 * (hips - shoulders),
    }
