"""Running the official MediaPipe in its own environment. `make .venv-peer/.installed` makes that; the benches' targets do."""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.bench.clips import FOLDER, REPOSITORY
from tests.bench.processes import Memory, run_watched

PYTHON = REPOSITORY / ".venv-peer" / "bin" / "python"
TASKS = FOLDER / "peer"
_HERE = Path(__file__).resolve().parent
_GRAPHS = REPOSITORY / "node_modules" / "@mediapipe" / "pose"
_RECIPE = 1


class NoPeer(Exception):
    """The peer's environment is not installed."""


@dataclass(frozen=True, eq=False)
class Landmarks:
    """What the peer saw: xy_px (T, 33, 2) and xyz_m (T, 33, 3), NaN where nobody was found."""

    xy_px: NDArray[np.float64]
    xyz_m: NDArray[np.float64]

    @property
    def found(self) -> NDArray[np.bool_]:
        return np.isfinite(self.xy_px[:, 0, 0])


def task_of(model: str) -> Path:
    """The `.task` of "lite", "full" or "heavy", packed at the first call."""
    if not PYTHON.exists():
        raise NoPeer("The official MediaPipe is not installed: `make .venv-peer/.installed` does it.")
    path = TASKS / str(_RECIPE) / f"{model}.task"
    if not path.exists():
        subprocess.run([PYTHON, "-P", _HERE / "peer_task.py", _GRAPHS, path.parent], check=True)
    return path


def timed(video: Path, model: str, *, parts: int, threads: str) -> tuple[dict[str, Any], Memory]:
    options = ["--parts", str(parts), "--threads", threads]
    return run_watched([*_landmarker(PYTHON), "speed", video, task_of(model), *options])


def landmarks_of_video(video: Path, model: str, python: Path = PYTHON) -> Landmarks:
    """In VIDEO mode; `python` may belong to an environment with another release."""
    return _landmarks(python, "video", video, model)


def landmarks_of_images(rgb: NDArray[np.uint8], model: str) -> Landmarks:
    """In IMAGE mode, of pictures (N, H, W, 3)."""
    with tempfile.TemporaryDirectory() as folder:
        frames = Path(folder) / "frames.npy"
        np.save(frames, rgb)
        return _landmarks(PYTHON, "images", frames, model)


def _landmarks(python: Path, mode: str, source: Path, model: str) -> Landmarks:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "landmarks.npz"
        run_watched([*_landmarker(python), mode, source, task_of(model), out])
        with np.load(out) as saved:
            return Landmarks(saved["xy_px"], saved["xyz_m"])


def _landmarker(python: Path) -> list[str | Path]:
    return [python, "-P", _HERE / "peer_landmarker.py"]
