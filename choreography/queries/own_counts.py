"""Counting how our own dances are practised until a Monday. What comes out may be told (choreography.crowds)."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, DateField, Q, QuerySet, Sum
from django.db.models.functions import TruncWeek
from django.utils import timezone

from choreography.crowds import ToldMean, mean_told_again, told_count, told_weeks
from choreography.models import Attempt, Choreography, GuideState, Label
from choreography.queries.own_eights import (
    EightCounts,
    EightsOfGuides,
    counted_eights,
    hardest_of,
    published_guides,
    read_eight,
    written_eight,
)
from choreography.queries.own_people import demo_people

WEEKS = 12
A_WEEK = timedelta(days=7)


class DanceCounts(NamedTuple):
    """A dance with enough dancers. `told_mean` stays until enough were judged since. `weeks`: takes of each of the last
    WEEKS, the oldest first; None where too few danced."""

    takes: int
    dancers: int
    told_mean: ToldMean | None
    weeks: tuple[int | None, ...]

    @property
    def mean_score(self) -> int | None:
        return None if self.told_mean is None else self.told_mean.mean


type Dances = Mapping[int, DanceCounts]
"""By choreography, published or not: only those that enough danced."""
type Hardest = Mapping[UUID, EightCounts]
"""By guide."""


class Counted(NamedTuple):
    """`dancers` by the key of the dances that they danced (`key_of`)."""

    dances: Dances
    hardest: Hardest
    eights: EightsOfGuides
    dancers: Mapping[str, int]


class _Row(NamedTuple):
    """What a dancer took of one dance in one week; `points` over the `judged` ones of one version of the scoring, which were
    judged, or judged anew, in the week `judged_in`."""

    choreography: int
    dancer: UUID
    week: date
    version: str | None
    judged_in: date | None
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


def count(monday: date, before: Dances, kept: EightsOfGuides, beat: Callable[[], None]) -> Counted:
    """Everything; `before` and `kept` are the dances and the eights of the count before."""
    danced = _danced(monday, Attempt.objects.all(), before, beat)
    told = {pk: dance.told for pk, dance in danced.items()}
    eights = counted_eights(monday, kept, beat)
    hardest = {pk: hardest_of(guide, eights.get(pk, ())) for pk, guide in published_guides().items()}
    return Counted(
        dances=told,
        hardest={pk: eight for pk, eight in hardest.items() if eight is not None},
        eights=eights,
        dancers={key_of(dances): _dancers(danced, dances) for dances in _dances_of_labels(told)},
    )


def count_dancers(monday: date, told: Dances, known: Mapping[str, int], beat: Callable[[], None]) -> dict[str, int]:
    """Of labels whose artists were changed, or whose dances were published or withdrawn, since all was counted."""
    wanted = [dances for dances in _dances_of_labels(told) if key_of(dances) not in known]
    danced = _danced(monday, Attempt.objects.filter(choreography__in=frozenset[int]().union(*wanted)), {}, beat)
    return {key_of(dances): _dancers(danced, dances) for dances in wanted}


def seen_of(labels: Iterable[Label] | None) -> QuerySet[Choreography]:
    """The published ones whose artist bears, in any script, exactly a name on a roster; without rosters all."""
    published = Choreography.objects.filter(guides__state=GuideState.PUBLISHED).order_by()
    if labels is None:
        return published
    names = {name for label in labels for name in label.artists if name}
    exactly = [Q(**{f"song__artist__{field}__in": names}) for field in ("name_en", "name_ko", "name_romanised")]
    return published.filter(exactly[0] | exactly[1] | exactly[2])


def key_of(dances: Iterable[int]) -> str:
    """The same dances have the same dancers, however a roster that leads to them is written."""
    return sha256(",".join(map(str, sorted(dances))).encode()).hexdigest()[:32]


def written_result(counted: Counted) -> dict[str, Any]:
    return {
        "dances": {str(pk): _written_dance(dance) for pk, dance in counted.dances.items()},
        "hardest": {str(guide): written_eight(eight) for guide, eight in counted.hardest.items()},
    }


def read_result(written: Mapping[str, Any]) -> tuple[Dances, Hardest]:
    dances = {int(pk): _read_dance(*dance) for pk, dance in written["dances"].items()}
    return dances, {UUID(guide): read_eight(eight) for guide, eight in written["hardest"].items()}


def _written_dance(dance: DanceCounts) -> list[Any]:
    told = dance.told_mean
    return [dance.takes, dance.dancers, told and [told.told_on.isoformat(), told.mean], dance.weeks]


def _read_dance(takes: int, dancers: int, told: tuple[str, int] | None, weeks: Iterable[int | None]) -> DanceCounts:
    mean = None if told is None else ToldMean(date.fromisoformat(told[0]), told[1])
    return DanceCounts(takes, dancers, mean, tuple(weeks))


def _dances_of_labels(told: Dances) -> list[frozenset[int]]:
    """Of all artists first, then of each label: those that are told of themselves."""
    rosters = [None, *([label] for label in Label.objects.only("artists"))]
    return [frozenset(seen_of(labels).values_list("pk", flat=True)) & told.keys() for labels in rosters]


def _danced(monday: date, takes: QuerySet[Attempt], before: Dances, beat: Callable[[], None]) -> dict[int, _Dance]:
    rows: dict[int, list[_Row]] = defaultdict(list)
    versions: Counter[str | None] = Counter()
    for row in _rows(monday, takes):
        beat()
        rows[row.choreography].append(row)
        if _is_judged(row, monday):
            versions[row.version] += row.judged
    version = max(versions, key=lambda name: versions[name], default=None)
    found = {pk: _dance(of_dance, version, before.get(pk), monday) for pk, of_dance in rows.items()}
    return {pk: dance for pk, dance in found.items() if dance is not None}


def _rows(monday: date, takes: QuerySet[Attempt]) -> Iterator[_Row]:
    zone = timezone.get_default_timezone()
    before = takes.filter(is_demo=False, created_at__lt=datetime.combine(monday, time(), zone))
    week = TruncWeek("created_at", output_field=DateField(), tzinfo=zone)
    judged_in = TruncWeek("comparison__created_at", output_field=DateField(), tzinfo=zone)
    people = before.exclude(dancer__in=demo_people()).order_by().annotate(week=week, judged_in=judged_in)
    by = ("choreography", "dancer", "week", "comparison__scoring_version", "judged_in")
    counted = people.values(*by).annotate(
        takes=Count("pk"), judged=Count("comparison__score"), points=Sum("comparison__score")
    )
    return map(_Row._make, counted.values_list(*by, "takes", "judged", "points").iterator(chunk_size=5000))


def _is_judged(row: _Row, monday: date) -> bool:
    """What is judged after the Monday, though danced before it, is the next count's."""
    return bool(row.judged) and row.judged_in is not None and row.judged_in < monday


