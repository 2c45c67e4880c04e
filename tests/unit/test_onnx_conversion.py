"""Each operator of the conversion to ONNX against plain numpy, and what it refuses."""

from types import SimpleNamespace

import numpy as np
import onnxruntime
import pytest
from ai_edge_litert import schema_py_generated as tflite

from inference.onnx_conversion import convert
from inference.tflite_graph import Operator, TfliteGraph, UnsupportedGraph, densify, read_tflite

SAME, VALID = 0, 1
NONE, RELU, TANH, RELU6 = 0, 1, 4, 3
RANDOM = np.random.default_rng(3)


def noise(*shape):
    return RANDOM.standard_normal(shape).astype(np.float32)


def graph(kind, shapes, wanted, *, constants=None, **options):
    """One operator: tensors 0.. are its inputs (those in `constants` are given), the last is its output."""
    constants = constants or {}
    taken = tuple(range(len(shapes)))
    options.setdefault("fusedActivationFunction", NONE)
    return TfliteGraph(
        names=[*(f"in{index}" for index in taken), "out"],
        shapes=[*shapes, wanted],
        constants=constants,
        operators=[Operator(kind, taken, (len(shapes),), SimpleNamespace(**options))],
        inputs=tuple(index for index in taken if index not in constants),
        outputs=(len(shapes),),
    )


def run(converted, *inputs):
    session = onnxruntime.InferenceSession(convert(converted), providers=["CPUExecutionProvider"])
    names = [given.name for given in session.get_inputs()]
    (output,) = session.run(None, dict(zip(names, inputs, strict=True)))
    return output


