"""The count of our own dances: once a week, by a job that begins when somebody looks; what was counted last is shown meanwhile.

Nothing is counted while a page waits, and nothing is counted twice, for what is told by then must not move.
"""

from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.fields.json import KeyTransform
from django.utils import timezone

from choreography.models import DancesCount, Guide
from choreography.queries import own_counts
from choreography.queries.own_eights import EightCounts, read_eight, read_eights, written_eights
from inference.jobs import JobRun
from inference.models import JobStage, JobState
from inference.services import delete_job, retry_job, start_job

COUNT_DANCES = "count_dances"
REST_AFTER_FAILURE = timedelta(minutes=10)
FAILED = (JobState.FAILED, JobState.CANCELLED)


class CountState(StrEnum):
    READY = "ready"
    COUNTING = "counting"
    FAILED = "failed"


class OwnCounts(NamedTuple):
    """What was counted last, before `monday`; None where nothing was counted yet. `state` is that of this week's count."""

    monday: date | None
    state: CountState
    dances: own_counts.Dances
    hardest: own_counts.Hardest
    dancers: dict[str, int]


def last_count(today: date) -> OwnCounts:
    """Has this week's count begun where nobody did yet; without a published dance there is nothing to count."""
    monday = own_counts.monday_of(today)
    shown = _finished(monday).first()
    if shown is None and not own_counts.seen_of(None).exists():
        return OwnCounts(monday, CountState.READY, {}, {}, {})
    state = _state(shown if shown is not None and shown.monday == monday else _begun(monday))
    if shown is None:
        return OwnCounts(None, state, {}, {}, {})
    return OwnCounts(shown.monday, state, *own_counts.read_result(shown.result), shown.dancers)


def last_eights(guide: Guide, today: date) -> list[EightCounts]:
    """What was told last of this guide."""
    told = KeyTransform(str(guide.pk), "eights")
    written = _finished(own_counts.monday_of(today)).annotate(told=told).values_list("told", flat=True).first()
    return [read_eight(eight) for eight in written or ()]


def dancers_of(counts: OwnCounts, dances: frozenset[int], today: date) -> int | None:
    """Different dancers of those dances; None where there are none, or while they are counted."""
    if not dances:
        return None
    key = own_counts.key_of(dances)
    if key not in counts.dancers and counts.monday == own_counts.monday_of(today):
        _begun(counts.monday, key)
    return counts.dancers.get(key) or None


def fill(count: DancesCount, run: JobRun) -> None:
    """Raises StopWork."""
    run.begin(JobStage.FINDING)
    if count.counted_at is not None:
        dances, _hardest = own_counts.read_result(count.result)
        more = own_counts.count_dancers(count.monday, dances, count.dancers, run.beat)
        with run.fenced():
            count.dancers = {**count.dancers, **more}
            count.save(update_fields=["dancers"])
        return
    earlier = DancesCount.objects.filter(monday__lt=count.monday)
    # Whatever is told from now on, this count has to know of it.
    _forget(earlier.filter(counted_at=None))
    before = _finished(count.monday).defer(None).first()
    dances, _hardest = own_counts.read_result(before.result) if before else ({}, {})
    eights = read_eights(before.eights) if before else {}
    counted = own_counts.count(count.monday, dances, eights, run.beat)
    with run.fenced():
        count.result = own_counts.written_result(counted)
        count.eights = written_eights(counted.eights)
        count.dancers = dict(counted.dancers)
        count.counted_at = timezone.now()
        count.save(update_fields=["result", "eights", "dancers", "counted_at"])
    _forget(earlier)


def _begun(monday: date, key: str = "") -> DancesCount:
    """The count of that Monday, and in it the dancers of `key`: there, or at work."""
    counts = DancesCount.objects.select_related("job").defer("result", "eights")
    found = counts.filter(monday=monday).first()
    if found is not None and not _wants_work(found, key):
        return found
    with transaction.atomic():
        locked, _is_new = counts.select_for_update(of=("self",)).get_or_create(monday=monday)
        if _wants_work(locked, key):
            _set_going(locked)
    return locked


def _wants_work(count: DancesCount, key: str) -> bool:
    """Whether something is missing and nobody works on it, nor failed to a moment ago."""
    if count.counted_at is not None and (not key or key in count.dancers):
        return False
    job = count.job
    if job is None or job.state == JobState.SUCCEEDED:
        return True
    return job.state in FAILED and (job.finished_at is None or job.finished_at < timezone.now() - REST_AFTER_FAILURE)


def _set_going(count: DancesCount) -> None:
    """Again if it failed; another time if it is done and more is wished."""
    old = count.job
    if old is not None and old.state in FAILED:
        retry_job(old)
        old.refresh_from_db()
        return
    count.job = start_job(kind=COUNT_DANCES, owner=None)
    count.save(update_fields=["job"])
    if old is not None:
        delete_job(old)


def _state(count: DancesCount) -> CountState:
    if count.counted_at is not None:
        return CountState.READY
    return CountState.FAILED if count.job is not None and count.job.state in FAILED else CountState.COUNTING


def _finished(monday: date) -> QuerySet[DancesCount]:
    """Those until that Monday, the newest first."""
    return DancesCount.objects.filter(monday__lte=monday, counted_at__isnull=False).order_by("-monday").defer("eights")


def _forget(counts: QuerySet[DancesCount]) -> None:
    """What was told before is of no more use; whoever still counts it loses the fence."""
    for count in counts.select_related("job").defer("result", "eights"):
        if count.job is not None:
            delete_job(count.job)
        count.delete()
