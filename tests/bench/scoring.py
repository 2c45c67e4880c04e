"""Does the comparison separate, measure and explain rightly, and how long does it take? `make bench-scoring`

Ten dances of a minute, danced by made learners whose faults are known, with the pose engine's own errors: five to tune
the scoring on, five for this table alone. Seeded: the numbers repeat. `--half tuning` shows the other half, `--quick` one
guide of the five, `--clips FOLDER` also every pair of tracks (.npz) in a folder. The last line is one JSON object.
"""

import argparse
import json
import time
from pathlib import Path

from tests.bench import scoring_clean, scoring_faults, scoring_table
from tests.bench.scoring_dances import TABLE, TUNING, has_captures
from tests.bench.scoring_speed import four_minutes
from tests.bench.scoring_takes import Bench

QUICK_GUIDES = 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=("table", "tuning"), default="table", help="which half of the dances")
    parser.add_argument("--quick", action="store_true", help="one guide instead of five")
    parser.add_argument("--clips", type=Path, help="a folder of .npz tracks to compare each with each")
    options = parser.parse_args()
    dances = TABLE if options.half == "table" else TUNING
    bench = Bench(dances[:QUICK_GUIDES] if options.quick else dances, dances)
    report: dict[str, object] = {
        "half": options.half,
        "scoring_version": bench.config.version,
        "captured_motion": has_captures(),
        **measured(bench),
    }
    if options.clips:
        report["clips"] = scoring_table.clips(options.clips)
    print(json.dumps(scoring_table.plain(report)))


def measured(bench: Bench) -> dict[str, float]:
    """All figures, printed as they come."""
    began = time.perf_counter()
    source = (
        "motion capture, authored and made-up dances" if has_captures() else "no motion capture: stand-ins are made up"
    )
    print(
        f"{len(bench.guides)} guides, {len(bench.dances)} dances of a minute ({source}), version {bench.config.version}"
    )
    judged = scoring_clean.judge(bench)
    figures: dict[str, float] = {}

    def show(title: str, found: dict[str, float]) -> None:
        figures.update(found)
        scoring_table.print_figures(title, found)

    show("Right and wrong dances", scoring_clean.separation(judged))
    show("Fair conditions", scoring_clean.evenness(judged))
    scoring_table.print_conditions(scoring_clean.by_condition(judged))
    show("Start and mirror, by the movement alone", scoring_clean.starts(judged))
    show("Timing", {**scoring_faults.lags(bench), **scoring_faults.limb_lags(bench)})
    steps = scoring_faults.steps(bench)
    show("Growing faults", scoring_faults.monotone(steps))
    scoring_table.print_steps(steps)
    found, missed = scoring_faults.findings(bench)
    show("Findings", {**found, **scoring_clean.false_findings(judged)})
    print("".join(f"  missed: {line}\n" for line in missed), end="")
    show("Four minutes", four_minutes())
    print(f"\n{time.perf_counter() - began:.0f} s in all")
    return figures


if __name__ == "__main__":
    main()
