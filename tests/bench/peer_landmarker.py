"""The official MediaPipe `PoseLandmarker`, as somebody who uses it would: PyAV decodes, each picture goes in as RGB.

Run by the benches in the peer's environment, so it imports nothing of this project. The last line is one JSON object.

    speed VIDEO TASK --parts 2 --threads NONE   how long it takes for the clip, from its first frame done to its last
    video VIDEO TASK OUT.npz                    its landmarks in VIDEO mode, for every frame
    images FRAMES.npy TASK OUT.npz              its landmarks in IMAGE mode, for every picture (N, H, W, 3)
"""

import argparse
import json
import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from threading import BrokenBarrierError

import av
import mediapipe as mp
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision

LANDMARKS = 33
LOADING_S = 120.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("speed", "video", "images"))
    parser.add_argument("source", type=Path)
    parser.add_argument("task", type=Path)
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("--parts", type=int, default=1)
    parser.add_argument("--threads", choices=("AUTO", "NONE"), default="AUTO")
    options = parser.parse_args()
    if options.what == "speed":
        print(json.dumps(speed(options.source, options.task, options.parts, options.threads)))
    elif options.what == "video":
        save_video(options.source, options.task, options.out)
    else:
        save_images(options.source, options.task, options.out)


def landmarker(task: Path, mode: vision.RunningMode) -> vision.PoseLandmarker:
    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(task)), running_mode=mode, num_poses=1
    )
    return vision.PoseLandmarker.create_from_options(options)


def as_image(rgb: np.ndarray) -> mp.Image:
    """Rows that lie apart in memory are misread without a word."""
    return mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(rgb))


# Speed


@dataclass(frozen=True)
class Timing:
    """One process's part: wall clock at the first and the last frame done, processor time between, frames after the first."""

    began_s: float
    ended_s: float
    cpu_s: float
    frames: int
    found: int


def speed(video: Path, task: Path, parts: int, threads: str) -> dict[str, float]:
    """Frames a second over all parts, side by side; loading, opening and each part's first frame are not counted."""
    spans = halves(video, parts)
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(parts)
    timings = context.Queue()
    jobs = [(video, task, span, threads, barrier, timings) for span in spans]
    processes = [context.Process(target=_time_part, args=job) for job in jobs[1:]]
    for process in processes:
        process.start()
    _time_part(*jobs[0])
    measured = [timings.get(timeout=LOADING_S) for _ in spans]
    for process in processes:
        process.join()
    return summary(measured)


def summary(measured: list[Timing]) -> dict[str, float]:
    frames = sum(timing.frames for timing in measured)
    seconds = max(timing.ended_s for timing in measured) - min(timing.began_s for timing in measured)
    return {
        "frames": frames,
        "found": sum(timing.found for timing in measured),
        "seconds": seconds,
        "fps": frames / seconds,
        "cpu_ms_per_frame": 1000 * sum(timing.cpu_s for timing in measured) / frames,
        "parts": [asdict(timing) for timing in measured],
    }


def _time_part(video: Path, task: Path, span: tuple[int | None, int | None], threads: str, barrier, timings) -> None:
    frames = found = 0
    with landmarker(task, vision.RunningMode.VIDEO) as model:
        for rgb, t_ms in pictures(video, span, threads):
            result = model.detect_for_video(as_image(rgb), t_ms)
            if frames == 0:
                _wait(barrier)
                began_s, cpu_s = time.monotonic(), time.process_time()
            else:
                found += bool(result.pose_landmarks)
            frames += 1
        timings.put(Timing(began_s, time.monotonic(), time.process_time() - cpu_s, frames - 1, found))


def _wait(barrier) -> None:
    try:
        barrier.wait(timeout=LOADING_S)
    except BrokenBarrierError:
        raise SystemExit("another process of the peer did not get to its first frame") from None


def halves(video: Path, parts: int) -> list[tuple[int | None, int | None]]:
    """[start, end) stamps of `parts` parts of about the same length, each from a key frame."""
    with av.open(str(video)) as source:
        packets = [packet for packet in source.demux(video=0) if packet.pts is not None]
    keys = [packet.pts for packet in packets if packet.is_keyframe]
    stamps = sorted(packet.pts for packet in packets)
    wanted = [stamps[len(stamps) * part // parts] for part in range(1, parts)]
    cuts = [min(keys, key=lambda key: abs(key - stamp)) for stamp in wanted]
    return list(zip([None, *cuts], [*cuts, None], strict=True))


# Decoding


def pictures(
    video: Path, span: tuple[int | None, int | None] = (None, None), threads: str = "AUTO"
) -> Iterator[tuple[np.ndarray, int]]:
    """RGB pictures with their times in milliseconds, always increasing, as `detect_for_video` wants them."""
    start, end = span
    last_ms = -1
    with av.open(str(video)) as source:
        stream = source.streams.video[0]
        stream.thread_type = threads
        if start is not None:
            source.seek(start, stream=stream)
        for frame in source.decode(stream):
            if end is not None and frame.pts >= end:
                return
            if start is not None and frame.pts < start:
                continue
            last_ms = max(last_ms + 1, round(1000 * frame.pts * (frame.time_base or Fraction(1))))
            yield frame.to_ndarray(format="rgb24"), last_ms


# Landmarks


def save_video(video: Path, task: Path, out: Path) -> None:
    with landmarker(task, vision.RunningMode.VIDEO) as model:
        results = [_arrays(model.detect_for_video(as_image(rgb), t_ms), rgb) for rgb, t_ms in pictures(video)]
    _save(out, results)


def save_images(frames: Path, task: Path, out: Path) -> None:
    with landmarker(task, vision.RunningMode.IMAGE) as model:
        results = [_arrays(model.detect(as_image(rgb)), rgb) for rgb in np.load(frames, mmap_mode="r")]
    _save(out, results)


def _arrays(result: vision.PoseLandmarkerResult, rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(33, 2) pixels and (33, 3) metres; NaN where nobody was found."""
    if not result.pose_landmarks:
        return np.full((LANDMARKS, 2), np.nan), np.full((LANDMARKS, 3), np.nan)
    height, width = rgb.shape[:2]
    xy_px = np.array([(point.x * width, point.y * height) for point in result.pose_landmarks[0]])
    return xy_px, np.array([(point.x, point.y, point.z) for point in result.pose_world_landmarks[0]])


def _save(out: Path, results: list[tuple[np.ndarray, np.ndarray]]) -> None:
    xy_px, xyz_m = (np.array(values) for values in zip(*results, strict=True))
    np.savez(out, xy_px=xy_px, xyz_m=xyz_m)
    found = int(np.isfinite(xy_px[:, 0, 0]).sum())
    print(json.dumps({"frames": len(xy_px), "found": found, "mediapipe": mp.__version__}))


if __name__ == "__main__":
    main()
