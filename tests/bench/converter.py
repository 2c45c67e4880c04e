"""Labels a second of `python -m ml_training.data convert`, on made-up labels and pictures in AI Hub's layout.

`make bench-converter ARGS="--labels 100000"`; with `--zip` every song's folders are packed first. The pictures are small:
only their heads are read, and so would a large one's be. The files were written a moment before, so that they come from
memory: on a cold disk it takes as long as the disk does.
"""

import argparse
import json
import os
import shutil
import tempfile
import time
import zipfile
from pathlib import Path

import cv2
import numpy as np

from inference.pose.skeleton import SKELETON
from ml_training.data.convert import convert
from ml_training.data.layout import LABELS, PICTURES
from ml_training.data.tables import read_samples
from ml_training.parallel import cores

SIZE_PX = (1920, 1080)
FRAMES = 250
CLIPS_A_SONG = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--labels", type=int, default=100_000)
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--zip", action="store_true", help="pack each song's labels and pictures into zips first")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root, out = Path(folder, "data"), Path(folder, "samples")
        make_labels(root, arguments.labels)
        if arguments.zip:
            pack(root / "Training")
        load = os.getloadavg()[0]
        start = time.perf_counter()
        convert(root, out, jobs=arguments.jobs)
        took_s = time.perf_counter() - start
        rows = len(read_samples(out))
        again = time.perf_counter()
        convert(root, out, jobs=arguments.jobs)
        again_s = time.perf_counter() - again
    jobs = arguments.jobs or cores()
    print(f"{rows} labels in {took_s:.1f} s: {rows / took_s:.0f} a second, {jobs} processes, load before {load:.1f}")
    print(f"the same command again, which finds nothing to do: {again_s:.1f} s")


def make_labels(root: Path, count: int) -> None:
    """`count` labels with a picture each: a picture of one colour is some kilobytes, its head is that of any other."""
    rng = np.random.default_rng(1)
    picture = cv2.imencode(".jpg", np.full((SIZE_PX[1], SIZE_PX[0], 3), 90, np.uint8))[1].tobytes()
    for clip in range(-(-count // FRAMES)):
        number = clip // CLIPS_A_SONG
        song, name = f"song {number} (artist)", f"{number:03d}_D{number:02d}_{clip % CLIPS_A_SONG:03d}_F"
        folders = [root / "Training" / f"{tag}{song}" / name for tag in (LABELS, PICTURES)]
        for folder in folders:
            folder.mkdir(parents=True)
        for frame in range(min(FRAMES, count - clip * FRAMES)):
            stem = f"{name}_{frame:08d}"
            (folders[0] / f"{stem}.json").write_text(json.dumps(label(rng)))
            (folders[1] / f"{stem}.jpg").write_bytes(picture)


def label(rng: np.random.Generator) -> dict[str, object]:
    xy = rng.uniform((0, 400), SIZE_PX, (len(SKELETON.joints), 2)).round(2)
    xy[SKELETON.index("nose")] = xy[SKELETON.index("center_hip")] - (0, 400)
    flat = np.column_stack([xy, np.full(len(xy), 2)]).reshape(-1).tolist()
    image = {"id": 1, "width": SIZE_PX[0], "height": SIZE_PX[1]}
    return {"images": [image], "annotations": [{"image_id": 1, "keypoints": flat}]}


def pack(folder: Path) -> None:
    for song in list(folder.iterdir()):
        with zipfile.ZipFile(f"{song}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(song.rglob("*.*")):
                archive.write(file, file.relative_to(song))
        shutil.rmtree(song)


if __name__ == "__main__":
    main()
