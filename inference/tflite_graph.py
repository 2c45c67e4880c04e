"""A TFLite graph as plain data: shapes, dense float32 constants, and the operators that remain to be run.

Source: the TFLite schema (`schema.fbs`) and, for sparse weights, the storage scheme described there under
`SparsityParameters`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as tflite
from numpy.typing import NDArray

Array = NDArray[Any]

_DTYPES = {
    tflite.TensorType.FLOAT32: np.float32,
    tflite.TensorType.FLOAT16: np.float16,
    tflite.TensorType.INT32: np.int32,
}
_KINDS = {value: name for name, value in vars(tflite.BuiltinOperator).items() if isinstance(value, int)}
_ONLY_STORAGE = ("DENSIFY", "DEQUANTIZE")


class UnsupportedGraph(Exception):
    """The graph holds something that is not known here. `code` is stable, the text names it."""

    code = "unsupported_graph"


@dataclass(frozen=True, eq=False)
class Operator:
    """One step; tensors are named by their numbers, -1 for an input left out. `options` are the schema's own."""

    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Any


@dataclass(frozen=True, eq=False)
class TfliteGraph:
    """Shapes have the batch axis first, and pictures lie as (batch, height, width, channels)."""

    names: Sequence[str]
    shapes: Sequence[tuple[int, ...]]
    constants: Mapping[int, Array]
    operators: Sequence[Operator]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def read_tflite(content: bytes) -> TfliteGraph:
    """The only subgraph of a `.tflite` file.

    Weights kept as float16 or sparse are unpacked here, so `DENSIFY` and `DEQUANTIZE` are not among the operators.

    Raises
    ------
    UnsupportedGraph
        For several subgraphs, constants of another type, or activations that are quantised.
    """
    model = tflite.ModelT.InitFromPackedBuf(content, 0)
    if len(model.subgraphs) != 1:
        raise UnsupportedGraph(f"a graph of {len(model.subgraphs)} subgraphs")
    (subgraph,) = model.subgraphs
    constants = _constants(subgraph, model.buffers)
    operators = []
    for raw in subgraph.operators:
        operator = _operator(raw, model.operatorCodes)
        if operator.kind not in _ONLY_STORAGE:
            operators.append(operator)
        elif operator.inputs[0] in constants:
            constants[operator.outputs[0]] = _as_float32(constants[operator.inputs[0]])
        else:
            raise UnsupportedGraph(f"{operator.kind} of values that are no constants")
    return TfliteGraph(
        names=[_text(tensor.name) for tensor in subgraph.tensors],
        shapes=[tuple(int(length) for length in tensor.shape) for tensor in subgraph.tensors],
        constants=constants,
        operators=operators,
        inputs=tuple(int(index) for index in subgraph.inputs),
        outputs=tuple(int(index) for index in subgraph.outputs),
    )


def densify(values: Array, shape: Sequence[int], sparsity: Any) -> Array:
    """The dense array of `shape` whose stored `values` stand where `sparsity` says; 0 elsewhere.

    Known is the one layout that the converter of TensorFlow writes for unstructured sparsity: all axes in order, the
    last one compressed (for each row the range of its values, and for each value its column).

    Raises
    ------
    UnsupportedGraph
        For blocks, another order of the axes, or another axis compressed.
    """
    *dense, last = sparsity.dimMetadata
    is_csr = last.format == tflite.DimensionType.SPARSE_CSR and len(sparsity.dimMetadata) == len(shape)
    is_plain = is_csr and all(axis.format == tflite.DimensionType.DENSE for axis in dense)
    if not is_plain or list(sparsity.traversalOrder) != list(range(len(shape))):
        raise UnsupportedGraph("sparse weights in a layout that is not known here")
    columns = np.asarray(last.arrayIndices.values, dtype=np.int64)
    bounds = np.asarray(last.arraySegments.values, dtype=np.int64)
    full = np.zeros((len(bounds) - 1, shape[-1]), dtype=values.dtype)
    full[np.repeat(np.arange(len(full)), np.diff(bounds)), columns] = values
    return full.reshape(tuple(shape))


def _constants(subgraph: Any, buffers: Any) -> dict[int, Array]:
    constants = {}
    for index, tensor in enumerate(subgraph.tensors):
        stored = buffers[tensor.buffer].data
        if stored is None:
            continue
        if tensor.type not in _DTYPES:
            raise UnsupportedGraph(f"constant {_text(tensor.name)!r} of TFLite type {tensor.type}")
        values = np.frombuffer(bytes(bytearray(stored)), dtype=_DTYPES[tensor.type])
        if tensor.sparsity is not None:
            constants[index] = densify(values, tensor.shape, tensor.sparsity)
        else:
            constants[index] = values.reshape(tuple(tensor.shape))
    return constants


def _operator(raw: Any, codes: Any) -> Operator:
    code = codes[raw.opcodeIndex]
    # Codes up to 127 stand in the older, one-byte field as well; files written before the newer one have only that.
    builtin = max(code.builtinCode, code.deprecatedBuiltinCode)
    return Operator(
        kind=_KINDS.get(builtin, f"operator {builtin}"),
        inputs=tuple(int(index) for index in raw.inputs),
        outputs=tuple(int(index) for index in raw.outputs),
        options=raw.builtinOptions,
    )


def _as_float32(values: Array) -> Array:
    """DENSIFY keeps float16 and DEQUANTIZE widens it; both may widen, for nothing else reads the values in between."""
    if values.dtype not in (np.float16, np.float32):
        raise UnsupportedGraph(f"weights quantised to {values.dtype}")
    return values.astype(np.float32)


def _text(name: bytes | str) -> str:
    return name.decode() if isinstance(name, bytes) else name
