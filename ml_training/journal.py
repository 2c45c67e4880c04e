"""What a training tells while it runs: a line on the terminal, lines of JSON, and curves for TensorBoard."""

import json
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

from ml_training.files import whole_file

HISTORY, CURVES = "history.jsonl", "tb"


class Journal:
    """`history.jsonl` has one line a validation. What lies behind `first_step` is of a stopped run, and is forgotten."""

    def __init__(self, folder: Path, first_step: int) -> None:
        self._history = folder / HISTORY
        _keep_until(self._history, first_step)
        self._curves = _Curves(folder / CURVES, first_step)

    def write_curves(self, step: int, values: Mapping[str, float]) -> None:
        self._curves.write(step, values)

    def write_history(self, line: dict[str, Any]) -> None:
        with self._history.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def close(self) -> None:
        self._curves.close()


class _Curves:
    """An event file as TensorBoard reads it, without TensorFlow."""

    def __init__(self, folder: Path, first_step: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        name = f"events.out.tfevents.{time.time():.6f}.{socket.gethostname()}.{os.getpid()}"
        self._records = RecordWriter((folder / name).open("wb"))
        self._write(Event(file_version="brain.Event:2"))
        # Makes the reader drop what an earlier file has at and behind this step.
        self._write(Event(step=first_step, session_log=SessionLog(status=SessionLog.START)))

    def write(self, step: int, values: Mapping[str, float]) -> None:
        summary = Summary(value=[Summary.Value(tag=tag, simple_value=value) for tag, value in values.items()])
        self._write(Event(step=step, summary=summary))
        self._records.flush()

    def close(self) -> None:
        self._records.close()

    def _write(self, event: Event) -> None:
        event.wall_time = time.time()
        self._records.write(event.SerializeToString())


class Pace:
    """Pictures a second and the share of the time spent waiting for them, while training: pauses and compiling left out."""

    def __init__(self, batch: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._batch, self._clock = batch, clock
        self._paused_s = 0.0
        self.start(0, 0.0)

    def start(self, step: int, waited_s: float) -> None:
        self._first = self._last = self._now(step, waited_s)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """What happens in the block is no training."""
        started = self._clock()
        yield
        self._paused_s += self._clock() - started

    def since_last(self, step: int, waited_s: float) -> tuple[float, float]:
        start, self._last = self._last, self._now(step, waited_s)
        return self._between(start, self._last)

    def over_all(self, step: int, waited_s: float) -> tuple[float, float]:
        return self._between(self._first, self._now(step, waited_s))

    def _now(self, step: int, waited_s: float) -> tuple[int, float, float]:
        return step, waited_s, self._clock() - self._paused_s

    def _between(self, start: tuple[int, float, float], end: tuple[int, float, float]) -> tuple[float, float]:
        seconds = max(end[2] - start[2], 1e-9)
        return (end[0] - start[0]) * self._batch / seconds, (end[1] - start[1]) / seconds


def _keep_until(history: Path, step: int) -> None:
    if not history.is_file():
        return
    lines = [line for line in history.read_text().splitlines() if _step_of(line) <= step]
    with whole_file(history) as draft:
        draft.write_text("".join(f"{line}\n" for line in lines))


def _step_of(line: str) -> float:
    """A line that a kill cut short belongs to no step."""
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError):
        return float("inf")