def _dance(rows: Sequence[_Row], version: str | None, before: DanceCounts | None, monday: date) -> _Dance | None:
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
    judged = [row for row in rows if row.version == version and _is_judged(row, monday)]
    return _Dance(
        DanceCounts(
            takes=told_count(sum(takes[week] for week in counted)),
            dancers=told_count(len(of_counted)),
            told_mean=_mean(judged, before.told_mean if before else None, monday),
            weeks=tuple(told_count(takes[week]) if week in told.alone else None for week in weeks_before(monday)),
        ),
        of_counted,
    )


def _mean(judged: Sequence[_Row], kept: ToldMean | None, monday: date) -> ToldMean | None:
    points: dict[UUID, float] = defaultdict(float)
    takes: Counter[UUID] = Counter()
    for row in judged:
        points[row.dancer] += row.points or 0.0
        takes[row.dancer] += row.judged
    since = {row.dancer for row in judged if kept and row.judged_in and row.judged_in >= kept.told_on}
    return mean_told_again(kept, [points[dancer] / takes[dancer] for dancer in takes], len(since), monday)


def _dancers(danced: Mapping[int, _Dance], dances: Iterable[int]) -> int:
    """Different dancers of those dances."""
    found = [danced[pk].dancers for pk in dances if pk in danced]
    return told_count(len(frozenset().union(*found)))
