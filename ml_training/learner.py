"""One step of training, on whatever backend Keras runs: loss, optimiser, averaged weights."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
from keras import ops

from ml_training.config import Config
from ml_training.models.base import Network, Tensor

AVERAGE_STEPS = 9
"""The average's decay is at most n / (n + 9) after n steps, so that it never hangs on to the untrained weights."""


class Learner(keras.Model):
    """The network with its own loss. Pictures come as the bytes they are kept as."""

    def __init__(self, network: Network, config: Config, *, frozen: bool = False) -> None:
        super().__init__(name="learner")
        if network.backbone:
            network.model.get_layer(network.backbone).trainable = not frozen
        self.network = network.model
        self.loss_of = network.loss
        self.compile(optimizer=make_optimizer(config), jit_compile=keras.backend.backend() == "jax")
        self.optimizer.build(self.trainable_variables)
        self.built = True  # It has no variables but the network's.

    def call(self, images: Tensor, training: bool = False) -> Any:
        return self.network(ops.cast(images, "float32"), training=training)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        outputs = keras.tree.map_structure(lambda output: ops.cast(output, "float32"), y_pred)
        return self.loss_of(y, outputs)

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        """Nothing: `train_on_batch` would wait for the device to hand it over."""
        return {}

    @property
    def state(self) -> list[keras.Variable]:
        """All that the next step depends on, but for the data."""
        return [*self.variables, *self.optimizer.variables]

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Within the block the weights are the averaged ones."""
        averages = getattr(_innermost(self.optimizer), "averages", [])
        if not averages:
            yield
            return
        current = [ops.convert_to_numpy(variable) for variable in self.trainable_variables]
        _assign(self.trainable_variables, [ops.convert_to_numpy(average) for average in averages])
        try:
            yield
        finally:
            _assign(self.trainable_variables, current)


class _Averaging:
    """Keeps an exponential average of the weights beside them, among the optimiser's own variables."""

    def __init__(self, *, decay: float, **options: Any) -> None:
        super().__init__(**options)
        self.decay = decay

    def build(self, variables: list[keras.Variable]) -> None:
        super().build(variables)  # type: ignore[misc]
        if self.decay:
            self.averages = [self.add_variable_from_reference(variable, name="average") for variable in variables]

    def apply(self, grads: list[Tensor], trainable_variables: list[keras.Variable] | None = None) -> None:
        super().apply(grads, trainable_variables)  # type: ignore[misc]
        if not self.decay:
            return
        before = ops.cast(self.iterations - 1, "float32")
        keep = ops.minimum(self.decay, before / (before + AVERAGE_STEPS))
        for average, variable in zip(self.averages, self._trainable_variables, strict=True):
            average.assign(variable + keep * (average - variable))


class AveragingAdam(_Averaging, keras.optimizers.Adam):
    pass


class AveragingAdamW(_Averaging, keras.optimizers.AdamW):
    pass


def make_optimizer(config: Config) -> keras.optimizers.Optimizer:
    options: dict[str, Any] = {"learning_rate": config.learning_rate, "decay": config.ema}
    if config.optimizer == "adam":
        return AveragingAdam(**options)
    optimizer = AveragingAdamW(**options, weight_decay=config.weight_decay)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def learning_rate(config: Config, step: int, steps: int) -> float:
    """Of step number `step` (from 0) out of `steps`: rises over the warm-up, and over one after the thaw, then falls."""
    since = step - config.frozen_steps if config.frozen_steps <= step else step
    rise = min(1.0, (since + 1) / config.warmup_steps) if config.warmup_steps else 1.0
    if config.schedule == "constant":
        return config.learning_rate * rise
    return config.learning_rate * rise * 0.5 * (1 + math.cos(math.pi * min(step, steps) / max(steps, 1)))


def _innermost(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    return getattr(optimizer, "inner_optimizer", optimizer)


def _assign(variables: list[keras.Variable], values: list[np.ndarray]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
