"""`manage.py extract_pose VIDEO --out TRACK.npz`: keypoints of a video as a file, without the site or its database."""

import json
import os
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from inference.estimators.base import PoseEstimator, Progress
from inference.estimators.onnx_declared import BadDeclaration
from inference.estimators.registry import UnknownEstimator, get_estimator, is_model_file
from inference.media.errors import MediaError
from inference.pose.codec import MAX_MODEL_NAME, save_npz
from inference.pose.people import Estimate
from inference.pose.track import PoseTrack
from inference.weights import WeightsError


class Command(BaseCommand):
    help = "Find the dancer in every frame of a video and write the track as .npz."
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("video", type=Path)
        parser.add_argument("--out", type=Path, required=True, metavar="TRACK.npz")
        parser.add_argument(
            "--model",
            default="full",
            help="lite, full or heavy, or an ONNX file that says how it is used (docs/gpu.md)",
        )
        parser.add_argument("--estimator", metavar="NAME", help="another engine by its full name, instead of --model")
        parser.add_argument("--workers", type=int, default=1, help="processes to use at most")
        parser.add_argument("--person", type=int, default=0, metavar="N", help="whose track: 0 is the main dancer")

    def handle(self, *args: Any, video: Path, out: Path, workers: int, person: int, **options: Any) -> None:
        began = time.monotonic()
        if not out.parent.is_dir():
            raise CommandError(f"cannot_open: there is no folder {out.parent} to write to")
        try:
            estimator = _estimator(options["estimator"], options["model"])
            estimate = estimator.estimate(video, on_progress=self._show, workers=max(1, workers))
            track = _track_of(estimate, person)
            save_npz(track, out)
        except (BadDeclaration, MediaError, UnknownEstimator, WeightsError) as error:
            raise CommandError(f"{error.code}: {error}") from error
        except OSError as error:
            raise CommandError(f"cannot_open: {error.strerror}: {error.filename}") from error
        seconds = time.monotonic() - began
        self.stderr.write("")
        summary = {
            "model": track.model,
            "frames": len(track.t_s),
            "seconds": round(seconds, 3),
            "fps": round(len(track.t_s) / seconds, 2),
            "workers": max(1, workers),
            "found": int(track.found.sum()),
            "people": [{"kind": each.kind.value, "found": int(each.track.found.sum())} for each in estimate.people],
        }
        self.stdout.write(json.dumps(summary))

    def _show(self, progress: Progress) -> None:
        news = f"{progress.done} of {progress.expected} frames, {progress.frames_per_s:.1f} a second"
        self.stderr.write(f"\r{news}", ending="" if os.isatty(2) else "\n")
        self.stderr.flush()


def _estimator(name: str | None, model: str) -> PoseEstimator:
    if name is None and is_model_file(model):
        return get_estimator(Path(model).stem[:MAX_MODEL_NAME], model_dir=settings.MODEL_DIR, file=Path(model))
    return get_estimator(name or f"blazepose-{model}", model_dir=settings.MODEL_DIR)


def _track_of(estimate: Estimate, person: int) -> PoseTrack:
    if person == 0:
        return estimate.track
    if not 0 < person < len(estimate.people):
        raise CommandError(f"no_such_person: {len(estimate.people)} people were seen, numbered from 0")
    return estimate.people[person].track
