"""Functions that the tests of isolation run in a child process."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from multiprocessing import get_context

from inference.media.errors import TooShort

Send = Callable[[object], None]


def add(a: int, b: int, *, send: Send) -> int:
    for number in (a, b):
        send(number)
    return a + b


def report_environment(*, send: Send) -> dict[str, object]:
    return {"pid": os.getpid(), "django": "django" in sys.modules, "group": os.getpgid(0)}


def crash(*, send: Send) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def leave(*, send: Send) -> None:
    os._exit(0)


def call_sys_exit(*, send: Send) -> None:
    sys.exit(3)


def refuse(*, send: Send) -> None:
    raise TooShort("0.2 s")


def fail(*, send: Send) -> None:
    raise KeyError("left_knee")


class Unpicklable(Exception):
    def __init__(self, a: int, b: int) -> None:
        super().__init__(f"{a} and {b}")


def fail_oddly(*, send: Send) -> None:
    raise Unpicklable(1, 2)


def hog(*, send: Send) -> int:
    return len(bytearray(4 << 30))


def sleep(seconds: float, *, send: Send) -> None:
    send(os.getpid())
    time.sleep(seconds)


def sleep_stubbornly(*, send: Send) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    send(os.getpid())
    time.sleep(60)


def sleep_with_children(*, send: Send) -> None:
    worker = get_context("spawn").Process(target=time.sleep, args=(60,))
    worker.start()
    program = subprocess.Popen(["sleep", "60"])
    send([os.getpid(), worker.pid, program.pid])
    time.sleep(60)


def square_in_children(numbers: list[int], *, send: Send) -> list[int]:
    with get_context("spawn").Pool(2) as pool:
        return pool.map(_square, numbers)


def _square(number: int) -> int:
    return number * number
