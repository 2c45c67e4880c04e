"""Cutting many pictures with many processes into one file, so that a stopped command can go on where it was."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ml_training.data.cutting import RECORD_PX, Bytes, cut
from ml_training.data.images import read_picture
from ml_training.data.records import Kind
from ml_training.errors import TrainingError
from ml_training.files import whole_file
from ml_training.parallel import in_parallel

Failed = dict[int, tuple[str, str]]


@dataclass(frozen=True)
class Chunk:
    """Rows that lie beside one another in the file, cut by one process. `done` tells that they are, and which could not."""

    path: Path
    start_byte: int
    done: Path
    first_row: int
    kind: Kind
    root: str
    images: list[str]
    sizes_px: NDArray[np.int32]
    to_picture: NDArray[np.float64]


def reserve(path: Path, shape: tuple[int, ...]) -> int:
    """Give a .npy file of bytes all the room it will need, now; returns where the values begin.

    What it already holds stays. With the room reserved, no later write can find the disk full. Raises TrainingError
    ("disk_full").
    """
    if not path.exists():
        with whole_file(path) as partial:
            _reserve(partial, shape)
    return int(np.load(path, mmap_mode="r").offset)


def _reserve(path: Path, shape: tuple[int, ...]) -> None:
    head = np.lib.format.header_data_from_array_1_0(np.empty((0, *shape[1:]), dtype=np.uint8)) | {"shape": shape}
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, head)
        os.posix_fallocate(file.fileno(), 0, file.tell() + int(np.prod(shape)))


def cut_chunks(chunks: list[Chunk], jobs: int, title: str) -> Failed:
    """Cut what is not done yet; returns the rows that could not be cut, with code and message of each."""
    missing = [chunk for chunk in chunks if not chunk.done.exists()]
    total = sum(len(chunk.images) for chunk in chunks)
    rest = sum(len(chunk.images) for chunk in missing)
    with tqdm(total=total, initial=total - rest, desc=title, unit="picture", disable=None) as bar:
        for chunk in in_parallel(cut_chunk, missing, min(jobs, max(1, len(missing)))):
            bar.update(len(chunk.images))
    failed: Failed = {}
    for chunk in chunks:
        failed |= {row: (code, text) for row, code, text in json.loads(chunk.done.read_text(encoding="utf-8"))}
    return failed


def cut_chunk(chunk: Chunk) -> Chunk:
    """Cut one chunk, put it into its place in the file, and only then say so."""
    cv2.setNumThreads(1)  # processes like this one are on all cores already
    width, height = RECORD_PX[chunk.kind]
    pixels = np.zeros((len(chunk.images), height, width, 3), dtype=np.uint8)
    failed = []
    for place, name in enumerate(chunk.images):
        try:
            picture = _picture(chunk.root, name, chunk.sizes_px[place])
        except TrainingError as error:
            failed.append((chunk.first_row + place, error.code, str(error)))
        else:
            pixels[place] = cut(picture, chunk.to_picture[place], chunk.kind)
    with chunk.path.open("r+b") as file:
        file.seek(chunk.start_byte)
        file.write(pixels.tobytes())
        file.flush()
        os.fsync(file.fileno())
    with whole_file(chunk.done) as path:
        path.write_text(json.dumps(failed), encoding="utf-8")
    return chunk


def _picture(root: str, name: str, size_px: NDArray[np.int32]) -> Bytes:
    picture = read_picture(root, name)
    height, width = picture.shape[:2]
    if (width, height) != tuple(size_px):
        labelled = "x".join(str(side) for side in size_px)
        raise TrainingError(
            "another_size", f"{name} is {width}x{height}, its label is for {labelled}: convert it again."
        )
    return picture
