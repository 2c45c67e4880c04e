"""Tracks as files: `.npz` for the command line, `.kdt` (docs/track-format.md) for storage and the browser.

Files come from outside, so every size is checked before memory is taken for it, and what is wrong with a file is
told by a `TrackFileError` with a stable code.
"""

import io
import json
import os
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from inference.pose.skeleton import SKELETON
from inference.pose.track import JOINT_COUNT, PoseTrack, TrackError

MAGIC = b"KDTR"
VERSION = 1
TICKS_PER_S = 100_000
STEPS_ON_LONG_SIDE = 15_360
MAX_FRAMES = 500_000
MAX_HEADER_BYTES = 16_384
MAX_MODEL_NAME = 100
MAX_SIZE_PX = 65_535

_PREFIX = struct.Struct("<4sHHI")
_BYTES_PER_FRAME = 4 + JOINT_COUNT * 5
_NPZ_NAMES = ("t_s", "xy_px", "conf", "size_px", "joints", "model")
_NPZ_MEMBER_MAX_BYTES = MAX_FRAMES * JOINT_COUNT * 2 * 8


class TrackFileError(ValueError):
    """A track file cannot be read or a track cannot be written.

    `code` is one of: `not_a_track`, `unsupported_version`, `other_joints`, `bad_shape`, `bad_values`, `damaged`,
    `too_large`, `pickle_refused`.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


# .npz


def save_npz(track: PoseTrack, path: Path | str) -> None:
    """Write `t_s`, `xy_px`, `conf`, `size_px`, `joints` and `model` to `path`, replacing it in one step."""
    target = Path(path)
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with partial.open("wb") as file:
            np.savez_compressed(
                file,
                t_s=track.t_s,
                xy_px=track.xy_px,
                conf=track.conf,
                size_px=np.asarray(track.size_px, dtype=np.int32),
                joints=np.asarray(SKELETON.joints),
                model=np.asarray(track.model),
            )
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def load_npz(path: Path | str) -> PoseTrack:
    """The track written by `save_npz`. Raises TrackFileError for anything else and OSError if there is no such file."""
    with Path(path).open("rb") as file:
        arrays = _npz_arrays(file)
    joints = arrays["joints"]
    if joints.dtype.kind != "U" or tuple(joints.tolist()) != SKELETON.joints:
        raise TrackFileError("other_joints", "joints are not the 29 joints of KDance in their order")
    if arrays["model"].dtype.kind != "U" or arrays["model"].shape != ():
        raise TrackFileError("bad_shape", "model is not one name")
    size = arrays["size_px"]
    if size.dtype.kind not in "iu" or size.shape != (2,):
        raise TrackFileError("bad_shape", "size_px is not two whole numbers")
    for name in ("t_s", "xy_px", "conf"):
        if arrays[name].dtype.kind not in "fiu":
            raise TrackFileError("bad_shape", f"{name} does not hold numbers")
    return _track(
        arrays["t_s"].astype(np.float64),
        arrays["xy_px"].astype(np.float32),
        arrays["conf"].astype(np.float32),
        (int(size[0]), int(size[1])),
        str(arrays["model"]),
    )


def _npz_arrays(file: IO[bytes]) -> dict[str, NDArray[Any]]:
    try:
        with zipfile.ZipFile(file) as archive:
            return {name: _npz_array(archive, name) for name in _NPZ_NAMES}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise TrackFileError("not_a_track", "the file is not an .npz archive") from error


def _npz_array(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    try:
        member = archive.getinfo(f"{name}.npy")
    except KeyError as error:
        raise TrackFileError("not_a_track", f"the file has no array {name}") from error
    if member.file_size > _NPZ_MEMBER_MAX_BYTES:
        raise TrackFileError("too_large", f"array {name} is too large")
    return _npy_array(archive.read(member), name)


def _npy_array(data: bytes, name: str) -> NDArray[Any]:
    """Like `numpy.load`, but the announced shape must fit the bytes that are there, and objects are refused."""
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran_order, dtype = read_header(stream)
    except ValueError as error:
        raise TrackFileError("not_a_track", f"{name} is not a numpy array") from error
    if dtype.hasobject:
        raise TrackFileError("pickle_refused", f"{name} holds Python objects")
    if int(np.prod(shape, dtype=object)) * dtype.itemsize != len(data) - stream.tell():
        raise TrackFileError("damaged", f"{name} is shorter or longer than it says")
    flat = np.frombuffer(data, dtype=dtype, offset=stream.tell())
    return flat.reshape(shape, order="F" if fortran_order else "C")


# .kdt


@dataclass(frozen=True)
class _Header:
    frames: int
    size_px: tuple[int, int]
    model: str


def step_px(size_px: tuple[int, int]) -> float:
    """Grid of the stored positions in pixels: 1/8 px where the picture's long side is 1920, else in proportion."""
    return max(size_px) / STEPS_ON_LONG_SIDE


