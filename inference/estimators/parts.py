"""A clip cut into parts that are read side by side, one process each.

Tracking goes from frame to frame, so a part begins some frames early, where its neighbour still reads, to be on the
people when its own frames begin. Both have read those frames: who stands in the same places is the same person. Where
the later part missed somebody, it is read again from where the earlier one left everybody.
"""

import math
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Protocol

import cv2

from inference.estimators.blazepose_graph import BlazePoseReader
from inference.estimators.colours import body_colours
from inference.estimators.looks import Looker
from inference.estimators.pictures import Picture, PlanarPicture
from inference.media.errors import DecoderDied, MediaError
from inference.media.frames import Frame, read_frames
from inference.media.probe import MediaInfo
from inference.pose.looks import Looks, join_looks
from inference.pose.reading import PoseReader, Region
from inference.pose.tracking import PeopleTracker, Sighting
from inference.pose.tracklets import (
    PartTracklets,
    Tracklet,
    continued,
    followed_at,
    gather,
    is_anybody_missed,
    join_next,
)
from inference.weights import WeightsError

WARM_UP_FRAMES = 15
LEAST_FRAMES_A_PART = 90
FRAMES_PER_S = 30.0
"""Faster clips are read at about this rate; the frames between are interpolated."""
DECODING_SHARE = 0.35
"""Of the time of a frame, what decoding it takes."""
FOLLOWED_S = 1.0
"""Whom a part followed for so long up to its end, the next one must not miss."""
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
    """What one process is to read. `starts` are where people are in the first frame, as far as that is known."""

    video: Path
    model_dir: Path
    variant: str
    span: Span
    is_alone: bool
    starts: tuple[Region, ...] = ()


@dataclass(frozen=True, eq=False)
class PartReadings:
    """`found` has the warm-up's frames as well, `looks` and `skipped_s` only the part's own."""

    found: PartTracklets
    looks: Looks
    skipped_s: list[float]


@dataclass(frozen=True, eq=False)
class ClipReadings:
    """All parts of a clip as one: tracklets, looks of the frames that were read, and times of those that were not."""

    tracklets: list[Tracklet]
    looks: Looks
    skipped_s: list[float]


class SideBySide(Protocol):
    """A way to read parts at the same time; the readings come in the order of the parts."""

    def __call__(self, parts: Sequence[Part], on_count: OnCount) -> list[PartReadings]: ...


