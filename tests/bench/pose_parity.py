"""Does our engine see what the official MediaPipe sees? `make bench-pose-parity`

images    the same pictures, one by one (IMAGE mode): how exactly our arithmetic is that of the official one
video     whole clips (VIDEO mode), where each frame depends on the one before, beside what two official releases differ by
workers   our tracks of the bench's clips read by one, two and three processes

    make bench-pose-parity ARGS="--only images"
    make bench-pose-parity ARGS="--only video --older-peer FOLDER/bin/python"

`--older-peer` is the Python of an environment with another release (mediapipe 0.10.21 and av). It needs the folder of real
clips beside the checkout, but for `workers`. The last line is one JSON object.
"""

import argparse
import json
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.estimators.blazepose_graph import BlazePoseReader
from inference.estimators.pictures import Picture, PlanarPicture, RgbPicture
from inference.estimators.registry import get_estimator
from inference.media.frames import Frame, read_frames
from inference.media.probe import probe
from inference.pose.mapping import DIRECT
from inference.pose.reading import Reading
from inference.pose.skeleton import SKELETON
from inference.pose.track import PoseTrack
from inference.weights import default_model_dir
from tests.bench import peer
from tests.bench.clips import DEFAULT_SIZES, REAL_CLIPS, bench_clip
from tests.bench.distances import Floats, Summary, summary, table
from tests.bench.following import follow, look_once, positions, smoothed, world

CLIPS = (
    "long_dance",
    "same_dance_0",
    "same_dance_1",
    "jesse_dance",
    "portrait_60fps_balance",
    "squats",
    "half_body",
    "two_people_cam01",
)
FRAMES_A_CLIP = 16
# Clips in which there is one person to follow; among two, which one is chosen is the question, not where the joints are.
VIDEO_CLIPS = ("long_dance", "same_dance_0", "same_dance_1", "jesse_dance", "portrait_60fps_balance")
WORKERS = (1, 2, 3)
CLIP_S = 20
MM = 1000.0

Report = dict[str, Summary]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=tuple(_PARTS), default=list(_PARTS))
    parser.add_argument("--model", choices=("lite", "full", "heavy"), default="full")
    parser.add_argument("--older-peer", type=Path, help="the Python of an environment with another release")
    options = parser.parse_args()
    if not REAL_CLIPS.is_dir() and options.only != ["workers"]:
        parser.exit(
            1, f"There are no real clips beside the checkout ({REAL_CLIPS.name}/): only --only workers can run.\n"
        )
    cv2.setNumThreads(1)
    parts = {name: _PARTS[name](options) for name in options.only}
    report = {name: {row: found.as_json() for row, found in rows.items()} for name, rows in parts.items()}
    print(json.dumps({"model": options.model, "opencv": cv2.__version__, **report}))


def images(options: argparse.Namespace) -> Report:
    """IMAGE mode on frames spread over every clip."""
    reader = BlazePoseReader(default_model_dir(), options.model)
    looks: dict[str, list[list[Reading | None]]] = {kind: [] for kind in _PICTURES}
    official = []
    for name in CLIPS:
        frames = list(_spread(_clip(name), FRAMES_A_CLIP))
        official.append(peer.landmarks_of_images(np.array([frame.rgb() for frame in frames]), options.model))
        for kind, picture_of in _PICTURES.items():
            looks[kind].append([look_once(reader, picture_of(frame), frame.size_px) for frame in frames])
    xy_px, xyz_m = [each.xy_px for each in official], [each.xyz_m for each in official]
    px = {kind: summary([positions(each) for each in seen], xy_px) for kind, seen in looks.items()}
    mm = {f"world, {kind}": summary([world(each) for each in seen], xyz_m, MM) for kind, seen in looks.items()}
    print(f"\nIMAGE mode, {options.model}, {len(CLIPS)} clips\n{table(px, 'px')}\n\n{table(mm, 'mm')}", flush=True)
    return px | mm


