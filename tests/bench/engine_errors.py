"""The pose engine's errors, as measured on rendered dancers, for tracks whose truth is known.

`python -m tests.bench.pose_errors` measures them on six rendered dancers of six seconds (`blazepose-full`, as served,
1080 frames). Lengths in the picture are shares of the body's height, in space metres. What was found and is imitated:

- in the picture each joint is off by a constant for the clip and by an error that wanders; a joint hidden by the trunk
  wanders more, and one time in ten it is somewhere else altogether for a quarter of a second, with a doubtful confidence;
- in space the dancer has the engine's own idea of a height, is flattened towards the picture's plane, turns to and fro
  about the vertical by several degrees, and each joint wanders, most of all in depth.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from inference.pose.skeleton import SKELETON
from ml_training.rendering.posing import with_derived

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

CORRELATION_S = 0.28
"""After this time the error is worth 1/e of itself; .24 to .40 over all groups, in the picture and in space."""
QUICK_SHARE, QUICK_S = 0.1, 0.033
"""Share of the error's variance that changes from frame to frame: what leaves a jitter of 0.3 % (docs/pose.md)."""
GRIP = {
    "eye": ("nose", 0.7, 0.9),
    "ear": ("nose", 0.7, 0.9),
    "elbow": ("shoulder", 0.1, 0.58),
    "wrist": ("elbow", 0.5, 0.75),
    "palm_thumb": ("wrist", 0.5, 0.93),
    "palm_pinky": ("wrist", 0.3, 0.93),
    "ankle": ("knee", 0.1, 0.65),
    "bigtoe": ("ankle", 0.2, 0.85),
}
"""Joints whose errors go along with those of the joint before them: which, and the correlations in the picture and in
space, where it is the same for the constant part."""


@dataclass(frozen=True)
class JointErrors:
    """Standard deviations for each axis, and shares of the frames. `astray` is the length of a gross error."""

    bias: float
    wander: float
    hidden_wander: float
    astray_share: float
    hidden_astray_share: float
    astray: float
    hidden_conf: float
    low_share: float
    bias_m: tuple[float, float, float]
    wander_m: tuple[float, float, float]


_HEAD = JointErrors(0.003, 0.0057, 0.0095, 0.0, 0.0, 0.0, 1.0, 0.0, (0.020, 0.015, 0.046), (0.033, 0.021, 0.053))
_TRUNK = JointErrors(0.0085, 0.0080, 0.0124, 0.0, 0.0007, 0.05, 1.0, 0.0, (0.019, 0.032, 0.020), (0.022, 0.020, 0.034))
_MIDDLE = JointErrors(
    0.0062, 0.0080, 0.0155, 0.0058, 0.139, 0.083, 0.66, 0.010, (0.026, 0.031, 0.032), (0.036, 0.034, 0.064)
)
_END = JointErrors(
    0.0062, 0.0062, 0.0135, 0.0018, 0.124, 0.150, 0.76, 0.004, (0.021, 0.022, 0.044), (0.040, 0.032, 0.089)
)
_HAND = JointErrors(
    0.0084, 0.0109, 0.0130, 0.0116, 0.095, 0.160, 0.81, 0.016, (0.032, 0.030, 0.059), (0.052, 0.052, 0.116)
)
_TOE = JointErrors(
    0.0042, 0.0069, 0.0090, 0.0051, 0.023, 0.060, 0.85, 0.0, (0.051, 0.022, 0.046), (0.051, 0.036, 0.085)
)
ERRORS = {
    **dict.fromkeys(("nose", "eye", "ear"), _HEAD),
    **dict.fromkeys(("shoulder", "hip"), _TRUNK),
    **dict.fromkeys(("elbow", "knee"), _MIDDLE),
    **dict.fromkeys(("wrist", "ankle"), _END),
    **dict.fromkeys(("palm_thumb", "palm_pinky"), _HAND),
    **dict.fromkeys(("bigtoe", "littletoe"), _TOE),
}
ASTRAY_S, LOW_S = 0.24, 0.44
SEEN_CONF, HIDDEN_CONF_SPREAD, LOW_CONF = 0.98, 0.3, 0.3
SIZE_SHARES = (0.83, 1.03)
"""The engine's height of a dancer over the true one, constant for a clip."""
FLATTENED = (0.70, 0.86)
"""Depths found over true ones; 0.58 for a dancer seen from behind."""
TURN_BIAS_DEG, TURN_DEG = 3.6, 7.6
"""Standard deviations of the turn about the vertical: of what is constant in a clip, and of what comes and goes."""
GAP_SHARE, GAP_S = 0.01, 0.5
"""Frames in which nobody is found: none on rendered dancers, up to 5 % on the real clips of docs/pose.md."""
DERIVED_CONF, LITTLE_TOE_CONF = 0.95, 0.5

