"""`manage.py compare GUIDE ATTEMPT`: the score of one clip against another, without a database."""

import json
import math
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from choreography.comparison.compare import compare
from choreography.comparison.counts import CountGrid, DanceMap, Place
from choreography.comparison.metrics import ComparisonError
from choreography.comparison.result import ComparisonResult, Finding, PartScores
from choreography.comparison.start import SoundEvidence
from inference.estimators.onnx_declared import BadDeclaration
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
    "guide_replayed": "This is the guide's own video.",
    "other_dance": "This is not the guide's dance, or too little of it.",
}
LEAST_BPM, MOST_BPM = 30.0, 300.0
LISTEN_RATE_HZ = 16_000


class Command(BaseCommand):
    help = "Compare an attempt with its guide. Each is a video, or a track (.npz or .kdt)."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("guide", type=Path)
        parser.add_argument("attempt", type=Path)
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--offset", type=float, metavar="S", help="the guide's time 0 in the attempt, if known")
        parser.add_argument("--listen", action="store_true", help="find the start by the sound of both videos, too")
        parser.add_argument(
            "--counts", type=count_grid, metavar="BPM,FIRST", help="where the guide's counts lie, to speak in eights"
        )
        parser.add_argument("--estimator", default=settings.POSE_ESTIMATOR, help="pose engine for videos (%(default)s)")
        parser.add_argument("--workers", type=int, default=1, help="processes that the pose engine may use")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            guide, attempt = (
                read_track(options[name], options["estimator"], options["workers"]) for name in ("guide", "attempt")
            )
            result = compare(
                guide,
                attempt,
                offset_hint_s=options["offset"],
                sound=heard(options["guide"], options["attempt"]) if options["listen"] else SoundEvidence(),
                dance=DanceMap(options["counts"]),
            )
        except ComparisonError as error:
            raise CommandError(f"{error} ({error.code})") from error
        payload = result.to_payload()
        self.stdout.write(json.dumps(payload, allow_nan=False) if options["json"] else as_text(result))


def count_grid(text: str) -> CountGrid:
    """From "118.4,2.03": beats a minute, and when a count 1 falls in seconds of the guide."""
    try:
        bpm, first_count_s = map(float, text.split(","))
    except ValueError:
        raise ArgumentTypeError("give the beats a minute and the time of a count 1, as 118.4,2.03") from None
    if not (LEAST_BPM <= bpm <= MOST_BPM and math.isfinite(first_count_s)):
        raise ArgumentTypeError(f"give {LEAST_BPM:.0f} to {MOST_BPM:.0f} beats a minute and a time in seconds")
    return CountGrid(bpm, first_count_s)


def heard(guide: Path, attempt: Path) -> SoundEvidence:
    """What the sound of two videos tells. Raises CommandError with a stable code."""
    from inference.media.audio import read_audio
    from inference.media.song import find_song

    sounds = []
    for path in (guide, attempt):
        if path.suffix.lower() in TRACK_READERS:
            raise CommandError(f"{path} is a track and has no sound: --listen needs two videos. (no_sound)")
        try:
            sounds.append(read_audio(path, rate=LISTEN_RATE_HZ))
        except MediaError as error:
            raise CommandError(f"{path}: {error} ({error.code})") from error
    guide_sound, attempt_sound = sounds
    if guide_sound is None or attempt_sound is None:
        return SoundEvidence()
    return SoundEvidence.from_payload(find_song(guide_sound, attempt_sound, LISTEN_RATE_HZ).to_payload())


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
    except (BadDeclaration, MediaError, TrackFileError, UnknownEstimator, WeightsError) as error:
        raise CommandError(f"{path}: {error} ({error.code})") from error


def as_text(result: ComparisonResult) -> str:
    """A few lines for people, the most telling first."""
    if result.score is None:
        return f"No score. {WHY_NOT[result.verdict]} ({result.verdict})"
    blocks = [_head(result), _limbs(result), _worst_eight(result), _findings(result)]
    if result.notices:
        blocks.append([f"Notices    {', '.join(result.notices)}"])
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _head(result: ComparisonResult) -> list[str]:
    error_bar = "" if result.error_bar is None else f" +-{result.error_bar:.1f}"
    source = f" by {result.start.source}" if result.start else ""
    lines = [
        f"Score      {result.score:5.1f}{error_bar}  {result.grade}",
        f"Parts      {_parts(result.parts)}",
        f"Offset     {result.offset_s:+.3f} s{source}  confidence {result.confidence:.2f}",
        f"Coverage   {result.coverage:5.0%}",
    ]
    if result.lag_ms is not None:
        lines.append(f"Lag        {result.lag_ms:+5.0f} ms")
    if result.pace is not None:
        lines.append(f"Pace       {result.pace.kind}  {result.pace.ms_per_minute:+.0f} ms a minute")
    if result.turn_deg is not None:
        lines.append(f"Camera     turned by {result.turn_deg:.0f} deg")
    return lines


def _limbs(result: ComparisonResult) -> list[str]:
    lines = [f"{'Limb':<10} {'score':>6} {'shape':>6} {'timing':>6} {'size':>6} {'error':>9} {'in view':>8}"]
    for limb in result.limbs:
        parts = limb.went.parts
        scores = " ".join(f"{_number(score):>6}" for score in (limb.score, parts.shape, parts.timing, parts.size))
        error = "-" if limb.mean_error_deg is None else f"{limb.mean_error_deg:.1f} deg"
        lines.append(f"{limb.limb:<10} {scores} {error:>9} {limb.coverage:>8.0%}")
    return lines


def _worst_eight(result: ComparisonResult) -> list[str]:
    if result.worst_eight is None:
        return []
    eight = result.eights[result.worst_eight]
    where = f"{eight.start_s:.1f}-{eight.end_s:.1f} s"
    return [f"Worst      {where}{_place(eight.place)}  {_number(eight.went.score)}: {_parts(eight.went.parts)}"]


def _findings(result: ComparisonResult) -> list[str]:
    return [f"{number:>2}. {_finding(finding)}" for number, finding in enumerate(result.findings, start=1)]


def _finding(finding: Finding) -> str:
    what = [finding.limb, finding.kind]
    if finding.correction is not None:
        what += [f"({finding.correction} {finding.part})"]
    if finding.degrees is not None:
        what += [f"{finding.degrees:.0f} deg"]
    if finding.lag_ms is not None:
        what += [f"{finding.lag_ms:+.0f} ms"]
    if finding.size_ratio is not None:
        what += [f"x{finding.size_ratio:.2f}"]
    where = f"{finding.start_s:.1f}-{finding.end_s:.1f} s{_place(finding.place)}"
    return f"{' '.join(what):<44} {where}  costs {finding.cost:.1f}, sure {finding.sureness:.2f}"


def _parts(parts: PartScores) -> str:
    named = (("shape", parts.shape), ("timing", parts.timing), ("size", parts.size), ("energy", parts.energy))
    return "  ".join(f"{name} {_number(score)}" for name, score in named)


def _place(place: Place) -> str:
    return "" if place.eight is None else f", eight {place.eight}, counts {place.first_count}-{place.last_count}"


def _number(score: float | None) -> str:
    return "-" if score is None else f"{score:.1f}"
