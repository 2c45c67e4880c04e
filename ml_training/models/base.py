"""What every network of this package is to the rest of it: pictures in, numbers out, a loss and a way to read them."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import keras

from ml_training.data.records import InputSpec
from ml_training.errors import TrainingError

JOINTS = 29
NETWORKS = ("cnn_extend", "simcc", "hourglass", "transformer", "transfer")

type Tensor = Any
type Outputs = Tensor | list[Tensor]


@dataclass(frozen=True)
class Network:
    """
    Attributes
    ----------
    model : keras.Model
        (N, H, W, 3) float32 RGB in 0..255 to whatever the network puts out: scaling is a layer of it.
    loss : (target, outputs) -> scalar
        `target` (N, 29, 3) float32: x, y in pixels of the input (anything where the weight is 0), weight. Written in
        `keras.ops`; a joint without weight costs nothing, whatever its coordinates (NaN never reaches the loss).
    decode : outputs -> (N, 29, 3)
        x, y in pixels of the input and a confidence in [0, 1], in `keras.ops`, so that it can be exported.
    backbone : str
        Name of the layer that holds pretrained weights and can be frozen; "" where there is none.
    """

    name: str
    input: InputSpec
    model: keras.Model
    loss: Callable[[Tensor, Outputs], Tensor]
    decode: Callable[[Outputs], Tensor]
    backbone: str = ""


def build_network(name: str, options: dict[str, Any]) -> Network:
    """Each module in NETWORKS has `build(**options) -> Network`. Raises TrainingError for a name or option not known."""
    if name not in NETWORKS:
        raise TrainingError("unknown_network", f"No network is called {name!r}; there are {', '.join(NETWORKS)}.")
    build = import_module(f"ml_training.models.{name}").build
    try:
        network: Network = build(**options)
    except TypeError as error:
        raise TrainingError("unknown_option", f"{name}: {error}.") from error
    return network