def encode(track: PoseTrack) -> bytes:
    """The track as compact `.kdt` bytes.

    Times are kept to 5 microseconds, positions to half of `step_px`, confidences to 1/510 (but a confidence above 0
    stays above 0). Positions further than 2.1 long sides from the corner are clamped; positions of frames without a
    dancer are not kept.

    Raises
    ------
    TrackFileError
        `too_large` for more than MAX_FRAMES frames, `bad_values` for times that do not fit or fall on one tick.
    """
    if len(track.t_s) > MAX_FRAMES:
        raise TrackFileError("too_large", f"{len(track.t_s)} frames are more than {MAX_FRAMES}")
    header = json.dumps(
        {
            "frames": len(track.t_s),
            "size_px": list(track.size_px),
            "model": track.model,
            "joints": list(SKELETON.joints),
            "derived": [joint in SKELETON.derived for joint in SKELETON.joints],
        },
        separators=(",", ":"),
    ).encode()
    if len(track.model) > MAX_MODEL_NAME or max(track.size_px) > MAX_SIZE_PX:
        raise TrackFileError("bad_values", "the name of the model or the picture is too large")
    body = b"".join([_pack_times(track.t_s), _pack_confidences(track.conf), *_pack_positions(track)])
    return _PREFIX.pack(MAGIC, VERSION, 0, len(header)) + header + zlib.compress(body, 9)


def decode(data: bytes) -> PoseTrack:
    """The track of `.kdt` bytes. Raises TrackFileError for anything else, however hostile."""
    header, compressed = _split(data)
    body = _inflate(compressed, header.frames * _BYTES_PER_FRAME)
    times = np.cumsum(np.frombuffer(body, "<i4", header.frames).astype(np.int64))
    conf = np.cumsum(_plane(body, header.frames, 0), axis=1, dtype=np.uint8).T
    xy = np.stack([_unpack_axis(body, header.frames, axis) for axis in (0, 1)], axis=2) * step_px(header.size_px)
    found = conf.any(axis=1)
    xy_px = np.where(found[:, None, None], xy, np.nan).astype(np.float32)
    return _track(times / TICKS_PER_S, xy_px, (conf / 255).astype(np.float32), header.size_px, header.model)


def _pack_times(t_s: NDArray[np.float64]) -> bytes:
    ticks = np.rint(t_s * TICKS_PER_S)
    if len(ticks) and np.abs(ticks).max() > np.iinfo(np.int32).max // 2:
        raise TrackFileError("bad_values", "a time is too far from zero")
    differences = np.diff(ticks, prepend=0.0)
    if np.any(differences[1:] <= 0):
        raise TrackFileError("bad_values", "two frames fall on one tick of 10 microseconds")
    return differences.astype("<i4").tobytes()


def _pack_confidences(conf: NDArray[np.float32]) -> bytes:
    levels = np.where(conf > 0, np.maximum(np.rint(conf * 255), 1), 0).astype(np.uint8)
    return np.diff(levels.T, axis=1, prepend=np.uint8(0)).tobytes()


def _pack_positions(track: PoseTrack) -> list[bytes]:
    """Four byte planes: low and high bytes of x, low and high bytes of y."""
    steps = np.clip(np.rint(_held(track) / step_px(track.size_px)), -32768, 32767).astype(np.int16)
    planes = []
    for axis in (0, 1):
        delta = np.diff(steps[:, :, axis].T, axis=1, prepend=np.int16(0))
        zigzag = ((delta << 1) ^ (delta >> 15)).astype(np.uint16)
        planes += [(zigzag & 0xFF).astype(np.uint8).tobytes(), (zigzag >> 8).astype(np.uint8).tobytes()]
    return planes


