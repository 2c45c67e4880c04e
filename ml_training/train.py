"""Train one network: `python -m ml_training.train CONFIG DATA --out RUN`.

    KERAS_BACKEND=jax python -m ml_training.train simcc .train/data --out .train/simcc --minutes 30 --set batch=128

CONFIG is a module of `ml_training/configs`, DATA a folder that `python -m ml_training.data cache` wrote. RUN gets the
weights that validated best, the state to go on from after a stop of any kind, and the history; the same command goes on
where it stopped, to the very same weights. `--set` changes one setting of the config, `--set options.width=0.5` one of
the network's options. `tensorboard --logdir RUN/tb` draws the curves.
"""

import argparse
import dataclasses
import math
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from ml_training.checkpoint import STATE, WEIGHTS, load_state, read_facts, save_state, save_weights
from ml_training.config import Config, load_config
from ml_training.data.cache import open_records
from ml_training.data.loader import Batches
from ml_training.data.records import Records, Split
from ml_training.errors import TrainingError, run_command
from ml_training.files import alone
from ml_training.journal import Journal, Pace
from ml_training.learner import Learner, learning_rate
from ml_training.metrics import judge
from ml_training.models.base import Network, build_network
from ml_training.parallel import cores
from ml_training.predict import Predictor, fit_correction
from ml_training.runs import Trained, claim, load_run, refuse_others, write_correction
from ml_training.settings import with_settings
from ml_training.steps import steps_of

IN_FLIGHT = 2
"""So many steps are handed to the device before the first one's loss is read: it never waits for this process."""
WARM_STEPS = 5
"""The first steps compile; the pace is measured behind them."""
REPORT_EVERY_S = 5.0
NEEDED: tuple[Split, ...] = ("train", "validation")
CHOSEN_BY = "distance_height"
FIGURES = ("mae_px", "distance_px", "distance_height", "pck_height", "pck_torso")
"""Of `metrics.Figures`, on the validation split."""
ENDING_SHARE = 0.97
SAVING_SHARE = 0.05
"""Saving the state may take this share of the time; with large networks it is saved less often than the config asks."""


@dataclass
class Progress:
    """Where a training is. `steps` is how many there will be: fewer than the config's where the minutes do not suffice."""

    step: int
    steps: int
    frozen: bool
    best: dict[str, Any] | None = None
    validations_since_best: int = 0
    finished: bool = False


def train(
    config: Config,
    data: Records | Path,
    folder: Path,
    *,
    minutes: float | None = None,
    workers: int | None = None,
    say: Callable[[str], None] = print,
    stop: Callable[[], bool] = lambda: False,
) -> Trained:
    """Train, or go on with, what lies in `folder`.

    Parameters
    ----------
    data
        Records, or the folder that holds the kind of them that the network takes.
    minutes
        Wall-clock time to be done in. Where the pace does not allow all of the config's steps, the learning rate falls
        sooner, so that the run ends as it would with fewer steps. One seed gives one result only without this.
    workers
        How many threads make pictures ready. Does not change the result.
    stop
        Asked behind every step; where it says so, the state is saved and KeyboardInterrupt raised.

    Raises
    ------
    TrainingError
        "other_config", "other_data", "already_running", "no_pictures", "damaged_checkpoint", "diverged", "disk_full".
    """
    clock = Clock(minutes)
    refuse_others(folder, config)
    with alone(folder):
        with _computing_in(config.precision):
            keras.utils.set_random_seed(config.seed)
            network = build_network(config.network, config.options)
            records = data if isinstance(data, Records) else open_records(data, network.input.kind)
            for split in NEEDED:
                _rows(records, split)
            claim(folder, config, records, say)
            progress = _progress(folder, config)
            if not progress.finished:
                _Training(config, network, records, folder, progress, clock, workers, say, stop).run()
        return _corrected(folder, records, network if config.precision == "float32" else None)


@contextmanager
def _computing_in(precision: str) -> Iterator[None]:
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy("float32")


