"""The figures of the comparison as a table: what was measured, what is wanted, and whether it is reached."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from choreography.comparison.compare import compare
from inference.pose import codec
from tests.bench.scoring_faults import Step

WANTED: dict[str, tuple[str, float]] = {
    "auc_same_vs_other": (">=", 0.999),
    "auc_turned": (">=", 0.999),
    "auc_mirrored": (">=", 0.999),
    "worst_same": (">=", 90.0),
    "best_other": ("<=", 40.0),
    "clean_spread": ("<=", 4.0),
    "lag_error_ms": ("<=", 10.0),
    "lag_sign_right": (">=", 1.0),
    "limb_lag_sign_right": (">=", 1.0),
    "monotone": (">=", 1.0),
    "findings_limb_named": (">=", 0.95),
    "findings_right_counts": (">=", 0.9),
    "false_findings_10_min": ("<=", 1.0),
    "seconds_best": ("<=", 1.0),
    "peak_mb": ("<=", 300.0),
}
EXPLAINED = {
    "auc_same_vs_other": "right dances score above wrong ones",
    "auc_turned": "the same, camera 20 to 35 degrees off",
    "auc_mirrored": "the same, mirrored",
    "worst_same": "lowest score of a clean take",
    "best_other": "highest score of another dance, nothing refused",
    "margin": "between those two",
    "same_refused": "clean takes without a score",
    "other_refused_share": "other dances without a score",
    "clean_mean": "mean score of clean takes",
    "clean_spread": "highest less lowest clean take, worst dance",
    "clean_spread_median": "the same, median dance",
    "error_bar_mean": "mean error bar of clean takes, points",
    "within_error_bar": "clean takes within it of their dance's median",
    "start_missed": "starts found more than 100 ms off, of the clean takes",
    "start_error_ms": "mean error of the others",
    "mirror_told_right": "clean takes told rightly mirrored or not",
    "false_findings_10_min": "findings on clean takes in ten minutes",
    "clean_minutes": "minutes of clean takes",
    "lag_error_ms": "mean error of a window, delays -200 to 400 ms",
    "lag_error_p95_ms": "95 % of the windows are within",
    "lag_sign_right": "windows with the right sign, 60 ms and more",
    "lag_sign_right_takes": "takes with the right sign",
    "lag_told_share": "windows in which a lag is told",
    "limb_lag_error_ms": "one late limb, 100 to 300 ms: its error",
    "limb_lag_sign_right": "takes in which that limb is told late",
    "other_limbs_lag_ms": "what the other limbs are told late or early",
    "monotone": "steps of a fault that lower the total or its part",
    "monotone_or_limb": "the same, or the limb's own score",
    "findings_limb_named": "injected errors whose limb is named in time",
    "findings_right_counts": "on the right eight, counts within one",
    "seconds_best": "four minutes compared on one core, best of 5",
    "seconds_median": "the same, median",
    "cpu_seconds_best": "the same in processor time, best",
    "peak_mb": "peak memory of that process, MB",
}
"""One line for each figure; those of single faults (`monotone_late_total`) speak for themselves."""


def is_reached(name: str, value: float) -> bool | None:
    """None where nothing is asked of this figure."""
    if name not in WANTED:
        return None
    relation, bound = WANTED[name]
    return value >= bound if relation == ">=" else value <= bound


def print_figures(title: str, figures: Mapping[str, float]) -> None:
    print(f"\n{title}")
    for name, value in figures.items():
        reached = is_reached(name, value)
        wanted = "" if reached is None else f"{WANTED[name][0]} {WANTED[name][1]:g}"
        mark = {None: "", True: "ok", False: "MISSED"}[reached]
        print(f"  {name:<26} {_cell(value)} {wanted:>10} {mark:<7} {EXPLAINED.get(name, '')}", flush=True)


def print_conditions(rows: Mapping[str, tuple[float, float]]) -> None:
    print(f"\n  {'clean takes':<26} {'mean':>8} {'lowest':>8}")
    for name, (mean, lowest) in rows.items():
        print(f"  {name:<26} {_cell(mean)} {_cell(lowest)}")


def print_steps(rows: Sequence[Step]) -> None:
    """Mean falls over the dances, a line for each step; then the steps that nothing showed."""
    print(f"\n  {'fall of ... at each step to':<26} {'total':>8} {'part':>8} {'limb':>8}")
    for fault, to in dict.fromkeys((row.fault, row.to) for row in rows):
        at = [row for row in rows if (row.fault, row.to) == (fault, to)]
        falls = [[fall for row in at if (fall := getattr(row, name)) is not None] for name in ("total", "part", "limb")]
        cells = " ".join(_cell(sum(each) / len(each)) if each else " " * 8 for each in falls)
        print(f"  {f'{fault} {to:g}':<26} {cells}")
    for row in rows:
        if not row.is_seen:
            print(f"  not seen: {row.dance}, {row.fault} {row.to:g}")


def clips(folder: Path) -> dict[str, dict[str, float | str]]:
    """Scores of every pair of the folder's tracks (.npz), guides down, attempts across."""
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


def plain(value: object) -> object:
    """For JSON: four digits, null for what is not a number."""
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, float):
        return round(value, 4) if math.isfinite(value) else None
    return value


def _cell(value: float) -> str:
    return f"{value:8.3f}" if abs(value) < 10 else f"{value:8.1f}"
