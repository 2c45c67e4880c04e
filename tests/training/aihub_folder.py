"""A folder in AI Hub's layout with made-up labels: the data set itself may not be passed on."""

import json
import shutil
import zipfile
from pathlib import Path

import cv2
import numpy as np

from inference.pose.skeleton import SKELETON
from ml_training.data.aihub import VISIBLE
from ml_training.data.layout import LABELS, PICTURES
from ml_training.data.samples import Samples

COUNT = len(SKELETON.joints)
SIZE_PX = (192, 108)


def upright_px(size_px=SIZE_PX, seed=0):
    """(29, 2) pixels of somebody on their feet in the middle of the picture."""
    rng = np.random.default_rng(seed)
    xy = rng.uniform((0.4, 0.3), (0.6, 0.9), (COUNT, 2)) * size_px
    xy[SKELETON.index("center_hip")] = np.array((0.5, 0.55)) * size_px
    xy[SKELETON.index("nose")] = np.array((0.5, 0.15)) * size_px
    return xy.round(2)


def flat(xy_px, seen=VISIBLE):
    return np.column_stack([xy_px, np.full(len(xy_px), seen)]).reshape(-1).tolist()


def add_label(
    root, stem, *, song="Song (Artist)", part="Training", keypoints=None, told=SIZE_PX, actual=SIZE_PX, suffix=".jpg"
):
    """One label and its picture; `told` is the size that the label tells (None: none), `actual` the picture's (None: no file)."""
    clip = stem.rpartition("_")[0]
    label = Path(root, part, f"{LABELS}{song}", clip, f"{stem}.json")
    label.parent.mkdir(parents=True, exist_ok=True)
    content = {"annotations": [{"keypoints": flat(upright_px()) if keypoints is None else keypoints}]}
    if told:
        content["images"] = [{"width": told[0], "height": told[1]}]
    label.write_text(json.dumps(content))
    picture = Path(root, part, f"{PICTURES}{song}", clip, f"{stem}{suffix}")
    if actual:
        picture.parent.mkdir(parents=True, exist_ok=True)
        written, content = cv2.imencode(suffix, np.full((actual[1], actual[0], 3), 90, np.uint8))
        assert written
        picture.write_bytes(content.tobytes())
    return label, picture


def pack(folder):
    """The song's folder as a zip beside it, and gone itself."""
    with zipfile.ZipFile(f"{folder}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*.*")):
            archive.write(file, file.relative_to(folder))
    shutil.rmtree(folder)


def samples_of(dancers, songs, frames=None):
    """Samples of which only dancer and song matter."""
    count = len(dancers)
    texts = {name: np.array([f"{name} {row}" for row in range(count)]) for name in ("image", "part", "view")}
    clips = [f"{song}_{dancer}" for dancer, song in zip(dancers, songs, strict=True)]
    return Samples(
        **texts,
        xy_px=np.full((count, COUNT, 2), 5, np.float32),
        visibility=np.full((count, COUNT), VISIBLE, np.uint8),
        conf=np.ones((count, COUNT), np.float32),
        size_px=np.full((count, 2), 100, np.int32),
        song=np.array(songs, dtype=np.str_),
        dancer=np.array(dancers, dtype=np.str_),
        clip=np.array(clips, dtype=np.str_),
        frame=np.arange(count, dtype=np.int32) if frames is None else frames,
        root="/nowhere",
    )
