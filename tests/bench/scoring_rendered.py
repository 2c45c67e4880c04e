"""Is another camera no other dance, through the real pose engine? `make bench-scoring-rendered`

Rendered people dance the tuning half's dances before cameras from several sides; the pose engine reads the clips, and
each is compared with a guide seen from the front: the same dance by other bodies, and another dance. A table, then one
JSON line. Needs the bodies of requirements/render.txt; `--keep FOLDER` keeps clips and tracks for the next run.
"""

import argparse
import json
import math
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from django.conf import settings

from choreography.comparison.compare import compare
from choreography.comparison.config import DEFAULT_CONFIG
from inference.estimators.registry import get_estimator
from inference.pose import codec
from inference.pose.track import PoseTrack
from ml_training.rendering.body import Shape, body_data, make_body
from ml_training.rendering.camera import Camera
from ml_training.rendering.looks import Clothes, Room
from ml_training.rendering.scene import Scene
from ml_training.rendering.video import write_clip
from tests.bench.scoring_dances import TUNING, Dance

ENGINE = "blazepose-full"
FPS = 30
FROM_S = 2.0
NEVER_REFUSE = replace(DEFAULT_CONFIG, other_dance_score=0.0, min_sure_s=0.0)


@dataclass(frozen=True)
class Film:
    """Who dances which of the dances, and where the camera stands."""

    name: str
    yaw_deg: float = 0.0
    height_m: float = 1.0
    distance_m: float = 4.2
    shape: Shape = field(default_factory=Shape)
    clothes: Clothes = field(default_factory=Clothes)
    room: Room = field(default_factory=Room)
    dances_another: bool = False


_MAN = Shape("male", 0.65, 0.5, 0.56, "caucasian")
_WOMAN = Shape("female", 0.4, 0.95, 0.47, "african")
_SLIM = Shape("male", 0.35, 0.1, 0.52)
_BLUE = Clothes((0.2, 0.4, 0.7), (0.3, 0.3, 0.32), skin=(0.9, 0.72, 0.62), sleeve=1.9)
_YELLOW = Clothes((0.9, 0.8, 0.2), (0.2, 0.2, 0.2), skin=(0.42, 0.28, 0.2), leg=0.6)
_GREY = Room((0.4, 0.4, 0.42), (0.35, 0.4, 0.5), light=(-0.6, 0.8, 0.5), seed=1)

GUIDE = Film("guide")
LEARNERS = (
    Film("other body, front", shape=_MAN, clothes=_BLUE, room=_GREY),
    Film("yaw 20", 20.0, shape=_WOMAN, clothes=_YELLOW),
    Film("yaw -20", -20.0, shape=_SLIM, clothes=_BLUE),
    Film("yaw 35", 35.0, shape=_MAN, clothes=_BLUE, room=_GREY),
    Film("yaw -35, low, far", -35.0, 0.6, 5.5, _WOMAN, _YELLOW),
    Film("another dance", shape=_MAN, clothes=_BLUE, dances_another=True),
    Film("another dance, yaw 35", 35.0, shape=_WOMAN, clothes=_YELLOW, dances_another=True),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--dances", type=int, default=3)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        rows = _rows(folder, options.seconds, options.dances)
    print(json.dumps({"seconds": options.seconds, "rows": rows}))


def _rows(folder: Path, seconds: float, dances: int) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    print(
        f"{'dance':<24} {'learner':<24} {'score':>6} {'shape':>6} {'error':>6} {'match':>6} {'turn':>6} {'findings':>9}"
    )
    for number in range(dances):
        guide = _track(folder, TUNING[number], GUIDE, seconds)
        for film in LEARNERS:
            dance = TUNING[(number + 1) % len(TUNING)] if film.dances_another else TUNING[number]
            row = _row(guide, _track(folder, dance, film, seconds), TUNING[number].name, film)
            rows.append(row)
            print(f"{row['dance']:<24} {row['learner']:<24} " + " ".join(f"{row[name]!s:>6}" for name in _FIGURES))
    return rows


_FIGURES = ("score", "shape", "error_deg", "match", "turn_deg", "findings")


def _row(guide: PoseTrack, attempt: PoseTrack, dance: str, film: Film) -> dict[str, object]:
    result = compare(guide, attempt, NEVER_REFUSE)
    return {
        "dance": dance,
        "learner": film.name,
        "score": _rounded(result.score, 1) if result.verdict == "judged" else result.verdict,
        "shape": _rounded(result.parts.shape, 1),
        "error_deg": _rounded(result.mean_error_deg, 1),
        "match": _rounded(result.match, 2),
        "turn_deg": _rounded(result.turn_deg, 0),
        "findings": len(result.findings),
    }


def _track(folder: Path, dance: Dance, film: Film, seconds: float) -> PoseTrack:
    stem = f"{dance.name}-{film.name}-{seconds:g}".replace(" ", "_").replace(",", "")
    kept, video = folder / f"{stem}.npz", folder / f"{stem}.mp4"
    if kept.exists():
        return codec.load_npz(kept)
    times_s = np.arange(round(seconds * FPS)) / FPS
    camera = Camera(azimuth_rad=math.radians(film.yaw_deg), height_m=film.height_m, distance_m=film.distance_m)
    scene = Scene(make_body(body_data(), film.shape), film.clothes, camera, film.room)
    write_clip(video, scene, dance.motion.at(times_s + FROM_S).at_clock(times_s), fps=FPS)
    track = get_estimator(ENGINE, model_dir=settings.MODEL_DIR).estimate(video).track
    codec.save_npz(track, kept)
    return track


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


if __name__ == "__main__":
    main()
