"""What the numbers that BlazePose's two graphs put out mean. Pure numpy.

Source of the arithmetic: MediaPipe's pose landmark graphs (Bazarevsky et al., "BlazePose: On-device Real-time Body Pose
tracking", 2020) and the model cards. Coordinates in units of a square input: 0..1 from its left or upper border.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.pose.reading import LANDMARK_COUNT, Detection, Reading, Region

Floats = NDArray[np.float64]

DETECTOR_SIDE = 224
LANDMARK_SIDE = 256
REGION_SCALE = 1.25

_STRIDES_AND_ANCHORS = ((8, 2), (16, 2), (32, 6))
_LEAST_LOGIT = 0.0  # of a score of 0.5
_SAME_PERSON_IOU = 0.5
_OUTPUT_LANDMARKS = 39
_AUXILIARY_HIP, _AUXILIARY_REACH = 33, 34
_HEAT_MAP_SIDE = 64
_WINDOW_RADIUS = 3
_LEAST_HEAT_LOGIT = 0.0  # of a heat of 0.5

_STEPS = np.arange(-_WINDOW_RADIUS, _WINDOW_RADIUS + 1)
_WINDOW = np.stack(np.meshgrid(_STEPS, _STEPS), axis=-1).reshape(-1, 2)
"""(49, 2) steps from a cell to those of its window, as (column, row)."""
_WINDOW_PLACES = (_WINDOW[:, 1] * _HEAT_MAP_SIDE + _WINDOW[:, 0]) * _OUTPUT_LANDMARKS
_WINDOW_AND_ONE = np.column_stack([_WINDOW, np.ones(len(_WINDOW))]).astype(np.float64)
_OUTSIDE_LOGIT = -1000.0  # no heat at all


def anchor_centres() -> Floats:
    """(2254, 2) centres of the detector's anchors."""
    grids = []
    for stride, anchors in _STRIDES_AND_ANCHORS:
        cells = DETECTOR_SIDE // stride
        y, x = np.mgrid[:cells, :cells]
        centres = (np.stack([x, y], axis=-1).reshape(-1, 2) + 0.5) / cells
        grids.append(np.repeat(centres, anchors, axis=0))
    return np.concatenate(grids)


@dataclass(frozen=True, eq=False)
class Boxes:
    """People in the detector's input: corners (N, 4) as left, top, right, bottom; points (N, 4, 2); scores (N)."""

    corners: Floats
    points: Floats
    scores: Floats


def decode_detections(raw: NDArray[np.float32], logits: NDArray[np.float32], centres: Floats) -> Boxes:
    """Boxes of the (2254, 12) and (2254, 1) outputs that score 0.5 or more, best first."""
    chosen = np.flatnonzero(logits[:, 0] >= _LEAST_LOGIT)
    chosen = chosen[np.argsort(-logits[chosen, 0], kind="stable")]
    values = raw[chosen].astype(np.float64).reshape(-1, 6, 2) / DETECTOR_SIDE
    middle, size = centres[chosen] + values[:, 0], values[:, 1]
    return Boxes(
        corners=np.concatenate([middle - size / 2, middle + size / 2], axis=1),
        points=centres[chosen][:, None] + values[:, 2:],
        scores=sigmoid(logits[chosen, 0].astype(np.float64)),
    )


def merge_boxes(boxes: Boxes) -> Boxes:
    """Weighted non-maximum suppression: boxes that overlap the best one become one mean, weighted by score."""
    corners, points, scores = [], [], []
    left = np.arange(len(boxes.scores))
    while len(left):
        same = iou(boxes.corners[left[0]], boxes.corners[left]) > _SAME_PERSON_IOU
        same[0] = True
        group = left[same]
        corners.append(np.average(boxes.corners[group], axis=0, weights=boxes.scores[group]))
        points.append(np.average(boxes.points[group], axis=0, weights=boxes.scores[group]))
        scores.append(boxes.scores[left[0]])
        left = left[~same]
    return Boxes(
        np.array(corners).reshape(-1, 4), np.array(points).reshape(-1, 4, 2), np.array(scores, dtype=np.float64)
    )


def iou(box: Floats, others: Floats) -> Floats:
    """(N,) intersection over union of one box (4,) with others (N, 4); 0 where both are empty."""
    shared = np.clip(np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2]), 0, None).prod(axis=1)
    area = np.clip(box[2:] - box[:2], 0, None).prod()
    areas = np.clip(others[:, 2:] - others[:, :2], 0, None).prod(axis=1)
    union = area + areas - shared
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0))


