"""What is exported computes what Keras computes, says how it is used, and is there whole or not at all."""

import dataclasses
import hashlib
import json
import sys
from dataclasses import replace

import numpy as np
import onnxruntime
import pytest

from inference.pose.skeleton import SKELETON
from ml_training import export
from ml_training.checkpoint import WEIGHTS, save_weights
from ml_training.config import Config
from ml_training.correction import Correction
from ml_training.errors import TrainingError
from ml_training.evaluate import evaluate
from ml_training.models.base import JOINTS, build_network
from ml_training.runs import Trained, write_config, write_correction
from tests.training.test_evaluate import people
from tests.training.untrained import TINY_SIMCC

__all__ = ["people"]
"""A fixture."""


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
    assert difference < export.TOLERANCE
    pictures = export.probe_pictures((64, 64, 3))[:, ::-1]
    outputs = trained.network.model(pictures, training=False)
    expected = np.asarray(trained.network.decode(outputs))
    expected_xy = trained.correction.apply(expected[..., :2])
    (found,) = onnxruntime.InferenceSession(path).run(["keypoints"], {"picture": pictures})
    assert np.abs(found[..., :2] * 64 - expected_xy).max() < export.TOLERANCE
    np.testing.assert_allclose(found[..., 2], expected[..., 2], atol=1e-4)
    assert export.read_by_tflite(path.with_suffix(".tflite").read_bytes(), (64, 64, 3)).shape == (4, JOINTS, 3)


def test_the_file_says_how_it_is_used_and_what_it_is(exported):
    path, _ = exported
    said = onnxruntime.InferenceSession(path).get_modelmeta().custom_metadata_map
    assert (said["kdance.licence"], said["kdance.trained_on"]) == ("CC-BY-4.0", "made-up figures")
    assert json.loads(said["kdance.joints"]) == list(SKELETON.joints)
    assert json.loads(said["kdance.input"])["size_px"] == 64
    assert json.loads(said["kdance.metrics"]) == {"split": "validation", "before_correction": True, "mae_px": 3.5}
    assert json.loads(path.with_name("tiny.tflite.json").read_text()) == said
    assert len(json.loads(said["kdance.sigmas"])) == JOINTS
    digest, name = path.with_name("tiny.onnx.sha256").read_text().split()
    assert (digest, name) == (hashlib.sha256(path.read_bytes()).hexdigest(), "tiny.onnx")


def off_in_places(right):
    return right + np.float32([0.001, 0, 0])


def off_in_confidence(right):
    return right + np.float32([0, 0, 0.002])


def no_numbers(right):
    return right * np.float32(np.nan)


@pytest.mark.parametrize("spoilt", [off_in_places, off_in_confidence, no_numbers])
def test_a_file_that_differs_gets_no_name(trained, tmp_path, monkeypatch, spoilt):
    right = export.Reader(trained).read(export.probe_pictures((64, 64, 3)))
    monkeypatch.setattr(export, "to_onnx", lambda reader, metadata: b"")
    monkeypatch.setattr(export, "read_by_onnx", lambda model, shape: spoilt(right))
    with pytest.raises(TrainingError) as raised:
        export.export(trained, tmp_path / "tiny.onnx", licence="MIT", data="", tflite=False)
    assert raised.value.code == "export_differs"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["tiny.tflite", "tiny", "tiny.onnx.gz"])
def test_only_an_onnx_file_can_be_asked_for(tmp_path, monkeypatch, name):
    """Before the run is even looked for."""
    monkeypatch.setattr(sys, "argv", ["export", str(tmp_path / "no run"), "--out", str(tmp_path / name)])
    with pytest.raises(TrainingError, match=r"does not end in \.onnx") as raised:
        export.main()
    assert raised.value.code == "wrong_suffix"


def test_the_config_names_no_folder(trained):
    config = Config("transfer", {"weights": "/home/somebody/encoder.keras", "channels": 8})
    said = export.metadata_of(replace(trained, config=config), licence="MIT", data="")
    assert json.loads(said["kdance.config"])["options"] == {"weights": "encoder.keras", "channels": 8}
    assert config.options["weights"] == "/home/somebody/encoder.keras"


@pytest.mark.parametrize(
    ("noted", "said"),
    [
        (None, "not stated"),
        ("{", "not stated"),
        ("[]", "not stated"),
        ("{}", "a set of pictures"),
        (
            '{"pictures": 1200, "dancers": 3, "songs": 4, "rendered": false}',
            "a set of 1,200 pictures, 3 dancers, 4 songs",
        ),
        (
            '{"pictures": 9, "rendered": true, "root": "s", "train": {"dancers": ["a", "b"], "songs": null}}',
            "a set of 9 rendered pictures, 2 dancers",
        ),
    ],
)
def test_what_it_was_trained_on_is_read_from_the_run(tmp_path, noted, said):
    if noted is not None:
        (tmp_path / "data.json").write_text(noted)
    assert export.trained_on(tmp_path) == said


def test_a_run_is_judged_on_the_test_split_as_it_is_exported(trained, tmp_path, monkeypatch, people):
    run = tmp_path / "tiny"
    write_config(run, trained.config)
    save_weights(trained.network.model, run / WEIGHTS)
    write_correction(run, trained.correction)
    monkeypatch.setattr(sys, "argv", ["export", str(run), "--evaluate", str(people[1]), "--no-tflite"])
    export.main()
    judged, _, _ = evaluate(str(run), people[1])
    said = json.loads(
        onnxruntime.InferenceSession(run / "tiny.onnx").get_modelmeta().custom_metadata_map["kdance.metrics"]
    )
    assert (said["split"], said["before_correction"], said["pictures"]) == ("test", False, judged.pictures)
    assert said["all_joints"] == pytest.approx(dataclasses.asdict(judged.judgement.overall))
    assert said["direct_joints"]["mae_px"] == pytest.approx(judged.judgement.direct.mae_px)


def test_the_whole_picture_is_declared_as_width_and_height():
    letterbox = Trained(build_network("cnn_extend", {}), Config("cnn_extend"), None, {})
    said = export.metadata_of(letterbox, licence="MIT", data="")
    declared = json.loads(said["kdance.input"])
    assert (declared["size_px"], declared["crop"]) == ([320, 180], "letterbox")
    reader = export.Reader(letterbox)
    assert reader.shape == (180, 320, 3)
    assert [tuple(weight.shape) for weight in reader.large_weights] == [(22 * 40 * 96, 512)]
