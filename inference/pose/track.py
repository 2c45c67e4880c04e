"""PoseTrack: one dancer's keypoints over time, the format every part of the product speaks."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.pose.skeleton import SKELETON

JOINT_COUNT = len(SKELETON.joints)
_NOTHING: NDArray[Any] = np.empty(0)


def _nothing() -> NDArray[Any]:
    return _NOTHING


class TrackError(ValueError):
    """The arrays do not make a track. `code` is stable; the message is for developers."""

    code = "bad_track"


@dataclass(frozen=True, eq=False)
class PoseTrack:
    """Keypoints of one dancer.

    Attributes
    ----------
    t_s : (T,) float64
        Presentation time of each frame in seconds from the clip's first picture, strictly increasing. T >= 0.
    xy_px : (T, 29, 2) float32
        Keypoints in pixels of the upright picture, x to the right, y down; NaN in frames without a dancer.
        A joint may lie outside the picture.
    conf : (T, 29) float32
        Confidence in [0, 1]; 0 in frames without a dancer.
    size_px : (int, int)
        Width and height of the upright picture (after rotation and pixel aspect).
    model : str
        Name of the estimator that found the keypoints ("blazepose-full", "authored", ...).
    xyz_m : (T, 29, 3) float32
        Metres from the middle of the hips along the picture's axes: x to the right, y down, z away from the camera.
        NaN throughout a frame in which nothing is known: without a dancer, or where the engine sees in two dimensions.
    interpolated : (T,) bool
        Frames that no engine looked at: their keypoints lie between those of the frames around them.
    begins_shot : (T,) bool
        Frames with a cut before them: nothing is to be drawn or measured from the frame before to this one.
    """

    t_s: NDArray[np.float64]
    xy_px: NDArray[np.float32]
    conf: NDArray[np.float32]
    size_px: tuple[int, int]
    model: str
    xyz_m: NDArray[np.float32] = field(default_factory=_nothing)
    interpolated: NDArray[np.bool_] = field(default_factory=_nothing)
    begins_shot: NDArray[np.bool_] = field(default_factory=_nothing)

    def __post_init__(self) -> None:
        frames = len(self.t_s)
        self._default("xyz_m", np.full((frames, JOINT_COUNT, 3), np.nan, np.float32))
        self._default("interpolated", np.zeros(frames, bool))
        self._default("begins_shot", np.zeros(frames, bool))
        _require(self.xyz_m.shape == (frames, JOINT_COUNT, 3), f"xyz_m has shape {self.xyz_m.shape}")
        _require(self.interpolated.shape == (frames,), f"interpolated has shape {self.interpolated.shape}")
        _require(self.begins_shot.shape == (frames,), f"begins_shot has shape {self.begins_shot.shape}")
        _require(self.t_s.shape == (frames,), f"t_s has shape {self.t_s.shape}")
        _require(self.xy_px.shape == (frames, JOINT_COUNT, 2), f"xy_px has shape {self.xy_px.shape}")
        _require(self.conf.shape == (frames, JOINT_COUNT), f"conf has shape {self.conf.shape}")
        _require(bool(np.all(np.isfinite(self.t_s))), "t_s is not finite")
        _require(bool(np.all(np.diff(self.t_s) > 0)), "t_s does not increase")
        _require(bool(np.all((self.conf >= 0) & (self.conf <= 1))), "conf lies outside [0, 1]")
        _require(bool(np.all(np.isfinite(self.xy_px[self.found]))), "xy_px is not finite where a dancer was found")
        known = np.isfinite(self.xyz_m).all(axis=(1, 2))
        _require(bool(np.all(np.isnan(self.xyz_m[~known]))), "xyz_m is neither known nor NaN throughout a frame")
        _require(min(self.size_px) > 0, f"size_px is {self.size_px}")

    def _default(self, name: str, value: NDArray[Any]) -> None:
        if getattr(self, name) is _NOTHING:
            object.__setattr__(self, name, value)

    @property
    def found(self) -> NDArray[np.bool_]:
        """(T,) True in frames in which a dancer was found."""
        return np.asarray(self.conf.max(axis=1, initial=0.0) > 0)

    @property
    def duration_s(self) -> float:
        """Time from the first to the last frame in seconds; 0 for fewer than two frames."""
        return float(self.t_s[-1] - self.t_s[0]) if len(self.t_s) > 1 else 0.0

    def joint(self, name: str) -> NDArray[np.float32]:
        """(T, 2) positions in pixels of one joint. Raises KeyError for an unknown name."""
        return self.xy_px[:, SKELETON.index(name)]


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise TrackError(message)
