"""`python -m ml_training.data pseudo CLIP... --out SAMPLES`: labels that the product's own pose engine gives.

The engine reads whole clips, knows what comes before and after each picture, smooths, and says how sure it is of each
joint. So it can teach a network that sees one picture at a time (`configs/distil.py`), on clips that nobody labelled. Such
labels are the teacher's opinion, with the teacher's mistakes: a student can be judged by how near it comes to its teacher
here, and by how right it is only on data with labels of its own.

A CLIP is a video, or a folder of them. What a split must keep apart is read from the names:

    A_SONG/DANCER.mp4, A_SONG/DANCER__2.mp4     below a folder that was given: the song's folder, the dancer's name
    033_D00_001_F.mp4                           named as AI Hub names its clips: song (if no folder tells), dancer, view
    anything_else.mp4                           a dancer and a song of its own

What the engine needs runs in the site's environment, a process a clip: `KDANCE_PYTHON` names its interpreter.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from inference.pose.codec import TrackFileError, load_npz
from inference.pose.skeleton import SKELETON
from inference.pose.track import PoseTrack
from ml_training.data.aihub import HIDDEN, NOT_LABELLED, VISIBLE
from ml_training.data.framing import person_region
from ml_training.data.provenance import is_rendered
from ml_training.data.samples import COLUMNS, Samples
from ml_training.data.tables import write_samples
from ml_training.errors import TrainingError
from ml_training.files import whole_file

REPOSITORY = Path(__file__).resolve().parents[2]
SUFFIXES = (".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi")
HIDDEN_BELOW = 0.5
LEAST_JOINTS = 15

_AIHUB_CLIP = re.compile(r"(?P<song>\d+)_(?P<dancer>D\d+)_\d+_(?P<view>[A-Z])")
_LITTLE_TOES = [SKELETON.index("left_littletoe"), SKELETON.index("right_littletoe")]
_LITTLE_TOE_SHARE = 0.5
"""The engine is half as sure of a little toe as of the foot that it is derived from (`inference.pose.mapping`)."""


@dataclass(frozen=True)
class Clip:
    path: Path
    song: str
    dancer: str
    view: str

    @property
    def name(self) -> str:
        """Tells clips of one name in two folders apart."""
        return f"{self.path.stem}-{hashlib.sha256(str(self.path.resolve()).encode()).hexdigest()[:8]}"


@dataclass(frozen=True)
class Teaching:
    """What decides the labels of a clip, besides the clip."""

    model: str
    every: int
    least_conf: float


@dataclass(frozen=True)
class Outcome:
    """What became of a clip; `problem` is "" or the reason why it gave nothing."""

    clip: str
    song: str
    dancer: str
    frames: int = 0
    found: int = 0
    taken: int = 0
    seconds: float = 0.0
    problem: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("clips", nargs="+", type=Path, metavar="CLIP", help="videos, or folders of them")
    parser.add_argument("--out", type=Path, required=True, metavar="SAMPLES", help="folder to write")
    parser.add_argument("--every", type=int, default=5, help="take every so many-th picture that the engine read")
    parser.add_argument("--model", default="full", help="the teacher, as for `manage.py extract_pose` (full)")
    parser.add_argument(
        "--least-conf", type=float, default=0.5, help="a joint the teacher is less sure of has no label"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes of the engine a clip")


def run(arguments: argparse.Namespace) -> None:
    if arguments.every < 1 or not 0 < arguments.least_conf <= 1:
        raise TrainingError("bad_option", "--every must be 1 or more, and --least-conf above 0 and at most 1.")
    clips = find_clips(arguments.clips)
    teaching = Teaching(arguments.model, arguments.every, arguments.least_conf)
    outcomes = label_clips(clips, arguments.out, teaching, jobs=max(1, arguments.jobs))
    for outcome in outcomes:
        print(f"{outcome.clip}: {outcome.problem or f'{outcome.taken} of {outcome.frames} pictures'}")


def find_clips(given: Sequence[Path]) -> list[Clip]:
    """Raises TrainingError for a path that is not there or holds no video."""
    clips = {clip.path.resolve(): clip for place in given for clip in _clips_at(place)}
    return list(clips.values())


def label_clips(clips: Sequence[Clip], out: Path, teaching: Teaching, *, jobs: int = 1) -> list[Outcome]:
    """Write the samples of all clips, and a report; a clip that was finished before is not read again.

    Raises
    ------
    TrainingError
        `nothing_found` if no clip gave a single picture, `cannot_write`, `no_site`.
    """
    began = time.monotonic()
    parts, outcomes = [], []
    for clip in tqdm(clips, desc="clips", unit="clip"):
        part, outcome = _label_clip(clip, out, teaching, jobs)
        outcomes.append(outcome)
        if len(part):
            parts.append(part)
    if not parts:
        raise TrainingError("nothing_found", f"No clip gave a picture: {_problems(outcomes)}.")
    samples = joined(parts)
    report = {
        "rendered": samples.rendered,
        "teaching": asdict(teaching),
        "seconds": time.monotonic() - began,
        "clips": [asdict(each) for each in outcomes],
    }
    write_samples(samples, out)
    with whole_file(out / "report.json") as draft:
        draft.write_text(json.dumps(report, indent=1, ensure_ascii=False), encoding="utf-8")
    return outcomes


def chosen_frames(track: PoseTrack, teaching: Teaching) -> np.ndarray:
    """Indices of the frames to learn from: every n-th that the engine read, with a dancer in it who can be framed."""
    read = np.flatnonzero(~track.interpolated)[:: teaching.every]
    return np.array([frame for frame in read if _can_be_framed(labels(track, frame, teaching.least_conf)[0])], np.int64)


def labels(track: PoseTrack, frame: int, least_conf: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(29, 2) places, NaN without a label; (29,) visibilities; (29,) confidences.

    A joint outside the picture has no label: the teacher guesses there.
    """
    xy, conf = track.xy_px[frame], track.conf[frame]
    sure = conf.copy()
    sure[_LITTLE_TOES] /= _LITTLE_TOE_SHARE
    inside = ((xy >= 0) & (xy <= track.size_px)).all(axis=1)
    labelled = inside & (sure >= least_conf)
    visibility = np.where(sure >= HIDDEN_BELOW, VISIBLE, HIDDEN)
    return (
        np.where(labelled[:, None], xy, np.nan).astype(np.float32),
        np.where(labelled, visibility, NOT_LABELLED).astype(np.uint8),
        np.where(labelled, conf, 0).astype(np.float32),
    )


