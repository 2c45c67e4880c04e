"""How many pictures a second the training loader gives, and how long a network that is faster than this machine would wait.

    make bench-loader                        records of noise, made for the occasion (400 MB, taken away again)
    make bench-loader ARGS="--data DATA"     records that cache wrote

Every round measures everything in turn, so that what else the machine does meanwhile falls on all alike. "waits" is the
share of the time that a network of the pace asked for stands still for want of data: it takes a batch, is busy for as long as
its pace says (asleep, as a processor is while a GPU computes), and takes the next.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from inference.pose.skeleton import SKELETON
from ml_training.config import NONE, Augmentation
from ml_training.data.augment import sample
from ml_training.data.cache import open_records
from ml_training.data.loader import Batches, plain_batches
from ml_training.data.records import PERSON_SIDE_PX, InputSpec, Records
from ml_training.data.samples import Samples
from ml_training.parallel import cores

BATCH = 64
SPEC = InputSpec("person", 192, 192)
JOINTS = len(SKELETON.joints)
_WARM_UP = 4


def main() -> None:
    arguments = _arguments()
    cv2.setNumThreads(1)
    with _records(arguments) as records:
        pixels = records.pixels.nbytes / 1e6
        print(f"{len(records)} records ({pixels:.0f} MB) to {SPEC.width}x{SPEC.height}, batches of {BATCH}")
        print(
            f"{cores()} cores, load {os.getloadavg()[0]:.1f} before, median (least to most) of {arguments.rounds} rounds"
        )
        workers = sorted({1, 2, cores()} if arguments.workers is None else set(arguments.workers))
        _print(_measured(_speeds(records, workers, arguments.seconds), arguments.rounds), "{:9,.0f} pictures/s")
        _print(_measured(_costs(records, arguments.seconds), arguments.rounds), "{:9,.0f} us of a core a picture")
        waits = _waits(records, workers, arguments.pace, arguments.seconds)
        _print(_measured(waits, arguments.rounds), "{:9.1%} of the time")
        print(f"load {os.getloadavg()[0]:.1f} after")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, help="folder with person records; without it, records of noise")
    parser.add_argument("--records", type=int, default=2000, help="how many records of noise")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each measurement")
    parser.add_argument("--pace", type=float, default=2000.0, help="pictures a second that the network could take")
    parser.add_argument("--workers", type=int, nargs="+")
    return parser.parse_args()


def _speeds(records: Records, workers: list[int], seconds: float) -> dict[str, Callable[[], float]]:
    every = np.arange(len(records))
    speeds = {
        "bytes alone, in any order": lambda: _speed(_bytes(records), seconds),
        "as for validation, one thread": lambda: _speed(_for_ever(records), seconds),
    }
    for name, augmentation in (("plain", NONE), ("changed", Augmentation())):
        for count in workers:
            loader = Batches(records, every, SPEC, augmentation, batch=BATCH, seed=1, workers=count)
            speeds[f"{name}, {count} worker{'s' * (count > 1)}"] = lambda loader=loader: _speed(
                loader.take(0, 10**6), seconds
            )
    return speeds


def _costs(records: Records, seconds: float) -> dict[str, Callable[[], float]]:
    """Processor time, which other programs that run meanwhile lengthen little. What Python keeps to itself bounds how many
    threads are of use: it is the time for pictures so small that OpenCV has nothing to do."""
    rng, augmentation, tiny = np.random.default_rng(1), Augmentation(), InputSpec(SPEC.kind, 8, 8)
    speck = np.zeros((10, 10, 3), dtype=np.uint8)

    def cost(pixels: Callable[[int], np.ndarray], spec: InputSpec) -> float:
        start, before, taken = time.perf_counter(), time.process_time(), 0
        while time.perf_counter() - start < seconds:
            row = taken % len(records)
            sample(pixels(row), records.xy_px[row], records.weight[row], spec, augmentation, rng)
            taken += 1
        return (time.process_time() - before) / taken * 1e6

    return {
        "changed": lambda: cost(lambda row: records.pixels[row], SPEC),
        "of that in Python": lambda: cost(lambda row: speck, tiny),
    }


def _waits(records: Records, workers: list[int], pace: float, seconds: float) -> dict[str, Callable[[], float]]:
    every, waits = np.arange(len(records)), {}
    for count in workers:
        loader = Batches(records, every, SPEC, Augmentation(), batch=BATCH, seed=1, workers=count)
        title = f"waits at {pace:,.0f}/s, {count} worker{'s' * (count > 1)}"
        waits[title] = lambda loader=loader: _waiting(loader, pace, seconds)
    return waits


def _speed(batches: Iterator[object], seconds: float) -> float:
    for _ in range(_WARM_UP):
        next(batches)
    start, taken = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        next(batches)
        taken += BATCH
    return taken / (time.perf_counter() - start)


def _waiting(loader: Batches, pace: float, seconds: float) -> float:
    steps = max(1, round(seconds * pace / BATCH))
    batches = loader.take(0, steps + _WARM_UP)
    for _ in range(_WARM_UP):
        next(batches)
        time.sleep(BATCH / pace)
    start, before = time.perf_counter(), loader.waited_s
    for _ in batches:
        time.sleep(BATCH / pace)
    return (loader.waited_s - before) / (time.perf_counter() - start)


def _bytes(records: Records) -> Iterator[object]:
    rng = np.random.default_rng(1)
    while True:
        yield records.pixels[rng.integers(0, len(records), BATCH)]


def _for_ever(records: Records) -> Iterator[object]:
    while True:
        yield from plain_batches(records, np.arange(len(records)), SPEC, BATCH)


def _measured(measures: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            found[name].append(measure())
    return found


def _print(found: dict[str, list[float]], form: str) -> None:
    for name, values in found.items():
        middle, least, most = (form.format(one) for one in (statistics.median(values), min(values), max(values)))
        print(f"{name:32}{middle}   ({least.split()[0]} to {most.split()[0]})")


@contextmanager
def _records(arguments: argparse.Namespace) -> Iterator[Records]:
    if arguments.data:
        yield open_records(arguments.data, "person")
        return
    with tempfile.TemporaryDirectory() as folder:
        yield _noise(Path(folder), arguments.records)


def _noise(folder: Path, count: int) -> Records:
    """Noise is no easier to turn and colour than a picture is."""
    rng = np.random.default_rng(1)
    shape = (count, PERSON_SIDE_PX, PERSON_SIDE_PX, 3)
    pixels = np.lib.format.open_memmap(folder / "pixels.npy", mode="w+", dtype=np.uint8, shape=shape)
    for row in range(count):
        pixels[row] = rng.integers(0, 256, shape[1:], dtype=np.uint8)
    xy_px = rng.uniform(30, 226, (count, JOINTS, 2)).astype(np.float32)
    names = np.array([str(row) for row in range(count)])
    samples = Samples(
        image=names,
        xy_px=xy_px,
        visibility=np.full((count, JOINTS), 2, np.uint8),
        conf=np.ones((count, JOINTS), np.float32),
        size_px=np.tile(np.array([1920, 1080], np.int32), (count, 1)),
        part=names,
        song=names,
        dancer=names,
        clip=names,
        view=names,
        frame=np.arange(count, dtype=np.int32),
        root=str(folder),
    )
    return Records(
        folder=folder,
        kind="person",
        pixels=pixels,
        xy_px=xy_px,
        weight=np.ones((count, JOINTS), np.float32),
        to_picture=np.tile(np.eye(2, 3), (count, 1, 1)),
        split=np.full(count, "train"),
        samples=samples,
    )


if __name__ == "__main__":
    main()
