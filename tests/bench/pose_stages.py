"""Where does the time of a frame go? `make bench-pose_stages`, or `python -m tests.bench.pose_stages [--model full]`

One thread reads a 720p and a 1080p clip in turns, frame by frame, and times each stage of reading a dancer. The figures are
medians of the thread's own processor time in milliseconds, so other programs disturb them only through memory and caches.
Every other frame is read in one go instead ("read"), which shows what lies between the stages; "frame" is that and all that
comes before it.
The last line is one JSON object.
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from inference.estimators.blazepose_decoding import LANDMARK_SIDE, decode_reading
from inference.estimators.blazepose_graph import BlazePoseReader
from inference.estimators.looks import Looker
from inference.estimators.pictures import PlanarPicture, write_scaled
from inference.media.frames import Frame, read_frames
from inference.pose.reading import Reading, Region
from inference.weights import default_model_dir, load_weights
from tests.bench.clips import bench_clip

OUTPUTS = ("Identity", "Identity_1", "Identity_3", "Identity_4")
STAGES = ("decode", "looks", "planes", "crop", "fill", "invoke", "outputs", "meaning", "read", "frame")


class Stopwatch:
    """Processor time of this thread, by stage."""

    def __init__(self) -> None:
        self.taken_ms: dict[str, list[float]] = defaultdict(list)

    def time[Result](self, stage: str, work: Callable[[], Result]) -> Result:
        began = time.thread_time()
        result = work()
        self.taken_ms[stage].append((time.thread_time() - began) * 1000)
        return result


class ClipUnderTest:
    """One clip, read over and over, with the dancer's region carried from frame to frame."""

    def __init__(self, clip: Path, model: str) -> None:
        models = default_model_dir()
        self.watch = Stopwatch()
        self._clip = clip
        self._reader = BlazePoseReader(models, model)
        self._graph = Interpreter(model_content=load_weights(models, model), num_threads=1)
        self._graph.allocate_tensors()
        self._input = self._graph.get_input_details()[0]["index"]
        places = {detail["name"]: detail["index"] for detail in self._graph.get_output_details()}
        self._outputs = [places[name] for name in OUTPUTS]
        self._frames: Iterator[Frame] = iter(())
        self._looker = Looker()
        self._region: Region | None = None

    def rewind(self) -> None:
        self._frames = read_frames(self._clip, thread_type="NONE")
        self._looker = Looker()
        self._region = None

    def read_one(self) -> None:
        """Time the stages of one frame and the whole of the next. Raises LookupError if there is nobody to read."""
        picture, region = self._next()
        self._region = self._in_stages(picture, region).next_region
        picture, region = self._next()
        self._region = self.watch.time("read", lambda: self._reader.read(picture, region)).next_region

    def _next(self) -> tuple[PlanarPicture, Region]:
        frame = self.watch.time("decode", lambda: next(self._frames))
        self.watch.time("looks", lambda: self._looker.look(frame))
        picture = self.watch.time("planes", lambda: PlanarPicture(frame))
        return picture, self._region or self._find(picture)

    def _in_stages(self, picture: PlanarPicture, region: Region) -> Reading:
        time_, graph = self.watch.time, self._graph
        crop = time_("crop", lambda: picture.crop(region, LANDMARK_SIDE, beyond=cv2.BORDER_REPLICATE))
        time_("fill", lambda: write_scaled(crop, graph.tensor(self._input)()[0], scale=1 / 255.0, offset=0.0))
        time_("invoke", graph.invoke)
        raw, presence, heat_map, world = time_("outputs", self._views)
        return time_("meaning", lambda: decode_reading(raw, float(presence[0]), heat_map, world, region))

    def _views(self) -> list[NDArray[np.float32]]:
        return [self._graph.tensor(output)()[0] for output in self._outputs]

    def _find(self, picture: PlanarPicture) -> Region:
        width, height = picture.size_px
        found = self._reader.detect(picture, Region(width / 2, height / 2, max(width, height), 0.0))
        if not found:
            raise LookupError(f"nobody is found in {self._clip}")
        return found[0].region


def medians(watch: Stopwatch) -> dict[str, float]:
    """Milliseconds by stage."""
    taken = {stage: float(np.median(values)) for stage, values in watch.taken_ms.items()}
    taken["frame"] = taken["decode"] + taken["looks"] + taken["planes"] + taken["read"]
    return {stage: round(taken[stage], 3) for stage in STAGES}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=("lite", "full", "heavy"), default="full")
    parser.add_argument("--frames", type=int, default=150, help="so many frames of each clip a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=20, help="length of the clips that are made")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    clips = {name: ClipUnderTest(bench_clip(name, options.seconds), options.model) for name in ("720p", "1080p")}
    for _ in range(options.rounds):
        for clip in clips.values():
            clip.rewind()
        for clip in islice(_in_turns(list(clips.values())), options.frames // 2 * len(clips)):
            clip.read_one()
    results = {name: medians(clip.watch) for name, clip in clips.items()}
    print(f"{'ms a frame':18s}" + "".join(f"{name:>10s}" for name in results))
    for stage in STAGES:
        print(f"{stage:18s}" + "".join(f"{result[stage]:10.3f}" for result in results.values()))
    print(json.dumps({"model": options.model, "frames": options.frames * options.rounds, "stages_ms": results}))


def _in_turns(clips: list[ClipUnderTest]) -> Iterator[ClipUnderTest]:
    while True:
        yield from clips


if __name__ == "__main__":
    main()
