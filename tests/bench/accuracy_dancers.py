"""The rendered dancers that the pose engines are measured on: bodies, clothes, cameras, rooms and movements."""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.pose.codec import load_npz
from inference.pose.track import PoseTrack
from ml_training.rendering.body import Shape, body_data, make_body
from ml_training.rendering.camera import Camera
from ml_training.rendering.dances import make_dance
from ml_training.rendering.looks import Clothes, Room
from ml_training.rendering.motion import Motion, read_motion
from ml_training.rendering.scene import Scene
from ml_training.rendering.video import write_clip

REPOSITORY = Path(__file__).resolve().parent.parent.parent
SHARED_MOTION = REPOSITORY.parent / "shared" / "data" / "motion"
FPS = 30


@dataclass(frozen=True)
class Dancer:
    """`capture`: a BVH file beside the checkout and the second to begin at; without it, or where it is absent, a made-up
    dance of number `dance`."""

    name: str
    dance: int
    shape: Shape = field(default_factory=Shape)
    clothes: Clothes = field(default_factory=Clothes)
    camera: Camera = field(default_factory=Camera)
    room: Room = field(default_factory=Room)
    capture: tuple[str, float] | None = None
    turned_rad: float = 0.0

    @property
    def is_captured(self) -> bool:
        return self.capture is not None and (SHARED_MOTION / self.capture[0]).is_file()

    def motion(self, seconds: float) -> Motion:
        times_s = np.arange(round(seconds * FPS)) / FPS
        if self.capture and self.is_captured:
            motion = read_motion(SHARED_MOTION / self.capture[0]).at(times_s + self.capture[1])
        else:
            motion = make_dance(self.dance, seconds + 0.1).at(times_s)
        return motion.at_clock(times_s).turned(self.turned_rad)


DANCERS = (
    Dancer("front", 1, camera=Camera(distance_m=4.2)),
    Dancer(
        "tall man, 35 degrees",
        2,
        Shape("male", 0.65, 0.5, 0.56, "caucasian"),
        Clothes((0.2, 0.4, 0.7), (0.3, 0.3, 0.32), skin=(0.9, 0.72, 0.62), sleeve=1.9, stripes=True),
        Camera(azimuth_rad=math.radians(35), distance_m=5.0),
        Room((0.4, 0.4, 0.42), (0.35, 0.4, 0.5), light=(-0.6, 0.8, 0.5), seed=1),
    ),
    Dancer(
        "heavy woman, captured",
        3,
        Shape("female", 0.4, 0.95, 0.47, "african"),
        Clothes((0.9, 0.8, 0.2), (0.2, 0.2, 0.2), skin=(0.42, 0.28, 0.2), leg=0.6),
        Camera(azimuth_rad=math.radians(-20), height_m=0.8, distance_m=4.6),
        Room((0.6, 0.55, 0.5), (0.8, 0.75, 0.65), exposure=0.8, seed=2),
        ("jesse_dance.bvh", 1.0),
    ),
    Dancer(
        "slim man, wide picture",
        4,
        Shape("male", 0.35, 0.1, 0.52),
        Clothes((0.85, 0.85, 0.85), (0.45, 0.4, 0.3), (0.15, 0.15, 0.15), sleeve=0.6),
        Camera((1280, 720), 4.0, math.radians(10), 1.5, 0.9, 1.3),
        Room(seed=3),
        ("jesse_dance.bvh", 5.0),
    ),
    Dancer(
        "short woman, far and dark",
        5,
        Shape("female", 0.6, 0.4, 0.44),
        Clothes((0.3, 0.5, 0.3), (0.5, 0.2, 0.4), hair=(0.3, 0.18, 0.1), sleeve=0.05, leg=1.2),
        Camera(distance_m=7.0, height_m=1.7, azimuth_rad=math.radians(-35)),
        Room(exposure=0.5, noise=5.0, seed=4),
    ),
    Dancer(
        "turned away",
        6,
        Shape("male", 0.5, 0.6, 0.5, "african"),
        Clothes((0.6, 0.15, 0.15), (0.6, 0.6, 0.62), skin=(0.35, 0.23, 0.17), hair=(0.05, 0.04, 0.04)),
        Camera(distance_m=4.6, azimuth_rad=math.radians(150)),
        Room((0.3, 0.25, 0.2), (0.6, 0.45, 0.4), seed=5),
    ),
)


@dataclass(frozen=True, eq=False)
class Clip:
    """A video, where each joint in it really is, and how tall (T,) the dancer would stand in it."""

    dancer: Dancer
    video: Path
    truth: PoseTrack
    height_px: NDArray[np.float64]

    @property
    def seen(self) -> NDArray[np.bool_]:
        """(T, 29)"""
        return np.asarray(self.truth.conf > 0.5)


def filmed(folder: Path, seconds: float, on_clip: Callable[[str], None]) -> Iterator[Clip]:
    """Every dancer's clip, written to `folder`. Raises BodyDataMissing."""
    data = body_data()
    for number, dancer in enumerate(DANCERS):
        on_clip(dancer.name)
        scene = Scene(make_body(data, dancer.shape), dancer.clothes, dancer.camera, dancer.room)
        video = folder / f"dancer{number}.mp4"
        truth, height_px = write_clip(video, scene, dancer.motion(seconds), fps=FPS)
        yield Clip(dancer, video, truth, height_px)


def films_in(folder: Path) -> Iterator[Clip]:
    """The videos of `python -m ml_training.data render --videos`, with their truth."""
    for video in sorted((folder / "videos").glob("*.mp4")):
        facts = json.loads(video.with_suffix(".json").read_text())
        yield Clip(Dancer(video.stem, 0), video, load_npz(video.with_suffix(".npz")), np.array(facts["height_px"]))
