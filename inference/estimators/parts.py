"""A clip cut into parts that are read side by side, one process each.

Tracking goes from frame to frame, so a part begins some frames early, where its neighbour still reads, to be on the
dancer when its own frames begin. Both have read those frames: if they followed different people, the later part is read
again from where the earlier one left the dancer.
"""

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from pathlib import Path

import cv2

from inference.estimators.blazepose_graph import BlazePoseReader
from inference.estimators.looks import Looker
from inference.estimators.pictures import Picture, PlanarPicture
from inference.media.errors import DecoderDied, MediaError
from inference.media.frames import read_frames
from inference.media.probe import MediaInfo
from inference.pose.looks import Looks, join_looks
from inference.pose.pipeline import Readings, gather, join, same_dancer
from inference.pose.reading import Region
from inference.pose.tracking import DancerTracker, Sighting
from inference.weights import WeightsError

WARM_UP_FRAMES = 15
LEAST_FRAMES_A_PART = 90
NEWS_EVERY_S = 0.1

OnCount = Callable[[int], None]


@dataclass(frozen=True)
class Span:
    """The own frames of a part: `start_s` <= t < `end_s` (None: to the end); reading begins at `warm_s`."""

    warm_s: float
    start_s: float
    end_s: float | None


@dataclass(frozen=True)
class Part:
    """What one process is to read. `start` is where the dancer is in the first frame, if that is known."""

    video: Path
    model_dir: Path
    variant: str
    span: Span
    is_alone: bool
    start: Region | None = None


@dataclass(frozen=True, eq=False)
class PartReadings:
    """`warm` and `own` follow each other in time; `last` is where the dancer was to be looked for next."""

    warm: Readings
    own: Readings
    looks: Looks
    last: Region | None


def plan(info: MediaInfo, key_times_s: Sequence[float], workers: int) -> list[Span]:
    """At most `workers` spans of about the same length; fewer for a short clip.

    A part's reading begins at a key frame if there is one near, because the decoder has to begin at one anyway.
    """
    parts = max(1, min(workers, info.frames_expected // LEAST_FRAMES_A_PART))
    length_s = info.duration_s / parts
    warm_up_s = WARM_UP_FRAMES / info.fps
    warm = [0.0]
    for part in range(1, parts):
        wanted = part * length_s - warm_up_s
        near = [time_s for time_s in key_times_s if abs(time_s - wanted) <= length_s / 8]
        warm.append(min(near, key=lambda time_s: abs(time_s - wanted), default=wanted))
    starts = [0.0, *(time_s + warm_up_s for time_s in warm[1:])]
    ends = [*starts[1:], None]
    return [Span(*span) for span in zip(warm, starts, ends, strict=True)]


def read_parts(parts: Sequence[Part], on_count: OnCount) -> tuple[Readings, Looks]:
    """The readings and looks of all parts as one; the same parts give the same readings.

    `on_count` gets the number of frames read so far; what it raises ends the work. A part alone is read in this process.

    Raises
    ------
    MediaError
        `DecoderDied` if a process dies, otherwise as `read_frames`.
    """
    if len(parts) == 1:
        whole = read_part(parts[0], on_count)
        return whole.own, whole.looks
    results = _side_by_side(parts, on_count)
    joined, looks = [results[0].own], [results[0].looks]
    last = results[0].last
    for part, result in zip(parts[1:], results[1:], strict=True):
        if last is not None and not same_dancer(joined[-1], result.warm):
            again = replace(part, start=last, span=replace(part.span, warm_s=part.span.start_s))
            (result,) = _side_by_side([again], lambda _: on_count(sum(len(own.t_s) for own in joined)))
        joined.append(result.own)
        looks.append(result.looks)
        last = result.last
    return join(joined), join_looks(looks)


def read_part(part: Part, on_count: OnCount) -> PartReadings:
    """Follow the dancer through one part, in this process on one thread (and the decoder's, if the part is alone)."""
    cv2.setNumThreads(1)
    reader = BlazePoseReader(part.model_dir, part.variant)
    looker = Looker()
    tracker: DancerTracker[Picture] | None = None
    warm: list[tuple[float, Sighting | None]] = []
    own: list[tuple[float, Sighting | None]] = []
    span = part.span
    frames = read_frames(
        part.video, start_s=span.warm_s, end_s=span.end_s, thread_type="AUTO" if part.is_alone else "NONE"
    )
    for frame in frames:
        tracker = tracker or DancerTracker(reader, frame.size_px, start=part.start)
        if looker.look(frame):
            tracker = DancerTracker(reader, frame.size_px)
        sighting = tracker.follow(PlanarPicture(frame), frame.t_s)
        (own if frame.t_s >= span.start_s else warm).append((frame.t_s, sighting))
        on_count(len(own))
    last = own[-1][1] if own else None
    return PartReadings(
        gather(warm), gather(own), looker.looks().since(span.start_s), last.reading.next_region if last else None
    )


def _side_by_side(parts: Sequence[Part], on_count: OnCount) -> list[PartReadings]:
    context = multiprocessing.get_context("spawn")
    pipes: dict[Connection, int] = {}
    processes = []
    try:
        for index, part in enumerate(parts):
            news, teller = context.Pipe(duplex=False)
            process = context.Process(target=_tell, args=(part, teller), daemon=True)
            process.start()
            processes.append(process)
            teller.close()
            pipes[news] = index
        return _collect(pipes, on_count)
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()
        for news in pipes:
            news.close()


def _collect(pipes: dict[Connection, int], on_count: OnCount) -> list[PartReadings]:
    counts = [0] * len(pipes)
    results: dict[int, PartReadings] = {}
    open_pipes = set(pipes)
    while open_pipes:
        for news in [pipe for pipe in wait(list(open_pipes)) if isinstance(pipe, Connection)]:
            message = _receive(news)
            if isinstance(message, Exception):
                raise message
            if isinstance(message, PartReadings):
                results[pipes[news]] = message
                open_pipes.discard(news)
            else:
                counts[pipes[news]] = message
                on_count(sum(counts))
    return [results[index] for index in range(len(pipes))]


def _receive(news: Connection) -> PartReadings | Exception | int:
    try:
        message: PartReadings | Exception | int = news.recv()
    except EOFError:
        raise DecoderDied("a process that read a part of the video died") from None
    return message


def _tell(part: Part, teller: Connection) -> None:
    """The child's work: counts now and then, at last the readings or what went wrong."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    last_news = 0.0

    def on_count(count: int) -> None:
        nonlocal last_news
        if time.monotonic() - last_news >= NEWS_EVERY_S:
            last_news = time.monotonic()
            teller.send(count)

    try:
        teller.send(read_part(part, on_count))
    except (MediaError, WeightsError) as error:
        teller.send(error)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
