"""Running jobs: claim the row, let the handler work, keep its progress, and end in exactly one state.

Every write is fenced by the attempt number that the claim gave out: a worker that was thought dead and comes back finds
its writes refused and stops. docs/jobs.md draws the states; the letters below are its edges.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from inference.groups import hint_job_changed
from inference.media.errors import MediaError
from inference.models import Job, JobStage, JobState
from inference.queue_names import Queue

logger = logging.getLogger(__name__)

BEAT_EVERY_S = 0.5
STAGE_SPANS: dict[JobStage, tuple[int, int]] = {
    JobStage.CHECKING: (0, 3),
    JobStage.CONVERTING: (3, 20),
    JobStage.FINDING: (20, 95),
    JobStage.COMPARING: (95, 100),
}

stopping = threading.Event()


class StopWork(Exception):
    """Base of the reasons for which a handler has to let go at once."""


class CancelRequested(StopWork):
    """The person cancelled."""


class WorkerStopping(StopWork):
    """This worker is told to stop; the job goes back into the queue."""


class Fenced(StopWork):
    """Another worker, a cancellation or a deletion took the job over; nothing more may be written."""


class JobFailure(Exception):
    """An anticipated failure with a stable code that `inference.failures` puts into words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class JobRun:
    """One attempt at a job, given to its handler."""

    def __init__(self, job: Job) -> None:
        self.job_id: UUID = job.pk
        self.kind = job.kind
        self.attempt = job.attempt
        self._stage = JobStage.CHECKING
        self._stage_began = time.monotonic()
        self._written_at = float("-inf")

    def begin(self, stage: JobStage) -> None:
        """Enter a stage and show it at once."""
        self._stage = stage
        self._stage_began = time.monotonic()
        self._write(stage=stage, percent=STAGE_SPANS[stage][0], frames_per_s=None, left_s=None)

    def report(self, share: float, *, frames_per_s: float | None = None) -> None:
        """Show how far the stage is, `share` in 0..1; written twice a second at most. Raises StopWork."""
        if time.monotonic() - self._written_at < BEAT_EVERY_S:
            return
        first, last = STAGE_SPANS[self._stage]
        share = min(max(share, 0.0), 1.0)
        self._write(
            stage=self._stage,
            percent=round(first + (last - first) * share),
            frames_per_s=frames_per_s,
            left_s=self._left_s(share),
        )

    def beat(self) -> None:
        """Show that the attempt is alive, though there is no news. Raises StopWork."""
        if time.monotonic() - self._written_at >= BEAT_EVERY_S:
            self._write()

    @contextmanager
    def fenced(self) -> Iterator[None]:
        """A transaction in which this attempt owns the job. Raises Fenced if it does not."""
        with transaction.atomic():
            if not self._rows().select_for_update().exists():
                raise Fenced
            yield

    def _left_s(self, share: float) -> float | None:
        spent_s = time.monotonic() - self._stage_began
        return spent_s * (1 - share) / share if share > 0.02 and spent_s > 1 else None

    def _write(self, **values: object) -> None:
        if stopping.is_set():
            raise WorkerStopping
        self._written_at = time.monotonic()
        if not self._rows().update(beat_at=timezone.now(), **values):
            raise Fenced
        if values:
            hint_job_changed(self.job_id)
        if self._rows().filter(cancel_requested=True).exists():
            raise CancelRequested

    def _rows(self) -> QuerySet[Job]:
        return Job.objects.filter(pk=self.job_id, state=JobState.RUNNING, attempt=self.attempt)


Handler = Callable[[JobRun], None]
AfterFailure = Callable[[UUID], None]
_handlers: dict[str, Handler] = {}
_queues: dict[str, Queue] = {}
_staff_kinds: set[str] = set()
_after_failure: dict[str, AfterFailure] = {}


