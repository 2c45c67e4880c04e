"""`manage.py extract_pictures VIDEO --times TIMES.txt --out FOLDER`: single pictures as the pose engine sees them.

Upright, with square pixels and the lines of interlaced video made whole, so that the keypoints of `extract_pose` lie where
they lie in its pictures. Without the site or its database.
"""

import json
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from django.core.management.base import BaseCommand, CommandError
from numpy.typing import NDArray

from inference.media.errors import MediaError
from inference.media.frames import read_frames

_SAME_TIME_S = 1e-6


class Command(BaseCommand):
    help = "Write the pictures at given times of a video as JPEG files."
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("video", type=Path)
        parser.add_argument(
            "--times", type=Path, required=True, help="a track's times in seconds, ascending, one a line"
        )
        parser.add_argument(
            "--out", type=Path, required=True, metavar="FOLDER", help="gets 000000.jpg for the first time"
        )
        parser.add_argument("--quality", type=int, default=92, help="of the JPEG files, 1 to 100")

    def handle(self, *args: Any, video: Path, times: Path, out: Path, quality: int, **options: Any) -> None:
        try:
            wanted_s = _times(times)
            out.mkdir(parents=True, exist_ok=True)
            for number, picture in _pictures(video, wanted_s):
                (out / f"{number:06d}.jpg").write_bytes(_jpeg(picture, quality))
        except MediaError as error:
            raise CommandError(f"{error.code}: {error}") from error
        except OSError as error:
            raise CommandError(f"cannot_write: {error.strerror}: {error.filename or out}") from error
        self.stdout.write(json.dumps({"pictures": len(wanted_s)}))


def _times(path: Path) -> list[float]:
    try:
        times_s = [float(line) for line in path.read_text(encoding="ascii").split()]
    except ValueError:
        raise CommandError(f"bad_times: {path} must hold one time in seconds a line") from None
    if any(later <= earlier for earlier, later in pairwise(times_s)):
        raise CommandError(f"bad_times: the times in {path} must ascend")
    return times_s


def _pictures(video: Path, wanted_s: Sequence[float]) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    number = 0
    for frame in read_frames(video) if wanted_s else ():
        if frame.t_s < wanted_s[number] - _SAME_TIME_S:
            continue
        if frame.t_s > wanted_s[number] + _SAME_TIME_S:
            break
        yield number, frame.rgb()
        number += 1
        if number == len(wanted_s):
            return
    if wanted_s:
        raise CommandError(f"no_such_picture: {video} has no picture at {wanted_s[number]} s")


def _jpeg(picture: NDArray[np.uint8], quality: int) -> bytes:
    written, coded = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not written:
        raise CommandError("cannot_write: the picture cannot be coded as JPEG")
    return coded.tobytes()