def convolve(picture, weights, bias, stride, padding):
    """TFLite's CONV_2D as its definition reads; picture (H, W, C), weights (out, h, w, C)."""
    size = weights.shape[1]
    if padding == SAME:
        steps = -(-picture.shape[0] // stride)
        total = max((steps - 1) * stride + size - picture.shape[0], 0)
        picture = np.pad(picture, [(total // 2, total - total // 2)] * 2 + [(0, 0)])
    steps = (picture.shape[0] - size) // stride + 1
    windows = np.array(
        [
            [picture[y * stride : y * stride + size, x * stride : x * stride + size] for x in range(steps)]
            for y in range(steps)
        ]
    )
    return np.einsum("yxhwc,ohwc->yxo", windows, weights) + bias


@pytest.mark.parametrize("padding", [SAME, VALID])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
@pytest.mark.parametrize("length", [8, 9])
def test_convolution_pads_as_tflite_does(length, size, stride, padding):
    weights, bias = noise(4, size, size, 3), noise(4)
    pictures = noise(2, length, length, 3)
    expected = np.stack([convolve(picture, weights, bias, stride, padding) for picture in pictures])
    converted = graph(
        "CONV_2D",
        [(1, length, length, 3), weights.shape, bias.shape],
        (1, *expected.shape[1:]),
        constants={1: weights, 2: bias},
        padding=padding,
        strideH=stride,
        strideW=stride,
        dilationHFactor=1,
        dilationWFactor=1,
    )
    np.testing.assert_allclose(run(converted, pictures), expected, atol=1e-5)


def test_depthwise_convolution_keeps_channels_apart():
    weights, bias = noise(1, 3, 3, 4), noise(4)
    pictures = noise(2, 8, 8, 4)
    apart = [
        np.stack([convolve(picture[..., [c]], weights[..., [c]], bias[c], 2, SAME) for picture in pictures])
        for c in range(4)
    ]
    converted = graph(
        "DEPTHWISE_CONV_2D",
        [(1, 8, 8, 4), weights.shape, bias.shape],
        (1, 4, 4, 4),
        constants={1: weights, 2: bias},
        padding=SAME,
        strideH=2,
        strideW=2,
        dilationHFactor=1,
        dilationWFactor=1,
    )
    np.testing.assert_allclose(run(converted, pictures), np.concatenate(apart, axis=3), atol=1e-5)


@pytest.mark.parametrize(("activation", "low", "high"), [(NONE, -99, 99), (RELU, 0, 99), (RELU6, 0, 6)])
def test_sum_with_its_activation(activation, low, high):
    ours, theirs = 5 * noise(2, 3, 3, 2), 5 * noise(2, 3, 3, 2)
    converted = graph("ADD", [(1, 3, 3, 2)] * 2, (1, 3, 3, 2), fusedActivationFunction=activation)
    np.testing.assert_allclose(run(converted, ours, theirs), np.clip(ours + theirs, low, high))


def test_pictures_keep_tflites_order_outside_and_when_flattened():
    pictures = noise(2, 3, 4, 2)
    flat = graph("RESHAPE", [(1, 3, 4, 2), (3,)], (1, 12, 2), constants={1: np.array([1, 12, 2], dtype=np.int32)})
    np.testing.assert_array_equal(run(flat, pictures), pictures.reshape(2, 12, 2))
    padded = graph(
        "PAD",
        [(1, 3, 4, 2), (4, 2)],
        (1, 4, 7, 5),
        constants={1: np.array([[0, 0], [1, 0], [2, 1], [0, 3]], dtype=np.int32)},
    )
    np.testing.assert_array_equal(run(padded, pictures), np.pad(pictures, [(0, 0), (1, 0), (2, 1), (0, 3)]))


def test_pooling_and_channels_turned_into_pixels():
    pictures = noise(2, 4, 4, 8)
    pooled = graph(
        "MAX_POOL_2D", [(1, 4, 4, 8)], (1, 2, 2, 8), padding=VALID, strideH=2, strideW=2, filterHeight=2, filterWidth=2
    )
    np.testing.assert_array_equal(run(pooled, pictures), pictures.reshape(2, 2, 2, 2, 2, 8).max(axis=(2, 4)))
    spread = graph("DEPTH_TO_SPACE", [(1, 4, 4, 8)], (1, 8, 8, 2), blockSize=2)
    expected = pictures.reshape(2, 4, 4, 2, 2, 2).transpose(0, 1, 3, 2, 4, 5).reshape(2, 8, 8, 2)
    np.testing.assert_array_equal(run(spread, pictures), expected)


def test_resizing_between_pixel_centres():
    row = np.array([0, 4, 8], dtype=np.float32).reshape(1, 1, 3, 1)
    options = {"halfPixelCenters": True, "alignCorners": False}
    twice = graph("RESIZE_BILINEAR", [(1, 1, 3, 1), (2,)], (1, 2, 6, 1), constants={1: np.array([2, 6])}, **options)
    np.testing.assert_allclose(run(twice, row)[0, 0, :, 0], [0, 1, 3, 5, 7, 8])


def test_the_same_graph_gives_the_same_bytes():
    converted = graph("LOGISTIC", [(1, 5)], (1, 5))
    assert convert(converted) == convert(converted)


@pytest.mark.parametrize(
    ("refused", "named"),
    [
        (graph("FLOOR", [(1, 5)], (1, 5)), "operator FLOOR"),
        (graph("ADD", [(1, 2, 2, 3), (1, 1, 1, 3)], (1, 2, 2, 3)), "ADD of"),
        (graph("ADD", [(1, 5)] * 2, (1, 5), fusedActivationFunction=TANH), "fused activation 4"),
        (graph("ADD", [(1, 5)] * 2, (1, 5), constants={1: noise(1, 5)}), "constant operand: 'in1'"),
        (graph("RESHAPE", [(1, 12), (4,)], (1, 2, 2, 3), constants={1: noise(4)}), "RESHAPE from"),
        (
            graph("RESIZE_BILINEAR", [(1, 2, 2, 1), (2,)], (1, 3, 3, 1), halfPixelCenters=True, alignCorners=False),
            "not by a whole factor",
        ),
        (graph("PAD", [(1, 5), (2, 2)], (1, 6)), "PAD with 'in1' that is not constant"),
    ],
)
def test_refuses_what_it_does_not_know_by_name(refused, named):
    with pytest.raises(UnsupportedGraph, match=named) as raised:
        convert(refused)
    assert raised.value.code == "unsupported_graph"


def sparse(values, *, axes=None, blocks=None):
    """SparsityParameters of a dense (rows, columns) array, and the values that it stores."""
    stored = values != 0
    bounds = np.concatenate([[0], stored.sum(axis=1).cumsum()])
    rows = SimpleNamespace(format=tflite.DimensionType.DENSE, denseSize=len(values))
    columns = SimpleNamespace(
        format=tflite.DimensionType.SPARSE_CSR,
        arraySegments=SimpleNamespace(values=bounds),
        arrayIndices=SimpleNamespace(values=np.nonzero(stored)[1]),
    )
    parameters = SimpleNamespace(traversalOrder=axes or [0, 1], blockMap=blocks, dimMetadata=[rows, columns])
    return parameters, values[stored]


def test_sparse_weights_become_dense():
    values = np.where(RANDOM.random((6, 5)) < 0.4, noise(6, 5), 0)
    parameters, stored = sparse(values)
    np.testing.assert_array_equal(densify(stored, (6, 5), parameters), values)


def test_other_sparse_layouts_are_refused():
    parameters, stored = sparse(np.eye(3), axes=[1, 0])
    with pytest.raises(UnsupportedGraph, match="sparse"):
        densify(stored, (3, 3), parameters)
    parameters, stored = sparse(np.eye(3))
    parameters.dimMetadata.append(parameters.dimMetadata[1])
    with pytest.raises(UnsupportedGraph, match="sparse"):
        densify(stored, (3, 3), parameters)


def test_a_graph_of_several_parts_is_refused():
    import flatbuffers

    model = tflite.ModelT()
    model.subgraphs = [tflite.SubGraphT(), tflite.SubGraphT()]
    builder = flatbuffers.Builder(64)
    builder.Finish(model.Pack(builder), b"TFL3")
    with pytest.raises(UnsupportedGraph, match="2 subgraphs"):
        read_tflite(bytes(builder.Output()))
