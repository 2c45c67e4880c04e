"""An engine from an exported ONNX file that says of itself how it wants to be used (`onnx_declared.py`).

BlazePose's detector finds the people; the model reads their joints.
"""

from functools import partial
from pathlib import Path

import cv2
import numpy as np

from inference.estimators.onnx_blazepose import OnnxEngine
from inference.estimators.onnx_declared import BadDeclaration, Declaration, read_declaration
from inference.estimators.onnx_decoding import decode, region_around, to_landmarks
from inference.estimators.onnx_graph import Ask, OnnxGraph
from inference.estimators.onnx_pose import DETECTOR_OUTPUTS, OnnxDetector
from inference.estimators.pictures import Picture
from inference.onnx_weights import load_onnx
from inference.pose.reading import LANDMARK_COUNT, Reading, Region
from inference.weights import WeightsError, default_model_dir


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
        OnnxGraph(load_onnx(folder, "detector"), DETECTOR_OUTPUTS),
        graph,
        partial(DeclaredReader, declaration=declaration),
        model_dir=folder,
        batch=batch,
    )


def load_declared(path: Path) -> tuple[OnnxGraph, Declaration]:
    """The model of a file and what it declares, tried with one blank picture. Raises as `from_file`."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror}.") from None
    try:
        graph = OnnxGraph(content)
    except Exception as error:  # ONNX Runtime's own have no class in common
        raise BadDeclaration(f"{path} is no ONNX model that can be run.") from error
    try:
        declaration = read_declaration(graph.metadata)
        graph.choose_outputs(declaration.output.names)
        _try_out(graph, declaration)
    except (BadDeclaration, KeyError) as error:
        raise BadDeclaration(f"{path}: {error.args[0]}") from None
    return graph, declaration


class DeclaredReader(OnnxDetector):
    """The `PoseReader` of a declared model. It knows no world landmarks: they are NaN."""

    def __init__(self, ask_detector: Ask, ask_model: Ask, *, declaration: Declaration) -> None:
        super().__init__(ask_detector)
        self._ask_model = ask_model
        self._declared = declaration

    def read(self, picture: Picture, region: Region) -> Reading:
        seen, beyond = self._square(picture, region)
        image = picture.crop(seen, self._declared.input.size_px, beyond=beyond)
        values, conf = decode(self._ask_model(self._declared.input.prepare(image)), self._declared.output)
        unit, sure = to_landmarks(values, conf, self._declared.joints)
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
            width, height = picture.size_px
            return Region(width / 2, height / 2, max(width, height), 0.0), cv2.BORDER_CONSTANT
        angle = region.angle_rad if crop == "person" else 0.0
        return Region(region.x_px, region.y_px, region.side_px, angle), cv2.BORDER_REPLICATE


def _try_out(graph: OnnxGraph, declaration: Declaration) -> None:
    """Raise BadDeclaration unless shapes are as declared."""
    side = declaration.input.size_px
    values = declaration.input.prepare(np.zeros((side, side, 3), dtype=np.uint8))
    try:
        outputs = graph.ask_together(np.stack([values, values]))
    except Exception as error:  # ONNX Runtime's own have no class in common
        raise BadDeclaration(
            f"the model does not run on a batch of two inputs of shape {values.shape}: is its batch axis free, "
            "and is kdance.input right?"
        ) from error
    axes = {"coordinates": 3, "heatmap": 4, "simcc": 3}[declaration.output.kind]
    for name, output in zip(declaration.output.names, outputs, strict=True):
        wanted = (2, declaration.joint_count)
        columns = declaration.output.columns
        if output.ndim != axes or output.shape[:2] != wanted or (columns and output.shape[2] != len(columns)):
            raise BadDeclaration(
                f"the output {name!r} has shape {output.shape}, which kdance.output does not describe."
            )