_GRID_HZ = 60.0
_SIDED = ("shoulder", "hip", "elbow", "knee", "wrist", "ankle", "palm_thumb", "palm_pinky", "bigtoe", "littletoe")
DIRECT = ("nose", *(f"{side}_{joint}" for side in ("left", "right") for joint in ("eye", "ear", *_SIDED)))


@dataclass(frozen=True, eq=False)
class Truth:
    """(T,) times, (T, 29, 2) pixels, (T, 29, 3) metres along the picture's axes, (T,) the dancer's height in pixels."""

    t_s: Floats
    xy_px: Floats
    xyz_m: Floats
    height_px: Floats


@dataclass(frozen=True, eq=False)
class Read:
    """The same as an engine reads it, and (T, 29) confidence."""

    xy_px: Floats
    xyz_m: Floats
    conf: Floats


def as_read(truth: Truth, amount: float, seed: int) -> Read:
    """The engine's reading of the truth, with `amount` times its errors; 0 gives the truth, all in view."""
    if amount <= 0:
        return Read(truth.xy_px, truth.xyz_m, np.full(truth.xy_px.shape[:2], SEEN_CONF))
    noise = _Noise(truth.t_s, np.random.default_rng(seed))
    hidden = behind_trunk(truth.xyz_m)
    px, metres, conf = {}, {}, {}
    flat_m = _as_engine_sees(truth.xyz_m, noise, amount)
    courses: dict[str, _Courses] = {}
    for joint in DIRECT:
        index, size = SKELETON.index(joint), ERRORS[_kind(joint)]
        course = courses[joint] = _with_grip(joint, noise.courses(), courses)
        at_hidden = hidden[:, index]
        spread = np.where(at_hidden, size.hidden_wander, size.wander)[:, None]
        share = course.bias * size.bias + course.in_picture * spread + noise.astray(size, at_hidden)
        px[joint] = truth.xy_px[:, index] + amount * share * truth.height_px[:, None]
        metres[joint] = flat_m[:, index] + amount * (course.bias_m * size.bias_m + course.in_space * size.wander_m)
        conf[joint] = noise.confidence(size, at_hidden)
    found = noise.gaps(amount)
    xyz_m = _every(metres)
    return Read(
        np.where(found[:, None, None], _every(px), np.nan),
        np.where(found[:, None, None], xyz_m - xyz_m[:, [SKELETON.index("center_hip")]], np.nan),
        np.where(found[:, None], _confidences(conf), 0.0),
    )


def behind_trunk(xyz_m: Floats) -> Mask:
    """(T, 29) joints of arms that the trunk hides: within its outline and behind it."""
    at = {joint: xyz_m[:, SKELETON.index(joint)] for joint in SKELETON.joints}
    hips, shoulders = ((at[f"left_{name}"] + at[f"right_{name}"]) / 2 for name in ("hip", "shoulder"))
    axis = shoulders - hips
    along = np.einsum("tjk,tk->tj", xyz_m - hips[:, None], axis) / np.square(axis).sum(axis=1)[:, None]
    beside = xyz_m - (hips[:, None] + along[..., None] * axis[:, None])
    half = np.linalg.norm(at["left_shoulder"][:, :2] - at["right_shoulder"][:, :2], axis=1)[:, None] / 2
    inside = (along > 0) & (along < 1) & (np.abs(beside[..., 0]) < half)
    hidden = inside & (beside[..., 2] > _BEHIND_M)
    arms = [SKELETON.index(joint) for joint in SKELETON.joints if _kind(joint) in _ARM]
    return np.asarray(hidden & np.isin(np.arange(len(SKELETON.joints)), arms))


_BEHIND_M = 0.06
_ARM = ("elbow", "wrist", "palm_thumb", "palm_pinky")


@dataclass(frozen=True, eq=False)
class _Courses:
    """One joint's errors in standard deviations: constants (2,) and (3,), courses over time (T, 2) and (T, 3)."""

    bias: Floats
    bias_m: Floats
    in_picture: Floats
    in_space: Floats


