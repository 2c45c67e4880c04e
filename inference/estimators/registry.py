"""Pose engines by name. An engine is imported when it is asked for, so naming one costs nothing.

Trained models join by the environment, which the processes that read a clip inherit:
KDANCE_MODELS="my-model=/models/my.onnx,other=/models/other.onnx". What such a file must say of itself stands in
`onnx_declared.py`.
"""

import os
from importlib import import_module
from pathlib import Path

from inference.estimators.base import PoseEstimator

_FACTORIES = {
    "blazepose-lite": "inference.estimators.blazepose.lite",
    "blazepose-full": "inference.estimators.blazepose.full",
    "blazepose-heavy": "inference.estimators.blazepose.heavy",
    "blazepose-lite-onnx": "inference.estimators.onnx_blazepose.lite",
    "blazepose-full-onnx": "inference.estimators.onnx_blazepose.full",
    "blazepose-heavy-onnx": "inference.estimators.onnx_blazepose.heavy",
}
_MODEL_FILES = "KDANCE_MODELS"


class UnknownEstimator(LookupError):
    """No engine has this name."""

    code = "unknown_estimator"


def register(name: str, dotted_path: str) -> None:
    """Let `dotted_path`, a callable with the keyword `model_dir`, make the engine `name`, in place of one so named."""
    _FACTORIES[name] = dotted_path


def estimator_names() -> tuple[str, ...]:
    """Raises ValueError if KDANCE_MODELS cannot be understood."""
    return (*_FACTORIES, *_model_files())


def get_estimator(name: str, *, model_dir: Path | None = None, file: Path | None = None) -> PoseEstimator:
    """A new engine with the models of `model_dir` (by default where `python -m inference.weights` puts them).

    With `file`, an ONNX file that declares itself, the engine is that model and goes by `name`.

    Raises UnknownEstimator, or what the engine raises if it cannot start: `inference.weights.WeightsError`, and
    `inference.estimators.onnx_declared.BadDeclaration` for a model of one's own.
    """
    file = file or _model_files().get(name)
    if file is not None:
        from inference.estimators.onnx_model import from_file

        return from_file(name, file, model_dir=model_dir)
    if name not in _FACTORIES:
        raise UnknownEstimator(f"No pose engine is called {name!r}; there are {', '.join(estimator_names())}.")
    module, _, factory = _FACTORIES[name].rpartition(".")
    estimator: PoseEstimator = getattr(import_module(module), factory)(model_dir=model_dir)
    return estimator


def is_model_file(text: str) -> bool:
    """Whether it reads as the path of an ONNX file and not as the name of an engine."""
    return Path(text).suffix.lower() == ".onnx"


def _model_files() -> dict[str, Path]:
    files = {}
    for entry in os.environ.get(_MODEL_FILES, "").split(","):
        if not entry.strip():
            continue
        name, _, path = (part.strip() for part in entry.partition("="))
        if not name or not path or name in _FACTORIES:
            raise ValueError(f"{_MODEL_FILES}: {entry.strip()!r} must be a new name, =, and the path of an ONNX file.")
        files[name] = Path(path)
    return files
