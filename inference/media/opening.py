"""The only place where files from outside are opened.

FFmpeg reads far more than videos: playlists, concat scripts and manifests that name other files and hosts. So the
container, the codecs and the protocols are allow-listed, and the kind of file is judged by its first bytes, never by
its name.
"""

import errno
import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import av
import av.error
from av.audio.layout import AudioLayout
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from inference.media.errors import (
    DamagedFile,
    DecoderDied,
    EmptyFile,
    NoPicture,
    NotAVideo,
    StillImage,
    UnsupportedCodec,
)

ThreadType = Literal["AUTO", "FRAME", "SLICE", "NONE"]

MAX_PIXELS = 4096 * 2304

CONTAINERS = ("mov", "matroska")
VIDEO_CODECS = ("h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "h263", "mjpeg", "prores")
_DECODERS = (
    *VIDEO_CODECS,
    *("libdav1d", "libvpx", "libvpx-vp9"),
    *("aac", "mp3", "mp3float", "opus", "libopus", "vorbis", "libvorbis", "alac", "flac", "ac3", "eac3"),
    *("amrnb", "amrwb", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_f32le", "pcm_u8"),
)
_OPTIONS = {
    "format_whitelist": ",".join(CONTAINERS),
    "protocol_whitelist": "file",
    "codec_whitelist": ",".join(_DECODERS),
    "max_pixels": str(MAX_PIXELS),
    "max_streams": "64",
}
_WAVE_OPTIONS = _OPTIONS | {"format_whitelist": "wav"}
_DECODER_OPTIONS = {key: _OPTIONS[key] for key in ("codec_whitelist", "max_pixels")}

# A full disk while a copy is written is not the file's fault.
_OUR_OWN_TROUBLE = (errno.ENOSPC, errno.EDQUOT)

# Limits that the process was given: memory (RLIMIT_AS) and the size of a file (RLIMIT_FSIZE).
_LIMITS = (errno.ENOMEM, errno.EFBIG)
# More than a picture of MAX_PIXELS takes with 10 bits and colours in full.
_ROOM_BYTES = 64 << 20

_LEAST_RATE, _GREATEST_RATE, _MOST_CHANNELS = 8_000, 192_000, 16

_STILL_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")
_STILL_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"avif")
_AUDIO_MAGIC = (b"ID3", b"fLaC", b"OggS", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xf1", b"\xff\xf9", b"#!AMR")
_NOT_PICTURES = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image


@dataclass(frozen=True)
class OpenVideo:
    """An open file with its picture stream and, where there is one that we can decode, its sound."""

    container: InputContainer
    picture: VideoStream
    sound: AudioStream | None


@contextmanager
def open_video(path: Path, thread_type: ThreadType = "AUTO") -> Iterator[OpenVideo]:
    """Open a local file for reading.

    Parameters
    ----------
    path : Path
        A file of ours; its name says nothing about what is in it.
    thread_type
        How the decoder uses threads; "NONE" is one thread.

    Raises
    ------
    MediaError
        `EmptyFile`, `StillImage`, `NoPicture`, `NotAVideo` or `UnsupportedCodec`; `DamagedFile` for an error of
        FFmpeg's while the file is open.
    """
    _refuse_by_first_bytes(path)
    with _open(path) as container, _errors_as(DamagedFile):
        picture = _picture_stream(container)
        picture.codec_context.options = dict(_DECODER_OPTIONS)
        if thread_type == "NONE":
            picture.codec_context.thread_count = 1
        else:
            picture.codec_context.thread_count = 0
            picture.codec_context.thread_type = av.codec.context.ThreadType[thread_type]
        yield OpenVideo(container, picture, _sound_stream(container))


@dataclass(frozen=True)
class OpenSound:
    """An open file with a sound that we can decode."""

    container: InputContainer
    sound: AudioStream


@contextmanager
def open_wave(path: Path) -> Iterator[OpenSound]:
    """Open a WAV file: the sound of a guide that has no video. Raises MediaError for one without usable sound."""
    with _open(path, _WAVE_OPTIONS) as container, _errors_as(DamagedFile):
        sound = _sound_stream(container)
        if sound is None:
            raise DamagedFile("no sound that can be decoded")
        yield OpenSound(container, sound)


def is_wave(path: Path) -> bool:
    return _is_wave(_head(path))


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(64)


def _is_wave(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WAVE"


def _refuse_by_first_bytes(path: Path) -> None:
    head = _head(path)
    if not head:
        raise EmptyFile(str(path))
    brand = head[8:12] if head[4:8] == b"ftyp" else b""
    is_webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    if head.startswith(_STILL_MAGIC) or brand in _STILL_BRANDS or is_webp:
        raise StillImage(str(path))
    if head.startswith(_AUDIO_MAGIC) or _is_wave(head):
        raise NoPicture(str(path))


@contextmanager
def _open(path: Path, options: dict[str, str] = _OPTIONS) -> Iterator[InputContainer]:
    with _errors_as(NotAVideo):
        container = av.open(f"file:{path}", "r", options=options)
    with container:
        yield container


@contextmanager
def _errors_as(kind: type[DamagedFile] | type[NotAVideo]) -> Iterator[None]:
    try:
        yield
    except av.error.FFmpegError as error:
        refuse_to_go_on(error)
        if error.errno in _OUR_OWN_TROUBLE:
            raise
        raise kind(str(error)) from error


def refuse_to_go_on(error: Exception) -> None:
    """Raise `DecoderDied` where a limit of the process was met: what is missing then is not the file's damage."""
    if (isinstance(error, av.error.FFmpegError) and error.errno in _LIMITS) or not _has_room():
        raise DecoderDied(f"out of memory or room: {error}") from error


def _has_room() -> bool:
    """Whether memory is left; most decoders only say that a picture is missing when there is none."""
    try:
        mmap.mmap(-1, _ROOM_BYTES).close()
    except OSError:
        return False
    return True


def _picture_stream(container: InputContainer) -> VideoStream:
    pictures = [stream for stream in container.streams.video if not stream.disposition & _NOT_PICTURES]
    if not pictures:
        raise (NoPicture if container.streams.audio else NotAVideo)("no picture stream")
    # Phones put depth maps and the like beside the picture; what can be decoded and is on by default comes first.
    known = [stream for stream in pictures if _is_decodable(stream)]
    if not known:
        raise UnsupportedCodec(str(pictures[0]))
    return next((stream for stream in known if stream.disposition & Disposition.default), known[0])


def _is_decodable(stream: VideoStream) -> bool:
    # PyAV's stubs hide that a stream without a decoder has no codec context.
    return getattr(stream, "codec_context", None) is not None and stream.codec.canonical_name in VIDEO_CODECS


def _sound_stream(container: InputContainer) -> AudioStream | None:
    sounds = (stream for stream in container.streams.audio if getattr(stream, "codec_context", None) is not None)
    known = (stream for stream in sounds if stream.codec_context.name in _DECODERS)
    return next((stream for stream in known if is_sane_sound(stream.rate, stream.layout)), None)


def is_sane_sound(rate: int, layout: AudioLayout) -> bool:
    """Whether sound can be resampled in reasonable time and memory (samples a second, channels)."""
    return _LEAST_RATE <= rate <= _GREATEST_RATE and 1 <= layout.nb_channels <= _MOST_CHANNELS
