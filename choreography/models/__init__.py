"""The catalogue and the practice."""

from choreography.models.catalogue import (
    Artist,
    Choreography,
    Difficulty,
    Guide,
    GuideState,
    Section,
    SectionKind,
    Song,
)
from choreography.models.memory import EightMemory, PracticeKind, PracticeSpell
from choreography.models.practice import Attempt, Comparison, LiveTake, Rating, ScoredVersion

__all__ = [
    "Artist",
    "Attempt",
    "Choreography",
    "Comparison",
    "Difficulty",
    "EightMemory",
    "Guide",
    "GuideState",
    "LiveTake",
    "PracticeKind",
    "PracticeSpell",
    "Rating",
    "ScoredVersion",
    "Section",
    "SectionKind",
    "Song",
]
