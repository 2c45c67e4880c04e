"""The copy of a clip that browsers play: same clock, quick to seek, the index in front."""

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.video.frame import PictureType
from av.video.stream import VideoStream
from numpy.typing import NDArray

from inference.media.audio import audio_blocks
from inference.media.errors import DamagedFile
from inference.media.frames import Frame, first_picture_s, planes_of, read_frames
from inference.media.opening import open_video
from inference.media.packets import PacketScan, readable_packets, scan_packets
from inference.media.probe import MediaInfo, probe

LONGEST_SIDE_PX = 1280
KEY_EVERY_S = 0.5
# Originals beyond these are encoded anew although browsers could play them: they would stutter when stepped through.
LONGEST_COPIED_SIDE_PX = 1920
LONGEST_COPIED_KEY_GAP_S = 2.0
# A first picture at most this far from zero is not worth a copy: nobody sees a skeleton that is off by half a frame.
_UNSEEN_S = 0.02

_TICKS_PER_S = 90_000
_AUDIO_RATE = 48_000
_AAC_BLOCK = 1024
_PROGRESS_EVERY = 15
_COLOUR_TAGS = ("colorspace", "color_range", "color_trc", "color_primaries")

OnFraction = Callable[[float], None]


def is_browser_playable(info: MediaInfo) -> bool:
    """Whether the file may be played as it is: current browsers show it upright and on our clock (not whether it seeks
    well), and it tells those who may watch it nothing but pictures and sound."""
    if info.tells_more or not _is_plain(info) or not info.is_regular or abs(info.start_s) > _UNSEEN_S:
        return False
    in_mp4, in_webm = info.container == "mp4", info.container == "webm"
    picture = (info.codec in ("h264", "vp9") and in_mp4) or (info.codec in ("vp8", "vp9") and in_webm)
    sounds = ("aac", "mp3", "opus") if in_mp4 else ("opus", "vorbis")
    return picture and (not info.has_audio or info.audio_codec in sounds)


def _is_plain(info: MediaInfo) -> bool:
    """Pictures that browsers show as people should see them; not all undo combs and mirrors, or know 10 bits."""
    return info.pixel_format in ("yuv420p", "yuvj420p") and not info.is_interlaced and not info.is_mirrored


