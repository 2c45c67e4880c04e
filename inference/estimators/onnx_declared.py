"""What an exported model says of itself: how it wants its pictures and what its numbers mean.

An ONNX file carries it in its `metadata_props`, each value a JSON text but the last:

`kdance.input`
    {"size_px": 256, "crop": "person", "colour": "rgb", "layout": "nchw", "scale": 0.0039, "mean": [0, 0, 0],
    "std": [1, 1, 1]}. The input is square, or [width, height] for the whole picture in a box. "person" is the person's
    square turned upright, "upright" the same square not turned, "letterbox" the whole picture with black around it. A
    channel's value is (pixel * scale - mean) / std.
`kdance.output`
    {"kind": "coordinates", "names": ["keypoints"], "columns": ["x", "y", "conf"]}: (N, K, columns), x as a share of the
    input's width, y of its height, z of its longer side. {"kind": "heatmap", "names": [...], "activation": "sigmoid"}:
    (N, K, height, width). {"kind": "simcc", "names": [of x, of y], "activation": "softmax"}: (N, K, bins) for each axis.
    The maximum is the confidence. Cell or bin i of n lies at i / n of the input's width or height.
`kdance.joints`
    The list of the K joints: those of `inference/pose/skeleton.py` in any order, or "blazepose33".
`kdance.licence`
    The SPDX name of the licence of the weights.

What else a file says under `kdance.` is for people to read.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.pose.reading import LANDMARK_COUNT
from inference.pose.skeleton import SKELETON

BLAZEPOSE_33 = "blazepose33"
CROPS = ("person", "upright", "letterbox")
COLOURS = ("rgb", "bgr")
LAYOUTS = ("nchw", "nhwc")
ACTIVATIONS = ("none", "sigmoid", "softmax")
_OUTPUTS_OF_KIND = {"coordinates": 1, "heatmap": 1, "simcc": 2}
_COLUMNS = (["x", "y"], ["x", "y", "conf"], ["x", "y", "z"], ["x", "y", "z", "conf"])
_LARGEST_PX = 1024
_PREFIX = "kdance."
_MOST_ENTRIES, _LONGEST_KEY, _LONGEST_VALUE = 40, 50, 2000
_LONGEST_LICENCE = 200


class BadDeclaration(Exception):
    """A file does not say what must be known of it, or says what cannot be done. The text tells what to mend."""

    code = "bad_model_declaration"


class NotAModel(BadDeclaration):
    """ONNX Runtime cannot load it."""

    code = "not_a_model"


class OtherSkeleton(BadDeclaration):
    """It finds other joints than ours."""

    code = "other_skeleton"


class UntrueDeclaration(BadDeclaration):
    """The model, tried out, does not do what its file says."""

    code = "untrue_declaration"


@dataclass(frozen=True)
class ModelInput:
    """See the module's text."""

    size_px: tuple[int, int]
    crop: str
    colour: str
    layout: str
    scale: float
    mean: tuple[float, float, float]
    std: tuple[float, float, float]

    @property
    def side_px(self) -> int:
        """Of the square crop that the input is the middle of."""
        return max(self.size_px)

    def prepare(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The model's input, without the batch axis, from a square crop (side, side, 3) RGB."""
        left, top = self._margins_px
        middle = image[top : self.side_px - top, left : self.side_px - left]
        ordered = middle if self.colour == "rgb" else middle[:, :, ::-1]
        values = (ordered * self.scale - np.array(self.mean)) / np.array(self.std)
        if self.layout == "nchw":
            values = values.transpose(2, 0, 1)
        return np.ascontiguousarray(values, dtype=np.float32)

    def to_square(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """(K, 3) places in shares of the input's width and height to shares of the square crop's side."""
        width, height = self.size_px
        left, top = self._margins_px
        return np.asarray((values * (width, height, self.side_px) + (left, top, 0)) / self.side_px)

    @property
    def _margins_px(self) -> tuple[int, int]:
        width, height = self.size_px
        return (self.side_px - width) // 2, (self.side_px - height) // 2


@dataclass(frozen=True)
class ModelOutput:
    """See the module's text."""

    kind: str
    names: tuple[str, ...]
    columns: tuple[str, ...]
    activation: str


@dataclass(frozen=True)
class Declaration:
    """What an exported model says of itself. `joints` is None for BlazePose's 33 landmarks."""

    input: ModelInput
    output: ModelOutput
    joints: tuple[str, ...] | None
    licence: str

    @property
    def joint_count(self) -> int:
        return LANDMARK_COUNT if self.joints is None else len(self.joints)


def read_declaration(metadata: Mapping[str, str]) -> Declaration:
    """Raises BadDeclaration, which names the entry and what is wrong with it."""
    licence = _shown(metadata.get("kdance.licence", ""), _LONGEST_LICENCE + 1).strip()
    if not licence:
        raise BadDeclaration("kdance.licence is missing: name the licence of the weights.")
    if len(licence) > _LONGEST_LICENCE:
        raise BadDeclaration(f"kdance.licence must be a name of at most {_LONGEST_LICENCE} letters.")
    return Declaration(
        _input(_Entry("kdance.input", metadata)),
        _output(_Entry("kdance.output", metadata)),
        _joints(_Entry("kdance.joints", metadata)),
        licence,
    )


def shown_entries(metadata: Mapping[str, str]) -> dict[str, str]:
    """What a file says under `kdance.`, for people to read: printable, and not without end."""
    entries = sorted((key.removeprefix(_PREFIX), value) for key, value in metadata.items() if key.startswith(_PREFIX))
    return {_shown(key, _LONGEST_KEY): _shown(value, _LONGEST_VALUE) for key, value in entries[:_MOST_ENTRIES]}


def _shown(text: str, longest: int) -> str:
    return "".join(letter for letter in text[:longest] if letter.isprintable() or letter == "\n")


class _Entry:
    """One JSON value of the metadata, read with complaints that name it."""

    def __init__(self, key: str, metadata: Mapping[str, str]) -> None:
        self.key = key
        if key not in metadata:
            raise BadDeclaration(f"{key} is missing.")
        try:
            self.value: Any = json.loads(metadata[key])
        except (ValueError, RecursionError):
            raise BadDeclaration(f"{key} is not JSON.") from None

    def fields(self, known: Sequence[str]) -> None:
        if not isinstance(self.value, dict):
            raise BadDeclaration(f"{self.key} must be an object.")
        for name in self.value:
            if name not in known:
                raise BadDeclaration(f"{self.key} has {name!r}, which is not known; known are {', '.join(known)}.")

    def choice(self, name: str, choices: Sequence[Any]) -> Any:
        if self.value.get(name) not in choices:
            raise self.wrong(name, f"one of {', '.join(map(str, choices))}")
        return self.value[name]

    def numbers(self, name: str, count: int) -> tuple[float, ...]:
        values = self.value.get(name)
        if not isinstance(values, list) or len(values) != count or not all(_is_number(value) for value in values):
            raise self.wrong(name, f"a list of {count} numbers")
        return tuple(float(value) for value in values)

    def wrong(self, name: str, wanted: str) -> BadDeclaration:
        return BadDeclaration(f"{self.key}: {name!r} must be {wanted}, not {json.dumps(self.value.get(name))}.")


def _input(entry: _Entry) -> ModelInput:
    entry.fields(("size_px", "crop", "colour", "layout", "scale", "mean", "std"))
    crop, scale = entry.choice("crop", CROPS), entry.value.get("scale")
    if not _is_number(scale):
        raise entry.wrong("scale", "a number")
    std = entry.numbers("std", 3)
    if min(std) <= 0:
        raise entry.wrong("std", "3 numbers above 0")
    mean = entry.numbers("mean", 3)
    return ModelInput(
        size_px=_size(entry, crop),
        crop=crop,
        colour=entry.choice("colour", COLOURS),
        layout=entry.choice("layout", LAYOUTS),
        scale=float(scale),
        mean=(mean[0], mean[1], mean[2]),
        std=(std[0], std[1], std[2]),
    )


def _size(entry: _Entry, crop: str) -> tuple[int, int]:
    """Width and height. Margins are the same on both sides, so the two differ by an even number."""
    given = entry.value.get("size_px")
    width, height = given if isinstance(given, list) and len(given) == 2 else (given, given)
    if not _is_length(width) or not _is_length(height):
        raise entry.wrong("size_px", f"a whole number up to {_LARGEST_PX}, or [width, height]")
    if width != height and (crop != "letterbox" or (width - height) % 2):
        raise entry.wrong("size_px", 'one number unless "crop" is "letterbox", and then differ by an even number')
    return width, height


def _output(entry: _Entry) -> ModelOutput:
    entry.fields(("kind", "names", "columns", "activation"))
    kind = entry.choice("kind", tuple(_OUTPUTS_OF_KIND))
    names = entry.value.get("names")
    count = _OUTPUTS_OF_KIND[kind]
    if not isinstance(names, list) or len(names) != count or not all(isinstance(name, str) for name in names):
        raise entry.wrong("names", f"a list of {count} output name(s)")
    if kind == "coordinates":
        return ModelOutput(kind, tuple(names), tuple(entry.choice("columns", _COLUMNS)), "none")
    return ModelOutput(kind, tuple(names), (), entry.choice("activation", ACTIVATIONS))


def _joints(entry: _Entry) -> tuple[str, ...] | None:
    if entry.value == BLAZEPOSE_33:
        return None
    if not isinstance(entry.value, list) or sorted(map(str, entry.value)) != sorted(SKELETON.joints):
        raise OtherSkeleton(
            f"{entry.key} must be {BLAZEPOSE_33!r} or a list of the {len(SKELETON.joints)} joints of the skeleton."
        )
    return tuple(entry.value)


def _is_length(value: object) -> bool:
    return type(value) is int and 1 <= value <= _LARGEST_PX


def _is_number(value: object) -> bool:
    """Whether it is a number that a float holds: JSON's whole numbers have no end."""
    try:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False
