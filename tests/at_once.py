"""Several things done at the same moment, as people who press a button together do them."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connections

WAIT_FOR_ALL_S = 30


def at_once[Result](calls: Sequence[Callable[[], Result]]) -> list[Result]:
    """What each call returned, in their order, or the first one's error. All begin together, each with a database
    connection of its own."""
    begin = Barrier(len(calls))

    def do(call: Callable[[], Result]) -> Result:
        begin.wait(WAIT_FOR_ALL_S)
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(do, calls))
