"""What runs in a child process: everything that lets native code loose on somebody's file. No Django here."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference.estimators.base import Progress
from inference.estimators.portraits import portrait_of
from inference.estimators.registry import get_estimator
from inference.media.probe import MediaInfo, probe
from inference.media.transcode import to_playable
from inference.pose import codec
from inference.pose.people import Estimate, Person
from inference.pose.quality import assess

MAX_PEOPLE = 6

Send = Callable[[object], None]


@dataclass(frozen=True)
class Share:
    """News from the child: the share done in 0..1, and frames a second where frames are counted."""

    share: float
    frames_per_s: float | None = None


@dataclass(frozen=True)
class EngineChoice:
    """A pose engine by its name in the registry; with a file, the model in that file by a name of its own."""

    name: str
    file: Path | None = None


@dataclass(frozen=True)
class SeenPerson:
    """One person of a clip, as `inference.models.Person` keeps them; the files lie in the folder that the caller named."""

    number: int
    kind: str
    track: str
    portrait: str | None
    portrait_s: float
    portrait_x: float
    prominence: float
    seen_share: float
    first_s: float
    last_s: float
    report: dict[str, Any]


def check(path: Path, max_duration_s: float, max_bytes: int, *, send: Send) -> MediaInfo:
    return probe(path, max_duration_s=max_duration_s, max_bytes=max_bytes)


def convert(source: Path, target: Path, *, send: Send) -> None:
    to_playable(source, target, on_progress=lambda share: send(Share(share)))


def find_people(
    path: Path, folder: Path, engine: EngineChoice, model_dir: Path, workers: int, *, send: Send
) -> list[SeenPerson]:
    """Write each person's track in the compact format to `folder`, and a portrait of each if there are several.

    At most MAX_PEOPLE, the most prominent ones; none where nobody is in view.
    """

    def on_progress(progress: Progress) -> None:
        send(Share(progress.done / max(progress.expected, 1), progress.frames_per_s))

    estimator = get_estimator(engine.name, model_dir=model_dir, file=engine.file)
    estimate = estimator.estimate(path, on_progress=on_progress, workers=workers)
    portrays = len(estimate.people) > 1
    seen = []
    for number, person in enumerate(estimate.people[:MAX_PEOPLE]):
        send(
            Share(1.0)
        )  # a portrait late in a clip with few key frames takes a while: six of them must not pass for a hang
        portrait = portrait_of(path, person) if portrays else None
        seen.append(_keep(number, person, estimate, folder, portrait))
    return seen


def _keep(number: int, person: Person, estimate: Estimate, folder: Path, portrait: bytes | None) -> SeenPerson:
    track = person.track
    track_name, portrait_name = f"track-{number}.kdt", f"portrait-{number}.jpg"
    (folder / track_name).write_bytes(codec.encode(track))
    if portrait is not None:
        (folder / portrait_name).write_bytes(portrait)
    seen_s = track.t_s[track.found]
    return SeenPerson(
        number=number,
        kind=person.kind.value,
        track=track_name,
        portrait=None if portrait is None else portrait_name,
        portrait_s=person.portrait_s,
        portrait_x=min(max(person.portrait.x_px / track.size_px[0], 0.0), 1.0),
        prominence=person.prominence,
        seen_share=float(track.found.mean()),
        first_s=float(seen_s[0]),
        last_s=float(seen_s[-1]),
        report=assess(track, estimate).to_json(),
    )
