"""Parts that several networks are made of: a residual backbone, a top-down neck, and votes for rows and columns."""

from typing import Any

import keras
from keras import layers, ops

from ml_training.errors import TrainingError
from ml_training.models.base import JOINTS

DEEPEST_STRIDE = 32
VOTING_STRIDE = 8
# Keras' own .99 needs a thousand steps to forget how it began: longer than a short training is.
NORM_MOMENTUM = 0.95

type Tensor = Any


def conv_norm(x: Tensor, channels: int, *, kernel: int = 3, stride: int = 1, activation: str | None = "relu") -> Tensor:
    x = layers.Conv2D(channels, kernel, stride, "same", use_bias=False, kernel_initializer="he_normal")(x)
    x = layers.BatchNormalization(momentum=NORM_MOMENTUM)(x)
    return x if activation is None else layers.Activation(activation)(x)


def residual(x: Tensor, channels: int, *, stride: int = 1) -> Tensor:
    """Two convolutions beside a shortcut; one that is narrower in space averages, so that no pixel goes unseen."""
    shortcut = layers.AveragePooling2D(stride)(x) if stride > 1 else x
    if x.shape[-1] != channels:
        shortcut = conv_norm(shortcut, channels, kernel=1, activation=None)
    y = conv_norm(conv_norm(x, channels, stride=stride), channels, activation=None)
    return layers.Activation("relu")(layers.Add()([shortcut, y]))


def backbone(input_px: int, width: int, depth: int) -> keras.Model:
    """Pictures (0..255) to features at strides 8, 16 and 32, with 2, 4 and 8 times `width` channels.

    One model called "backbone", to be frozen, saved or given to another network as a whole. `depth` residual blocks a stage.
    """
    if input_px % DEEPEST_STRIDE:
        raise TrainingError(
            "wrong_input_size", f"The input's side is a multiple of {DEEPEST_STRIDE} px, not {input_px}."
        )
    picture = keras.Input((input_px, input_px, 3), name="picture")
    x = layers.Rescaling(1 / 127.5, offset=-1.0)(picture)
    x = conv_norm(x, max(8, width // 2), stride=2)
    features = []
    for stage in range(4):
        x = residual(x, width * 2**stage, stride=2)
        for _ in range(depth - 1):
            x = residual(x, width * 2**stage)
        features.append(x)
    return keras.Model(picture, features[1:], name="backbone")


def top_down(features: list[Tensor], channels: int) -> Tensor:
    """The finest features, told what the coarser ones see (features: finest first, each half the size of the one before)."""
    fused = conv_norm(features[-1], channels, kernel=1)
    for finer in features[-2::-1]:
        side = conv_norm(finer, channels, kernel=1, activation=None)
        fused = layers.Activation("relu")(layers.Add()([side, layers.UpSampling2D(2)(fused)]))
    return residual(fused, channels)


@keras.saving.register_keras_serializable("kdance")
class Tally(layers.Layer):
    """Votes of every cell for its own column and its own row, to one distribution an axis and joint.

    In: (N, h, w, 2 * 29 * split), for each cell the axis, the joint and which part of its column (row) it votes for. Out: x
    (N, 29, w * split) and y (N, 29, h * split), the logarithm of the summed votes. So a joint's place is a class along each
    axis, as in SimCC, but what a cell sees means the same everywhere in the picture, which thousands of pictures are enough
    to learn; the dense layers of SimCC and RTMPose have to learn it anew for each place. Beside the votes stands what is
    known without looking: where in the square each joint lies on the whole.
    """

    PRIOR_PACE = 10.0
    """How much faster that is learned: the cells need not learn the mean pose first."""

    def __init__(self, split: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.split = split

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        _, height, width, _ = input_shape
        self.x_prior = self.add_weight(shape=(JOINTS, width * self.split), initializer="zeros", name="x_prior")
        self.y_prior = self.add_weight(shape=(JOINTS, height * self.split), initializer="zeros", name="y_prior")

    def call(self, votes: Tensor) -> list[Tensor]:
        height, width = votes.shape[1:3]
        across, down = ops.split(votes, 2, axis=-1)
        x, y = self._along(log_sum(across, axis=1), width), self._along(log_sum(down, axis=2), height)
        return [x + self.PRIOR_PACE * self.x_prior, y + self.PRIOR_PACE * self.y_prior]

    def _along(self, tallied: Tensor, cells: int) -> Tensor:
        """(N, cells, 29 * split) -> (N, 29, cells * split)"""
        apart = ops.transpose(ops.reshape(tallied, (-1, cells, JOINTS, self.split)), (0, 2, 1, 3))
        return ops.reshape(apart, (-1, JOINTS, cells * self.split))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "split": self.split}


def log_sum(x: Tensor, axis: int) -> Tensor:
    """`ops.logsumexp` of finite numbers, in operations that every exporter knows."""
    top = ops.max(x, axis=axis, keepdims=True)
    return ops.log(ops.sum(ops.exp(x - top), axis=axis)) + ops.squeeze(top, axis)


def vote(features: Tensor, split: int) -> list[Tensor]:
    """x and y logits of 29 joints from features: one linear layer, and the tally."""
    undecided = keras.initializers.RandomNormal(stddev=0.01)
    to_votes = layers.Conv2D(2 * JOINTS * split, 1, kernel_initializer=undecided, dtype="float32", name="votes")
    votes = to_votes(features)
    return Tally(split, dtype="float32", name="tally")(votes)
