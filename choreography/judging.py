"""A stored take against its guide, with all that is known of both: what jobs do once and `rescore` does again.

`load` reads rows and files, `judged` is pure. The maths comes with this module, so what starts the web imports it late.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from choreography.comparison.compare import compare
from choreography.comparison.counts import DanceMap
from choreography.comparison.result import ComparisonResult
from choreography.comparison.start import SoundEvidence
from choreography.models import Attempt, Guide
from inference import storage
from inference.models import Person, Video
from inference.pose import codec
from inference.pose.codec import TrackFileError
from inference.pose.people import PersonKind
from inference.pose.track import PoseTrack

HintSource = Literal["known", "live", "nudged"]

LEAST_SEEN_SHARE = 0.5
"""Of the clip: who is seen for less is not one of its dancers."""


@dataclass(frozen=True, eq=False)
class Case:
    """Everything that the comparison of one take depends on, apart from the scoring itself."""

    guide: PoseTrack
    attempt: PoseTrack
    offset_hint_s: float | None
    hint_source: HintSource
    sound: SoundEvidence
    dance: DanceMap
    dancers: int


def judge(attempt: Attempt, track: PoseTrack | None = None) -> ComparisonResult:
    """Compare a take with its guide by today's scoring; nothing is saved.

    `track` is the dancer's, where it is at hand already. Raises FileNotFoundError or TrackFileError where a stored
    track is gone or cannot be read.
    """
    return judged(load(attempt, track))


def judge_each(takes: Iterable[Attempt]) -> Iterator[tuple[Attempt, ComparisonResult | None]]:
    """One take after the other; None where a stored track is gone or cannot be read.

    A guide's track is read once for the takes that follow each other.
    """
    latest_guide = lru_cache(maxsize=1)(track_of)
    for attempt in takes:
        try:
            case = load(attempt, guide_track=latest_guide(attempt.guide))
        except (FileNotFoundError, TrackFileError):
            yield attempt, None
        else:
            yield attempt, judged(case)


def can_be_judged(attempt: Attempt) -> bool:
    """Whether both tracks are there and can be read."""
    try:
        load(attempt)
    except (FileNotFoundError, TrackFileError):
        return False
    return True


def load(attempt: Attempt, track: PoseTrack | None = None, *, guide_track: PoseTrack | None = None) -> Case:
    hint_s, source = known_start(attempt)
    return Case(
        guide=track_of(attempt.guide) if guide_track is None else guide_track,
        attempt=track_of(attempt) if track is None else track,
        offset_hint_s=hint_s,
        hint_source=source,
        sound=SoundEvidence.from_payload(attempt.sound),
        dance=attempt.guide.dance_map,
        dancers=dancers_in(attempt.video),
    )


def judged(case: Case) -> ComparisonResult:
    return compare(
        case.guide,
        case.attempt,
        offset_hint_s=case.offset_hint_s,
        hint_source=case.hint_source,
        sound=case.sound,
        dance=case.dance,
        dancers=case.dancers,
    )


def track_of(danced: Attempt | Guide) -> PoseTrack:
    """Raises FileNotFoundError or TrackFileError."""
    if not danced.track_key:
        raise FileNotFoundError(f"No track was stored for {danced.pk}.")
    return codec.decode(storage.read_key(danced.track_key))


def known_start(attempt: Attempt) -> tuple[float | None, HintSource]:
    """Where the guide begins in the take, as far as somebody knows: the dancer who moved it, or a take danced live."""
    if attempt.start_s is not None:
        return attempt.start_s, "nudged"
    if attempt.live_offset_s is not None:
        return attempt.live_offset_s, "live"
    # Demo takes were danced to the guide as it played, so time 0 is the same in both and lateness shows.
    return (0.0 if attempt.is_demo else None), "known"


def dancers_in(video: Video | None) -> int:
    """How many people dance in a clip: mirror images, people who stand still and who only pass by are none."""
    if video is None:
        return 1
    return max(1, sum(_dances_along(person) for person in video.people.all()))


def _dances_along(person: Person) -> bool:
    return person.kind == PersonKind.DANCER and person.seen_share >= LEAST_SEEN_SHARE
