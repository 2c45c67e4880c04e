"""Reads of how our own dances are practised, for labels and partners: never of fewer than five dancers.

What may be told is decided in `choreography.crowds`; here None stands for "fewer than 5 dancers".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import dropwhile, groupby

from django.core.paginator import Page, Paginator
from django.utils.text import capfirst

from choreography.crowds import LEAST_SHARE, MOST_SHARE
from choreography.dances_count import CountState, OwnCounts, dancers_of, last_count, last_eights
from choreography.eights import EightSpan
from choreography.memory import spans_of
from choreography.models import Choreography, Guide, GuideState, Label
from choreography.models.catalogue import in_language
from choreography.places import DanceNames, span_words
from choreography.queries.counts import counts_desk
from choreography.queries.memory import dance_names, place_of
from choreography.queries.own_counts import DanceCounts, seen_of, weeks_before
from choreography.queries.own_eights import EightCounts, known_eights
from choreography.spacing import A_DAY

MOST_ON_THE_MAIN_PAGE = 5
MOST_HARDEST = 5
HARD_FROM_PERCENT = 30
"""Of the dancers of an eight who fail; where fewer do, it is no place to work on."""
DANCES_A_PAGE = 24
SAME_TEMPO = 0.015
HEAT_STEPS = range(6)


@dataclass(frozen=True)
class Tempo:
    """Beats a minute: heard in the guide's sound, and as set for the guide or its song; None where there is none."""

    heard_bpm: float | None
    is_steady: bool
    percent_sure: int
    set_bpm: float | None

    @property
    def is_as_set(self) -> bool:
        return self.heard_bpm is not None and self.set_bpm is not None and is_near(self.heard_bpm, self.set_bpm)


def is_near(bpm: float, other: float) -> bool:
    """Whether the two are one tempo, measured and set by hand."""
    return abs(bpm - other) <= SAME_TEMPO * other


@dataclass(frozen=True)
class OwnWeek:
    start: date
    takes: int | None


@dataclass(frozen=True)
class OwnEight:
    """An eight of a guide. `failing_percent` of its dancers were last below a pass in it, in tens from 10 to 90."""

    number: int
    label: str
    start_s: float
    end_s: float
    dancers: int | None
    failing_percent: int | None

    @property
    def heat(self) -> int | None:
        """The step of the heat scale, from the fewest who fail to the most."""
        if self.failing_percent is None:
            return None
        span = MOST_SHARE - LEAST_SHARE
        return round((self.failing_percent - LEAST_SHARE) / span * HEAT_STEPS[-1])


@dataclass(frozen=True)
class OwnSection:
    name: str
    eights: tuple[OwnEight, ...]


@dataclass(frozen=True)
class OwnDance:
    """Counts are rounded down to fives, the mean to whole points; each dancer counts once in it.

    `weeks` are the last twelve, from the first that is told; `hardest` is the eight in which most dancers fail.
    """

    choreography: Choreography
    tempo: Tempo
    takes: int | None
    dancers: int | None
    mean_score: int | None
    weeks: tuple[OwnWeek, ...]
    hardest: OwnEight | None


@dataclass(frozen=True)
class OwnDancePage:
    dance: OwnDance
    sections: tuple[OwnSection, ...]
    counted_until: date | None
    state: CountState
    heat_steps = HEAT_STEPS

    @property
    def eights(self) -> list[OwnEight]:
        return [eight for section in self.sections for eight in section.eights]

    @property
    def hardest(self) -> list[OwnEight]:
        """The eights in which most dancers fail, the worst first."""
        hard = [eight for eight in self.eights if (eight.failing_percent or 0) >= HARD_FROM_PERCENT]
        return sorted(hard, key=lambda eight: -(eight.failing_percent or 0))[:MOST_HARDEST]


@dataclass(frozen=True)
class OwnSums:
    """Over the dances that are told of themselves, so that nothing of the others is left after subtraction.

    `too_few` are the dances that fewer than five have danced. The mean weighs each dance by its dancers.
    """

    dances: int
    too_few: int
    takes: int | None
    dancers: int | None
    mean_score: int | None
    weeks: tuple[OwnWeek, ...]


@dataclass(frozen=True)
class OwnInsights:
    """`dances`: the most practised first. `counted_until`: the last day that is counted, a Sunday; None before the first."""

    counted_until: date | None
    state: CountState
    labels: tuple[Label, ...] | None
    sums: OwnSums
    dances: tuple[OwnDance, ...]

    @property
    def first(self) -> OwnDance | None:
        return self.dances[0] if self.dances else None


@dataclass(frozen=True)
class OwnDances:
    """All of them, the most practised first."""

    counted_until: date | None
    state: CountState
    dances: list[OwnDance]


@dataclass(frozen=True)
class OwnList:
    """A page of all dances, with the sums of all of them."""

    counted_until: date | None
    state: CountState
    sums: OwnSums
    page: Page[int]
    dances: list[OwnDance]


def own_insights(labels: Sequence[Label] | None, today: date) -> OwnInsights:
    """The most practised dances of these labels' artists, or of all artists."""
    counts = last_count(today)
    order = _most_practised(labels, counts)
    told = [pk for pk in order if pk in counts.dances]
    return OwnInsights(
        counted_until=_last_day(counts),
        state=counts.state,
        labels=None if labels is None else tuple(labels),
        sums=_sums(order, labels, counts, today),
        dances=tuple(_dances(told[:MOST_ON_THE_MAIN_PAGE], counts)),
    )


