"""Who is in a clip: every person with a track of their own, and which of them is the main dancer."""

from dataclasses import dataclass
from enum import StrEnum

from inference.pose.looks import Looks
from inference.pose.reading import Region
from inference.pose.track import PoseTrack


class PersonKind(StrEnum):
    """What a person seen in a clip most likely is."""

    DANCER = "dancer"
    STILL = "still"
    """Never moves: a poster, a statue, somebody on a bench."""
    REFLECTION = "reflection"
    """Moves as another, larger person does, the other way round: a mirror on the wall."""


@dataclass(frozen=True, eq=False)
class Person:
    """One person. `portrait_s` and `portrait` are the frame and the square of the picture that show them best."""

    track: PoseTrack
    kind: PersonKind
    prominence: float
    portrait_s: float
    portrait: Region


@dataclass(frozen=True, eq=False)
class Estimate:
    """Everything that an engine sees in a clip.

    `people` are sorted by prominence: the first is the main dancer. Their tracks share the same frames. `nobody` is
    the track of a clip without anybody in it.
    """

    people: tuple[Person, ...]
    nobody: PoseTrack
    looks: Looks

    @property
    def track(self) -> PoseTrack:
        """The main dancer's track; without a dancer in any frame if there is nobody."""
        return self.people[0].track if self.people else self.nobody
