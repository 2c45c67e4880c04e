"""Pose engines by name. An engine is imported when it is asked for, so naming one costs nothing."""

from importlib import import_module
from pathlib import Path

from inference.estimators.base import PoseEstimator

_FACTORIES = {
    "blazepose-lite": "inference.estimators.blazepose.lite",
    "blazepose-full": "inference.estimators.blazepose.full",
    "blazepose-heavy": "inference.estimators.blazepose.heavy",
}


class UnknownEstimator(LookupError):
    """No engine has this name."""

    code = "unknown_estimator"


def register(name: str, dotted_path: str) -> None:
    """Let `dotted_path`, a callable with the keyword `model_dir`, make the engine `name`, in place of one so named."""
    _FACTORIES[name] = dotted_path


def estimator_names() -> tuple[str, ...]:
    return tuple(_FACTORIES)


def get_estimator(name: str, *, model_dir: Path | None = None) -> PoseEstimator:
    """A new engine with the models of `model_dir` (by default where `python -m inference.weights` puts them).

    Raises UnknownEstimator, or what the engine raises if it cannot start (`inference.weights.WeightsError`).
    """
    if name not in _FACTORIES:
        raise UnknownEstimator(f"No pose engine is called {name!r}; there are {', '.join(_FACTORIES)}.")
    module, _, factory = _FACTORIES[name].rpartition(".")
    estimator: PoseEstimator = getattr(import_module(module), factory)(model_dir=model_dir)
    return estimator
