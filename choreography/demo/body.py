"""A dancer's body: bone lengths, and where its joints are for given channels of movement.

World coordinates in metres: x to the dancer's left, y up, z to the front (towards the camera), the floor at y = 0 and
the dancer's mark at the origin. Time is the first axis everywhere.

Legs are solved from the feet up (two-bone inverse kinematics from a planted foot to the hip), so a foot that has
not been told to move does not slide; arms hang from the chest and are given by the directions of their bones.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Channels = Mapping[str, Floats]

SIDES = {"left": 1.0, "right": -1.0}
LEG_REACH = 0.992
"""A leg is never stretched further than this share of its length: a locked knee looks broken and jitters."""
LEAST_ELBOW_RAD = np.deg2rad(30.0)
"""The angle between upper arm and forearm of an elbow folded as far as it goes."""
UP = np.array([0.0, 1.0, 0.0])


@dataclass(frozen=True)
class DancerBody:
    """Distances between joint centres in metres. The defaults are a dancer of about 1.70 m."""

    thigh_m: float = 0.415
    shank_m: float = 0.405
    ankle_height_m: float = 0.075
    ankle_to_ball_m: float = 0.115
    ball_to_toe_m: float = 0.06
    ankle_to_heel_m: float = 0.05
    hip_half_width_m: float = 0.098
    torso_m: float = 0.49
    shoulder_half_width_m: float = 0.175
    upper_arm_m: float = 0.28
    forearm_m: float = 0.245
    palm_m: float = 0.085
    palm_half_width_m: float = 0.032
    shoulders_to_ears_m: float = 0.205
    head_half_width_m: float = 0.074

    @property
    def leg_m(self) -> float:
        return self.thigh_m + self.shank_m

    @property
    def hip_height_m(self) -> float:
        return self.ankle_height_m + self.leg_m * LEG_REACH


def joints_xyz_m(body: DancerBody, channels: Channels) -> dict[str, Floats]:
    """Positions of the joints that a body has, before any is derived.

    Parameters
    ----------
    body : DancerBody
    channels : mapping of str to (T,) or (T, 3) float64
        Every channel named in `choreography.demo.keys.NEUTRAL`: metres, radians, unit vectors.

    Returns
    -------
    dict of str to (T, 3) float64
        World positions in metres: the joints of `SKELETON` except the derived ones on the midline.
    """
    feet = {side: _foot(body, channels, side) for side in SIDES}
    hips = _hips(body, channels, feet)
    joints = {**hips}
    for side in SIDES:
        joints |= _leg(body, channels, side, hips[f"{side}_hip"], feet[side])
    joints |= _upper_body(body, channels, (hips["left_hip"] + hips["right_hip"]) / 2)
    return joints


def rotations(yaw_rad: Floats, roll_rad: Floats, pitch_rad: Floats) -> Floats:
    """(T, 3, 3) rotations whose columns are the turned left, up and front.

    Positive yaw turns to the dancer's left, positive roll leans to the left, positive pitch bows to the front.
    """
    zero, one = np.zeros_like(yaw_rad), np.ones_like(yaw_rad)
    cos, sin = np.cos(yaw_rad), np.sin(yaw_rad)
    turn = _matrix([[cos, zero, sin], [zero, one, zero], [-sin, zero, cos]])
    cos, sin = np.cos(roll_rad), np.sin(roll_rad)
    lean = _matrix([[cos, sin, zero], [-sin, cos, zero], [zero, zero, one]])
    cos, sin = np.cos(pitch_rad), np.sin(pitch_rad)
    bow = _matrix([[one, zero, zero], [zero, cos, -sin], [zero, sin, cos]])
    return np.asarray(turn @ lean @ bow)


@dataclass(frozen=True)
class _Foot:
    ankle: Floats
    toe: Floats
    heel: Floats
    front: Floats
    outward: Floats


def _foot(body: DancerBody, channels: Channels, side: str) -> _Foot:
    """A foot on the floor, or `lift` above it, turned out by `turnout` and rolled up onto its ball by `heel` rad."""
    sign = SIDES[side]
    lift = channels[f"{side}_foot_lift"]
    turn = rotations(sign * channels[f"{side}_foot_turnout"], np.zeros_like(lift), np.zeros_like(lift))
    front, outward = turn[:, :, 2], sign * turn[:, :, 0]
    flat_ankle = np.stack([channels[f"{side}_foot_x"], lift + body.ankle_height_m, channels[f"{side}_foot_z"]], axis=1)
    ball = flat_ankle + body.ankle_to_ball_m * front - (body.ankle_height_m - 0.02) * UP
    heel_rad = channels[f"{side}_heel"][:, None]
    tipped_front = np.cos(heel_rad) * front - np.sin(heel_rad) * UP
    tipped_up = np.cos(heel_rad) * UP + np.sin(heel_rad) * front
    in_the_air = np.clip(lift / 0.10, 0.0, 1.0)[:, None]
    toe_front = _unit((1 - in_the_air) * front + in_the_air * tipped_front)
    return _Foot(
        ankle=ball - body.ankle_to_ball_m * tipped_front + (body.ankle_height_m - 0.02) * tipped_up,
        toe=ball + body.ball_to_toe_m * toe_front,
        heel=ball - (body.ankle_to_ball_m + body.ankle_to_heel_m) * tipped_front,
        front=front,
        outward=outward,
    )


def _hips(body: DancerBody, channels: Channels, feet: Mapping[str, _Foot]) -> dict[str, Floats]:
    on_left = channels["weight"][:, None]
    support = on_left * feet["left"].ankle + (1 - on_left) * feet["right"].ankle
    turn = rotations(channels["hips_yaw"], channels["hips_roll"], channels["hips_pitch"])
    offsets = {side: sign * body.hip_half_width_m * turn[:, :, 0] for side, sign in SIDES.items()}
    centre = np.stack(
        [
            support[:, 0] + channels["hips_x"],
            body.hip_height_m - channels["drop"],
            support[:, 2] + channels["hips_z"],
        ],
        axis=1,
    )
    ceilings = [_highest_hip(body, centre + offsets[side], feet[side].ankle) - offsets[side][:, 1] for side in SIDES]
    centre[:, 1] = _soft_minimum([centre[:, 1], *ceilings])
    return {f"{side}_hip": centre + offset for side, offset in offsets.items()}


def _highest_hip(body: DancerBody, hip: Floats, ankle: Floats) -> Floats:
    """(T,) height in metres above which the leg could no longer reach its ankle."""
    across = np.hypot(hip[:, 0] - ankle[:, 0], hip[:, 2] - ankle[:, 2])
    reach = body.leg_m * LEG_REACH
    return np.asarray(ankle[:, 1] + np.sqrt(np.maximum(reach**2 - across**2, (0.3 * reach) ** 2)))


def _leg(body: DancerBody, channels: Channels, side: str, hip: Floats, foot: _Foot) -> dict[str, Floats]:
    knee_out = channels[f"{side}_knee_out"][:, None]
    knee = _middle_joint(hip, foot.ankle, body.thigh_m, body.shank_m, foot.front + knee_out * foot.outward)
    along = foot.toe - foot.heel
    return {
        f"{side}_knee": knee,
        f"{side}_ankle": foot.ankle,
        f"{side}_bigtoe": foot.toe,
        f"{side}_littletoe": foot.heel + 0.85 * along + 0.30 * np.linalg.norm(along, axis=1)[:, None] * foot.outward,
    }


def _middle_joint(root: Floats, end: Floats, upper_m: float, lower_m: float, towards: Floats) -> Floats:
    """The knee between hip and ankle: the law of cosines, bending to the side that `towards` points to."""
    line = end - root
    distance = np.clip(np.linalg.norm(line, axis=1), 1e-6, upper_m + lower_m)[:, None]
    axis = _unit(line)
    bend = _unit(towards - np.sum(towards * axis, axis=1, keepdims=True) * axis)
    along = (upper_m**2 - lower_m**2 + distance**2) / (2 * distance)
    return np.asarray(root + along * axis + np.sqrt(np.maximum(upper_m**2 - along**2, 0.0)) * bend)


def _upper_body(body: DancerBody, channels: Channels, mid_hip: Floats) -> dict[str, Floats]:
    yaw = channels["hips_yaw"] + channels["chest_yaw"]
    roll = 0.3 * channels["hips_roll"] + channels["chest_roll"]
    pitch = channels["hips_pitch"] + channels["chest_pitch"]
    chest = rotations(yaw, roll, pitch)
    shift = channels["chest_x"][:, None] * chest[:, :, 0] + channels["chest_z"][:, None] * chest[:, :, 2]
    mid_shoulder = mid_hip + body.torso_m * _unit(body.torso_m * chest[:, :, 1] + shift)
    joints: dict[str, Floats] = {}
    for side in SIDES:
        joints |= _arm(body, channels, side, mid_shoulder, chest)
    return joints | _head(body, channels, mid_shoulder, chest, (yaw, roll, pitch))


def _arm(body: DancerBody, channels: Channels, side: str, mid_shoulder: Floats, chest: Floats) -> dict[str, Floats]:
    to_world = chest * np.array([SIDES[side], 1.0, 1.0])
    raised = np.clip(channels[f"{side}_upper"][:, 1], 0.0, 1.0)
    at_chest = np.stack(
        [
            body.shoulder_half_width_m - 0.02 * raised,
            channels[f"{side}_shrug"] + 0.05 * raised,
            np.zeros_like(raised),
        ],
        axis=1,
    )
    upper, fore = (_turned(to_world, channels[f"{side}_{bone}"]) for bone in ("upper", "fore"))
    fore = _as_far_as_elbows_fold(upper, fore)
    shoulder = mid_shoulder + _turned(to_world, at_chest)
    elbow = shoulder + body.upper_arm_m * upper
    wrist = elbow + body.forearm_m * fore
    # In a relaxed hand the thumb lies where the elbow bends to; a straight arm has it to the front.
    thumb_side = -upper + 0.6 * chest[:, :, 2]
    thumb_side = _unit(thumb_side - np.sum(thumb_side * fore, axis=1, keepdims=True) * fore)
    hand = _unit(fore + 0.25 * thumb_side)
    return {
        f"{side}_shoulder": shoulder,
        f"{side}_elbow": elbow,
        f"{side}_wrist": wrist,
        f"{side}_palm_thumb": wrist + body.palm_m * 0.9 * hand + body.palm_half_width_m * thumb_side,
        f"{side}_palm_pinky": wrist + body.palm_m * hand - body.palm_half_width_m * thumb_side,
    }


def _as_far_as_elbows_fold(upper: Floats, fore: Floats) -> Floats:
    """Forearm directions, opened to `LEAST_ELBOW_RAD` where they would lie along the upper arm."""
    folded = np.sum(fore * -upper, axis=1, keepdims=True)
    aside = _unit(fore + folded * upper)
    tightest = np.cos(LEAST_ELBOW_RAD) * -upper + np.sin(LEAST_ELBOW_RAD) * aside
    return np.where(folded > np.cos(LEAST_ELBOW_RAD), tightest, fore)


def _head(
    body: DancerBody, channels: Channels, mid_shoulder: Floats, chest: Floats, chest_angles: tuple[Floats, ...]
) -> dict[str, Floats]:
    """The head follows the chest only in part: a dancer keeps looking to the front."""
    yaw, roll, pitch = chest_angles
    turn = rotations(
        0.5 * yaw + channels["head_yaw"], 0.5 * roll + channels["head_roll"], 0.4 * pitch + channels["head_pitch"]
    )
    neck_up = _unit(chest[:, :, 1] + 0.8 * turn[:, :, 1])
    centre = mid_shoulder + body.shoulders_to_ears_m * neck_up + 0.03 * turn[:, :, 2]
    width = body.head_half_width_m
    places = {
        "nose": (0.0, -0.25, 1.45),
        "left_eye": (0.43, 0.25, 1.2),
        "right_eye": (-0.43, 0.25, 1.2),
        "left_ear": (1.0, 0.0, 0.0),
        "right_ear": (-1.0, 0.0, 0.0),
    }
    return {name: centre + width * np.einsum("tij,j->ti", turn, np.array(place)) for name, place in places.items()}


def _matrix(rows: list[list[Floats]]) -> Floats:
    return np.moveaxis(np.array(rows), 2, 0)


def _turned(matrices: Floats, vectors: Floats) -> Floats:
    return np.asarray(np.einsum("tij,tj->ti", matrices, vectors))


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9))


def _soft_minimum(values: list[Floats], softness_m: float = 0.006) -> Floats:
    """The least of several heights without a kink where another one takes over."""
    stacked = np.stack(values)
    least = stacked.min(axis=0)
    return np.asarray(least - softness_m * np.log(np.exp((least - stacked) / softness_m).sum(axis=0)))
