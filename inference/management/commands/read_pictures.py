"""`manage.py read_pictures LIST.jsonl --out X.npz`: keypoints in single pictures, without the site or its database.

Each line of the list is {"image": PATH, "region": [x, y, side, angle_rad]} with the region that the model is to be shown,
in pixels of the picture, or null: then the engine looks for somebody itself. Paths are relative to the list's folder.
Nothing is tracked and nothing smoothed.

The file that is written holds, one row a line of the list, `xy` (N, 29, 2) in pixels of the picture, NaN where nobody was
found; `conf` (N, 29); `ms` (N,), the time from the decoded picture to the keypoints on one thread; and the engine's name,
`model`.
"""

import json
import math
import os
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from numpy.typing import NDArray

from inference.estimators.base import PoseEstimator
from inference.estimators.onnx_declared import BadDeclaration
from inference.estimators.pictures import RgbPicture
from inference.estimators.registry import UnknownEstimator, get_estimator, is_model_file
from inference.estimators.stills import ReadsPictures, read_still
from inference.pose.codec import MAX_MODEL_NAME
from inference.pose.mapping import to_kdance
from inference.pose.reading import Reading, Region
from inference.pose.skeleton import SKELETON
from inference.weights import WeightsError

JOINTS = len(SKELETON.joints)

# A note in the file to turn it is not heeded, for labels heed none.
_DECODE = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION


class Command(BaseCommand):
    help = "Find the keypoints in single pictures, each in a given square or wherever the engine finds somebody."
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("list", type=Path, metavar="LIST.jsonl")
        parser.add_argument("--out", type=Path, required=True, metavar="X.npz")
        parser.add_argument(
            "--model",
            default="full",
            help="lite, full or heavy, or an ONNX file that says how it is used (docs/gpu.md)",
        )
        parser.add_argument("--estimator", metavar="NAME", help="another engine by its full name, instead of --model")

    def handle(self, *args: Any, out: Path, **options: Any) -> None:
        if not out.parent.is_dir():
            raise CommandError(f"cannot_open: there is no folder {out.parent} to write to")
        try:
            asked = list(_asked(options["list"]))
            engine = _engine(options["estimator"], options["model"])
            rows = _read_all(engine, asked)
            _save(out, rows, engine.name)
        except (BadDeclaration, UnknownEstimator, WeightsError) as error:
            raise CommandError(f"{error.code}: {error}") from error
        except OSError as error:
            raise CommandError(f"cannot_open: {error.strerror}: {error.filename}") from error
        found = sum(bool(np.isfinite(row.xy).all()) for row in rows)
        ms = float(np.median([row.ms for row in rows])) if rows else None
        summary = {"model": engine.name, "pictures": len(rows), "found": found, "median_ms": ms}
        self.stdout.write(json.dumps(summary))


@dataclass(frozen=True)
class _Asked:
    image: Path
    region: Region | None


@dataclass(frozen=True, eq=False)
class _Row:
    xy: NDArray[np.float64]
    conf: NDArray[np.float64]
    ms: float


def _asked(path: Path) -> Iterator[_Asked]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            image, region = entry["image"], entry["region"]
            yield _Asked(path.parent / image, None if region is None else _region(region))
        except (ValueError, KeyError, TypeError):
            raise CommandError(
                f'bad_list: line {number} of {path} is not {{"image": path, "region": [x, y, side, angle_rad] or null}}'
            ) from None


def _region(values: list[float]) -> Region:
    x, y, side, angle = map(float, values)
    if not all(map(math.isfinite, (x, y, side, angle))) or side <= 0:
        raise ValueError("not a square")
    return Region(x, y, side, angle)


def _engine(name: str | None, model: str) -> ReadsPictures:
    engine: PoseEstimator
    if name is None and is_model_file(model):
        engine = get_estimator(Path(model).stem[:MAX_MODEL_NAME], model_dir=settings.MODEL_DIR, file=Path(model))
    else:
        engine = get_estimator(name or f"blazepose-{model}", model_dir=settings.MODEL_DIR)
    if not isinstance(engine, ReadsPictures):
        raise CommandError(f"no_single_pictures: {engine.name} reads whole videos only")
    return engine


def _read_all(engine: ReadsPictures, asked: list[_Asked]) -> list[_Row]:
    cv2.setNumThreads(1)
    reader = engine.reader()
    rows = []
    for each in asked:
        picture = RgbPicture(_picture(each.image))
        began = time.perf_counter()
        reading = read_still(reader, picture, each.region)
        xy, conf = _joints(reading)
        rows.append(_Row(xy, conf, 1000 * (time.perf_counter() - began)))
    return rows


def _picture(path: Path) -> NDArray[np.uint8]:
    picture = cv2.imdecode(np.frombuffer(path.read_bytes() or b"\0", np.uint8), _DECODE)
    if picture is None:
        raise CommandError(f"bad_picture: {path} is no picture that can be read")
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _joints(reading: Reading | None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if reading is None:
        return np.full((JOINTS, 2), np.nan), np.zeros(JOINTS)
    sure = np.minimum(reading.visibility, reading.presence)
    xy, conf = to_kdance(reading.xyz_px[None], sure[None])
    return xy[0], conf[0]


def _save(out: Path, rows: list[_Row], model: str) -> None:
    draft = out.with_name(out.name + ".part")
    with draft.open("wb") as file:
        np.savez(
            file,
            xy=np.array([row.xy for row in rows], dtype=np.float32).reshape(-1, JOINTS, 2),
            conf=np.array([row.conf for row in rows], dtype=np.float32).reshape(-1, JOINTS),
            ms=np.array([row.ms for row in rows], dtype=np.float32),
            model=np.array(model),
        )
    os.replace(draft, out)
