"""Whole numbers over time as compressed bytes: what the two streams of a `.kdt` track are made of.

A row is one coordinate of one joint over all frames. It is taken as the difference to the same coordinate of the
joint's parent, since hands move with their arms, and then as the difference to the frame before. All of it is modulo
65,536, so nothing is lost whatever the numbers are.
"""

import zlib
from typing import TypeGuard

import numpy as np
from numpy.typing import NDArray

type Steps = NDArray[np.int16]
type Parents = tuple[int, ...]

MOST_INFLATED_PER_BYTE = 1032
"""The deflate format cannot say more than 258 bytes in two bits (RFC 1951, 3.2.5)."""

_STRATEGIES = (zlib.Z_FILTERED, zlib.Z_RLE)
"""The first is the shorter one for dances that repeat themselves, the second for most others."""


class PlanesError(ValueError):
    """A stream is damaged, or is shorter or longer than announced."""


def pack(steps: Steps, parents: Parents) -> bytes:
    """The rows of (T, J, A) steps joint by joint: all their low bytes, then all their high bytes.

    `parents` holds for each joint the index of an earlier one, or -1.
    """
    rows = np.ascontiguousarray(steps.transpose(1, 2, 0)).view(np.uint16)
    relative = rows.copy()
    for joint, parent in enumerate(parents):
        if parent >= 0:
            relative[joint] -= rows[parent]
    delta = np.diff(relative, axis=2, prepend=np.uint16(0)).view(np.int16)
    zigzag = ((delta << 1) ^ (delta >> 15)).view(np.uint16)
    return (zigzag & 0xFF).astype(np.uint8).tobytes() + (zigzag >> 8).astype(np.uint8).tobytes()


def unpack(data: bytes | memoryview, frames: int, axes: int, parents: Parents) -> Steps:
    """(T, J, A) steps from exactly 2 T J A bytes."""
    low, high = np.frombuffer(data, np.uint8).reshape(2, len(parents), axes, frames).astype(np.uint16)
    rows = from_zigzag(low, high)
    for joint, parent in enumerate(parents):
        if parent >= 0:
            rows[joint] += rows[parent]
    return rows.view(np.int16).transpose(2, 0, 1)


def from_zigzag(low: NDArray[np.uint16], high: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Running sums, modulo 65,536 and along the last axis, of differences in zigzag form, given as two bytes each."""
    zigzag = low | (high << np.uint16(8))
    delta = (zigzag >> np.uint16(1)) ^ (np.uint16(0) - (zigzag & np.uint16(1)))
    return np.cumsum(delta, axis=-1, dtype=np.uint16)


def are_parents(values: object, joints: int) -> TypeGuard[list[int]]:
    """True for a list that names for each joint an earlier one, or -1."""
    if not isinstance(values, list) or len(values) != joints:
        return False
    return all(type(parent) is int and -1 <= parent < joint for joint, parent in enumerate(values))


def held(values: NDArray[np.float32], known: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(T, ...) in which a frame that is not known repeats the last that is (0 before the first): it costs no bytes."""
    frames = np.where(known, np.arange(len(known)), -1)
    source = np.maximum.accumulate(frames) if len(frames) else frames
    repeated: NDArray[np.float32] = np.where((source >= 0).reshape(-1, *[1] * (values.ndim - 1)), values[source], 0)
    return repeated


def deflated(body: bytes) -> bytes:
    """The shortest zlib stream that our strategies give."""
    return min((_deflated(body, strategy) for strategy in _STRATEGIES), key=len)


def _deflated(body: bytes, strategy: int) -> bytes:
    compressor = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL + 1, strategy)
    return compressor.compress(body) + compressor.flush()


def inflated(compressed: bytes, expected: int) -> bytes:
    """Exactly `expected` bytes. Takes no memory for an impossible length and stops one byte after a possible one.

    Raises PlanesError for a stream that is damaged, shorter or longer.
    """
    if expected > MOST_INFLATED_PER_BYTE * len(compressed):
        raise PlanesError("the compressed part is too short for what is announced")
    inflater = zlib.decompressobj()
    try:
        body = inflater.decompress(compressed, expected + 1)
    except zlib.error as error:
        raise PlanesError("the compressed part is damaged") from error
    if len(body) != expected or not inflater.eof or inflater.unused_data:
        raise PlanesError("the compressed part is shorter or longer than announced")
    return body
