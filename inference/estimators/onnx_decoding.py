"""From the numbers that a declared model puts out to BlazePose's 33 landmarks, which the rest of the engine speaks. Pure.

A model of the 29 joints does not see every landmark: those without a joint of their own take the place of the nearest
ones. The six derived joints are computed from landmarks again, as for every engine, so that two tracks always compare
the same thing.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inference.estimators.blazepose_decoding import REGION_SCALE, sigmoid
from inference.estimators.onnx_declared import ModelOutput
from inference.pose.mapping import DIRECT
from inference.pose.reading import LANDMARK_COUNT, Region

Floats = NDArray[np.float64]

_STAND_INS = {
    **dict.fromkeys((1, 3), (2,)),  # the corners of an eye: the eye
    **dict.fromkeys((4, 6), (5,)),
    **dict.fromkeys((9, 10), (0,)),  # the corners of the mouth: the nose
    19: (17, 21),  # the index finger: between thumb and little finger
    20: (18, 22),
}
_HEELS = {29: (27, 31), 30: (28, 32)}
_HEEL_BEHIND_ANKLE = 0.25
"""Share of the way from the big toe to the ankle that the heel lies beyond it."""
_SHOULDERS, _HIPS = (11, 12), (23, 24)
_SURE = 0.3
_LEAST_REACH_IN_TORSOS = 1.6
"""From the hips to the top of the head; more where an arm or a leg reaches further."""
_CELLS_AROUND = 2


def decode(outputs: Sequence[NDArray[np.float32]], declared: ModelOutput) -> tuple[Floats, Floats]:
    """(K, 3) places in shares of the crop's side, z 0 where it is unknown, and (K,) confidences in [0, 1]."""
    if declared.kind == "coordinates":
        return _coordinates(outputs[0].astype(np.float64), declared.columns)
    maps = [_activated(output.astype(np.float64), declared) for output in outputs]
    if declared.kind == "heatmap":
        across, down, conf = _peaks(maps[0])
    else:
        (across, conf_x), (down, conf_y) = (_bins(axis) for axis in maps)
        conf = np.minimum(conf_x, conf_y)
    return np.stack([across, down, np.zeros_like(across)], axis=1), np.clip(conf, 0, 1)


def to_landmarks(values: Floats, conf: Floats, joints: Sequence[str] | None) -> tuple[Floats, Floats]:
    """(33, 3) and (33,) from the values of named joints; from landmarks, where `joints` is None, as they are."""
    if joints is None:
        return values, conf
    landmarks, sure = np.zeros((LANDMARK_COUNT, 3)), np.zeros(LANDMARK_COUNT)
    for joint, landmark in DIRECT.items():
        landmarks[landmark], sure[landmark] = values[joints.index(joint)], conf[joints.index(joint)]
    for landmark, near in _STAND_INS.items():
        landmarks[landmark], sure[landmark] = landmarks[list(near)].mean(axis=0), sure[list(near)].min()
    for heel, (ankle, toe) in _HEELS.items():
        landmarks[heel] = landmarks[ankle] + _HEEL_BEHIND_ANKLE * (landmarks[ankle] - landmarks[toe])
        sure[heel] = min(sure[ankle], sure[toe])
    return landmarks, sure


def region_around(xy: Floats, conf: Floats) -> Region:
    """Where to look for a person with these landmarks (33, 2) next: around the hips, shoulders up, whole body inside."""
    hip, shoulder = xy[list(_HIPS)].mean(axis=0), xy[list(_SHOULDERS)].mean(axis=0)
    torso = math.dist(hip, shoulder)
    furthest = max((math.dist(hip, place) for place in xy[conf >= _SURE]), default=0.0)
    up = (shoulder - hip) / torso if torso > 0 else np.array([0.0, -1.0])
    reach = hip + up * max(furthest, _LEAST_REACH_IN_TORSOS * torso)
    return Region.from_axis((float(hip[0]), float(hip[1])), (float(reach[0]), float(reach[1])), REGION_SCALE)


def _coordinates(values: Floats, columns: Sequence[str]) -> tuple[Floats, Floats]:
    of = {name: values[:, place] for place, name in enumerate(columns)}
    blank = np.zeros(len(values))
    return np.stack([of["x"], of["y"], of.get("z", blank)], axis=1), np.clip(of.get("conf", blank + 1), 0, 1)


def _activated(values: Floats, declared: ModelOutput) -> Floats:
    if declared.activation == "sigmoid":
        return sigmoid(values)
    if declared.activation == "softmax":
        flat = values.reshape(len(values), -1)
        shares = np.exp(flat - flat.max(axis=1, keepdims=True))
        return np.asarray((shares / shares.sum(axis=1, keepdims=True)).reshape(values.shape))
    return values


def _peaks(maps: Floats) -> tuple[Floats, Floats, Floats]:
    """x, y and height of the peak of each (height, width) map: the centre of the heat in the 5 x 5 cells around it."""
    places = []
    for heat in maps:
        row, column = np.unravel_index(int(heat.argmax()), heat.shape)
        top, left = max(0, int(row) - _CELLS_AROUND), max(0, int(column) - _CELLS_AROUND)
        window = np.clip(heat[top : int(row) + _CELLS_AROUND + 1, left : int(column) + _CELLS_AROUND + 1], 0, None)
        if window.sum() > 0:
            y, x = np.mgrid[: window.shape[0], : window.shape[1]]
            row, column = top + np.average(y, weights=window), left + np.average(x, weights=window)
        places.append((float(column) / heat.shape[1], float(row) / heat.shape[0], float(heat.max())))
    across, down, conf = np.array(places).T
    return across, down, conf


def _bins(values: Floats) -> tuple[Floats, Floats]:
    return values.argmax(axis=1) / values.shape[1], values.max(axis=1)
