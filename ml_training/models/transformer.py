"""A convolutional stem, and 29 queries that ask it where their joints are.

The stem's cells at stride 16 talk to each other once, the queries to each other and to the cells in each layer (as in DETR,
https://arxiv.org/abs/2005.12872). A query then becomes the linear layer by which the finer cells at stride 8 vote for its own
joint (see `blocks.Tally`): the queries choose what to look for, the cells say where it is.
"""

from typing import Any

import keras
from keras import layers, ops

from ml_training.models.base import JOINTS, Network, Tensor
from ml_training.models.blocks import Tally, backbone, conv_norm, top_down
from ml_training.models.simcc import axis_network


def build(
    *,
    input_px: int = 192,
    width: int = 48,
    depth: int = 1,
    channels: int = 128,
    blocks: int = 3,
    heads: int = 4,
    split: int = 4,
) -> Network:
    """
    Parameters
    ----------
    input_px, width, depth, split
        As in `simcc.build`.
    channels
        Of cells and queries.
    blocks, heads
        Decoder layers; heads of each attention.
    """
    picture = keras.Input((input_px, input_px, 3), name="picture")
    fine, middle, coarse = backbone(input_px, width, depth)(picture)
    cells = _tokens(top_down([middle, coarse], channels), heads)
    queries = Learned((JOINTS, channels), name="queries")(cells)
    for _ in range(blocks):
        queries = _decoder(queries, cells, heads)
    votes = QueryVotes(split, name="votes", dtype="float32")(
        [layers.LayerNormalization()(queries), _finer(fine, cells, channels)]
    )
    model = keras.Model(picture, Tally(split, dtype="float32", name="tally")(votes), name="transformer")
    return axis_network("transformer", model, input_px, split, backbone_name="backbone")


def _tokens(features: Tensor, heads: int) -> Tensor:
    """(N, h, w, C) to (N, h * w, C) cells that know where they are and have heard of each other."""
    height, width, channels = features.shape[1:]
    tokens = layers.Reshape((height * width, channels))(features)
    tokens = layers.Add()([tokens, Learned((height * width, channels), name="places")(tokens)])
    return _feed_forward(_attend(tokens, tokens, heads))


def _finer(fine: Tensor, cells: Tensor, channels: int) -> Tensor:
    """The stem's stride 8, told what the cells at stride 16 found out."""
    side = fine.shape[1] // 2
    told = layers.UpSampling2D(2)(layers.Reshape((side, side, channels))(layers.LayerNormalization()(cells)))
    return conv_norm(layers.Add()([conv_norm(fine, channels, kernel=1), told]), channels)


def _decoder(queries: Tensor, cells: Tensor, heads: int) -> Tensor:
    queries = _attend(queries, queries, heads)
    return _feed_forward(_attend(queries, cells, heads))


def _attend(asking: Tensor, asked: Tensor, heads: int) -> Tensor:
    """Pre-norm attention beside a shortcut; of a sequence to itself where both are the same."""
    channels = asking.shape[-1]
    question = layers.LayerNormalization()(asking)
    memory = question if asking is asked else layers.LayerNormalization()(asked)
    heard = layers.MultiHeadAttention(heads, channels // heads)(question, memory)
    return layers.Add()([asking, heard])


def _feed_forward(x: Tensor) -> Tensor:
    channels = x.shape[-1]
    y = layers.Dense(2 * channels, activation="gelu")(layers.LayerNormalization()(x))
    return layers.Add()([x, layers.Dense(channels)(y)])


@keras.saving.register_keras_serializable("kdance")
class Learned(layers.Layer):
    """The same learned (count, channels) array for every picture of the batch it is called on."""

    def __init__(self, shape: tuple[int, int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shape = tuple(shape)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.array = self.add_weight(
            shape=self.shape, initializer=keras.initializers.RandomNormal(stddev=0.3), name="array"
        )

    def call(self, batch: Tensor) -> Tensor:
        return ops.tile(ops.expand_dims(self.array, 0), (ops.shape(batch)[0], 1, 1))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (input_shape[0], *self.shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "shape": self.shape}


@keras.saving.register_keras_serializable("kdance")
class QueryVotes(layers.Layer):
    """Votes (N, h, w, 2 * 29 * split) of cells (N, h, w, C) by the linear layer that the queries (N, 29, C) are made into."""

    def __init__(self, split: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.split = split

    def build(self, input_shape: list[tuple[int | None, ...]]) -> None:
        channels = input_shape[0][-1]
        self.to_weights = layers.Dense(2 * self.split * channels, dtype=self.dtype_policy, name="to_weights")
        self.to_weights.build(input_shape[0])

    def call(self, inputs: list[Tensor]) -> Tensor:
        queries, cells = inputs
        height, width, channels = cells.shape[1:]
        weights = ops.reshape(self.to_weights(queries), (-1, JOINTS, 2, self.split, channels))
        weights = ops.reshape(ops.transpose(weights, (0, 4, 2, 1, 3)), (-1, channels, 2 * JOINTS * self.split))
        votes = ops.matmul(ops.reshape(cells, (-1, height * width, channels)), weights) / channels
        return ops.reshape(votes, (-1, height, width, 2 * JOINTS * self.split))

    def compute_output_shape(self, input_shape: list[tuple[int | None, ...]]) -> tuple[int | None, ...]:
        return (*input_shape[1][:-1], 2 * JOINTS * self.split)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "split": self.split}
