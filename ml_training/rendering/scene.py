"""A dancer in a room before a camera: pictures, and the truth about every joint in them."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.pose.skeleton import SKELETON
from inference.pose.track import PoseTrack
from ml_training.rendering.backdrops import Backdrop
from ml_training.rendering.body import Body
from ml_training.rendering.camera import Camera
from ml_training.rendering.furniture import Mesh
from ml_training.rendering.looks import Clothes, Room, dress, paint_room, vertex_normals
from ml_training.rendering.motion import Motion
from ml_training.rendering.posing import pose, with_derived
from ml_training.rendering.raster import rasterise

Floats = NDArray[np.float64]

_AMBIENT = 0.42
_EDGE_BLUR_PX = 0.7
_SHADOW_M, _SHADOW_ENDS = 0.45, 4.0
_GRAIN_MARGIN_PX = 61
_THICKER_ELSEWHERE = 1.7
_IN_THE_TRUNK, _TRUNK_M = ("center_hip", "navel", "chest", "neck"), 0.17
_BURIED_M = 0.03
"""A surface so much nearer than the skin above a joint hides it: folds of the skin and cloth do not."""


@dataclass(frozen=True, eq=False)
class Bystander:
    """Another person in the picture, who moves as well: beside, behind or in the way. `motion` is as long as the dancer's."""

    body: Body
    clothes: Clothes
    motion: Motion


@dataclass(frozen=True)
class Scene:
    """Everything in the picture but the movement. A `backdrop` takes the place of the room's own floor and wall."""

    body: Body
    clothes: Clothes = field(default_factory=Clothes)
    camera: Camera = field(default_factory=Camera)
    room: Room = field(default_factory=Room)
    backdrop: Backdrop | None = None
    furniture: Mesh | None = None
    bystanders: tuple[Bystander, ...] = ()


@dataclass(frozen=True, eq=False)
class Shot:
    """One picture.

    Attributes
    ----------
    rgb : (H, W, 3) uint8
    hidden : (29,) bool
        True where another part of the body, something else, or the picture's edge is between the camera and the joint.
    height_px : float
        How tall the dancer would stand at this distance: body lengths to measure errors by.
    """

    rgb: NDArray[np.uint8]
    hidden: NDArray[np.bool_]
    height_px: float


class _Person:
    """Somebody dressed, in every pose."""

    def __init__(self, body: Body, clothes: Clothes, motion: Motion) -> None:
        self.bare = pose(body, motion)
        dressed, self.colours = dress(body, clothes)
        self._clothed = replace(self.bare, body=replace(body, vertices=dressed))
        self.faces = body.faces

    def vertices(self, frame: int) -> Floats:
        return self._clothed.vertices(frame)


