"""Trainings that need a process of their own: `python -m tests.training.child_training killed|shared FOLDER`.

killed: dies of SIGKILL in its 18th step. shared: on two devices, which JAX makes of one processor, as on one.
"""

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from ml_training import runs, train
from tests.training.made_up import MADE_UP, made_up_network, made_up_records

KILLED_AT = 18


def main() -> None:
    train.build_network = runs.build_network = made_up_network
    {"killed": killed, "shared": shared}[sys.argv[1]](Path(sys.argv[2]))


def killed(folder: Path) -> None:
    train.SAVING_SHARE = float("inf")
    steps_of = train.steps_of

    def dying_steps_of(learner):
        steps = steps_of(learner)
        start, started = steps.start, []

        def start_and_die(*batch):
            started.append(start(*batch))
            if len(started) == KILLED_AT:
                os.kill(os.getpid(), signal.SIGKILL)
            return started[-1]

        steps.start = start_and_die
        return steps

    train.steps_of = dying_steps_of
    train.train(MADE_UP, made_up_records(folder), folder / "run")


def shared(folder: Path) -> None:
    config, records = replace(MADE_UP, steps=6), made_up_records(folder)
    alone = train.train(config, records, folder / "alone").network.model.get_weights()
    train.share_among_devices()
    assert keras.distribution.distribution().num_model_replicas == 2
    together = train.train(config, records, folder / "together").network.model.get_weights()
    print(max(float(np.abs(one - other).max()) for one, other in zip(alone, together, strict=True)))


if __name__ == "__main__":
    main()
