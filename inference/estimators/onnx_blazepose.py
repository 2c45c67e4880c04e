"""The engine for NVIDIA cards: BlazePose in ONNX Runtime, many parts of a clip in shared batches. See docs/gpu.md."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from inference.estimators.base import OnProgress
from inference.estimators.batching import OnCount, Rendezvous, Task, in_threads
from inference.estimators.blazepose import estimate_clip
from inference.estimators.blazepose_graph import DETECTOR_OUTPUTS, LANDMARK_OUTPUTS
from inference.estimators.onnx_graph import Ask, Floats, OnnxGraph
from inference.estimators.onnx_pose import OnnxPoseReader
from inference.estimators.parts import LEAST_FRAMES_A_PART, Part, PartReadings, Span, read_part
from inference.estimators.pictures import Picture
from inference.onnx_weights import load_onnx
from inference.pose.people import Estimate
from inference.pose.reading import PoseReader
from inference.weights import default_model_dir

PARTS_ON_A_CARD = 32
LEAST_FRAMES_IN_A_BATCH = 45
"""Shorter parts would be read mostly for their warm-up of 15 frames; a clip of 48 s at 30 frames a second fills a batch."""

MakeReader = Callable[[Ask, Ask], PoseReader[Picture]]


class Detector(Protocol):
    """BlazePose's detector in whichever runtime; threads may share it."""

    def ask(self, values: Floats) -> list[Floats]: ...

    def ask_together(self, values: Floats) -> list[Floats]: ...


class OnnxEngine:
    """A `PoseEstimator` whose reader asks two graphs, a detector and a model of landmarks.

    On a card a clip is cut into many parts, whose questions go through in batches. On the processor each part asks by
    itself, and there are as many as there are workers, for larger batches gain nothing there.
    """

    def __init__(
        self,
        name: str,
        detector: Detector,
        landmarks: OnnxGraph,
        reader: MakeReader,
        *,
        model_dir: Path,
        batch: int | None = None,
    ) -> None:
        """`batch`: into how many parts to cut a clip at most, all asking together; None for what suits the device."""
        self.name = name
        self._detector = detector
        self._landmarks = landmarks
        self._reader = reader
        self._model_dir = model_dir
        self._batch = PARTS_ON_A_CARD if batch is None and landmarks.is_on_gpu else batch

    @property
    def is_on_gpu(self) -> bool:
        return self._landmarks.is_on_gpu

    def reader(self) -> PoseReader[Picture]:
        """For single pictures."""
        return self._reader(self._detector.ask, self._landmarks.ask)

    def estimate(self, video: Path, *, on_progress: OnProgress | None = None, workers: int = 1) -> Estimate:
        """Everybody in the clip; see `PoseEstimator`. On a card `workers` means nothing.

        Raises
        ------
        MediaError
            For a file that cannot be read, is no video or lasts less than a second.
        """

        def parts(spans: Sequence[Span]) -> list[Part]:
            is_alone = len(spans) == 1
            return [Part(video, self._model_dir, self.name, span, is_alone=is_alone) for span in spans]

        return estimate_clip(
            video,
            self.name,
            parts,
            at_most=self._batch or workers,
            least_frames=LEAST_FRAMES_IN_A_BATCH if self._batch else LEAST_FRAMES_A_PART,
            side_by_side=self._in_batches if self._batch else self._one_by_one,
            on_progress=on_progress,
        )

    def _one_by_one(self, parts: Sequence[Part], on_count: OnCount) -> list[PartReadings]:
        reader = self._reader(self._detector.ask, self._landmarks.ask)
        return in_threads([_reading(part, reader) for part in parts], on_count)

    def _in_batches(self, parts: Sequence[Part], on_count: OnCount) -> list[PartReadings]:
        graphs = {"detector": self._detector.ask_together, "landmarks": self._landmarks.ask_together}
        with Rendezvous(graphs, len(parts)) as rendezvous:
            reader = self._reader(rendezvous.asking("detector"), rendezvous.asking("landmarks"))
            return in_threads([_seated(rendezvous, _reading(part, reader)) for part in parts], on_count)


def blazepose(variant: str, model_dir: Path | None = None, *, batch: int | None = None) -> OnnxEngine:
    """BlazePose "lite", "full" or "heavy". Raises `inference.weights.WeightsError` if the models are not there."""
    folder = model_dir or default_model_dir()
    return OnnxEngine(
        f"blazepose-{variant}-onnx",
        OnnxGraph(load_onnx(folder, "detector"), DETECTOR_OUTPUTS),
        OnnxGraph(load_onnx(folder, variant), LANDMARK_OUTPUTS),
        OnnxPoseReader,
        model_dir=folder,
        batch=batch,
    )


def lite(*, model_dir: Path | None = None) -> OnnxEngine:
    return blazepose("lite", model_dir)


def full(*, model_dir: Path | None = None) -> OnnxEngine:
    return blazepose("full", model_dir)


def heavy(*, model_dir: Path | None = None) -> OnnxEngine:
    return blazepose("heavy", model_dir)


def _reading(part: Part, reader: PoseReader[Picture]) -> Task[PartReadings]:
    return lambda on_count: read_part(part, on_count, reader)


def _seated(rendezvous: Rendezvous, task: Task[PartReadings]) -> Task[PartReadings]:
    def seated(on_count: OnCount) -> PartReadings:
        with rendezvous.seat():
            return task(on_count)

    return seated
