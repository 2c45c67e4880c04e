"""A tiny experiment whose answer can be learnt in seconds: figures of bright dots, with where they are."""

from pathlib import Path

import keras
import numpy as np
from keras import ops

from ml_training.config import NONE, Config
from ml_training.data.records import PERSON_MARGIN, PERSON_SIDE_PX, InputSpec, Records
from ml_training.data.samples import Samples
from ml_training.models.base import JOINTS, Network

SIDE_PX = 32
MADE_UP = Config(
    network="simcc",
    options={"network": "made up"},
    batch=8,
    steps=30,
    seed=5,
    learning_rate=3e-3,
    warmup_steps=5,
    ema=0.9,
    augmentation=NONE,
    validate_every=10,
    checkpoint_every=5,
)


def made_up_records(folder: Path, count: int = 40) -> Records:
    """People as grey squares whose 29 joints lie at fixed places of the square."""
    rng = np.random.default_rng(3)
    shape = rng.uniform(-40, 40, (JOINTS, 2))
    centre = rng.uniform(90, 166, (count, 1, 2))
    xy = (centre + shape).astype(np.float32)
    pixels = np.zeros((count, PERSON_SIDE_PX, PERSON_SIDE_PX, 3), np.uint8)
    for picture, (x, y) in zip(pixels, centre[:, 0].astype(int), strict=True):
        picture[y - 40 : y + 40, x - 40 : x + 40] = (200, 120, 60)
    split = np.array(["train", "train", "train", "validation", "test"] * (count // 5))
    to_picture = np.tile(np.array([[2.0, 0.0, 10.0], [0.0, 2.0, 20.0]]), (count, 1, 1))
    words = {name: np.full(count, name) for name in ("image", "part", "clip", "view")}
    words |= {name: np.char.add(f"{name} of ", split) for name in ("song", "dancer")}
    samples = Samples(
        xy_px=xy * 2 + np.array([10, 20], np.float32),
        visibility=np.full((count, JOINTS), 2, np.uint8),
        conf=np.ones((count, JOINTS), np.float32),
        size_px=np.full((count, 2), 600, np.int32),
        frame=np.arange(count, dtype=np.int32),
        root=str(folder / "made-up"),
        **words,
    )
    weight = np.ones((count, JOINTS), np.float32)
    return Records(folder / "made-up", "person", pixels, xy, weight, to_picture, split, samples)


def made_up_network(*_: object) -> Network:
    """With what makes resuming hard: a batch norm's statistics, dropout's random state, a part that can be frozen."""
    picture = keras.Input((SIDE_PX, SIDE_PX, 3))
    backbone = keras.Sequential(
        [
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(8, 3, strides=4, activation="relu"),
            keras.layers.BatchNormalization(momentum=0.7),
        ],
        name="backbone",
    )
    middle = keras.initializers.Constant(0.5)
    flat = keras.layers.Flatten()(backbone(picture))
    # Starts at the picture's middle, so that a few steps are enough to get nearer.
    out = keras.layers.Dense(JOINTS * 2, kernel_initializer="zeros", bias_initializer=middle)(
        keras.layers.Dropout(0.1)(flat)
    )
    model = keras.Model(picture, keras.layers.Reshape((JOINTS, 2))(out))

    def loss(target, outputs):
        return ops.mean(target[..., 2:] * ops.square(outputs - target[..., :2] / SIDE_PX))

    def decode(outputs):
        return ops.concatenate([outputs * SIDE_PX, ops.ones_like(outputs[..., :1])], axis=-1)

    return Network("made up", InputSpec("person", SIDE_PX, SIDE_PX), model, loss, decode, "backbone")


__all__ = ["MADE_UP", "PERSON_MARGIN", "SIDE_PX", "made_up_network", "made_up_records"]
