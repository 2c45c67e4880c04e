"""Runs native code in a child process, so that a crash in a decoder is an exception here and not the worker's end.

This contains accidents (segmentation faults, memory, hangs); it is no sandbox against a decoder that was taken over.
What the kernel limits, it limits in the child's own children, too; docs/media.md lists the limits.

The child leads a process group. A guard, forked off the child before anything heavy is imported, belongs to that
group and waits on a pipe that only the caller holds open: however the caller ends, kill -9 included, the guard ends the
group, and with it the processes that the child started. The kernel ends the child itself at once (PR_SET_PDEATHSIG).
"""

import contextlib
import ctypes
import errno
import math
import os
import pickle
import resource
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from inference.media.errors import DecoderDied

TICK_S = 0.1
_GRACE_S = 2.0
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
# Enough for the libraries, the clip and the pipes to a process on each of 64 cores.
_MOST_OPEN_FILES = 512
# Where memory is short, the kernel is to end the child and not the worker (-1000 never .. 1000 first).
_FIRST_TO_GO = 800

OnMessage = Callable[[object], None]


def run_isolated(
    function: Callable[..., Any],
    *args: Any,
    on_message: OnMessage | None = None,
    timeout_s: float | None = None,
    quiet_limit_s: float | None = None,
    memory_limit_bytes: int | None = None,
    file_limit_bytes: int | None = None,
) -> Any:
    """Call `function(*args, send=send)` in a child process and return its result.

    Parameters
    ----------
    function
        Importable by name. `send(message)` passes any picklable object on to `on_message`; threads may call it.
    on_message
        Called in this thread with each message, and with None about every `TICK_S` seconds without one. What it raises
        ends the child and passes through: this is how a caller cancels.
    timeout_s : float, optional
        The child is ended when it takes longer. Each process of it may use as much time of every core (RLIMIT_CPU).
    quiet_limit_s : float, optional
        The child is ended when it sends no message for so long: for functions that tell how far they are.
    memory_limit_bytes : int, optional
        Limit of the address space (RLIMIT_AS) of the child and of each of its own children.
    file_limit_bytes : int, optional
        Limit of each file that is written (RLIMIT_FSIZE).

    Raises
    ------
    DecoderDied
        The child crashed, was killed, ran out of memory, of room or of time.
    Exception
        What the function raised, with the child's traceback among its notes.
    """
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    guarded, alive = context.Pipe(duplex=False)
    payload = pickle.dumps((function, args))
    limits = _limits(timeout_s, memory_limit_bytes, file_limit_bytes)
    child = context.Process(target=_child, args=(payload, theirs, guarded, os.getpid(), limits), name=function.__name__)
    with contextlib.closing(ours), contextlib.closing(alive):
        with contextlib.closing(theirs), contextlib.closing(guarded):
            child.start()
        try:
            kind, value = _relay(child, ours, on_message, timeout_s, quiet_limit_s)
            wait([child.sentinel], _GRACE_S)
        except BaseException:
            _signal_group(child, signal.SIGTERM)
            wait([child.sentinel], _GRACE_S)
            raise
        finally:
            # Before the child is reaped: its id cannot have been given to somebody else yet.
            _signal_group(child, signal.SIGKILL)
            child.join()
    if kind == "error":
        raise value
    return value


