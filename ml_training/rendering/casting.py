"""Who dances what, where, before which camera: everything about a clip drawn from one generator."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ml_training.rendering.backdrops import make_backdrop
from ml_training.rendering.body import Shape, make_body
from ml_training.rendering.camera import Camera
from ml_training.rendering.dances import make_freestyle
from ml_training.rendering.furniture import Mesh, joined, thing
from ml_training.rendering.looks import Clothes, Colour, Room
from ml_training.rendering.motion import Motion, read_motion
from ml_training.rendering.scene import Bystander, Scene

Floats = NDArray[np.float64]

# Letter -> azimuth of the camera in degrees (middle, spread), 0 before the dancer, 90 at the dancer's left; height in metres.
VIEWS: dict[str, tuple[float, float, tuple[float, float]]] = {
    "F": (0.0, 25.0, (0.5, 1.9)),
    "L": (75.0, 30.0, (0.5, 1.9)),
    "R": (-75.0, 30.0, (0.5, 1.9)),
    "B": (180.0, 35.0, (0.5, 1.9)),
    "H": (0.0, 60.0, (2.2, 3.4)),
}
_SKINS = ((0.95, 0.8, 0.7), (0.86, 0.66, 0.54), (0.75, 0.55, 0.42), (0.55, 0.38, 0.28), (0.36, 0.24, 0.18))
_HAIRS = (
    (0.06, 0.05, 0.05),
    (0.1, 0.07, 0.05),
    (0.3, 0.18, 0.1),
    (0.7, 0.55, 0.3),
    (0.6, 0.15, 0.12),
    (0.75, 0.75, 0.8),
)
_FEWEST_BEATS, _MOST_BEATS = 88.0, 140.0


@dataclass(frozen=True)
class Dance:
    """A made-up dance of number `seed`, or a BVH file from a moment on."""

    seed: int
    beats_a_minute: float
    capture: Path | None = None
    begin_s: float = 0.0
    turned_rad: float = 0.0

    def at(self, t_s: Floats) -> Motion:
        if self.capture is None:
            return make_freestyle(self.seed, float(t_s[-1]) + 0.2, self.beats_a_minute).at(t_s)
        motion = _captured(self.capture).at(t_s + self.begin_s).at_clock(t_s).turned(self.turned_rad)
        return _moved(motion, -motion.floor_xz.mean(axis=0))


def random_dance(rng: np.random.Generator, captures: Sequence[Path]) -> Dance:
    """Half of them from the files, where there are any."""
    tempo = float(rng.uniform(_FEWEST_BEATS, _MOST_BEATS))
    seed = int(rng.integers(2**31))
    if not captures or rng.random() < 0.5:
        return Dance(seed, tempo)
    path = captures[rng.integers(len(captures))]
    length_s = float(_captured(path).t_s[-1])
    return Dance(seed, tempo, path, float(rng.uniform(0, 0.7 * length_s)), float(rng.normal(0, 0.3)))


@cache
def _captured(path: Path) -> Motion:
    return read_motion(path)


def random_shape(rng: np.random.Generator) -> Shape:
    return Shape(
        gender=str(rng.choice(["female", "male"])),
        muscle=float(rng.uniform(0.15, 0.9)),
        weight=float(np.clip(rng.normal(0.45, 0.25), 0, 1)),
        height=float(np.clip(rng.normal(0.5, 0.05), 0.38, 0.62)),
        origin=str(rng.choice(["asian", "caucasian", "african"], p=[0.5, 0.3, 0.2])),
    )


def random_clothes(rng: np.random.Generator) -> Clothes:
    return Clothes(
        shirt=_cloth(rng),
        trousers=_cloth(rng),
        shoes=_cloth(rng),
        hair=_near(rng, _HAIRS, 0.03),
        skin=_near(rng, _SKINS, 0.04),
        sleeve=float(rng.choice([0.05, 0.5, 1.0, 1.9])),
        leg=float(rng.choice([0.3, 0.6, 1.2, 1.9], p=[0.15, 0.15, 0.15, 0.55])),
        stripes=bool(rng.random() < 0.2),
        loose=float(rng.uniform(0.6, 2.6)),
        long_hair=bool(rng.random() < 0.4),
    )


def make_scene(
    rng: np.random.Generator, bodies: Path, body_shape: Shape, view: str, size_px: tuple[int, int], motion: Motion
) -> tuple[Scene, Motion]:
    """A scene for the motion, and the motion moved to where in the room it is danced."""
    body = make_body(bodies, body_shape)
    camera = _random_camera(rng, view, size_px)
    motion = _kept_in_view(camera, _moved(motion, _off_centre_m(rng, camera) / body.leg_m), body.leg_m)
    room = Room(
        light=(float(rng.normal(0, 0.7)), float(rng.uniform(0.3, 1.0)), float(rng.uniform(-0.3, 1.0))),
        exposure=float(rng.uniform(0.6, 1.3)),
        noise=float(rng.exponential(3.0)),
        seed=int(rng.integers(2**31)),
    )
    return Scene(
        body,
        random_clothes(rng),
        camera,
        room,
        make_backdrop(rng, camera),
        _furniture(rng, camera),
        tuple(_bystander(rng, bodies, camera, motion.t_s) for _ in range(rng.choice([0, 1, 2], p=[0.72, 0.2, 0.08]))),
    ), motion


def _random_camera(rng: np.random.Generator, view: str, size_px: tuple[int, int]) -> Camera:
    """The dancer takes a third to all of the picture's height, one in eight clips more than there is."""
    middle, spread, heights = VIEWS[view]
    distance_m = float(rng.uniform(2.2, 8.0))
    share = rng.uniform(1.0, 1.35) if rng.random() < 0.12 else rng.uniform(0.33, 0.92)
    return Camera(
        size_px,
        distance_m=distance_m,
        azimuth_rad=float(np.radians(middle + rng.uniform(-spread, spread))),
        height_m=float(rng.uniform(*heights)),
        aim_m=float(rng.normal(0.88, 0.12)),
        focal_share=float(share * distance_m / 1.7),
        roll_rad=float(np.radians(rng.normal(0, 3))),
    )


