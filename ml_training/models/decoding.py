"""From distributions to a place and how sure it is.

A place is the mean of its distribution around the peak, so it is finer than a bin and a second, wrong peak does not pull at
it. The confidence is the share of the distribution that lies there. Plain `keras.ops` throughout, as it is exported with the
network.
"""

from typing import Any

from keras import ops

type Tensor = Any


def read_axes(x_logits: Tensor, y_logits: Tensor, step_px: float, reach_px: float) -> Tensor:
    """
    Parameters
    ----------
    x_logits, y_logits : (N, 29, bins)
        Bin number i is centred on (i + 0.5) `step_px`.
    reach_px
        How far from the peak bins still count.

    Returns
    -------
    (N, 29, 3)
        x and y in pixels of the input; confidence in [0, 1], the geometric mean of both axes'.
    """
    x, x_share = _around_the_peak(x_logits, step_px, reach_px)
    y, y_share = _around_the_peak(y_logits, step_px, reach_px)
    return ops.stack([x, y, ops.sqrt(x_share * y_share)], axis=-1)


def read_maps(logits: Tensor, step_px: float, reach_px: float) -> Tensor:
    """
    Parameters
    ----------
    logits : (N, h, w, 29)
        Cell (i, j) is centred on y = (i + 0.5) `step_px`, x = (j + 0.5) `step_px`.

    Returns
    -------
    (N, 29, 3)
        As `read_axes`: the mean over the square of +- `reach_px` around the map's highest cell, and the share in it.
    """
    height, width, joints = logits.shape[1:]
    flat = ops.transpose(ops.reshape(ops.cast(logits, "float32"), (-1, height * width, joints)), (0, 2, 1))
    shares = ops.reshape(ops.softmax(flat, axis=-1), (-1, joints, height, width))
    top = ops.max(shares, axis=(2, 3), keepdims=True)
    row = _peak(ops.max(shares, axis=3), top[..., 0])
    column = _peak(ops.max(shares, axis=2), top[..., 0])
    near = _near(row, height, step_px, reach_px)[..., None] * _near(column, width, step_px, reach_px)[..., None, :]
    kept = shares * near
    share = ops.sum(kept, axis=(2, 3))
    x = ops.sum(ops.sum(kept, axis=2) * _centres(width, step_px), axis=-1) / share
    y = ops.sum(ops.sum(kept, axis=3) * _centres(height, step_px), axis=-1) / share
    return ops.stack([x, y, share], axis=-1)


def _around_the_peak(logits: Tensor, step_px: float, reach_px: float) -> tuple[Tensor, Tensor]:
    shares = ops.softmax(ops.cast(logits, "float32"), axis=-1)
    bins = logits.shape[-1]
    kept = shares * _near(_peak(shares, ops.max(shares, axis=-1, keepdims=True)), bins, step_px, reach_px)
    share = ops.sum(kept, axis=-1)
    return ops.sum(kept * _centres(bins, step_px), axis=-1) / share, share


def _peak(shares: Tensor, top: Tensor) -> Tensor:
    """Number of the bin that reaches `top`. Not `ops.argmax`: on TensorFlow that looks at bits, which ONNX cannot."""
    return ops.max(ops.cast(shares >= top, "float32") * ops.arange(shares.shape[-1], dtype="float32"), axis=-1)


def _near(peak: Tensor, bins: int, step_px: float, reach_px: float) -> Tensor:
    """(..., bins): 1 within reach of the peak's bin, 0 elsewhere."""
    away = ops.abs(ops.arange(bins, dtype="float32") - ops.expand_dims(peak, -1))
    return ops.cast(away * step_px <= reach_px, "float32")


def _centres(bins: int, step_px: float) -> Tensor:
    return (ops.arange(bins, dtype="float32") + 0.5) * step_px
