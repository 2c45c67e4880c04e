"""What the pose engine's errors are like: sizes, how long they last, what hangs together. `make bench-pose-errors`

The numbers in `tests/bench/engine_errors.py` come from here: the six rendered dancers of `make bench-pose-accuracy`, read
by `blazepose-full` as the product serves it. In the picture lengths are percent of the body's height, in space mm. "Astray"
are errors of more than 5 % of the height beyond the joint's usual one. The last line is one JSON object. Needs the
bodies' data; 85 s on two idle cores.
"""

import argparse
import json
import logging
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.estimators.registry import get_estimator
from inference.pose.skeleton import SKELETON
from tests.bench.accuracy_dancers import FPS, filmed
from tests.bench.accuracy_metrics import DIRECT_JOINTS, GROUPS, group_joints
from tests.bench.engine_errors import GRIP

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Figures = dict[str, float]

ASTRAY_PERCENT = 5.0
_DOUBTFUL = 0.5
_LEAST_FRAMES = 18
_TURN_ROUNDS = 6


@dataclass(frozen=True, eq=False)
class Errors:
    """One clip: `px` (T, 29, 2) in percent of the height, `mm` (T, 29, 3) after the whole body's size, depth and turn are
    taken out, `seen` and `conf` (T, 29)."""

    px: Floats
    mm: Floats
    seen: Mask
    conf: Floats


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=6.0, help="of each of the six dancers")
    parser.add_argument("--model", default="full")
    options = parser.parse_args()
    logging.getLogger().setLevel(logging.ERROR)
    engine = get_estimator(f"blazepose-{options.model}")
    clips, bodies = [], {}
    with tempfile.TemporaryDirectory() as folder:
        for clip in filmed(Path(folder), options.seconds, lambda name: print(f"rendering: {name}", flush=True)):
            track = engine.estimate(clip.video).track
            in_space, bodies[clip.dancer.name] = _without_body(track.xyz_m, clip.truth.xyz_m)
            px = 100 * (track.xy_px - clip.truth.xy_px) / clip.height_px[:, None, None]
            clips.append(Errors(px.astype(np.float64), in_space, clip.seen, track.conf.astype(np.float64)))
    groups = {name: _group(clips, group_joints(name)) for name in GROUPS}
    grips = {f"{before} - {joint}": _grip(clips, before, joint) for joint, (before, *_) in GRIP.items()}
    _table("The whole body in space: size and depth found over true ones, turn about the vertical", bodies)
    _table("Groups of joints: standard deviations an axis; hidden: not to be seen in the picture", groups)
    _table("Correlation of a joint's errors with those of the joint before it", grips)
    print(json.dumps({"bodies": bodies, "groups": groups, "grips": grips}))


def _without_body(found_m: NDArray[np.float32], true_m: NDArray[np.float32]) -> tuple[Floats, Figures]:
    """(T, 29, 3) what is left in mm when the body's own size and depth (one for the clip) and turn (each frame) are out."""
    found, true = (each[:, DIRECT_JOINTS].astype(np.float64) for each in (found_m, true_m))
    size = float((found * true)[..., :2].sum() / np.square(true[..., :2]).sum())
    depth, turn = 1.0, np.zeros(len(found))
    for _ in range(_TURN_ROUNDS):
        x, z = true[..., 0], depth * true[..., 2]
        turn = np.arctan2(
            (found[..., 2] * x - found[..., 0] * z).sum(axis=1), (found[..., 0] * x + found[..., 2] * z).sum(axis=1)
        )
        depth = float((_turned_back(found / size, turn) * true)[..., 2].sum() / np.square(true[..., 2]).sum())
    left = _turned_back(found_m.astype(np.float64) / size, turn) - true_m * np.array([1.0, 1.0, depth])
    turn_deg = np.degrees(turn)
    return 1000 * left, {
        "size": size,
        "depth": depth,
        "turn_mean_deg": float(turn_deg.mean()),
        "turn_sd_deg": float(turn_deg.std()),
        "turn_lasts_s": _lasts_s(turn_deg),
    }


def _turned_back(points: Floats, turn: Floats) -> Floats:
    cosine, sine = np.cos(turn)[:, None], np.sin(turn)[:, None]
    x, y, z = np.moveaxis(points, 2, 0)
    return np.stack([cosine * x + sine * z, y, cosine * z - sine * x], axis=2)


