"""What a dancer wears and what the room looks like."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

from ml_training.rendering.body import SEGMENTS, Body
from ml_training.rendering.camera import Camera

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Colour = tuple[float, float, float]
Put = Callable[[Mask, Colour, float], None]

_SHIRT_OUT_M, _TROUSERS_OUT_M, _SHOES_OUT_M, _HAIR_OUT_M = 0.015, 0.015, 0.008, 0.018
_LONG_HAIR_OUT_M, _LONG_HAIR_HALF_WIDTH_M, _LONG_HAIR_M = 0.035, 0.11, 0.32
_DRAPING_STEPS = 8
_FIRST_EYE_VERTEX = 13380  # of the base mesh: what comes before is skin


@dataclass(frozen=True)
class Clothes:
    """Colours are RGB in [0, 1]. `sleeve` and `leg`: how far the cloth reaches down the arm and the leg, 0 to 2 segments.

    `loose`: how many times as far as usual cloth stands off; `long_hair`: down to the shoulder blades.
    """

    shirt: Colour = (0.75, 0.2, 0.25)
    trousers: Colour = (0.15, 0.18, 0.3)
    shoes: Colour = (0.9, 0.9, 0.88)
    hair: Colour = (0.1, 0.07, 0.05)
    skin: Colour = (0.82, 0.62, 0.5)
    sleeve: float = 0.6
    leg: float = 1.9
    stripes: bool = False
    loose: float = 1.0
    long_hair: bool = False


@dataclass(frozen=True)
class Room:
    """A floor and a wall `wall_m` behind the middle of the floor; `light` from where the light comes, `exposure` how much."""

    floor: Colour = (0.55, 0.42, 0.3)
    wall: Colour = (0.72, 0.72, 0.7)
    wall_m: float = 2.5
    light: Colour = (0.4, 0.9, 0.6)
    exposure: float = 1.0
    noise: float = 2.0
    seed: int = 0


def dress(body: Body, clothes: Clothes) -> tuple[Floats, Floats]:
    """(V, 3) vertices at rest with cloth and hair standing off the skin, and (V, 3) colours."""
    main = np.argmax(body.weights, axis=1)
    on = {segment: main == index for index, segment in enumerate(SEGMENTS)}
    rest = body.vertices
    colours = np.tile(np.array(clothes.skin), (len(rest), 1))
    out = np.zeros(len(rest))

    def put(where: NDArray[np.bool_], colour: Colour, distance: float) -> None:
        colours[where] = colour
        out[where] = distance

    leg_done = np.maximum(*(_along(body, side, ("thigh", "shank")) for side in ("left", "right")))
    arm_done = np.maximum(*(_along(body, side, ("upper_arm", "forearm")) for side in ("left", "right")))
    hip_line = body.origins[SEGMENTS.index("waist"), 1]
    put((on["hips"] | (leg_done > 0)) & (leg_done < clothes.leg), clothes.trousers, clothes.loose * _TROUSERS_OUT_M)
    trunk = on["waist"] | on["chest"] | (on["hips"] & (rest[:, 1] > hip_line))
    put((trunk | (arm_done > 0)) & (arm_done < clothes.sleeve), clothes.shirt, clothes.loose * _SHIRT_OUT_M)
    if clothes.stripes:
        bands = (out > 0) & (np.sin(rest[:, 1] * 2 * np.pi / 0.09) > 0.3) & trunk
        colours[bands] = 0.25 * colours[bands] + 0.7
    cloth = out > 0
    put(on["left_foot"] | on["right_foot"], clothes.shoes, _SHOES_OUT_M)
    if clothes.long_hair:
        put(_below_the_nape(body, on["neck"] | on["chest"] | on["head"]), clothes.hair, _LONG_HAIR_OUT_M)
    _paint_head(body, clothes, on["head"] | on["neck"], put)
    standing_off = rest + out[:, None] * vertex_normals(rest, body.faces)
    return np.where(cloth[:, None], _draped(standing_off, body.faces), standing_off), colours


def _draped(vertices: Floats, faces: NDArray[np.int64]) -> Floats:
    """Cloth lies smoother than the skin below it: each vertex moves towards the middle of its neighbours."""
    sides = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    near = coo_array((np.ones(len(sides)), tuple(sides.T)), shape=(len(vertices), len(vertices))).tocsr()
    near = (near + near.T).astype(bool).astype(np.float64)
    count = np.maximum(near.sum(axis=1), 1.0)[:, None]
    for _ in range(_DRAPING_STEPS):
        vertices = np.asarray(0.5 * vertices + 0.5 * (near @ vertices) / count)
    return vertices


def vertex_normals(vertices: Floats, faces: NDArray[np.int64]) -> Floats:
    """(V, 3) unit normals, by the areas of the triangles around."""
    first, second, third = (vertices[faces[:, corner]] for corner in range(3))
    across = _cross(second - first, third - first)
    flat = faces.ravel()
    summed = np.stack(
        [np.bincount(flat, np.repeat(across[:, axis], 3), minlength=len(vertices)) for axis in range(3)], axis=1
    )
    return np.asarray(summed / np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-12))


def _cross(a: Floats, b: Floats) -> Floats:
    """As numpy's own, in half its time."""
    (ax, ay, az), (bx, by, bz) = a.T, b.T
    return np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=1)


