"""Does the score separate, and how long does it take? `python -m tests.bench.scoring`

Made-up dances with known faults (seeded: the numbers repeat), then the time for a pair of four minutes. With
`--clips FOLDER` also every pair of tracks (.npz) in a folder. The last line is one JSON object.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from choreography.comparison.compare import compare
from choreography.comparison.normalise import mirrored
from choreography.comparison.result import ComparisonResult
from inference.pose import codec
from inference.pose.track import PoseTrack
from tests.motion import SHORT_AND_BROAD, TALL_AND_LEAN, Dance, performed, standing

SEEDS = range(1, 6)
LENGTH_S = 24.0
ARM = ("left_upper_arm", "left_forearm")

CONDITIONS: dict[str, Callable[[Dance, Dance], PoseTrack]] = {
    "other body": lambda dance, _: performed(dance, SHORT_AND_BROAD, noise_px=2.0),
    "other body, 24 fps": lambda dance, _: performed(dance, TALL_AND_LEAN, fps=24.0, noise_px=2.0),
    "mirrored": lambda dance, _: mirrored(performed(dance, SHORT_AND_BROAD, noise_px=2.0)),
    "cut to 8 s": lambda dance, _: performed(dance, SHORT_AND_BROAD, from_s=5.3, to_s=13.3, noise_px=2.0),
    "noise 10 px": lambda dance, _: performed(dance, SHORT_AND_BROAD, noise_px=10.0),
    "noise 25 px": lambda dance, _: performed(dance, SHORT_AND_BROAD, noise_px=25.0),
    "size 0.9": lambda dance, _: performed(dance, SHORT_AND_BROAD, size=0.9),
    "size 0.7": lambda dance, _: performed(dance, SHORT_AND_BROAD, size=0.7),
    "size 0.5": lambda dance, _: performed(dance, SHORT_AND_BROAD, size=0.5),
    "size 0.3": lambda dance, _: performed(dance, SHORT_AND_BROAD, size=0.3),
    "left arm wrong 2 s": lambda dance, other: _wrong(dance, other, ARM, 2.0),
    "left arm wrong 8 s": lambda dance, other: _wrong(dance, other, ARM, 8.0),
    "left arm wrong throughout": lambda dance, other: _wrong(dance, other, ARM, LENGTH_S),
    "all wrong for a quarter": lambda dance, other: _wrong(dance, other, None, LENGTH_S / 4),
    "all wrong for a half": lambda dance, other: _wrong(dance, other, None, LENGTH_S / 2),
    "another dance": lambda _, other: performed(other, SHORT_AND_BROAD, noise_px=2.0),
    "another dance, 3 s": lambda _, other: performed(other, SHORT_AND_BROAD, to_s=3.0, noise_px=2.0),
    "standing still": lambda _, other: standing(duration_s=LENGTH_S),
}
LATENESS_MS = (33, 67, 133, 250, 500)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=Path, help="a folder of .npz tracks to compare each with each")
    options = parser.parse_args()
    report: dict[str, object] = {"conditions": _conditions(), "late": _late(), "seconds_for_four_minutes": _seconds()}
    if options.clips:
        report["clips"] = _clips(options.clips)
    print(json.dumps(report))


def _conditions() -> dict[str, dict[str, float | None]]:
    rows: dict[str, dict[str, float | None]] = {}
    print(f"{'condition':<28} {'score':>6} {'lowest':>7} {'highest':>8} {'error':>7} {'match':>6} {'confidence':>11}")
    for name, attempt in CONDITIONS.items():
        results = [_result(seed, attempt) for seed in SEEDS]
        rows[name] = _row(results)
        print(
            f"{name:<28} "
            + " ".join(
                _cell(value, width) for value, width in zip(rows[name].values(), (6, 7, 8, 7, 6, 11), strict=True)
            )
        )
    return rows


def _result(seed: int, attempt: Callable[[Dance, Dance], PoseTrack]) -> ComparisonResult:
    dance, other = Dance(seed, LENGTH_S), Dance(seed + 100, LENGTH_S)
    return compare(performed(dance), attempt(dance, other))


def _row(results: list[ComparisonResult]) -> dict[str, float | None]:
    scores = [result.score for result in results if result.score is not None]
    return {
        "score": _mean(scores),
        "lowest": round(min(scores), 1) if scores else None,
        "highest": round(max(scores), 1) if scores else None,
        "error_deg": _mean([result.mean_error_deg for result in results if result.mean_error_deg is not None]),
        "match": _mean([result.match for result in results if result.match is not None], 2),
        "confidence": _mean([result.confidence for result in results], 2),
    }


def _late() -> dict[int, dict[str, float | None]]:
    rows = {}
    print(f"\n{'late by (start known)':<28} {'score':>6} {'lag found':>10}")
    for late_ms in LATENESS_MS:
        results = [
            compare(performed(dance), performed(dance, SHORT_AND_BROAD, late_s=late_ms / 1000), offset_hint_s=0.0)
            for dance in (Dance(seed, LENGTH_S) for seed in SEEDS)
        ]
        rows[late_ms] = {
            "score": _mean([result.score for result in results if result.score is not None]),
            "lag_ms": _mean([result.lag_ms for result in results if result.lag_ms is not None]),
        }
        print(f"{late_ms:>4} ms{'':<21} {_cell(rows[late_ms]['score'], 6)} {_cell(rows[late_ms]['lag_ms'], 10)}")
    return rows


def _seconds() -> float:
    dance = Dance(1, 240.0)
    guide, attempt = performed(dance), performed(dance, SHORT_AND_BROAD, noise_px=2.0)
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        compare(guide, attempt)
        seconds.append(time.perf_counter() - began)
    print(
        f"\nfour minutes at 30 fps: {min(seconds):.2f} s at best, {float(np.median(seconds)):.2f} s at the median of 5"
    )
    return round(min(seconds), 3)


def _clips(folder: Path) -> dict[str, dict[str, float | str]]:
    tracks = {path.stem: codec.load_npz(path) for path in sorted(folder.glob("*.npz"))}
    print(f"\n{'guide / attempt':<24} " + " ".join(f"{name[:11]:>11}" for name in tracks))
    table: dict[str, dict[str, float | str]] = {}
    for guide, shown in tracks.items():
        results = {attempt: compare(shown, danced) for attempt, danced in tracks.items()}
        table[guide] = {
            name: result.verdict if result.score is None else round(result.score, 1) for name, result in results.items()
        }
        print(f"{guide[:24]:<24} " + " ".join(f"{str(value)[:11]:>11}" for value in table[guide].values()))
    return table


def _wrong(dance: Dance, other: Dance, parts: tuple[str, ...] | None, until_s: float) -> PoseTrack:
    if parts is None:
        return performed(dance, SHORT_AND_BROAD, noise_px=2.0, wrong=other, wrong_s=(0.0, until_s))
    return performed(dance, SHORT_AND_BROAD, noise_px=2.0, wrong=other, wrong_parts=parts, wrong_s=(0.0, until_s))


def _mean(values: list[float], digits: int = 1) -> float | None:
    return round(float(np.mean(values)), digits) if values else None


def _cell(value: float | None, width: int) -> str:
    return ("-" if value is None else f"{value:g}").rjust(width)


if __name__ == "__main__":
    main()