def _off_centre_m(rng: np.random.Generator, camera: Camera) -> Floats:
    """(2,) on the floor: mostly near the picture's middle, now and then at its edge."""
    half_width_m = 0.5 * camera.size_px[0] / camera.focal_px * camera.distance_m
    reach = rng.uniform(0.6, 1.05) if rng.random() < 0.1 else rng.uniform(0, 0.6)
    return _on_floor(camera, float(rng.choice([-1, 1])) * reach * half_width_m, 0.0)


def _kept_in_view(camera: Camera, motion: Motion, leg_m: float) -> Motion:
    """Nearer to the middle of the floor, and travelling less, until the hips stay in the picture from first to last."""
    for share in (1.0, 0.8, 0.6, 0.4, 0.2, 0.0):
        floor_xz = share * motion.floor_xz
        hips = leg_m * np.insert(floor_xz, 1, 1.0, axis=1)
        xy_px, depth = camera.project(hips)
        if ((xy_px > 0) & (xy_px < camera.size_px)).all() and (depth > 0.5 * camera.distance_m).all():
            break
    return replace(motion, floor_xz=floor_xz)


def _on_floor(camera: Camera, right_m: float, away_m: float) -> Floats:
    """(2,) x and z of a spot that lies so far to the right of, and behind, the middle of the floor as the camera sees it."""
    away = -camera.place[[0, 2]] / np.linalg.norm(camera.place[[0, 2]])
    return np.asarray(right_m * np.array([-away[1], away[0]]) + away_m * away)


def _moved(motion: Motion, legs: Floats) -> Motion:
    return replace(motion, floor_xz=motion.floor_xz + legs)


def _furniture(rng: np.random.Generator, camera: Camera) -> Mesh | None:
    """Clutter behind the dancer; in one clip of five something stands between dancer and camera."""
    width_m = 0.5 * camera.size_px[0] / camera.focal_px * camera.distance_m
    things = []
    for _ in range(rng.choice([0, 1, 2, 4], p=[0.35, 0.25, 0.25, 0.15])):
        things.append(_placed(rng, camera, rng.uniform(-1.3, 1.3) * width_m, rng.uniform(0.7, 2.5)))
    if rng.random() < 0.2:
        before = -rng.uniform(0.2, 0.55) * camera.distance_m
        things.append(_placed(rng, camera, rng.uniform(-0.6, 0.6) * width_m, before))
    return joined(things) if things else None


def _placed(rng: np.random.Generator, camera: Camera, right_m: float, away_m: float) -> Mesh:
    x_m, z_m = _on_floor(camera, right_m, away_m)
    return thing(rng).placed(float(x_m), float(z_m), float(rng.uniform(0, 2 * np.pi)))


def _bystander(rng: np.random.Generator, bodies: Path, camera: Camera, t_s: Floats) -> Bystander:
    """Mostly behind or beside the dancer; one in four before."""
    body = make_body(bodies, random_shape(rng))
    motion = random_dance(rng, ()).at(t_s).turned(float(rng.uniform(-np.pi, np.pi)))
    away_m = rng.uniform(0.8, 3.0) if rng.random() < 0.75 else -rng.uniform(0.5, 0.35 * camera.distance_m + 0.5)
    width_m = 0.5 * camera.size_px[0] / camera.focal_px * (camera.distance_m + away_m)
    spot_m = _on_floor(camera, float(rng.uniform(-1, 1) * width_m), float(away_m))
    return Bystander(body, random_clothes(rng), _moved(motion, spot_m / body.leg_m))


def _cloth(rng: np.random.Generator) -> Colour:
    """Any colour; a third of all clothes are black, grey or white."""
    grey = rng.uniform(0.03, 0.95)
    return _triple(np.clip(grey + rng.normal(0, 0.02, 3), 0, 1) if rng.random() < 0.35 else rng.uniform(0.03, 0.95, 3))


def _near(rng: np.random.Generator, colours: Sequence[Colour], spread: float) -> Colour:
    return _triple(np.clip(np.array(colours[rng.integers(len(colours))]) + rng.normal(0, spread, 3), 0.02, 1))


def _triple(values: Floats) -> Colour:
    red, green, blue = (float(value) for value in values)
    return red, green, blue
