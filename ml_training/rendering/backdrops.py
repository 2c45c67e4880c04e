"""Rooms to learn from: walls and floors of many materials, windows, posters, clutter, or the open air.

Everything is drawn from the generator that is given; the same one in the same state gives the same room. Single precision
throughout: a backdrop is painted once a clip, but thousands of clips are wanted.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_training.rendering.camera import Camera

Single = NDArray[np.float32]
Paint = Callable[[np.random.Generator, Single, Single, Single], Single]

_FAR_M = 60.0


@dataclass(frozen=True, eq=False)
class Backdrop:
    """What is behind the dancer.

    Attributes
    ----------
    rgb : (H, W, 3) float32 in [0, 1]
    floor_xz : (H, W, 2) float32
        Where on the floor each pixel lies, in metres; NaN off the floor.
    depth_m : (H, W) float32
        Along the line of sight.
    """

    rgb: Single
    floor_xz: Single
    depth_m: Single


def make_backdrop(rng: np.random.Generator, camera: Camera) -> Backdrop:
    """A room, or now and then a place in the open, as this camera sees it."""
    outdoors = rng.random() < 0.15
    wall_m = _FAR_M if outdoors else rng.uniform(1.2, 5.0)
    rays = camera.rays().astype(np.float32)
    place = camera.place.astype(np.float32)
    # The wall stands across the line of sight, turned a little, so that a camera at the side sees one as well.
    turn = rng.uniform(-0.5, 0.5)
    away = -camera.place[[0, 2]] / np.linalg.norm(camera.place[[0, 2]])
    cosine, sine = np.cos(turn), np.sin(turn)
    facing = np.array([away[0] * cosine + away[1] * sine, 0.0, away[1] * cosine - away[0] * sine], dtype=np.float32)
    with np.errstate(divide="ignore", invalid="ignore"):
        to_floor = np.where(rays[..., 1] < -1e-4, -place[1] / rays[..., 1], np.float32(np.inf))
        to_wall = (np.float32(wall_m) - place @ facing) / np.maximum(rays @ facing, np.float32(1e-3))
    depth = np.minimum(np.minimum(to_floor, to_wall), np.float32(2 * _FAR_M))
    spot = place + rays * depth[..., None]
    sideways = spot @ np.cross(facing, [0.0, 1.0, 0.0]).astype(np.float32)
    ahead, height = spot @ facing, spot[..., 1]
    is_floor = to_floor < to_wall
    floor = _FLOORS[rng.integers(len(_FLOORS))](rng, sideways, ahead, depth)
    wall = _sky(rng, height, depth) if outdoors else _wall(rng, sideways, height)
    rgb = np.where(is_floor[..., None], floor, wall)
    _clutter(rng, rgb)
    rgb *= 1 + np.float32(rng.uniform(0.0, 0.12)) * clouds(rng, camera.size_px, 2)[..., None]
    floor_xz = np.where(is_floor[..., None], spot[..., ::2], np.float32(np.nan))
    return Backdrop(np.clip(rgb, 0, 1), floor_xz, depth)


def clouds(rng: np.random.Generator, size_px: tuple[int, int], coarsest: int) -> Single:
    """(H, W) noise about 0 whose largest blobs are a `coarsest`-th of the picture."""
    total = np.zeros(size_px[::-1], dtype=np.float32)
    for octave in range(4):
        small = rng.standard_normal((coarsest * 2**octave,) * 2, dtype=np.float32)
        total += np.float32(0.55**octave) * cv2.resize(small, size_px, interpolation=cv2.INTER_CUBIC)
    return total


def _colour(rng: np.random.Generator) -> Single:
    """Mostly pale or dull, as rooms are."""
    grey = rng.uniform(0.12, 0.95)
    return np.clip(grey + rng.normal(0, rng.choice([0.03, 0.1, 0.3]), 3), 0.02, 1.0).astype(np.float32)


def _boards(rng: np.random.Generator, u: Single, v: Single, _: Single) -> Single:
    wide = np.float32(rng.uniform(0.07, 0.25))
    board = np.floor(u / wide)
    tone = 1 + 0.1 * np.sin(board * 12.9898) + 0.04 * np.sin(v * 40 + board * 7)
    seam = np.where(np.abs(u / wide - board) < 0.05, np.float32(0.75), np.float32(1))
    return _colour(rng) * (tone * seam)[..., None]


def _tiles(rng: np.random.Generator, u: Single, v: Single, _: Single) -> Single:
    side = np.float32(rng.uniform(0.2, 0.8))
    first, second = _colour(rng), _colour(rng)
    if rng.random() < 0.6:
        second = np.clip(first + np.float32(rng.normal(0, 0.05)), 0, 1)
    odd = (np.floor(u / side) + np.floor(v / side)) % 2 == 0
    joint = (np.abs(u / side - np.round(u / side)) < 0.02) | (np.abs(v / side - np.round(v / side)) < 0.02)
    return np.where(odd[..., None], first, second) * np.where(joint, np.float32(0.7), np.float32(1))[..., None]


def _plain(rng: np.random.Generator, u: Single, v: Single, depth: Single) -> Single:
    rough = clouds(rng, (u.shape[1], u.shape[0]), int(rng.choice([4, 16, 40])))
    fade = np.exp(-depth * np.float32(rng.uniform(0, 0.08)))
    return _colour(rng) * (fade * (1 + np.float32(rng.uniform(0.02, 0.2)) * rough))[..., None]


_FLOORS: tuple[Paint, ...] = (_boards, _boards, _tiles, _plain, _plain)


def _wall(rng: np.random.Generator, u: Single, height: Single) -> Single:
    paper = (_plain_wall, _plain_wall, _bricks, _stripes, _curtain, _tiles)[rng.integers(6)]
    wall = paper(rng, u, height, height).astype(np.float32, copy=False)
    if rng.random() < 0.6:
        wall = np.where((height < rng.uniform(0.06, 0.2))[..., None], _colour(rng) * 0.8, wall)
    for _ in range(rng.integers(0, 6)):
        _hang(rng, wall, u, height)
    return wall * (np.float32(0.85) + np.float32(rng.uniform(-0.1, 0.1)) * np.clip(height, 0, 3))[..., None]


def _plain_wall(rng: np.random.Generator, u: Single, v: Single, depth: Single) -> Single:
    return _plain(rng, u, v, np.zeros_like(depth))


def _bricks(rng: np.random.Generator, u: Single, v: Single, _: Single) -> Single:
    high = np.float32(rng.uniform(0.06, 0.2))
    row = np.floor(v / high)
    along = u / (high * 2.5) + 0.5 * (row % 2)
    brick = np.floor(along)
    mortar = (along - brick < 0.05) | (v / high - row < 0.12)
    tone = 1 + 0.15 * np.sin(brick * 78.233 + row * 12.9898)
    return np.where(mortar[..., None], _colour(rng), _colour(rng) * tone[..., None])


def _stripes(rng: np.random.Generator, u: Single, v: Single, _: Single) -> Single:
    wave = np.sin((u if rng.random() < 0.7 else v) * np.float32(2 * np.pi / rng.uniform(0.08, 0.8)))
    return np.where((wave > rng.uniform(-0.8, 0.8))[..., None], _colour(rng), _colour(rng))


def _curtain(rng: np.random.Generator, u: Single, v: Single, _: Single) -> Single:
    folds = np.sin(u * np.float32(rng.uniform(15, 50)) + np.sin(u * 3) * 2 + 0.3 * np.sin(v * 2))
    return _colour(rng) * (1 + np.float32(rng.uniform(0.1, 0.35)) * folds)[..., None]


def _hang(rng: np.random.Generator, wall: Single, u: Single, height: Single) -> None:
    """A picture, a door, a window or a mirror."""
    middle, above = rng.uniform(-3.5, 3.5), rng.uniform(0.8, 2.4)
    wide, high = rng.uniform(0.15, 0.8), rng.uniform(0.15, 1.0)
    x, y = np.abs(u - middle) / wide, np.abs(height - above) / high
    edge = np.maximum(x, y)
    inside = edge < 1
    pane = _colour(rng) if rng.random() < 0.7 else np.float32(rng.uniform(0.9, 1.4))
    blend = (height[inside] - np.float32(above))[:, None] * rng.normal(0, 0.3, 3).astype(np.float32)
    wall[inside] = pane + blend
    wall[inside & (edge > rng.uniform(0.88, 1.0))] = _colour(rng)


def _sky(rng: np.random.Generator, height: Single, depth: Single) -> Single:
    """Trees or houses up to a ragged line, and what is above."""
    upper, lower = _colour(rng) * 0.4 + np.float32([0.35, 0.45, 0.6]), _colour(rng)
    share = np.clip(height / 40, 0, 1)[..., None]
    rough = clouds(rng, (height.shape[1], height.shape[0]), int(rng.choice([3, 8, 24])))
    line = rng.uniform(0, 12) + 3 * rough
    near = _colour(rng) * 0.7 * (1 + 0.2 * rough)[..., None]
    return np.where((height < line)[..., None], near, lower + (upper - lower) * share)


def _clutter(rng: np.random.Generator, rgb: Single) -> None:
    """Shapes of any colour, in the plane of the picture: what a network must learn to overlook."""
    high, wide = rgb.shape[:2]
    for _ in range(int(rng.exponential(5.0))):
        layer = rgb.copy()
        colour = tuple(float(part) for part in rng.uniform(0, 1, 3))
        middle = (int(rng.integers(wide)), int(rng.integers(high)))
        size = max(3, int(high * rng.uniform(0.01, 0.14)))
        kind = rng.integers(3)
        if kind == 0:
            corner = (middle[0] + size, middle[1] + max(2, int(size * rng.uniform(0.3, 3))))
            cv2.rectangle(layer, middle, corner, colour, -1)
        elif kind == 1:
            cv2.ellipse(
                layer,
                middle,
                (size, max(2, int(size * rng.uniform(0.3, 2)))),
                float(rng.uniform(0, 180)),
                0,
                360,
                colour,
                -1,
            )
        else:
            points = np.array(middle) + rng.normal(0, size, (int(rng.integers(3, 7)), 2))
            cv2.fillPoly(layer, [points.astype(np.int32)], colour)
        share = np.float32(rng.uniform(0.4, 1.0))
        rgb += share * (layer - rgb)
    if rng.random() < 0.3:
        rgb[...] = cv2.GaussianBlur(rgb, (0, 0), float(rng.uniform(0.8, 4.0)) * high / 720)
