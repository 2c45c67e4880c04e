"""Procrastinate, the queue that carries the ids of jobs, and the upkeep that finds jobs whose worker died.

The queue may lose or repeat an id without harm: the Job row decides what runs (inference.jobs).
"""

import logging
from datetime import timedelta
from uuid import UUID

import procrastinate
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from procrastinate.contrib.django import app

from inference.groups import hint_job_changed
from inference.jobs import close_job, queue_of, run_job
from inference.models import Job, JobStage, JobState
from inference.queue_names import UPKEEP, Queue

logger = logging.getLogger(__name__)

SILENT_AFTER = timedelta(seconds=20)
LOST_AFTER = timedelta(seconds=30)
MAX_CRASHES = 3

tasks = procrastinate.Blueprint()


def on_app_ready(ready_app: procrastinate.App) -> None:
    """Register our tasks once Django's apps are loaded."""
    ready_app.add_tasks_from(tasks, namespace="kdance")


@tasks.task(name="run_job", queue=Queue.DEFAULT)
def run_job_task(job_id: str) -> None:
    run_job(UUID(job_id))


@tasks.periodic(cron="* * * * * */10")  # the sixth field is that of the seconds
@tasks.task(name="take_up_lost_jobs", queue=UPKEEP, pass_context=False)
def take_up_lost_jobs_task(timestamp: int) -> None:
    take_up_lost_jobs()


@tasks.periodic(cron="23 * * * *")
@tasks.task(name="clear_away_leftovers", queue=UPKEEP, pass_context=False)
def clear_away_leftovers_task(timestamp: int) -> None:
    from inference.leftovers import clear_away

    clear_away(now=timezone.now())


def enqueue(job_id: UUID) -> None:
    """Put the job's id in the queue when the surrounding transaction commits."""
    Job.objects.filter(pk=job_id).update(queued_at=timezone.now())
    transaction.on_commit(lambda: _defer(job_id))


def _defer(job_id: UUID) -> None:
    kind = Job.objects.filter(pk=job_id).values_list("kind", flat=True).first()
    if kind is None:  # deleted meanwhile
        return
    queue_id = app.configure_task("kdance:run_job", queue=waits_in(kind)).defer(job_id=str(job_id))
    Job.objects.filter(pk=job_id).update(queue_id=queue_id)


def waits_in(kind: str) -> Queue:
    """The queue for jobs of this kind, as this installation wants it."""
    queue = queue_of(kind)
    return Queue(settings.POSE_QUEUE) if queue == Queue.POSE else queue


def take_up_lost_jobs() -> None:
    """Find jobs whose worker fell silent, and waiting jobs whose id the queue lost, and queue them again."""
    now = timezone.now()
    for job in Job.objects.filter(state=JobState.RUNNING, beat_at__lt=now - SILENT_AFTER):
        _take_up(job)
    waiting = Job.objects.filter(state=JobState.QUEUED, queued_at__lt=now - LOST_AFTER)
    for job_id in waiting.exclude(queue_id__in=_ids_in_queue()).values_list("pk", flat=True):
        logger.warning("job %s was lost by the queue: queued again", job_id)
        enqueue(job_id)


def _take_up(job: Job) -> None:
    if job.cancel_requested:
        close_job(job.pk, JobState.CANCELLED, attempt=job.attempt)
        return
    if job.crashes + 1 >= MAX_CRASHES:
        logger.error("job %s: its worker died %s times", job.pk, MAX_CRASHES)
        close_job(job.pk, JobState.FAILED, "gave_up", attempt=job.attempt)  # edge H
        return
    # Edge G. The filter repeats what was read, so that two workers doing upkeep queue the job once.
    taken = Job.objects.filter(pk=job.pk, state=JobState.RUNNING, attempt=job.attempt, beat_at=job.beat_at).update(
        state=JobState.QUEUED, stage=JobStage.QUEUED, percent=0, crashes=F("crashes") + 1, left_s=None
    )
    if taken:
        logger.warning("job %s fell silent in attempt %s: queued again", job.pk, job.attempt)
        enqueue(job.pk)
        hint_job_changed(job.pk)


def _ids_in_queue() -> list[int]:
    """Ids that some worker will still get: waiting ones. (One being fetched right now is younger than LOST_AFTER.)"""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM procrastinate_jobs WHERE status = 'todo' AND queue_name = ANY(%s)", [list(Queue)]
        )
        return [row[0] for row in cursor.fetchall()]
