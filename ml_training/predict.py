"""What a network reads in records, in pixels of the pictures they were cut from."""

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from ml_training.correction import Correction
from ml_training.data.augment import record_from_input
from ml_training.data.cutting import RECORD_PX
from ml_training.data.loader import plain_batches
from ml_training.data.records import Records
from ml_training.models.base import JOINTS, Network, Tensor


def predict(
    network: Network,
    records: Records,
    rows: NDArray[np.int64],
    *,
    batch: int = 64,
    correction: Correction | None = None,
) -> NDArray[np.float32]:
    """(N, 29, 3): x and y in pixels of each row's picture, and how sure the network is.

    Parameters
    ----------
    rows
        Which of the records.
    batch
        How many pictures are read at once; the result does not depend on it.
    correction
        Applied to x and y in pixels of the network's input, before they are brought to the picture's.
    """
    return Predictor(network, batch).read(records, rows, correction)


class Predictor:
    """Keeps the compiled network between calls; reads with the weights that the network has at that moment."""

    def __init__(self, network: Network, batch: int = 64) -> None:
        self.network = network
        self.batch = batch
        self._reader = _Reader(network)

    def read(
        self, records: Records, rows: NDArray[np.int64], correction: Correction | None = None
    ) -> NDArray[np.float32]:
        found = self.read_input(records, rows)
        if correction is not None:
            found[..., :2] = correction.apply(found[..., :2])
        return to_picture(found, records, rows, self.network)

    def read_input(self, records: Records, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """(N, 29, 3): the same in pixels of the network's input."""
        parts = [self._read_batch(images) for images, _ in plain_batches(records, rows, self.network.input, self.batch)]
        return np.concatenate(parts) if parts else np.zeros((0, JOINTS, 3), np.float32)

    def _read_batch(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Always `batch` pictures at once: another number would be compiled anew."""
        missing = self.batch - len(images)
        padded = np.concatenate([images, np.zeros((missing, *images.shape[1:]), np.uint8)]) if missing else images
        return np.asarray(self._reader.predict_on_batch(padded), dtype=np.float32)[: len(images)]


class _Reader(keras.Model):
    """Bytes in, joints out: the network and its decoding as one compiled step."""

    def __init__(self, network: Network) -> None:
        super().__init__(name="reader")
        self.network = network.model
        self.decode = network.decode

    def call(self, images: Tensor) -> Tensor:
        outputs = self.network(ops.cast(images, "float32"), training=False)
        return self.decode(keras.tree.map_structure(lambda output: ops.cast(output, "float32"), outputs))


def to_picture(
    found: NDArray[np.floating], records: Records, rows: NDArray[np.int64], network: Network
) -> NDArray[np.float32]:
    """(N, 29, 3) from pixels of the network's input to those of each row's picture; the third column stays."""
    to_record = record_from_input(network.input, RECORD_PX[records.kind])
    xy = found[..., :2].astype(np.float64) @ to_record[:, :2].T + to_record[:, 2]
    matrix = records.to_picture[rows]
    xy = np.einsum("nij,nkj->nki", matrix[:, :, :2], xy) + matrix[:, None, :, 2]
    return np.concatenate([xy, found[..., 2:]], axis=-1).astype(np.float32)


def fit_correction(predictor: Predictor, records: Records, rows: NDArray[np.int64]) -> Correction:
    """The straight-line correction for these records, in pixels of the network's input."""
    spec = predictor.network.input
    truth = np.concatenate([targets for _, targets in plain_batches(records, rows, spec, predictor.batch)])
    return Correction.fit(predictor.read_input(records, rows)[..., :2], truth[..., :2], truth[..., 2])
