"""What a folder of rendered dancers holds: its plan, its clips, and each clip's scene drawn from them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ml_training.data.provenance import ARTIST
from ml_training.rendering.casting import Dance, make_scene, random_dance, random_shape
from ml_training.rendering.scene import Stage

PAINTER = 1
"""Raised when the same seed begins to give other pictures, so that a folder never mixes two painters."""

FPS = 30
PICTURES_A_CLIP = 4
SONGS_A_DANCER = 2
VALIDATION_SHARE = 0.125
LABELS, PICTURES = "라벨", "원천"
_BODY, _SONG = 2**31, 2**31 + 1
"""Beyond any take's number: what is drawn for a dancer or a song and not for a take."""


@dataclass(frozen=True)
class Plan:
    """`captures`: BVH files; `video_s`: how long a film of each clip is, 0 for none."""

    people: int
    pictures: int
    size_px: tuple[int, int]
    views: str
    seed: int
    captures: tuple[str, ...] = ()
    video_s: float = 0.0
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
        return self.folder(root, PICTURES) / f"{name}.jpg", self.folder(root, LABELS) / f"{name}.json"


def clips_of(plan: Plan) -> list[Clip]:
    """Every clip, the same for the same plan; a dancer has at least one."""
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


def frames_of(plan: Plan, clip: Clip) -> NDArray[np.int64]:
    """The numbers of the clip's pictures at FPS: a third of a second to a second apart."""
    rng = np.random.default_rng([plan.seed, clip.dancer, clip.take, _SONG])
    return np.asarray(5 + np.cumsum(rng.integers(10, 28, size=clip.pictures)))


def dance_of(plan: Plan, clip: Clip) -> Dance:
    """A song of a dancer is one dance, whichever camera sees it."""
    return random_dance(np.random.default_rng([plan.seed, clip.song, _SONG]), [Path(path) for path in plan.captures])


def staged(plan: Plan, clip: Clip, bodies: Path, t_s: NDArray[np.float64]) -> Stage:
    """The clip at these times. The scene of pictures and that of the film of a clip are alike but for where it lies in the
    picture: that depends on the movement."""
    shape = random_shape(np.random.default_rng([plan.seed, clip.dancer, _BODY]))
    rng = np.random.default_rng([plan.seed, clip.dancer, clip.take])
    scene, motion = make_scene(rng, bodies, shape, clip.view, plan.size_px, dance_of(plan, clip).at(t_s))
    return Stage(scene, motion)