def to_detections(boxes: Boxes, whole: Region) -> list[Detection]:
    """People in the picture; `whole` is the square that the detector saw."""
    points = whole.to_picture(boxes.points)
    return [
        Detection(float(score), _region(hip, reach))
        for score, (hip, reach) in zip(boxes.scores, points[:, :2], strict=True)
    ]


def decode_reading(
    raw: NDArray[np.float32],
    presence: float,
    heat_map: NDArray[np.float32],
    world: NDArray[np.float32],
    region: Region,
) -> Reading:
    """Landmarks in the picture and around the hips from the outputs (195,), scalar, (64, 64, 39) and (117,)."""
    values = raw.astype(np.float64).reshape(_OUTPUT_LANDMARKS, 5)
    xyz_px = np.empty((_OUTPUT_LANDMARKS, 3))
    xyz_px[:, :2] = region.to_picture(refine(values[:, :2] / LANDMARK_SIDE, heat_map))
    xyz_px[:, 2] = values[:, 2] * (region.side_px / LANDMARK_SIDE)
    believed = sigmoid(values[:LANDMARK_COUNT, 3:])
    return Reading(
        xyz_px=xyz_px[:LANDMARK_COUNT],
        xyz_m=_upright(world.astype(np.float64).reshape(_OUTPUT_LANDMARKS, 3)[:LANDMARK_COUNT], region.angle_rad),
        visibility=believed[:, 0],
        presence=believed[:, 1],
        score=presence,
        next_region=_region(xyz_px[_AUXILIARY_HIP], xyz_px[_AUXILIARY_REACH]),
    )


def refine(unit: Floats, heat_map: NDArray[np.float32]) -> Floats:
    """(39, 2) landmarks moved to the centre of the heat around them, where the heat map is sure enough.

    A landmark's window is the 7 x 7 cells around it, as far as they lie in the map; one outside the map is left as it is.
    """
    refined = unit.copy()
    cells = (unit * _HEAT_MAP_SIDE).astype(np.intp)  # towards 0, so what lies right before the map counts as inside
    inside = np.flatnonzero(((cells >= 0) & (cells < _HEAT_MAP_SIDE)).all(axis=1))
    logits = _windows(heat_map, cells[inside], inside)
    sure = np.flatnonzero(logits.max(axis=1, initial=_OUTSIDE_LOGIT) >= _LEAST_HEAT_LOGIT)
    sums = sigmoid(logits[sure]) @ _WINDOW_AND_ONE
    refined[inside[sure]] = (cells[inside[sure]] + sums[:, :2] / sums[:, 2:]) / _HEAT_MAP_SIDE
    return refined


def sigmoid(values: Floats) -> Floats:
    """Of values down to -80 at the least; what is lower counts as that."""
    return np.asarray(1.0 / (1.0 + np.exp(np.minimum(-values, 80.0))))


def _windows(heat_map: NDArray[np.float32], cells: NDArray[np.intp], channels: NDArray[np.intp]) -> Floats:
    """(N, 49) logits around one cell (column, row) in each of N channels of the heat map."""
    places = ((cells[:, 1] * _HEAT_MAP_SIDE + cells[:, 0]) * _OUTPUT_LANDMARKS + channels)[:, None] + _WINDOW_PLACES
    logits = heat_map.reshape(-1).take(places, mode="clip").astype(np.float64)
    if cells.min(initial=_HEAT_MAP_SIDE) < _WINDOW_RADIUS or cells.max(initial=0) >= _HEAT_MAP_SIDE - _WINDOW_RADIUS:
        around = cells[:, None] + _WINDOW
        logits[((around < 0) | (around >= _HEAT_MAP_SIDE)).any(axis=-1)] = _OUTSIDE_LOGIT
    return logits


def _upright(xyz_m: Floats, angle_rad: float) -> Floats:
    """Landmarks along the axes of a turned crop, along those of the picture."""
    cos, sin = math.cos(angle_rad), math.sin(angle_rad)
    return np.asarray(xyz_m @ np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]]))


def _region(hip: Floats, reach: Floats) -> Region:
    return Region.from_axis((float(hip[0]), float(hip[1])), (float(reach[0]), float(reach[1])), REGION_SCALE)
