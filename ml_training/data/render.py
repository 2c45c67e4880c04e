"""Draw people whose 29 joints are known exactly, in the folders and files of AI Hub's K-pop choreography data.

    python -m ml_training.data render --out DIR --people 60 --pictures 600

Every clip is drawn from (seed, dancer, clip) and every picture from that and its number, whatever the number of jobs and
however often the command was stopped; what is finished is not drawn again. Joints that something covers have v = 1, joints
beyond the picture's edge v = 0 and no place, the others v = 2. Neither a dancer nor a song of one dancer is another's, so
that a split by both loses no picture.
"""

import argparse
import json
import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from inference.pose.skeleton import SKELETON
from ml_training.data.aihub import HIDDEN, NOT_LABELLED, VISIBLE
from ml_training.errors import TrainingError
from ml_training.rendering.body import BodyDataMissing, body_data
from ml_training.rendering.casting import VIEWS, make_scene, random_dance, random_shape
from ml_training.rendering.lens import random_lens
from ml_training.rendering.scene import Stage

PAINTER = 1
"""Raised when the same seed begins to give other pictures, so that a folder never mixes two painters."""

FPS = 30
PICTURES_A_CLIP = 4
SONGS_A_DANCER = 2
VALIDATION_SHARE = 0.125
ARTIST = "rendered"
_PLAN = "rendered.json"


@dataclass(frozen=True)
class Plan:
    """What a folder holds."""

    people: int
    pictures: int
    size_px: tuple[int, int]
    views: str
    seed: int
    captures: tuple[str, ...] = ()
    painter: int = PAINTER


@dataclass(frozen=True)
class Clip:
    """One take of a dancer: the same clothes, room and camera in all its pictures."""

    dancer: int
    take: int
    view: str
    pictures: int
    is_validation: bool

    @property
    def song(self) -> int:
        return SONGS_A_DANCER * self.dancer + self.take % SONGS_A_DANCER

    @property
    def name(self) -> str:
        return f"{self.song:03d}_D{self.dancer:02d}_{self.take + 1:03d}_{self.view}"

    def folder(self, root: Path, kind: str) -> Path:
        part = "Validation" if self.is_validation else "Training"
        return root / part / f"[{kind}]song {self.song:03d} ({ARTIST})" / self.name

    def paths(self, root: Path, frame: int) -> tuple[Path, Path]:
        """The picture and its label."""
        name = f"{self.name}_{frame:08d}"
        return self.folder(root, "원천") / f"{name}.jpg", self.folder(root, "라벨") / f"{name}.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--people", type=int, default=60, help="how many different dancers (60)")
    parser.add_argument("--pictures", type=int, default=600, help="how many pictures of all of them together (600)")
    parser.add_argument("--size", type=_size, default=(640, 360), metavar="WxH", help="of a picture (640x360)")
    parser.add_argument(
        "--views", default="FFFLRBH", help=f"cameras, of {'/'.join(VIEWS)}; a letter given twice is used twice as often"
    )
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="processes (all cores)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--bvh", type=Path, metavar="DIR", help="motion capture files to dance besides made-up dances")


def run(arguments: argparse.Namespace) -> None:
    plan = _plan(arguments)
    try:
        bodies = body_data()
    except BodyDataMissing as missing:
        raise TrainingError(missing.code, str(missing)) from missing
    root: Path = arguments.out
    _claim(root, plan)
    with tqdm(total=plan.pictures, unit=" pictures", smoothing=0.05) as bar:
        for done in _in_processes(plan, root, bodies, arguments.jobs):
            bar.update(done)
    print(f"{plan.pictures} pictures of {plan.people} dancers in {root}")


