"""The first K-pop pose network, as it was: 43,489,178 parameters, of which one dense layer holds 99.5 %.

It regresses 58 numbers from the whole picture in 320 x 180 by the mean squared error, and so learns the mean of what it cannot
tell: predictions shrunk towards the mean pose. It is the yardstick here, not a model to use. It has no idea how sure it is:
its confidence is always 1.
"""

import keras
from keras import layers, ops

from ml_training.data.records import LETTERBOX_PX
from ml_training.losses import squared_error
from ml_training.models.base import JOINTS, InputSpec, Network, Outputs, Tensor

CHANNELS = (32, 64, 96)


def build() -> Network:
    width, height = LETTERBOX_PX
    picture = keras.Input((height, width, 3), name="picture")
    x = layers.Rescaling(1 / 255)(picture)
    for channels in CHANNELS:
        x = _convolution(_convolution(x, channels), channels)
        x = layers.MaxPooling2D(2)(x)
    x = layers.Dense(512, activation="relu")(layers.Flatten()(x))
    x = layers.Dropout(0.1)(x)
    model = keras.Model(picture, layers.Dense(2 * JOINTS, dtype="float32")(x), name="cnn_extend")
    return Network("cnn_extend", InputSpec("letterbox", width, height), model, _loss, _decode)


def _convolution(x: Tensor, channels: int) -> Tensor:
    x = layers.Conv2D(channels, 3, padding="same", use_bias=False)(x)
    return layers.BatchNormalization()(layers.LeakyReLU(0.1)(x))


def _loss(target: Tensor, outputs: Outputs) -> Tensor:
    return squared_error(target, _coordinates(outputs))


def _decode(outputs: Outputs) -> Tensor:
    xy = _coordinates(outputs)
    return ops.concatenate([xy, ops.ones_like(xy[..., :1])], axis=-1)


def _coordinates(outputs: Outputs) -> Tensor:
    return ops.reshape(ops.cast(outputs, "float32"), (-1, JOINTS, 2))