def plan(
    info: MediaInfo, key_times_s: Sequence[float], parts: int, *, least_frames: int = LEAST_FRAMES_A_PART
) -> list[Span]:
    """At most `parts` spans that take about as long to read; fewer for a short clip.

    The warm-up counts, so the first part has more frames of its own. The decoder begins at the key frame before a
    part's reading: a part begins at a key frame nearby where that costs less than being uneven.
    """
    parts = max(1, min(parts, info.frames_expected // least_frames))
    warm_up_s = WARM_UP_FRAMES / min(info.fps, FRAMES_PER_S)
    length_s = (info.duration_s + (parts - 1) * warm_up_s) / parts
    warm = [0.0]
    for part in range(1, parts):
        wanted = part * (length_s - warm_up_s)
        near = [time_s for time_s in key_times_s if abs(time_s - wanted) <= length_s / 8]
        warm.append(
            min([wanted, *near], key=lambda time_s: abs(time_s - wanted) + _decoding_cost_s(time_s, key_times_s))
        )
    starts = [0.0, *(time_s + warm_up_s for time_s in warm[1:])]
    ends = [*starts[1:], None]
    return [Span(*span) for span in zip(warm, starts, ends, strict=True)]


def _decoding_cost_s(time_s: float, key_times_s: Sequence[float]) -> float:
    """What it costs to decode from the key frame before, in seconds of clip fully read; half of it, for parts share it."""
    return DECODING_SHARE / 2 * (time_s - max((key for key in key_times_s if key <= time_s), default=0.0))


def read_parts(parts: Sequence[Part], on_count: OnCount, side_by_side: SideBySide | None = None) -> ClipReadings:
    """The readings of all parts as one; the same parts give the same readings.

    Parameters
    ----------
    parts
        Following one another without a gap.
    on_count
        Gets the number of frames done so far; what it raises ends the work.
    side_by_side
        By default one process each, and a part alone is read in this process.

    Raises
    ------
    MediaError
        `DecoderDied` if a process dies, otherwise as `read_frames`.
    """
    run = side_by_side or _in_processes
    results = list(run(parts, on_count))
    tracklets = join_next([], results[0].found)
    for number, part in enumerate(parts[1:], 1):
        found, looks = results[number].found, results[number].looks
        end_s = max(map(_last_read_s, results[:number]))
        is_missed = is_anybody_missed(tracklets, found, last_s=end_s, at_least_s=FOLLOWED_S)
        if is_missed and not looks.begins_shot[:1].any():
            starts = followed_at(tracklets, end_s)
            done = sum(_frame_count(result) for result in results[:number])
            (told,) = run([_from_where_they_were(part, starts)], _from_count(done, on_count))
            # The first reading's looks know the frame before the part's first.
            results[number] = replace(told, looks=looks)
            tracklets = continued(tracklets, told.found, starts)
        else:
            tracklets = join_next(tracklets, found)
    return ClipReadings(
        tracklets,
        join_looks([result.looks for result in results]),
        [time_s for result in results for time_s in result.skipped_s],
    )


def read_part(part: Part, on_count: OnCount, reader: PoseReader[Picture] | None = None) -> PartReadings:
    """Follow the people through one part, in this process on one thread (and the decoder's, if the part is alone)."""
    cv2.setNumThreads(1)
    reader = reader or BlazePoseReader(part.model_dir, part.variant)
    looker, skipped = Looker(), list[float]()
    numbered = gather(_follow(part, reader, looker, skipped, on_count))
    return PartReadings(
        PartTracklets(part.span.start_s, numbered),
        looker.looks().since(part.span.start_s),
        [time_s for time_s in skipped if time_s >= part.span.start_s],
    )


def _follow(
    part: Part, reader: PoseReader[Picture], looker: Looker, skipped: list[float], on_count: OnCount
) -> Iterator[tuple[float, list[Sighting]]]:
    tracker: PeopleTracker[Picture] | None = None
    own = 0
    for frame in _frames(part, skipped):
        is_cut = looker.look(frame)
        if tracker is None:
            tracker = PeopleTracker(reader, frame.size_px, colours_of=body_colours, starts=part.starts)
        elif is_cut:
            tracker.begin_shot()
        yield frame.t_s, tracker.follow(PlanarPicture(frame), frame.t_s)
        own += frame.t_s >= part.span.start_s
        on_count(own + len(skipped))


def _frames(part: Part, skipped: list[float]) -> Iterator[Frame]:
    return read_frames(
        part.video,
        start_s=part.span.warm_s,
        end_s=part.span.end_s,
        thread_type="AUTO" if part.is_alone else "NONE",
        target_fps=FRAMES_PER_S,
        for_analysis=True,
        on_skipped=skipped.append,
    )


def _frame_count(result: PartReadings) -> int:
    return len(result.looks.t_s) + len(result.skipped_s)


def _last_read_s(result: PartReadings) -> float:
    return float(result.looks.t_s[-1]) if len(result.looks.t_s) else -math.inf


def _from_where_they_were(part: Part, people: Sequence[Tracklet]) -> Part:
    starts = tuple(person.last_region for person in people)
    return replace(part, starts=starts, span=replace(part.span, warm_s=part.span.start_s))


def _from_count(done: int, on_count: OnCount) -> OnCount:
    return lambda count: on_count(done + count)


def _in_processes(parts: Sequence[Part], on_count: OnCount) -> list[PartReadings]:
    """One process for each part; a whole clip is read in this one."""
    if len(parts) == 1 and parts[0].is_alone:
        return [read_part(parts[0], on_count)]
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
