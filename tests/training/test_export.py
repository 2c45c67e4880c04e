"""What is exported computes what Keras computes, says how it is used, and is there whole or not at all."""

import hashlib
import json

import numpy as np
import onnxruntime
import pytest

from inference.pose.skeleton import SKELETON
from ml_training import export
from ml_training.config import Config
from ml_training.correction import Correction
from ml_training.errors import TrainingError
from ml_training.models.base import JOINTS, build_network
from ml_training.runs import Trained
from tests.training.untrained import TINY_SIMCC


@pytest.fixture(scope="module")
def trained():
    """Untrained, with a correction of some joints."""
    rng = np.random.default_rng(4)
    applied = rng.random((JOINTS, 2)) < 0.5
    correction = Correction(rng.uniform(-3, 3, (JOINTS, 2)), rng.uniform(0.9, 1.2, (JOINTS, 2)), applied)
    return Trained(build_network("simcc", TINY_SIMCC), Config("simcc", TINY_SIMCC), correction, {"mae_px": 3.5})


@pytest.fixture(scope="module")
def exported(trained, tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "tiny.onnx"
    difference = export.export(trained, path, licence="CC-BY-4.0", data="made-up figures", tflite=True)
    return path, difference


def test_both_files_read_as_keras_reads_with_the_correction(trained, exported):
    path, difference = exported
    assert difference < export.TOLERANCE_PX
    pictures = export.probe_pictures((64, 64, 3))[:, ::-1]
    outputs = trained.network.model(pictures, training=False)
    expected = np.asarray(trained.network.decode(outputs))
    expected_xy = trained.correction.apply(expected[..., :2])
    (found,) = onnxruntime.InferenceSession(path).run(["keypoints"], {"picture": pictures})
    assert np.abs(found[..., :2] * 64 - expected_xy).max() < export.TOLERANCE_PX
    np.testing.assert_allclose(found[..., 2], expected[..., 2], atol=1e-4)
    assert export.read_by_tflite(path.with_suffix(".tflite").read_bytes(), (64, 64, 3)).shape == (4, JOINTS, 3)


def test_the_file_says_how_it_is_used_and_what_it_is(exported):
    path, _ = exported
    said = onnxruntime.InferenceSession(path).get_modelmeta().custom_metadata_map
    assert (said["kdance.licence"], said["kdance.trained_on"]) == ("CC-BY-4.0", "made-up figures")
    assert json.loads(said["kdance.joints"]) == list(SKELETON.joints)
    assert json.loads(said["kdance.input"])["size_px"] == 64
    assert json.loads(said["kdance.metrics"]) == {"split": "validation", "mae_px": 3.5}
    assert len(json.loads(said["kdance.sigmas"])) == JOINTS
    digest, name = path.with_name("tiny.onnx.sha256").read_text().split()
    assert (digest, name) == (hashlib.sha256(path.read_bytes()).hexdigest(), "tiny.onnx")


def test_a_file_that_differs_gets_no_name(trained, tmp_path, monkeypatch):
    monkeypatch.setattr(export, "read_by_onnx", lambda model, shape: np.zeros((4, JOINTS, 3), np.float32))
    with pytest.raises(TrainingError) as raised:
        export.export(trained, tmp_path / "tiny.onnx", licence="MIT", data="", tflite=False)
    assert raised.value.code == "export_differs"
    assert list(tmp_path.iterdir()) == []


def test_the_whole_picture_is_declared_as_width_and_height():
    letterbox = Trained(build_network("cnn_extend", {}), Config("cnn_extend"), None, {})
    said = export.metadata_of(letterbox, licence="MIT", data="")
    declared = json.loads(said["kdance.input"])
    assert (declared["size_px"], declared["crop"]) == ([320, 180], "letterbox")
    reader = export.Reader(letterbox)
    assert reader.shape == (180, 320, 3)
    assert [tuple(weight.shape) for weight in reader.large_weights] == [(22 * 40 * 96, 512)]
