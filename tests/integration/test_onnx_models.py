"""Exported models that declare themselves, as engines: tiny ones, built here."""

import json

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from inference import onnx_weights, weights
from inference.estimators.onnx_declared import BadDeclaration
from inference.estimators.onnx_model import DeclaredReader, load_declared
from inference.estimators.pictures import RgbPicture
from inference.estimators.registry import UnknownEstimator, estimator_names, get_estimator
from inference.pose.codec import decode, encode
from inference.pose.reading import Region
from inference.pose.skeleton import SKELETON
from inference.weights import WeightsError

SIDE = 32
INPUT = {
    "size_px": SIDE,
    "crop": "person",
    "colour": "rgb",
    "layout": "nchw",
    "scale": 1 / 255,
    "mean": [0, 0, 0],
    "std": [1, 1, 1],
}
OUTPUT = {"kind": "coordinates", "names": ["keypoints"], "columns": ["x", "y", "conf"]}


def standing():
    """(29, 3) x, y and confidence of somebody who stands in the middle of the crop, arms down."""
    places = dict.fromkeys(SKELETON.joints, (0.5, 0.5))
    for side, x in (("left", 0.56), ("right", 0.44)):
        heights = {"eye": 0.2, "ear": 0.21, "shoulder": 0.3, "elbow": 0.4, "wrist": 0.48, "hip": 0.5, "knee": 0.68}
        heights |= {"ankle": 0.85, "bigtoe": 0.88, "littletoe": 0.88, "palm_thumb": 0.5, "palm_pinky": 0.51}
        places |= {f"{side}_{part}": (x, y) for part, y in heights.items()}
    return np.array([(*places[joint], 0.9) for joint in SKELETON.joints], dtype=np.float32)


def build(path, *, batch="batch", joints=29, size=(SIDE, SIDE), scale=1.0, metadata=None):
    """keypoints = the figure, `scale` times as large; each joint moves to the right by a tenth of the input's mean."""
    figure = np.resize(standing(), (joints, 3)) * np.float32(scale)
    step = np.zeros((joints, 3), dtype=np.float32)
    step[:, 0] = 0.1
    nodes = [
        helper.make_node("ReduceMean", ["image"], ["mean"], axes=[1, 2, 3], keepdims=1),
        helper.make_node("Squeeze", ["mean", "last"], ["level"]),
        helper.make_node("Mul", ["level", "step"], ["moved"]),
        helper.make_node("Add", ["moved", "figure"], ["keypoints"]),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [batch, 3, *size])],
        [helper.make_tensor_value_info("keypoints", TensorProto.FLOAT, [batch, joints, 3])],
        [
            numpy_helper.from_array(np.array([3]), "last"),
            numpy_helper.from_array(step, "step"),
            numpy_helper.from_array(figure, "figure"),
        ],
    )
    model = helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 17)])
    helper.set_model_props(model, declared() if metadata is None else metadata)
    onnx.save(model, path)
    return path


def declared(**changed):
    entries = {"input": INPUT, "output": OUTPUT, "joints": list(SKELETON.joints), **changed}
    return {**{f"kdance.{key}": json.dumps(value) for key, value in entries.items()}, "kdance.licence": "Apache-2.0"}


@pytest.fixture(scope="module")
def model_dir():
    """Where `make setup` prepared the models; prepared and converted now if that was not done."""
    folder = weights.default_model_dir()
    weights.prepare(weights.DEFAULT_SOURCE, folder)
    onnx_weights.prepare(folder)
    return folder


@pytest.mark.parametrize("crop", ["person", "upright", "letterbox"])
def test_joints_lie_in_the_crop_that_the_model_saw(tmp_path, crop):
    graph, declaration = load_declared(build(tmp_path / "m.onnx", metadata=declared(input={**INPUT, "crop": crop})))
    reader = DeclaredReader(pytest.fail, graph.ask, declaration=declaration)
    picture = RgbPicture(np.full((200, 100, 3), 255, dtype=np.uint8))
    region = Region(60, 80, 40, np.pi / 2)
    seen = {
        "person": region,
        "upright": Region(60, 80, 40, 0),
        "letterbox": Region(50, 100, 200, 0),
    }[crop]
    reading = reader.read(picture, region)
    level = 0.5 if crop == "letterbox" else 1.0  # half of the square around the picture is black
    nose = standing()[SKELETON.index("nose"), :2] + (0.1 * level, 0)
    np.testing.assert_allclose(reading.xyz_px[0, :2], seen.to_picture(nose.astype(float)), atol=0.01 * seen.side_px)
    assert reading.score == pytest.approx(0.9)
    assert np.isnan(reading.xyz_m).all()
    assert reading.next_region.angle_rad == pytest.approx(seen.angle_rad, abs=0.01)


