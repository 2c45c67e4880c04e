"""Counting how our own dances are practised, once a week: up to the last Sunday, kept until the next.

What is kept holds nothing but figures that may be told (choreography.crowds), and nobody's name or number. It is counted
anew on Mondays, with a whole week's takes at once, so that neither one more take nor a closed account is seen by looking
twice; a label whose artists were changed is counted again at once.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.core.cache import cache
from django.db.models import Count, DateField, Q, QuerySet, Sum
from django.db.models.functions import TruncWeek
from django.utils import timezone

from choreography.crowds import told_count, told_mean, told_share, told_weeks
from choreography.eights import EightSpan
from choreography.memory import spans_of
from choreography.models import Attempt, Choreography, EightMemory, Guide, GuideState, Label
from choreography.spacing import PASS_FROM

COUNTS_VERSION = 1
WEEKS = 12
A_WEEK = timedelta(days=7)
ALL_ARTISTS = 0
"""Where a label's number stands otherwise."""


class DanceCounts(NamedTuple):
    """A dance with enough dancers. `weeks`: takes of each of the last WEEKS, the oldest first; None where too few danced."""

    takes: int
    dancers: int
    mean_score: int | None
    weeks: tuple[int | None, ...]


class EightCounts(NamedTuple):
    """Where an eight of a guide lay when it was counted, in seconds of the guide, with enough dancers."""

    start_s: float
    end_s: float
    dancers: int
    failing_percent: int


type Eights = Mapping[int, tuple[UUID, tuple[EightCounts, ...]]]
"""By choreography: the guide that was published when it was counted, and those of its eights that enough danced."""


class OwnCounts(NamedTuple):
    """By choreography, and dancers by label (or ALL_ARTISTS): only what has enough of them."""

    dances: Mapping[int, DanceCounts]
    hardest: Eights
    dancers: Mapping[int, int]


class _Row(NamedTuple):
    """What a dancer took of one dance in one week; `points` over the `judged` ones of one version of the scoring."""

    choreography: int
    dancer: UUID
    week: date
    version: str | None
    takes: int
    judged: int
    points: float | None


class _Dance(NamedTuple):
    """A dance before its figures are rounded."""

    told: DanceCounts
    dancers: frozenset[UUID]


def monday_of(today: date) -> date:
    """What was danced before it is counted."""
    return today - timedelta(days=today.weekday())


def weeks_before(monday: date) -> list[date]:
    return [monday - back * A_WEEK for back in range(WEEKS, 0, -1)]


def own_counts(today: date) -> OwnCounts:
    """Of all dances and labels."""
    counts: OwnCounts = _kept(today, "dances")
    return counts


def own_eights(today: date) -> Eights:
    """Of all dances; more than most pages need."""
    eights: Eights = _kept(today, "eights")
    return eights


def of_artists(labels: Iterable[Label], choreographies: QuerySet[Choreography]) -> QuerySet[Choreography]:
    """Those whose artist bears, in any script, exactly a name on a roster."""
    names = {name for label in labels for name in label.artists if name}
    exactly = [Q(**{f"song__artist__{field}__in": names}) for field in ("name_en", "name_ko", "name_romanised")]
    return choreographies.filter(exactly[0] | exactly[1] | exactly[2])


def _kept(today: date, part: str) -> Any:
    """Whoever asks first in a week counts; all others of that week see the same."""
    monday = monday_of(today)
    labels = list(Label.objects.only("artists"))
    stem = f"own-dances/{COUNTS_VERSION}/{monday}/{_digest(labels)}"
    kept = cache.get(f"{stem}/{part}")
    if kept is not None:
        return kept
    for name, counted in _count(monday, labels).items():
        cache.add(f"{stem}/{name}", counted, timeout=int(2 * A_WEEK.total_seconds()))
    return cache.get(f"{stem}/{part}")


def _digest(labels: Iterable[Label]) -> str:
    rosters = sorted((label.pk, sorted(label.artists)) for label in labels)
    return hashlib.sha256(json.dumps(rosters).encode()).hexdigest()[:16]


def _count(monday: date, labels: Iterable[Label]) -> dict[str, Any]:
    danced = _danced(monday)
    eights = _eights()
    hardest = {pk: (guide, (max(found, key=_hardness),)) for pk, (guide, found) in eights.items() if found}
    dancers = {label.pk: _dancers(danced, _choreographies(label)) for label in labels}
    dancers[ALL_ARTISTS] = _dancers(danced, danced)
    counts = OwnCounts({pk: dance.told for pk, dance in danced.items()}, hardest, dancers)
    return {"dances": counts, "eights": eights}


def _danced(monday: date) -> dict[int, _Dance]:
    rows: dict[int, list[_Row]] = defaultdict(list)
    versions: Counter[str | None] = Counter()
    for row in _rows(monday):
        rows[row.choreography].append(row)
        versions[row.version] += row.judged
    version = max(versions, key=lambda name: versions[name], default=None)
    weeks = weeks_before(monday)
    found = {pk: _dance(of_dance, version, weeks) for pk, of_dance in rows.items()}
    return {pk: dance for pk, dance in found.items() if dance is not None}


