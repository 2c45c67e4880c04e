"""The default: each joint's x and y as two distributions over a fine row of bins (SimCC), read around their peaks.

A residual backbone down to stride 32, so that every cell knows the whole body; back up to stride 8, where each cell votes for
fine parts of its own column and row (see `blocks.Tally`).
"""

import keras

from ml_training.losses import axis_cross_entropy
from ml_training.models.base import InputSpec, Network, Outputs, Tensor
from ml_training.models.blocks import VOTING_STRIDE, backbone, top_down, vote
from ml_training.models.decoding import read_axes

SIGMA = 0.02
REACH = 0.12
"""Of the input's side: how far around the truth a bin is right too, and around the peak it is read."""


def build(*, input_px: int = 192, width: int = 64, depth: int = 2, channels: int = 128, split: int = 4) -> Network:
    """
    Parameters
    ----------
    input_px
        Side of the person's square; a multiple of 32.
    width, depth
        Channels of the first stage (2, 4 and 8 times as many in the next), residual blocks a stage.
    channels
        Of the features that vote.
    split
        Bins a voting cell of 8 px is split into: 4 makes bins of 2 px.
    """
    picture = keras.Input((input_px, input_px, 3), name="picture")
    features = backbone(input_px, width, depth)(picture)
    logits = vote(top_down(features, channels), split)
    return axis_network("simcc", keras.Model(picture, logits, name="simcc"), input_px, split, backbone_name="backbone")


def axis_network(name: str, model: keras.Model, input_px: int, split: int, *, backbone_name: str) -> Network:
    """A network whose outputs are x and y logits (N, 29, bins), with its loss and its reading."""
    step_px = VOTING_STRIDE / split

    def loss(target: Tensor, outputs: Outputs) -> Tensor:
        costs = [
            axis_cross_entropy(logits, target[..., axis], target[..., 2], step_px, SIGMA * input_px)
            for axis, logits in enumerate(outputs)
        ]
        return costs[0] + costs[1]

    def decode(outputs: Outputs) -> Tensor:
        return read_axes(*outputs, step_px=step_px, reach_px=REACH * input_px)

    return Network(name, InputSpec("person", input_px, input_px), model, loss, decode, backbone_name)
