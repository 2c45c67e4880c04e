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
from inference.estimators.onnx_graph import Ask
from inference.estimators.pictures import Picture
from inference.pose.reading import Detection, Reading, Region

DETECTOR_OUTPUTS = ("Identity", "Identity_1")
LANDMARK_OUTPUTS = ("Identity", "Identity_1", "Identity_3", "Identity_4")

_ANCHORS = anchor_centres()


class OnnxDetector:
    """Finds people with BlazePose's detector."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def detect(self, picture: Picture, within: Region) -> list[Detection]:
        image = picture.crop(within, DETECTOR_SIDE, beyond=cv2.BORDER_CONSTANT)
        raw, logits = self._ask(image.astype(np.float32) * np.float32(1 / 127.5) - np.float32(1))
        return to_detections(merge_boxes(decode_detections(raw, logits, _ANCHORS)), within)


class OnnxPoseReader(OnnxDetector):
    """The `PoseReader` of BlazePose. It asks whoever runs the graphs: a graph by itself, or a rendezvous."""

    def __init__(self, ask_detector: Ask, ask_landmarks: Ask) -> None:
        super().__init__(ask_detector)
        self._ask_landmarks = ask_landmarks

    def read(self, picture: Picture, region: Region) -> Reading:
        image = picture.crop(region, LANDMARK_SIDE, beyond=cv2.BORDER_REPLICATE)
        landmarks, presence, heat_map, world = self._ask_landmarks(image.astype(np.float32) * np.float32(1 / 255))
        return decode_reading(landmarks, float(presence[0]), heat_map, world, region)
