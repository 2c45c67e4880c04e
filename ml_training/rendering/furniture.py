"""Things that stand about: chairs, tables, boxes, loudspeakers, plants; behind the dancer clutter, before the dancer in
the way."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

Floats = NDArray[np.float64]

_STEP_M = 0.12
_BALL_POINTS = 90


@dataclass(frozen=True, eq=False)
class Mesh:
    """`vertices` (V, 3) metres, `faces` (F, 3) counter-clockwise seen from outside, `colours` (V, 3) in [0, 1]."""

    vertices: Floats
    faces: NDArray[np.int64]
    colours: Floats

    def placed(self, x_m: float, z_m: float, turn_rad: float) -> "Mesh":
        """Turned about the vertical and put onto that spot of the floor."""
        cosine, sine = np.cos(turn_rad), np.sin(turn_rad)
        turn = np.array([[cosine, 0.0, sine], [0.0, 1.0, 0.0], [-sine, 0.0, cosine]])
        return Mesh(self.vertices @ turn.T + (x_m, 0.0, z_m), self.faces, self.colours)


def joined(meshes: Sequence[Mesh]) -> Mesh:
    """Several meshes, at least one, as one."""
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([mesh.faces + start for mesh, start in zip(meshes, starts, strict=False)]),
        np.concatenate([mesh.colours for mesh in meshes]),
    )


def box(middle: Sequence[float], size: Sequence[float], colour: Floats) -> Mesh:
    """Small faces, so that what is near the camera is still made of triangles that the painter takes."""
    half = np.array(size) / 2
    sides = []
    for axis in range(3):
        for sign in (-1.0, 1.0):
            # (across, up, outwards) right-handed makes faces counter-clockwise from outside.
            across, up = (axis + 1) % 3, (axis + 2) % 3
            if sign < 0:
                across, up = up, across
            sides.append(_plate(half, axis, sign, across, up, colour))
    mesh = joined(sides)
    return Mesh(mesh.vertices + middle, mesh.faces, mesh.colours)


def _plate(half: Floats, axis: int, sign: float, across: int, up: int, colour: Floats) -> Mesh:
    columns, rows = (max(2, int(np.ceil(2 * half[side] / _STEP_M)) + 1) for side in (across, up))
    u, v = np.meshgrid(np.linspace(-half[across], half[across], columns), np.linspace(-half[up], half[up], rows))
    vertices = np.empty((u.size, 3))
    vertices[:, axis], vertices[:, across], vertices[:, up] = sign * half[axis], u.ravel(), v.ravel()
    first = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    one = np.stack([first, first + 1, first + columns + 1], axis=1)
    other = np.stack([first, first + columns + 1, first + columns], axis=1)
    return Mesh(vertices, np.concatenate([one, other]), np.tile(colour, (len(vertices), 1)))


def ball(middle: Sequence[float], radii: Sequence[float], colour: Floats, rng: np.random.Generator) -> Mesh:
    """A rough ellipsoid, mottled."""
    points = rng.normal(size=(_BALL_POINTS, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    hull = ConvexHull(points)
    faces = hull.simplices.astype(np.int64)
    corners = points[faces]
    inwards = np.einsum(
        "fi,fi->f", np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), corners[:, 0]
    )
    faces[inwards < 0] = faces[inwards < 0][:, [0, 2, 1]]
    colours = np.clip(np.array(colour) * rng.uniform(0.7, 1.3, (_BALL_POINTS, 1)), 0, 1)
    return Mesh(points * radii + middle, faces, colours)


def thing(rng: np.random.Generator) -> Mesh:
    """Any piece of furniture, on the floor at the origin."""
    makers = (_chair, _table, _crate, _loudspeaker, _plant, _sofa, _stand)
    return makers[rng.integers(len(makers))](rng)


def _colour(rng: np.random.Generator) -> Floats:
    """Half of all things are wood, white, grey or black."""
    plain = np.array([[0.5, 0.35, 0.2], [0.85, 0.85, 0.83], [0.4, 0.4, 0.42], [0.08, 0.08, 0.09]])
    return plain[rng.integers(len(plain))] if rng.random() < 0.5 else rng.uniform(0.05, 0.95, 3)


def _chair(rng: np.random.Generator) -> Mesh:
    colour, wide, seat = _colour(rng), rng.uniform(0.38, 0.5), rng.uniform(0.42, 0.5)
    legs = [
        box((x * wide * 0.45, seat / 2, z * wide * 0.45), (0.04, seat, 0.04), 0.7 * colour)
        for x in (-1, 1)
        for z in (-1, 1)
    ]
    back = box((0.0, seat + 0.28, -wide * 0.47), (wide, 0.4, 0.04), colour)
    return joined([*legs, box((0.0, seat, 0.0), (wide, 0.05, wide), colour), back])


def _table(rng: np.random.Generator) -> Mesh:
    colour, wide, deep, high = _colour(rng), rng.uniform(0.6, 1.6), rng.uniform(0.4, 0.8), rng.uniform(0.4, 0.78)
    legs = [
        box((x * wide * 0.46, high / 2, z * deep * 0.44), (0.05, high, 0.05), 0.7 * colour)
        for x in (-1, 1)
        for z in (-1, 1)
    ]
    return joined([*legs, box((0.0, high, 0.0), (wide, 0.04, deep), colour)])


def _crate(rng: np.random.Generator) -> Mesh:
    parts, low = [], 0.0
    for _ in range(rng.integers(1, 4)):
        size = rng.uniform((0.3, 0.2, 0.3), (0.8, 0.7, 0.6))
        parts.append(box((rng.uniform(-0.05, 0.05), low + size[1] / 2, 0.0), size, _colour(rng)))
        low += size[1]
    return joined(parts)


def _loudspeaker(rng: np.random.Generator) -> Mesh:
    high, wide = rng.uniform(0.5, 1.3), rng.uniform(0.25, 0.45)
    body = box((0.0, high / 2, 0.0), (wide, high, 0.35), np.full(3, rng.uniform(0.05, 0.2)))
    cones = [
        ball((0.0, share * high, 0.17), (0.35 * wide, 0.35 * wide, 0.02), np.full(3, 0.35), rng)
        for share in (0.3, 0.72)
    ]
    return joined([body, *cones])


def _plant(rng: np.random.Generator) -> Mesh:
    green = rng.uniform((0.05, 0.25, 0.05), (0.35, 0.6, 0.25))
    pot = box((0.0, 0.15, 0.0), (0.28, 0.3, 0.28), _colour(rng))
    leaves = [
        ball(rng.uniform((-0.25, 0.4, -0.25), (0.25, 1.4, 0.25)), rng.uniform(0.08, 0.28, 3), green, rng)
        for _ in range(rng.integers(4, 9))
    ]
    return joined([pot, *leaves])


def _sofa(rng: np.random.Generator) -> Mesh:
    colour, wide = _colour(rng), rng.uniform(1.0, 2.0)
    arms = [box((sign * wide / 2, 0.3, 0.0), (0.18, 0.6, 0.8), 0.9 * colour) for sign in (-1, 1)]
    return joined(
        [box((0.0, 0.22, 0.0), (wide, 0.44, 0.8), colour), box((0.0, 0.6, -0.35), (wide, 0.5, 0.15), colour), *arms]
    )


def _stand(rng: np.random.Generator) -> Mesh:
    """A lamp's or a microphone's, thin and high."""
    high, colour = rng.uniform(0.9, 1.8), _colour(rng)
    head = ball((0.0, high, 0.0), np.full(3, rng.uniform(0.04, 0.16)), _colour(rng), rng)
    return joined(
        [box((0.0, high / 2, 0.0), (0.04, high, 0.04), colour), box((0.0, 0.02, 0.0), (0.35, 0.03, 0.35), colour), head]
    )
