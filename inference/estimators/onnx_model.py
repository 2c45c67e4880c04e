"""An engine from an exported ONNX file that says of itself how it wants to be used (`onnx_declared.py`).

BlazePose's detector finds the people; the model reads their joints. On the processor the detector runs in LiteRT, so that
nothing has to be converted; on a card it runs there too (`inference.onnx_weights`).
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from inference.estimators.blazepose_graph import DETECTOR_OUTPUTS, SharedDetector
from inference.estimators.onnx_blazepose import Detector, OnnxEngine
from inference.estimators.onnx_declared import (
    BadDeclaration,
    Declaration,
    NotAModel,
    UntrueDeclaration,
    read_declaration,
)
from inference.estimators.onnx_decoding import decode, region_around, to_landmarks
from inference.estimators.onnx_graph import Ask, Floats, OnnxGraph
from inference.estimators.onnx_pose import OnnxDetector
from inference.estimators.pictures import Picture
from inference.onnx_weights import load_onnx
from inference.pose.reading import LANDMARK_COUNT, Reading, Region
from inference.weights import WeightsError, default_model_dir

_FURTHEST = 10.0
"""Shares of the input beyond which no joint lies: a model that says pixels puts out hundreds."""
_ROUNDING = 1e-3
_NUMBERS = "fiu"
"""NumPy's kinds: floats, whole numbers, and those without a sign."""
_LONGEST_COMPLAINT = 500
"""Letters; a complaint quotes what the file says, and a file may say anything."""


def from_file(name: str, path: Path, *, model_dir: Path | None = None, batch: int | None = None) -> OnnxEngine:
    """The engine `name` of the model in `path`; the detector comes from `model_dir`.

    Raises
    ------
    WeightsError
        If the file or the detector is missing.
    BadDeclaration
        If the file is no model, or does not say what it must.
    """
    folder = model_dir or default_model_dir()
    graph, declaration = load_declared(path)
    return OnnxEngine(
        name,
        _detector(folder, on_gpu=graph.is_on_gpu),
        graph,
        partial(DeclaredReader, declaration=declaration),
        model_dir=folder,
        batch=batch,
    )


