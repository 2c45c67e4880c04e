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

from inference.pose.planes import (
    Parents,
    PlanesError,
    are_parents,
    deflated,
    from_zigzag,
    held,
    inflated,
    pack,
    unpack,
)
from inference.pose.skeleton import SKELETON
from inference.pose.track import JOINT_COUNT, PoseTrack, TrackError

MAGIC = b"KDTR"
VERSION = 2
TICKS_PER_S = 100_000
STEPS_ON_LONG_SIDE = 15_360
WORLD_STEP_M = 0.004
MAX_FRAMES = 500_000
MAX_HEADER_BYTES = 16_384
MAX_MODEL_NAME = 100
MAX_SIZE_PX = 65_535
MAX_STREAM_BYTES = 2**31

_PREFIX = struct.Struct("<4sHHI")
_BYTES_PER_FRAME = {1: 4 + JOINT_COUNT * 5, 2: 4 + 1 + JOINT_COUNT * 5}
_WORLD_BYTES_PER_FRAME = JOINT_COUNT * 6
_INTERPOLATED, _BEGINS_SHOT, _IN_SPACE = 1, 2, 4
_BONE_STARTS = {bone.end: SKELETON.index(bone.start) for bone in SKELETON.bones}
_PARENTS: Parents = tuple(_BONE_STARTS.get(joint, -1) for joint in SKELETON.joints)
_NPZ_NAMES = ("t_s", "xy_px", "conf", "size_px", "joints", "model")
_NPZ_LATER_NAMES = ("xyz_m", "interpolated", "begins_shot")
_NPZ_MEMBER_MAX_BYTES = MAX_FRAMES * JOINT_COUNT * 3 * 8


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
    """Write every array of the track, `joints` and `model` to `path`, replacing it in one step."""
    target = Path(path)
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with partial.open("wb") as file:
            np.savez_compressed(
                file,
                t_s=track.t_s,
                xy_px=track.xy_px,
                conf=track.conf,
                xyz_m=track.xyz_m,
                interpolated=track.interpolated,
                begins_shot=track.begins_shot,
                size_px=np.asarray(track.size_px, dtype=np.int32),
                joints=np.asarray(SKELETON.joints),
                model=np.asarray(track.model),
            )
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def load_npz(path: Path | str) -> PoseTrack:
    """The track written by `save_npz`, also by one that knew no `xyz_m`, `interpolated` and `begins_shot`.

    Raises TrackFileError for anything else and OSError if there is no such file.
    """
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
    numbers = [name for name in ("xy_px", "conf", "xyz_m") if name in arrays]
    truths = [name for name in ("interpolated", "begins_shot") if name in arrays]
    return _track(
        t_s=_of_kind(arrays, "t_s", "fiu").astype(np.float64),
        size_px=(int(size[0]), int(size[1])),
        model=str(arrays["model"]),
        **{name: _of_kind(arrays, name, "fiu").astype(np.float32) for name in numbers},
        **{name: _of_kind(arrays, name, "b") for name in truths},
    )


def _of_kind(arrays: dict[str, NDArray[Any]], name: str, kinds: str) -> NDArray[Any]:
    if arrays[name].dtype.kind not in kinds:
        raise TrackFileError("bad_shape", f"{name} does not hold {'truths' if kinds == 'b' else 'numbers'}")
    return arrays[name]


def _npz_arrays(file: IO[bytes]) -> dict[str, NDArray[Any]]:
    try:
        with zipfile.ZipFile(file) as archive:
            later = [name for name in _NPZ_LATER_NAMES if f"{name}.npy" in archive.namelist()]
            return {name: _npz_array(archive, name) for name in (*_NPZ_NAMES, *later)}
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
    """What stands before the streams. `body_bytes` and `world_bytes` are their lengths; version 1 has no parents."""

    version: int
    frames: int
    size_px: tuple[int, int]
    model: str
    parents: Parents
    body_bytes: int
    world_bytes: int


def step_px(size_px: tuple[int, int]) -> float:
    """Grid of the stored positions in pixels: 1/8 px where the picture's long side is 1920, else in proportion."""
    return max(size_px) / STEPS_ON_LONG_SIDE


