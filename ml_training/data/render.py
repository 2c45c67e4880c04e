"""Draw people whose 29 joints are known exactly, in the folders and files of AI Hub's K-pop choreography data.

    python -m ml_training.data render --out DIR --people 60 --pictures 600

Every clip is drawn from (seed, dancer, clip) and every picture from that and its number: on one machine the same pictures,
whatever the number of jobs and however often the command was stopped; what is finished is not drawn again. Joints that
something covers have v = 1, joints beyond the picture's edge v = 0 and no place, the others v = 2. No dancer dances another's
song, so that a split by both loses no picture. With --videos each clip is filmed as well, with music and its truth beside it.
"""

import argparse
import json
import math
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from inference.pose.skeleton import SKELETON
from ml_training.data.aihub import HIDDEN, NOT_LABELLED, VISIBLE
from ml_training.data.data_card import write_card
from ml_training.data.provenance import PLAN
from ml_training.data.rendered import FPS, Clip, Plan, clips_of, frames_of, staged
from ml_training.errors import TrainingError
from ml_training.files import whole_file
from ml_training.parallel import cores, in_parallel
from ml_training.rendering.body import BodyDataMissing, body_data
from ml_training.rendering.bvh import BvhError
from ml_training.rendering.casting import VIEWS
from ml_training.rendering.lens import random_lens
from ml_training.rendering.motion import read_motion

_SMALLEST_PX, _LARGEST_PX = 64, 4096
_POOREST_JPEG, _FINEST_JPEG = 45, 97


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--people", type=int, default=60, help="how many different dancers (60)")
    parser.add_argument("--pictures", type=int, default=600, help="how many pictures of all of them together (600)")
    parser.add_argument("--size", type=_size, default=(640, 360), metavar="WxH", help="of a picture (640x360)")
    parser.add_argument(
        "--views", default="FFFLRBH", help=f"cameras, of {'/'.join(VIEWS)}; a letter given twice is used twice as often"
    )
    parser.add_argument("--jobs", type=int, default=cores(), help="processes (all cores)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--bvh", type=Path, metavar="DIR", help="motion capture files for half of the dances")
    parser.add_argument("--videos", action="store_true", help="film each clip as well, into DIR/videos")
    parser.add_argument("--seconds", type=float, default=8.0, help="length of a video (8)")


def run(arguments: argparse.Namespace) -> None:
    plan = _plan(arguments)
    try:
        bodies = body_data()
    except BodyDataMissing as missing:
        raise TrainingError(missing.code, str(missing)) from missing
    root: Path = arguments.out
    try:
        _claim(root, plan)
        with tqdm(total=plan.pictures or None, unit=" pictures", smoothing=0.05) as bar:
            for done in _in_processes(plan, root, bodies, arguments.jobs):
                bar.update(done)
        write_card(root, plan, clips_of(plan))
    except OSError as error:
        raise TrainingError("not_written", f"{error.strerror}: {error.filename}; what was finished is kept") from error
    print(f"{plan.pictures} pictures of {plan.people} dancers in {root}")


def render_clip(plan: Plan, clip: Clip, root: Path, bodies: Path) -> int:
    """Draw what is missing of a clip; how many pictures it has.

    Raises
    ------
    TrainingError, OSError
        Where a file cannot be written; none is left half-written.
    """
    frames = frames_of(plan, clip)
    missing = [row for row, frame in enumerate(frames) if not all(map(_is_there, clip.paths(root, frame)))]
    if not missing:
        return clip.pictures
    stage = staged(plan, clip, bodies, frames / FPS)
    outside, truth = stage.outside(), stage.truth()
    for row in missing:
        rng = np.random.default_rng([plan.seed, clip.dancer, clip.take, row])
        shot = stage.shot(row, rng)
        rgb = random_lens(rng, min(plan.size_px)).develop(shot.rgb)
        visibility = np.where(outside[row], NOT_LABELLED, np.where(shot.hidden, HIDDEN, VISIBLE))
        picture, label = clip.paths(root, int(frames[row]))
        _write(picture, _jpeg(rgb, int(rng.integers(_POOREST_JPEG, _FINEST_JPEG + 1))))
        _write(label, _label(picture.name, plan.size_px, truth.xy_px[row], visibility))
    return clip.pictures


