"""What an exported model must say of itself, and what its numbers become."""

import json

import numpy as np
import pytest

from inference.estimators.onnx_declared import BadDeclaration, ModelInput, read_declaration
from inference.estimators.onnx_decoding import decode, region_around, to_landmarks
from inference.pose.mapping import DIRECT, to_kdance
from inference.pose.skeleton import SKELETON

INPUT = {
    "size_px": 64,
    "crop": "person",
    "colour": "rgb",
    "layout": "nchw",
    "scale": 1 / 255,
    "mean": [0.5, 0.5, 0.5],
    "std": [0.25, 0.25, 0.5],
}
OUTPUT = {"kind": "coordinates", "names": ["keypoints"], "columns": ["x", "y", "conf"]}


def metadata(*, input_=None, output=None, joints=None, licence="Apache-2.0", **changed):
    return {
        "kdance.input": json.dumps({**INPUT, **(input_ or {})}),
        "kdance.output": json.dumps(output or OUTPUT),
        "kdance.joints": json.dumps(joints or list(SKELETON.joints)),
        "kdance.licence": licence,
        **changed,
    }


def test_reads_a_whole_declaration():
    declared = read_declaration(metadata())
    assert declared.input == ModelInput((64, 64), "person", "rgb", "nchw", 1 / 255, (0.5,) * 3, (0.25, 0.25, 0.5))
    assert declared.output.columns == ("x", "y", "conf")
    assert (declared.joint_count, declared.licence) == (29, "Apache-2.0")
    assert read_declaration(metadata(joints="blazepose33")).joint_count == 33


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({}, "kdance.licence is missing"),
        (metadata(licence=" "), "kdance.licence is missing"),
        ({"kdance.licence": "MIT"}, "kdance.input is missing"),
        (metadata(**{"kdance.input": "{"}), "kdance.input is not JSON"),
        (metadata(**{"kdance.input": "[" * 100_000}), "kdance.input is not JSON"),
        (metadata(**{"kdance.input": "[1]"}), "kdance.input must be an object"),
        (metadata(input_={"size_px": 0}), "'size_px' must be a whole number up to 1024, or [width, height], not 0"),
        (metadata(input_={"size_px": [64, 32]}), 'one number unless "crop" is "letterbox"'),
        (metadata(input_={"size_px": [64, 33], "crop": "letterbox"}), "differ by an even number"),
        (metadata(input_={"size_px": [64, 32, 3]}), "'size_px'"),
        (metadata(input_={"size_px": [64, 2048], "crop": "letterbox"}), "'size_px'"),
        (metadata(input_={"size_px": True}), "'size_px'"),
        (metadata(input_={"crop": "face"}), "'crop' must be one of person, upright, letterbox, not \"face\""),
        (metadata(input_={"colour": ["rgb"]}), "'colour' must be one of"),
        (metadata(input_={"scale": "1"}), "'scale' must be a number"),
        (metadata(input_={"scale": float("nan")}), "'scale' must be a number"),
        (metadata(input_={"std": [1, 0, 1]}), "'std' must be 3 numbers above 0"),
        (metadata(input_={"mean": [1, 2]}), "'mean' must be a list of 3 numbers"),
        (metadata(input_={"padding": 3}), "kdance.input has 'padding', which is not known"),
        (metadata(output={"kind": "boxes"}), "'kind' must be one of coordinates, heatmap, simcc"),
        (metadata(output={"kind": "simcc", "names": ["x"]}), "'names' must be a list of 2"),
        (metadata(output={**OUTPUT, "columns": ["y", "x"]}), "'columns' must be one of"),
        (metadata(output={"kind": "heatmap", "names": ["maps"]}), "'activation' must be one of"),
        (metadata(joints=["nose"]), "kdance.joints must be 'blazepose33' or a list of the 29"),
    ],
)
def test_says_what_is_wrong(given, complaint):
    with pytest.raises(BadDeclaration) as raised:
        read_declaration(given)
    assert complaint in str(raised.value)
    assert raised.value.code == ("other_skeleton" if "kdance.joints" in complaint else "bad_model_declaration")


def test_pictures_are_prepared_as_declared():
    image = np.zeros((64, 64, 3), dtype=np.uint8)
    image[3, 5] = (255, 51, 0)
    prepared = read_declaration(metadata()).input.prepare(image)
    assert (prepared.shape, prepared.dtype) == ((3, 64, 64), np.float32)
    np.testing.assert_allclose(prepared[:, 3, 5], [2, -1.2, -1], atol=1e-6)
    turned = read_declaration(metadata(input_={"colour": "bgr", "layout": "nhwc"})).input.prepare(image)
    assert turned.shape == (64, 64, 3)
    np.testing.assert_allclose(turned[3, 5], [-2, -1.2, 1], atol=1e-6)