class _Training:
    """One run, from where `progress` stands to its end."""

    def __init__(
        self,
        config: Config,
        network: Network,
        records: Records,
        folder: Path,
        progress: Progress,
        clock: "Clock",
        workers: int | None,
        say: Callable[[str], None],
        stop: Callable[[], bool],
    ) -> None:
        self.config, self.network, self.records, self.folder = config, network, records, folder
        self.progress, self.clock, self.say, self.stop = progress, clock, say, stop
        self.validation = _rows(records, "validation")
        rows = training_rows(config, records)
        options = {"batch": config.batch, "seed": config.seed, "workers": workers or cores()}
        self.batches = Batches(records, rows, network.input, config.augmentation, **options)
        self.predictor = Predictor(network)
        self.learner = Learner(network, config, frozen=progress.frozen)
        if progress.step:
            load_state(folder, self.learner.state)
            say(f"going on behind step {progress.step}")
        self.steps = steps_of(self.learner)
        self.journal = Journal(folder, progress.step)
        self.pace = Pace(config.batch)
        self.losses = _Losses()

    def run(self) -> None:
        first = self.progress.step
        with closing(self.journal), closing(self.batches.take(first, self.config.steps - first)) as batches:
            for images, targets in batches:
                self._step(images, targets)
                if self.progress.step == first + WARM_STEPS:
                    self._start_pace()
                self._report()
                self._keep()
                if self.progress.finished:
                    break
                if self.stop():
                    self.steps.settle()
                    self._save()
                    raise KeyboardInterrupt

    def _step(self, images: NDArray[np.uint8], targets: NDArray[np.float32]) -> None:
        config, progress = self.config, self.progress
        if progress.frozen and progress.step >= config.frozen_steps:
            self.steps.settle()
            self.learner, progress.frozen = Learner(self.network, config), False
            self.steps = steps_of(self.learner)
        self.rate = learning_rate(config, progress.step, progress.steps)
        self.losses.add(self.steps.start(images, targets, self.rate), leave=IN_FLIGHT)
        progress.step += 1

    def _start_pace(self) -> None:
        self.losses.settle()
        self.pace.start(self.progress.step, self.batches.waited_s)
        self.clock.start(self.progress.step)

    def _report(self) -> None:
        progress = self.progress
        if not self.clock.may_report():
            return
        self.losses.settle()
        loss = self.losses.mean()
        progress.steps = self.clock.affordable(progress.step, self.config.steps)
        images_s, waited = self.pace.since_last(progress.step, self.batches.waited_s)
        curves = {"loss": loss, "learning_rate": self.rate, "images_per_s": images_s, "waited_share": waited}
        self.journal.write_curves(progress.step, curves)
        self.say(
            f"step {progress.step}/{progress.steps}  loss {loss:.4g}  lr {self.rate:.2e}  {images_s:,.0f} images/s  "
            f"waited for data {waited:.1%}  {self.clock.left(progress)} left"
        )

    def _keep(self) -> None:
        """Validate and save where it is time to."""
        config, progress = self.config, self.progress
        out_of_steps = progress.step >= progress.steps or self.clock.is_over()
        due = progress.step % config.checkpoint_every == 0 and self.clock.may_save()
        if not (out_of_steps or due or progress.step % config.validate_every == 0):
            return
        self.losses.settle()
        self.steps.settle()
        with self.pace.paused():
            if out_of_steps or progress.step % config.validate_every == 0:
                self._validate()
            progress.finished = out_of_steps or 0 < config.patience <= progress.validations_since_best
            self._save()

    def _validate(self) -> None:
        progress = self.progress
        with self.learner.averaged():
            figures = self._figures()
            progress.validations_since_best += 1
            if progress.best is None or figures[CHOSEN_BY] < progress.best[CHOSEN_BY]:
                save_weights(self.network.model, self.folder / WEIGHTS)
                progress.best, progress.validations_since_best = {"step": progress.step, **figures}, 0
        images_s, waited = self.pace.over_all(progress.step, self.batches.waited_s)
        pace = {"images_per_s": round(images_s, 1), "waited_share": round(waited, 4)}
        self.journal.write_history({"step": progress.step, **figures, **pace})
        self.journal.write_curves(progress.step, {f"validation/{name}": value for name, value in figures.items()})
        self.say(
            f"step {progress.step}: {figures['distance_px']:.2f} px off on validation, {figures[CHOSEN_BY]:.2%} of the body"
            f"{' (best so far)' if progress.validations_since_best == 0 else ''}"
        )

    def _figures(self) -> dict[str, float]:
        found = self.predictor.read(self.records, self.validation)
        overall = judge(found, self.records.samples.take(self.validation), with_ap=False).overall
        figures = {name: getattr(overall, name) for name in FIGURES}
        return {name: float("inf") if value is None else float(value) for name, value in figures.items()}

    def _save(self) -> None:
        started = time.monotonic()
        save_state(self.folder, self.learner.state, dataclasses.asdict(self.progress))
        self.clock.saved(started)


class _Losses:
    """Losses of steps, read so late that the device always has a step to do."""

    def __init__(self) -> None:
        self._pending: deque[Any] = deque()
        self._read: list[float] = []

    def add(self, loss: Any, *, leave: int) -> None:
        self._pending.append(loss)
        self.settle(leave=leave)

    def settle(self, leave: int = 0) -> None:
        while len(self._pending) > leave:
            loss = float(self._pending.popleft())
            if not math.isfinite(loss):
                raise TrainingError("diverged", f"The loss has become {loss}: try a lower learning_rate.")
            self._read.append(loss)

    def mean(self) -> float:
        """Of the steps since it was asked last."""
        read, self._read = self._read, []
        return sum(read) / len(read) if read else float("nan")


