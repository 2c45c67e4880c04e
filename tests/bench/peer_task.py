"""Pack BlazePose's published graphs as the `.task` files that the official MediaPipe loads.

    .venv-peer/bin/python -P tests/bench/peer_task.py node_modules/@mediapipe/pose FOLDER

A `.task` is a stored zip of a detector and a landmark graph, each with TFLite metadata that say how pixels become numbers
(mean 127.5 and deviation 127.5 for the detector, 0 and 255 for the landmarks) and what the outputs are called. MediaPipe's
own writers of metadata do not run in this release, so the few hundred bytes are put together by hand.
It runs in the peer's environment, so it imports nothing of this project.
"""

import sys
import zipfile
from pathlib import Path

import flatbuffers
from ai_edge_litert import schema_py_generated as tflite
from mediapipe.tasks.metadata import metadata_schema_py_generated as schema

DETECTOR = "pose_solution_packed_assets.data"
MODELS = ("lite", "full", "heavy")


def main() -> None:
    source, out = (Path(argument) for argument in sys.argv[1:])
    out.mkdir(parents=True, exist_ok=True)
    detector = with_metadata((source / DETECTOR).read_bytes(), mean=127.5, deviation=127.5)
    for model in MODELS:
        landmarks = with_metadata((source / f"pose_landmark_{model}.tflite").read_bytes(), mean=0.0, deviation=255.0)
        _pack(out / f"{model}.task", detector, landmarks)


def with_metadata(graph: bytes, *, mean: float, deviation: float) -> bytes:
    """The graph with metadata for its one input picture and its outputs."""
    model = tflite.ModelT.InitFromPackedBuf(graph, 0)
    outputs = [model.subgraphs[0].tensors[index].name for index in model.subgraphs[0].outputs]
    _attach(model, b"TFLITE_METADATA", _metadata(outputs, mean, deviation))
    return _finished(model.Pack, b"TFL3")


def _attach(model: tflite.ModelT, name: bytes, content: bytes) -> None:
    buffer = tflite.BufferT()
    buffer.data = list(content)
    model.buffers.append(buffer)
    entry = tflite.MetadataT()
    entry.name, entry.buffer = name, len(model.buffers) - 1
    model.metadata = [entry]


def _metadata(outputs: list[bytes], mean: float, deviation: float) -> bytes:
    subgraph = schema.SubGraphMetadataT()
    subgraph.inputTensorMetadata = [_picture(mean, deviation)]
    subgraph.outputTensorMetadata = [_named(name) for name in outputs]
    metadata = schema.ModelMetadataT()
    metadata.name = "pose"
    metadata.subgraphMetadata = [subgraph]
    return _finished(metadata.Pack, b"M001")


def _picture(mean: float, deviation: float) -> schema.TensorMetadataT:
    colours = schema.ImagePropertiesT()
    colours.colorSpace = schema.ColorSpaceType.RGB
    content = schema.ContentT()
    content.contentPropertiesType = schema.ContentProperties.ImageProperties
    content.contentProperties = colours
    scaling = schema.NormalizationOptionsT()
    scaling.mean, scaling.std = [mean], [deviation]
    unit = schema.ProcessUnitT()
    unit.optionsType = schema.ProcessUnitOptions.NormalizationOptions
    unit.options = scaling
    picture = _named(b"image")
    picture.content = content
    picture.processUnits = [unit]
    return picture


def _named(name: bytes) -> schema.TensorMetadataT:
    tensor = schema.TensorMetadataT()
    tensor.name = name
    return tensor


def _finished(pack, identifier: bytes) -> bytes:
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(pack(builder), identifier)
    return bytes(builder.Output())


def _pack(path: Path, detector: bytes, landmarks: bytes) -> None:
    partial = path.with_suffix(".part")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as bundle:
        bundle.writestr("pose_detector.tflite", detector)
        bundle.writestr("pose_landmarks_detector.tflite", landmarks)
    partial.replace(path)


if __name__ == "__main__":
    main()
