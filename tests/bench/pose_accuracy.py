"""How near do the engines come to where the joints really are? `make bench-pose-accuracy`

Dancers are rendered, so every joint's place is known exactly: six bodies in other clothes, rooms and light, before cameras
in front, at the side, behind and far away, with captured movement where there is some beside the checkout. With
`--films DIR` the videos that `python -m ml_training.data render --videos` filmed into DIR take their place. The last line
is one JSON object. Needs the bodies' data: `make .render/.installed`. Takes two and a half minutes on two idle cores.
"""

import argparse
import json
import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.estimators.blazepose_graph import BlazePoseReader
from inference.estimators.registry import get_estimator
from inference.pose.mapping import DIRECT, to_kdance_world
from inference.pose.skeleton import SKELETON
from inference.weights import default_model_dir
from ml_training.rendering.body import Shape, body_data, make_body
from tests.bench.accuracy_dancers import REPOSITORY, Clip, filmed, films_in
from tests.bench.accuracy_metrics import (
    DIRECT_JOINTS,
    GROUPS,
    Distances,
    distances,
    errors_3d_mm,
    group_joints,
    together,
)
from tests.bench.accuracy_readings import RawReadings, Source, read_clip
from tests.bench.accuracy_smoothing import SMOOTHERS, Case, captured_cases, measure

Floats = NDArray[np.float64]
Figures = dict[str, float]

MODELS = ("lite", "full", "heavy")
AVATAR = REPOSITORY.parent / "shared" / "data" / "video" / "avatar.mp4"
_HEIGHT_OF_NOSE_TO_ANKLE = 1.16


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each of the six dancers, at least 1.2")
    parser.add_argument("--films", type=Path, metavar="DIR", help="measure on these rendered videos instead")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS)
    options = parser.parse_args()
    logging.getLogger().setLevel(logging.ERROR)
    if options.films:
        clips = list(films_in(options.films))
        if not clips:
            parser.error(f"no videos/*.mp4 below {options.films}")
        print(json.dumps(_report(clips, options.models)))
        return
    with tempfile.TemporaryDirectory() as folder:
        clips = list(filmed(Path(folder), options.seconds, lambda name: print(f"rendering: {name}", flush=True)))
        print(json.dumps(_report(clips, options.models)))


def _report(clips: Sequence[Clip], models: Sequence[str]) -> dict[str, object]:
    frames = sum(len(clip.truth.t_s) for clip in clips)
    print(f"\n{len(clips)} rendered dancers, {frames} frames; lengths in % of the body's height; seen = not hidden")
    rows: dict[str, Figures] = {}
    read: dict[tuple[str, Source], list[RawReadings]] = {}
    groups, dancers, space, cases = {}, {}, {}, []
    for model in models:
        reader = BlazePoseReader(default_model_dir(), model)
        for source in ("rgb", "planes"):
            read[model, source] = [read_clip(reader, clip.video, source) for clip in clips]
            found = [_of_readings(*pair) for pair in zip(read[model, source], clips, strict=True)]
            rows[f"{model}, {source}"] = _figures(together(found))
        groups[model] = {name: _figures(together(found), group_joints(name)) for name in GROUPS}
        dancers[model] = {clip.dancer.name: _figures(each) for clip, each in zip(clips, found, strict=True)}
        space[model] = _in_space(read[model, "planes"], clips)
        cases += [_case(*pair) for pair in zip(read[model, "planes"], clips, strict=True)]
        rows[f"{model}, as served"] = _figures(together([_as_served(model, clip) for clip in clips]))
    _table("Where the picture comes from; as served = the product's own track, smoothed", rows)
    for model in models:
        _table(f"{model}, from planes: groups of joints", groups[model])
        _table(f"{model}, from planes: dancers", dancers[model])
    _table("In space, mm, hips in the origin: raw; one size a clip; Procrustes a frame", space)
    cases = [case for case in cases if np.isfinite(case.read_px).all()]
    smoothing = {name: measure(cases, smoother) for name, smoother in SMOOTHERS.items()}
    _table("Smoothing, all models' readings from planes, joints that can be seen", smoothing)
    captured = captured_cases(make_body(body_data(), Shape()), cases)
    on_capture = {name: measure(captured, smoother) for name, smoother in SMOOTHERS.items()} if captured else {}
    _table("Smoothing, motion capture with the engine's own errors put on it", on_capture)
    avatar = {model: _on_avatar(model) for model in models} if AVATAR.is_file() else {}
    _table("avatar.mp4 against another model's published points (not the truth), 17 joints", avatar)
    return {
        "frames": frames,
        "accuracy": rows,
        "groups": groups,
        "dancers": dancers,
        "space_mm": space,
        "smoothing": smoothing,
        "smoothing_on_capture": on_capture,
        "avatar": avatar,
    }


