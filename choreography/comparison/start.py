"""What else than movement tells where the guide begins in an attempt: the sound, or somebody who knows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

StartSource = Literal["known", "live", "nudged", "sound", "movement", "both"]
"""Who chose the start: the take was danced live with the guide, a person moved it by hand, the sound, the movement, or
the sound offered several and the movement chose among them."""

SongHeard = Literal["same", "other", "none"]
SOUND_VERSION = 1


@dataclass(frozen=True)
class SoundCandidate:
    """The guide's time 0 heard at `offset_s` of the attempt; `confidence` 0..1 that this is no chance."""

    offset_s: float
    confidence: float


@dataclass(frozen=True)
class SoundEvidence:
    """What comparing the sound of two clips found.

    `song`: "same" where the guide's song was heard in the attempt, "other" where both have sound and it was not,
    "none" where one of them has no sound. Candidates are best first, at least a tenth of a second apart, and empty
    unless the song is the same. A song of repeats has several.
    """

    song: SongHeard = "none"
    candidates: tuple[SoundCandidate, ...] = ()

    @classmethod
    def from_payload(cls, stored: Mapping[str, Any] | None) -> "SoundEvidence":
        """From what `inference.media` stores; nothing known for nothing stored, or for another version's."""
        if not stored or stored.get("version") != SOUND_VERSION:
            return cls()
        return cls(
            stored["song"],
            tuple(SoundCandidate(found["offset_s"], found["confidence"]) for found in stored["candidates"]),
        )


NO_SOUND = SoundEvidence()
