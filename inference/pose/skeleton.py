"""The 29 joints of a KDance skeleton: the one source for Python and, through `as_payload`, for the browser.

Order and names are those of AI Hub's K-pop choreography data set. Left and right are the dancer's own.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

BodyPart = Literal["torso", "arm", "leg", "head"]


@dataclass(frozen=True)
class Bone:
    """A drawn and compared segment from `start` to `end`, both joint names."""

    start: str
    end: str
    part: BodyPart


@dataclass(frozen=True)
class Skeleton:
    """Joint names in array order, the joints that are derived from others, bones and limbs."""

    name: str
    joints: tuple[str, ...]
    derived: frozenset[str]
    bones: tuple[Bone, ...]
    limbs: dict[str, tuple[str, ...]]

    @cached_property
    def _indices(self) -> dict[str, int]:
        return {joint: index for index, joint in enumerate(self.joints)}

    def index(self, joint: str) -> int:
        return self._indices[joint]

    @cached_property
    def mirrored_order(self) -> tuple[int, ...]:
        """For each joint the index of its left-right counterpart (itself on the midline)."""
        return tuple(self.index(_counterpart(joint)) for joint in self.joints)

    def as_payload(self) -> dict[str, object]:
        """What the browser needs to draw and name the joints (JSON-ready)."""
        return {
            "name": self.name,
            "joints": list(self.joints),
            "derived": [joint in self.derived for joint in self.joints],
            "bones": [[self.index(bone.start), self.index(bone.end), bone.part] for bone in self.bones],
            "limbs": {limb: [self.index(joint) for joint in joints] for limb, joints in self.limbs.items()},
            "mirrored_order": list(self.mirrored_order),
        }


def _counterpart(joint: str) -> str:
    if joint.startswith("left_"):
        return joint.replace("left_", "right_", 1)
    return joint.replace("right_", "left_", 1)


def _sided(*names: str) -> tuple[str, ...]:
    return tuple(f"{side}_{name}" for side in ("left", "right") for name in names)


def _side_bones(side: str) -> tuple[Bone, ...]:
    pairs: tuple[tuple[str, str, BodyPart], ...] = (
        ("hip", "knee", "leg"),
        ("knee", "ankle", "leg"),
        ("ankle", "bigtoe", "leg"),
        ("ankle", "littletoe", "leg"),
        ("shoulder", "elbow", "arm"),
        ("elbow", "wrist", "arm"),
        ("wrist", "palm_thumb", "arm"),
        ("wrist", "palm_pinky", "arm"),
    )
    own = tuple(Bone(f"{side}_{start}", f"{side}_{end}", part) for start, end, part in pairs)
    to_trunk = (
        Bone("center_hip", f"{side}_hip", "torso"),
        Bone("neck", f"{side}_shoulder", "torso"),
        Bone("nose", f"{side}_eye", "head"),
        Bone(f"{side}_eye", f"{side}_ear", "head"),
    )
    return own + to_trunk


_LEG = ("hip", "knee", "ankle", "bigtoe", "littletoe")
_ARM = ("shoulder", "elbow", "wrist", "palm_thumb", "palm_pinky")

SKELETON = Skeleton(
    name="kdance29",
    joints=(
        "center_hip",
        *_sided(*_LEG),
        "navel",
        "chest",
        "neck",
        *_sided(*_ARM),
        "nose",
        "left_eye",
        "right_eye",
        "left_ear",
        "right_ear",
    ),
    derived=frozenset({"center_hip", "navel", "chest", "neck", "left_littletoe", "right_littletoe"}),
    bones=(
        Bone("center_hip", "navel", "torso"),
        Bone("navel", "chest", "torso"),
        Bone("chest", "neck", "torso"),
        Bone("neck", "nose", "head"),
        *_side_bones("left"),
        *_side_bones("right"),
    ),
    limbs={
        "torso": ("center_hip", "left_hip", "right_hip", "navel", "chest", "neck", "left_shoulder", "right_shoulder"),
        "left_arm": tuple(f"left_{joint}" for joint in _ARM),
        "right_arm": tuple(f"right_{joint}" for joint in _ARM),
        "left_leg": tuple(f"left_{joint}" for joint in _LEG),
        "right_leg": tuple(f"right_{joint}" for joint in _LEG),
        "head": ("neck", "nose", "left_eye", "right_eye", "left_ear", "right_ear"),
    },
)
