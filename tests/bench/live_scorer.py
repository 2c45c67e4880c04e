"""`make bench-live-scorer`: the browser's live scorer (in Node) against the server's comparison, eight by eight, and its cost.

`--half tuning` looks at the dances that numbers may be tuned on; the table is for docs/live-scoring.md.
"""

import argparse
import json
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from choreography.comparison.compare import compare
from choreography.comparison.counts import CountGrid
from choreography.comparison.live_config import DEFAULT_LIVE_CONFIG
from inference.pose.calming import calmed
from inference.pose.codec import decode, encode
from inference.pose.track import PoseTrack
from kdance_site.node_tools import node_command
from tests.bench.figures import a_build, some_camera
from tests.bench.learners import learner
from tests.bench.scoring_dances import LENGTH_S, TABLE, TUNING, Dance
from tests.bench.scoring_takes import guide_of, with_fault, wrong_for
from tests.golden_live import NOT_REFUSED, EightSaid, Said, one_then, said, seen_live

SCRIPT = Path(__file__).with_suffix(".mjs")
BANDS = DEFAULT_LIVE_CONFIG.bands
LEAST_LAG_MS = 100
_SEED = 300


@dataclass(frozen=True)
class Pair:
    """One eight: what the browser and what the server says of it."""

    kind: str
    live: dict[str, object]
    said: EightSaid
    mirrored: bool


Maker = Callable[[Dance, Dance, int], PoseTrack]

KINDS: dict[str, Maker] = {
    "clean": lambda dance, other, seed: with_fault(dance, seed),
    "200 ms late": lambda dance, other, seed: with_fault(dance, seed, late_s=0.2),
    "400 ms late": lambda dance, other, seed: with_fault(dance, seed, late_s=0.4),
    "150 ms early": lambda dance, other, seed: with_fault(dance, seed, late_s=-0.15),
    "wandering tempo": lambda dance, other, seed: with_fault(dance, seed, tempo_wobble_s=0.08),
    "mirrored": lambda dance, other, seed: with_fault(dance, seed, mirrored_dance=True),
    "small, 0.6": lambda dance, other, seed: with_fault(dance, seed, size=0.6),
    "an arm wrong for 12 s": lambda dance, other, seed: with_fault(
        dance, seed, wrong_limb=wrong_for(dance, other, "left_arm", 12)
    ),
    "amateur": lambda dance, other, seed: with_fault(
        dance, seed, late_s=0.1, size=0.75, tempo_wobble_s=0.06, wrong_limb=wrong_for(dance, other, "right_leg", 8)
    ),
    "half of it another dance": lambda dance, other, seed: one_then(
        with_fault(dance, seed), with_fault(other, seed), LENGTH_S / 2
    ),
    "25 degrees aside": lambda dance, other, seed: learner(
        dance.motion, body=a_build(seed), camera=some_camera(seed, yaw_deg=25.0), seed=seed
    ),
    "15 fps": lambda dance, other, seed: with_fault(dance, seed, fps=15.0),
    "nearly twice the engine's errors": lambda dance, other, seed: with_fault(dance, seed, noise=1.8),
    "without metres": lambda dance, other, seed: _flat(with_fault(dance, seed)),
    "as seen live": lambda dance, other, seed: seen_live(with_fault(dance, seed)),
}
CALMED = ("as seen live",)
"""What the server smooths before it compares."""


def main(words: Sequence[str] | None = None) -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--half", choices=("table", "tuning"), default="table")
    dances = TABLE if arguments.parse_args(words).half == "table" else TUNING
    with tempfile.TemporaryDirectory() as folder:
        kinds, server = _written(dances, Path(folder))
        browser = _heard(Path(folder))
    pairs, unlike = [], 0
    for kind, theirs, ours in zip(kinds, server, browser, strict=True):
        live = {eight["eight"]: eight for eight in ours["eights"]}
        unlike += theirs["mirrored"] != ours["mirrored"]
        pairs += [Pair(kind, live[eight["eight"]], eight, theirs["mirrored"]) for eight in theirs["eights"]]
    _print_agreement(pairs)
    print(f"mirror image told otherwise: {unlike} of {len(kinds)} takes")
    _print_lags_and_limbs(pairs)
    _print_costs(browser)


