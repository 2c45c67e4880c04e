"""How many pictures a second each network trains on, on this machine's device: `make bench-training`.

    make bench-training ARGS="--configs simcc_small cnn_extend --set batch=16"

A batch of noise is handed over again and again, as the training loop does it, so that no loader is measured; the first steps
compile and are left out. Each network's whole config counts: its input, its batch, its precision.
"""

import argparse
import os
import time

import keras
import numpy as np

from ml_training.config import Config, load_config
from ml_training.data.records import InputSpec
from ml_training.errors import run_command
from ml_training.learner import Learner
from ml_training.models.base import JOINTS, Network, build_network
from ml_training.settings import with_settings
from ml_training.steps import Stepper, steps_of

CONFIGS = ("cnn_extend", "simcc", "simcc_small", "hourglass", "transformer")
IN_FLIGHT = 2
_WARM_UP = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--configs", nargs="+", default=list(CONFIGS))
    parser.add_argument("--seconds", type=float, default=10.0, help="to measure each network")
    parser.add_argument("--set", action="extend", default=[], nargs="+", metavar="NAME=VALUE", dest="settings")
    arguments = parser.parse_args()
    print(f"{keras.backend.backend()}, {', '.join(keras.distribution.list_devices())}, load {os.getloadavg()[0]:.1f}")
    for name in arguments.configs:
        config = with_settings(load_config(name), arguments.settings)
        print(f"{name:14s} {_measured(config, arguments.seconds)}", flush=True)
    print(f"load {os.getloadavg()[0]:.1f} after")


def _measured(config: Config, seconds: float) -> str:
    keras.config.set_dtype_policy(config.precision)
    network = build_network(config.network, config.options)
    steps = steps_of(Learner(network, config))
    images, targets = _batch(network.input, config.batch)
    compiling = time.perf_counter()
    for _ in range(_WARM_UP):
        float(steps.start(images, targets, 1e-6))
    compiling = time.perf_counter() - compiling
    count, taken = _run(steps, images, targets, seconds)
    return (
        f"{count * config.batch / taken:9,.1f} images/s  {taken / count * 1e3:8.1f} ms a step of {config.batch}, "
        f"{config.precision}, {_size(network)}, {compiling:.0f} s for the first {_WARM_UP} steps"
    )


def _run(steps: Stepper, images: np.ndarray, targets: np.ndarray, seconds: float) -> tuple[int, float]:
    """Number of steps, and the seconds they took."""
    pending = []
    started, count = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        pending.append(steps.start(images, targets, 1e-6))
        count += 1
        if len(pending) > IN_FLIGHT:
            float(pending.pop(0))
    for loss in pending:
        float(loss)
    return count, time.perf_counter() - started


def _batch(spec: InputSpec, batch: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, (batch, spec.height, spec.width, 3), dtype=np.uint8)
    xy = rng.uniform((0, 0), (spec.width, spec.height), (batch, JOINTS, 2))
    return images, np.concatenate([xy, np.ones((batch, JOINTS, 1))], axis=-1).astype(np.float32)


def _size(network: Network) -> str:
    return f"{network.model.count_params() / 1e6:.2f} M parameters, {network.input.width} x {network.input.height}"


if __name__ == "__main__":
    run_command(main)
