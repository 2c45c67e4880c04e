"""What a file is, found by looking inside: nothing that a header says is believed before pictures were decoded."""

from dataclasses import dataclass, replace
from pathlib import Path

import av

from inference.media.errors import DamagedFile, TooLarge, TooManyPixels, TooShort
from inference.media.frames import Frame, first_picture_s, is_interlaced, read_frames
from inference.media.opening import MAX_PIXELS, OpenVideo, open_video
from inference.media.packets import PacketScan, scan_packets

MIN_DURATION_S = 1.0
# Slow motion is recorded at up to 960 pictures a second; beyond, stamps are broken or meant to keep us busy.
MAX_FPS = 1000.0
_PROOF_FRAMES = 3
# What FFmpeg says of any file. Whatever else stands in one may be somebody's home, phone or name.
_PLAIN_TAGS = {"major_brand", "minor_version", "compatible_brands", "encoder", "language", "handler_name", "vendor_id"}
_PLAIN_TAGS |= {"duration", "rotate", "alpha_mode", "creation_time", "timecode"}


@dataclass(frozen=True)
class MediaInfo:
    """A video that can be decoded.

    Attributes
    ----------
    width_px, height_px : int
        The upright picture: after rotation and pixel aspect ratio.
    duration_s : float
        From the first picture's start to the last one's end, by the stamps of the pictures.
    fps : float
        Pictures a second on average.
    frames_expected : int
        How many pictures the packets promise; damaged ones may decode to fewer.
    rotation_deg : int
        Clockwise turn from the coded to the upright picture: 0, 90, 180 or 270.
    codec, audio_codec : str
        FFmpeg's names ("h264", "aac"); `audio_codec` is None without sound that can be decoded.
    container : str
        "mp4", "mov", "webm" or "matroska".
    pixel_format : str
        FFmpeg's name ("yuv420p").
    start_s : float
        Where the first picture stands on the file's own clock, on which a browser plays it.
    is_interlaced, is_mirrored : bool
        Whether the pictures are coded in two fields each, and left-right reversed (see `Frame.geometry`).
    is_regular : bool
        Whether every picture came through with a stamp of its own, and none is hidden by an edit list.
    tells_more : bool
        Whether the file carries more than pictures and sound: where and with what it was filmed, titles, other tracks.
    """

    width_px: int
    height_px: int
    duration_s: float
    fps: float
    frames_expected: int
    rotation_deg: int
    codec: str
    container: str
    pixel_format: str
    has_audio: bool
    audio_codec: str | None
    start_s: float = 0.0
    is_interlaced: bool = False
    is_mirrored: bool = False
    is_regular: bool = True
    tells_more: bool = False


def probe(path: Path, *, max_duration_s: float | None = None, max_bytes: int | None = None) -> MediaInfo:
    """Prove that a file is a video that we can use, by decoding its first pictures.

    Parameters
    ----------
    path : Path
    max_duration_s : float, optional
        Refuse clips whose pictures span more.
    max_bytes : int, optional
        Refuse larger files before anything is read.

    Raises
    ------
    MediaError
        As `open_video`; `TooLarge`, `TooManyPixels`, `TooLong`, `TooShort` (less than a second), or `DamagedFile` if
        no picture can be decoded, most of the clip is missing or it has more than `MAX_FPS` pictures a second.
    """
    size = path.stat().st_size
    if max_bytes is not None and size > max_bytes:
        raise TooLarge(f"{size} bytes")
    with open_video(path, "NONE") as video:
        _refuse_pixels(video.picture.width, video.picture.height)
        promised_s = _promised_duration_s(video)
    scan = scan_packets(path, max_duration_s=max_duration_s)
    frame = _proof(path)
    _refuse_pixels(*frame.size_px)
    _refuse_short(scan, promised_s)
    _refuse_rate(scan)
    with open_video(path, "NONE") as video:
        info = _info(video, _container_name(path, video), scan, frame)
    return replace(info, start_s=first_picture_s(path), is_interlaced=is_interlaced(path))


def _refuse_pixels(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise TooManyPixels(f"{width} x {height}")


def _promised_duration_s(video: OpenVideo) -> float:
    return (video.container.duration or 0) / av.time_base


def _proof(path: Path) -> Frame:
    frames = read_frames(path, thread_type="NONE")
    first = next(frames)
    for _, frame in zip(range(_PROOF_FRAMES - 1), frames, strict=False):
        frame.yuv420()
    first.rgb()
    return first


def _refuse_short(scan: PacketScan, promised_s: float) -> None:
    if scan.duration_s >= MIN_DURATION_S:
        return
    if promised_s >= MIN_DURATION_S:
        raise DamagedFile(f"{scan.duration_s:.2f} s of {promised_s:.2f} s are there")
    raise TooShort(f"{scan.duration_s:.2f} s")


def _refuse_rate(scan: PacketScan) -> None:
    fps = len(scan.pts) / scan.duration_s
    if fps > MAX_FPS:
        raise DamagedFile(f"{fps:.0f} pictures a second")


def _info(video: OpenVideo, container: str, scan: PacketScan, frame: Frame) -> MediaInfo:
    return MediaInfo(
        width_px=frame.size_px[0],
        height_px=frame.size_px[1],
        duration_s=scan.duration_s,
        fps=len(scan.pts) / scan.duration_s,
        frames_expected=len(scan.pts),
        rotation_deg=frame.rotation_deg,
        codec=video.picture.codec.canonical_name,
        container=container,
        pixel_format=frame.pixel_format,
        has_audio=video.sound is not None,
        audio_codec=video.sound.codec.canonical_name if video.sound else None,
        is_mirrored=frame.geometry.mirrored,
        is_regular=scan.is_clean,
        tells_more=_tells_more(video),
    )


def _tells_more(video: OpenVideo) -> bool:
    streams = [stream for stream in (video.picture, video.sound) if stream is not None]
    tags = {tag.lower() for holder in (video.container, *streams) for tag in holder.metadata}
    return len(video.container.streams) > len(streams) or not tags <= _PLAIN_TAGS


def _container_name(path: Path, video: OpenVideo) -> str:
    if video.container.format.name.startswith("matroska"):
        with path.open("rb") as file:
            return "webm" if b"webm" in file.read(64) else "matroska"  # EBML's DocType
    return "mov" if video.container.metadata.get("major_brand", "").strip() == "qt" else "mp4"