def die_with_parent(parent_pid: int | None = None) -> None:
    """Have the kernel kill this process when the thread that started it ends. For workers of the child, too."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent_pid is not None and os.getppid() != parent_pid:
        os._exit(1)  # it ended before the kernel was told


def _limits(timeout_s: float | None, memory_bytes: int | None, file_bytes: int | None) -> dict[int, int]:
    """Limits by resource, as setrlimit names them."""
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: _MOST_OPEN_FILES,
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_FSIZE: file_bytes,
        resource.RLIMIT_CPU: None if timeout_s is None else math.ceil(timeout_s) * (os.cpu_count() or 1) + 1,
    }
    return {kind: limit for kind, limit in wanted.items() if limit is not None}


def _relay(
    child: SpawnProcess,
    pipe: "Connection[Any, Any]",
    on_message: OnMessage | None,
    timeout_s: float | None,
    quiet_limit_s: float | None,
) -> tuple[str, Any]:
    """Pass messages on until the child's last one: ("result" or "error", value)."""
    began = heard = time.monotonic()
    while True:
        now = time.monotonic()
        if timeout_s is not None and now - began > timeout_s:
            raise DecoderDied(f"{child.name} took longer than {timeout_s} s")
        if quiet_limit_s is not None and now - heard > quiet_limit_s:
            raise DecoderDied(f"{child.name} was silent for {quiet_limit_s} s")
        wait([pipe, child.sentinel], TICK_S)
        if pipe.poll():
            try:
                kind, value = pipe.recv()
            except (EOFError, ConnectionResetError):
                raise _died(child) from None
            if kind != "message":
                return kind, value
            heard = time.monotonic()
        elif wait([child.sentinel], 0):
            raise _died(child)
        else:
            value = None
        if on_message is not None:
            on_message(value)


def _died(child: SpawnProcess) -> DecoderDied:
    wait([child.sentinel], _GRACE_S)
    _signal_group(child, signal.SIGKILL)
    child.join()
    return DecoderDied(f"{child.name} ended with {child.exitcode}")


def _signal_group(child: SpawnProcess, number: signal.Signals) -> None:
    if child.pid is None or child.exitcode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, number)
    with contextlib.suppress(ProcessLookupError):  # it may not lead its group yet
        os.kill(child.pid, number)


def _child(
    payload: bytes,
    pipe: "Connection[Any, Any]",
    guarded: "Connection[Any, Any]",
    parent: int,
    limits: dict[int, int],
) -> None:
    os.setpgid(0, 0)
    die_with_parent(parent)
    guard = _fork_guard(guarded.fileno())
    _confine(limits)
    lock = threading.Lock()

    def send(message: object) -> None:
        with lock:
            pipe.send(("message", message))

    last = _call(payload, send)
    with lock:
        pipe.send(last)
    os.kill(guard, signal.SIGKILL)
    os.waitpid(guard, 0)


def _confine(limits: dict[int, int]) -> None:
    """Take rights away from this process and those that it starts. Nothing gives them back."""
    for kind, limit in limits.items():
        _, most = resource.getrlimit(kind)
        lowered = limit if most == resource.RLIM_INFINITY else min(limit, most)
        resource.setrlimit(kind, (lowered, lowered))
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    with contextlib.suppress(OSError):  # somebody has made it lower and protected it
        Path("/proc/self/oom_score_adj").write_text(str(_FIRST_TO_GO))


def _call(payload: bytes, send: Callable[[object], None]) -> tuple[str, Any]:
    try:
        function, args = pickle.loads(payload)  # noqa: S301 - our own parent wrote it
        return "result", function(*args, send=send)
    except MemoryError as error:
        return "error", DecoderDied(f"out of memory: {error}")
    except OSError as error:
        met_limit = error.errno == errno.EFBIG
        return "error", DecoderDied(f"too large a file: {error}") if met_limit else _portable(error)
    except Exception as error:  # noqa: BLE001 - it is raised again in the parent
        return "error", _portable(error)


def _portable(error: Exception) -> Exception:
    text = "".join(traceback.format_exception(error))
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - just made here
        copy = error
    except Exception:  # noqa: BLE001 - whatever its pickling raises, it cannot cross
        copy = RuntimeError(f"{type(error).__name__}: {error}")
    copy.add_note(text)
    return copy


def _fork_guard(alive_fd: int) -> int:
    guard = os.fork()
    if guard:
        return guard
    kept = os.dup2(alive_fd, 0)
    os.closerange(kept + 1, os.sysconf("SC_OPEN_MAX"))
    os.read(kept, 1)
    os.killpg(0, signal.SIGKILL)
    os._exit(0)
