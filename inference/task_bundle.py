"""Packing BlazePose's two graphs as a `.task`, the form in which MediaPipe's engine for browsers takes them.

A `.task` is a stored zip of a detector and a landmark graph. Each graph carries TFLite metadata that say how pixels
become numbers, (pixel - mean) / deviation, and what its outputs are called. Fields are written by their place in the
public schema, metadata_schema.fbs of TensorFlow Lite Support. The same graphs give the same bytes.
"""

import io
import zipfile
from collections.abc import Callable, Sequence

import flatbuffers
from ai_edge_litert import schema_py_generated as tflite

from inference.tflite_cutting import FILE_IDENTIFIER

_METADATA_IDENTIFIER = b"M001"
_IMAGE_PROPERTIES, _RGB, _NORMALISATION = 2, 1, 1
_SAME_DATE = (1980, 1, 1, 0, 0, 0)
_OFFSET_BYTES = 4

type _Table = int
"""Where a finished table or vector lies in the builder's buffer."""


def task_bundle(detector: bytes, landmarks: bytes) -> bytes:
    """A `.task` of the two graphs as they come from `@mediapipe/pose`, whole or cut."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as bundle:
        for name, graph in (
            ("pose_detector.tflite", with_metadata(detector, mean=127.5, deviation=127.5)),
            ("pose_landmarks_detector.tflite", with_metadata(landmarks, mean=0.0, deviation=255.0)),
        ):
            bundle.writestr(zipfile.ZipInfo(name, _SAME_DATE), graph)
    return content.getvalue()


def with_metadata(graph: bytes, *, mean: float, deviation: float) -> bytes:
    """The graph with metadata for its one input picture and its outputs."""
    model = tflite.ModelT.InitFromPackedBuf(graph, 0)
    outputs = [_text(model.subgraphs[0].tensors[index].name) for index in model.subgraphs[0].outputs]
    buffer = tflite.BufferT()
    buffer.data = list(_metadata(outputs, mean, deviation))
    model.buffers.append(buffer)
    entry = tflite.MetadataT()
    entry.name, entry.buffer = "TFLITE_METADATA", len(model.buffers) - 1
    model.metadata = [entry]
    builder = flatbuffers.Builder(len(graph))
    builder.Finish(model.Pack(builder), FILE_IDENTIFIER)
    return bytes(builder.Output())


def _metadata(outputs: Sequence[str], mean: float, deviation: float) -> bytes:
    builder = flatbuffers.Builder(1024)
    picture = _picture(builder, mean, deviation)
    inputs = _tables(builder, [picture])
    named = _tables(builder, [_tensor(builder, name) for name in outputs])
    subgraphs = _tables(builder, [_table(builder, 10, {2: inputs, 3: named})])
    name = builder.CreateString("pose")
    builder.Finish(_table(builder, 8, {0: name, 3: subgraphs}), _METADATA_IDENTIFIER)
    return bytes(builder.Output())


def _picture(builder: flatbuffers.Builder, mean: float, deviation: float) -> _Table:
    colours = _table(builder, 2, numbers={0: _RGB})
    content = _table(builder, 3, {1: colours}, {0: _IMAGE_PROPERTIES})
    scaling = _table(builder, 2, {0: _floats(builder, mean), 1: _floats(builder, deviation)})
    units = _tables(builder, [_table(builder, 2, {1: scaling}, {0: _NORMALISATION})])
    return _tensor(builder, "image", {3: content, 4: units})


def _tensor(builder: flatbuffers.Builder, name: str, fields: dict[int, _Table] | None = None) -> _Table:
    return _table(builder, 7, {0: builder.CreateString(name), **(fields or {})})


def _table(
    builder: flatbuffers.Builder,
    slots: int,
    tables: dict[int, _Table] | None = None,
    numbers: dict[int, int] | None = None,
) -> _Table:
    """A table of `slots` fields, some of which point to other tables and some of which are enumerated."""
    builder.StartObject(slots)
    for slot, table in (tables or {}).items():
        builder.PrependUOffsetTRelativeSlot(slot, table, 0)
    for slot, number in (numbers or {}).items():
        builder.PrependUint8Slot(slot, number, 0)
    return int(builder.EndObject())


def _tables(builder: flatbuffers.Builder, tables: Sequence[_Table]) -> _Table:
    return _vector(builder, tables, builder.PrependUOffsetTRelative)


def _floats(builder: flatbuffers.Builder, value: float) -> _Table:
    return _vector(builder, [value], builder.PrependFloat32)


def _vector[T](builder: flatbuffers.Builder, values: Sequence[T], prepend: Callable[[T], object]) -> _Table:
    builder.StartVector(_OFFSET_BYTES, len(values), _OFFSET_BYTES)
    for value in reversed(values):
        prepend(value)
    return int(builder.EndVector())


def _text(name: bytes | str) -> str:
    return name.decode() if isinstance(name, bytes) else name
