"""Counting where dancers fail, by what practice remembers of the eights of published guides.

What was told of an eight stays, from count to count, until enough were judged in it since (choreography.crowds): a memory has
no weeks that could wait for each other. It is kept, and not shown, while another version of the guide is published or the
counts have moved, so that going there and back tells nothing either.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, DateField, Q
from django.db.models.functions import TruncWeek

from choreography.crowds import Tally, ToldShare, told_again
from choreography.eights import EightSpan, eight_of
from choreography.memory import spans_of
from choreography.models import EightMemory, Guide, GuideState
from choreography.queries.own_people import demo_people
from choreography.spacing import PASS_FROM


class EightCounts(NamedTuple):
    """An eight where it lay when it was told, in seconds of the guide."""

    start_s: float
    end_s: float
    dancers: int
    failing_percent: int
    told_on: date


type EightsOfGuides = Mapping[UUID, Sequence[EightCounts]]
"""What was told last stands behind."""


class _Remembered(NamedTuple):
    """Dancers of a stretch of a guide who were last judged in it in that week."""

    guide: UUID
    eight: int
    start_s: float
    end_s: float
    week: date
    dancers: int
    failing: int


def counted_eights(monday: date, kept: EightsOfGuides, beat: Callable[[], None]) -> dict[UUID, list[EightCounts]]:
    """Of all guides; `kept` is what the count before has of them."""
    there = Guide.objects.filter(pk__in=list(kept)).values_list("pk", flat=True)
    told = {pk: list(kept[pk]) for pk in there}
    spans = {pk: spans_of(guide) for pk, guide in published_guides().items()}
    for pk, by_eight in _tallies(spans, beat).items():
        told[pk] = _told_of_guide(spans[pk], told.get(pk, []), by_eight, monday)
    return {pk: eights for pk, eights in told.items() if eights}


def published_guides() -> dict[UUID, Guide]:
    guides = Guide.objects.filter(state=GuideState.PUBLISHED).select_related("choreography__song")
    return {guide.pk: guide for guide in guides.defer("poster", "beats", "choreography__search_text")}


def known_eights(guide: Guide, told: Iterable[EightCounts]) -> dict[EightSpan, EightCounts]:
    """What was told of the eights that the guide has now: its counts may have moved since."""
    spans = spans_of(guide)
    found = [(eight_of(spans, eight.start_s, eight.end_s), eight) for eight in told]
    return {span: eight for span, eight in found if span is not None}


def hardest_of(guide: Guide, told: Iterable[EightCounts]) -> EightCounts | None:
    known = known_eights(guide, told).values()
    return max(known, key=lambda eight: (eight.failing_percent, eight.dancers), default=None)


def read_eights(written: Mapping[str, Iterable[Sequence[Any]]]) -> dict[UUID, list[EightCounts]]:
    return {UUID(guide): [read_eight(eight) for eight in eights] for guide, eights in written.items()}


def written_eights(eights: EightsOfGuides) -> dict[str, list[list[Any]]]:
    return {str(guide): [written_eight(eight) for eight in told] for guide, told in eights.items()}


def read_eight(written: Sequence[Any]) -> EightCounts:
    start_s, end_s, dancers, failing_percent, told_on = written
    return EightCounts(start_s, end_s, dancers, failing_percent, date.fromisoformat(told_on))


def written_eight(eight: EightCounts) -> list[Any]:
    return [*eight[:4], eight.told_on.isoformat()]


def _told_of_guide(
    spans: Sequence[EightSpan], kept: Iterable[EightCounts], by_eight: Mapping[int, Mapping[date, Tally]], monday: date
) -> list[EightCounts]:
    told: dict[EightSpan | EightCounts, EightCounts] = {}
    for eight in kept:
        told[eight_of(spans, eight.start_s, eight.end_s) or eight] = eight
    for span in spans:
        before = told.get(span)
        share = told_again(_share(before), by_eight.get(span.index, {}), monday)
        if share is not None and share != _share(before):
            told[span] = EightCounts(span.start_s, span.end_s, share.dancers, share.percent, share.told_on)
    return sorted(told.values(), key=lambda eight: (eight.told_on, eight.start_s))


def _share(eight: EightCounts | None) -> ToldShare | None:
    return None if eight is None else ToldShare(eight.told_on, eight.dancers, eight.failing_percent)


def _tallies(
    spans: Mapping[UUID, Sequence[EightSpan]], beat: Callable[[], None]
) -> dict[UUID, dict[int, dict[date, Tally]]]:
    """By guide, eight and week, as far as what is remembered still fits the counts."""
    by_index = {pk: {span.index: span for span in of_guide} for pk, of_guide in spans.items()}
    found: dict[UUID, dict[int, dict[date, Tally]]] = defaultdict(lambda: defaultdict(dict))
    for row in _remembered():
        beat()
        span = by_index.get(row.guide, {}).get(row.eight)
        if span is not None and span.fits(row.start_s, row.end_s):
            weeks = found[row.guide][row.eight]
            before = weeks.get(row.week, Tally())
            weeks[row.week] = Tally(before.dancers + row.dancers, before.meant + row.failing)
    return found


def _remembered() -> Iterable[_Remembered]:
    """A dancer has one memory of an eight."""
    judged = EightMemory.objects.filter(guide__state=GuideState.PUBLISHED, judged_on__isnull=False)
    weeks = judged.exclude(dancer__in=demo_people()).order_by()
    stretches = weeks.annotate(week=TruncWeek("judged_on", output_field=DateField())).values(
        "guide", "eight", "start_s", "end_s", "week"
    )
    counted = stretches.annotate(danced=Count("pk"), failed=Count("pk", filter=Q(last_score__lt=PASS_FROM)))
    rows = counted.values_list("guide", "eight", "start_s", "end_s", "week", "danced", "failed")
    return map(_Remembered._make, rows.iterator(chunk_size=5000))