def _written(dances: Sequence[Dance], folder: Path) -> tuple[list[str], list[Said]]:
    """The takes as files for the browser's side, and what the server says of each."""
    takes, kinds, results = [], [], []
    for number, dance in enumerate(dances):
        other, guide_name = dances[(number + 1) % len(dances)], f"guide {number}.kdt"
        guide = _kept(guide_of(dance), folder / guide_name)
        for kind, make in KINDS.items():
            name = f"{number} {kind}.kdt"
            attempt = _kept(make(dance, other, _SEED + number), folder / name)
            judged = calmed(attempt) if kind in CALMED else attempt
            results.append(said(compare(guide, judged, NOT_REFUSED, offset_hint_s=0.0, dance=dance.map)))
            kinds.append(kind)
            takes.append({"guide": guide_name, "attempt": name, "counts": _counts(dance.grid), "to_s": LENGTH_S})
    config = DEFAULT_LIVE_CONFIG.as_payload()
    (folder / "takes.json").write_text(json.dumps({"config": config, "takes": takes}))
    return kinds, results


def _heard(folder: Path) -> list[dict[str, list[dict[str, object]]]]:
    command = node_command("node")
    if command is None:
        raise SystemExit("Node is needed: run `make setup`.")
    ran = subprocess.run([*command, str(SCRIPT), str(folder)], capture_output=True, text=True, check=True)
    results: list[dict[str, list[dict[str, object]]]] = json.loads(ran.stdout)
    return results


def _print_agreement(pairs: Sequence[Pair]) -> None:
    print(f"{'':34}{'eights':>7}{'points':>8}{'off':>7}{'95 %':>7}{'same':>7}{'next':>7}{'seen by one':>13}")
    groups: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        groups[pair.kind].append(pair)
        groups["all"].append(pair)
    for kind in (*KINDS, "all"):
        scored = [(p.live["score"], p.said["score"]) for p in groups[kind]]
        both = np.array([each for each in scored if None not in each], dtype=np.float64)
        one = sum((live is None) != (said_of is None) for live, said_of in scored)
        off = np.abs(both[:, 0] - both[:, 1])
        bands = np.abs(np.subtract(*[np.array([_band(points) for points in column]) for column in both.T]))
        print(
            f"{kind:34}{len(both):7}{both[:, 1].mean():8.0f}{off.mean():7.2f}{np.percentile(off, 95):7.1f}"
            f"{(bands == 0).mean():7.1%}{(bands <= 1).mean():7.1%}{one:13}"
        )


def _print_lags_and_limbs(pairs: Sequence[Pair]) -> None:
    late = [(p.live["lagMs"], p.said["lag_ms"]) for p in pairs if abs(p.said["lag_ms"] or 0) >= LEAST_LAG_MS]
    told = np.array([each for each in late if each[0] is not None], dtype=np.float64)
    off = np.abs(told[:, 0] - told[:, 1])
    signs = (np.sign(told[:, 0]) == np.sign(told[:, 1])).mean()
    print(
        f"lags of {LEAST_LAG_MS} ms and more: {len(told)} of {len(late)} told, sign right {signs:.1%}, "
        f"off {np.median(off):.1f} ms (median), {np.percentile(off, 95):.1f} ms (95 %)"
    )
    plain = [(p, _plainly_wrong(p)) for p in pairs if p.live["score"] is not None]
    named = [pair.live["limb"] == limb for pair, limb in plain if limb]
    print(f"plainly wrong limbs: {sum(named)} of {len(named)} named")


def _print_costs(browser: Sequence[dict[str, list[dict[str, object]]]]) -> None:
    poses, eights = (
        np.concatenate([np.array(each[key], dtype=float) for each in browser]) for key in ("poseMs", "eightMs")
    )
    begun = np.array([each["firstMs"] for each in browser], dtype=np.float64)
    for name, values in (("a pose", poses), ("an eight", eights), ("to begin, a guide of a minute", begun)):
        print(
            f"{name}: {values.mean():.3f} ms mean, {np.median(values):.3f} median, {np.percentile(values, 99):.2f} 99 %"
        )


def _plainly_wrong(pair: Pair) -> str | None:
    """The dancer's own limb that is far worse than any other, as the server has it."""
    known = sorted((points, limb) for limb, points in pair.said["limbs"].items() if points is not None)
    if len(known) < 2 or known[0][0] >= 60 or known[1][0] - known[0][0] <= 25:
        return None
    side, _, rest = known[0][1].partition("_")
    if not pair.mirrored or not rest:
        return known[0][1]
    return f"{'right' if side == 'left' else 'left'}_{rest}"


def _kept(track: PoseTrack, path: Path) -> PoseTrack:
    data = encode(track)
    path.write_bytes(data)
    return decode(data)


def _counts(grid: CountGrid) -> dict[str, float]:
    return {"bpm": grid.bpm, "first_beat_s": grid.first_count_s}


def _flat(track: PoseTrack) -> PoseTrack:
    return replace(track, xyz_m=np.full_like(track.xyz_m, np.nan))


def _band(points: float) -> int:
    return sum(points >= least for least in (BANDS.ok, BANDS.good, BANDS.great, BANDS.perfect))


if __name__ == "__main__":
    main()
