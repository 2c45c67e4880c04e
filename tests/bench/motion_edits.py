"""What can be done to a movement: mirrored, spliced, made smaller, given another limb. All of it exact, so the truth is known.

Directions are unit vectors and orientations rotation matrices (see `ml_training.rendering.motion`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from ml_training.rendering.motion import Motion, nearest_turns
from ml_training.rendering.posing import swing

Floats = NDArray[np.float64]

LIMB_SEGMENTS = {
    f"{side}_{limb}": tuple(f"{side}_{segment}" for segment in segments)
    for side in ("left", "right")
    for limb, segments in {"arm": ("upper_arm", "forearm", "hand"), "leg": ("thigh", "shank", "foot")}.items()
}
"""The limbs that a learner can get wrong, and the segments of a Motion that they are made of."""

_OTHER_SIDE = np.array([-1.0, 1.0, 1.0])
_SHORTEST = 1e-9


@dataclass(frozen=True)
class WrongLimb:
    """A limb that dances something else from `start_s` to `end_s`, seconds of the dance; it gets there and back in
    `EDGE_S`."""

    limb: str
    start_s: float
    end_s: float
    other: Motion


EDGE_S = 0.15


def mirrored(motion: Motion) -> Motion:
    """Left and right exchanged, as dancers do who copy what they face."""
    return Motion(
        motion.t_s,
        {name: turns * np.outer(_OTHER_SIDE, _OTHER_SIDE) for name, turns in motion.frames.items()},
        {_counterpart(name): limb * _OTHER_SIDE for name, limb in motion.limbs.items()},
        motion.floor_xz * np.array([-1.0, 1.0]),
        motion.height,
    )


def spliced(pieces: Sequence[Motion], ends_s: Sequence[float], blend_s: float) -> Motion:
    """One movement after the other.

    Parameters
    ----------
    pieces : sequence of Motion
        All at the same times, each going on for at least half of `blend_s` beyond where it is cut.
    ends_s : sequence of float
        Where each piece gives way to the next, increasing; one fewer than pieces.
    blend_s : float
        How long one gives way to the next, half before and half after the cut.
    """
    whole = pieces[0]
    for piece, end_s in zip(pieces[1:], ends_s, strict=True):
        whole = _blended(whole, piece, _rise((whole.t_s - end_s) / blend_s + 0.5))
    return whole


def smaller(motion: Motion, size: float) -> Motion:
    """Every segment strays from its usual direction by about `size` times the angle; steps and jumps shrink alike."""

    def nearer(limb: Floats) -> Floats:
        usual = _unit(limb.mean(axis=0))
        return _unit(usual + size * (limb - usual))

    def calmer(turns: Floats) -> Floats:
        usual = nearest_turns(turns.mean(axis=0))
        return nearest_turns(usual + size * (turns - usual))

    middle = motion.floor_xz.mean(axis=0)
    return Motion(
        motion.t_s,
        {name: calmer(turns) for name, turns in motion.frames.items()},
        {name: nearer(limb) for name, limb in motion.limbs.items()},
        middle + size * (motion.floor_xz - middle),
        size * motion.height,
    )


def with_wrong_limb(motion: Motion, wrong: WrongLimb) -> Motion:
    """One limb of `wrong.other` (at the same times) for a while, hung on this dance's own trunk."""
    t_s = motion.t_s
    share = _rise((t_s - wrong.start_s) / EDGE_S + 0.5) - _rise((t_s - wrong.end_s) / EDGE_S + 0.5)
    foreign = hung_on(motion, wrong.other, wrong.limb)
    limbs = {name: _swung(motion.limbs[name], limb, share) for name, limb in foreign.items()}
    return replace(motion, limbs={**motion.limbs, **limbs})


def with_late_limb(motion: Motion, limb: str, late_s: float) -> Motion:
    """One limb behind the rest of the body."""
    before = motion.at(motion.t_s - late_s)
    return replace(motion, limbs={**motion.limbs, **{name: before.limbs[name] for name in LIMB_SEGMENTS[limb]}})


def hung_on(motion: Motion, other: Motion, limb: str) -> dict[str, Floats]:
    """The other dance's limb as it would be danced here: arms go with the chest, legs keep to the floor."""
    segments = LIMB_SEGMENTS[limb]
    if limb.endswith("leg"):
        return {name: other.limbs[name] for name in segments}
    turn = motion.frames["chest"] @ np.swapaxes(other.frames["chest"], 1, 2)
    return {name: np.einsum("tij,tj->ti", turn, other.limbs[name]) for name in segments}


def apart_deg(motion: Motion, other: Motion, limb: str) -> Floats:
    """(T,) mean angle between a limb's own and the other dance's directions, over its two long segments."""
    foreign = hung_on(motion, other, limb)
    cosines = [np.sum(motion.limbs[name] * foreign[name], axis=1) for name in LIMB_SEGMENTS[limb][:2]]
    return np.asarray(np.degrees(np.arccos(np.clip(cosines, -1.0, 1.0))).mean(axis=0))


def _blended(first: Motion, second: Motion, share: Floats) -> Motion:
    def between(here: Floats, there: Floats) -> Floats:
        return here + share.reshape(-1, *[1] * (here.ndim - 1)) * (there - here)

    return Motion(
        first.t_s,
        {name: _turned(turns, second.frames[name], share) for name, turns in first.frames.items()},
        {name: _swung(limb, second.limbs[name], share) for name, limb in first.limbs.items()},
        between(first.floor_xz, second.floor_xz),
        between(first.height, second.height),
    )


def _turned(here: Floats, there: Floats, share: Floats) -> Floats:
    """(T, 3, 3) orientations, by a share of the turn from one to the other."""
    return _turned_by(there @ np.swapaxes(here, 1, 2), share) @ here


def _swung(here: Floats, there: Floats, share: Floats) -> Floats:
    """(T, 3) directions, by a share of the angle from one to the other."""
    return np.asarray(_turned_by(swing(here, there), share) @ here[:, :, None])[:, :, 0]


def _turned_by(turns: Floats, share: Floats) -> Floats:
    return np.asarray(Rotation.from_rotvec(share[:, None] * Rotation.from_matrix(turns).as_rotvec()).as_matrix())


def _rise(share: Floats) -> Floats:
    """0 before 0, 1 after 1, smooth between."""
    inside = np.clip(share, 0.0, 1.0)
    return np.asarray(inside * inside * (3 - 2 * inside))


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), _SHORTEST))


def _counterpart(name: str) -> str:
    side, rest = name.split("_", 1)
    return f"{'right' if side == 'left' else 'left'}_{rest}"
