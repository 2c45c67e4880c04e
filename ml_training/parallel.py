"""Many small tasks over the cores of one machine, stopped cleanly by Ctrl-C and by the death of whoever started them."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice

from ml_training.errors import TrainingError

_AHEAD = 3
"""Tasks handed out for each process: enough to keep it busy, few enough to stop soon."""


def cores() -> int:
    """Those this process may use, which can be fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_parallel[Task, Result](
    work: Callable[[Task], Result], tasks: Iterable[Task], jobs: int | None = None, *, apart: bool = False
) -> Iterator[Result]:
    """Results as they come, in any order. `work` is a function of a module.

    Parameters
    ----------
    jobs
        None: one process a core; 1: in this one.
    apart
        Work in another process even for one job, where what this one has set up (threads, say) would change the results.

    Raises
    ------
    TrainingError
        "worker_died" if a process was killed, for want of memory mostly. What `work` raises is raised here.
    """
    jobs = jobs or cores()
    if jobs == 1 and not apart:
        yield from map(work, tasks)
        return
    # Not forked: a fork of a process with threads (OpenCV's, Arrow's) may hang.
    pool = ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"), initializer=_settle)
    try:
        yield from _results(pool, work, iter(tasks), jobs * _AHEAD)
    except BrokenProcessPool as error:
        message = "A process was killed, most likely for want of memory: run the same command again with fewer --jobs."
        raise TrainingError("worker_died", message) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _results[Task, Result](
    pool: ProcessPoolExecutor, work: Callable[[Task], Result], tasks: Iterator[Task], ahead: int
) -> Iterator[Result]:
    with _deaf():
        waiting: set[Future[Result]] = {pool.submit(work, task) for task in islice(tasks, ahead)}
    while waiting:
        done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        waiting |= {pool.submit(work, task) for task in islice(tasks, len(done))}
        for future in done:
            yield future.result()


@contextmanager
def _deaf() -> Iterator[None]:
    """The processes begin within this block and so are deaf to a Ctrl-C from their first moment: see `_settle`."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    answer = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, answer)


def _settle() -> None:
    """Ctrl-C reaches every process of the terminal; the first one alone decides. When that one dies, the others go."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