def _rows(monday: date) -> Iterator[_Row]:
    zone = timezone.get_default_timezone()
    takes = Attempt.objects.filter(is_demo=False, created_at__lt=datetime.combine(monday, time(), zone))
    week = TruncWeek("created_at", output_field=DateField(), tzinfo=zone)
    by_dancer = takes.exclude(dancer__in=_demo_people()).order_by().annotate(week=week)
    told = by_dancer.values("choreography", "dancer", "week", "comparison__scoring_version")
    counted = told.annotate(takes=Count("pk"), judged=Count("comparison__score"), points=Sum("comparison__score"))
    return map(
        _Row._make,
        counted.values_list(
            "choreography", "dancer", "week", "comparison__scoring_version", "takes", "judged", "points"
        ).iterator(chunk_size=5000),
    )


def _demo_people() -> QuerySet[Attempt, UUID]:
    """Whoever the demo story is about: practice before the webcam left no take that would say so."""
    return Attempt.objects.filter(is_demo=True).order_by().values_list("dancer", flat=True)


def _dance(rows: Sequence[_Row], version: str | None, weeks: Sequence[date]) -> _Dance | None:
    """None where too few have danced it."""
    dancers: dict[date, set[UUID]] = defaultdict(set)
    takes: Counter[date] = Counter()
    for row in rows:
        dancers[row.week].add(row.dancer)
        takes[row.week] += row.takes
    told = told_weeks(dancers)
    counted = told.counted
    if not counted:
        return None
    of_counted = frozenset().union(*(dancers[week] for week in counted))
    judged = [row for row in rows if row.judged and row.version == version]
    return _Dance(
        DanceCounts(
            takes=told_count(sum(takes[week] for week in counted)),
            dancers=told_count(len(of_counted)),
            mean_score=_mean(judged),
            weeks=tuple(told_count(takes[week]) if week in told.alone else None for week in weeks),
        ),
        of_counted,
    )


def _mean(judged: Sequence[_Row]) -> int | None:
    """Weeks are told by who was judged in them, so that a mean never moves by fewer than these."""
    dancers: dict[date, set[UUID]] = defaultdict(set)
    for row in judged:
        dancers[row.week].add(row.dancer)
    counted = told_weeks(dancers).counted
    points: dict[UUID, float] = defaultdict(float)
    takes: Counter[UUID] = Counter()
    for row in judged:
        if row.week in counted:
            points[row.dancer] += row.points or 0.0
            takes[row.dancer] += row.judged
    return told_mean([points[dancer] / takes[dancer] for dancer in takes])


def _choreographies(label: Label) -> QuerySet[Choreography, int]:
    return of_artists([label], Choreography.objects.order_by()).values_list("pk", flat=True)


def _dancers(danced: Mapping[int, _Dance], choreographies: Iterable[int]) -> int:
    """Different dancers of all those dances that are told of themselves."""
    found = [danced[pk].dancers for pk in choreographies if pk in danced]
    return told_count(len(frozenset().union(*found)))


def _eights() -> Eights:
    """Of the published guides, as far as what is remembered still fits their counts."""
    guides = Guide.objects.filter(state=GuideState.PUBLISHED).select_related("choreography__song")
    wanted = {guide.pk: guide for guide in guides.defer("poster", "beats", "choreography__search_text")}
    spans = {pk: {span.index: span for span in spans_of(guide)} for pk, guide in wanted.items()}
    dancers: Counter[tuple[UUID, EightSpan]] = Counter()
    failing: Counter[tuple[UUID, EightSpan]] = Counter()
    for guide, eight, start_s, end_s, danced, failed in _remembered():
        span = spans.get(guide, {}).get(eight)
        if span is not None and span.fits(start_s, end_s):
            dancers[guide, span] += danced
            failing[guide, span] += failed
    found: dict[UUID, list[EightCounts]] = defaultdict(list)
    for (guide, span), danced in sorted(dancers.items(), key=lambda one: one[0][1].index):
        share = told_share(failing[guide, span], danced)
        if share is not None:
            found[guide].append(EightCounts(span.start_s, span.end_s, told_count(danced), share))
    return {wanted[pk].choreography_id: (pk, tuple(eights)) for pk, eights in found.items()}


def _remembered() -> QuerySet[EightMemory, tuple[UUID, int, float, float, int, int]]:
    """A dancer has one memory of an eight."""
    judged = EightMemory.objects.filter(guide__state=GuideState.PUBLISHED, last_score__isnull=False)
    stretches = judged.exclude(dancer__in=_demo_people()).order_by().values("guide", "eight", "start_s", "end_s")
    counted = stretches.annotate(danced=Count("pk"), failed=Count("pk", filter=Q(last_score__lt=PASS_FROM)))
    return counted.values_list("guide", "eight", "start_s", "end_s", "danced", "failed")


def _hardness(eight: EightCounts) -> tuple[int, int]:
    return eight.failing_percent, eight.dancers