def _of_readings(readings: RawReadings, clip: Clip) -> Distances:
    return distances(readings.joints_px, clip.truth.xy_px.astype(np.float64), clip.height_px, clip.seen)


def _as_served(model: str, clip: Clip) -> Distances:
    track = get_estimator(f"blazepose-{model}").estimate(clip.video).track
    return distances(track.xy_px.astype(np.float64), clip.truth.xy_px.astype(np.float64), clip.height_px, clip.seen)


def _figures(found: Distances, joints: list[int] = DIRECT_JOINTS) -> Figures:
    return {
        "error": 100 * found.mean(joints, only_seen=False),
        "error_seen": 100 * found.mean(joints, only_seen=True),
        "pck": found.pck(joints, only_seen=False),
        "pck_seen": found.pck(joints, only_seen=True),
        "found": float(np.isfinite(found.share[:, joints[0]]).mean()),
    }


def _in_space(readings: Sequence[RawReadings], clips: Sequence[Clip]) -> Figures:
    """Mean distances of the 23 direct joints in millimetres, and mean errors along the picture's axes (depth is z)."""
    distances_mm, apart_mm = [], []
    for read, clip in zip(readings, clips, strict=True):
        there = np.isfinite(read.side_px)
        found = to_kdance_world(read.xyz_m)[there][:, DIRECT_JOINTS]
        truth = clip.truth.xyz_m[there][:, DIRECT_JOINTS].astype(np.float64)
        distances_mm.append(errors_3d_mm(found, truth))
        apart_mm.append(1000 * np.abs(found - truth).reshape(-1, 3))
    names = ("raw_mm", "sized_mm", "procrustes_mm", "x_mm", "y_mm", "depth_mm")
    means = [*np.concatenate(distances_mm, axis=1).mean(axis=1), *np.concatenate(apart_mm).mean(axis=0)]
    return {name: float(mean) for name, mean in zip(names, means, strict=True)}


def _case(readings: RawReadings, clip: Clip) -> Case:
    landmarks = list(DIRECT.values())
    true_px = clip.truth.xy_px[:, DIRECT_JOINTS].astype(np.float64)
    return Case(
        readings.t_s,
        readings.xyz_px[:, landmarks, :2],
        readings.side_px,
        true_px,
        clip.height_px,
        clip.seen[:, DIRECT_JOINTS],
    )


def _on_avatar(model: str) -> Figures:
    """Its height is taken as a multiple of the distance from the nose down to the lower ankle, the median of the clip."""
    golden = json.loads(AVATAR.with_suffix(".coco17.json").read_text())
    names = [name for name in golden[0] if name in DIRECT]
    points = np.array([[(frame[name]["x"], frame[name]["y"]) for name in names] for frame in golden])
    ankles = np.max([points[:, names.index(f"{side}_ankle"), 1] for side in ("left", "right")], axis=0)
    height_px = _HEIGHT_OF_NOSE_TO_ANKLE * float(np.median(ankles - points[:, names.index("nose"), 1]))
    track = get_estimator(f"blazepose-{model}").estimate(AVATAR).track
    count = min(len(track.t_s), len(points))
    apart = np.linalg.norm(track.xy_px[:count, [SKELETON.index(name) for name in names]] - points[:count], axis=2)
    return {
        "px": float(np.nanmean(apart)),
        "error": 100 * float(np.nanmean(apart)) / height_px,
        "pck": float(np.mean(apart < 0.05 * height_px)),
        "found": float(np.isfinite(apart[:, 0]).mean()),
    }


def _table(title: str, rows: dict[str, Figures]) -> None:
    if not rows:
        return
    columns = list(next(iter(rows.values())))
    print(f"\n{title}\n{'':28}" + "".join(f"{column:>14}" for column in columns))
    for name, figures in rows.items():
        print(f"{name:28}" + "".join(f"{figures[column]:14.3f}" for column in columns), flush=True)


if __name__ == "__main__":
    main()
