"""A drawn dancer for machines without real clips: the demo's figure in clothes, in a room, as the pose models need it."""

import math
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from choreography.demo.elevator import ELEVATOR
from choreography.demo.motion import perform
from inference.pose.skeleton import SKELETON
from inference.pose.track import PoseTrack

Bytes = NDArray[np.uint8]
Points = dict[str, NDArray[np.float64]]
Colour = tuple[int, int, int]

SKIN, HAIR, SHIRT, TROUSERS, SHOES = (224, 172, 140), (50, 35, 30), (178, 40, 52), (38, 54, 98), (240, 240, 240)
DOWN = np.array([0.0, 1.0])
_SLEEVE = 0.45
"""How far down the upper arm a sleeve reaches."""


def drawn_dance(size_px: tuple[int, int], frames: int) -> Iterator[Bytes]:
    """(H, W, 3) RGB pictures, 30 a second, of the demo's figure that dances the demo's routine."""
    return drawn(perform(ELEVATOR), size_px, frames)


def drawn(track: PoseTrack, size_px: tuple[int, int], frames: int) -> Iterator[Bytes]:
    """(H, W, 3) RGB pictures, one for each frame of a track in which the dancer is always seen, over and over."""
    scale = np.array(size_px) / track.size_px
    room = _room(size_px)
    for index in range(frames):
        xy = track.xy_px[index % len(track.t_s)] * scale
        yield _figure(room.copy(), {name: xy[SKELETON.index(name)].astype(np.float64) for name in SKELETON.joints})


def _room(size_px: tuple[int, int]) -> Bytes:
    """A wall that is darker at its sides, a skirting board and a floor, with a camera's grain."""
    width, height = size_px
    floor = round(0.78 * height)
    shade = 1 - 0.25 * np.abs(np.linspace(-1, 1, width))[None, :, None]
    room = np.empty((height, width, 3))
    room[:floor] = np.array([196, 190, 180]) * shade
    room[floor:] = np.array([142, 110, 84]) * shade
    room[floor : floor + height // 100] = (90, 80, 72)
    grain = np.random.default_rng(0).normal(0, 3, room.shape)
    return np.asarray(np.clip(room + grain, 0, 255), dtype=np.uint8)


def _figure(picture: Bytes, at: Points) -> Bytes:
    torso = math.dist(at["neck"], at["center_hip"])
    width = max(1.0, 0.17 * torso)
    for side in ("left", "right"):
        _leg(picture, at, side, width)
    _trunk(picture, at, width)
    _head(picture, at, torso)
    for side in ("left", "right"):
        _arm(picture, at, side, width)
    return picture


def _leg(picture: Bytes, at: Points, side: str, width: float) -> None:
    hip, knee, ankle, toe = (at[f"{side}_{joint}"] for joint in ("hip", "knee", "ankle", "bigtoe"))
    _limb(picture, (ankle, toe), SHOES, 0.8 * width)
    _limb(picture, (hip, knee, ankle), TROUSERS, 1.25 * width)


def _trunk(picture: Bytes, at: Points, width: float) -> None:
    corners = [at[name] for name in ("left_shoulder", "right_shoulder", "right_hip", "left_hip")]
    cv2.fillPoly(picture, [np.round(corners).astype(np.int32)], SHIRT, cv2.LINE_AA)
    _limb(picture, [*corners, corners[0]], SHIRT, 0.9 * width)


def _head(picture: Bytes, at: Points, torso: float) -> None:
    middle = (at["left_ear"] + at["right_ear"]) / 2
    _limb(picture, (at["neck"], middle), SKIN, 0.2 * torso)
    radius = round(0.2 * torso)
    _disc(picture, middle - DOWN * 0.06 * torso, radius + 3, HAIR)
    cv2.ellipse(picture, _pixel(middle + DOWN * 0.03 * torso), (round(0.8 * radius), radius), 0, 0, 360, SKIN, -1)
    for side in ("left", "right"):
        _disc(picture, at[f"{side}_eye"], max(1, round(0.025 * torso)), HAIR)
        _disc(picture, at[f"{side}_ear"], max(1, round(0.04 * torso)), SKIN)
    _disc(picture, at["nose"], max(1, round(0.022 * torso)), (190, 130, 105))
    mouth, half_smile = at["nose"] + DOWN * 0.08 * torso, np.array([0.05 * torso, 0])
    _limb(picture, (mouth - half_smile, mouth + half_smile), (160, 70, 70), 0.02 * torso)


def _arm(picture: Bytes, at: Points, side: str, width: float) -> None:
    shoulder, elbow, wrist, thumb, pinky = (
        at[f"{side}_{joint}"] for joint in ("shoulder", "elbow", "wrist", "palm_thumb", "palm_pinky")
    )
    for finger in (thumb, pinky):
        _limb(picture, (wrist, finger), SKIN, 0.5 * width)
    _limb(picture, (shoulder, elbow, wrist), SKIN, 0.7 * width)
    _limb(picture, (shoulder, shoulder + _SLEEVE * (elbow - shoulder)), SHIRT, width)


def _limb(
    picture: Bytes, points: tuple[NDArray[np.float64], ...] | list[NDArray[np.float64]], colour: Colour, width: float
) -> None:
    thickness = max(1, round(width))
    cv2.polylines(picture, [np.round(points).astype(np.int32)], False, colour, thickness, cv2.LINE_AA)


def _disc(picture: Bytes, centre: NDArray[np.float64], radius: int, colour: Colour) -> None:
    cv2.circle(picture, _pixel(centre), radius, colour, -1, cv2.LINE_AA)


def _pixel(point: NDArray[np.float64]) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))
