"""Clips with several people, seen by engines that need no models; for the child process that searches a clip."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from inference import isolated_work
from inference.estimators.base import OnProgress
from inference.estimators.fake import estimate_of, stick_figure
from inference.estimators.registry import register
from inference.pose.people import Estimate, PersonKind
from inference.pose.reading import Region
from inference.pose.skeleton import SKELETON
from inference.pose.track import PoseTrack

SIZE_PX = (288, 512)
SECONDS = 3.0
T_S = np.arange(round(30 * SECONDS)) / 30
GUIDE_BPM, OTHER_BPM = 120.0, 70.0

COLOURS = ((32, 60, 130), (150, 40, 60), (30, 110, 80), (90, 60, 120))

Build = Callable[[], Estimate]
SCENES: list[str] = []


def teacher() -> PoseTrack:
    """The guide that these clips follow: broader than anybody in them, or it would be a clip of the guide itself."""
    return _dancing(GUIDE_BPM, scale=(1.0, 1.0))


def dancer(bpm: float, *, x: float = 0.5, scale: float = 0.5, y: float = 0.5) -> PoseTrack:
    """A stick figure around a place of the picture, both as shares of it."""
    return _dancing(bpm, scale=(0.85 * scale, scale), x=x, y=y)


def _dancing(bpm: float, *, scale: tuple[float, float], x: float = 0.5, y: float = 0.5) -> PoseTrack:
    """Faster and faster, so that even so short a dance has only one beginning."""
    track = stick_figure(T_S * (1 + 0.1 * T_S), SIZE_PX, bpm=bpm)
    middle = np.array(SIZE_PX) / 2
    moved = (track.xy_px - middle) * scale + np.array(SIZE_PX) * (x, y)
    return replace(track, t_s=T_S, xy_px=moved.astype(np.float32))


def cut_off(bpm: float, *, x: float = 0.25) -> PoseTrack:
    """Somebody whose legs are below the picture."""
    return dancer(bpm, x=x, scale=1.0, y=1.05)


class Crowd:
    """A `PoseEstimator` that sees one scene in every clip."""

    name = "crowd"

    def __init__(self, build: Build) -> None:
        self._build = build

    def estimate(self, video: Path, *, on_progress: OnProgress | None = None, workers: int = 1) -> Estimate:
        return self._build()


def scene(build: Build) -> Callable[..., Crowd]:
    """Make an engine's factory of a function that gives an estimate, and remember its name."""
    SCENES.append(build.__name__)
    return lambda *, model_dir=None: Crowd(build)


def film(path: Path, estimate: Estimate) -> Path:
    """A clip in which everybody of the estimate is drawn, each in a colour of their own, before a wall and a floor."""
    empty = np.full((SIZE_PX[1], SIZE_PX[0], 3), (196, 188, 176), np.uint8)
    empty[SIZE_PX[1] * 7 // 10 :] = (120, 104, 92)
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=30, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = *SIZE_PX, "yuv420p"
        for index in range(len(T_S)):
            picture = empty.copy()
            for person, colour in zip(estimate.people, COLOURS, strict=False):
                _draw(picture, person.track.xy_px[index], colour)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        output.mux(stream.encode(None))
    return path


@scene
def alone() -> Estimate:
    return estimate_of(dancer(GUIDE_BPM))


@scene
def two() -> Estimate:
    """First a stranger on the left who dances something else, then, on the right, who dances as the guide does."""
    return _placed(estimate_of(dancer(OTHER_BPM, x=0.2), dancer(GUIDE_BPM, x=0.8)))


@scene
def one_cut_off() -> Estimate:
    return _placed(estimate_of(cut_off(OTHER_BPM), dancer(GUIDE_BPM, x=0.8)))


@scene
def with_a_mirror() -> Estimate:
    """A reflection comes before the second dancer in prominence, and a poster hangs on the wall."""
    estimate = _placed(estimate_of(*(dancer(GUIDE_BPM, x=x) for x in (0.2, 0.5, 0.8, 0.9))))
    kinds = (PersonKind.DANCER, PersonKind.REFLECTION, PersonKind.DANCER, PersonKind.STILL)
    people = (replace(person, kind=kind) for person, kind in zip(estimate.people, kinds, strict=True))
    return replace(estimate, people=tuple(people))


@scene
def eight() -> Estimate:
    return _placed(estimate_of(*(dancer(GUIDE_BPM, x=x) for x in np.linspace(0.1, 0.9, 8))))


@scene
def nobody() -> Estimate:
    track = stick_figure(T_S, SIZE_PX)
    return estimate_of(replace(track, xy_px=np.full_like(track.xy_px, np.nan), conf=np.zeros_like(track.conf)))


def register_scenes() -> None:
    for name in SCENES:
        register(name, f"{__name__}.{name}")


def find_people(
    path: Path,
    folder: Path,
    engine: isolated_work.EngineChoice,
    model_dir: Path,
    workers: int,
    *,
    send: isolated_work.Send,
) -> list[isolated_work.SeenPerson]:
    """The real search, in a process that knows the scenes as engines."""
    register_scenes()
    return isolated_work.find_people(path, folder, engine, model_dir, workers, send=send)


def _draw(picture: NDArray[np.uint8], xy_px: NDArray[np.float32], colour: tuple[int, int, int]) -> None:
    joints = np.round(xy_px).astype(int)
    for bone in SKELETON.bones:
        start, end = (joints[SKELETON.index(joint)].tolist() for joint in (bone.start, bone.end))
        cv2.line(picture, start, end, colour, 9, cv2.LINE_AA)
    cv2.circle(picture, joints[SKELETON.index("nose")].tolist(), 14, colour, -1, cv2.LINE_AA)


def _placed(estimate: Estimate) -> Estimate:
    """With portraits where the people are, each at a time of its own."""
    people = []
    for number, person in enumerate(estimate.people):
        middle = person.track.joint("center_hip")[0]
        region = Region(float(middle[0]), float(middle[1]), SIZE_PX[1] / 2, 0.0)
        people.append(replace(person, portrait=region, portrait_s=float(T_S[10 * number + 5])))
    return replace(estimate, people=tuple(people))
