"""Runs native code in a child process, so that a crash in a decoder is an exception here and not the worker's end.

This contains accidents (segmentation faults, memory, hangs); it is no sandbox against a decoder that was taken over.

The child leads a process group. A guard, forked off the child before anything heavy is imported, belongs to that
group and waits on a pipe that only the caller holds open: however the caller ends, kill -9 included, the guard ends the
group, and with it the processes that the child started. The kernel ends the child itself at once (PR_SET_PDEATHSIG).
"""

import contextlib
import ctypes
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
from typing import Any

from inference.media.errors import DecoderDied

TICK_S = 0.1
_GRACE_S = 2.0
_PR_SET_PDEATHSIG = 1

OnMessage = Callable[[object], None]


def run_isolated(
    function: Callable[..., Any],
    *args: Any,
    on_message: OnMessage | None = None,
    timeout_s: float | None = None,
    memory_limit_bytes: int | None = None,
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
        The child is ended when it takes longer.
    memory_limit_bytes : int, optional
        Limit of the child's address space (RLIMIT_AS), inherited by its own children.

    Raises
    ------
    DecoderDied
        The child crashed, was killed, ran out of memory or out of time.
    Exception
        What the function raised, with the child's traceback among its notes.
    """
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    guarded, alive = context.Pipe(duplex=False)
    payload = pickle.dumps((function, args))
    child = context.Process(
        target=_child, args=(payload, theirs, guarded, os.getpid(), memory_limit_bytes), name=function.__name__
    )
    with contextlib.closing(ours), contextlib.closing(alive):
        with contextlib.closing(theirs), contextlib.closing(guarded):
            child.start()
        try:
            kind, value = _relay(child, ours, on_message, timeout_s)
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


def _relay(
    child: SpawnProcess, pipe: "Connection[Any, Any]", on_message: OnMessage | None, timeout_s: float | None
) -> tuple[str, Any]:
    """Pass messages on until the child's last one: ("result" or "error", value)."""
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    while True:
        if deadline is not None and time.monotonic() > deadline:
            raise DecoderDied(f"{child.name} took longer than {timeout_s} s")
        wait([pipe, child.sentinel], TICK_S)
        if pipe.poll():
            try:
                kind, value = pipe.recv()
            except (EOFError, ConnectionResetError):
                raise _died(child) from None
            if kind != "message":
                return kind, value
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
    payload: bytes, pipe: "Connection[Any, Any]", guarded: "Connection[Any, Any]", parent: int, memory: int | None
) -> None:
    os.setpgid(0, 0)
    die_with_parent(parent)
    guard = _fork_guard(guarded.fileno())
    if memory is not None:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    lock = threading.Lock()

    def send(message: object) -> None:
        with lock:
            pipe.send(("message", message))

    last = _call(payload, send)
    with lock:
        pipe.send(last)
    os.kill(guard, signal.SIGKILL)
    os.waitpid(guard, 0)


def _call(payload: bytes, send: Callable[[object], None]) -> tuple[str, Any]:
    try:
        function, args = pickle.loads(payload)  # noqa: S301 - our own parent wrote it
        return "result", function(*args, send=send)
    except MemoryError as error:
        return "error", DecoderDied(f"out of memory: {error}")
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