def _plan(arguments: argparse.Namespace) -> Plan:
    fewest = 0 if arguments.videos else 1
    if arguments.people < 1 or arguments.pictures < fewest or arguments.jobs < 1 or arguments.seed < 0:
        raise TrainingError("bad_number", "--people, --pictures and --jobs are 1 or more, --seed 0 or more")
    if arguments.videos and not (math.isfinite(arguments.seconds) and arguments.seconds >= 1):
        raise TrainingError("bad_number", "--seconds is 1 or more")
    if arguments.videos and any(side % 2 for side in arguments.size):
        raise TrainingError("odd_size", "a video's width and height are even")
    unknown = sorted(set(arguments.views) - set(VIEWS))
    if unknown or not arguments.views:
        raise TrainingError("unknown_view", f"--views takes the letters {', '.join(VIEWS)}, not {arguments.views!r}")
    return Plan(
        arguments.people,
        arguments.pictures,
        arguments.size,
        arguments.views,
        arguments.seed,
        _captures(arguments.bvh) if arguments.bvh else (),
        arguments.seconds if arguments.videos else 0.0,
    )


def _captures(folder: Path) -> tuple[str, ...]:
    """The folder's BVH files, each tried out. Raises TrainingError."""
    paths = sorted(folder.resolve().glob("*.bvh"))
    if not paths:
        raise TrainingError("no_captures", f"no *.bvh file in {folder}")
    for path in paths:
        try:
            read_motion(path)
        except (BvhError, KeyError, StopIteration, UnicodeDecodeError) as error:
            message = f"{path} cannot be danced: {error!r}; joints named as Mixamo's are expected"
            raise TrainingError("bad_capture", message) from error
    return tuple(map(str, paths))


def _size(text: str) -> tuple[int, int]:
    wide, _, high = text.partition("x")
    if not (wide.isdigit() and high.isdigit()) or not all(
        _SMALLEST_PX <= int(side) <= _LARGEST_PX for side in (wide, high)
    ):
        raise argparse.ArgumentTypeError(f"width x height of {_SMALLEST_PX} to {_LARGEST_PX} pixels, as in 640x360")
    return int(wide), int(high)


def _claim(root: Path, plan: Plan) -> None:
    """A folder holds the pictures of one plan. Raises TrainingError."""
    path = root / PLAN
    wanted = json.loads(json.dumps(asdict(plan)))
    if not path.is_file():
        _write(path, json.dumps(wanted, indent=2).encode())
        return
    try:
        found = json.loads(path.read_text())
    except ValueError:
        found = None
    if found != wanted:
        message = f"{root} holds pictures of another plan (see {PLAN}): choose another folder, or delete it"
        raise TrainingError("other_pictures", message)


def _in_processes(plan: Plan, root: Path, bodies: Path, jobs: int) -> Iterator[int]:
    """The number of pictures of each clip as it is finished. Always in processes of one thread each, so that the pictures
    do not depend on how many there are."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    clips = clips_of(plan)
    tasks = [_Task(plan, clip, root, bodies, is_film=False) for clip in clips]
    if plan.video_s:
        tasks += [replace(task, is_film=True) for task in tasks]
    return in_parallel(_draw, tasks, min(jobs, len(clips)), apart=True)


@dataclass(frozen=True)
class _Task:
    plan: Plan
    clip: Clip
    root: Path
    bodies: Path
    is_film: bool


def _draw(task: _Task) -> int:
    cv2.setNumThreads(1)
    if not task.is_film:
        return render_clip(task.plan, task.clip, task.root, task.bodies)
    # Imported here: PyAV is needed for films alone.
    from ml_training.data.films import film_clip

    return film_clip(task.plan, task.clip, task.root, task.bodies)


def _is_there(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _jpeg(rgb: NDArray[np.uint8], quality: int) -> bytes:
    _, data = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return data.tobytes()


def _label(name: str, size_px: tuple[int, int], xy_px: NDArray[np.float32], visibility: NDArray[np.int64]) -> bytes:
    labelled = visibility > NOT_LABELLED
    places = np.where(labelled[:, None], np.round(xy_px.astype(np.float64), 2), 0.0)
    flat = np.concatenate([places, visibility[:, None]], axis=1).ravel().tolist()
    inside = places[labelled] if labelled.any() else np.zeros((1, 2))
    low, high = inside.min(axis=0), inside.max(axis=0)
    content = {
        "images": [{"id": 1, "file_name": name, "width": size_px[0], "height": size_px[1]}],
        "annotations": [
            {
                "id": 1,
                "image_id": 1,
                "category_id": 1,
                "num_keypoints": int(labelled.sum()),
                "keypoints": [int(value) if value == int(value) else value for value in flat],
                "bbox": [round(float(value), 2) for value in (*low, *(high - low))],
            }
        ],
        "categories": [{"id": 1, "name": "person", "keypoints": list(SKELETON.joints)}],
    }
    return json.dumps(content).encode()


def _write(path: Path, data: bytes) -> None:
    with whole_file(path, lasting=False) as draft:
        draft.write_bytes(data)
