"""Stick figures of any build that dance a Motion, and the cameras before them: exact joints in space and in the picture.

World axes as in `ml_training.rendering.motion`: metres, y up, the camera in front at z > 0 unless it is turned.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from inference.pose.skeleton import SKELETON
from ml_training.rendering.camera import Camera
from ml_training.rendering.motion import Motion, unit
from ml_training.rendering.posing import with_derived

Floats = NDArray[np.float64]

BUILD_SPREAD = 0.15
PHONE, LANDSCAPE, TALL_PHONE = (720, 1280), (1280, 720), (1080, 1920)
DISTANCES_M, HEIGHTS_M = (2.0, 5.0), (0.6, 1.8)
LENS_SHARE = 0.73
"""The focal length of a phone's main lens (26 mm on film), as a share of the picture's long side."""
STAGE_M = (2.4, 2.4)
"""Width and height that the camera must take in: arms to the side with a step, arms overhead. Nearer cameras zoom out."""
_AIM_M = 1.0


@dataclass(frozen=True)
class Build:
    """Distances between joint centres in metres; the defaults are a dancer of about 1.70 m."""

    trunk: float = 0.49
    shoulders: float = 0.35
    hips: float = 0.196
    upper_arm: float = 0.28
    forearm: float = 0.245
    hand: float = 0.085
    thigh: float = 0.415
    shank: float = 0.405
    foot: float = 0.17
    head: float = 0.205

    @property
    def leg_m(self) -> float:
        return self.thigh + self.shank

    @property
    def height_m(self) -> float:
        return self.leg_m + self.trunk + self.head + _ANKLE_M + _CROWN_M


_ANKLE_M, _CROWN_M = 0.075, 0.13
AVERAGE = Build()


def a_build(seed: int) -> Build:
    """Every length up to 15 % longer or shorter, each by itself."""
    rng = np.random.default_rng(seed)
    return replace(
        AVERAGE,
        **{
            part.name: getattr(AVERAGE, part.name) * rng.uniform(1 - BUILD_SPREAD, 1 + BUILD_SPREAD)
            for part in fields(Build)
        },
    )


def a_camera(
    *,
    yaw_deg: float = 0.0,
    distance_m: float = 3.5,
    height_m: float = 1.2,
    size_px: tuple[int, int] = PHONE,
) -> Camera:
    """Stands `yaw_deg` to the dancer's left and is tilted and zoomed so that the dancer is in the picture."""
    width, height = size_px
    focal_px = min(LENS_SHARE * max(size_px), distance_m / STAGE_M[0] * width, distance_m / STAGE_M[1] * height)
    return Camera(size_px, distance_m, np.radians(yaw_deg), height_m, _AIM_M, focal_px / height)


def some_camera(seed: int, *, yaw_deg: float = 0.0) -> Camera:
    """A camera at any usual distance and height, upright or not."""
    rng = np.random.default_rng(seed)
    sizes = (PHONE, LANDSCAPE, TALL_PHONE)
    return a_camera(
        yaw_deg=yaw_deg,
        distance_m=rng.uniform(*DISTANCES_M),
        height_m=rng.uniform(*HEIGHTS_M),
        size_px=sizes[int(rng.integers(len(sizes)))],
    )


def joints_m(build: Build, motion: Motion) -> Floats:
    """(T, 29, 3) joints in the world, the lowest point of the feet at the motion's height above the floor."""
    hips, chest, head = (motion.frames[name] for name in ("hips", "chest", "head"))
    middle = build.trunk * (0.4 * hips[:, :, 1] + 0.6 * chest[:, :, 1])
    at = _head(build, middle + build.head * unit(chest[:, :, 1] + head[:, :, 1]), head)
    soles = []
    for side, sign in (("left", 0.5), ("right", -0.5)):
        at |= _arm(build, motion, side, middle + sign * build.shoulders * chest[:, :, 0])
        leg = _leg(build, motion, side, sign * build.hips * hips[:, :, 0])
        soles += [leg.pop("heel")[:, 1], leg[f"{side}_bigtoe"][:, 1]]
        at |= leg
    every = with_derived(at)
    placed = np.stack([every[joint] for joint in SKELETON.joints], axis=1)
    mark = np.stack([motion.floor_xz[:, 0], motion.height, motion.floor_xz[:, 1]], axis=1) * build.leg_m
    mark[:, 1] -= np.min(soles, axis=0)
    return placed + mark[:, None]


def in_picture(camera: Camera, world_m: Floats) -> Floats:
    """(T, 29, 2) pixels."""
    return camera.project(world_m)[0]


def from_hips(camera: Camera, world_m: Floats) -> Floats:
    """(T, 29, 3) metres from the middle of the hips along the picture's axes: right, down, away."""
    return (world_m - world_m[:, [SKELETON.index("center_hip")]]) @ camera.axes.T


def height_px(camera: Camera, build: Build, world_m: Floats) -> Floats:
    """(T,) how tall the dancer would stand at each moment's distance."""
    return camera.focal_px * build.height_m / camera.project(world_m[:, SKELETON.index("center_hip")])[1]


def _head(build: Build, ears: Floats, turns: Floats) -> dict[str, Floats]:
    """Places on a head about as wide as 0.36 of its height over the shoulders, as (left, up, front)."""
    half = 0.36 * build.head
    places = {
        "nose": (0.0, -0.1, 1.45),
        "left_eye": (0.43, 0.3, 1.2),
        "right_eye": (-0.43, 0.3, 1.2),
        "left_ear": (1.0, 0.0, 0.0),
        "right_ear": (-1.0, 0.0, 0.0),
    }
    return {name: ears + half * turns @ np.array(place) for name, place in places.items()}


def _arm(build: Build, motion: Motion, side: str, shoulder: Floats) -> dict[str, Floats]:
    upper, fore, hand = (motion.limbs[f"{side}_{limb}"] for limb in ("upper_arm", "forearm", "hand"))
    elbow = shoulder + build.upper_arm * upper
    wrist = elbow + build.forearm * fore
    # In a relaxed hand the thumb lies where the elbow bends to; a straight arm has it to the front.
    thumb = 0.6 * motion.frames["chest"][:, :, 2] - upper
    thumb = unit(thumb - np.sum(thumb * hand, axis=1, keepdims=True) * hand)
    return {
        f"{side}_shoulder": shoulder,
        f"{side}_elbow": elbow,
        f"{side}_wrist": wrist,
        f"{side}_palm_thumb": wrist + build.hand * (0.9 * hand + 0.38 * thumb),
        f"{side}_palm_pinky": wrist + build.hand * (hand - 0.38 * thumb),
    }


def _leg(build: Build, motion: Motion, side: str, hip: Floats) -> dict[str, Floats]:
    thigh, shank, foot = (motion.limbs[f"{side}_{limb}"] for limb in ("thigh", "shank", "foot"))
    knee = hip + build.thigh * thigh
    ankle = knee + build.shank * shank
    toe = ankle + build.foot * foot
    heel = ankle + _ANKLE_M * unit(shank - 0.4 * foot)
    across = unit(np.cross(ankle - heel, toe - heel) if side == "left" else np.cross(toe - heel, ankle - heel))
    little = heel + 0.85 * (toe - heel) + 0.3 * np.linalg.norm(toe - heel, axis=1, keepdims=True) * across
    return {
        f"{side}_hip": hip,
        f"{side}_knee": knee,
        f"{side}_ankle": ankle,
        f"{side}_bigtoe": toe,
        f"{side}_littletoe": little,
        "heel": heel,
    }
