"""What a network is shown: pictures of a batch with the joints that it is asked for.

Torso red, arms green, legs blue, head yellow; the dancer's left in the lighter tone. A filled dot is a joint of full weight,
a ring one that counts less (hidden, covered, or not sure); what has no weight is not drawn.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.pose.skeleton import SKELETON
from ml_training.config import NONE, Augmentation, load_config
from ml_training.data.cache import KINDS, open_records
from ml_training.data.loader import Batch, Batches
from ml_training.data.records import PERSON_SIDE_PX, InputSpec, Kind
from ml_training.errors import TrainingError
from ml_training.files import whole_file

COLOURS = {"torso": (235, 60, 60), "arm": (40, 190, 60), "leg": (70, 100, 255), "head": (240, 200, 40)}
_INPUT_PX: dict[Kind, tuple[int, int]] = {"person": (192, 192), "letterbox": (320, 180)}
_GAP_PX = 4
_ENLARGED = 2
"""Dots and lines are drawn at twice the size, or they would hide what they mark."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", type=Path, help="folder with records, as cache writes it")
    parser.add_argument("--out", type=Path, default=Path("preview.png"), help="a .png or .jpg file")
    parser.add_argument(
        "--config", metavar="NAME", help="as this one of ml_training/configs would show them to its network"
    )
    parser.add_argument("--kind", choices=KINDS, help="of the records: person, where no --config says otherwise")
    parser.add_argument("--size", help="input as WIDTHxHEIGHT, where no --config says it (192x192 and 320x180)")
    parser.add_argument("--split", choices=("train", "validation", "test"), default="train")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--columns", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plain", action="store_true", help="without augmentation")


def run(arguments: argparse.Namespace) -> None:
    spec, augmentation = _asked(arguments)
    records = open_records(arguments.data, spec.kind)
    rows = records.rows(arguments.split)
    plainly = NONE if arguments.plain else augmentation
    batches = Batches(records, rows, spec, plainly, batch=arguments.count, seed=arguments.seed)
    write_picture(grid(batches.batch(0), arguments.columns), arguments.out)
    print(
        f"{arguments.out}: {arguments.count} of {len(rows)} pictures of {arguments.split}, {spec.width}x{spec.height}"
    )


def _asked(arguments: argparse.Namespace) -> tuple[InputSpec, Augmentation]:
    """Raises TrainingError ("unknown_size", "config_and_size"; of a config, what building its network raises)."""
    if arguments.config is None:
        kind: Kind = arguments.kind or "person"
        return InputSpec(kind, *(_size(arguments.size) if arguments.size else _INPUT_PX[kind])), Augmentation()
    if arguments.kind or arguments.size:
        raise TrainingError("config_and_size", "--config says which kind and size: leave out --kind and --size.")
    from ml_training.models.base import build_network  # Keras takes its time.

    config = load_config(arguments.config)
    return build_network(config.network, config.options).input, config.augmentation


def grid(batch: Batch, columns: int) -> NDArray[np.uint8]:
    """(H, W, 3) RGB: the batch's pictures with their joints, row by row."""
    cells = [drawn(image, target) for image, target in zip(*batch, strict=True)]
    blank = np.full_like(cells[0], 255)
    cells += [blank] * (-len(cells) % columns)
    framed = [cv2.copyMakeBorder(cell, 0, _GAP_PX, 0, _GAP_PX, cv2.BORDER_CONSTANT, value=(255,) * 3) for cell in cells]
    lines = [np.hstack(framed[start : start + columns]) for start in range(0, len(framed), columns)]
    return np.vstack(lines)


def drawn(image: NDArray[np.uint8], target: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(2 H, 2 W, 3) the picture with one target's joints (29, 3)."""
    canvas = np.repeat(np.repeat(image, _ENLARGED, axis=0), _ENLARGED, axis=1)
    places = [tuple(place) for place in np.rint(target[:, :2] * _ENLARGED).astype(int).tolist()]
    counts = target[:, 2] > 0
    for bone in SKELETON.bones:
        start, end = SKELETON.index(bone.start), SKELETON.index(bone.end)
        if counts[start] and counts[end]:
            cv2.line(canvas, places[start], places[end], _tone(bone.end, bone.part), 1, cv2.LINE_AA)
    for joint in np.flatnonzero(counts):
        name = SKELETON.joints[joint]
        thickness = cv2.FILLED if target[joint, 2] == 1 else 1
        cv2.circle(canvas, places[joint], 3, _tone(name, _PART.get(name, "torso")), thickness, cv2.LINE_AA)
    return canvas


def write_picture(rgb: NDArray[np.uint8], path: Path) -> None:
    """Raises TrainingError ("unknown_picture_kind", "disk_full")."""
    if path.suffix.lower() not in (".png", ".jpg", ".jpeg"):
        raise TrainingError("unknown_picture_kind", f"{path} ends neither in .png nor in .jpg.")
    encoded = cv2.imencode(path.suffix.lower(), cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))[1]
    with whole_file(path) as draft:
        draft.write_bytes(encoded.tobytes())


_PART = {bone.end: bone.part for bone in SKELETON.bones}


def _tone(joint: str, part: str) -> tuple[int, int, int]:
    red, green, blue = COLOURS[part]
    if joint.startswith("left_"):
        return (red + 255) // 2, (green + 255) // 2, (blue + 255) // 2
    return red, green, blue


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) > 0 and int(height) > 0):
        raise TrainingError("unknown_size", f"{text!r} is no size such as {PERSON_SIDE_PX}x{PERSON_SIDE_PX}.")
    return int(width), int(height)
