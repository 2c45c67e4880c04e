"""Reads of what practice left behind: what is due today, how much of a dance sits, minutes, streak and maps."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet, Sum
from django.utils import translation
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import User
from choreography.comparison.counts import PlacePayload
from choreography.drilling import loops_of, minutes_of
from choreography.eights import EightSpan
from choreography.memory import is_current, spans_of
from choreography.models import Choreography, EightMemory, Guide, GuideState, PracticeSpell
from choreography.places import DanceNames, section_names, span_words
from choreography.spacing import PASS_FROM
from choreography.streaks import Streak, streak

MOST_DUE = 3
"""Eights of one dance in one sitting: today's five minutes."""
WEEKS = 12
MOST_MAPS = 8
BAR_APART = 100
STREAK_DAY_S = 20.0
"""A day on which less was danced is no day of practice."""
A_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class DueDance:
    """A dance with weak eights that are due; `eights` and `minutes` are those of the next sitting."""

    choreography: Choreography
    guide: Guide
    eights: int
    minutes: int
    waiting: int

    @property
    def later(self) -> int:
        return self.waiting - self.eights


@dataclass(frozen=True)
class Share:
    """How much of a dance is mastered. `is_known`: some of it was danced and judged."""

    mastered: int
    total: int
    is_known: bool

    @property
    def percent(self) -> int:
        return round(100 * self.mastered / self.total) if self.total else 0


@dataclass(frozen=True)
class Today:
    """What the first page knows of a dancer: the dance with most that is due first, shares by choreography."""

    due: list[DueDance]
    shares: dict[int, Share]


@dataclass(frozen=True)
class Week:
    """Minutes of the week that begins on `start`; `height` in thousandths of the busiest week, `x` in the bars' own units."""

    start: date
    x: int
    label: str
    minutes: int
    height: int

    @property
    def top(self) -> int:
        return 1000 - self.height


@dataclass(frozen=True)
class Cell:
    """An eight on the map. `state` is unseen, danced, good or mastered."""

    eight: int
    number: int
    state: str
    is_due: bool
    label: str


@dataclass(frozen=True)
class MapSection:
    name: str
    cells: list[Cell]


@dataclass(frozen=True)
class MasteryMap:
    """A choreography filling up, section by section."""

    choreography: Choreography
    guide: Guide
    share: Share
    sections: list[MapSection]
    due: int


@dataclass(frozen=True)
class PracticeHistory:
    """`weeks` is empty where nothing was ever danced."""

    minutes: int
    weeks: list[Week]
    streak: Streak
    maps: list[MasteryMap]

    @property
    def bars_width(self) -> int:
        return BAR_APART * len(self.weeks)


def today_of(dancer: User, today: date, choreographies: Iterable[Choreography]) -> Today:
    """What is due, and the shares of these choreographies; two queries."""
    wanted = {choreography.pk for choreography in choreographies}
    rows = _memories(dancer).filter(Q(due_on__lte=today) | Q(choreography__in=wanted))
    by_dance = _by_dance(rows)
    guides = {guide.choreography_id: guide for guide in _guides(wanted | set(by_dance))}
    due = [
        found
        for pk, guide in guides.items()
        if (found := _due(guide, current(by_dance.get(pk, []), guide), today)) is not None
    ]
    shares = {pk: _share(current(by_dance.get(pk, []), guides[pk]), guides[pk]) for pk in wanted if pk in guides}
    return Today(sorted(due, key=lambda dance: (-dance.waiting, dance.choreography.pk)), shares)


def with_shares(choreographies: Iterable[Choreography], today: Today) -> list[tuple[Choreography, Share | None]]:
    """Each with how much of it is mastered; None where nothing of it is remembered."""
    return [
        (choreography, share if (share := today.shares.get(choreography.pk)) and share.is_known else None)
        for choreography in choreographies
    ]


def practice_history(dancer: User, today: date) -> PracticeHistory:
    seconds = dict(
        PracticeSpell.objects.filter(dancer=dancer)
        .values("day")
        .annotate(total=Sum("danced_s"))
        .values_list("day", "total")
    )
    return PracticeHistory(
        minutes=round(sum(seconds.values()) / 60),
        weeks=_weeks(seconds, today) if seconds else [],
        streak=streak([day for day, danced_s in seconds.items() if danced_s >= STREAK_DAY_S], today),
        maps=_maps(dancer, today),
    )


def memories_of(dancer: User, guide: Guide) -> list[EightMemory]:
    """Of the eights that the guide still has, in their order."""
    return current(_memories(dancer).filter(choreography=guide.choreography_id), guide)


def due_first(rows: Iterable[EightMemory], today: date) -> list[EightMemory]:
    """What is due: the longest due first, then the weakest."""
    due = [row for row in rows if row.due_on is not None and row.due_on <= today]
    return sorted(due, key=lambda row: (row.due_on, row.last_score or 0.0, row.eight))


