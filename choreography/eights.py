"""The eights of a guide as practice knows them: which there are, and where a stretch belongs. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from choreography.comparison.counts import DanceMap

PIECE_S = 4.0
"""Where nobody counts; as ScoringConfig.piece_s, which comes with the maths and would slow the web's start."""
LEAST_SHARE = 0.5
"""Of an eight that must lie within the guide: less of it is its edge, and nothing to learn."""
NEAR_SHARE = 0.25
"""Of an eight that the ends of a stretch may be off, for a take that begins or ends within it, or counts moved a little."""


@dataclass(frozen=True)
class EightSpan:
    """`index` is that of `DanceMap.spans`; seconds of the guide."""

    index: int
    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s

    def fits(self, start_s: float, end_s: float) -> bool:
        """Whether that stretch is this eight, or nearly all of it."""
        slack_s = NEAR_SHARE * self.length_s
        return abs(self.start_s - start_s) <= slack_s and abs(self.end_s - end_s) <= slack_s


def eights_of(dance: DanceMap, duration_s: float | None) -> list[EightSpan]:
    """Those that are to be learnt, in their order; pieces of a few seconds where nobody counts."""
    if not duration_s or duration_s <= 0:
        return []
    whole_s = dance.grid.eight_s if dance.grid else PIECE_S
    spans = [EightSpan(*span) for span in dance.spans(0.0, duration_s, PIECE_S)]
    return [span for span in spans if span.length_s >= LEAST_SHARE * whole_s]


def eight_of(spans: Sequence[EightSpan], start_s: float, end_s: float) -> EightSpan | None:
    """The eight that a stretch is; None where it lies across several, or counts have moved since."""
    return next((span for span in spans if span.fits(start_s, end_s)), None)
