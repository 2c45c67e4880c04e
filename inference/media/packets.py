"""What the packets of a file tell without decoding a picture: times, key frames, and whether they can be trusted."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

import av.error
import numpy as np
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream
from numpy.typing import NDArray

from inference.media.errors import TooLong
from inference.media.opening import OpenVideo, open_video, refuse_to_go_on

MAX_PACKETS = 1_000_000
# Stamps that step back by more than this have started anew; by less, pictures are reordered or a muxer has rounded.
RESTART_S = 1.0
# Behind so many errors without a packet in between there is nothing more to be had.
_MOST_ERRORS = 8


@dataclass(frozen=True, eq=False)
class PacketScan:
    """The picture packets of a file.

    Attributes
    ----------
    pts : (N,) int64
        Presentation stamps of the pictures that are to be shown, ascending, in ticks. Where the file's stamps begin anew
        (recordings put behind each other), time goes on.
    last_ticks : int
        How long the last picture stays.
    keys : tuple of int
        Presentation stamps of the key frames that are to be shown, ascending, in ticks.
    tick_s : Fraction
        Seconds of a tick.
    is_clean : bool
        Every packet came through, none is hidden by an edit list, and every picture has a stamp of its own.
    """

    pts: NDArray[np.int64]
    last_ticks: int
    keys: tuple[int, ...]
    tick_s: Fraction
    is_clean: bool

    @property
    def duration_s(self) -> float:
        """From the first picture's start to the last one's end, in seconds; 0 without pictures."""
        return float((int(self.pts[-1]) - int(self.pts[0]) + self.last_ticks) * self.tick_s) if len(self.pts) else 0.0

    @property
    def longest_key_gap_s(self) -> float:
        """The longest stretch that has to be decoded to reach one picture, in seconds."""
        if not self.keys:
            return self.duration_s
        end = int(self.pts[-1]) + self.last_ticks
        stamps = [*self.keys, end]
        return float(int(max(np.diff(stamps), default=0)) * self.tick_s)


def scan_packets(path: Path, *, max_duration_s: float | None = None) -> PacketScan:
    """Read every picture packet of a file once.

    Parameters
    ----------
    path : Path
    max_duration_s : float, optional
        Stop with `TooLong` as soon as the stamps span more, whatever the header says.

    Raises
    ------
    MediaError
        As `open_video`, and `TooLong`.
    """
    with open_video(path, "NONE") as video:
        return _scan(video, max_duration_s)


def readable_packets(
    video: OpenVideo, *streams: Stream, on_error: Callable[[], None] | None = None
) -> Iterator["Packet[Stream]"]:
    """Packets of these streams up to the end, stepping over places that cannot be read; `on_error` is told of each."""
    packets, errors = video.container.demux(streams), 0
    while errors <= _MOST_ERRORS:
        try:
            packet = next(packets, None)
        except av.error.FFmpegError as error:
            refuse_to_go_on(error)
            if on_error is not None:
                on_error()
            packets, errors = video.container.demux(streams), errors + 1
            continue
        if packet is None:
            return
        if packet.size:  # the empty ones at the end only ask decoders to flush
            errors = 0
            yield packet


def picture_packets(video: OpenVideo, on_error: Callable[[], None] | None = None) -> Iterator["Packet[VideoStream]"]:
    """Packets of the picture stream, likewise."""
    return cast("Iterator[Packet[VideoStream]]", readable_packets(video, video.picture, on_error=on_error))


def ticks_of(video: OpenVideo) -> Fraction:
    """Seconds of a tick of the picture stream."""
    return Fraction(video.picture.time_base.numerator, video.picture.time_base.denominator)


def _scan(video: OpenVideo, max_duration_s: float | None) -> PacketScan:
    tick_s = ticks_of(video)
    stamps, keys = array("q"), []
    seen, unusable, errors = 0, 0, Counter[str]()
    last = (-(1 << 63), 0)
    begun_anew, decoded_last = 0, None
    for packet in picture_packets(video, on_error=lambda: errors.update(["read"])):
        seen += 1
        if packet.pts is None or packet.is_discard or packet.is_corrupt:
            unusable += 1
            continue
        # In the order of decoding, which unlike that of showing never steps back within one recording.
        decoded = packet.pts if packet.dts is None else packet.dts
        if decoded_last is not None and (decoded_last - decoded) * tick_s > RESTART_S:
            unusable += 1
            begun_anew = last[0] + _believed(last[1], tick_s) - packet.pts
        decoded_last = decoded
        stamp = packet.pts + begun_anew
        stamps.append(stamp)
        last = max(last, (stamp, packet.duration or 0))
        if packet.is_keyframe:
            keys.append(stamp)
        if seen > MAX_PACKETS or _spans_more(last[0] - stamps[0], tick_s, max_duration_s):
            raise TooLong(f"{seen} pictures, {float((last[0] - stamps[0]) * tick_s):.1f} s")
    pts = np.sort(np.frombuffer(stamps, np.int64))
    steps = np.diff(pts)
    is_clean = not unusable and not errors and bool(np.all(steps > 0)) and seen >= video.picture.frames
    usual = int(np.median(steps)) if len(steps) else 0
    return PacketScan(pts, _believed(last[1], tick_s) or usual, tuple(sorted(keys)), tick_s, is_clean)


def _believed(ticks: int, tick_s: Fraction) -> int:
    """How long a picture stays: one that claims to stay for hours, or any longer than a second, is a header's mistake."""
    return ticks if 0 < ticks * tick_s <= 1 else 0


def _spans_more(ticks: int, tick_s: Fraction, limit_s: float | None) -> bool:
    return limit_s is not None and ticks * tick_s > limit_s