class _Noise:
    """Random courses over time with the measured correlation; the same seed gives the same at any frame rate."""

    def __init__(self, t_s: Floats, rng: np.random.Generator) -> None:
        self._t_s, self._rng = t_s, rng
        self._grid_s = np.arange(t_s[0] - 1.0, t_s[-1] + 1.0, 1 / _GRID_HZ)

    def normal(self) -> float:
        return float(self._rng.standard_normal())

    def courses(self) -> "_Courses":
        constant = self._rng.standard_normal(5)
        return _Courses(constant[:2], constant[2:], self.wander(2), self.wander(3))

    def between(self, low: float, high: float) -> float:
        return float(self._rng.uniform(low, high))

    def wander(self, axes: int) -> Floats:
        """(T, axes), standard deviation 1."""
        # A Gaussian blur of white noise has the correlation exp(-t^2 / 4 sigma^2).
        slow, quick = self._blurred(axes, CORRELATION_S / 2), self._blurred(axes, QUICK_S)
        course = np.sqrt(1 - QUICK_SHARE) * slow + np.sqrt(QUICK_SHARE) * quick
        return np.stack([np.interp(self._t_s, self._grid_s, column) for column in course.T], axis=1)

    def astray(self, size: JointErrors, hidden: Mask) -> Floats:
        """(T, 2) gross errors: now and then, and often behind the trunk, in a direction drawn each time."""
        offset = np.zeros((len(self._t_s), 2))
        for share, where in ((size.astray_share, ~hidden), (size.hidden_astray_share, hidden)):
            for start_s in self._starts(share, ASTRAY_S):
                angle = self.between(0.0, 2 * np.pi)
                course = np.clip(np.sin(np.pi * (self._t_s - start_s) / (1.5 * ASTRAY_S)), 0.0, 1.0)
                course *= (self._t_s >= start_s) & (self._t_s < start_s + 1.5 * ASTRAY_S) & where
                offset += size.astray * course[:, None] * np.array([np.cos(angle), np.sin(angle)])
        return offset

    def confidence(self, size: JointErrors, hidden: Mask) -> Floats:
        """(T,)"""
        doubtful = np.clip(size.hidden_conf + HIDDEN_CONF_SPREAD * self.wander(1)[:, 0], 0.05, SEEN_CONF)
        conf = np.where(hidden & (size.hidden_conf < 1), doubtful, SEEN_CONF)
        for start_s in self._starts(size.low_share, LOW_S):
            conf[(self._t_s >= start_s) & (self._t_s < start_s + LOW_S)] = LOW_CONF
        return conf

    def gaps(self, amount: float) -> Mask:
        """(T,) where somebody was found."""
        found = np.ones(len(self._t_s), bool)
        for start_s in self._starts(GAP_SHARE * min(amount, 1.0), GAP_S):
            found[(self._t_s >= start_s) & (self._t_s < start_s + GAP_S)] = False
        return found

    def _starts(self, share: float, length_s: float) -> Floats:
        """Beginnings of events that take up a share of the time."""
        span_s = float(self._grid_s[-1] - self._grid_s[0])
        return self._rng.uniform(self._grid_s[0], self._grid_s[-1], self._rng.poisson(share * span_s / length_s))

    def _blurred(self, axes: int, sigma_s: float) -> Floats:
        white = self._rng.standard_normal((len(self._grid_s), axes))
        # Over an endless course the blur leaves 1 / (2 sqrt(pi) sigma) of the variance.
        frames = sigma_s * _GRID_HZ
        return gaussian_filter1d(white, frames, axis=0, mode="wrap") * np.sqrt(2 * np.sqrt(np.pi) * frames)


def _as_engine_sees(xyz_m: Floats, noise: _Noise, amount: float) -> Floats:
    """The body flattened, turned to and fro and with another height, before each joint's own error."""
    size = 1 + min(amount, 1.0) * (noise.between(*SIZE_SHARES) - 1)
    depth = 1 + min(amount, 1.0) * (noise.between(*FLATTENED) - 1)
    turn = np.radians(TURN_BIAS_DEG * noise.normal() + TURN_DEG * noise.wander(1)) * amount
    x, y, z = np.moveaxis(xyz_m * np.array([1.0, 1.0, depth]), 2, 0)
    cosine, sine = np.cos(turn), np.sin(turn)
    return size * np.stack([cosine * x - sine * z, y, sine * x + cosine * z], axis=2)


def _with_grip(joint: str, own: _Courses, before: dict[str, _Courses]) -> _Courses:
    name, in_picture, in_space = GRIP.get(_kind(joint), ("", 0.0, 0.0))
    if not name:
        return own
    held = before[name if name == "nose" else f"{joint.split('_', 1)[0]}_{name}"]
    return _Courses(
        own.bias,
        _mixed(held.bias_m, own.bias_m, in_space),
        _mixed(held.in_picture, own.in_picture, in_picture),
        _mixed(held.in_space, own.in_space, in_space),
    )


def _mixed(held: Floats, own: Floats, correlation: float) -> Floats:
    return np.asarray(correlation * held + np.sqrt(1 - correlation**2) * own)


def _every(direct: dict[str, Floats]) -> Floats:
    every = with_derived(direct)
    return np.stack([every[joint] for joint in SKELETON.joints], axis=1)


def _confidences(direct: dict[str, Floats]) -> Floats:
    rows = [direct.get(joint, np.full_like(direct["nose"], DERIVED_CONF)) for joint in SKELETON.joints]
    for side in ("left", "right"):
        rows[SKELETON.index(f"{side}_littletoe")] = LITTLE_TOE_CONF * direct[f"{side}_bigtoe"]
    return np.stack(rows, axis=1)


def _kind(joint: str) -> str:
    return joint.removeprefix("left_").removeprefix("right_")