def own_list(labels: Sequence[Label] | None, today: date, number: str | None) -> OwnList:
    """A page of them by its number; the nearest where there is none of that number."""
    counts = last_count(today)
    order = _most_practised(labels, counts)
    page = Paginator(order, DANCES_A_PAGE).get_page(number)
    sums = _sums(order, labels, counts, today)
    return OwnList(_last_day(counts), counts.state, sums, page, _dances(list(page), counts))


def all_own_dances(labels: Sequence[Label] | None, today: date) -> OwnDances:
    counts = last_count(today)
    return OwnDances(_last_day(counts), counts.state, _dances(_most_practised(labels, counts), counts))


def own_dance(slug: str, labels: Sequence[Label] | None, today: date) -> OwnDancePage | None:
    """None where the dance is none of these labels' or not published."""
    choreography = seen_of(labels).filter(slug=slug).values_list("pk", flat=True).first()
    guide = _guides([choreography]).get(choreography) if choreography is not None else None
    if guide is None:
        return None
    counts = last_count(today)
    return OwnDancePage(
        dance=_dance(guide, counts),
        sections=_sections(guide, known_eights(guide, last_eights(guide, today))),
        counted_until=_last_day(counts),
        state=counts.state,
    )


def _most_practised(labels: Sequence[Label] | None, counts: OwnCounts) -> list[int]:
    """By what is told of them, so that the order tells nothing more; those of the same number by title."""
    titles = seen_of(labels).values_list("pk", "song__title_en", "song__title_ko")
    takes = {pk: dance.takes for pk, dance in counts.dances.items()}
    listed = sorted((-takes.get(pk, 0), in_language(english, korean).casefold(), pk) for pk, english, korean in titles)
    return [pk for _takes, _title, pk in listed]


def _sums(order: Sequence[int], labels: Sequence[Label] | None, counts: OwnCounts, today: date) -> OwnSums:
    told = {pk: counts.dances[pk] for pk in order if pk in counts.dances}
    weeks = zip(*(dance.weeks for dance in told.values()), strict=True)
    is_one_sum = labels is None or len(labels) == 1
    return OwnSums(
        dances=len(told),
        too_few=len(order) - len(told),
        takes=_sum_of(dance.takes for dance in told.values()),
        dancers=dancers_of(counts, frozenset(told), today) if is_one_sum else None,
        mean_score=_mean_of(told.values()),
        weeks=_weeks([_sum_of(week) for week in weeks], counts),
    )


def _sum_of(told: Iterable[int | None]) -> int | None:
    return sum(takes for takes in told if takes is not None) or None


def _mean_of(told: Iterable[DanceCounts]) -> int | None:
    judged = [(dance.mean_score, dance.dancers) for dance in told if dance.mean_score is not None]
    dancers = sum(dancers for _mean, dancers in judged)
    return round(sum(mean * dancers for mean, dancers in judged) / dancers) if dancers else None


def _weeks(takes: Sequence[int | None], counts: OwnCounts) -> tuple[OwnWeek, ...]:
    """From the first that is told."""
    starts = weeks_before(counts.monday) if counts.monday else []
    weeks = [OwnWeek(start, told) for start, told in zip(starts, takes, strict=False)]
    return tuple(dropwhile(lambda week: week.takes is None, weeks))


def _guides(choreographies: Iterable[int]) -> dict[int, Guide]:
    guides = Guide.objects.filter(state=GuideState.PUBLISHED, choreography__in=choreographies)
    found = guides.select_related("choreography__song__artist").prefetch_related("choreography__sections")
    return {guide.choreography_id: guide for guide in found.defer("poster", "choreography__search_text")}


def _dances(choreographies: Sequence[int], counts: OwnCounts) -> list[OwnDance]:
    guides = _guides(choreographies)
    return [_dance(guides[pk], counts) for pk in choreographies if pk in guides]


def _dance(guide: Guide, counts: OwnCounts) -> OwnDance:
    told = counts.dances.get(guide.choreography_id)
    hardest = counts.hardest.get(guide.pk)
    known = known_eights(guide, [hardest] if hardest else [])
    return OwnDance(
        choreography=guide.choreography,
        tempo=_tempo(guide),
        takes=told.takes if told else None,
        dancers=told.dancers if told else None,
        mean_score=told.mean_score if told else None,
        weeks=_weeks(told.weeks, counts) if told else (),
        hardest=next((_eight(span, eight, guide, dance_names(guide)) for span, eight in known.items()), None),
    )


def _tempo(guide: Guide) -> Tempo:
    desk = counts_desk(guide)
    return Tempo(
        heard_bpm=desk.found.grid.bpm if desk.found else None,
        is_steady=desk.found is not None and desk.found.is_steady,
        percent_sure=desk.found.percent_sure if desk.found else 0,
        set_bpm=desk.grid.bpm if desk.grid else None,
    )


def _sections(guide: Guide, known: Mapping[EightSpan, EightCounts]) -> tuple[OwnSection, ...]:
    names = dance_names(guide)
    named = [
        (names.section(place_of(span, guide)), _eight(span, known.get(span), guide, names)) for span in spans_of(guide)
    ]
    return tuple(
        OwnSection(name, tuple(eight for _name, eight in of_section))
        for name, of_section in groupby(named, key=lambda one: one[0])
    )


def _eight(span: EightSpan, counted: EightCounts | None, guide: Guide, names: DanceNames) -> OwnEight:
    place = place_of(span, guide)
    return OwnEight(
        number=place["eight"] or span.index + 1,
        label=capfirst(span_words(place, span.start_s, span.end_s, names)),
        start_s=span.start_s,
        end_s=span.end_s,
        dancers=counted.dancers if counted else None,
        failing_percent=counted.failing_percent if counted else None,
    )


def _last_day(counts: OwnCounts) -> date | None:
    return counts.monday and counts.monday - A_DAY
