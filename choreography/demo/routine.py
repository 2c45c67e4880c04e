"""What a demo choreography is: counts, sections and the credit it carries."""

from collections.abc import Iterator
from dataclasses import dataclass

from choreography.demo.keys import Eight, Key


@dataclass(frozen=True)
class Credit:
    """Who is named for a song and its dance, in English and Korean."""

    title_en: str
    title_ko: str
    artist_en: str
    artist_ko: str
    artist_romanised: str
    choreographer: str


@dataclass(frozen=True)
class Stretch:
    """A section of `eights` eight-counts; `kind` is a value of `SectionKind`."""

    kind: str
    eights: int


@dataclass(frozen=True)
class Routine:
    """A choreography written in counts. Count 1 of the first eight falls on `first_beat_s`.

    `pickup` is danced on the counts 5 to 8 before it; `bass` are semitones above A1, one note for each eight.
    """

    slug: str
    credit: Credit
    bpm: float
    difficulty: int
    pickup: Eight
    eights: tuple[Eight, ...]
    stretches: tuple[Stretch, ...]
    bass: tuple[int, ...]
    ending_s: float = 1.5

    @property
    def beat_s(self) -> float:
        return 60.0 / self.bpm

    @property
    def first_beat_s(self) -> float:
        return 4 * self.beat_s

    @property
    def duration_s(self) -> float:
        return self.first_beat_s + 8 * len(self.eights) * self.beat_s + self.ending_s

    @property
    def keys(self) -> tuple[Key, ...]:
        """All keys on one scale of counts: 0 is the first count of the first eight."""
        eights = (key.later(8 * index - 1) for index, eight in enumerate(self.eights) for key in eight)
        return tuple(key.later(-9) for key in self.pickup) + tuple(eights)

    def sections_s(self) -> Iterator[tuple[str, float, float]]:
        """(kind, start, end) in seconds of the guide; the pickup belongs to the first section, the ending to the last."""
        done = 0
        for stretch in self.stretches:
            start_s = self._eight_start_s(done) if done else 0.0
            done += stretch.eights
            end_s = self._eight_start_s(done) if done < len(self.eights) else self.duration_s
            yield stretch.kind, round(start_s, 3), round(end_s, 3)

    def _eight_start_s(self, index: int) -> float:
        return self.first_beat_s + 8 * index * self.beat_s