def clips_of(plan: Plan) -> list[Clip]:
    """Every clip, the same for the same plan."""
    counts = np.diff(np.linspace(0, plan.pictures, plan.people + 1).astype(int))
    first_validation = plan.people - int(VALIDATION_SHARE * plan.people)
    clips = []
    for dancer, count in enumerate(counts):
        takes = max(1, -(-int(count) // PICTURES_A_CLIP))
        views = np.random.default_rng([plan.seed, dancer]).permutation(list(plan.views))
        shares = np.diff(np.linspace(0, count, takes + 1).astype(int))
        clips += [
            Clip(dancer, take, str(views[take % len(views)]), int(share), dancer >= first_validation)
            for take, share in enumerate(shares)
        ]
    return clips


def render_clip(plan: Plan, clip: Clip, root: Path, bodies: Path) -> int:
    """Draw what is missing of a clip; how many pictures it has.

    Raises
    ------
    OSError
        Where a file cannot be written; none is left half-written.
    """
    rng = np.random.default_rng([plan.seed, clip.dancer, clip.take])
    frames = 5 + np.cumsum(rng.integers(10, 28, size=clip.pictures))
    missing = [row for row, frame in enumerate(frames) if not all(path.is_file() for path in clip.paths(root, frame))]
    if not missing:
        return clip.pictures
    shape = random_shape(np.random.default_rng([plan.seed, clip.dancer, 2**31]))
    # A song of a dancer is one dance, whichever camera sees it, danced anew from its beginning in every take.
    song = random_dance(
        np.random.default_rng([plan.seed, clip.song, 2**31 + 1]), [Path(path) for path in plan.captures]
    )
    scene, motion = make_scene(rng, bodies, shape, clip.view, plan.size_px, song.at(frames / FPS))
    stage = Stage(scene, motion)
    outside, truth = stage.outside(), stage.truth()
    for kind in ("원천", "라벨"):
        clip.folder(root, kind).mkdir(parents=True, exist_ok=True)
    for row in missing:
        own = np.random.default_rng([plan.seed, clip.dancer, clip.take, row])
        shot = stage.shot(row, own)
        rgb = random_lens(own, min(plan.size_px)).develop(shot.rgb)
        visibility = np.where(outside[row], NOT_LABELLED, np.where(shot.hidden, HIDDEN, VISIBLE))
        picture, label = clip.paths(root, int(frames[row]))
        _write(picture, _jpeg(rgb, int(own.integers(45, 98))))
        _write(label, _label(picture.name, plan.size_px, truth.xy_px[row], visibility))
    return clip.pictures


def _plan(arguments: argparse.Namespace) -> Plan:
    if arguments.people < 1 or arguments.pictures < 1 or arguments.jobs < 1:
        raise TrainingError("bad_number", "--people, --pictures and --jobs are whole numbers of 1 or more")
    unknown = sorted(set(arguments.views) - set(VIEWS))
    if unknown or not arguments.views:
        raise TrainingError("unknown_view", f"--views takes the letters {', '.join(VIEWS)}, not {arguments.views!r}")
    captures = sorted(str(path.resolve()) for path in arguments.bvh.glob("*.bvh")) if arguments.bvh else []
    if arguments.bvh and not captures:
        raise TrainingError("no_captures", f"no *.bvh file in {arguments.bvh}")
    return Plan(arguments.people, arguments.pictures, arguments.size, arguments.views, arguments.seed, tuple(captures))


def _size(text: str) -> tuple[int, int]:
    wide, _, high = text.partition("x")
    if not (
        wide.isdigit() and high.isdigit() and min(int(wide), int(high)) >= 64 and max(int(wide), int(high)) <= 4096
    ):
        raise argparse.ArgumentTypeError("width x height of 64 to 4096 pixels, as in 640x360")
    return int(wide), int(high)


def _claim(root: Path, plan: Plan) -> None:
    """A folder holds the pictures of one plan. Raises TrainingError."""
    path = root / _PLAN
    wanted = json.loads(json.dumps(asdict(plan)))
    if path.is_file():
        try:
            found = json.loads(path.read_text())
        except ValueError:
            found = None
        if found != wanted:
            raise TrainingError(
                "other_pictures",
                f"{root} holds pictures of another plan ({_PLAN}): choose another folder, or delete it",
            )
        return
    try:
        root.mkdir(parents=True, exist_ok=True)
        _write(path, json.dumps(wanted, indent=2).encode())
    except OSError as error:
        raise _unwritable(error) from error


def _in_processes(plan: Plan, root: Path, bodies: Path, jobs: int) -> Iterator[int]:
    """The number of pictures of each clip as it is finished. Always in processes of one thread each, so that the pictures
    do not depend on how many there are."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    clips = clips_of(plan)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(clips)), context, _in_worker) as pool:
        waiting = [pool.submit(render_clip, plan, clip, root, bodies) for clip in clips]
        try:
            for future in as_completed(waiting):
                yield future.result()
        except OSError as error:
            raise _unwritable(error) from error
        finally:
            pool.shutdown(cancel_futures=True)


def _in_worker() -> None:
    """A Ctrl-C is the parent's to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)


def _unwritable(error: OSError) -> TrainingError:
    return TrainingError("not_written", f"{error.strerror}: {error.filename}; what was finished is kept")


def _jpeg(rgb: NDArray[np.uint8], quality: int) -> bytes:
    _, data = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return data.tobytes()


def _label(name: str, size_px: tuple[int, int], xy_px: NDArray[np.float32], visibility: NDArray[np.int64]) -> bytes:
    labelled = visibility > NOT_LABELLED
    places = np.where(labelled[:, None], np.round(xy_px.astype(np.float64), 2), 0.0)
    flat = np.concatenate([places, visibility[:, None]], axis=1).ravel().tolist()
    inside = places[labelled]
    low, high = (inside.min(axis=0), inside.max(axis=0)) if len(inside) else (np.zeros(2), np.zeros(2))
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
    """Whole or not at all."""
    part = path.with_suffix(path.suffix + ".part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