def encode(track: PoseTrack) -> bytes:
    """The track as compact `.kdt` bytes.

    Times are kept to 5 microseconds, positions to half of `step_px`, confidences to 1/510 (but a confidence above 0
    stays above 0), metres to half of `WORLD_STEP_M`. Positions further than 2.1 long sides from the corner are
    clamped; positions of frames without a dancer are not kept.

    Raises
    ------
    TrackFileError
        `too_large` for more than MAX_FRAMES frames, `bad_values` for times that do not fit or fall on one tick.
    """
    if len(track.t_s) > MAX_FRAMES:
        raise TrackFileError("too_large", f"{len(track.t_s)} frames are more than {MAX_FRAMES}")
    if len(track.model) > MAX_MODEL_NAME or max(track.size_px) > MAX_SIZE_PX:
        raise TrackFileError("bad_values", "the name of the model or the picture is too large")
    in_space = track.found & np.isfinite(track.xyz_m).all(axis=(1, 2))
    body = deflated(
        b"".join(
            [
                _pack_times(track.t_s),
                _pack_flags(track, in_space),
                _pack_confidences(track.conf),
                _pack_positions(track.xy_px, track.found, step_px(track.size_px)),
            ]
        )
    )
    world = deflated(_pack_positions(track.xyz_m, in_space, WORLD_STEP_M)) if in_space.any() else b""
    header = _header_bytes(track, len(body), len(world))
    return _PREFIX.pack(MAGIC, VERSION, 0, len(header)) + header + body + world


def _header_bytes(track: PoseTrack, body_bytes: int, world_bytes: int) -> bytes:
    fields = {
        "frames": len(track.t_s),
        "size_px": list(track.size_px),
        "model": track.model,
        "body_bytes": body_bytes,
        "world_bytes": world_bytes,
        "joints": list(SKELETON.joints),
        "derived": [joint in SKELETON.derived for joint in SKELETON.joints],
        "parents": list(_PARENTS),
    }
    return json.dumps(fields, separators=(",", ":")).encode()


def _pack_times(t_s: NDArray[np.float64]) -> bytes:
    ticks = np.rint(t_s * TICKS_PER_S)
    if len(ticks) and np.abs(ticks).max() > np.iinfo(np.int32).max // 2:
        raise TrackFileError("bad_values", "a time is too far from zero")
    differences = np.diff(ticks, prepend=0.0)
    if np.any(differences[1:] <= 0):
        raise TrackFileError("bad_values", "two frames fall on one tick of 10 microseconds")
    return differences.astype("<i4").tobytes()


def _pack_flags(track: PoseTrack, in_space: NDArray[np.bool_]) -> bytes:
    bits = np.stack([track.interpolated, track.begins_shot, in_space])
    return np.packbits(bits, axis=0, bitorder="little").tobytes()


def _pack_confidences(conf: NDArray[np.float32]) -> bytes:
    levels = np.where(conf > 0, np.maximum(np.rint(conf * 255), 1), 0).astype(np.uint8)
    return np.diff(levels.T, axis=1, prepend=np.uint8(0)).tobytes()


def _pack_positions(positions: NDArray[np.float32], known: NDArray[np.bool_], step: float) -> bytes:
    return pack(np.clip(np.rint(held(positions, known) / step), -32768, 32767).astype(np.int16), _PARENTS)


def decode(data: bytes, *, max_frames: int = MAX_FRAMES) -> PoseTrack:
    """The track of `.kdt` bytes of any version. Raises TrackFileError for anything else, however hostile.

    More than `max_frames` are refused (`too_large`) before memory is taken for them.
    """
    header, start = _header(data)
    if header.frames > max_frames:
        raise TrackFileError("too_large", f"{header.frames} frames are more than {max_frames}")
    end = start + header.body_bytes
    if end + header.world_bytes != len(data):
        raise TrackFileError("damaged", "the streams are shorter or longer than the header says")
    try:
        body = inflated(data[start:end], header.frames * _BYTES_PER_FRAME[header.version])
        world = inflated(data[end:], header.frames * _WORLD_BYTES_PER_FRAME) if header.world_bytes else b""
    except PlanesError as error:
        raise TrackFileError("damaged", str(error)) from error
    return _unpacked(header, memoryview(body), world)


def _unpacked(header: _Header, body: memoryview, world: bytes) -> PoseTrack:
    frames, cells = header.frames, header.frames * JOINT_COUNT
    t_s = np.cumsum(np.frombuffer(body, "<i4", frames).astype(np.int64)) / TICKS_PER_S
    rest = body[4 * frames :]
    flags = np.zeros(frames, np.uint8)
    if header.version > 1:
        flags, rest = np.frombuffer(rest, np.uint8, frames), rest[frames:]
    if np.any(flags >= 2 * _IN_SPACE) or (np.any(flags & _IN_SPACE) and not world):
        raise TrackFileError("bad_values", "the flags of a frame are not known or do not fit the file")
    conf = np.cumsum(np.frombuffer(rest, np.uint8, cells).reshape(JOINT_COUNT, frames), axis=1, dtype=np.uint8).T
    planes = rest[cells:]
    steps = unpack(planes, frames, 2, header.parents) if header.version > 1 else _unpack_first_version(planes, frames)
    optional = {}
    if world:
        steps_in_space = unpack(world, frames, 3, header.parents)
        optional["xyz_m"] = _positions(steps_in_space, WORLD_STEP_M, flags & _IN_SPACE)
    return _track(
        t_s=t_s,
        xy_px=_positions(steps, step_px(header.size_px), conf.any(axis=1)),
        conf=(conf / np.float32(255)).astype(np.float32),
        size_px=header.size_px,
        model=header.model,
        interpolated=(flags & _INTERPOLATED).astype(bool),
        begins_shot=(flags & _BEGINS_SHOT).astype(bool),
        **optional,
    )


