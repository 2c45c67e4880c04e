"""BlazePose in ONNX Runtime: the same graphs and the same arithmetic as on the processor, for cards that want batches."""

import cv2
import numpy as np

from inference.estimators.blazepose_decoding import (
    DETECTOR_SIDE,
    LANDMARK_SIDE,
    anchor_centres,
    decode_detections,
    decode_reading,
    merge_boxes,
    to_detections,
)
from inference.estimators.onnx_graph import Ask, Floats
from inference.estimators.pictures import Bytes, Picture, write_scaled
from inference.pose.reading import Detection, Reading, Region

_ANCHORS = anchor_centres()


class OnnxDetector:
    """Finds people with BlazePose's detector."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def detect(self, picture: Picture, within: Region) -> list[Detection]:
        image = picture.crop(within, DETECTOR_SIDE, beyond=cv2.BORDER_CONSTANT)
        raw, logits = self._ask(_scaled(image, 1 / 127.5, -1.0))
        return to_detections(merge_boxes(decode_detections(raw, logits, _ANCHORS)), within)


class OnnxPoseReader(OnnxDetector):
    """The `PoseReader` of BlazePose. It asks whoever runs the graphs: a graph by itself, or a rendezvous."""

    def __init__(self, ask_detector: Ask, ask_landmarks: Ask) -> None:
        super().__init__(ask_detector)
        self._ask_landmarks = ask_landmarks

    def read(self, picture: Picture, region: Region) -> Reading:
        image = picture.crop(region, LANDMARK_SIDE, beyond=cv2.BORDER_REPLICATE)
        landmarks, presence, heat_map, world = self._ask_landmarks(_scaled(image, 1 / 255.0, 0.0))
        return decode_reading(landmarks, float(presence[0]), heat_map, world, region)


def _scaled(image: Bytes, scale: float, offset: float) -> Floats:
    values = np.empty(image.shape, dtype=np.float32)
    write_scaled(image, values, scale=scale, offset=offset)
    return values
