"""Which loops a drill is made of: the moment with the eight before and the eight after it, and how long that takes. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from choreography.eights import EightSpan

MOST_MOMENTS = 3
MOST_EIGHTS_A_MOMENT = 2
"""Neighbours that are drilled as one; a longer loop is no drill any more."""
RATES = (0.5, 0.75, 1.0)
ROUNDS_A_RATE = 2
"""As DrillConfig in choreography/comparison/live_config.py, which comes with the maths and would slow the web's start."""
REST_S = 6.0
"""Between two rounds."""
LEAST_PART_OF_AN_EIGHT = 0.25
"""What a moment has at least of an eight that is drilled for it, unless it has no more of another."""


@dataclass(frozen=True)
class Loop:
    """Seconds of the guide; `eights` are those that count, the ones before and after only lead in and out."""

    eights: tuple[int, ...]
    start_s: float
    end_s: float

    @property
    def lasts_s(self) -> float:
        """All the rounds of somebody who passes each, with the rests between them."""
        return sum(ROUNDS_A_RATE * ((self.end_s - self.start_s) / rate + REST_S) for rate in RATES)


def loops_of(spans: Sequence[EightSpan], eights: Iterable[int]) -> list[Loop]:
    """A loop for each of these eights in their order; the next one is taken along where it is to be drilled as well."""
    wanted = list(dict.fromkeys(eights))
    known = {span.index for span in spans}
    groups: list[list[int]] = []
    for eight in wanted:
        near = next((group for group in groups if _belongs(eight, group)), None)
        if near is not None:
            near.append(eight)
        elif eight in known:
            groups.append([eight])
    return [loop for group in groups if (loop := loop_around(spans, sorted(group))) is not None]


def loop_around(spans: Sequence[EightSpan], eights: Sequence[int]) -> Loop | None:
    """From the eight before the first of these to the one after the last; None where the dance has none of them."""
    places = [place for place, span in enumerate(spans) if span.index in eights]
    if not places:
        return None
    first, last = spans[max(places[0] - 1, 0)], spans[min(places[-1] + 1, len(spans) - 1)]
    return Loop(tuple(spans[place].index for place in places), first.start_s, last.end_s)


def eights_within(spans: Sequence[EightSpan], start_s: float, end_s: float) -> list[int]:
    """The eights that a moment is about: those of which it has a good part, else the one of which it has most."""
    shared = {span.index: min(span.end_s, end_s) - max(span.start_s, start_s) for span in spans}
    chosen = [span.index for span in spans if shared[span.index] >= LEAST_PART_OF_AN_EIGHT * span.length_s]
    if chosen or not shared:
        return chosen
    most = max(shared, key=lambda index: shared[index])
    return [most] if shared[most] > 0 else []


def minutes_of(loops: Sequence[Loop]) -> int:
    return max(1, round(sum(loop.lasts_s for loop in loops) / 60)) if loops else 0


def _belongs(eight: int, group: Sequence[int]) -> bool:
    return len(group) < MOST_EIGHTS_A_MOMENT and any(abs(eight - other) == 1 for other in group)
