"""From a TFLite graph to ONNX, for the operators that BlazePose's graphs are made of.

Pictures stay (batch, channels, height, width) inside, as ONNX has them: weights are turned once, here, and a transpose
is left only where the graph's own inputs, outputs and flattened tensors want TFLite's order. The batch may be of any size.

Source: the TFLite schema and reference kernels, and the ONNX operator documentation (operator set 17).
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from inference.tflite_graph import Array, Operator, TfliteGraph, UnsupportedGraph, read_tflite

OPERATOR_SET = 17
IR_VERSION = 10
BATCH = "batch"

_TO_ONNX = (0, 3, 1, 2)
_TO_TFLITE = (0, 2, 3, 1)
_NO_ACTIVATION, _RELU, _RELU6 = 0, 1, 3
_SAME = 0


def to_onnx(content: bytes) -> bytes:
    """The ONNX model of a `.tflite` file: the same names and axes of inputs and outputs, but any number of pictures.

    The same input gives the same bytes.

    Raises
    ------
    UnsupportedGraph
        For an operator, or a use of one, that is not known here; the text names it.
    """
    return convert(read_tflite(content))


def convert(graph: TfliteGraph) -> bytes:
    """The ONNX model of a graph; as `to_onnx`."""
    builder = _Builder(graph)
    for operator in graph.operators:
        if operator.kind not in _CONVERTERS:
            raise UnsupportedGraph(f"operator {operator.kind}")
        _CONVERTERS[operator.kind](builder, operator)
    model = helper.make_model(
        builder.finish(),
        producer_name="kdance",
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPERATOR_SET)],
    )
    onnx.checker.check_model(model, full_check=True)
    serialized: bytes = model.SerializeToString(deterministic=True)
    return serialized


class _Builder:
    """Collects nodes and constants. A tensor of four axes lies in ONNX's order under the name that `value` gives it."""

    def __init__(self, graph: TfliteGraph) -> None:
        self.graph = graph
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        for index in graph.inputs:
            if self.is_picture(index):
                self.node("Transpose", [graph.names[index]], self.value(index), perm=_TO_ONNX)

    def is_picture(self, index: int) -> bool:
        return len(self.graph.shapes[index]) == 4

    def value(self, index: int) -> str:
        """The tensor's name inside; the graph's own name stands for what goes in and out in TFLite's order."""
        if index in self.graph.constants:
            raise UnsupportedGraph(f"a constant operand: {self.graph.names[index]!r}")
        is_border = index in self.graph.inputs or index in self.graph.outputs
        return self.graph.names[index] if is_border and not self.is_picture(index) else f"tensor_{index}"

    def constant(self, name: str, values: Array) -> str:
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> None:
        self._nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))

    def activated(self, kind: str, inputs: Sequence[str], operator: Operator, **attributes: Any) -> None:
        """A node followed by the activation that TFLite fuses with it."""
        (index,) = operator.outputs
        output, activation = self.value(index), operator.options.fusedActivationFunction
        if activation == _NO_ACTIVATION:
            self.node(kind, inputs, output, **attributes)
            return
        before = f"{output}_before"
        self.node(kind, inputs, before, **attributes)
        if activation == _RELU:
            self.node("Relu", [before], output)
        elif activation == _RELU6:
            least = self.constant(f"{output}_least", np.array(0, dtype=np.float32))
            most = self.constant(f"{output}_most", np.array(6, dtype=np.float32))
            self.node("Clip", [before, least, most], output)
        else:
            raise UnsupportedGraph(f"{operator.kind} with fused activation {activation}")

    def finish(self) -> onnx.GraphProto:
        for index in self.graph.outputs:
            if self.is_picture(index):
                self.node("Transpose", [self.value(index)], self.graph.names[index], perm=_TO_TFLITE)
        return helper.make_graph(
            self._nodes,
            "kdance",
            [self._border(index) for index in self.graph.inputs],
            [self._border(index) for index in self.graph.outputs],
            self._constants,
        )

    def _border(self, index: int) -> onnx.ValueInfoProto:
        name, (_, *rest) = self.graph.names[index], self.graph.shapes[index]
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, [BATCH, *rest])


def _convolution(builder: _Builder, operator: Operator) -> None:
    weights = _constant_input(builder, operator, 1)  # (out, height, width, in)
    _convolve(builder, operator, weights.transpose(0, 3, 1, 2), groups=1)


def _depthwise_convolution(builder: _Builder, operator: Operator) -> None:
    weights = _constant_input(builder, operator, 1)  # (1, height, width, out)
    channels = builder.graph.shapes[operator.inputs[0]][3]
    _convolve(builder, operator, weights.transpose(3, 0, 1, 2), groups=channels)


def _convolve(builder: _Builder, operator: Operator, weights: Array, *, groups: int) -> None:
    options = operator.options
    output = builder.value(operator.outputs[0])
    inputs = [builder.value(operator.inputs[0]), builder.constant(f"{output}_weights", weights)]
    if len(operator.inputs) > 2 and operator.inputs[2] >= 0:
        inputs.append(builder.constant(f"{output}_bias", _constant_input(builder, operator, 2)))
    dilations = (options.dilationHFactor, options.dilationWFactor)
    builder.activated(
        "Conv",
        inputs,
        operator,
        kernel_shape=weights.shape[2:],
        strides=(options.strideH, options.strideW),
        dilations=dilations,
        group=groups,
        pads=_padding(builder, operator, weights.shape[2:], dilations),
    )