def dance_names(guide: Guide) -> DanceNames:
    sections = list(guide.choreography.sections.all())
    return DanceNames(
        sections=tuple(section_names(sections)),
        kinds=tuple(str(section.get_kind_display()) for section in sections),
        beat_s=guide.grid.beat_s if guide.grid else None,
        dance=guide.dance_map,
    )


def place_of(span: EightSpan, guide: Guide) -> PlacePayload:
    return guide.dance_map.place_of(span.start_s, span.end_s).to_payload()


def current(rows: Iterable[EightMemory], guide: Guide) -> list[EightMemory]:
    spans = spans_of(guide)
    return [row for row in rows if is_current(row, guide, spans)]


def _memories(dancer: User) -> QuerySet[EightMemory]:
    return EightMemory.objects.filter(dancer=dancer, guide__state=GuideState.PUBLISHED).order_by(
        "choreography", "eight"
    )


def _by_dance(rows: Iterable[EightMemory]) -> dict[int, list[EightMemory]]:
    danced: dict[int, list[EightMemory]] = defaultdict(list)
    for row in rows:
        danced[row.choreography_id].append(row)
    return danced


def _guides(choreographies: Iterable[int]) -> QuerySet[Guide]:
    guides = Guide.objects.filter(state=GuideState.PUBLISHED, choreography__in=choreographies)
    return guides.select_related("choreography__song__artist").defer("poster", "beats", "choreography__search_text")


def _due(guide: Guide, rows: Sequence[EightMemory], today: date) -> DueDance | None:
    due = due_first(rows, today)
    if not due:
        return None
    sitting = due[:MOST_DUE]
    loops = loops_of(spans_of(guide), [row.eight for row in sitting])
    return DueDance(guide.choreography, guide, len(sitting), minutes_of(loops), len(due))


def _share(rows: Sequence[EightMemory], guide: Guide) -> Share:
    return Share(sum(row.mastered_on is not None for row in rows), len(spans_of(guide)), bool(rows))


def _weeks(seconds: dict[date, float], today: date) -> list[Week]:
    """The last weeks, the oldest first, from the first one in which anything was danced."""
    this_week = today - timedelta(days=today.weekday())
    starts = [this_week - back * A_WEEK for back in reversed(range(WEEKS))]
    totals = [sum(s for day, s in seconds.items() if start <= day < start + A_WEEK) for start in starts]
    # A day ahead of the server's, on the evening before a Monday, belongs to this week all the same.
    totals[-1] += sum(danced_s for day, danced_s in seconds.items() if day >= this_week + A_WEEK)
    begun = next((place for place, total in enumerate(totals) if total), len(totals) - 1)
    most = max(totals) or 1.0
    return [
        Week(start, BAR_APART * place, _day_words(start), round(total / 60), round(1000 * total / most))
        for place, (start, total) in enumerate(list(zip(starts, totals, strict=True))[begun:])
    ]


def _day_words(day: date) -> str:
    return date_format(day, "M j" if translation.get_language() != "ko" else "n월 j일")


def _maps(dancer: User, today: date) -> list[MasteryMap]:
    """Of the dances that were danced last."""
    by_dance = _by_dance(_memories(dancer))
    latest = sorted(by_dance, key=lambda pk: max(row.danced_on for row in by_dance[pk]), reverse=True)[:MOST_MAPS]
    guides = {guide.choreography_id: guide for guide in _guides(latest).prefetch_related("choreography__sections")}
    return [_map(guides[pk], current(by_dance[pk], guides[pk]), today) for pk in latest if pk in guides]


def _map(guide: Guide, rows: Sequence[EightMemory], today: date) -> MasteryMap:
    known = {row.eight: row for row in rows}
    names = dance_names(guide)
    sections: list[MapSection] = []
    for span in spans_of(guide):
        place = place_of(span, guide)
        name = names.section(place)
        if not sections or sections[-1].name != name:
            sections.append(MapSection(name, []))
        cells = sections[-1].cells
        label = capfirst(span_words(place, span.start_s, span.end_s, names))
        cells.append(_cell(span, place["eight"] or len(cells) + 1, label, known.get(span.index), today))
    due = sum(cell.is_due for section in sections for cell in section.cells)
    return MasteryMap(guide.choreography, guide, _share(rows, guide), sections, due)


def _cell(span: EightSpan, number: int, place: str, row: EightMemory | None, today: date) -> Cell:
    state = _state(row)
    is_due = row is not None and row.due_on is not None and row.due_on <= today
    words = [place, STATE_WORDS[state]()]
    if row is not None and row.last_score is not None:
        words.append(_("%(score)d points") % {"score": round(row.last_score)})
    if is_due:
        words.append(_("due today"))
    return Cell(span.index, number, state, is_due, ", ".join(words))


def _state(row: EightMemory | None) -> str:
    if row is None:
        return "unseen"
    if row.mastered_on is not None:
        return "mastered"
    return "good" if row.last_score is not None and row.last_score >= PASS_FROM else "danced"


STATE_WORDS = {
    "unseen": lambda: _("not danced yet"),
    "danced": lambda: _("danced"),
    "good": lambda: _("steady"),
    "mastered": lambda: _("mastered"),
}