def _group(clips: Sequence[Errors], joints: Sequence[int]) -> Figures:
    pairs = [(clip, joint) for clip in clips for joint in joints]
    bias = [np.median(clip.px[:, joint], axis=0) for clip, joint in pairs if clip.seen[:, joint].mean() > _DOUBTFUL]
    bias_mm = [np.median(clip.mm[:, joint], axis=0) for clip, joint in pairs]
    seen, hidden = (_wander(pairs, are_seen=are_seen) for are_seen in (True, False))
    wander_mm = np.concatenate([clip.mm[:, joint] - np.median(clip.mm[:, joint], axis=0) for clip, joint in pairs])
    conf = np.concatenate([clip.conf[:, joint][clip.seen[:, joint]] for clip, joint in pairs])
    doubtful = np.concatenate([clip.conf[:, joint][~clip.seen[:, joint]] for clip, joint in pairs])
    return {
        "bias": float(np.sqrt(np.var(bias, axis=0).mean())),
        "wander": _spread(seen),
        "hidden": _spread(hidden),
        "astray": _astray_share(seen),
        "hid.astray": _astray_share(hidden),
        "astray_by": _astray_by(np.concatenate([seen, hidden])),
        "lasts_s": float(np.mean([_lasts_s(clip.px[:, joint, axis]) for clip, joint in pairs for axis in (0, 1)])),
        "low": float(np.mean(conf < _DOUBTFUL)),
        "hid.conf": float(np.mean(doubtful)),
        "hid.low": float(np.mean(doubtful < _DOUBTFUL)),
        **{f"bias_{axis}": float(sd) for axis, sd in zip("xyz", np.std(bias_mm, axis=0), strict=True)},
        **{f"mm_{axis}": float(sd) for axis, sd in zip("xyz", wander_mm.std(axis=0), strict=True)},
    }


def _wander(pairs: Sequence[tuple[Errors, int]], *, are_seen: bool) -> Floats:
    """(N, 2) errors about each joint's usual one in its clip."""
    rows = [
        (clip.px[:, joint] - np.median(clip.px[:, joint], axis=0))[clip.seen[:, joint] == are_seen]
        for clip, joint in pairs
    ]
    return np.concatenate(rows)


def _spread(wander: Floats) -> float:
    near = wander[np.linalg.norm(wander, axis=1) < ASTRAY_PERCENT]
    return float(near.std())


def _astray_share(wander: Floats) -> float:
    return float(np.mean(np.linalg.norm(wander, axis=1) >= ASTRAY_PERCENT))


def _astray_by(wander: Floats) -> float:
    lengths = np.linalg.norm(wander, axis=1)
    far = lengths[lengths >= ASTRAY_PERCENT]
    return float(far.mean()) if len(far) else 0.0


def _lasts_s(course: Floats) -> float:
    """When the autocorrelation has fallen to 1/e."""
    about = course - course.mean()
    fits = np.correlate(about, about, "full")[len(about) - 1 :]
    return float(np.argmax(fits < fits[0] / np.e)) / FPS


def _grip(clips: Sequence[Errors], before: str, joint: str) -> Figures:
    """In the picture, in space (means over the axes), and in space of the constant parts."""
    px, mm, bias_mm = [], [], []
    for clip in clips:
        for side in ("left_", "right_"):
            pair = [SKELETON.index(f"{'' if name == 'nose' else side}{name}") for name in (before, joint)]
            seen = clip.seen[:, pair].all(axis=1)
            if seen.sum() < _LEAST_FRAMES:
                continue
            here, space = clip.px[seen][:, pair], clip.mm[seen][:, pair]
            px.append(np.clip(here - here.mean(axis=0), -ASTRAY_PERCENT, ASTRAY_PERCENT))
            mm.append(space - space.mean(axis=0))
            bias_mm.append(space.mean(axis=0, keepdims=True))
    return {name: _correlation(parts) for name, parts in (("px", px), ("mm", mm), ("bias_mm", bias_mm))}


def _correlation(parts: Sequence[Floats]) -> float:
    pairs = np.concatenate(parts)
    return float(np.mean([np.corrcoef(pairs[:, 0, axis], pairs[:, 1, axis])[0, 1] for axis in range(pairs.shape[2])]))


def _table(title: str, rows: dict[str, Figures]) -> None:
    columns = list(next(iter(rows.values())))
    print(f"\n{title}\n{'':24}" + "".join(f"{column:>14}" for column in columns))
    for name, figures in rows.items():
        print(f"{name:24}" + "".join(f"{figures[column]:14.3f}" for column in columns), flush=True)


if __name__ == "__main__":
    main()
