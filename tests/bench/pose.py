"""How fast is the pose engine, and how much memory does it take? `python -m tests.bench.pose VIDEO`

Reads the clip with one and with two processes, each time in a fresh interpreter, and prints frames a second and the most
memory. The last line is one JSON object. `make bench-pose VIDEO=clip.mp4` does the same.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from inference.estimators.registry import get_estimator


def measure(video: Path, model: str, workers: int) -> dict[str, float | int]:
    """One estimation in this process, the start of the worker processes included."""
    estimator = get_estimator(f"blazepose-{model}")
    began = time.monotonic()
    track = estimator.estimate(video, workers=workers).track
    seconds = time.monotonic() - began
    own, child = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "workers": workers,
        "frames": len(track.t_s),
        "found": int(track.found.sum()),
        "seconds": round(seconds, 2),
        "fps": round(len(track.t_s) / seconds, 1),
        # The largest child for each of them: at most this much, pages they share counted every time.
        "peak_rss_mib": round(own + (workers * child if workers > 1 else 0)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("video", type=Path, nargs="?", default=os.environ.get("VIDEO", ""))
    parser.add_argument("--model", choices=("lite", "full", "heavy"), default="full")
    parser.add_argument("--rounds", type=int, default=2, help="the best of so many is reported")
    parser.add_argument("--workers", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.video.name:
        parser.error("which video? `make bench-pose VIDEO=clip.mp4`")
    if options.workers:
        print(json.dumps(measure(options.video, options.model, options.workers)))
        return
    results = {}
    for round_ in range(options.rounds):
        for workers in (1, 2):
            result = _in_fresh_interpreter(options.video, options.model, workers)
            print(f"round {round_ + 1}, {workers} process(es): {result['fps']} frames a second", flush=True)
            results[workers] = max(result, results.get(workers, result), key=lambda each: each["fps"])
    print(json.dumps({"video": options.video.name, "model": options.model, "runs": list(results.values())}))


def _in_fresh_interpreter(video: Path, model: str, workers: int) -> dict[str, float | int]:
    command = [sys.executable, "-m", "tests.bench.pose", str(video), "--model", model, "--workers", str(workers)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, float | int] = json.loads(done.stdout.splitlines()[-1])
    return result


if __name__ == "__main__":
    main()
