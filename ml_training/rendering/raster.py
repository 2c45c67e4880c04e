"""Triangles to pixels with a depth buffer, vectorised over the triangles of about one size."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SMALLEST_BOX, _LARGEST_BOX = 4, 256
_NEAR_M = 0.05


@dataclass(frozen=True, eq=False)
class Fragments:
    """The nearest surface of each pixel that a mesh covers.

    Attributes
    ----------
    pixel : (P,) int
        Index into the flattened picture; each at most once.
    triangle : (P,) int
    share : (P, 3)
        Barycentric coordinates in the triangle.
    depth : (P,)
        Metres along the line of sight.
    """

    pixel: NDArray[np.int64]
    triangle: NDArray[np.int64]
    share: NDArray[np.float32]
    depth: NDArray[np.float32]

    def blend(self, faces: NDArray[np.int64], values: NDArray[np.floating]) -> NDArray[np.float32]:
        """(P, C) the vertices' `values` (V, C) between the corners of each fragment's triangle."""
        corners = values[faces[self.triangle]].astype(np.float32)
        return np.asarray(np.einsum("pc,pcv->pv", self.share, corners))


def rasterise(xy_px: Floats, depth: Floats, faces: NDArray[np.int64], size_px: tuple[int, int]) -> Fragments:
    """The fragments of the triangles that face the camera.

    Parameters
    ----------
    xy_px, depth : (V, 2), (V,)
        As from `Camera.project`. Triangles that reach behind the camera are left out.
    faces : (F, 3)
        Counter-clockwise seen from outside; those that turn their back are left out.
    size_px : width and height
    """
    kept = np.flatnonzero(_towards(xy_px, faces) & (depth[faces].min(axis=1) > _NEAR_M))
    corners = xy_px[faces[kept]].astype(np.float32)
    low = np.ceil(corners.min(axis=1)).astype(np.int64)
    span = np.floor(corners.max(axis=1)).astype(np.int64) - low + 1
    box = span.max(axis=1)
    found = []
    side = _SMALLEST_BOX
    done = span.min(axis=1) <= 0
    while side <= _LARGEST_BOX and not done.all():
        group = np.flatnonzero((box <= side) & ~done)
        if len(group):
            found.append(_cover(corners[group], low[group], kept[group], depth[faces[kept[group]]], side, size_px))
        done[group] = True
        side *= 2
    if not found:
        nothing = np.empty(0, np.int64)
        return Fragments(nothing, nothing, np.empty((0, 3), np.float32), np.empty(0, np.float32))
    return _nearest(Fragments(*(np.concatenate(parts) for parts in zip(*found, strict=True))))


def _towards(xy_px: Floats, faces: NDArray[np.int64]) -> NDArray[np.bool_]:
    first, second, third = (xy_px[faces[:, corner]] for corner in range(3))
    # With y down, what is counter-clockwise from outside has a negative area.
    return np.asarray(_cross(second - first, third - first) < 0)


def _cross(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.floating]:
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]


def _cover(
    corners: NDArray[np.float32],
    low: NDArray[np.int64],
    triangle: NDArray[np.int64],
    depth: Floats,
    side: int,
    size_px: tuple[int, int],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]:
    """Every pixel of a `side` x `side` box at each triangle, kept where it lies inside the triangle and the picture."""
    step = np.arange(side)
    offset = np.stack(np.meshgrid(step, step), axis=-1).reshape(1, -1, 2)
    place = low[:, None] + offset
    first, second, third = (corners[:, corner, None] for corner in range(3))
    point = place.astype(np.float32)
    area = _cross(second - first, third - first)
    u = _cross(third - second, point - second) / area
    v = _cross(first - third, point - third) / area
    w = 1 - u - v
    width, height = size_px
    inside = (u >= 0) & (v >= 0) & (w >= 0) & (place >= 0).all(axis=2) & (place < (width, height)).all(axis=2)
    which, pixel = np.nonzero(inside)
    share = np.stack([u[inside], v[inside], w[inside]], axis=1)
    # What is linear on the screen is the inverse of the depth.
    nearness = np.einsum("pc,pc->p", share, (1 / depth[which]).astype(np.float32))
    spot = place[which, pixel]
    return spot[:, 1] * width + spot[:, 0], triangle[which], share, 1 / nearness


def _nearest(fragments: Fragments) -> Fragments:
    order = np.lexsort((fragments.depth, fragments.pixel))
    first = np.ones(len(order), dtype=bool)
    first[1:] = np.diff(fragments.pixel[order]) != 0
    order = order[first]
    return Fragments(
        fragments.pixel[order], fragments.triangle[order], fragments.share[order], fragments.depth[order]
    )
