"""What every pose engine promises."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from inference.pose.people import Estimate


@dataclass(frozen=True)
class Progress:
    """How far an estimation is: frames done of frames expected (an estimate), and frames a second so far."""

    done: int
    expected: int
    frames_per_s: float


class Cancelled(Exception):
    """Raised by `on_progress` to stop the work; estimators let it through after they cleaned up."""


OnProgress = Callable[[Progress], None]


class PoseEstimator(Protocol):
    """Finds the people in every frame of a video."""

    name: str

    def estimate(self, video: Path, *, on_progress: OnProgress | None = None, workers: int = 1) -> Estimate:
        """Everybody in the clip, the main dancer first; `on_progress` is called about ten times a second at most.

        Raises `inference.media.errors.MediaError` for a file that cannot be read.
        """
        ...
