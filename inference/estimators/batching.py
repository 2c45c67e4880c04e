"""One engine for many threads: what they ask at the same time is answered in one batch.

Each part of a clip is read from frame to frame in a thread of its own, as if it were alone. Its questions to the model
meet those of the other parts at a rendezvous. As soon as every part that is still being read waits for an answer, or some have
waited long enough, the questions go through the model together. So the parts run in lock-step, and the model sees batches
as large as there are parts.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from types import TracebackType

import numpy as np

from inference.estimators.onnx_graph import Ask, Floats

PATIENCE_S = 0.25
"""A decoder that starts or seeks must not hold up all the others for longer; a full round takes a fraction of it."""
_NEWS_EVERY_S = 0.1

AskTogether = Callable[[Floats], list[Floats]]
"""From N inputs (N, ...) to outputs (N, ...)."""
OnCount = Callable[[int], None]
type Task[Result] = Callable[[OnCount], Result]
"""A part's work. It tells how many frames it has read, after each frame, and lets through what that raises."""


@dataclass(frozen=True, eq=False)
class _Question:
    graph: str
    values: Floats
    answer: Future[list[Floats]] = field(default_factory=Future)


class Rendezvous:
    """Where `seats` threads meet to ask the named `graphs` together. A context: it answers while it is open.

    Every seat must be left, whatever happens to its thread; until then the others wait for it, though never longer than
    `patience_s` at a time.
    """

    def __init__(self, graphs: Mapping[str, AskTogether], seats: int, *, patience_s: float = PATIENCE_S) -> None:
        self._graphs = graphs
        self._patience_s = patience_s
        self._taken = seats
        self._is_open = True
        self._asked: list[_Question] = []
        self._changed = threading.Condition()
        self._server = threading.Thread(target=self._serve, name="rendezvous", daemon=True)

    def __enter__(self) -> "Rendezvous":
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._is_open = False
            self._changed.notify_all()
        self._server.join()

    def asking(self, graph: str) -> Ask:
        """A function that asks one graph; it waits for the others of the batch. It raises what the model raised."""

        def ask(values: Floats) -> list[Floats]:
            question = _Question(graph, values)
            with self._changed:
                if not self._is_open:
                    raise RuntimeError("The rendezvous is over.")
                self._asked.append(question)
                self._changed.notify_all()
            return question.answer.result()

        return ask

    def seat(self) -> AbstractContextManager[None]:
        """To be held by a thread for as long as it asks."""
        return _Seat(self)

    def leave(self) -> None:
        with self._changed:
            self._taken -= 1
            self._changed.notify_all()

    def _serve(self) -> None:
        while questions := self._next_questions():
            for graph in sorted({question.graph for question in questions}):
                self._answer(graph, [question for question in questions if question.graph == graph])

    def _next_questions(self) -> list[_Question]:
        """What has been asked once everybody waits; nothing when the rendezvous is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._asked or not self._is_open)
            self._changed.wait_for(
                lambda: len(self._asked) >= self._taken or not self._is_open, timeout=self._patience_s
            )
            questions, self._asked = self._asked, []
        return questions

    def _answer(self, graph: str, questions: Sequence[_Question]) -> None:
        try:
            outputs = self._graphs[graph](np.stack([question.values for question in questions]))
        except Exception as error:  # noqa: BLE001 - it belongs to those who asked, and is raised there
            for question in questions:
                question.answer.set_exception(error)
            return
        for place, question in enumerate(questions):
            question.answer.set_result([output[place] for output in outputs])


class _Seat(AbstractContextManager[None]):
    def __init__(self, rendezvous: Rendezvous) -> None:
        self._rendezvous = rendezvous

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rendezvous.leave()


class _Abandoned(Exception):
    """Another part failed, or nobody wants the result any more."""


def in_threads[Result](tasks: Sequence[Task[Result]], on_count: OnCount) -> list[Result]:
    """The results of tasks that run side by side, each in a thread.

    `on_count` gets the sum of their counts now and then, in this thread. What it or a task raises ends all of them at
    their next count, and passes through when the last one has ended.
    """
    counts = [0] * len(tasks)
    is_over = threading.Event()

    def run(place: int) -> Result:
        def count(frames: int) -> None:
            if is_over.is_set():
                raise _Abandoned
            counts[place] = frames

        return tasks[place](count)

    with ThreadPoolExecutor(max_workers=len(tasks), thread_name_prefix="part") as pool:
        try:
            futures = [pool.submit(run, place) for place in range(len(tasks))]
            left = set(futures)
            while left:
                done, left = wait(left, timeout=_NEWS_EVERY_S, return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()
                on_count(sum(counts))
        except BaseException:
            is_over.set()
            raise
    return [future.result() for future in futures]
