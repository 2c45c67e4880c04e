"""From BlazePose's 33 landmarks to the 29 joints of KDance.

23 joints are landmarks. Six are not seen by the model and derived: with S, H and E the middles of shoulders, hips and
ears, center_hip = H, neck = S + 0.25 (E - S), chest = S + 0.25 (H - S), navel = S + 0.72 (H - S); the little toe lies
0.85 of the foot's length before the heel and 0.30 to the outside of the foot's line. `SKELETON.derived` marks them.
"""

import numpy as np
from numpy.typing import NDArray

from inference.pose.skeleton import SKELETON

DIRECT = {
    "nose": 0,
    "left_eye": 2,
    "right_eye": 5,
    "left_ear": 7,
    "right_ear": 8,
    "left_shoulder": 11,
    "right_shoulder": 12,
    "left_elbow": 13,
    "right_elbow": 14,
    "left_wrist": 15,
    "right_wrist": 16,
    "left_palm_pinky": 17,
    "right_palm_pinky": 18,
    "left_palm_thumb": 21,
    "right_palm_thumb": 22,
    "left_hip": 23,
    "right_hip": 24,
    "left_knee": 25,
    "right_knee": 26,
    "left_ankle": 27,
    "right_ankle": 28,
    "left_bigtoe": 31,
    "right_bigtoe": 32,
}
_EARS, _SHOULDERS, _HIPS = (7, 8), (11, 12), (23, 24)
_FEET = {"left": (27, 29, 31), "right": (28, 30, 32)}  # ankle, heel, big toe
_ALONG_FOOT, _ACROSS_FOOT = 0.85, 0.30
_LITTLE_TOE_CONFIDENCE = 0.5
_BLANK_FOOT = 1e-6
_PARENTS = {
    **{joint: (landmark,) for joint, landmark in DIRECT.items()},
    "center_hip": _HIPS,
    "neck": _SHOULDERS + _EARS,
    "chest": _SHOULDERS + _HIPS,
    "navel": _SHOULDERS + _HIPS,
    **{f"{side}_littletoe": foot for side, foot in _FEET.items()},
}


def to_kdance(
    xyz_px: NDArray[np.float64], conf: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The 29 joints of SKELETON from the 33 landmarks.

    Parameters
    ----------
    xyz_px : (T, 33, 3)
        Pixels; z on the scale of x, growing away from the camera. NaN in, NaN out.
    conf : (T, 33)
        Confidence in [0, 1].

    Returns
    -------
    xy_px : (T, 29, 2)
    conf : (T, 29)
        A derived joint has the least confidence of its parents, a little toe half of that: its side of the foot is a
        guess from the ankle.
    """
    sure = np.stack([conf[:, _PARENTS[joint]].min(axis=1) for joint in SKELETON.joints], axis=1)
    sure[:, [SKELETON.index(f"{side}_littletoe") for side in _FEET]] *= _LITTLE_TOE_CONFIDENCE
    return _joints(xyz_px)[..., :2], sure


def to_kdance_world(xyz_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """(T, 29, 3) The joints of SKELETON in metres from (T, 33, 3) world landmarks.

    The six derived joints lie as in `to_kdance`, in space. The middle of the hips is the origin: what the engine's
    own middle of the hips is off by is taken from every joint. NaN in, NaN out.
    """
    joints = _joints(xyz_m)
    return np.asarray(joints - joints[:, [SKELETON.index("center_hip")]])


def _joints(landmarks: NDArray[np.float64]) -> NDArray[np.float64]:
    """(T, 29, 3) in the unit of the landmarks, which must be the same along the three axes."""
    joints = np.empty((len(landmarks), len(SKELETON.joints), 3))
    for joint, landmark in DIRECT.items():
        joints[:, SKELETON.index(joint)] = landmarks[:, landmark]
    shoulders, hips, ears = (landmarks[:, pair].mean(axis=1) for pair in (_SHOULDERS, _HIPS, _EARS))
    joints[:, SKELETON.index("center_hip")] = hips
    joints[:, SKELETON.index("neck")] = shoulders + 0.25 * (ears - shoulders)
    joints[:, SKELETON.index("chest")] = shoulders + 0.25 * (hips - shoulders)
    joints[:, SKELETON.index("navel")] = shoulders + 0.72 * (hips - shoulders)
    for side, foot in _FEET.items():
        toe = _little_toe(*(landmarks[:, landmark] for landmark in foot), side=side)
        joints[:, SKELETON.index(f"{side}_littletoe")] = toe
    return joints


def _little_toe(
    ankle: NDArray[np.float64], heel: NDArray[np.float64], toe: NDArray[np.float64], *, side: str
) -> NDArray[np.float64]:
    """(T, 3) The direction across the foot is perpendicular to the foot and to the shin, outwards for `side`."""
    foot = toe - heel
    shin = ankle - heel
    across = np.cross(shin, foot) if side == "left" else np.cross(foot, shin)
    length = np.linalg.norm(across, axis=1, keepdims=True)
    unit = np.divide(across, length, out=np.zeros_like(across), where=length > _BLANK_FOOT)
    foot_length = np.linalg.norm(foot, axis=1, keepdims=True)
    return np.asarray(heel + _ALONG_FOOT * foot + _ACROSS_FOOT * foot_length * unit)
