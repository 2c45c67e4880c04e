"""What the product's own engines, or exported models in them, read in labelled pictures: `manage.py read_pictures`.

The site has an environment of its own, which this package never imports: `KDANCE_PYTHON` names its interpreter.
"""

import json
import math
import os
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.pose.reading import Region
from ml_training.data.framing import followed_region
from ml_training.data.images import IN_ZIP, picture_size, read_bytes
from ml_training.data.samples import Samples
from ml_training.errors import TrainingError

REPOSITORY = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, eq=False)
class SiteReading:
    """
    Attributes
    ----------
    found : (N, 29, 3) float64
        x, y in pixels of the labelled picture, NaN where nobody was found; confidence.
    ms : (N,) float64
        From the decoded picture to the joints, on one thread.
    """

    found: NDArray[np.float64]
    ms: NDArray[np.float64]


def read_by_site(samples: Samples, engine: str, *, find: bool = False, jobs: int = 1) -> SiteReading:
    """The joints that `engine` finds.

    Parameters
    ----------
    samples
        Pictures in which a person's square can be told (`framing.followed_region`).
    engine
        A name of the site's registry ("blazepose-full"), or the path of an ONNX file.
    find
        False: the engine is shown the square around the labelled joints, as every network here is. True: it gets the whole
        picture and looks for the person itself, as it must in a clip's first frame.

    Raises
    ------
    TrainingError
        "no_site" without the site's environment, "site_failed" with what it said; as `images.read_bytes` for a picture.
    """
    parts = [samples.take(rows) for rows in np.array_split(np.arange(len(samples)), jobs)]
    with ThreadPoolExecutor(jobs) as side_by_side:
        readings = list(side_by_side.map(lambda part: _read(part, engine, find=find), parts))
    return SiteReading(
        np.concatenate([reading.found for reading in readings]), np.concatenate([reading.ms for reading in readings])
    )


def _read(samples: Samples, engine: str, *, find: bool) -> SiteReading:
    with tempfile.TemporaryDirectory(prefix="kdance-reading-") as folder:
        scale = _write_list(samples, Path(folder), find=find)
        model = ["--model", str(Path(engine).resolve())] if engine.endswith(".onnx") else ["--estimator", engine]
        _manage("read_pictures", f"{folder}/list.jsonl", "--out", f"{folder}/read.npz", *model)
        with np.load(Path(folder) / "read.npz") as read:
            xy = read["xy"].astype(np.float64) / scale[:, None, None]
            conf, ms = read["conf"].astype(np.float64), read["ms"].astype(np.float64)
    return SiteReading(np.concatenate([xy, conf[..., None]], axis=2), ms)


def _write_list(samples: Samples, folder: Path, *, find: bool) -> NDArray[np.float64]:
    """Write list.jsonl; (N,) how much larger each picture is than the one its label speaks of."""
    scales, lines = [], []
    for row, image in enumerate(samples.image.tolist()):
        scale = picture_size(samples.root, image)[0] / int(samples.size_px[row, 0])
        region = None if find else _scaled(followed_region(samples.xy_px[row], image), scale)
        lines.append(json.dumps({"image": str(_as_file(samples.root, image, folder / f"{row}")), "region": region}))
        scales.append(scale)
    (folder / "list.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return np.array(scales)


def _scaled(region: Region | None, scale: float) -> list[float]:
    if region is None:
        raise ValueError("a picture without hips and shoulders: no square can be told")
    return [
        region.x_px * scale,
        region.y_px * scale,
        region.side_px * scale,
        math.remainder(region.angle_rad, math.tau),
    ]


def _as_file(root: str, image: str, unpacked: Path) -> Path:
    """The picture's path; a member of a zip is written to `unpacked`."""
    if IN_ZIP not in image:
        return Path(root, image).resolve()
    unpacked.write_bytes(read_bytes(root, image))
    return unpacked


def _manage(*words: str) -> None:
    python = Path(os.environ.get("KDANCE_PYTHON") or REPOSITORY / ".venv/bin/python")
    if not python.exists():
        raise TrainingError(
            "no_site", f"There is no {python}: run `make setup`, or name the site's Python in KDANCE_PYTHON."
        )
    command = [str(python), str(REPOSITORY / "manage.py"), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        raise TrainingError("site_failed", said.removeprefix("CommandError: "))
