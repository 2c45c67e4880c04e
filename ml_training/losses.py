"""What a prediction costs. A joint without weight costs nothing, wherever it is said to be.

Conventions: `target` is (N, 29, 3): x and y in pixels of the network's input, and what the joint counts. Coordinates of a
joint that counts 0 must be finite numbers, and are otherwise free. Every loss is the mean over what counts, so that a batch
of hidden joints weighs as much as one where everything is seen. Written in `keras.ops`: any backend computes them.
"""

from typing import Any

import keras
from keras import ops

type Tensor = Any


def weighted_mean(cost: Tensor, weight: Tensor) -> Tensor:
    """Mean of `cost` where each element counts `weight` (same shape, at least 0); 0 where nothing counts."""
    return ops.sum(cost * weight) / ops.maximum(ops.sum(weight), keras.config.epsilon())


def squared_error(target: Tensor, xy_px: Tensor) -> Tensor:
    """Mean squared error of coordinates, in px^2 of the input: what the original was trained by.

    Parameters
    ----------
    target : (N, 29, 3)
    xy_px : (N, 29, 2)
    """
    error = ops.cast(xy_px, "float32") - target[..., :2]
    return weighted_mean(ops.mean(ops.square(error), axis=-1), target[..., 2])


def bell(position_px: Tensor, count: int, step_px: float, sigma_px: float) -> Tensor:
    """Shares of a normal distribution around each position, over a row of bins.

    Parameters
    ----------
    position_px : (...)
        A position far outside the bins gives equal shares, never NaN.
    count, step_px
        The bins: number i is centred on (i + 0.5) `step_px`.

    Returns
    -------
    (..., count)
        Shares that sum to 1.
    """
    centres = (ops.arange(count, dtype="float32") + 0.5) * step_px
    distance = (centres - ops.expand_dims(position_px, -1)) / sigma_px
    return ops.softmax(-0.5 * ops.square(distance), axis=-1)


def axis_cross_entropy(logits: Tensor, position_px: Tensor, weight: Tensor, step_px: float, sigma_px: float) -> Tensor:
    """Cross entropy of bins along one axis against a bell around the truth (SimCC, https://arxiv.org/abs/2107.03332).

    Parameters
    ----------
    logits : (N, 29, bins)
    position_px, weight : (N, 29)
    """
    log_shares = ops.log_softmax(ops.cast(logits, "float32"), axis=-1)
    wanted = bell(position_px, logits.shape[-1], step_px, sigma_px)
    return weighted_mean(-ops.sum(wanted * log_shares, axis=-1), weight)


def map_cross_entropy(logits: Tensor, target: Tensor, step_px: float, sigma_px: float) -> Tensor:
    """Cross entropy of a joint's map, all of whose cells are one distribution, against a round bell around the truth.

    Parameters
    ----------
    logits : (N, h, w, 29)
        Cell (i, j) is centred on y = (i + 0.5) `step_px`, x = (j + 0.5) `step_px`.
    target : (N, 29, 3)
    """
    logits = ops.cast(logits, "float32")
    across = bell(target[..., 0], logits.shape[2], step_px, sigma_px)
    down = bell(target[..., 1], logits.shape[1], step_px, sigma_px)
    rows = ops.sum(logits * ops.expand_dims(ops.transpose(across, (0, 2, 1)), 1), axis=2)
    wanted = ops.sum(rows * ops.transpose(down, (0, 2, 1)), axis=1)
    return weighted_mean(ops.logsumexp(logits, axis=(1, 2)) - wanted, target[..., 2])
