"""BlazePose (Google, Apache-2.0) on the processor: the engine that KDance runs by default. See docs/pose.md."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from inference.estimators.base import OnProgress, Progress
from inference.estimators.blazepose_graph import BlazePoseReader
from inference.estimators.parts import (
    LEAST_FRAMES_A_PART,
    NEWS_EVERY_S,
    OnCount,
    Part,
    SideBySide,
    Span,
    plan,
    read_parts,
)
from inference.media.frames import key_frame_times
from inference.media.probe import probe
from inference.pose.people import Estimate
from inference.pose.pipeline import to_estimate
from inference.weights import default_model_dir, load_weights


class BlazePose:
    """A `PoseEstimator`. `variant` is "lite", "full" or "heavy"."""

    def __init__(self, variant: str, model_dir: Path | None = None) -> None:
        """Raises `inference.weights.WeightsError` at once if the models are not there."""
        self.name = f"blazepose-{variant}"
        self._variant = variant
        self._model_dir = model_dir or default_model_dir()
        for graph in ("detector", variant):
            load_weights(self._model_dir, graph)

    def reader(self) -> BlazePoseReader:
        """For single pictures, on one thread."""
        return BlazePoseReader(self._model_dir, self._variant)

    def estimate(self, video: Path, *, on_progress: OnProgress | None = None, workers: int = 1) -> Estimate:
        """Everybody in the clip; see `PoseEstimator`. `workers` is the most processes to use.

        Raises
        ------
        MediaError
            For a file that cannot be read, is no video or lasts less than a second.
        """

        def parts(spans: Sequence[Span]) -> list[Part]:
            return [Part(video, self._model_dir, self._variant, span, is_alone=len(spans) == 1) for span in spans]

        return estimate_clip(video, self.name, parts, at_most=workers, on_progress=on_progress)


def estimate_clip(
    video: Path,
    name: str,
    parts: Callable[[Sequence[Span]], list[Part]],
    *,
    at_most: int,
    least_frames: int = LEAST_FRAMES_A_PART,
    side_by_side: SideBySide | None = None,
    on_progress: OnProgress | None = None,
) -> Estimate:
    """Probe a clip, cut it into `at_most` parts, read them and find out who is in it.

    `name` goes into the tracks. Raises MediaError as `probe` and `read_parts` do.
    """
    info = probe(video)
    keys = key_frame_times(video) if at_most > 1 else [0.0]
    spans = plan(info, keys, at_most, least_frames=least_frames)
    readings = read_parts(parts(spans), _reporter(on_progress, info.frames_expected), side_by_side)
    size_px = (info.width_px, info.height_px)
    return to_estimate(readings.tracklets, readings.looks, readings.skipped_s, size_px, name)


def lite(*, model_dir: Path | None = None) -> BlazePose:
    return BlazePose("lite", model_dir)


def full(*, model_dir: Path | None = None) -> BlazePose:
    return BlazePose("full", model_dir)


def heavy(*, model_dir: Path | None = None) -> BlazePose:
    return BlazePose("heavy", model_dir)


def _reporter(on_progress: OnProgress | None, expected: int) -> OnCount:
    began = time.monotonic()
    last_report = began - NEWS_EVERY_S

    def on_count(count: int) -> None:
        nonlocal last_report
        now = time.monotonic()
        if on_progress is None or now - last_report < NEWS_EVERY_S:
            return
        last_report = now
        on_progress(Progress(done=count, expected=max(expected, count), frames_per_s=count / max(now - began, 1e-9)))

    return on_count
