"""Functions that the tests of isolation run in a child process."""

import ctypes
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

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


def tell(times: int, every_s: float, *, send: Send) -> int:
    for number in range(times):
        send(number)
        time.sleep(every_s)
    return times


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


def abort(*, send: Send) -> None:
    os.abort()


def hang_natively(*, send: Send) -> None:
    """As a decoder's endless loop: no Python code runs any more in this process, signal handlers and threads included."""
    send(os.getpid())
    ctypes.PyDLL(None).sleep(60)


def hog_natively(*, send: Send) -> None:
    """As a decoder that does not look whether it was given memory."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    while True:
        ctypes.memset(libc.malloc(64 << 20) or 0, 1, 64 << 20)


def compute_for_ever(*, send: Send) -> None:
    while True:
        pass


def write_endlessly(path: Path, *, send: Send) -> None:
    with path.open("wb") as file:
        while True:
            file.write(bytes(1 << 20))


def report_limits(*, send: Send) -> list[dict[str, object]]:
    """Those of the child and of a process that the child started."""
    with get_context("spawn").Pool(1) as pool:
        return [_limits(), pool.apply(_limits)]


def _limits() -> dict[str, object]:
    names = ("RLIMIT_AS", "RLIMIT_CORE", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_NOFILE")
    limits: dict[str, object] = {name: resource.getrlimit(getattr(resource, name)) for name in names}
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    adjusted = int(Path("/proc/self/oom_score_adj").read_text())
    return limits | {"no_new_privileges": status["NoNewPrivs"].strip(), "oom_score_adj": adjusted}


def abort_whatever_is_asked(*arguments: object, send: Send) -> None:
    os.abort()


def hang_whatever_is_asked(*arguments: object, send: Send) -> None:
    ctypes.PyDLL(None).sleep(60)


def hog_whatever_is_asked(*arguments: object, send: Send) -> None:
    hog_natively(send=send)
