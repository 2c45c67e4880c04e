"""A pinhole camera in front of the dancer, and from body joints to the 29 keypoints of a picture."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from choreography.demo.body import Floats
from inference.pose.skeleton import SKELETON

_TO_PICTURE_AXES = np.array([1.0, -1.0, -1.0])
"""The world has y up and z towards the camera, a picture has y down and z away from it."""


@dataclass(frozen=True)
class Camera:
    """A phone held upright: it looks horizontally from `height_m` at the dancer's mark, `distance_m` away."""

    width_px: int = 720
    height_px: int = 1280
    distance_m: float = 4.5
    height_m: float = 1.0
    px_per_m: float = 340.0
    mark_x_px: float = 360.0
    eye_level_px: float = 690.0

    def project(self, xyz_m: Floats) -> Floats:
        """(T, 2) pixels, x to the right and y down, of (T, 3) metres. `px_per_m` holds at the dancer's mark."""
        scale = self.px_per_m * self.distance_m / (self.distance_m - xyz_m[:, 2])
        return np.stack(
            [self.mark_x_px + scale * xyz_m[:, 0], self.eye_level_px - scale * (xyz_m[:, 1] - self.height_m)], axis=1
        )


def keypoints_px(joints_m: Mapping[str, Floats], camera: Camera) -> NDArray[np.float32]:
    """(T, 29, 2) keypoints in pixels; the midline ones are derived in the picture as a pose estimator's are."""
    return _keypoints({name: camera.project(xyz_m) for name, xyz_m in joints_m.items()})


def keypoints_m(joints_m: Mapping[str, Floats]) -> NDArray[np.float32]:
    """(T, 29, 3) keypoints in metres from the middle of the hips along the axes of the camera's picture."""
    xyz_m = _keypoints({name: place * _TO_PICTURE_AXES for name, place in joints_m.items()})
    return np.asarray(xyz_m - xyz_m[:, [SKELETON.index("center_hip")]])


def _keypoints(seen: dict[str, Floats]) -> NDArray[np.float32]:
    hips, shoulders, ears = ((seen[f"left_{name}"] + seen[f"right_{name}"]) / 2 for name in ("hip", "shoulder", "ear"))
    seen["center_hip"] = hips
    seen["neck"] = shoulders + 0.25 * (ears - shoulders)
    seen["chest"] = shoulders + 0.25 * (hips - shoulders)
    seen["navel"] = shoulders + 0.72 * (hips - shoulders)
    return np.stack([seen[name] for name in SKELETON.joints], axis=1).astype(np.float32)