def load_declared(path: Path) -> tuple[OnnxGraph, Declaration]:
    """The model of a file and what it declares, tried with blank pictures. Raises as `from_file`."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror}.") from None
    try:
        graph = OnnxGraph(content)
    except Exception as error:  # ONNX Runtime's own have no class in common
        raise NotAModel(f"{path} is no ONNX model that can be run.") from error
    try:
        declaration = _declaration(graph)
        _choose_outputs(graph, declaration)
        _try_out(graph, declaration)
    except BadDeclaration as error:
        raise type(error)(f"{path}: {str(error)[:_LONGEST_COMPLAINT]}") from None
    return graph, declaration


class DeclaredReader(OnnxDetector):
    """The `PoseReader` of a declared model. It knows no world landmarks: they are NaN."""

    def __init__(self, ask_detector: Ask, ask_model: Ask, *, declaration: Declaration) -> None:
        super().__init__(ask_detector)
        self._ask_model = ask_model
        self._declared = declaration

    def read(self, picture: Picture, region: Region) -> Reading:
        seen, beyond = self._square(picture, region)
        asked = self._declared.input
        image = picture.crop(seen, asked.side_px, beyond=beyond)
        values, conf = decode(self._ask_model(asked.prepare(image)), self._declared.output)
        unit, sure = to_landmarks(asked.to_square(values), conf, self._declared.joints)
        xy = seen.to_picture(unit[:, :2])
        return Reading(
            xyz_px=np.column_stack([xy, unit[:, 2] * seen.side_px]),
            xyz_m=np.full((LANDMARK_COUNT, 3), np.nan),
            visibility=sure,
            presence=sure,
            score=float(conf.mean()),
            next_region=region_around(xy, sure),
        )

    def _square(self, picture: Picture, region: Region) -> tuple[Region, int]:
        crop = self._declared.input.crop
        if crop == "letterbox":
            return _whole(picture.size_px, self._declared.input.size_px), cv2.BORDER_CONSTANT
        angle = region.angle_rad if crop == "person" else 0.0
        return Region(region.x_px, region.y_px, region.side_px, angle), cv2.BORDER_REPLICATE


def _detector(folder: Path, *, on_gpu: bool) -> Detector:
    return OnnxGraph(load_onnx(folder, "detector"), DETECTOR_OUTPUTS) if on_gpu else SharedDetector(folder)


def _whole(size_px: tuple[int, int], box_px: tuple[int, int]) -> Region:
    """The square whose crop of side max(box_px) has the whole picture in its middle `box_px`."""
    (width, height), (box_width, box_height) = size_px, box_px
    side = max(box_px) * max(width / box_width, height / box_height)
    return Region(width / 2, height / 2, side, 0.0)


def _declaration(graph: OnnxGraph) -> Declaration:
    try:
        return read_declaration(graph.metadata)
    except UnicodeDecodeError:
        raise BadDeclaration("what the file says of itself is not UTF-8.") from None


def _choose_outputs(graph: OnnxGraph, declaration: Declaration) -> None:
    try:
        graph.choose_outputs(declaration.output.names)
    except KeyError as error:
        raise UntrueDeclaration(str(error.args[0])) from None


def _try_out(graph: OnnxGraph, declaration: Declaration) -> None:
    """Raise UntrueDeclaration unless a black and a white picture, alone and together, give outputs as declared."""
    side = declaration.input.side_px
    black, white = (declaration.input.prepare(np.full((side, side, 3), level, dtype=np.uint8)) for level in (0, 255))
    for pictures in (np.stack([black, white]), black[None], white[None]):
        outputs = _asked(graph, pictures)
        for name, output in zip(declaration.output.names, outputs, strict=True):
            _check_output(name, output, len(pictures), declaration)
        if declaration.output.kind == "coordinates":
            _check_coordinates(outputs[0], declaration.output.columns)
        for of_one in zip(*outputs, strict=True):
            _check_decoded(of_one, declaration)


def _asked(graph: OnnxGraph, pictures: Floats) -> list[Floats]:
    try:
        return graph.ask_together(pictures)
    except Exception as error:  # ONNX Runtime's own have no class in common
        raise UntrueDeclaration(
            f"the model does not run on a batch of {len(pictures)} input(s) of shape {pictures.shape[1:]}: is its batch "
            "axis free, and is kdance.input right?"
        ) from error


def _check_output(name: str, output: object, pictures: int, declaration: Declaration) -> None:
    """Raise UntrueDeclaration unless it is an array of finite numbers in the declared shape; an ONNX value may be anything."""
    if not isinstance(output, np.ndarray) or output.dtype.kind not in _NUMBERS:
        raise UntrueDeclaration(f"the output {name!r} is no tensor of numbers.")
    axes = {"coordinates": 3, "heatmap": 4, "simcc": 3}[declaration.output.kind]
    columns = declaration.output.columns
    wanted = (pictures, declaration.joint_count)
    if output.ndim != axes or output.shape[:2] != wanted or (columns and output.shape[2] != len(columns)):
        raise UntrueDeclaration(f"the output {name!r} has shape {output.shape}, which kdance.output does not describe.")
    if not output.size:
        raise UntrueDeclaration(f"the output {name!r} has shape {output.shape}: there is nothing in it.")
    if not np.isfinite(output).all():
        raise UntrueDeclaration(f"the output {name!r} holds numbers that are not finite.")


def _check_decoded(outputs: Sequence[Floats], declaration: Declaration) -> None:
    """Raise UntrueDeclaration unless places in the crop can be read from the outputs for one picture."""
    try:
        values, conf = decode(outputs, declaration.output)
        unit, _ = to_landmarks(declaration.input.to_square(values), conf, declaration.joints)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise UntrueDeclaration("no places can be read from its outputs as kdance.output describes them.") from error
    if not np.isfinite(unit).all() or not np.isfinite(conf).all():
        raise UntrueDeclaration("what is read from its outputs is not finite.")


def _check_coordinates(output: Floats, columns: Sequence[str]) -> None:
    furthest = float(np.abs(output[:, :, :2]).max())
    if furthest > _FURTHEST:
        raise UntrueDeclaration(
            f"places as far out as {furthest:.0f}: they must be shares of the input's width and height, not pixels."
        )
    if "conf" in columns and not _is_share(output[:, :, columns.index("conf")]):
        raise UntrueDeclaration("the column 'conf' must lie between 0 and 1.")


def _is_share(values: Floats) -> bool:
    return bool(values.min() >= -_ROUNDING and values.max() <= 1 + _ROUNDING)
