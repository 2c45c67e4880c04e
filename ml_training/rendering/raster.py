"""Triangles to pixels with a depth buffer, vectorised over the triangles of about one size."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SMALLEST_BOX, _LARGEST_BOX = 2, 256
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

    def where_nearer(self, depth: NDArray[np.float32]) -> "Fragments":
        """Those before the flattened picture's `depth`."""
        nearer = self.depth < depth[self.pixel]
        return Fragments(self.pixel[nearer], self.triangle[nearer], self.share[nearer], self.depth[nearer])


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
    kept = np.flatnonzero(_towards(xy_px, faces) & (_least(depth[faces]) > _NEAR_M))
    corners = xy_px[faces[kept]]
    low = np.ceil(_least(corners)).astype(np.int64)
    high = np.floor(-_least(-corners)).astype(np.int64)
    span = high - low + 1
    box = np.maximum(span[:, 0], span[:, 1])
    found = []
    side = _SMALLEST_BOX
    done = (np.minimum(span[:, 0], span[:, 1]) <= 0) | ((high < 0) | (low >= size_px)).any(axis=1)
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


def _least(corners: Floats) -> Floats:
    """Over the three corners (axis 1): numpy's own reduction over so short an axis takes several times as long."""
    return np.asarray(np.minimum(np.minimum(corners[:, 0], corners[:, 1]), corners[:, 2]))


def _towards(xy_px: Floats, faces: NDArray[np.int64]) -> NDArray[np.bool_]:
    first, second, third = (xy_px[faces[:, corner]] for corner in range(3))
    # With y down, what is counter-clockwise from outside has a negative area.
    return np.asarray(_cross(second - first, third - first) < 0)


def _cross(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.floating]:
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]


def _cover(
    corners: Floats,
    low: NDArray[np.int64],
    triangle: NDArray[np.int64],
    depth: Floats,
    side: int,
    size_px: tuple[int, int],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]:
    """Every pixel of a `side` x `side` box at each triangle, kept where it lies inside the triangle and the picture."""
    near = corners - low[:, None]
    step = np.arange(side, dtype=np.float32)
    u, v = (_share(near, corner, step) for corner in (0, 1))
    which, row, column = np.nonzero((u >= 0) & (v >= 0) & (u + v <= 1))
    x, y = low[which, 0] + column, low[which, 1] + row
    width, height = size_px
    seen = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    which, row, column, x, y = (each[seen] for each in (which, row, column, x, y))
    first, second = u[which, row, column], v[which, row, column]
    share = np.stack([first, second, 1 - first - second], axis=1)
    # What is linear on the screen is the inverse of the depth.
    nearness = np.einsum("pc,pc->p", share, (1 / depth).astype(np.float32)[which])
    return y * width + x, triangle[which], share, 1 / nearness


def _share(near: Floats, corner: int, step: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N, side, side) one barycentric coordinate over the box: a plane, so a sum of a row and a column."""
    own, second, third = (near[:, (corner + turn) % 3] for turn in range(3))
    edge = third - second
    area = _cross(edge, own - second)
    across, down = -edge[:, 1] / area, edge[:, 0] / area
    level = (edge[:, 1] * second[:, 0] - edge[:, 0] * second[:, 1]) / area
    rows = (level[:, None] + down[:, None] * step).astype(np.float32)
    columns = (across[:, None] * step).astype(np.float32)
    return np.asarray(rows[:, :, None] + columns[:, None, :])


def _nearest(fragments: Fragments) -> Fragments:
    # Depths above 0 sort like their bits, so that pixel and depth sort as one whole number.
    order = np.argsort((fragments.pixel << 32) | fragments.depth.view(np.uint32))
    first = np.ones(len(order), dtype=bool)
    first[1:] = np.diff(fragments.pixel[order]) != 0
    order = order[first]
    return Fragments(fragments.pixel[order], fragments.triangle[order], fragments.share[order], fragments.depth[order])
