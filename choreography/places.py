"""Where in a dance something is, as dancers say it: section, eight, counts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from choreography.comparison.counts import COUNTS_AN_EIGHT, DanceMap, PlacePayload
from choreography.comparison.result_payloads import ResultPayload
from choreography.models import Attempt, Section
from inference.quality_words import span


@dataclass(frozen=True)
class DanceNames:
    """`sections` in the order of the dance, a kind that comes more than once with its number; `beat_s` where it is known.

    `dance` is the map as it is now; without one, a stretch is said by the eight in which it begins.
    """

    sections: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    beat_s: float | None = None
    dance: DanceMap | None = None

    def section(self, place: PlacePayload) -> str:
        """The section's name; nothing where the place has none, or a curator has taken it away since."""
        index = place["section"]
        return self.sections[index] if index is not None and index < len(self.sections) else ""

    def kind(self, place: PlacePayload) -> str:
        """The section's name without its number."""
        index = place["section"]
        return self.kinds[index] if index is not None and index < len(self.kinds) else ""


def names_of(attempt: Attempt, result: ResultPayload) -> DanceNames:
    sections = list(attempt.choreography.sections.all())
    if not _are_as_judged(sections, result):
        sections = []
    grid = attempt.guide.grid
    return DanceNames(
        sections=tuple(section_names(sections)),
        kinds=tuple(str(section.get_kind_display()) for section in sections),
        beat_s=grid.beat_s if grid else None,
        dance=attempt.guide.dance_map if sections else DanceMap(grid),
    )


def section_names(sections: Sequence[Section]) -> list[str]:
    """Names by which each can be told: "chorus 2" where there are several."""
    total = Counter(section.kind for section in sections)
    so_far: Counter[str] = Counter()
    names = []
    for section in sections:
        so_far[section.kind] += 1
        label = str(section.get_kind_display())
        names.append(f"{label} {so_far[section.kind]}" if total[section.kind] > 1 else label)
    return names


def place_words(place: PlacePayload, names: DanceNames) -> str:
    """Section, eight and counts; what is not known is left out."""
    words = [names.section(place), eight_words(place), _count_words(place)]
    return ", ".join(word for word in words if word)


def stretch_words(place: PlacePayload, start_s: float, end_s: float, names: DanceNames) -> str:
    """As `place_words`, which names one eight; of a stretch that goes on into another one, both its ends."""
    last = _last_place(place, start_s, end_s, names)
    if last is None:
        return place_words(place, names)
    is_one_section = last["section"] == place["section"]
    first_words = [
        names.section(place),
        eight_words(place),
        _count_words({**place, "last_count": place["first_count"]}),
    ]
    last_words = ["" if is_one_section else names.section(last), eight_words(last), _count_words(last)]
    if is_one_section and (place["first_count"], last["last_count"]) == (1, COUNTS_AN_EIGHT):
        eights = _("eights %(first)d-%(last)d") % {"first": place["eight"], "last": last["eight"]}
        return ", ".join(word for word in (names.section(place), eights) if word)
    return _("%(first)s to %(last)s") % {
        "first": ", ".join(word for word in first_words if word),
        "last": ", ".join(word for word in last_words if word),
    }


def _last_place(place: PlacePayload, start_s: float, end_s: float, names: DanceNames) -> PlacePayload | None:
    """The last count of a stretch, where it is of another eight than its first; None, too, where counts have moved since."""
    dance = names.dance
    if dance is None or dance.grid is None or place["eight"] is None:
        return None
    if dance.place_of(start_s, end_s).to_payload() != place:
        return None
    tail_s = 0.2 * dance.grid.beat_s  # a tenth of a beat over belongs to no further count
    last = dance.place_of(max(end_s - tail_s, start_s), end_s).to_payload()
    is_further = dance.grid.eight_at(end_s - tail_s / 2) > dance.grid.eight_at(start_s + tail_s / 2)
    return {**last, "first_count": last["last_count"]} if is_further else None


def span_words(place: PlacePayload, start_s: float, end_s: float, names: DanceNames) -> str:
    """An eight, with its counts where it is a part of one; its times where nobody counts."""
    is_whole = (place["first_count"], place["last_count"]) == (1, COUNTS_AN_EIGHT)
    words = [
        names.section(place),
        eight_words(place) or span((start_s, end_s)),
        "" if is_whole else _count_words(place),
    ]
    return ", ".join(word for word in words if word)


def eight_words(place: PlacePayload) -> str:
    return _("eight %(eight)d") % {"eight": place["eight"]} if place["eight"] is not None else ""


def _count_words(place: PlacePayload) -> str:
    first, last = place["first_count"], place["last_count"]
    if first is None or last is None:
        return ""
    if first == last:
        return _("count %(count)d") % {"count": first}
    return _("counts %(first)d-%(last)d") % {"first": first, "last": last}


def _are_as_judged(sections: Sequence[Section], result: ResultPayload) -> bool:
    """Whether the sections are still those that the result numbers."""
    return all(
        part["section"] < len(sections) and sections[part["section"]].kind == part["kind"]
        for part in result["sections"]
    )