def handler(kind: str, *, queue: Queue = Queue.DEFAULT, for_staff: bool = False) -> Callable[[Handler], Handler]:
    """Register the function that does the work of jobs of this kind, and the queue in which they wait.

    All staff see those that are `for_staff`.
    """

    def register(function: Handler) -> Handler:
        _handlers[kind] = function
        _queues[kind] = queue
        if for_staff:
            _staff_kinds.add(kind)
        return function

    return register


def queue_of(kind: str) -> Queue:
    return _queues.get(kind, Queue.DEFAULT)


def kinds_beside(kind: str) -> set[str]:
    """The kinds of jobs that wait in the same line as those of `kind`, itself among them."""
    return {kind} | {other for other, queue in _queues.items() if queue == queue_of(kind)}


def is_staff_kind(kind: str) -> bool:
    return kind in _staff_kinds


def after_failure(kind: str) -> Callable[[AfterFailure], AfterFailure]:
    """Register what happens to the subject when a job of this kind failed or was cancelled."""

    def register(function: AfterFailure) -> AfterFailure:
        _after_failure[kind] = function
        return function

    return register


def run_job(job_id: UUID) -> None:
    """Do one attempt. Does nothing when the job is not waiting (it was cancelled, or another worker has it)."""
    job = _claim(job_id)
    if job is None:
        return
    run = JobRun(job)
    try:
        _handlers[job.kind](run)
    except Fenced:
        logger.info("job %s attempt %s was taken over", job.pk, job.attempt)
    except CancelRequested:
        close_job(run.job_id, JobState.CANCELLED, attempt=run.attempt)  # edge E
    except WorkerStopping:
        _give_back(run)
    except (MediaError, JobFailure) as failure:
        logger.info("job %s failed: %s", job.pk, failure.code)
        close_job(run.job_id, JobState.FAILED, failure.code, attempt=run.attempt)  # edge D
    except Exception:
        # The one place where the unexpected is caught: it is logged in full, and the person gets words and a retry.
        logger.exception("job %s broke", job.pk)
        close_job(run.job_id, JobState.FAILED, "internal", attempt=run.attempt)  # edge D
    else:
        close_job(run.job_id, JobState.SUCCEEDED, attempt=run.attempt)  # edge C


def _claim(job_id: UUID) -> Job | None:
    """Edge B: queued -> running, for one worker only."""
    now = timezone.now()
    claimed = Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(
        state=JobState.RUNNING,
        stage=JobStage.CHECKING,
        attempt=F("attempt") + 1,
        started_at=now,
        beat_at=now,
        percent=0,
        frames_per_s=None,
        left_s=None,
    )
    if not claimed:
        return None
    hint_job_changed(job_id)
    return Job.objects.get(pk=job_id)


def close_job(job_id: UUID, state: JobState, failure_code: str = "", *, attempt: int) -> bool:
    """Bring the job to a final state, if it still is at this attempt and not final yet. True if this call did it."""
    values: dict[str, object] = {
        "state": state,
        "failure_code": failure_code,
        "finished_at": timezone.now(),
        "left_s": None,
    }
    if state == JobState.SUCCEEDED:
        values |= {"stage": JobStage.DONE, "percent": 100}
    open_job = Job.objects.filter(pk=job_id, attempt=attempt, state__in=(JobState.QUEUED, JobState.RUNNING))
    with transaction.atomic():
        if not open_job.update(**values):
            return False
        kind = Job.objects.values_list("kind", flat=True).get(pk=job_id)
        if state != JobState.SUCCEEDED and kind in _after_failure:
            _after_failure[kind](job_id)
    hint_job_changed(job_id)
    return True


def _give_back(run: JobRun) -> None:
    """Edge F: running -> queued, because this worker stops. Counts as no crash."""
    from inference.queue import enqueue

    handed_back = Job.objects.filter(pk=run.job_id, attempt=run.attempt, state=JobState.RUNNING).update(
        state=JobState.QUEUED, stage=JobStage.QUEUED, percent=0, left_s=None, frames_per_s=None
    )
    if handed_back:
        enqueue(run.job_id)
        hint_job_changed(run.job_id)
