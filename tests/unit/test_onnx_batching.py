"""The rendezvous of threads that ask one model together, without any model."""

import threading
import time

import numpy as np
import pytest

from inference.estimators.base import Cancelled
from inference.estimators.batching import Rendezvous, in_threads

PATIENT_S = 30.0
"""No test waits for so long: batches close because everybody waits, or the test fails."""


class Graph:
    """Doubles its input and remembers how large its batches were."""

    def __init__(self):
        self.batches = []

    def ask_together(self, values):
        self.batches.append(len(values))
        return [values * 2, values.sum(axis=1)]


def question(number):
    return np.array([number, 1.0], dtype=np.float32)


def asking_often(rendezvous, graph, number, times):
    def task(on_count):
        with rendezvous.seat():
            answers = []
            for time_ in range(times):
                answers.append(rendezvous.asking(graph)(question(number * 100 + time_)))
                on_count(time_ + 1)
        return answers

    return task


def test_thirty_two_threads_share_each_batch_and_get_their_own_answers():
    graph = Graph()
    with Rendezvous({"read": graph.ask_together}, 32, patience_s=PATIENT_S) as rendezvous:
        tasks = [asking_often(rendezvous, "read", number, 5) for number in range(32)]
        results = in_threads(tasks, lambda count: None)
    assert graph.batches == [32] * 5
    for number, answers in enumerate(results):
        for time_, (doubled, total) in enumerate(answers):
            np.testing.assert_array_equal(doubled, 2 * question(number * 100 + time_))
            assert total == number * 100 + time_ + 1


def test_one_that_ends_early_does_not_hold_up_the_others():
    graph = Graph()
    with Rendezvous({"read": graph.ask_together}, 3, patience_s=PATIENT_S) as rendezvous:
        in_threads([asking_often(rendezvous, "read", 0, times) for times in (1, 2, 4)], lambda count: None)
    assert graph.batches == [3, 2, 1, 1]


def test_graphs_are_asked_apart_in_the_same_round():
    reading, detecting = Graph(), Graph()
    graphs = {"read": reading.ask_together, "detect": detecting.ask_together}
    with Rendezvous(graphs, 4, patience_s=PATIENT_S) as rendezvous:
        in_threads(
            [asking_often(rendezvous, kind, 0, 2) for kind in ("read", "read", "read", "detect")], lambda count: None
        )
    assert (reading.batches, detecting.batches) == ([3, 3], [1, 1])


def test_a_slow_one_is_not_waited_for_beyond_patience():
    graph = Graph()
    others_are_answered = threading.Event()

    def slow(on_count):
        with rendezvous.seat():
            assert others_are_answered.wait(10)

    def quick(on_count):
        with rendezvous.seat():
            rendezvous.asking("read")(question(0))
            others_are_answered.set()

    with Rendezvous({"read": graph.ask_together}, 2, patience_s=0.01) as rendezvous:
        in_threads([slow, quick], lambda count: None)
    assert graph.batches == [1]


def test_a_failing_one_ends_all_of_them():
    graph = Graph()

    def failing(on_count):
        with rendezvous.seat():
            rendezvous.asking("read")(question(0))
            raise ValueError("broken frame")

    with Rendezvous({"read": graph.ask_together}, 3, patience_s=PATIENT_S) as rendezvous:
        endless = [asking_often(rendezvous, "read", number, 10**9) for number in range(2)]
        with pytest.raises(ValueError, match="broken frame"):
            in_threads([*endless, failing], lambda count: None)
    assert graph.batches[0] == 3


def test_what_the_model_raises_reaches_those_who_asked():
    def refuse(values):
        raise RuntimeError("out of memory on the card")

    with Rendezvous({"read": refuse}, 2, patience_s=PATIENT_S) as rendezvous:
        tasks = [asking_often(rendezvous, "read", number, 1) for number in range(2)]
        with pytest.raises(RuntimeError, match="on the card"):
            in_threads(tasks, lambda count: None)


def test_cancelling_ends_endless_threads():
    graph = Graph()

    def on_count(count):
        if count > 20:
            raise Cancelled

    began = threading.active_count()
    with Rendezvous({"read": graph.ask_together}, 8, patience_s=PATIENT_S) as rendezvous, pytest.raises(Cancelled):
        in_threads([asking_often(rendezvous, "read", number, 10**9) for number in range(8)], on_count)
    assert threading.active_count() == began


def test_counts_are_summed_in_the_callers_thread():
    counts, callers = [], set()

    def on_count(count):
        counts.append(count)
        callers.add(threading.current_thread())

    def task(tell):
        for count in range(1, 4):
            time.sleep(0.05)
            tell(count)
        return "done"

    assert in_threads([task] * 3, on_count) == ["done"] * 3
    assert counts == sorted(counts)
    assert counts[-1] == 9
    assert callers == {threading.current_thread()}


def test_nobody_is_left_waiting_for_a_rendezvous_that_is_over():
    with Rendezvous({"read": Graph().ask_together}, 1) as rendezvous:
        ask = rendezvous.asking("read")
    with pytest.raises(RuntimeError, match="over"):
        ask(question(0))
