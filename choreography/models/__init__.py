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
from choreography.models.market import (
    DancesCount,
    FeatureImport,
    FeatureKind,
    FeatureRow,
    Label,
    MarketAnalysis,
    Partner,
)
from choreography.models.memory import EightMemory, PracticeKind, PracticeSpell
from choreography.models.practice import Attempt, Comparison, LiveTake, Rating, ScoredVersion

__all__ = [
    "Artist",
    "Attempt",
    "Choreography",
    "Comparison",
    "DancesCount",
    "Difficulty",
    "EightMemory",
    "FeatureImport",
    "FeatureKind",
    "FeatureRow",
    "Guide",
    "GuideState",
    "Label",
    "LiveTake",
    "MarketAnalysis",
    "Partner",
    "PracticeKind",
    "PracticeSpell",
    "Rating",
    "ScoredVersion",
    "Section",
    "SectionKind",
    "Song",
]
