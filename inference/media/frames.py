"""Decoded pictures in the order and at the times at which people see them."""

import heapq
import math
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import Literal

import av
import av.error
import numpy as np
from av.video.plane import VideoPlane
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, VideoReformatter
from numpy.typing import NDArray

from inference.media.deinterlace import without_combing
from inference.media.errors import DamagedFile
from inference.media.geometry import Geometry, geometry_of
from inference.media.opening import OpenVideo, ThreadType, open_video, refuse_to_go_on
from inference.media.pace import Pace
from inference.media.packets import RESTART_S, PacketScan, picture_packets, scan_packets, ticks_of

Planes = tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]

_HIGH_DYNAMIC_RANGE = (ColorTrc.SMPTE2084, ColorTrc.ARIB_STD_B67)
_PLANAR_420 = ("yuv420p", "yuvj420p")
_LEAST_STEP_S = 0.001
_LOOKED_AT = 3


@dataclass(frozen=True, eq=False)
class _Converters:
    """Kept from frame to frame, each for one conversion: the tables for BT.709 alone take seconds to set up."""

    plain: VideoReformatter = field(default_factory=VideoReformatter)
    to_bt709: VideoReformatter = field(default_factory=VideoReformatter)


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture.

    Attributes
    ----------
    t_s : float
        Seconds since the first picture of the file; strictly increasing from frame to frame.
    geometry : Geometry
        How the upright picture follows from the coded planes; the same for all frames of a file.
    """

    t_s: float
    geometry: Geometry
    _picture: av.VideoFrame = field(repr=False)
    _converters: _Converters = field(repr=False)

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the upright picture."""
        return self.geometry.size_px

    @property
    def rotation_deg(self) -> int:
        """Clockwise turn that makes the planes of `yuv420` upright: 0, 90, 180 or 270."""
        return self.geometry.rotation_deg

    @property
    def pixel_format(self) -> str:
        """FFmpeg's name of the coded pixels ("yuv420p")."""
        return self._picture.format.name

    @property
    def full_range(self) -> bool:
        """Whether luma spans 0-255 instead of 16-235."""
        return self._picture.format.name.startswith("yuvj") or self._picture.color_range == ColorRange.JPEG

    @property
    def matrix(self) -> Literal["bt601", "bt709"]:
        """The YUV matrix to use; BT.601 where the file does not say, as swscale does."""
        return "bt709" if self._picture.colorspace == Colorspace.ITU709 else "bt601"

    def rgb(self) -> NDArray[np.uint8]:
        """The upright picture with square pixels: (H, W, 3) uint8, contiguous."""
        return self.geometry.turn(self._as("rgb24", self.geometry.square_px).to_ndarray().astype(np.uint8, copy=False))

    def yuv420(self) -> Planes:
        """The planes as coded: y (h, w), u and v (ceil(h/2), ceil(w/2)), uint8.

        They are neither turned nor mirrored nor stretched (see `geometry.upright_to_coded`), and they are read-only
        views whose rows may lie apart in memory: copy what is to be kept or handed to code that ignores strides.
        """
        return self._planes

    @cached_property
    def _planes(self) -> Planes:
        picture = self._picture
        if picture.format.name not in _PLANAR_420 or (picture.width, picture.height) != self.geometry.coded_px:
            picture = self._as("yuv420p", self.geometry.coded_px)
        return planes_of(picture)

    def video_frame(self, size: tuple[int, int]) -> av.VideoFrame:
        """The picture scaled to `size` (before the turn) as 8-bit limited-range yuv420p, for encoding.

        High dynamic range (phones record it by default) becomes BT.709, or it would look grey where it is not expected.
        """
        if self._picture.color_trc not in _HIGH_DYNAMIC_RANGE:
            return self._as("yuv420p", size, ColorRange.MPEG)
        return self._converters.to_bt709.reformat(
            self._as(self.pixel_format, size),
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            dst_color_trc=ColorTrc.BT709,
            dst_color_primaries=ColorPrimaries.BT709,
            threads=1,
        )

    def _as(self, pixels: str, size: tuple[int, int], target: ColorRange | None = None) -> av.VideoFrame:
        source = ColorRange.JPEG if self.full_range else None
        return self._converters.plain.reformat(
            self._picture, *size, pixels, src_color_range=source, dst_color_range=target, threads=1
        )


