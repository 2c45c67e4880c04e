"""What comparing four minutes takes of one core and of memory: in a process of its own, with the tracks loaded."""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from choreography.comparison.compare import compare
from choreography.comparison.counts import CountGrid, DanceMap
from inference.pose import codec
from ml_training.rendering.dances import BEATS_A_MINUTE, make_dance
from tests.bench.figures import a_build, some_camera
from tests.bench.learners import learner
from tests.bench.processes import PROC, run_watched

SECONDS = 240.0
REPEATS = 5
_ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def four_minutes() -> dict[str, float]:
    """Seconds at best and at the median of five, processor seconds at best, and the peak of the process in MB (10^6)."""
    dance = make_dance(99, SECONDS)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("guide.npz", "attempt.npz")]
        codec.save_npz(learner(dance, seed=1), paths[0])
        codec.save_npz(learner(dance, body=a_build(2), camera=some_camera(2, yaw_deg=20.0), seed=2), paths[1])
        command = [sys.executable, "-m", "tests.bench.scoring_speed", *paths]
        figures, _ = run_watched(command, _ONE_CORE)
    return {name: float(value) for name, value in figures.items()}


def main(guide: str, attempt: str) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
    shown, danced = codec.load_npz(guide), codec.load_npz(attempt)
    dance = DanceMap(CountGrid(BEATS_A_MINUTE, 0.0))
    seconds, busy = [], []
    for _ in range(REPEATS):
        began, began_busy = time.perf_counter(), time.process_time()
        compare(shown, danced, dance=dance)
        seconds.append(time.perf_counter() - began)
        busy.append(time.process_time() - began_busy)
    print(
        json.dumps(
            {
                "seconds_best": min(seconds),
                "seconds_median": float(np.median(seconds)),
                "cpu_seconds_best": min(busy),
                "peak_mb": _peak_mb(),
            }
        )
    )


def _peak_mb() -> float:
    """The largest resident size of this process so far; NaN where the kernel does not tell."""
    status = PROC / "self" / "status"
    if not status.is_file():
        return float("nan")
    kilobytes = next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(kilobytes) * 1024 / 1e6


if __name__ == "__main__":
    main(*sys.argv[1:])