@pytest.mark.parametrize(("size_px", "rows", "columns"), [([64, 32], (16, 48), (0, 64)), ([32, 64], (0, 64), (16, 48))])
def test_a_box_is_the_middle_of_the_square_crop(size_px, rows, columns):
    declared = read_declaration(metadata(input_={"size_px": size_px, "crop": "letterbox", "layout": "nhwc"})).input
    image = np.random.default_rng(1).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    prepared = declared.prepare(image)
    assert (prepared.shape[1], prepared.shape[0]) == tuple(size_px)
    inside = image[rows[0] : rows[1], columns[0] : columns[1]]
    np.testing.assert_allclose(prepared, (inside / 255 - [0.5] * 3) / [0.25, 0.25, 0.5], atol=1e-6)
    corners = declared.to_square(np.array([[0.0, 0.0, 0.3], [1.0, 1.0, -0.3]]))
    expected = [[columns[0] / 64, rows[0] / 64, 0.3], [columns[1] / 64, rows[1] / 64, -0.3]]
    np.testing.assert_allclose(corners, expected)


def output(kind, **more):
    return read_declaration(metadata(output={"kind": kind, **more})).output


def test_coordinates_are_taken_by_their_columns():
    numbers = np.array([[0.25, 0.5, -0.1, 0.9], [0.75, 1.5, 0.2, 1.5]], dtype=np.float32)
    values, conf = decode([numbers], output("coordinates", names=["k"], columns=["x", "y", "z", "conf"]))
    np.testing.assert_allclose(values, numbers[:, :3])
    np.testing.assert_allclose(conf, [0.9, 1.0], atol=1e-6)
    values, conf = decode([numbers[:, :2]], output("coordinates", names=["k"], columns=["x", "y"]))
    np.testing.assert_allclose(values[:, 2], 0)
    np.testing.assert_allclose(conf, 1)


def test_heat_maps_give_the_centre_of_the_heat():
    y, x = np.mgrid[:32, :16]
    heat = 0.8 * np.exp(-((x - 6.0) ** 2 + (y - 20.0) ** 2) / 2)
    blank = np.zeros_like(heat)
    values, conf = decode([np.stack([heat, blank])], output("heatmap", names=["maps"], activation="none"))
    np.testing.assert_allclose(values[0], [6 / 16, 20 / 32, 0], atol=1e-6)
    np.testing.assert_allclose(conf, [0.8, 0], atol=1e-6)
    _, sure = decode(
        [np.log(np.array([[[0.5, 1e-9], [1e-9, 1e-9]]]))], output("heatmap", names=["m"], activation="softmax")
    )
    assert sure[0] == pytest.approx(1, abs=1e-6)
    _, sure = decode([np.zeros((1, 4, 4))], output("heatmap", names=["m"], activation="sigmoid"))
    assert sure[0] == pytest.approx(0.5)


def test_bins_of_both_axes_give_a_place():
    across, down = np.zeros((1, 128)), np.zeros((1, 64))
    across[0, 32], down[0, 48] = 0.9, 0.6
    values, conf = decode([across, down], output("simcc", names=["x", "y"], activation="none"))
    np.testing.assert_allclose(values, [[0.25, 0.75, 0]])
    np.testing.assert_allclose(conf, [0.6])


def test_joints_in_any_order_come_out_where_they_belong():
    joints = tuple(reversed(SKELETON.joints))
    values = np.random.default_rng(1).random((29, 3))
    conf = np.linspace(0.1, 0.9, 29)
    landmarks, sure = to_landmarks(values, conf, joints)
    xy, joint_conf = to_kdance(landmarks[None], sure[None])
    for joint in DIRECT:
        np.testing.assert_allclose(xy[0, SKELETON.index(joint)], values[joints.index(joint), :2])
        assert joint_conf[0, SKELETON.index(joint)] == pytest.approx(conf[joints.index(joint)])
    assert np.isfinite(xy).all()
    middle = values[[joints.index("left_hip"), joints.index("right_hip")], :2].mean(axis=0)
    np.testing.assert_allclose(xy[0, SKELETON.index("center_hip")], middle)


def test_the_next_region_holds_the_body_and_stands_as_it_does():
    xy = np.tile([100.0, 100.0], (33, 1))
    xy[11:13] = [150, 100]  # the shoulders lie to the right of the hips
    xy[27:29] = [-50, 100]
    region = region_around(xy, np.ones(33))
    assert (region.x_px, region.y_px) == (100, 100)
    assert region.side_px == pytest.approx(2 * 150 * 1.25)
    assert np.degrees(region.angle_rad) == pytest.approx(90)
    unsure = np.ones(33)
    unsure[27:29] = 0
    assert region_around(xy, unsure).side_px == pytest.approx(2 * 80 * 1.25)
