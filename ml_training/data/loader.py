"""Batches of records, made by threads while the step before is computed.

Batch k is a function of (seed, k) alone: whatever the number of workers, and wherever a training was stopped, the same
pictures come in the same order with the same changes. Threads do, not processes: nearly all of the time goes into OpenCV,
which lets other threads run meanwhile, and nothing has to be copied from one process to another.
"""

import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_training.config import Augmentation
from ml_training.data.augment import plain, sample
from ml_training.data.records import InputSpec, Records
from ml_training.errors import TrainingError

type Batch = tuple[NDArray[np.uint8], NDArray[np.float32]]

AHEAD = 2
"""Batches that wait ready beside those that workers are at."""
_ORDER, _CHANGES = 0, 1


class Batches:
    """Training batches without end: all rows once in a new order, then again.

    Parameters
    ----------
    rows
        Indices into `records`.
    batch
        Pictures in each; a batch may reach from the end of one pass into the next.
    workers
        Threads; OpenCV's own are switched off for the whole process, since they would only be in each other's way.

    Attributes
    ----------
    waited_s : float
        How long `take` has kept its caller waiting altogether.

    Raises
    ------
    TrainingError
        "no_rows" or "wrong_kind".
    """

    def __init__(
        self,
        records: Records,
        rows: NDArray[np.int_],
        spec: InputSpec,
        augmentation: Augmentation,
        *,
        batch: int,
        seed: int,
        workers: int = 2,
    ) -> None:
        _check(records, rows, spec)
        self._records, self._rows, self._spec, self._augmentation = records, np.asarray(rows), spec, augmentation
        self._batch, self._seed, self._workers = batch, seed, max(1, workers)
        self.waited_s = 0.0

    def take(self, first_step: int, steps: int) -> Iterator[Batch]:
        """Batches `first_step`, `first_step` + 1, ... (`steps` of them): images (B, H, W, 3) uint8, targets (B, 29, 3)."""
        cv2.setNumThreads(1)
        numbers = iter(range(first_step, first_step + steps))
        pool = ThreadPoolExecutor(self._workers, thread_name_prefix="batches")
        coming: deque[Future[Batch]] = deque()
        try:
            for number in numbers:
                coming.append(pool.submit(self.batch, number))
                if len(coming) >= self._workers + AHEAD:
                    yield self._next(coming)
            while coming:
                yield self._next(coming)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def batch(self, number: int) -> Batch:
        """Batch `number`, made here and now."""
        rng = np.random.default_rng([self._seed, _CHANGES, number])
        images = np.empty((self._batch, self._spec.height, self._spec.width, 3), dtype=np.uint8)
        targets = np.empty((self._batch, self._records.xy_px.shape[1], 3), dtype=np.float32)
        for place, row in enumerate(self.rows_of(number)):
            pixels, xy, weight = self._records.pixels[row], self._records.xy_px[row], self._records.weight[row]
            images[place], targets[place] = sample(pixels, xy, weight, self._spec, self._augmentation, rng)
        return images, targets

    def rows_of(self, number: int) -> NDArray[np.int_]:
        """Which rows batch `number` shows."""
        passes, places = np.divmod(np.arange(number * self._batch, (number + 1) * self._batch), len(self._rows))
        orders = {one: _order(self._seed, one, len(self._rows)) for one in np.unique(passes).tolist()}
        return np.array([self._rows[orders[one][place]] for one, place in zip(passes.tolist(), places, strict=True)])

    def _next(self, coming: deque[Future[Batch]]) -> Batch:
        asked = time.perf_counter()
        batch = coming.popleft().result()
        self.waited_s += time.perf_counter() - asked
        return batch


def plain_batches(records: Records, rows: NDArray[np.int_], spec: InputSpec, batch: int) -> Iterator[Batch]:
    """The rows in their order, nothing changed; the last batch is as short as it comes. Raises as `Batches`."""
    _check(records, rows, spec)
    for start in range(0, len(rows), batch):
        pairs = [
            plain(records.pixels[row], records.xy_px[row], records.weight[row], spec)
            for row in rows[start : start + batch]
        ]
        images, targets = zip(*pairs, strict=True)
        yield np.stack(images), np.stack(targets)


@lru_cache(maxsize=4)
def _order(seed: int, one_pass: int, count: int) -> NDArray[np.int_]:
    return np.random.default_rng([seed, _ORDER, one_pass]).permutation(count)


def _check(records: Records, rows: NDArray[np.int_], spec: InputSpec) -> None:
    if spec.kind != records.kind:
        raise TrainingError(
            "wrong_kind", f"The network wants {spec.kind} records, and {records.folder} holds {records.kind}."
        )
    if not len(rows):
        raise TrainingError(
            "no_rows", f"None of the {len(records)} records in {records.folder} is in the split asked for."
        )
