"""What runs in a child process when somebody gives the site a pose model: the file may be anything. No Django here.

The web process names this module, so what is heavy is imported in the child.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_TRIES = 5


@dataclass(frozen=True)
class ModelReport:
    """What a model says of itself, by the part of the key after "kdance.", and how long one reading took on one thread."""

    licence: str
    says: dict[str, str]
    reading_ms: float


def try_out(path: Path, *, send: Callable[[object], None]) -> ModelReport:
    """Raises `inference.estimators.onnx_declared.BadDeclaration`."""
    import numpy as np

    from inference.estimators.onnx_declared import UntrueDeclaration, shown_entries
    from inference.estimators.onnx_model import load_declared

    graph, declaration = load_declared(path)
    side = declaration.input.side_px
    blank = declaration.input.prepare(np.zeros((side, side, 3), dtype=np.uint8))
    try:
        times_s = [_seconds(lambda: graph.ask(blank)) for _ in range(_TRIES)]
    except Exception as error:  # ONNX Runtime's own have no class in common
        raise UntrueDeclaration("it answered once, and not again: does it draw random numbers?") from error
    return ModelReport(declaration.licence, shown_entries(graph.metadata), 1000 * float(np.median(times_s)))


def _seconds(once: Callable[[], object]) -> float:
    began = time.perf_counter()
    once()
    return time.perf_counter() - began