def _max_pool(builder: _Builder, operator: Operator) -> None:
    options = operator.options
    window = (options.filterHeight, options.filterWidth)
    builder.activated(
        "MaxPool",
        [builder.value(operator.inputs[0])],
        operator,
        kernel_shape=window,
        strides=(options.strideH, options.strideW),
        pads=_padding(builder, operator, window, (1, 1)),
    )


def _padding(builder: _Builder, operator: Operator, window: Sequence[int], dilations: Sequence[int]) -> list[int]:
    """[top, left, bottom, right] zeros. TFLite's SAME puts the odd one below and to the right."""
    if operator.options.padding != _SAME:
        return [0, 0, 0, 0]
    lengths = builder.graph.shapes[operator.inputs[0]][1:3]
    strides = (operator.options.strideH, operator.options.strideW)
    before, after = [], []
    for length, stride, size, dilation in zip(lengths, strides, window, dilations, strict=True):
        steps = -(-length // stride)
        total = max((steps - 1) * stride + (size - 1) * dilation + 1 - length, 0)
        before.append(total // 2)
        after.append(total - total // 2)
    return [*before, *after]


def _add(builder: _Builder, operator: Operator) -> None:
    ours, theirs = (builder.graph.shapes[index] for index in operator.inputs)
    if ours != theirs:
        raise UnsupportedGraph(f"ADD of {ours} and {theirs}")
    builder.activated("Add", [builder.value(index) for index in operator.inputs], operator)


def _concatenation(builder: _Builder, operator: Operator) -> None:
    axis = operator.options.axis % len(builder.graph.shapes[operator.inputs[0]])
    if builder.is_picture(operator.inputs[0]):
        axis = _TO_ONNX.index(axis)
    builder.activated("Concat", [builder.value(index) for index in operator.inputs], operator, axis=axis)


def _pad(builder: _Builder, operator: Operator) -> None:
    amounts = _constant_input(builder, operator, 1).astype(np.int64)  # (axes, 2)
    if builder.is_picture(operator.inputs[0]):
        amounts = amounts[list(_TO_ONNX)]
    output = builder.value(operator.outputs[0])
    pads = builder.constant(f"{output}_pads", amounts.T.reshape(-1))
    builder.node("Pad", [builder.value(operator.inputs[0]), pads], output, mode="constant")


def _reshape(builder: _Builder, operator: Operator) -> None:
    source, target = operator.inputs[0], operator.outputs[0]
    shape, wanted = builder.graph.shapes[source], builder.graph.shapes[target]
    if builder.is_picture(target) or shape[0] != wanted[0]:
        raise UnsupportedGraph(f"RESHAPE from {shape} to {wanted}")
    output, value = builder.value(target), builder.value(source)
    if builder.is_picture(source) and shape[1:3] != (1, 1):
        builder.node("Transpose", [value], f"{output}_turned", perm=_TO_TFLITE)
        value = f"{output}_turned"
    # A zero keeps the length that the axis has: the batch.
    lengths = builder.constant(f"{output}_shape", np.array([0, *wanted[1:]], dtype=np.int64))
    builder.node("Reshape", [value, lengths], output)


def _resize_bilinear(builder: _Builder, operator: Operator) -> None:
    shape, wanted = (builder.graph.shapes[index] for index in (operator.inputs[0], operator.outputs[0]))
    factors = [now // before for now, before in zip(wanted[1:3], shape[1:3], strict=True)]
    if [length * factor for length, factor in zip(shape[1:3], factors, strict=True)] != list(wanted[1:3]):
        raise UnsupportedGraph(f"RESIZE_BILINEAR from {shape} to {wanted}, not by a whole factor")
    mode = "asymmetric"
    if operator.options.halfPixelCenters:
        mode = "half_pixel"
    elif operator.options.alignCorners:
        mode = "align_corners"
    output = builder.value(operator.outputs[0])
    scales = builder.constant(f"{output}_scales", np.array([1, 1, *factors], dtype=np.float32))
    builder.node(
        "Resize",
        [builder.value(operator.inputs[0]), "", scales],
        output,
        mode="linear",
        coordinate_transformation_mode=mode,
    )


def _depth_to_space(builder: _Builder, operator: Operator) -> None:
    (index,) = operator.inputs
    size = operator.options.blockSize
    builder.node("DepthToSpace", [builder.value(index)], builder.value(operator.outputs[0]), blocksize=size, mode="DCR")


def _logistic(builder: _Builder, operator: Operator) -> None:
    builder.node("Sigmoid", [builder.value(operator.inputs[0])], builder.value(operator.outputs[0]))


def _constant_input(builder: _Builder, operator: Operator, place: int) -> Array:
    index = operator.inputs[place]
    if index not in builder.graph.constants:
        raise UnsupportedGraph(f"{operator.kind} with {builder.graph.names[index]!r} that is not constant")
    return builder.graph.constants[index]


_CONVERTERS: dict[str, Callable[[_Builder, Operator], None]] = {
    "ADD": _add,
    "CONCATENATION": _concatenation,
    "CONV_2D": _convolution,
    "DEPTHWISE_CONV_2D": _depthwise_convolution,
    "DEPTH_TO_SPACE": _depth_to_space,
    "LOGISTIC": _logistic,
    "MAX_POOL_2D": _max_pool,
    "PAD": _pad,
    "RESHAPE": _reshape,
    "RESIZE_BILINEAR": _resize_bilinear,
}