def test_a_whole_picture_fits_into_the_declared_box(tmp_path):
    path = build(
        tmp_path / "m.onnx", size=(18, 32), metadata=declared(input={**INPUT, "crop": "letterbox", "size_px": [32, 18]})
    )
    graph, declaration = load_declared(path)
    reader = DeclaredReader(pytest.fail, graph.ask, declaration=declaration)
    nose = standing()[SKELETON.index("nose"), :2].astype(float) + np.array([0.1, 0.0])
    wide = reader.read(RgbPicture(np.full((180, 320, 3), 255, dtype=np.uint8)), Region(60, 80, 40, 1.0))
    np.testing.assert_allclose(wide.xyz_px[0, :2], nose * (320, 180), atol=1)
    tall = reader.read(RgbPicture(np.full((320, 90, 3), 255, dtype=np.uint8)), Region(60, 80, 40, 1.0))
    share = 90 / (320 * 32 / 18)  # of the box that the picture is as wide as
    expected = (nose - (0.1 * (1 - share), 0) - (0.5, 0.5)) * (320 * 32 / 18, 320) + (45, 160)
    np.testing.assert_allclose(tall.xyz_px[0, :2], expected, atol=6)


def test_is_an_engine_by_the_environment(tmp_path, monkeypatch, model_dir, shared_data):
    monkeypatch.setenv("KDANCE_MODELS", f" tiny = {build(tmp_path / 'tiny.onnx')} ,")
    assert estimator_names()[-1] == "tiny"
    engine = get_estimator("tiny", model_dir=model_dir)
    track = engine.estimate(shared_data / "video" / "same_dance_0.mp4").track
    assert track.model == "tiny"
    assert track.found.mean() > 0.9
    assert np.isnan(track.xyz_m).all()
    copy = decode(encode(track))
    np.testing.assert_array_equal(copy.found, track.found)


def test_unknown_and_malformed_names(monkeypatch):
    monkeypatch.setenv("KDANCE_MODELS", "tiny=/models/tiny.onnx")
    with pytest.raises(UnknownEstimator, match="tiny"):
        get_estimator("tinier")
    with pytest.raises(WeightsError, match=r"/models/tiny\.onnx cannot be read"):
        get_estimator("tiny")
    for text in ("tiny", "=x.onnx", "tiny=", "blazepose-full=x.onnx"):
        monkeypatch.setenv("KDANCE_MODELS", text)
        with pytest.raises(ValueError, match="KDANCE_MODELS"):
            estimator_names()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"metadata": {}}, "kdance.licence is missing"),
        ({"batch": 1}, "is its batch axis free"),
        ({"metadata": declared(input={**INPUT, "size_px": 48})}, "is kdance.input right"),
        ({"metadata": declared(output={**OUTPUT, "names": ["points"]})}, "no output 'points'; it has keypoints"),
        ({"metadata": declared(output={**OUTPUT, "columns": ["x", "y"]})}, "which kdance.output does not describe"),
        ({"joints": 17}, "which kdance.output does not describe"),
        ({"scale": 256}, "must be shares of the input's width and height, not pixels"),
        ({"scale": 2}, "'conf' must lie between 0 and 1"),
        ({"scale": np.nan}, "not finite"),
        (
            {"metadata": declared(output={"kind": "heatmap", "names": ["keypoints"], "activation": "none"})},
            "which kdance.output does not describe",
        ),
    ],
)
def test_says_what_does_not_fit(tmp_path, options, complaint):
    path = build(tmp_path / "m.onnx", **options)
    with pytest.raises(BadDeclaration) as raised:
        load_declared(path)
    assert complaint in str(raised.value)
    assert str(path) in str(raised.value)


def test_a_file_that_is_no_model(tmp_path):
    (tmp_path / "text.onnx").write_text("no model")
    with pytest.raises(BadDeclaration, match="no ONNX model"):
        load_declared(tmp_path / "text.onnx")
