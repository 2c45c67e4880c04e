"""A small vocabulary of shapes and steps that the routines are written in. Shapes are for the left or the right arm alike."""

from choreography.demo.keys import HANGING, HANGING_FORE, Change, Direction

type Arm = tuple[Direction, Direction]
"""Directions of the upper arm and the forearm."""

REST: Arm = (HANGING, HANGING_FORE)
READY: Arm = ((0.5, -0.85, -0.2), (-0.4, 0.22, 0.9))
LOW: Arm = ((0.6, -0.8, 0.1), (0.5, -0.85, 0.15))
WIDE: Arm = ((1.0, 0.02, 0.1), (1.0, 0.05, 0.12))
HIGH: Arm = ((0.62, 0.78, 0.05), (0.55, 0.83, 0.05))
STRAIGHT_UP: Arm = ((0.22, 1.0, 0.08), (0.02, 1.0, 0.1))
POST: Arm = ((1.0, 0.0, 0.1), (0.08, 1.0, 0.15))
HANGING_POST: Arm = ((1.0, 0.02, 0.1), (0.05, -1.0, 0.15))
FOLDED: Arm = ((0.66, -0.5, 0.5), (-1.0, 0.08, 0.2))
CLASP: Arm = ((0.5, -0.75, 0.4), (-0.85, 0.5, 0.45))
PUSH: Arm = ((0.35, -0.25, 0.9), (0.05, 0.1, 1.0))
ON_HIP: Arm = ((0.85, -0.6, -0.3), (-0.72, -0.62, 0.3))
AT_HEAD: Arm = ((0.85, 0.5, 0.1), (-0.78, 0.62, 0.05))
OVER_HEAD: Arm = ((0.5, 0.85, 0.1), (-0.75, 0.65, 0.05))
ACROSS: Arm = ((0.15, -0.6, 0.75), (-0.95, 0.15, 0.4))
ACROSS_LOW: Arm = ((0.12, -0.95, 0.35), (-0.7, -0.7, 0.3))
ACROSS_HIGH: Arm = ((0.05, 0.35, 0.9), (-0.75, 0.65, 0.25))
BEHIND: Arm = ((0.5, -0.8, -0.4), (0.3, -0.85, -0.35))
TO_EYES: Arm = ((0.75, 0.05, 0.6), (-0.75, 0.6, 0.25))


def left(arm: Arm) -> Change:
    return {"left_upper": arm[0], "left_fore": arm[1]}


def right(arm: Arm) -> Change:
    return {"right_upper": arm[0], "right_fore": arm[1]}


def both(arm: Arm) -> Change:
    return {**left(arm), **right(arm)}


def stand(weight: float = 0.5, drop: float = 0.03, x: float = 0.0, z: float = 0.0) -> Change:
    """Where the hips are over the feet: `weight` is the share on the left foot, `drop` how low in metres."""
    return {"weight": weight, "drop": drop, "hips_x": x, "hips_z": z}


def hips(yaw: float = 0.0, roll: float = 0.0, pitch: float = 0.0) -> Change:
    return {"hips_yaw": yaw, "hips_roll": roll, "hips_pitch": pitch}


def chest(yaw: float = 0.0, roll: float = 0.0, pitch: float = 0.0, x: float = 0.0, z: float = 0.0) -> Change:
    return {"chest_yaw": yaw, "chest_roll": roll, "chest_pitch": pitch, "chest_x": x, "chest_z": z}


def head(yaw: float = 0.0, roll: float = 0.0, pitch: float = 0.0) -> Change:
    return {"head_yaw": yaw, "head_roll": roll, "head_pitch": pitch}


def left_foot(x: float, z: float = 0.0, lift: float = 0.0, heel: float = 0.0, turnout: float = 0.22) -> Change:
    return _foot("left", x, z, lift, heel, turnout)


def right_foot(x: float, z: float = 0.0, lift: float = 0.0, heel: float = 0.0, turnout: float = 0.22) -> Change:
    return _foot("right", x, z, lift, heel, turnout)


def knees(left_out: float = 0.18, right_out: float = 0.18) -> Change:
    return {"left_knee_out": left_out, "right_knee_out": right_out}


def shrug(left_m: float = 0.0, right_m: float = 0.0) -> Change:
    return {"left_shrug": left_m, "right_shrug": right_m}


def bounce(metres: float) -> Change:
    return {"bounce": metres}


def _foot(side: str, x: float, z: float, lift: float, heel: float, turnout: float) -> Change:
    return {
        f"{side}_foot_x": x,
        f"{side}_foot_z": z,
        f"{side}_foot_lift": lift,
        f"{side}_foot_turnout": turnout,
        f"{side}_heel": heel,
    }
