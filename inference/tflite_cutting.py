"""Cutting branches that nobody reads off a TFLite graph."""

from collections.abc import Iterable, Sequence
from typing import Any

import flatbuffers
from ai_edge_litert import schema_py_generated as tflite

FILE_IDENTIFIER = b"TFL3"


def keep_outputs(graph: bytes, outputs: Sequence[str]) -> bytes:
    """`graph` with only `outputs` (names of output tensors) and the operators that lead to them.

    The same input gives the same bytes. Raises KeyError for an output that the graph does not have.
    """
    model = tflite.ModelT.InitFromPackedBuf(graph, 0)
    (subgraph,) = model.subgraphs
    by_name = {_text(subgraph.tensors[index].name): int(index) for index in subgraph.outputs}
    subgraph.outputs = [by_name[name] for name in outputs]
    subgraph.operators = _operators_towards(subgraph.outputs, subgraph.operators)
    _drop_unused_tensors(subgraph)
    _drop_unused_buffers(model)
    model.metadata = None
    model.metadataBuffer = None
    model.signatureDefs = None
    builder = flatbuffers.Builder(len(graph))
    builder.Finish(model.Pack(builder), FILE_IDENTIFIER)
    return bytes(builder.Output())


def _operators_towards(outputs: Iterable[int], operators: list[Any]) -> list[Any]:
    needed = set(outputs)
    kept = []
    for operator in reversed(operators):
        if needed.isdisjoint(operator.outputs):
            continue
        needed.update(int(index) for index in operator.inputs if index >= 0)
        kept.append(operator)
    return kept[::-1]


def _drop_unused_tensors(subgraph: Any) -> None:
    used = {int(index) for index in (*subgraph.inputs, *subgraph.outputs)}
    for operator in subgraph.operators:
        used.update(int(index) for index in (*operator.inputs, *operator.outputs) if index >= 0)
    place = {old: new for new, old in enumerate(sorted(used))}
    place[-1] = -1
    subgraph.tensors = [subgraph.tensors[index] for index in sorted(used)]
    subgraph.inputs = [place[int(index)] for index in subgraph.inputs]
    subgraph.outputs = [place[int(index)] for index in subgraph.outputs]
    for operator in subgraph.operators:
        operator.inputs = [place[int(index)] for index in operator.inputs]
        operator.outputs = [place[int(index)] for index in operator.outputs]


def _drop_unused_buffers(model: Any) -> None:
    """Buffer 0 stays: the format keeps it empty for tensors without content."""
    tensors = model.subgraphs[0].tensors
    used = sorted({0, *(int(tensor.buffer) for tensor in tensors)})
    place = {old: new for new, old in enumerate(used)}
    model.buffers = [model.buffers[index] for index in used]
    for tensor in tensors:
        tensor.buffer = place[int(tensor.buffer)]


def _text(name: bytes | str) -> str:
    return name.decode() if isinstance(name, bytes) else name
