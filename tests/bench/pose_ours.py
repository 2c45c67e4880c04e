"""One estimation of ours in a fresh process, for `tests.bench.pose`: `python -m tests.bench.pose_ours VIDEO`

The clock runs from the first report of progress, when the first process has read its first frame, until the estimate is
there: loading is over by then, while the other processes' loading, where it takes longer, is counted against us, and so is
joining and smoothing. The last line is one JSON object.
"""

import argparse
import json
import time
from pathlib import Path

from inference.estimators.base import Progress
from inference.estimators.registry import get_estimator
from tests.bench.processes import cpu_seconds


class FirstReport:
    """When work was seen to go on, how many frames were done by then and what they had cost."""

    def __init__(self) -> None:
        self.at_s = self.cpu_s = 0.0
        self.frames = 0
        self.is_in = False

    def __call__(self, progress: Progress) -> None:
        if not self.is_in:
            self.is_in = True
            self.at_s, self.cpu_s, self.frames = time.monotonic(), cpu_seconds(), progress.done


def measure(video: Path, engine: str, workers: int) -> dict[str, float]:
    estimator = get_estimator(engine)
    began_s = time.monotonic()
    first = FirstReport()
    track = estimator.estimate(video, on_progress=first, workers=workers).track
    ended_s, cpu_s = time.monotonic(), cpu_seconds()
    if not first.is_in:
        raise SystemExit(f"{engine} reported no progress: there is nothing to time it by")
    frames = len(track.t_s) - first.frames
    return {
        "frames": frames,
        "found": int(track.found[first.frames :].sum()),
        "seconds": ended_s - first.at_s,
        "fps": frames / (ended_s - first.at_s),
        "cpu_ms_per_frame": 1000 * (cpu_s - first.cpu_s) / frames,
        "seconds_with_loading": ended_s - began_s,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("video", type=Path)
    parser.add_argument("--engine", default="blazepose-full")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    print(json.dumps(measure(options.video, options.engine, options.workers)))


if __name__ == "__main__":
    main()
