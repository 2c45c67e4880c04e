"""One record as a model sees it, never twice the same: moved, recoloured, blurred, partly covered, its joints along with it.

`Augmentation` says how much. `turn_deg`, `scale`, `shift` and `colour` are the furthest that a picture is changed (degrees,
share of its size, share of the input's side, share of the brightness); `motion_blur` and `occluders` are the share of the
pictures that get some; half of the pictures are mirrored. Every op stands alone and takes its chance from `rng`.

All that moves pixels is one affine map, sampled once: joints go through its inverse, so picture and target cannot part.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.pose.skeleton import SKELETON
from ml_training.config import Augmentation
from ml_training.data.cutting import BEYOND, Bytes, Floats, chained, inverse, through, warped
from ml_training.data.records import HIDDEN_WEIGHT, PERSON_MARGIN, InputSpec
from ml_training.errors import TrainingError

MIRRORED = np.array(SKELETON.mirrored_order)

LEAST_BLUR, MOST_BLUR = 0.02, 0.06
"""How far a blurred picture moved while it was taken, as a share of the input's shorter side."""
MOST_OCCLUDERS = 3
LEAST_OCCLUDER, MOST_OCCLUDER = 0.06, 0.2
"""Half the length of what covers a picture, as a share of the input's shorter side."""


def sample(
    pixels: Bytes,
    xy_px: Floats,
    weight: Floats,
    spec: InputSpec,
    augmentation: Augmentation,
    rng: np.random.Generator,
) -> tuple[Bytes, NDArray[np.float32]]:
    """A record as the model sees it this time.

    Parameters
    ----------
    pixels : (h, w, 3) uint8
        A record of the kind that `spec` names.
    xy_px, weight : (29, 2), (29,)
        As in `Records`.

    Returns
    -------
    image : (H, W, 3) uint8
    target : (29, 3) float32
        x, y in the input's pixels and what the joint counts; all 0 where it is not labelled or has left the input.
    """
    record_px = (pixels.shape[1], pixels.shape[0])
    to_record, mirrored = random_map(record_from_input(spec, record_px), spec, augmentation, rng)
    # Before the warp: what lies beyond a letterbox's picture is black for the product, whatever the light.
    lit = recoloured(pixels, augmentation.colour, rng) if augmentation.colour else pixels
    image = warped(lit, to_record, (spec.width, spec.height), BEYOND[spec.kind])
    xy, weight = through(inverse(to_record), xy_px), np.asarray(weight)
    if mirrored:
        xy, weight = xy[MIRRORED], weight[MIRRORED]
    if rng.random() < augmentation.occluders:
        image, weight = covered(image, xy, weight, rng)
    if rng.random() < augmentation.motion_blur:
        image = motion_blurred(image, rng)
    return image, target_of(xy, weight, spec)


def plain(pixels: Bytes, xy_px: Floats, weight: Floats, spec: InputSpec) -> tuple[Bytes, NDArray[np.float32]]:
    """A record as the model sees it when it is asked, not trained: the middle, nothing changed."""
    record_px = (pixels.shape[1], pixels.shape[0])
    to_record = record_from_input(spec, record_px)
    same = record_px == (spec.width, spec.height) and np.array_equal(to_record, np.eye(2, 3))
    image = pixels if same else warped(pixels, to_record, (spec.width, spec.height), BEYOND[spec.kind])
    return image, target_of(through(inverse(to_record), xy_px), weight, spec)


def record_from_input(spec: InputSpec, record_px: tuple[int, int]) -> NDArray[np.float64]:
    """(2, 3) map from the pixels of an input to those of a record of `record_px` (width, height).

    A person's input is the square without its margin; of an input that is not square, the middle rows or columns.

    Raises
    ------
    TrainingError
        For a letterbox of other proportions than the record's.
    """
    width, height = record_px
    if spec.kind == "person":
        step = max(width, height) / PERSON_MARGIN / max(spec.width, spec.height)
    elif spec.width * height == spec.height * width:
        step = width / spec.width
    else:
        raise TrainingError(
            "input_shape",
            f"A letterbox input is {width}:{height}, as its records are, not {spec.width} x {spec.height}.",
        )
    return np.array([[step, 0.0, (width - step * spec.width) / 2], [0.0, step, (height - step * spec.height) / 2]])


def random_map(
    plain_map: Floats, spec: InputSpec, augmentation: Augmentation, rng: np.random.Generator
) -> tuple[NDArray[np.float64], bool]:
    """(2, 3) map from the input to the record, turned, scaled, moved and perhaps mirrored about the middle; whether it was."""
    turn, stretch, right, down = (2 * rng.random(4) - 1).tolist()
    mirror = bool(augmentation.flip) and rng.random() < 0.5
    changed = mapped(
        plain_map,
        spec,
        turn_rad=math.radians(augmentation.turn_deg * turn),
        stretch=(1 + augmentation.scale) ** stretch,
        away_px=(augmentation.shift * right * spec.width, augmentation.shift * down * spec.height),
        mirror=mirror,
    )
    return changed, mirror


