"""How fast is the pose engine beside the official MediaPipe, and how much memory does it take? `make bench-pose`

Ours, the official `PoseLandmarker` in VIDEO mode with the same weights, and the latter with the clip halved over two
processes take turns on the same clip, each run in fresh processes. Not counted on either side: the start of processes,
loading, opening the file, the first frame. The peer decodes with the decoder's threads or without, whichever was faster in
the first round. Figures are medians over the rounds. The last line is one JSON object.

    make bench-pose ARGS="--rounds 1 --models full"     a quick look
    make bench-pose ARGS="--video clip.mp4"             a clip of one's own
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench import peer
from tests.bench.clips import DEFAULT_SIZES, SIZES, bench_clip, what_dances
from tests.bench.pose_table import Cell, Round, Run, better, row_of, table
from tests.bench.processes import Memory, busy_cores_s, cpu_seconds, run_watched

MODELS = ("full", "lite", "heavy")
CLIP_S = 20
# The heavy model takes five times as long: three rounds of half the clip say as much.
HEAVY_CLIP_S, HEAVY_ROUNDS = 10, 3


def main() -> None:
    options = _options()
    cores = _keep_to(options.cores)
    began_s, busy_s, own_s = time.monotonic(), busy_cores_s(), cpu_seconds()
    rows = [row for model in options.models for row in _measure(model, options)]
    elapsed_s = time.monotonic() - began_s
    others = (busy_cores_s() - busy_s - (cpu_seconds() - own_s)) / elapsed_s
    print(f"\n{table(rows)}")
    print("peak_mb: the largest RSS of one process of ours, sum_mb: all of them together (MB of 10^6 bytes)")
    print(
        f"Other processes kept {others:.2f} cores busy meanwhile: above 0.1 or so, trust only cpu_ms_per_frame and memory."
    )
    print(json.dumps({"clips": rows, "cores": cores, "workers": options.workers, "others_cores": round(others, 2)}))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--video", type=Path, help="a clip of one's own instead of those made here")
    parser.add_argument("--sizes", nargs="+", choices=tuple(SIZES), default=list(DEFAULT_SIZES))
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--engine", default="blazepose-{model}", help="ours, by its name in the registry")
    parser.add_argument("--rounds", type=int, default=5, help=f"at most {HEAVY_ROUNDS} for the heavy model")
    parser.add_argument("--workers", type=int, default=2, help="processes of ours")
    parser.add_argument("--cores", type=int, default=2, help="cores that everybody keeps to")
    return parser.parse_args()


def _keep_to(cores: int) -> int:
    """Keep this process and those that it starts to so many cores, where the system can; the number there is."""
    if not hasattr(os, "sched_setaffinity"):
        return os.cpu_count() or 1
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    return len(os.sched_getaffinity(0))


def _measure(model: str, options: argparse.Namespace) -> list[dict[str, Cell]]:
    rounds = min(options.rounds, HEAVY_ROUNDS) if model == "heavy" else options.rounds
    if options.video:
        return [_compare(options.video, options.video.name, model, rounds, options)]
    seconds = HEAVY_CLIP_S if model == "heavy" else CLIP_S
    clips = {size: bench_clip(size, seconds) for size in options.sizes}
    return [_compare(clip, size, model, rounds, options) for size, clip in clips.items()]


def _compare(clip: Path, name: str, model: str, rounds: int, options: argparse.Namespace) -> dict[str, Cell]:
    print(f"{name}, {model}: {what_dances(clip)}", flush=True)
    engine = options.engine.format(model=model)
    done: list[Round] = []
    threads: dict[int, str] = {}
    for number in range(1, rounds + 1):
        ours = _ours(clip, engine, options.workers)
        peers = {parts: _peer(clip, model, parts, threads) for parts in (1, 2)}
        done.append(Round(ours, peers[1], peers[2]))
        print(f"  round {number}: {ours.fps:.1f}, peer {peers[1].fps:.1f}, split {peers[2].fps:.1f} fps", flush=True)
    return {
        "clip": name,
        "model": model,
        **row_of(done),
        "peer_threads": threads[1],
        "peer2_threads": threads[2],
    }


def _ours(clip: Path, engine: str, workers: int) -> Run:
    arguments = [clip, "--engine", engine, "--workers", workers]
    return _run(*run_watched([sys.executable, "-m", "tests.bench.pose_ours", *map(str, arguments)]))


def _peer(clip: Path, model: str, parts: int, threads: dict[int, str]) -> Run:
    """One run; the first one with `parts` tries both ways of decoding and settles on the better."""
    ways: Sequence[str] = (threads[parts],) if parts in threads else ("AUTO", "NONE")
    runs = {way: _run(*peer.timed(clip, model, parts=parts, threads=way)) for way in ways}
    threads[parts] = better(runs)
    return runs[threads[parts]]


def _run(result: dict[str, float], memory: Memory) -> Run:
    return Run(
        fps=result["fps"],
        cpu_ms_per_frame=result["cpu_ms_per_frame"],
        found_share=min(1.0, result["found"] / result["frames"]),
        peak_mb=memory.largest_rss,
        sum_mb=memory.sum_rss,
        pss_mb=memory.sum_pss,
    )


if __name__ == "__main__":
    main()
