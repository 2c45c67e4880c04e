"""Motion capture in BVH files (Biovision Hierarchy): a tree of joints and one row of channel values a frame.

A joint's channels are applied in the order in which the file lists them: the matrix of the first rotation stands
leftmost. See M. Meredith and S. Maddock, "Motion Capture File Formats Explained", University of Sheffield, 2001.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

Floats = NDArray[np.float64]

_AXES = "XYZ"


class BvhError(ValueError):
    """The text is no BVH. The message says what was expected."""

    code = "bad_bvh"


@dataclass(frozen=True)
class Joint:
    """`parent` is an index into the tree, -1 for the root; an end site has no channels and is called "<parent>_end"."""

    name: str
    parent: int
    offset: tuple[float, float, float]
    channels: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Bvh:
    """`values` (T, C): one column a channel, in the order of the joints; degrees, and lengths in the file's own unit."""

    joints: tuple[Joint, ...]
    values: Floats
    frame_s: float

    def index(self, name: str) -> int:
        return [joint.name for joint in self.joints].index(name)


def read_bvh(path: Path) -> Bvh:
    """Raises BvhError if the file is not what it should be."""
    return parse_bvh(path.read_text())


def parse_bvh(text: str) -> Bvh:
    """See `read_bvh`."""
    head, found, tail = text.partition("MOTION")
    if not found or not head.split()[:1] == ["HIERARCHY"]:
        raise BvhError("HIERARCHY and MOTION expected")
    joints = tuple(_tree(iter(head.split()[1:])))
    words = tail.replace("Frame Time:", " ").replace("Frames:", " ").split()
    try:
        frames, frame_s, values = int(words[0]), float(words[1]), np.array(words[2:], dtype=np.float64)
    except (ValueError, IndexError) as error:
        raise BvhError("a number of frames, a frame's time and numbers expected") from error
    columns = sum(len(joint.channels) for joint in joints)
    if values.size != frames * columns:
        raise BvhError(f"{frames} frames of {columns} values expected, {values.size} values found")
    return Bvh(joints, values.reshape(frames, columns), frame_s)


def world_poses(bvh: Bvh) -> tuple[Floats, Floats]:
    """Forward kinematics.

    Returns
    -------
    positions : (T, J, 3)
        In the file's unit and axes.
    turns : (T, J, 3, 3)
        Each joint's orientation; the identity throughout where all channels are 0.
    """
    frames = len(bvh.values)
    positions = np.empty((frames, len(bvh.joints), 3))
    turns = np.empty((frames, len(bvh.joints), 3, 3))
    column = 0
    for index, joint in enumerate(bvh.joints):
        own = bvh.values[:, column : column + len(joint.channels)]
        column += len(joint.channels)
        local = _local_turns(joint.channels, own)
        shift = _shift(joint, own)
        if joint.parent < 0:
            positions[:, index], turns[:, index] = shift, local
        else:
            outer = turns[:, joint.parent]
            positions[:, index] = positions[:, joint.parent] + np.einsum("tij,tj->ti", outer, shift)
            turns[:, index] = outer @ local
    return positions, turns


def _tree(words: Iterator[str]) -> list[Joint]:
    joints: list[Joint] = []
    try:
        if next(words) != "ROOT":
            raise BvhError("ROOT expected")
        _read_joint(words, next(words), -1, joints)
    except (StopIteration, ValueError) as error:
        raise BvhError("the hierarchy breaks off or holds words where numbers are expected") from error
    return joints


def _read_joint(words: Iterator[str], name: str, parent: int, joints: list[Joint]) -> None:
    """One joint, from its opening brace on, and all below it; parents come before their children."""
    place = len(joints)
    joints.append(Joint(name, parent, (0.0, 0.0, 0.0), ()))
    if next(words) != "{":
        raise BvhError(f"an opening brace expected after {name}")
    while (word := next(words)) != "}":
        if word == "OFFSET":
            joints[place] = replace(joints[place], offset=(float(next(words)), float(next(words)), float(next(words))))
        elif word == "CHANNELS":
            joints[place] = replace(joints[place], channels=tuple(next(words) for _ in range(int(next(words)))))
        elif word == "JOINT":
            _read_joint(words, next(words), place, joints)
        elif word == "End":
            next(words)
            _read_joint(words, f"{name}_end", place, joints)
        else:
            raise BvhError(f"{word!r} in the hierarchy")


def _local_turns(channels: tuple[str, ...], values: Floats) -> Floats:
    turns = [number for number, channel in enumerate(channels) if channel.endswith("rotation")]
    if not turns:
        return np.broadcast_to(np.eye(3), (len(values), 3, 3))
    # Upper-case letters: each rotation about the axes as the ones before left them.
    order = "".join(channels[number][0].upper() for number in turns)
    return Rotation.from_euler(order, values[:, turns], degrees=True).as_matrix()


def _shift(joint: Joint, values: Floats) -> Floats:
    shift = np.tile(np.array(joint.offset), (len(values), 1))
    for number, channel in enumerate(joint.channels):
        if channel.endswith("position"):
            shift[:, _AXES.index(channel[0].upper())] = values[:, number]
    return shift
