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
_LEAST_SCORE = 0.5
_SAME_PERSON_IOU = 0.5
_OUTPUT_LANDMARKS = 39
_AUXILIARY_HIP, _AUXILIARY_REACH = 33, 34
_HEAT_MAP_SIDE = 64
_WINDOW_RADIUS = 3
_LEAST_HEAT = 0.5


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
    scores = sigmoid(logits[:, 0].astype(np.float64))
    chosen = np.flatnonzero(scores >= _LEAST_SCORE)
    chosen = chosen[np.argsort(-scores[chosen], kind="stable")]
    values = raw[chosen].astype(np.float64).reshape(-1, 6, 2) / DETECTOR_SIDE
    middle, size = centres[chosen] + values[:, 0], values[:, 1]
    return Boxes(
        corners=np.concatenate([middle - size / 2, middle + size / 2], axis=1),
        points=centres[chosen][:, None] + values[:, 2:],
        scores=scores[chosen],
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
    unit = refine(values[:, :2] / LANDMARK_SIDE, heat_map)
    xy = region.to_picture(unit)
    z = values[:LANDMARK_COUNT, 2:3] / LANDMARK_SIDE * region.side_px
    return Reading(
        xyz_px=np.concatenate([xy[:LANDMARK_COUNT], z], axis=1),
        xyz_m=_upright(world.astype(np.float64).reshape(_OUTPUT_LANDMARKS, 3)[:LANDMARK_COUNT], region.angle_rad),
        visibility=sigmoid(values[:LANDMARK_COUNT, 3]),
        presence=sigmoid(values[:LANDMARK_COUNT, 4]),
        score=presence,
        next_region=_region(xy[_AUXILIARY_HIP], xy[_AUXILIARY_REACH]),
    )


def refine(unit: Floats, heat_map: NDArray[np.float32]) -> Floats:
    """(39, 2) landmarks moved to the centre of the heat around them, where the heat map is sure enough.

    A landmark's window is the 7 x 7 cells around it, as far as they lie in the map; one outside the map is left as it is.
    """
    refined = unit.copy()
    cells = np.trunc(unit * _HEAT_MAP_SIDE).astype(int)
    inside = np.flatnonzero(np.all((cells >= 0) & (cells < _HEAT_MAP_SIDE), axis=1))
    steps = np.arange(-_WINDOW_RADIUS, _WINDOW_RADIUS + 1)
    columns, rows = (cells[inside, axis, None] + steps for axis in (0, 1))
    limit = _HEAT_MAP_SIDE - 1
    window = heat_map[
        np.clip(rows, 0, limit)[:, :, None], np.clip(columns, 0, limit)[:, None, :], inside[:, None, None]
    ]
    heat = sigmoid(window.astype(np.float64))
    heat *= ((rows >= 0) & (rows <= limit))[:, :, None] & ((columns >= 0) & (columns <= limit))[:, None, :]
    sure = heat.max(axis=(1, 2), initial=0.0) >= _LEAST_HEAT
    total = heat[sure].sum(axis=(1, 2))
    x = (heat[sure].sum(axis=1) * columns[sure]).sum(axis=1) / total
    y = (heat[sure].sum(axis=2) * rows[sure]).sum(axis=1) / total
    refined[inside[sure]] = np.stack([x, y], axis=1) / _HEAT_MAP_SIDE
    return refined


def sigmoid(values: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(values, -80.0, 80.0))))


def _upright(xyz_m: Floats, angle_rad: float) -> Floats:
    """Landmarks along the axes of a turned crop, along those of the picture."""
    cos, sin = math.cos(angle_rad), math.sin(angle_rad)
    return np.asarray(xyz_m @ np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]]))


def _region(hip: Floats, reach: Floats) -> Region:
    return Region.from_axis((float(hip[0]), float(hip[1])), (float(reach[0]), float(reach[1])), REGION_SCALE)
