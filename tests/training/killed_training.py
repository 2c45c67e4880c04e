"""A training that dies of SIGKILL in its 18th step: `python -m tests.training.killed_training FOLDER`."""

import os
import signal
import sys
from pathlib import Path

from ml_training import runs, train
from ml_training.learner import Learner
from tests.training.made_up import MADE_UP, made_up_network, made_up_records

KILLED_AT = 18


def main() -> None:
    folder = Path(sys.argv[1])
    train.build_network = runs.build_network = made_up_network
    train.SAVING_SHARE = float("inf")
    die_in_step()
    train.train(MADE_UP, made_up_records(folder), folder / "run")


def die_in_step() -> None:
    start_step = Learner.start_step
    steps = []

    def dying(self, images, targets):
        loss = start_step(self, images, targets)
        steps.append(loss)
        if len(steps) == KILLED_AT:
            os.kill(os.getpid(), signal.SIGKILL)
        return loss

    Learner.start_step = dying


if __name__ == "__main__":
    main()