class Stage:
    """A scene with its movement: `shots` paints it, `truth` tells where the joints are."""

    def __init__(self, scene: Scene, motion: Motion) -> None:
        self._scene = scene
        self._motion = motion
        self._dancer = _Person(scene.body, scene.clothes, motion)
        self._bystanders = [_Person(other.body, other.clothes, other.motion) for other in scene.bystanders]
        self._room, floor_xz = self._empty_room()
        self._nearest = np.full(self._room.shape[:2], np.inf, dtype=np.float32).ravel()
        self._floor = np.flatnonzero(np.isfinite(floor_xz[..., 0]))
        if scene.furniture:
            self._furnish(scene.furniture)
            self._floor = self._floor[np.isinf(self._nearest[self._floor])]
        self._floor_xz = floor_xz.reshape(-1, 2)[self._floor].astype(np.float32)
        self._grain = _grain(scene)
        self._depth_of_joints = _depth_below_skin(scene.body)

    def truth(self, hidden: NDArray[np.bool_] | None = None) -> PoseTrack:
        """The joints' exact places; confidence 1, or 0.25 for those that are `hidden` (T, 29)."""
        camera, joints = self._scene.camera, self._dancer.bare.joints_m
        xy_px, _ = camera.project(joints)
        from_hips = joints - joints[:, [SKELETON.index("center_hip")]]
        conf = np.ones(joints.shape[:2]) if hidden is None else np.where(hidden, 0.25, 1.0)
        return PoseTrack(
            t_s=self._motion.t_s,
            xy_px=xy_px.astype(np.float32),
            conf=conf.astype(np.float32),
            size_px=camera.size_px,
            model="rendered",
            xyz_m=(from_hips @ camera.axes.T).astype(np.float32),
        )

    def outside(self) -> NDArray[np.bool_]:
        """(T, 29) True where the joint lies beyond the picture's edge."""
        xy_px, _ = self._scene.camera.project(self._dancer.bare.joints_m)
        return np.asarray(((np.round(xy_px) < 0) | (np.round(xy_px) >= self._scene.camera.size_px)).any(axis=-1))

    def shots(self) -> Iterator[Shot]:
        """The pictures in order; the same scene and motion give the same pictures."""
        rng = np.random.default_rng(self._scene.room.seed)
        for frame in range(len(self._motion.t_s)):
            yield self.shot(frame, rng)

    def shot(self, frame: int, rng: np.random.Generator) -> Shot:
        """One picture; its grain is the generator's."""
        camera, body = self._scene.camera, self._scene.body
        picture, nearest = self._room.copy(), self._nearest.copy()
        people = [(person, person.vertices(frame)) for person in (self._dancer, *self._bystanders)]
        for _, vertices in people:
            self._cast_shadow(picture, vertices)
        for person, vertices in people:
            self._paint(picture, nearest, vertices, person.faces, person.colours)
        picture = cv2.GaussianBlur(picture, (3, 3), _EDGE_BLUR_PX) * 255.0
        top, left = rng.integers(_GRAIN_MARGIN_PX, size=2)
        picture += self._grain[top : top + len(picture), left : left + picture.shape[1], None]
        joints_px, joints_depth = camera.project(self._dancer.bare.joints_m[frame])
        return Shot(
            np.clip(picture, 0, 255).astype(np.uint8),
            self._hidden(joints_px, joints_depth, nearest),
            camera.focal_px * body.height_m / float(joints_depth[SKELETON.index("center_hip")]),
        )

    def _empty_room(self) -> tuple[NDArray[np.float32], NDArray[np.floating]]:
        if self._scene.backdrop is None:
            return paint_room(self._scene.camera, self._scene.room)
        return self._scene.backdrop.rgb * np.float32(self._scene.room.exposure), self._scene.backdrop.floor_xz

    def _furnish(self, mesh: Mesh) -> None:
        self._paint(self._room, self._nearest, mesh.vertices, mesh.faces, mesh.colours)

    def _paint(
        self,
        picture: NDArray[np.float32],
        nearest: NDArray[np.float32],
        vertices: Floats,
        faces: NDArray[np.int64],
        colours: Floats,
    ) -> None:
        """Into the picture and the depths (H * W,) where nothing is nearer."""
        camera = self._scene.camera
        xy_px, depth = camera.project(vertices)
        seen = rasterise(xy_px, depth, faces, camera.size_px).where_nearer(nearest)
        nearest[seen.pixel] = seen.depth
        picture.reshape(-1, 3)[seen.pixel] = seen.blend(faces, self._lit(vertices, faces, colours))

    def _lit(self, vertices: Floats, faces: NDArray[np.int64], colours: Floats) -> Floats:
        """Lambert's law for the light, half as much from the sky above, and a rim that darkens."""
        room = self._scene.room
        light = np.array(room.light) / np.linalg.norm(room.light)
        # The light is given as seen by the camera's owner: x to the picture's right.
        light = light @ np.stack([self._scene.camera.axes[0], [0.0, 1.0, 0.0], -self._scene.camera.axes[2]])
        normals = vertex_normals(vertices, faces)
        shade = _AMBIENT + 0.6 * np.maximum(0.0, normals @ light) + 0.12 * (normals[:, 1] + 1) / 2
        return np.asarray(colours * shade[:, None] * room.exposure)

    def _cast_shadow(self, picture: NDArray[np.float32], vertices: Floats) -> None:
        """A soft one below the feet."""
        low = vertices[vertices[:, 1] < vertices[:, 1].min() + 0.15][:, [0, 2]]
        middle = (low.max(axis=0) + low.min(axis=0)) / 2
        x, z = self._floor_xz[:, 0] - np.float32(middle[0]), self._floor_xz[:, 1] - np.float32(middle[1])
        away = x * x + z * z
        near = np.flatnonzero(away < np.float32((_SHADOW_ENDS * _SHADOW_M) ** 2))
        shade = 1 - 0.55 * np.exp(away[near] * np.float32(-0.5 / _SHADOW_M**2))
        picture.reshape(-1, 3)[self._floor[near]] *= shade[:, None]

    def _hidden(self, xy_px: Floats, depth: Floats, nearest: NDArray[np.float32]) -> NDArray[np.bool_]:
        width, height = self._scene.camera.size_px
        column, row = np.round(xy_px).astype(int).T
        outside = (column < 0) | (column >= width) | (row < 0) | (row >= height)
        surface = nearest[np.clip(row, 0, height - 1) * width + np.clip(column, 0, width - 1)]
        return np.asarray(outside | (surface < depth - self._depth_of_joints - _BURIED_M))


def _grain(scene: Scene) -> NDArray[np.float32]:
    """The sensor's noise, a little larger than the picture: each picture takes another part of it."""
    width, height = scene.camera.size_px
    rng = np.random.default_rng(scene.room.seed)
    size = (height + _GRAIN_MARGIN_PX, width + _GRAIN_MARGIN_PX)
    return rng.standard_normal(size, dtype=np.float32) * np.float32(scene.room.noise)


def _depth_below_skin(body: Body) -> Floats:
    """(29,) metres: how much flesh is before each joint, from where most is: a multiple of the way to the nearest skin."""
    at_rest = with_derived({joint: place for joint, (_, place) in body.markers.items()})
    nearest = [np.linalg.norm(body.vertices - at_rest[joint], axis=1).min() for joint in SKELETON.joints]
    flesh = _THICKER_ELSEWHERE * np.array(nearest)
    trunk = [SKELETON.index(joint) for joint in _IN_THE_TRUNK]
    flesh[trunk] = np.maximum(flesh[trunk], _TRUNK_M)
    return flesh
