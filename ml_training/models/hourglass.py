"""Stacked hourglass (https://arxiv.org/abs/1603.06937): down to a few cells and up again, several times over, a map a joint.

Each stack is judged, and hands what it thought to the next one. The maps are distributions over their cells, learned by cross
entropy: on few pictures the squared error of the paper spends its first thousand steps on learning that most cells are empty.
"""

import keras
from keras import layers

from ml_training.errors import TrainingError
from ml_training.losses import map_cross_entropy
from ml_training.models.base import JOINTS, InputSpec, Network, Outputs, Tensor
from ml_training.models.blocks import conv_norm, residual
from ml_training.models.decoding import read_maps

STRIDE = 4
SIGMA = 0.02
REACH = 0.12
"""Of the input's side: the bell around the truth, and how far around the highest cell a map is read."""


def build(*, input_px: int = 192, stacks: int = 2, levels: int = 4, channels: int = 96) -> Network:
    """
    Parameters
    ----------
    input_px
        Side of the person's square; a multiple of 4 * 2 ** `levels`.
    stacks, levels
        Hourglasses one after the other; how often each halves its map of a quarter of the input's side.
    """
    if input_px % (STRIDE * 2**levels):
        raise TrainingError(
            "wrong_input_size", f"The input's side is a multiple of {STRIDE * 2**levels} px, not {input_px}."
        )
    picture = keras.Input((input_px, input_px, 3), name="picture")
    x = _stem(picture, channels)
    maps = []
    for stack in range(stacks):
        seen = conv_norm(_hourglass(x, channels, levels), channels, kernel=1)
        maps.append(_maps(seen, stack))
        if stack < stacks - 1:
            x = layers.Add()([x, layers.Conv2D(channels, 1)(seen), layers.Conv2D(channels, 1)(maps[-1])])
    return _network(keras.Model(picture, maps, name="hourglass"), input_px)


def _stem(picture: Tensor, channels: int) -> Tensor:
    x = layers.Rescaling(1 / 127.5, offset=-1.0)(picture)
    x = conv_norm(x, channels // 2, stride=2)
    return residual(x, channels, stride=2)


def _hourglass(x: Tensor, channels: int, levels: int) -> Tensor:
    inner = residual(layers.MaxPooling2D(2)(x), channels)
    inner = _hourglass(inner, channels, levels - 1) if levels > 1 else residual(inner, channels)
    return layers.Add()([residual(x, channels), layers.UpSampling2D(2)(residual(inner, channels))])


def _maps(seen: Tensor, stack: int) -> Tensor:
    undecided = keras.initializers.RandomNormal(stddev=0.01)
    return layers.Conv2D(JOINTS, 1, kernel_initializer=undecided, dtype="float32", name=f"maps_{stack + 1}")(seen)


def _network(model: keras.Model, input_px: int) -> Network:
    def loss(target: Tensor, outputs: Outputs) -> Tensor:
        maps = _as_list(outputs)
        return sum(map_cross_entropy(each, target, STRIDE, SIGMA * input_px) for each in maps) / len(maps)

    def decode(outputs: Outputs) -> Tensor:
        return read_maps(_as_list(outputs)[-1], STRIDE, REACH * input_px)

    return Network("hourglass", InputSpec("person", input_px, input_px), model, loss, decode)


def _as_list(outputs: Outputs) -> list[Tensor]:
    return list(outputs) if isinstance(outputs, list | tuple) else [outputs]