def to_playable(source: Path, target: Path, *, on_progress: OnFraction | None = None) -> None:
    """Write the copy of `source` that browsers play to `target`, an MP4.

    Time runs from the first picture, as in `read_frames`. Pictures and sound are copied where MP4 can hold them,
    browsers can decode them and key frames stand close enough; otherwise pictures become H.264 turned upright with
    square pixels, at most `LONGEST_SIDE_PX` long, and sound becomes AAC.

    Parameters
    ----------
    source, target : Path
        `target` appears only when it is complete.
    on_progress : callable, optional
        Called with the fraction done in [0, 1]. What it raises stops the work and passes through.

    Raises
    ------
    MediaError
        As `probe`.
    """
    info = probe(source)
    scan = scan_packets(source)
    report = _Reporter(on_progress, info.duration_s)
    partial = target.with_name(f".{target.name}.part")
    try:
        if not (_may_copy(info, scan) and _written(_copy, source, partial, info, report) and _holds_all(partial, scan)):
            _written(_encode, source, partial, info, report)
        os.replace(partial, target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            partial.unlink()
    report.finish()


@dataclass
class _Reporter:
    on_progress: OnFraction | None
    duration_s: float
    _count: int = 0

    def at(self, t_s: float) -> None:
        self._count += 1
        if self.on_progress is not None and self._count % _PROGRESS_EVERY == 1:
            self.on_progress(min(max(t_s / self.duration_s, 0.0), 0.99))

    def finish(self) -> None:
        if self.on_progress is not None:
            self.on_progress(1.0)


_Write = Callable[[Path, OutputContainer, MediaInfo, _Reporter], None]


def _written(write: _Write, source: Path, partial: Path, info: MediaInfo, report: _Reporter) -> bool:
    """Whether the file could be written this way; only a copy may find that it could not."""
    try:
        with av.open(f"file:{partial}", "w", format="mp4", options={"movflags": "+faststart"}) as output:
            write(source, output, info, report)
    except _CannotCopy:
        return False
    if not partial.exists():  # FFmpeg makes the file with the first packet
        raise DamagedFile(f"{source}: nothing to write")
    return True


def _holds_all(copy: Path, original: PacketScan) -> bool:
    """Whether every picture came over: what is damaged, the muxer leaves out, or writes so that no browser reads on."""
    found = scan_packets(copy)
    return found.is_clean and len(found.pts) == len(original.pts)


def _may_copy(info: MediaInfo, scan: PacketScan) -> bool:
    return (
        scan.is_clean
        and info.codec in ("h264", "vp9")
        and _is_plain(info)
        and (not info.has_audio or info.audio_codec in ("aac", "mp3", "opus"))
        and max(info.width_px, info.height_px) <= LONGEST_COPIED_SIDE_PX
        and scan.longest_key_gap_s <= LONGEST_COPIED_KEY_GAP_S
    )


def _copy(source: Path, output: OutputContainer, info: MediaInfo, report: _Reporter) -> None:
    zero_s = first_picture_s(source)
    with open_video(source, "NONE") as video:
        inputs = [stream for stream in (video.picture, video.sound) if stream is not None]
        # The encoder's side is not needed: the parameters are copied as they are, the display matrix among them.
        outputs = {stream.index: output.add_stream_from_template(stream, opaque=True) for stream in inputs}
        ticks = {stream.index: float(stream.time_base) for stream in inputs}
        for packet in readable_packets(video, *inputs):
            shift = round(zero_s / ticks[packet.stream_index])
            if packet.pts is None or packet.dts is None:
                raise _CannotCopy
            packet.pts -= shift
            packet.dts -= shift
            if packet.stream_index != video.picture.index and packet.pts + (packet.duration or 0) <= 0:
                continue
            report.at(packet.pts * ticks[packet.stream_index])
            packet.stream = outputs[packet.stream_index]
            output.mux(packet)


class _CannotCopy(Exception):
    """These packets cannot stand in an MP4 as they are."""


def _encode(source: Path, output: OutputContainer, info: MediaInfo, report: _Reporter) -> None:
    pictures = _PictureTrack(output, info)
    sound = _SoundTrack(output, source) if info.has_audio else None
    for frame in read_frames(source):
        pictures.add(frame)
        if sound is not None:
            sound.add_until(frame.t_s)
        report.at(frame.t_s)
    pictures.close()
    if sound is not None:
        sound.close()


class _PictureTrack:
    """H.264 with the original's times and a key frame every `KEY_EVERY_S`.

    Without B-frames: a browser then shows the first picture at 0 whether or not it honours edit lists, and stepping
    needs no look-ahead.
    """

    def __init__(self, output: OutputContainer, info: MediaInfo) -> None:
        options = {"crf": "23", "preset": "veryfast", "bf": "0", "g": "600", "forced-idr": "1"}
        self._output = output
        self._end = round(info.duration_s * _TICKS_PER_S)
        self._stream: VideoStream = output.add_stream("libx264", rate=_rate(info.fps), options=options)
        self._stream.width, self._stream.height = playable_size((info.width_px, info.height_px))
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = Fraction(1, _TICKS_PER_S)
        self._is_tagged = False
        self._last_key_s = -KEY_EVERY_S

    def add(self, frame: Frame) -> None:
        picture = _upright(frame, (self._stream.width, self._stream.height))
        if not self._is_tagged:
            for name in _COLOUR_TAGS:
                setattr(self._stream.codec_context, name, getattr(picture, name))
            self._is_tagged = True
        picture.pts = round(frame.t_s * _TICKS_PER_S)
        picture.time_base = Fraction(1, _TICKS_PER_S)
        # What the decoder says of the picture would bind the encoder.
        picture.pict_type = PictureType.NONE
        if frame.t_s >= self._last_key_s + KEY_EVERY_S:
            picture.pict_type = PictureType.I
            self._last_key_s = frame.t_s
        self._mux(self._stream.encode(picture))

    def close(self) -> None:
        self._mux(self._stream.encode(None))

    def _mux(self, packets: "Iterable[Packet[Any]]") -> None:
        for packet in packets:
            # Counts for the last one alone; for the others the muxer takes the distance to the next.
            if packet.pts is not None and 0 < self._end - packet.pts <= _TICKS_PER_S:
                packet.duration = self._end - packet.pts
            self._output.mux(packet)


class _SoundTrack:
    def __init__(self, output: OutputContainer, source: Path) -> None:
        self._output = output
        self._stream: AudioStream = output.add_stream("aac", rate=_AUDIO_RATE, layout="stereo")
        self._stream.bit_rate = 128_000
        self._blocks = _equal_blocks(audio_blocks(source, rate=_AUDIO_RATE, layout="stereo"))
        self._written = 0

    def add_until(self, t_s: float) -> None:
        while self._written <= t_s * _AUDIO_RATE and self._add_block():
            pass

    def close(self) -> None:
        while self._add_block():
            pass
        self._output.mux(self._stream.encode(None))

    def _add_block(self) -> bool:
        block = next(self._blocks, None)
        if block is None:
            return False
        frame = AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate = _AUDIO_RATE
        frame.pts = self._written
        frame.time_base = Fraction(1, _AUDIO_RATE)
        self._written += block.shape[1]
        self._output.mux(self._stream.encode(frame))
        return True


def playable_size(size_px: tuple[int, int]) -> tuple[int, int]:
    """The size of the encoded copy: even sides, the longer at most `LONGEST_SIDE_PX`."""
    scale = min(1.0, LONGEST_SIDE_PX / max(size_px))
    width, height = (max(2, 2 * round(side * scale / 2)) for side in size_px)
    return width, height


def _upright(frame: Frame, size: tuple[int, int]) -> av.VideoFrame:
    geometry = frame.geometry
    turned = geometry.rotation_deg in (90, 270)
    picture = frame.video_frame((size[1], size[0]) if turned else size)
    if not geometry.rotation_deg and not geometry.mirrored:
        return picture
    planes = [geometry.turn(plane) for plane in planes_of(picture)]
    return _from_planes(planes, picture)


def _from_planes(planes: list[NDArray[np.uint8]], like: av.VideoFrame) -> av.VideoFrame:
    height, width = planes[0].shape
    stacked = np.concatenate([plane.reshape(-1) for plane in planes]).reshape(height * 3 // 2, width)
    picture = av.VideoFrame.from_ndarray(stacked, format="yuv420p")
    for name in _COLOUR_TAGS:
        setattr(picture, name, getattr(like, name))
    return picture


def _equal_blocks(blocks: Iterator[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
    """The same samples in blocks of the size that AAC wants; the last may be shorter."""
    rest = np.zeros((2, 0), np.float32)
    for block in blocks:
        rest = np.concatenate([rest, block], axis=1)
        whole = rest.shape[1] // _AAC_BLOCK * _AAC_BLOCK
        for begin in range(0, whole, _AAC_BLOCK):
            yield np.ascontiguousarray(rest[:, begin : begin + _AAC_BLOCK])
        rest = rest[:, whole:]
    if rest.shape[1]:
        yield np.ascontiguousarray(rest)


def _rate(fps: float) -> Fraction:
    return Fraction(min(max(fps, 1.0), 240.0)).limit_denominator(1001)