def _positions(steps: NDArray[np.int16], step: float, known: NDArray[Any]) -> NDArray[np.float32]:
    positions = np.asarray(steps * np.float32(step))
    positions[known == 0] = np.nan
    return positions


def _unpack_first_version(planes: memoryview, frames: int) -> NDArray[np.int16]:
    """(T, 29, 2): version 1 had the planes of x before those of y and did not use parents."""
    x_low, x_high, y_low, y_high = np.frombuffer(planes, np.uint8).reshape(4, JOINT_COUNT, frames).astype(np.uint16)
    axes = [from_zigzag(low, high).view(np.int16).T for low, high in ((x_low, x_high), (y_low, y_high))]
    return np.stack(axes, axis=2)


def _header(data: bytes) -> tuple[_Header, int]:
    """The header and where the streams begin."""
    if len(data) < _PREFIX.size or data[: len(MAGIC)] != MAGIC:
        raise TrackFileError("not_a_track", "the data does not begin like a .kdt track")
    _, version, flags, header_bytes = _PREFIX.unpack_from(data)
    if version not in _BYTES_PER_FRAME or flags != 0:
        raise TrackFileError("unsupported_version", f"version {version} of .kdt is not known here")
    end = _PREFIX.size + header_bytes
    if header_bytes > MAX_HEADER_BYTES or end > len(data):
        raise TrackFileError("damaged", "the header is longer than it can be")
    fields = _json(data[_PREFIX.size : end])
    frames, size, model = fields.get("frames"), fields.get("size_px"), fields.get("model")
    if not _whole(frames, 0, MAX_FRAMES):
        raise TrackFileError("too_large", f"the number of frames is not between 0 and {MAX_FRAMES}")
    if not isinstance(size, list) or len(size) != 2 or not all(_whole(side, 1, MAX_SIZE_PX) for side in size):
        raise TrackFileError("bad_values", "the size of the picture is not two whole numbers")
    if not isinstance(model, str) or len(model) > MAX_MODEL_NAME:
        raise TrackFileError("bad_values", "the model has no usable name")
    layout = (_PARENTS, len(data) - end, 0) if version == 1 else _layout(fields)
    return _Header(version, frames, (size[0], size[1]), model, *layout), end


def _json(raw: bytes) -> dict[str, object]:
    try:
        fields = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise TrackFileError("damaged", "the header is not JSON") from error
    if not isinstance(fields, dict) or fields.get("joints") != list(SKELETON.joints):
        raise TrackFileError("other_joints", "joints are not the 29 joints of KDance in their order")
    return fields


def _layout(fields: dict[str, object]) -> tuple[Parents, int, int]:
    parents, body, world = fields.get("parents"), fields.get("body_bytes"), fields.get("world_bytes")
    if not are_parents(parents, JOINT_COUNT):
        raise TrackFileError("bad_values", "the joints' parents are not earlier joints")
    if not _whole(body, 0, MAX_STREAM_BYTES) or not _whole(world, 0, MAX_STREAM_BYTES):
        raise TrackFileError("bad_values", "the lengths of the streams are not usable")
    return tuple(parents), body, world


def _whole(value: object, least: int, most: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _track(*, t_s: NDArray[np.float64], size_px: tuple[int, int], model: str, **arrays: NDArray[Any]) -> PoseTrack:
    frames = len(t_s) if t_s.ndim else -1
    wanted = {"xy_px": (JOINT_COUNT, 2), "conf": (JOINT_COUNT,), "xyz_m": (JOINT_COUNT, 3)}
    for name, array in arrays.items():
        if t_s.ndim != 1 or array.shape != (frames, *wanted.get(name, ())):
            raise TrackFileError("bad_shape", f"{name} of shape {array.shape} does not belong to times of {t_s.shape}")
    if frames > MAX_FRAMES:
        raise TrackFileError("too_large", f"{frames} frames are more than {MAX_FRAMES}")
    try:
        return PoseTrack(t_s=t_s, size_px=size_px, model=model, **arrays)
    except TrackError as error:
        raise TrackFileError("bad_values", str(error)) from error
