"""`manage.py compare GUIDE ATTEMPT`: the score of one clip against another, without a database."""

import json
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from choreography.comparison.compare import compare
from choreography.comparison.metrics import ComparisonError
from choreography.comparison.result import ComparisonResult
from inference.estimators.registry import UnknownEstimator, get_estimator
from inference.media.errors import MediaError
from inference.pose import codec
from inference.pose.codec import TrackFileError
from inference.pose.track import PoseTrack


def _load_kdt(path: Path) -> PoseTrack:
    return codec.decode(path.read_bytes())


TRACK_READERS: dict[str, Callable[[Path], PoseTrack]] = {".npz": codec.load_npz, ".kdt": _load_kdt}

WHY_NOT = {
    "no_guide_dancer": "Nobody was found in the guide.",
    "no_dancer": "Nobody was found in the attempt: film in good light, with the whole body in the picture.",
    "too_short": "Guide and attempt have too little time in common.",
    "too_little_in_view": "Too little of the dancer is in view: step back until the whole body is in the picture.",
    "no_guide_movement": "The guide hardly moves here: there is nothing to compare.",
    "stood_still": "The dancer hardly moved while the guide danced.",
}


class Command(BaseCommand):
    help = "Compare an attempt with its guide. Each is a video, or a track (.npz or .kdt)."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("guide", type=Path)
        parser.add_argument("attempt", type=Path)
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--offset", type=float, metavar="S", help="the guide's time 0 in the attempt, if known")
        parser.add_argument("--estimator", default=settings.POSE_ESTIMATOR, help="pose engine for videos (%(default)s)")
        parser.add_argument("--workers", type=int, default=1, help="processes that the pose engine may use")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            guide, attempt = (
                read_track(options[name], options["estimator"], options["workers"]) for name in ("guide", "attempt")
            )
            result = compare(guide, attempt, offset_hint_s=options["offset"])
        except ComparisonError as error:
            raise CommandError(f"{error} ({error.code})") from error
        payload = result.to_payload()
        self.stdout.write(json.dumps(payload, allow_nan=False) if options["json"] else as_text(result))


def read_track(path: Path, estimator: str, workers: int) -> PoseTrack:
    """The track in a file, or the one that the pose engine finds in a video. Raises CommandError with a stable code."""
    # The pose models' preparation is imported late: comparing two tracks needs no engine.
    from inference.weights import WeightsError

    if not path.is_file():
        raise CommandError(f"There is no file {path}. (no_such_file)")
    reader = TRACK_READERS.get(path.suffix.lower())
    try:
        return (
            reader(path)
            if reader
            else get_estimator(estimator, model_dir=settings.MODEL_DIR).estimate(path, workers=workers).track
        )
    except (MediaError, TrackFileError, UnknownEstimator, WeightsError) as error:
        raise CommandError(f"{path}: {error} ({error.code})") from error


def as_text(result: ComparisonResult) -> str:
    """A few lines for people."""
    if result.score is None:
        return f"No score. {WHY_NOT[result.verdict]} ({result.verdict})"
    lines = [
        f"Score      {result.score:5.1f}  {result.grade}",
        f"Offset     {result.offset_s:+.3f} s  confidence {result.confidence:.2f}",
        f"Coverage   {result.coverage:5.0%}",
    ]
    if result.lag_ms is not None:
        lines.append(f"Lag        {result.lag_ms:+5.0f} ms")
    lines += ["", f"{'Limb':<10} {'score':>6} {'error':>8} {'in view':>8}"]
    for limb in result.limbs:
        score = "-" if limb.score is None else f"{limb.score:.1f}"
        error = "-" if limb.mean_error_deg is None else f"{limb.mean_error_deg:.1f} deg"
        lines.append(f"{limb.limb:<10} {score:>6} {error:>8} {limb.coverage:>8.0%}")
    if result.notices:
        lines += ["", f"Notices    {', '.join(result.notices)}"]
    return "\n".join(lines)