def video(options: argparse.Namespace) -> Report:
    """VIDEO mode on whole clips."""
    official = [peer.landmarks_of_video(_clip(name), options.model).xy_px for name in VIDEO_CLIPS]
    rows: Report = {}
    if options.older_peer:
        older = [peer.landmarks_of_video(_clip(name), options.model, options.older_peer).xy_px for name in VIDEO_CLIPS]
        rows["official, and another release of it"] = summary(official, older)
    for kind in (_RGB, _PLANES):
        followed = [_followed(_clip(name), options.model, _PICTURES[kind]) for name in VIDEO_CLIPS]
        rows[f"{kind}, causal filter"] = summary([filtered for _, filtered in followed], official)
        rows[f"{kind}, no filter"] = summary([raw for raw, _ in followed], official)
    engine = get_estimator(f"blazepose-{options.model}")
    tracks = [engine.estimate(_clip(name), workers=1).track for name in VIDEO_CLIPS]
    direct = [each[:, list(DIRECT.values())] for each in official]
    rows["the product's track (23 joints, no lag)"] = summary([_direct(track) for track in tracks], direct)
    print(
        f"\nVIDEO mode, {options.model}, {len(VIDEO_CLIPS)} clips, beside the official one\n{table(rows, 'px')}",
        flush=True,
    )
    return rows


def workers(options: argparse.Namespace) -> Report:
    """The product's tracks with one worker beside those with more."""
    rows: Report = {}
    engine = get_estimator(f"blazepose-{options.model}")
    for size in DEFAULT_SIZES:
        clip = bench_clip(size, CLIP_S)
        tracks = {count: engine.estimate(clip, workers=count).track for count in WORKERS}
        for first, second in ((1, 2), (1, 3), (2, 3)):
            pair = [tracks[count].xy_px.astype(np.float64) for count in (first, second)]
            rows[f"{size}, {first} and {second} workers"] = summary(pair[:1], pair[1:])
        if options.older_peer:
            rows[f"{size}, two releases of the official one"] = _two_releases(clip, options)
    print(f"\nOurs with different numbers of workers, {options.model}\n{table(rows, 'px')}", flush=True)
    return rows


_PARTS = {"images": images, "video": video, "workers": workers}


def _two_releases(clip: Path, options: argparse.Namespace) -> Summary:
    releases = (peer.PYTHON, options.older_peer)
    first, second = (peer.landmarks_of_video(clip, options.model, python).xy_px for python in releases)
    return summary([first], [second])


def _clip(name: str) -> Path:
    return REAL_CLIPS / f"{name}.mp4"


def _spread(clip: Path, count: int) -> Iterator[Frame]:
    """`count` frames at even distances."""
    step = max(1, probe(clip).frames_expected // count)
    return islice(read_frames(clip), step // 2, step * count, step)


def _followed(clip: Path, model: str, picture_of: Callable[[Frame], Picture]) -> tuple[Floats, Floats]:
    """(T, 33, 2) pixels as read, and after the causal filter."""
    info = probe(clip)
    t_s: list[float] = []

    def pictures() -> Iterator[Picture]:
        for frame in read_frames(clip):
            t_s.append(frame.t_s)
            yield picture_of(frame)

    readings = follow(BlazePoseReader(default_model_dir(), model), pictures(), (info.width_px, info.height_px))
    return positions(readings), smoothed(readings, np.array(t_s))


def _rgb(frame: Frame) -> RgbPicture:
    return RgbPicture(frame.rgb())


def _noisy(frame: Frame) -> RgbPicture:
    """What a rounding of the colours does, for scale: every value one higher, one lower or as it is."""
    noise = np.random.default_rng(0).integers(-1, 2, (*frame.size_px[::-1], 3))
    return RgbPicture(np.clip(frame.rgb() + noise, 0, 255).astype(np.uint8))


_RGB, _PLANES, _NOISY = "crops from RGB", "crops from YUV planes, as served", "RGB with a noise of one grey level"
_PICTURES: dict[str, Callable[[Frame], Picture]] = {_RGB: _rgb, _PLANES: PlanarPicture, _NOISY: _noisy}


def _direct(track: PoseTrack) -> NDArray[np.float64]:
    """(T, 23, 2) the joints that are landmarks."""
    return track.xy_px[:, [SKELETON.index(joint) for joint in DIRECT]].astype(np.float64)


if __name__ == "__main__":
    main()