def _held(track: PoseTrack) -> NDArray[np.float32]:
    """Positions in which a frame without a dancer repeats the last one with (0 before the first): it costs no bytes."""
    frames = np.where(track.found, np.arange(len(track.t_s)), -1)
    source = np.maximum.accumulate(frames) if len(frames) else frames
    held: NDArray[np.float32] = np.where((source >= 0)[:, None, None], track.xy_px[source], 0)
    return held


def _split(data: bytes) -> tuple[_Header, bytes]:
    if len(data) < _PREFIX.size or data[: len(MAGIC)] != MAGIC:
        raise TrackFileError("not_a_track", "the data does not begin like a .kdt track")
    _, version, flags, header_bytes = _PREFIX.unpack_from(data)
    if version != VERSION or flags != 0:
        raise TrackFileError("unsupported_version", f"version {version} of .kdt is not known here")
    if header_bytes > MAX_HEADER_BYTES or _PREFIX.size + header_bytes > len(data):
        raise TrackFileError("damaged", "the header is longer than it can be")
    end = _PREFIX.size + header_bytes
    return _header(data[_PREFIX.size : end]), data[end:]


def _header(raw: bytes) -> _Header:
    try:
        fields = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise TrackFileError("damaged", "the header is not JSON") from error
    if not isinstance(fields, dict) or fields.get("joints") != list(SKELETON.joints):
        raise TrackFileError("other_joints", "joints are not the 29 joints of KDance in their order")
    frames, size, model = fields.get("frames"), fields.get("size_px"), fields.get("model")
    if not _whole(frames, 0, MAX_FRAMES):
        raise TrackFileError("too_large", f"the number of frames is not between 0 and {MAX_FRAMES}")
    if not isinstance(size, list) or len(size) != 2 or not all(_whole(side, 1, MAX_SIZE_PX) for side in size):
        raise TrackFileError("bad_values", "the size of the picture is not two whole numbers")
    if not isinstance(model, str) or len(model) > MAX_MODEL_NAME:
        raise TrackFileError("bad_values", "the model has no usable name")
    return _Header(frames, (size[0], size[1]), model)


def _whole(value: object, least: int, most: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _inflate(compressed: bytes, expected: int) -> bytes:
    inflater = zlib.decompressobj()
    try:
        body = inflater.decompress(compressed, expected + 1)
    except zlib.error as error:
        raise TrackFileError("damaged", "the compressed part is damaged") from error
    if len(body) != expected or not inflater.eof or inflater.unused_data:
        raise TrackFileError("damaged", "the compressed part is shorter or longer than the header says")
    return body


def _plane(body: bytes, frames: int, plane: int) -> NDArray[np.uint8]:
    """(29, T) bytes of one plane: 0 confidence, 1 and 2 low and high of x, 3 and 4 low and high of y."""
    cells = frames * JOINT_COUNT
    return np.frombuffer(body, np.uint8, cells, frames * 4 + plane * cells).reshape(JOINT_COUNT, frames)


def _unpack_axis(body: bytes, frames: int, axis: int) -> NDArray[np.int16]:
    low, high = (_plane(body, frames, 1 + 2 * axis + part).astype(np.uint16) for part in (0, 1))
    zigzag = low | (high << 8)
    delta = (zigzag >> 1) ^ (-(zigzag & 1).astype(np.int16)).view(np.uint16)
    return np.cumsum(delta, axis=1, dtype=np.uint16).view(np.int16).T


def _track(
    t_s: NDArray[np.float64],
    xy_px: NDArray[np.float32],
    conf: NDArray[np.float32],
    size_px: tuple[int, int],
    model: str,
) -> PoseTrack:
    frames = len(t_s) if t_s.ndim else -1
    if t_s.ndim != 1 or xy_px.shape != (frames, JOINT_COUNT, 2) or conf.shape != (frames, JOINT_COUNT):
        raise TrackFileError("bad_shape", f"shapes {t_s.shape}, {xy_px.shape}, {conf.shape} do not belong together")
    if frames > MAX_FRAMES:
        raise TrackFileError("too_large", f"{frames} frames are more than {MAX_FRAMES}")
    try:
        return PoseTrack(t_s=t_s, xy_px=xy_px, conf=conf, size_px=size_px, model=model)
    except TrackError as error:
        raise TrackFileError("bad_values", str(error)) from error
