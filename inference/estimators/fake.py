"""An engine for tests: it looks at no video and gives a stick figure that dances. Never registered by default."""

import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.estimators.base import OnProgress, Progress
from inference.pose.looks import Looks
from inference.pose.people import Estimate, Person, PersonKind
from inference.pose.reading import Region
from inference.pose.skeleton import SKELETON
from inference.pose.track import PoseTrack

NAME = "fake"
DOTTED_PATH = "inference.estimators.fake.fake"

# The left half and the midline of a figure two units high, hips at the origin, y down; the right half is its mirror image.
_AT_REST = {
    "center_hip": (0.0, 0.0),
    "navel": (0.0, -0.17),
    "chest": (0.0, -0.45),
    "neck": (0.0, -0.65),
    "nose": (0.0, -0.85),
    "left_eye": (0.04, -0.89),
    "left_ear": (0.09, -0.86),
    "left_shoulder": (0.2, -0.6),
    "left_elbow": (0.35, -0.35),
    "left_wrist": (0.4, -0.08),
    "left_palm_thumb": (0.37, 0.0),
    "left_palm_pinky": (0.43, 0.0),
    "left_hip": (0.13, 0.0),
    "left_knee": (0.15, 0.45),
    "left_ankle": (0.16, 0.9),
    "left_bigtoe": (0.2, 1.0),
    "left_littletoe": (0.26, 0.98),
}
_ARM = ("elbow", "wrist", "palm_thumb", "palm_pinky")
_LEG = ("knee", "ankle", "bigtoe", "littletoe")
_DERIVED_CONF, _SEEN_CONF = 0.5, 1.0


def stick_figure(t_s: NDArray[np.float64], size_px: tuple[int, int] = (576, 1024), *, bpm: float = 120.0) -> PoseTrack:
    """A figure that swings its arms in turn, lifts its legs and sways, one swing a beat; the same for the same times."""
    width, height = size_px
    joints = np.repeat(_rest()[None], len(t_s), axis=0)
    beat = 2 * np.pi * t_s * bpm / 60
    for side, sign in (("left", 1.0), ("right", -1.0)):
        joints = _turn(joints, f"{side}_shoulder", [f"{side}_{joint}" for joint in _ARM], -sign * (1 + np.sin(beat)))
        joints = _turn(
            joints, f"{side}_hip", [f"{side}_{joint}" for joint in _LEG], -0.4 * sign * np.cos(sign * beat / 2)
        )
    joints[:, :, 0] += 0.1 * np.sin(beat / 2)[:, None]
    conf = [_DERIVED_CONF if joint in SKELETON.derived else _SEEN_CONF for joint in SKELETON.joints]
    return PoseTrack(
        t_s=np.asarray(t_s, dtype=np.float64),
        xy_px=(joints * height / 3 + (width / 2, height / 2)).astype(np.float32),
        conf=np.tile(np.array(conf, dtype=np.float32), (len(t_s), 1)),
        size_px=size_px,
        model=NAME,
    )


class FakeEstimator:
    """A `PoseEstimator` that needs no models. `delay_s` after each frame leaves time to cancel."""

    def __init__(self, track: PoseTrack | None = None, *, delay_s: float = 0.0) -> None:
        self.name = NAME
        self._track = track or stick_figure(np.arange(90) / 30)
        self._delay_s = delay_s

    def estimate(self, video: Path, *, on_progress: OnProgress | None = None, workers: int = 1) -> Estimate:
        frames = len(self._track.t_s)
        for frame in range(frames):
            time.sleep(self._delay_s)
            if on_progress:
                on_progress(Progress(done=frame + 1, expected=frames, frames_per_s=30.0))
        return estimate_of(self._track)


def fake(*, model_dir: Path | None = None) -> FakeEstimator:
    """For `registry.register("fake", fake.DOTTED_PATH)`."""
    return FakeEstimator()


def estimate_of(*tracks: PoseTrack) -> Estimate:
    """An estimate of people with these tracks (of the same frames), the first the main dancer, in steady light."""
    first = tracks[0]
    return Estimate(
        people=tuple(_person(track, 1.0 / (1 + number)) for number, track in enumerate(tracks) if track.found.any()),
        nobody=PoseTrack(
            first.t_s, np.full_like(first.xy_px, np.nan), np.zeros_like(first.conf), first.size_px, first.model
        ),
        looks=_steady_looks(first.t_s),
    )


def _person(track: PoseTrack, prominence: float) -> Person:
    width, height = track.size_px
    frame = int(np.argmax(track.conf.sum(axis=1)))
    portrait = Region(width / 2, height / 2, max(width, height), 0.0)
    return Person(track, PersonKind.DANCER, prominence, float(track.t_s[frame]), portrait)


def _steady_looks(t_s: NDArray[np.float64]) -> Looks:
    frames = len(t_s)
    sampled = np.arange(0, frames, 8)
    return Looks(
        t_s=t_s,
        change=np.full(frames, 2.0),
        begins_shot=np.zeros(frames, dtype=bool),
        sampled=sampled,
        brightness=np.full(len(sampled), 120.0),
        sharpness=np.full(len(sampled), 1.0),
        camera_shift=np.zeros((len(sampled), 2)),
    )


def _rest() -> NDArray[np.float64]:
    places = dict(_AT_REST)
    for joint, (x, y) in _AT_REST.items():
        if joint.startswith("left_"):
            places[joint.replace("left_", "right_")] = (-x, y)
    return np.array([places[joint] for joint in SKELETON.joints])


def _turn(
    joints: NDArray[np.float64], pivot: str, moved: list[str], angle_rad: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(T, 29, 2) with `moved` turned around `pivot`, clockwise for positive angles."""
    turned = joints.copy()
    indices = [SKELETON.index(joint) for joint in moved]
    centre = joints[:, [SKELETON.index(pivot)]]
    x, y = np.moveaxis(joints[:, indices] - centre, 2, 0)
    cos, sin = np.cos(angle_rad)[:, None], np.sin(angle_rad)[:, None]
    turned[:, indices] = np.stack([cos * x - sin * y, sin * x + cos * y], axis=2) + centre
    return turned