def _along(body: Body, side: str, limbs: tuple[str, str]) -> Floats:
    """(V,) 0 off the limb, otherwise how far down it a vertex lies: up to 1 on the first segment, up to 2 on the second."""
    main = np.argmax(body.weights, axis=1)
    done = np.zeros(len(main))
    for number, limb in enumerate(limbs):
        name = f"{side}_{limb}"
        start, end = body.origins[SEGMENTS.index(name)], body.tips[name]
        here = main == SEGMENTS.index(name)
        share = (body.vertices[here] - start) @ (end - start) / np.sum((end - start) ** 2)
        done[here] = number + np.clip(share, 0.01, 1.0)
    hand_or_foot = main == SEGMENTS.index(f"{side}_{'hand' if limbs[0] == 'upper_arm' else 'foot'}")
    done[hand_or_foot] = 3.0
    return done


def _below_the_nape(body: Body, here: Mask) -> Mask:
    x, y, z = body.vertices.T
    ear = body.markers["left_ear"][1]
    return (
        here & (z < ear[2] - 0.01) & (np.abs(x) < _LONG_HAIR_HALF_WIDTH_M) & (y < ear[1]) & (y > ear[1] - _LONG_HAIR_M)
    )


def _paint_head(body: Body, clothes: Clothes, on_head: Mask, put: Put) -> None:
    eye, ear, nose = (body.markers[name][1] for name in ("left_eye", "left_ear", "nose"))
    x, y, z = np.abs(body.vertices[:, 0]), body.vertices[:, 1], body.vertices[:, 2]
    face_m = eye[1] - nose[1]
    pinna = (x > ear[0] - 0.004) & (np.abs(y - ear[1]) < 0.042)
    put(
        on_head & (y > nose[1] - face_m) & ((z < ear[2] - 0.005) & ~pinna | (y > eye[1] + 0.05)),
        clothes.hair,
        _HAIR_OUT_M,
    )
    front = on_head & (z > eye[2])
    lips = (0.65 * clothes.skin[0] + 0.1, 0.5 * clothes.skin[1], 0.5 * clothes.skin[2])
    put(front & (np.abs(y - eye[1] - 0.022) < 0.004) & (np.abs(x - eye[0]) < 0.02), clothes.hair, 0.0)
    put(front & (np.abs(y - nose[1] + 0.034) < 0.008) & (x < 0.022), lips, 0.0)
    balls = body.source >= _FIRST_EYE_VERTEX
    put(balls, (0.92, 0.92, 0.9), 0.0)
    put(balls & (np.hypot(x - eye[0], y - eye[1]) < 0.0075) & (z > eye[2]), (0.12, 0.08, 0.05), 0.0)


def paint_room(camera: Camera, room: Room) -> tuple[NDArray[np.float32], Floats]:
    """(H, W, 3) RGB in [0, 1] of the empty room and (H, W, 2) where on the floor each pixel lies (NaN off the floor)."""
    rng = np.random.default_rng(room.seed)
    rays = camera.rays()
    place = camera.place
    with np.errstate(divide="ignore", invalid="ignore"):
        to_floor = np.where(rays[..., 1] < -1e-6, -place[1] / rays[..., 1], np.inf)
    # The wall stands across the line of sight, so that a camera at the side sees one as well.
    backwards = -place * (1, 0, 1) / np.linalg.norm(place * (1, 0, 1))
    towards = rays @ backwards
    to_wall = (room.wall_m - place @ backwards) / np.maximum(towards, 1e-6)
    is_floor = to_floor < to_wall
    spot = place + rays * np.minimum(to_floor, to_wall)[..., None]
    sideways = spot @ np.cross(backwards, [0.0, 1.0, 0.0])
    depth = spot @ backwards
    grain = cv2.resize(rng.normal(0, 1, (64, 64)).astype(np.float32), camera.size_px, interpolation=cv2.INTER_CUBIC)
    boards = np.floor(sideways / 0.14)
    board_tone = 1 + 0.09 * np.sin(boards * 12.9898) + 0.03 * np.sin(depth * 40 + boards * 7)
    seam = np.where(np.abs(sideways / 0.14 - boards) < 0.05, 0.75, 1.0)
    floor = np.array(room.floor) * (board_tone * seam)[..., None]
    height = spot[..., 1]
    wall = np.array(room.wall) * (0.82 + 0.06 * np.clip(height, 0, 3))[..., None]
    wall = np.where((height < 0.12)[..., None], np.array(room.wall) * 0.55, wall)
    wall = _hang_pictures(rng, wall, sideways, height)
    picture = np.where(is_floor[..., None], floor, wall) * (1 + 0.03 * grain[..., None])
    floor_xz = np.where(is_floor[..., None], spot[..., [0, 2]], np.nan)
    return (np.clip(picture, 0, 1) * room.exposure).astype(np.float32), floor_xz


def _hang_pictures(rng: np.random.Generator, wall: Floats, sideways: Floats, height: Floats) -> Floats:
    for _ in range(4):
        middle, above = rng.uniform(-2.5, 2.5), rng.uniform(1.0, 2.2)
        wide, high = rng.uniform(0.2, 0.6), rng.uniform(0.15, 0.45)
        inside = (np.abs(sideways - middle) < wide) & (np.abs(height - above) < high)
        wall = np.where(inside[..., None], rng.uniform(0.15, 0.85, 3), wall)
    return wall