def mapped(
    plain_map: Floats,
    spec: InputSpec,
    *,
    turn_rad: float,
    stretch: float,
    away_px: tuple[float, float],
    mirror: bool,
) -> NDArray[np.float64]:
    """`plain_map` of a picture whose content is turned clockwise, made `stretch` times larger, moved, and then mirrored."""
    x, y = spec.width / 2, spec.height / 2
    cos, sin = math.cos(turn_rad) / stretch, math.sin(turn_rad) / stretch
    side = -1 if mirror else 1
    shown_x, shown_y = x + side * away_px[0], y + away_px[1]
    back = np.array(
        [
            [side * cos, sin, x - side * cos * shown_x - sin * shown_y],
            [-side * sin, cos, y + side * sin * shown_x - cos * shown_y],
        ]
    )
    return chained(plain_map, back)


def recoloured(image: Bytes, amount: float, rng: np.random.Generator) -> Bytes:
    """Other light: brightness, contrast and saturation by up to `amount`, tint by up to a third of it."""
    gain, saturation, lift, *tint = (amount * (2 * rng.random(6) - 1)).tolist()
    grey = -saturation / 3
    middle_kept = 127.5 * -gain + 255 / 3 * lift
    rows = []
    for channel, colour in enumerate(tint):
        strength = (1 + gain) * (1 + colour / 3)
        row = [strength * grey] * 3 + [middle_kept]
        row[channel] += strength * (1 + saturation)
        rows.append(row)
    return np.asarray(cv2.transform(image, np.array(rows)), dtype=np.uint8)


def motion_blurred(image: Bytes, rng: np.random.Generator) -> Bytes:
    """As if camera or dancer had moved along a line while the picture was taken; the middle of the way stays in place."""
    length = rng.uniform(LEAST_BLUR, MOST_BLUR) * min(image.shape[:2])
    kernel = line_kernel(length, rng.uniform(0, np.pi))
    return np.asarray(cv2.filter2D(image, -1, kernel, borderType=cv2.BORDER_REPLICATE), dtype=np.uint8)


def line_kernel(length_px: float, angle_rad: float) -> NDArray[np.float32]:
    """A line through the middle of an odd square, its sum 1; the same turned by half a turn, so that nothing moves."""
    reach = max(1, round(length_px / 2))
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), dtype=np.float32)
    across, down = round(reach * np.cos(angle_rad)), round(reach * np.sin(angle_rad))
    cv2.line(kernel, (reach - across, reach - down), (reach + across, reach + down), 1.0)
    kernel = np.maximum(kernel, kernel[::-1, ::-1])
    return np.asarray(kernel / kernel.sum(), dtype=np.float32)


def covered(image: Bytes, xy: Floats, weight: Floats, rng: np.random.Generator) -> tuple[Bytes, NDArray[np.floating]]:
    """Up to three things in front of the dancer; a joint behind one counts as one that nobody sees."""
    image, hidden = image.copy(), np.zeros(image.shape[:2], dtype=np.uint8)
    for _ in range(rng.integers(1, MOST_OCCLUDERS + 1)):
        shape = _occluder(image.shape[:2], rng)
        _paint(image, shape, rng)
        hidden |= shape
    return image, np.where(_lies_in(hidden, xy), HIDDEN_WEIGHT * weight, weight)


def target_of(xy: Floats, weight: Floats, spec: InputSpec) -> NDArray[np.float32]:
    """(29, 3) x, y and weight; all 0 where nothing is labelled or the joint lies outside the input."""
    counts = _inside(xy, spec.width, spec.height) & (weight > 0)
    target = np.zeros((len(xy), 3), dtype=np.float32)
    target[counts, :2], target[counts, 2] = xy[counts], weight[counts]
    return target


def _occluder(size: tuple[int, ...], rng: np.random.Generator) -> Bytes:
    """(H, W) mask of a turned ellipse or box somewhere in the picture."""
    height, width = size
    half = rng.uniform(LEAST_OCCLUDER, MOST_OCCLUDER, 2) * min(height, width)
    centre = rng.uniform((0, 0), (width, height))
    box = (centre.tolist(), (2 * half).tolist(), rng.uniform(0, 180))
    mask = np.zeros(size, dtype=np.uint8)
    if rng.random() < 0.5:
        cv2.ellipse(mask, box, 1, cv2.FILLED)
    else:
        cv2.fillConvexPoly(mask, cv2.boxPoints(box).round().astype(np.int32), 1)
    return mask


def _paint(image: Bytes, shape: Bytes, rng: np.random.Generator) -> None:
    """Fill the shape with one colour, or with another part of the same picture."""
    if rng.random() < 0.5:
        image[shape > 0] = rng.integers(0, 256, 3)
        return
    height, width = shape.shape
    elsewhere = np.roll(image, (rng.integers(height), rng.integers(width)), axis=(0, 1))
    cv2.copyTo(elsewhere, shape, image)


def _lies_in(mask: Bytes, xy: Floats) -> NDArray[np.bool_]:
    height, width = mask.shape
    inside = _inside(xy, width, height)
    x, y = np.where(inside[:, None], xy, 0).astype(int).T
    return inside & (mask[y, x] > 0)


def _inside(xy: Floats, width: int, height: int) -> NDArray[np.bool_]:
    """False for NaN, which is neither above nor below anything."""
    x, y = xy.T
    return (x >= 0) & (x < width) & (y >= 0) & (y < height)