def read_frames(
    path: Path,
    *,
    start_s: float | None = None,
    end_s: float | None = None,
    thread_type: ThreadType = "AUTO",
    target_fps: float | None = None,
    on_skipped: Callable[[float], None] | None = None,
    for_analysis: bool = False,
) -> Iterator[Frame]:
    """Decode a file, or the half-open part [start_s, end_s) of it.

    The parts of a clip that is cut at `key_frame_times` join without a gap or an overlap. Pictures keep the times of
    the file (variable frame rate), repaired only where stamps are missing or do not increase. What a truncated or
    damaged file still holds is yielded; packets that cannot be decoded are skipped. Interlaced pictures are made whole;
    there the first picture of a part may differ a little from the same one in the whole clip, where one comes before it.

    Parameters
    ----------
    path : Path
    start_s, end_s : float, optional
        Seconds since the first picture; None for the file's own ends.
    thread_type
        "NONE" decodes in one thread, which serves best where the work is split over processes.
    target_fps : float, optional
        Read about so many pictures a second: every n-th, n being the file's average rate divided by this and rounded.
        Which ones does not depend on the part, and pictures on which no other depends are not even decoded.
    on_skipped : callable, optional
        Gets the time of each picture of the part that `target_fps` leaves out, in order, and before the next one that
        is read. A picture that is damaged may be among them.
    for_analysis : bool
        Leave edges of blocks in pictures on which no other depends: a tenth less to decode where a clip has B-frames, and
        crops differ by 0.05 grey levels on average. Not for pictures that people are to see.

    Raises
    ------
    MediaError
        As `open_video`; `DamagedFile` if no picture at all can be decoded.
    """
    start, end = start_s or 0.0, math.inf if end_s is None else end_s
    scan = scan_packets(path) if start > 0 or target_fps else None
    pace = Pace(scan, target_fps) if scan and target_fps else None
    for frame in _frames(path, start, scan, pace, thread_type, for_analysis):
        if frame.t_s >= end:
            return
        if frame.t_s < start:
            continue
        if not isinstance(frame, _Skipped):
            yield frame
        elif on_skipped:
            on_skipped(frame.t_s)


def key_frame_times(path: Path) -> list[float]:
    """Times in seconds at which decoding can start, ascending from 0.

    Read from the packets' flags; only the first picture is decoded, to know where time begins. A file whose stamps
    cannot be trusted has just [0.0]: it has to be read in one piece.

    Raises
    ------
    MediaError
        As `read_frames`.
    """
    scan = scan_packets(path)
    if not scan.is_clean:
        return [0.0]
    origin = _first_stamp(path)
    times = [float((key - origin) * scan.tick_s) for key in scan.keys if key > origin]
    return [0.0, *times]


def first_picture_s(path: Path) -> float:
    """Where on the file's own clock the first picture stands, in seconds (sound is placed relative to it)."""
    with open_video(path, "NONE") as video:
        return float(_first_stamp_of(video) * ticks_of(video))


def is_interlaced(path: Path) -> bool:
    """Whether the first pictures are coded as two fields each (`read_frames` makes them whole)."""
    with open_video(path, "NONE") as video:
        return any(picture.interlaced_frame for picture in islice(_pictures(video), _LOOKED_AT))


@dataclass(frozen=True)
class _Skipped:
    """A picture that is not to be read."""

    t_s: float


def _frames(
    path: Path,
    start_s: float,
    scan: PacketScan | None,
    pace: Pace | None,
    thread_type: ThreadType,
    for_analysis: bool,
) -> Iterator[Frame | _Skipped]:
    """All pictures, or, where the scan allows it, at least those from the key frame before `start_s` on."""
    with open_video(path, thread_type) as video:
        if for_analysis:
            decoder = video.picture.codec_context
            decoder.options = {**decoder.options, "skip_loop_filter": "noref"}
        sparing = _Sparing(pace) if pace else None
        pictures = _pictures(video, sparing)
        first = next(pictures, None)
        if first is None:
            raise DamagedFile(f"{path}: no picture can be decoded")
        clock = _Clock(first.pts, ticks_of(video), _usual_step_s(video))
        geometry = geometry_of(first, float(video.picture.sample_aspect_ratio or 0))
        converters = _Converters()
        if sparing:
            sparing.is_on = not first.interlaced_frame
        key = _key_before(scan, first.pts or 0, start_s)
        if key is None:
            shown = chain([first], pictures)
        else:
            pictures.close()
            shown = chain(_pictures_from(video, key, sparing))
        try:
            for picture in without_combing(shown):
                if sparing:
                    yield from (_Skipped(clock.time_of(stamp)) for stamp in sparing.spared_before(picture.pts))
                t_s = clock.time_of(picture.pts)
                is_due = pace is None or pace.is_due(picture.pts, t_s)
                yield Frame(t_s, geometry, picture, converters) if is_due else _Skipped(t_s)
            if sparing:
                yield from (_Skipped(clock.time_of(stamp)) for stamp in sparing.spared_before(None))
            return
        except _NoCleanStart:
            pass
    yield from _frames(path, 0.0, None, pace, thread_type, for_analysis)