class Clock:
    """What depends on the time of day, and nothing that the weights depend on but for `minutes`."""

    def __init__(self, minutes: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._now = clock
        self._end = None if minutes is None else self._now() + 60 * minutes
        self._start: tuple[int, float] | None = None
        self._reported = self._saved = self._now()
        self._saving_s = 0.0

    def start(self, step: int) -> None:
        self._start = (step, self._now())
        self._reported = self._now()

    def may_report(self) -> bool:
        if self._start is None or self._now() - self._reported < REPORT_EVERY_S:
            return False
        self._reported = self._now()
        return True

    def may_save(self) -> bool:
        return self._now() - self._saved >= self._saving_s / SAVING_SHARE

    def saved(self, started: float) -> None:
        self._saved = self._now()
        self._saving_s = self._saved - started

    def is_over(self) -> bool:
        return self._end is not None and self._now() >= self._end

    def affordable(self, step: int, steps: int) -> int:
        """At most `steps`; fewer where the time is up sooner at the pace so far. Some is kept for the last validation."""
        if self._end is None or self._start is None:
            return steps
        left_s = (self._end - self._now()) * ENDING_SHARE
        return min(steps, step + max(1, int(left_s / max(self._seconds_a_step(step), 1e-6))))

    def left(self, progress: Progress) -> str:
        seconds = round((progress.steps - progress.step) * self._seconds_a_step(progress.step))
        return f"{seconds // 60}:{seconds % 60:02d}"

    def _seconds_a_step(self, step: int) -> float:
        if self._start is None or step <= self._start[0]:
            return 0.0
        return (self._now() - self._start[1]) / (step - self._start[0])


def training_rows(config: Config, records: Records) -> NDArray[np.int64]:
    """The config's first so many of the training split, after one shuffle that depends on the seed alone."""
    rows = _rows(records, "train")
    if config.images is None:
        return rows
    return np.sort(np.random.default_rng(config.seed).permutation(rows)[: config.images])


def _rows(records: Records, split: Split) -> NDArray[np.int64]:
    rows = records.rows(split)
    if not len(rows):
        raise TrainingError("no_pictures", f"{records.folder} has no picture in its {split} split.")
    return rows


def _corrected(folder: Path, records: Records, network: Network | None) -> Trained:
    """The run with the straight-line correction of its best weights, fitted on the validation split."""
    trained = load_run(folder, network)
    if trained.correction is None:
        correction = fit_correction(Predictor(trained.network), records, _rows(records, "validation"))
        write_correction(folder, correction)
        trained = dataclasses.replace(trained, correction=correction)
    return trained


def _progress(folder: Path, config: Config) -> Progress:
    facts = read_facts(folder)
    if facts is None:
        return Progress(0, config.steps, frozen=config.frozen_steps > 0)
    try:
        return Progress(**facts)
    except TypeError as error:
        message = (
            f"{folder / STATE} is of another version of this program: go on with that one, or train in another folder."
        )
        raise TrainingError("damaged_checkpoint", message) from error


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m ml_training.train", description=__doc__.split("\n")[0])
    parser.add_argument("config", help="a module of ml_training/configs")
    parser.add_argument("data", type=Path, help="the folder that `python -m ml_training.data cache` wrote")
    parser.add_argument("--out", type=Path, required=True, metavar="RUN", help="the folder to write, or to go on with")
    parser.add_argument("--minutes", type=float, help="be done in so many minutes, with fewer steps where needed")
    parser.add_argument("--pause", type=float, metavar="MINUTES", help="save and stop then; the same command goes on")
    parser.add_argument("--set", action="extend", default=[], nargs="+", metavar="NAME=VALUE", dest="settings")
    parser.add_argument("--workers", type=int, help="threads that make pictures ready (default: one a core)")
    arguments = parser.parse_args()
    share_among_devices()
    config = with_settings(load_config(arguments.config), arguments.settings)
    options = {"minutes": arguments.minutes, "workers": arguments.workers, "stop": _asked_to_stop(arguments.pause)}
    trained = train(config, arguments.data, arguments.out, **options)
    print(f"best at step {trained.metrics['step']}: {trained.metrics['distance_px']:.2f} px off on validation")


def share_among_devices() -> None:
    """Each batch is shared out among all devices that JAX sees on this machine; with one there is nothing to do.

    Raises
    ------
    TrainingError
        "one_host_only": several machines would all make the same batches, and all write into one run.
    """
    if keras.backend.backend() != "jax":
        return
    import jax

    if jax.process_count() > 1:
        raise TrainingError("one_host_only", "A training runs on one machine, on all of its devices: start it on one.")
    if len(keras.distribution.list_devices()) > 1:
        keras.distribution.set_distribution(keras.distribution.DataParallel(auto_shard_dataset=False))


def _asked_to_stop(pause_minutes: float | None) -> Callable[[], bool]:
    """True once Ctrl-C or SIGTERM came, or the time is up: behind a step, not within one."""
    asked: list[int] = []
    end = float("inf") if pause_minutes is None else time.monotonic() + 60 * pause_minutes
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: asked.append(number))
    return lambda: bool(asked) or time.monotonic() >= end


if __name__ == "__main__":
    run_command(main)
