"""How a step of training is handed to the device, without waiting for it.

`Steps` is `train_on_batch`, on every backend. It carries each variable into the step and out again: 6 ms of Python for 368 of
them, in which a GPU may have done the whole step. On JAX `JaxSteps` keeps them as one state from step to step instead.
"""

from typing import Any, Protocol

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from ml_training.learner import Learner
from ml_training.models.base import Tensor


class Stepper(Protocol):
    def start(self, images: NDArray[np.uint8], targets: NDArray[np.float32], learning_rate: float) -> Tensor:
        """One step. The loss that comes back is a number still to be computed: reading it waits for the device."""

    def settle(self) -> None:
        """Bring the learner's variables up to date; between steps they are not."""


def steps_of(learner: Learner) -> Stepper:
    return JaxSteps(learner) if keras.backend.backend() == "jax" else Steps(learner)


class Steps:
    def __init__(self, learner: Learner) -> None:
        self._learner = learner

    def start(self, images: NDArray[np.uint8], targets: NDArray[np.float32], learning_rate: float) -> Tensor:
        self._learner.optimizer.learning_rate = learning_rate
        self._learner.train_on_batch(ops.convert_to_tensor(images), ops.convert_to_tensor(targets))
        return self._learner.metrics[0].result()

    def settle(self) -> None:
        return None


class JaxSteps:
    """Keras' own `train_step` under `jax.jit`, its state handed on as it is."""

    def __init__(self, learner: Learner) -> None:
        self._learner = learner
        self._state: list[list[Any]] | None = None
        self._step: Any = None

    def start(self, images: NDArray[np.uint8], targets: NDArray[np.float32], learning_rate: float) -> Tensor:
        if self._state is None:
            self._state = [[variable.value for variable in variables] for variables in self._variables()]
        if self._step is None:
            self._step = self._compiled(self._state)
        placed = _placed(images), _placed(targets)
        loss, self._state = self._step(self._state, np.float32(learning_rate), *placed)
        return loss

    def settle(self) -> None:
        if self._state is None:
            return
        for variables, values in zip(self._variables(), self._state, strict=True):
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)
        self._state = None

    def _variables(self) -> list[list[keras.Variable]]:
        learner = self._learner
        return [learner.trainable_variables, learner.non_trainable_variables, learner.optimizer.variables]

    def _compiled(self, state: list[list[Any]]) -> Any:
        import jax

        # Weights and averages stay where they are: on every device, whole.
        shardings = jax.tree.map(lambda value: value.sharding, state)
        return jax.jit(self._whole_step, donate_argnums=0, out_shardings=(None, shardings))

    def _whole_step(self, state: list[list[Tensor]], rate: Tensor, images: Tensor, targets: Tensor) -> Any:
        trainable, others, optimizer = state
        learner, tracker = self._learner, self._learner.metrics[0]
        rated = [
            rate if variable is learner.optimizer.learning_rate else value
            for variable, value in zip(learner.optimizer.variables, optimizer, strict=True)
        ]
        fresh = [ops.zeros(variable.shape, variable.dtype) for variable in tracker.variables]
        _, new = learner.train_step((trainable, others, rated, fresh), (images, targets))
        *state, tracked = new
        return tracker.stateless_result(tracked), state


def _placed(array: NDArray[Any]) -> Tensor:
    """On the device, or the rows of this host shared out among its devices."""
    import jax

    distribution = keras.distribution.distribution()
    if distribution is None:
        return jax.device_put(array)
    layout = distribution.get_data_layout(array.shape)
    return jax.make_array_from_process_local_data(layout.backend_layout, array)