def joined(parts: Sequence[Samples]) -> Samples:
    """All rows of the parts, which share a root; a film that was drawn among them makes all of it rendered data."""
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in COLUMNS}
    return Samples(**columns, root=parts[0].root, rendered=any(part.rendered for part in parts))


def _clips_at(place: Path) -> Iterator[Clip]:
    if place.is_file():
        yield _clip(place, place.stem)
        return
    videos = sorted(path for path in place.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not videos:
        raise TrainingError(
            "no_clips", f"{place} is no video, and no folder with videos ({', '.join(SUFFIXES)}) in it."
        )
    for path in videos:
        yield _clip(path, path.stem if path.parent == place else path.parent.name)


def _clip(path: Path, song: str) -> Clip:
    told = _AIHUB_CLIP.fullmatch(path.stem)
    if told:
        return Clip(path, song if song != path.stem else told["song"], told["dancer"], told["view"])
    return Clip(path, song, path.stem.partition("__")[0], "")


def _can_be_framed(xy_px: np.ndarray) -> bool:
    return int(np.isfinite(xy_px[:, 0]).sum()) >= LEAST_JOINTS and person_region(xy_px) is not None


def _label_clip(clip: Clip, out: Path, teaching: Teaching, jobs: int) -> tuple[Samples, Outcome]:
    began = time.monotonic()
    outcome = {"clip": str(clip.path), "song": clip.song, "dancer": clip.dancer}
    try:
        track = _track(clip, out / "tracks", teaching.model, jobs)
        frames = chosen_frames(track, teaching)
        _take_pictures(clip, track, frames, out, teaching)
    except _ClipProblem as problem:
        return _samples(clip, None, np.array([], np.int64), out, teaching), Outcome(**outcome, problem=str(problem))
    found = int(track.found.sum())
    problem = "" if len(frames) else "nobody could be seen well enough" if found else "nobody in it"
    seconds = round(time.monotonic() - began, 2)
    return _samples(clip, track, frames, out, teaching), Outcome(
        **outcome, frames=len(track.t_s), found=found, taken=len(frames), seconds=seconds, problem=problem
    )


def _track(clip: Clip, folder: Path, model: str, jobs: int) -> PoseTrack:
    """What the engine finds in the clip; read only once for the same file and model."""
    _make(folder)
    status = clip.path.stat()
    key = hashlib.sha256(f"{model} {status.st_size} {status.st_mtime_ns}".encode()).hexdigest()[:8]
    path = folder / f"{clip.name}-{key}.npz"
    if not path.exists():
        _manage("extract_pose", clip, "--out", path, "--model", model, "--workers", jobs)
    try:
        return load_npz(path)
    except TrackFileError as error:
        raise TrainingError("damaged_track", f"{path} cannot be read ({error}): remove it and try again.") from error


def _take_pictures(clip: Clip, track: PoseTrack, frames: np.ndarray, out: Path, teaching: Teaching) -> None:
    """The frames' pictures in `pictures/<clip>/`, which appears when it is whole."""
    folder = out / "pictures" / _folder_name(clip, teaching)
    if folder.is_dir() or not len(frames):
        return
    partial = out / "pictures" / f".{folder.name}.part"
    shutil.rmtree(partial, ignore_errors=True)
    _make(partial)
    times = partial / "times.txt"
    with whole_file(times) as draft:
        draft.write_text("".join(f"{time_s!r}\n" for time_s in track.t_s[frames].tolist()), encoding="ascii")
    try:
        _manage("extract_pictures", clip, "--times", times, "--out", partial)
    except _ClipProblem:
        shutil.rmtree(partial)
        raise
    times.unlink()
    partial.replace(folder)


def _folder_name(clip: Clip, teaching: Teaching) -> str:
    status = clip.path.stat()
    key = hashlib.sha256(f"{teaching} {status.st_size} {status.st_mtime_ns}".encode()).hexdigest()[:8]
    return f"{clip.name}-{key}"


def _samples(clip: Clip, track: PoseTrack | None, frames: np.ndarray, out: Path, teaching: Teaching) -> Samples:
    rows = [labels(track, frame, teaching.least_conf) for frame in frames] if track else []
    shape, count = (len(rows), len(SKELETON.joints)), len(rows)
    folder = f"pictures/{_folder_name(clip, teaching)}" if count else ""

    def same(text: str) -> np.ndarray:
        return np.full(count, text)

    return Samples(
        image=np.array([f"{folder}/{number:06d}.jpg" for number in range(count)], np.str_),
        xy_px=np.array([row[0] for row in rows], np.float32).reshape(*shape, 2),
        visibility=np.array([row[1] for row in rows], np.uint8).reshape(shape),
        conf=np.array([row[2] for row in rows], np.float32).reshape(shape),
        size_px=np.tile(np.array(track.size_px if track else (0, 0), np.int32), (count, 1)),
        part=same("Training"),
        song=same(clip.song),
        dancer=same(clip.dancer),
        clip=same(clip.name),
        view=same(clip.view),
        frame=frames.astype(np.int32),
        root=str(out),
        rendered=is_rendered(clip.path.parent),
    )


class _ClipProblem(Exception):
    """This clip gives nothing; the others may."""


def _manage(name: str, clip: Clip, *words: object) -> None:
    """Run a command of the site on a clip. Raises _ClipProblem with what it says is wrong with the clip."""
    python = Path(os.environ.get("KDANCE_PYTHON") or REPOSITORY / ".venv/bin/python")
    if not python.exists():
        raise TrainingError(
            "no_site", f"There is no {python}: run `make setup`, or name the site's Python in KDANCE_PYTHON."
        )
    video = str(clip.path.resolve())
    command = [str(python), str(REPOSITORY / "manage.py"), name, video, *map(_word, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    said = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1].removeprefix("CommandError: ")
    if done.returncode == 2:  # argparse's
        raise TrainingError("bad_option", said)
    if said.startswith("cannot_") and video not in said:
        raise TrainingError("cannot_write", said)
    raise _ClipProblem(said)


def _word(word: object) -> str:
    return str(word.resolve() if isinstance(word, Path) else word)


def _problems(outcomes: Sequence[Outcome]) -> str:
    return "; ".join(f"{Path(each.clip).name}: {each.problem}" for each in outcomes)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TrainingError("cannot_write", f"{folder}: {error.strerror}.") from error
