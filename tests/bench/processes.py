"""What a command and the processes that it starts take of the processor and of memory. Linux; elsewhere it sees nothing."""

import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROC = Path("/proc")
LOOK_EVERY_S = 0.25
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class CommandFailed(Exception):
    """A measured command ended badly; the text ends with what it said."""


@dataclass
class Memory:
    """Peaks in MB (10^6 bytes).

    Attributes
    ----------
    largest_rss : the largest resident size of any one process, as the kernel keeps it (shared pages counted in full).
    sum_rss : the sum of such peaks over all processes: more than was ever in use at once.
    sum_pss : the largest sum seen at one moment, shared pages counted once.
    """

    peaks: dict[int, float] = field(default_factory=dict)
    sum_pss: float = 0.0

    @property
    def largest_rss(self) -> float:
        return max(self.peaks.values(), default=0.0)

    @property
    def sum_rss(self) -> float:
        return sum(self.peaks.values())

    def look(self, processes: Sequence[int]) -> None:
        for process in processes:
            peak = _kilobytes(process, "status").get("VmHWM", 0) * 1024 / 1e6
            self.peaks[process] = max(self.peaks.get(process, 0.0), peak)
        pss = sum(_kilobytes(process, "smaps_rollup").get("Pss", 0) for process in processes) * 1024 / 1e6
        self.sum_pss = max(self.sum_pss, pss)


def run_watched(
    command: Sequence[str | Path], environment: Mapping[str, str] | None = None
) -> tuple[dict[str, Any], Memory]:
    """The JSON object on the last line of the command's output, and the memory that it and its children took.

    Raises CommandFailed if it exits with anything but 0.
    """
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            list(map(str, command)),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        memory = Memory()
        with _Watch(lambda: memory.look(family(process.pid))):
            output, _ = process.communicate()
        if process.returncode:
            errors.seek(0)
            raise CommandFailed(f"{' '.join(map(str, command))}\n{errors.read()[-3000:]}")
    result: dict[str, Any] = json.loads(output.splitlines()[-1])
    return result, memory


class _Watch:
    """Calls `look` again and again until the block ends."""

    def __init__(self, look: Callable[[], None]) -> None:
        self._look = look
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(LOOK_EVERY_S):
            self._look()


def cpu_seconds() -> float:
    """Processor time of this process, of those that it started and of theirs, whether they still run or not."""
    times = os.times()
    alive = family(os.getpid())[1:]
    return times.user + times.system + times.children_user + times.children_system + sum(map(_cpu_s, alive))


def busy_cores_s() -> float:
    """Core-seconds for which anything at all kept the machine's cores busy since it started; 0 where that is not known."""
    try:
        user, nice, system, _, _, interrupts, soft, stolen, *_ = (PROC / "stat").read_text().splitlines()[0].split()[1:]
    except OSError:
        return 0.0
    return sum(map(int, (user, nice, system, interrupts, soft, stolen))) / _TICKS_PER_S


def family(root: int) -> list[int]:
    """The process and its descendants, as far as they still run."""
    children: dict[int, list[int]] = {}
    for stat in PROC.glob("[0-9]*/stat"):
        fields = _stat(stat)
        if fields:
            children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found = [root]
    for process in found:
        found.extend(children.get(process, []))
    return found


def _cpu_s(process: int) -> float:
    fields = _stat(PROC / str(process) / "stat")
    return sum(map(int, fields[11:15])) / _TICKS_PER_S if fields else 0.0


def _stat(path: Path) -> list[str]:
    """The fields behind the name, which may hold anything: state, parent, ... ; empty if the process has gone."""
    try:
        return path.read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _kilobytes(process: int, file: str) -> dict[str, int]:
    """The lines "Name:   123 kB" of a file in the process's folder."""
    try:
        lines = (PROC / str(process) / file).read_text().splitlines()
    except OSError:
        return {}
    pairs = (line.split() for line in lines if line.endswith(" kB"))
    return {name.rstrip(":"): int(value) for name, value, _ in pairs}
