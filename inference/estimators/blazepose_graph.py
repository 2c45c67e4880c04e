"""BlazePose's two graphs in LiteRT: pictures in, people and landmarks out."""

import threading
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from inference.estimators.blazepose_decoding import (
    DETECTOR_SIDE,
    LANDMARK_SIDE,
    anchor_centres,
    decode_detections,
    decode_reading,
    merge_boxes,
    to_detections,
)
from inference.estimators.pictures import Picture, write_scaled
from inference.pose.reading import Detection, Reading, Region
from inference.weights import load_weights

DETECTOR_OUTPUTS = ("Identity", "Identity_1")
LANDMARK_OUTPUTS = ("Identity", "Identity_1", "Identity_3", "Identity_4")


class Graph:
    """A one-input graph on one thread of XNNPACK."""

    def __init__(self, content: bytes, outputs: Sequence[str]) -> None:
        self._interpreter = Interpreter(model_content=content, num_threads=1)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        places = {detail["name"]: detail["index"] for detail in self._interpreter.get_output_details()}
        self._outputs = [places[name] for name in outputs]

    def run(
        self, image: NDArray[np.uint8] | NDArray[np.float32], *, scale: float, offset: float
    ) -> list[NDArray[np.float32]]:
        """The outputs, without the batch axis, for `image * scale + offset`.

        They are views of the graph's own memory: gone with the next run, which fails while any of them is kept.
        """
        write_scaled(image, self._interpreter.tensor(self._input)()[0], scale=scale, offset=offset)
        self._interpreter.invoke()
        return [self._interpreter.tensor(output)()[0] for output in self._outputs]


class SharedDetector:
    """The detector for engines whose parts run in threads: each thread has a graph of its own."""

    def __init__(self, model_dir: Path) -> None:
        """Raises `inference.weights.WeightsError` if the graph is not in `model_dir`."""
        self._content = load_weights(model_dir, "detector")
        self._own = threading.local()

    def ask(self, values: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """The outputs for a picture that is scaled already."""
        graph = getattr(self._own, "graph", None)
        if graph is None:
            graph = self._own.graph = Graph(self._content, DETECTOR_OUTPUTS)
        return [output.copy() for output in graph.run(values, scale=1.0, offset=0.0)]

    def ask_together(self, values: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """The outputs (N, ...) for N pictures, one after the other."""
        answers = [self.ask(each) for each in values]
        return [np.stack(output) for output in zip(*answers, strict=True)]


class BlazePoseReader:
    """The `PoseReader` of BlazePose. Not thread-safe: one reader a thread."""

    def __init__(self, model_dir: Path, variant: str) -> None:
        """Raises `inference.weights.WeightsError` if the graphs are not in `model_dir`."""
        self._detector = Graph(load_weights(model_dir, "detector"), DETECTOR_OUTPUTS)
        self._landmarks = Graph(load_weights(model_dir, variant), LANDMARK_OUTPUTS)
        self._anchors = anchor_centres()

    def detect(self, picture: Picture, within: Region) -> list[Detection]:
        image = picture.crop(within, DETECTOR_SIDE, beyond=cv2.BORDER_CONSTANT)
        raw, logits = self._detector.run(image, scale=1 / 127.5, offset=-1.0)
        return to_detections(merge_boxes(decode_detections(raw, logits, self._anchors)), within)

    def read(self, picture: Picture, region: Region) -> Reading:
        image = picture.crop(region, LANDMARK_SIDE, beyond=cv2.BORDER_REPLICATE)
        landmarks, presence, heat_map, world = self._landmarks.run(image, scale=1 / 255.0, offset=0.0)
        return decode_reading(landmarks, float(presence[0]), heat_map, world, region)
