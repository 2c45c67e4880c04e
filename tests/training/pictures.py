"""Labelled pictures on the disk, and records, to try the data's way on."""

from pathlib import Path

import cv2
import numpy as np

from ml_training.data.cutting import RECORD_PX
from ml_training.data.records import Kind, Records
from ml_training.data.samples import Samples
from tests.training.figures import standing_xy

SIZE_PX = (160, 90)


def write_pictures(folder: Path, count: int, seed: int = 0) -> Samples:
    """Pictures of one grey level each, 10 + its row, and somebody who stands in it; a dancer and a song for each picture."""
    rng = np.random.default_rng(seed)
    for row in range(count):
        cv2.imwrite(str(folder / f"{row}.png"), np.full((SIZE_PX[1], SIZE_PX[0], 3), 10 + row, np.uint8))
    names = np.array([str(row) for row in range(count)])
    away = rng.uniform(-10, 10, (count, 1, 2))
    return Samples(
        image=np.char.add(names, ".png"),
        xy_px=(standing_xy(*SIZE_PX) + away).astype(np.float32),
        visibility=np.full((count, 29), 2, np.uint8),
        conf=np.ones((count, 29), np.float32),
        size_px=np.tile(np.array(SIZE_PX, np.int32), (count, 1)),
        part=np.full(count, "Training"),
        song=names,
        dancer=names,
        clip=names,
        view=np.full(count, "F"),
        frame=np.arange(count, dtype=np.int32),
        root=str(folder),
    )


def records_of(samples: Samples, pixels: np.ndarray, kind: Kind = "person") -> Records:
    """Records in memory, somebody standing in each."""
    width, height = RECORD_PX[kind]
    count = len(samples)
    return Records(
        folder=Path(samples.root),
        kind=kind,
        pixels=pixels,
        xy_px=np.tile(standing_xy(width, height), (count, 1, 1)).astype(np.float32),
        weight=np.ones((count, 29), np.float32),
        to_picture=np.tile(np.eye(2, 3), (count, 1, 1)),
        split=np.full(count, "train"),
        samples=samples,
    )