class _Sparing:
    """Lets the decoder leave out pictures that are not to be read, if no other depends on them."""

    def __init__(self, pace: Pace) -> None:
        self.is_on = False
        self._pace = pace
        self._offered: list[int] = []

    def prepare(self, video: OpenVideo, stamp: int | None) -> None:
        """Tell the decoder about the packet that comes next."""
        is_offered = self.is_on and stamp is not None and self._pace.can_be_left_out(stamp)
        video.picture.codec_context.skip_frame = "NONREF" if is_offered else "DEFAULT"
        if is_offered and stamp is not None:
            heapq.heappush(self._offered, stamp)

    def spared_before(self, stamp: int | None) -> Iterator[int]:
        """The stamps before this one (None: all) whose pictures did not come out of the decoder, in order, once."""
        while self._offered and (stamp is None or self._offered[0] <= stamp):
            spared = heapq.heappop(self._offered)
            if spared != stamp:
                yield spared


class _NoCleanStart(Exception):
    """Decoding from this key frame does not give its picture first (open groups of pictures, broken indices)."""


def _pictures(video: OpenVideo, sparing: _Sparing | None = None) -> Generator[av.VideoFrame]:
    for packet in picture_packets(video):
        if sparing:
            sparing.prepare(video, packet.pts)
        try:
            decoded = packet.decode()
        except (av.error.FFmpegError, ValueError) as error:
            # PyAV's ValueError: a header that names another codec halfway
            refuse_to_go_on(error)
            continue
        yield from decoded
    try:
        rest = video.picture.codec_context.decode(None)
    except (av.error.FFmpegError, ValueError) as error:
        refuse_to_go_on(error)
        return
    yield from rest


def _pictures_from(video: OpenVideo, key: int, sparing: _Sparing | None) -> Generator[av.VideoFrame]:
    try:
        video.container.seek(key, stream=video.picture)
    except av.error.FFmpegError as error:
        raise _NoCleanStart from error
    pictures = _pictures(video, sparing)
    head = next(pictures, None)
    if head is None or head.pts is None or head.pts > key:
        raise _NoCleanStart
    yield head
    yield from pictures


def _key_before(scan: PacketScan | None, origin: int, start_s: float) -> int | None:
    """The stamp of the last key frame at or before a time; None if decoding has to begin at the beginning."""
    if scan is None or not scan.is_clean:
        return None
    usable = [key for key in scan.keys if origin < key and float((key - origin) * scan.tick_s) <= start_s]
    return usable[-1] if usable else None


def _first_stamp(path: Path) -> int:
    with open_video(path, "NONE") as video:
        return _first_stamp_of(video)


def _first_stamp_of(video: OpenVideo) -> int:
    first = next(_pictures(video), None)
    if first is None:
        raise DamagedFile("no picture can be decoded")
    return first.pts or 0


def _usual_step_s(video: OpenVideo) -> float:
    rate = float(video.picture.guessed_rate or 0)
    return 1 / rate if 1 <= rate <= 1000 else 1 / 30


def planes_of(picture: av.VideoFrame) -> Planes:
    """Views of the three planes of an 8-bit planar picture; rows may lie apart in memory."""
    y, u, v = (_plane(plane) for plane in picture.planes[:3])
    return y, u, v


def _plane(plane: VideoPlane) -> NDArray[np.uint8]:
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]


class _Clock:
    """Turns stamps into times that strictly increase.

    A missing stamp continues at the usual rate; one that steps back a little follows as closely as may be; one that
    steps back far has started anew and is carried on from where the time stood.
    """

    def __init__(self, first: int | None, tick_s: Fraction, step_s: float) -> None:
        self._origin = first or 0
        self._tick_s = tick_s
        self._step_s = step_s
        self._last: float | None = None

    def time_of(self, stamp: int | None) -> float:
        last = self._last
        if stamp is None:
            time = 0.0 if last is None else last + self._step_s
        else:
            time = float((stamp - self._origin) * self._tick_s)
            if last is not None and time < last - RESTART_S:
                time = last + self._step_s
                self._origin = stamp - round(time / float(self._tick_s))
            elif last is not None and time <= last:
                time = last + _LEAST_STEP_S
        self._last = time
        return time
