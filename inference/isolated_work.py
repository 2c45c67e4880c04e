"""What runs in a child process: everything that lets native code loose on somebody's file. No Django here."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from inference.estimators.base import Progress
from inference.estimators.registry import get_estimator
from inference.media.probe import MediaInfo, probe
from inference.media.transcode import to_playable
from inference.pose import codec

Send = Callable[[object], None]


@dataclass(frozen=True)
class Share:
    """News from the child: the share done in 0..1, and frames a second where frames are counted."""

    share: float
    frames_per_s: float | None = None


@dataclass(frozen=True)
class FoundDancer:
    """What the search came to; the track itself lies in the file that the caller named."""

    frames: int
    found: int


def check(path: Path, max_duration_s: float, max_bytes: int, *, send: Send) -> MediaInfo:
    return probe(path, max_duration_s=max_duration_s, max_bytes=max_bytes)


def convert(source: Path, target: Path, *, send: Send) -> None:
    to_playable(source, target, on_progress=lambda share: send(Share(share)))


def find_dancer(
    path: Path, track_path: Path, estimator: str, model_dir: Path, workers: int, *, send: Send
) -> FoundDancer:
    """Write the track in the compact format to `track_path`."""

    def on_progress(progress: Progress) -> None:
        send(Share(progress.done / max(progress.expected, 1), progress.frames_per_s))

    engine = get_estimator(estimator, model_dir=model_dir)
    track = engine.estimate(path, on_progress=on_progress, workers=workers).track
    track_path.write_bytes(codec.encode(track))
    return FoundDancer(frames=len(track.t_s), found=int(track.found.sum()))
