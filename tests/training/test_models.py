"""Every network at a tiny size: its parts fit together, every weight learns, and it can be taught a place."""

import keras
import numpy as np
import pytest

from ml_training.config import NONE, Config
from ml_training.errors import TrainingError
from ml_training.learner import Learner
from ml_training.models.base import JOINTS, build_network
from ml_training.models.blocks import backbone

SIDE = 64
STEPS = 40
TINY = {
    "simcc": {"input_px": SIDE, "width": 8, "depth": 1, "channels": 16, "split": 2},
    "hourglass": {"input_px": SIDE, "stacks": 2, "levels": 1, "channels": 16},
    "transformer": {"input_px": SIDE, "width": 8, "depth": 1, "channels": 16, "blocks": 1, "heads": 2, "split": 2},
}


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    file = tmp_path_factory.mktemp("encoder") / "encoder.keras"
    backbone(32, 8, 1).save(file)
    return file


@pytest.fixture(params=TINY)
def network(request):
    keras.utils.set_random_seed(3)
    return build_network(request.param, TINY[request.param])


def dots(count=8):
    """Dark pictures with a bright spot; every joint is said to lie on it, and one has no label."""
    rng = np.random.default_rng(1)
    places = rng.uniform(12, SIDE - 12, (count, 2))
    cells = np.arange(SIDE) + 0.5
    far = np.hypot(cells[None, None, :] - places[:, :1, None], cells[None, :, None] - places[:, 1:, None])
    images = np.where(far[..., None] < 6, 255, 20).astype(np.uint8) * np.ones(3, np.uint8)
    targets = np.ones((count, JOINTS, 3), np.float32)
    targets[..., :2] = places[:, None]
    targets[:, 5] = (-9999, 9999, 0)
    return images, targets


def trained(learner, images, targets):
    learner.train_on_batch(images, targets)
    return float(learner.metrics[0].result())


def test_it_learns_where_a_spot_is(network):
    images, targets = dots()
    before = [np.array(weight) for weight in network.model.trainable_weights]
    learner = Learner(
        network, Config(network.name, steps=STEPS, learning_rate=5e-3, ema=0.0, weight_decay=0.0, augmentation=NONE)
    )
    costs = [trained(learner, images, targets) for _ in range(STEPS)]
    assert np.isfinite(costs).all()
    still = [
        weight.path
        for weight, old in zip(network.model.trainable_weights, before, strict=True)
        if np.array_equal(weight, old) and not weight.path.endswith("key/bias")
    ]
    assert still == []
    found = np.asarray(network.decode(network.model(images.astype(np.float32), training=True)))
    assert found.shape == (len(images), JOINTS, 3)
    assert ((found[..., 2] >= 0) & (found[..., 2] <= 1)).all()
    assert np.abs(found - targets)[:, :5, :2].mean() < 3


def test_the_original_is_the_original():
    network = build_network("cnn_extend", {})
    assert network.model.count_params() == 43_489_178
    assert (network.input.kind, network.input.width, network.input.height) == ("letterbox", 320, 180)
    assert network.model.output_shape == (None, 58)
    found = np.asarray(network.decode(np.arange(58, dtype=np.float32)[None]))
    np.testing.assert_array_equal(found[0, 1], (2, 3, 1))
    target = np.zeros((1, JOINTS, 3), np.float32)
    target[0, 1] = (2, 7, 1)
    assert float(network.loss(target, np.arange(58, dtype=np.float32)[None])) == 16 / 2


def test_an_encoder_brings_its_weights_and_can_be_frozen(encoder):
    network = build_network("transfer", {"weights": str(encoder), "input_px": SIDE, "channels": 16})
    given, used = keras.saving.load_model(encoder).get_weights(), network.model.get_layer("backbone").get_weights()
    assert all(np.array_equal(old, new) for old, new in zip(given, used, strict=True))
    network.model.get_layer(network.backbone).trainable = False
    assert not any("backbone" in weight.path for weight in network.model.trainable_weights)
    assert any("votes" in weight.path for weight in network.model.trainable_weights)


def test_a_classifier_is_cut_and_the_weights_of_a_known_one_are_enough(tmp_path):
    classifier = keras.applications.MobileNetV2(weights=None, input_shape=(96, 96, 3), alpha=0.35, classes=5)
    classifier.save(tmp_path / "classifier.keras")
    cut = build_network(
        "transfer", {"weights": str(tmp_path / "classifier.keras"), "input_px": SIDE, "pixels": "-1..1"}
    )
    assert [output.shape[1] for output in cut.model.get_layer("backbone").outputs] == [8, 4, 2]
    keras.applications.MobileNetV3Small(weights=None, include_top=False).save_weights(tmp_path / "small.weights.h5")
    known = {"weights": str(tmp_path / "small.weights.h5"), "encoder": "MobileNetV3Small", "input_px": SIDE}
    assert [output.shape[1] for output in build_network("transfer", known).model.get_layer("backbone").outputs] == [
        8,
        4,
        2,
    ]
    with pytest.raises(TrainingError, match="does not fit MobileNetV2") as told:
        build_network("transfer", {**known, "encoder": "MobileNetV2"})
    assert told.value.code == "wrong_weights"


@pytest.mark.parametrize(
    ("name", "options", "code"),
    [
        ("alexnet", {}, "unknown_network"),
        ("simcc", {"colour": "red"}, "unknown_option"),
        ("simcc", {"input_px": 100}, "wrong_input_size"),
        ("hourglass", {"input_px": 96, "levels": 4}, "wrong_input_size"),
        ("transfer", {"weights": "not/there.keras"}, "no_weights"),
        ("transfer", {"weights": __file__, "encoder": "LeNet"}, "unknown_encoder"),
        ("transfer", {"weights": __file__, "pixels": "negative"}, "unknown_option"),
        ("transfer", {"weights": __file__}, "wrong_weights"),
    ],
)
def test_what_cannot_be_built_is_told(name, options, code):
    with pytest.raises(TrainingError) as told:
        build_network(name, options)
    assert told.value.code == code


def test_weights_alone_do_not_say_whose_they_are(tmp_path):
    (tmp_path / "some.weights.h5").write_bytes(b"")
    with pytest.raises(TrainingError) as told:
        build_network("transfer", {"weights": str(tmp_path / "some.weights.h5")})
    assert told.value.code == "unknown_encoder"
