"""The life of a job row: every edge of docs/jobs.md, and the fences."""

from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django import app

from inference import jobs, queue
from inference.failures import failure_message
from inference.jobs import CancelRequested, Fenced, JobFailure, JobRun, close_job, handler, run_job
from inference.media.errors import DamagedFile
from inference.models import Job, JobStage, JobState
from inference.progress import snapshot
from inference.services import cancel_job, retry_job, start_job
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_jobs")]


@pytest.fixture
def work(monkeypatch):
    """Register a handler for jobs of kind "test" for this test alone."""
    monkeypatch.setattr(jobs, "_handlers", dict(jobs._handlers))
    monkeypatch.setattr(jobs, "_after_failure", dict(jobs._after_failure))

    def register(function):
        handler("test")(function)
        return start_job(kind="test", owner=UserFactory())

    return register


def test_work_that_returns_succeeds(work):
    job = work(lambda run: run.begin(JobStage.FINDING))
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.stage, job.percent, job.attempt) == (JobState.SUCCEEDED, JobStage.DONE, 100, 1)
    assert job.finished_at is not None


def test_a_job_runs_once_however_often_the_queue_names_it(work):
    runs = []
    job = work(runs.append)
    run_job(job.pk)
    run_job(job.pk)
    assert len(runs) == 1


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (DamagedFile("x"), "damaged_file"),
        (JobFailure("no_dancer"), "no_dancer"),
        (ZeroDivisionError("secret"), "internal"),
    ],
)
def test_failures_leave_a_code_and_kind_words(work, error, code):
    def fail(run):
        raise error

    job = work(fail)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.failure_code) == (JobState.FAILED, code)
    failure = snapshot(job)["failure"]
    assert failure == {"code": code, "message": failure_message(code)}
    assert "secret" not in failure["message"]


def test_percent_follows_the_stages_and_reports_are_sparse(work):
    seen = []

    def look(run):
        run.begin(JobStage.FINDING)
        seen.append(Job.objects.get(pk=run.job_id).percent)
        run.report(0.5, frames_per_s=31.5)
        seen.append(Job.objects.get(pk=run.job_id).percent)
        run._written_at = 0.0
        run.report(0.5, frames_per_s=31.5)
        now = Job.objects.get(pk=run.job_id)
        seen.append((now.percent, now.frames_per_s))

    run_job(work(look).pk)
    assert seen == [20, 20, (58, 31.5)]


def test_cancelling_a_waiting_job_is_immediate(work):
    runs = []
    job = work(runs.append)
    cancel_job(job)
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert runs == []


def test_cancelling_a_running_job_stops_it_at_its_next_beat(work):
    def cancelled_meanwhile(run):
        cancel_job(Job.objects.get(pk=run.job_id))
        run._written_at = 0.0
        with pytest.raises(CancelRequested):
            run.beat()
        run._written_at = 0.0
        run.beat()

    job = work(cancelled_meanwhile)
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


def test_a_stopping_worker_hands_its_job_back_without_counting_a_crash(work, django_capture_on_commit_callbacks):
    def stopped(run):
        jobs.stopping.set()
        run._written_at = 0.0
        run.beat()

    job = work(stopped)
    try:
        run_job(job.pk)
    finally:
        jobs.stopping.clear()
    job.refresh_from_db()
    assert (job.state, job.crashes, job.attempt) == (JobState.QUEUED, 0, 1)


def test_a_worker_that_comes_back_from_the_dead_writes_nothing(work):
    def taken_over(run):
        _fall_silent(run.job_id)
        queue.take_up_lost_jobs()
        with pytest.raises(Fenced):
            run.begin(JobStage.COMPARING)
        with pytest.raises(Fenced), run.fenced():
            pytest.fail("entered a fence that belongs to somebody else")
        run.begin(JobStage.COMPARING)

    job = work(taken_over)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.crashes) == (JobState.QUEUED, 1)


def test_three_silent_deaths_end_the_job_with_words(work, django_capture_on_commit_callbacks):
    job = work(lambda run: None)
    for deaths in (1, 2, 3):
        assert jobs._claim(job.pk) is not None
        _fall_silent(job.pk)
        with django_capture_on_commit_callbacks() as queued:
            queue.take_up_lost_jobs()
        assert bool(queued) == (deaths < 3)
    job.refresh_from_db()
    assert (job.state, job.failure_code, job.attempt) == (JobState.FAILED, "gave_up", 3)


def test_a_cancelled_job_whose_worker_died_is_not_taken_up(work):
    job = work(lambda run: None)
    jobs._claim(job.pk)
    cancel_job(job)
    _fall_silent(job.pk)
    queue.take_up_lost_jobs()
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


def test_a_job_that_beats_is_left_alone(work):
    job = work(lambda run: None)
    jobs._claim(job.pk)
    queue.take_up_lost_jobs()
    job.refresh_from_db()
    assert job.state == JobState.RUNNING


def test_a_waiting_job_that_the_queue_lost_is_queued_again(work, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = work(lambda run: None)
    job.refresh_from_db()
    assert job.queue_id is not None
    Job.objects.filter(pk=job.pk).update(queued_at=timezone.now() - timedelta(minutes=1))
    with django_capture_on_commit_callbacks() as kept:
        queue.take_up_lost_jobs()
    assert kept == []
    Job.objects.filter(pk=job.pk).update(queue_id=None)
    with django_capture_on_commit_callbacks() as queued:
        queue.take_up_lost_jobs()
    assert len(queued) == 1


def test_retry_reopens_only_what_ended_badly(work):
    job = work(lambda run: None)
    assert not retry_job(job)
    run_job(job.pk)
    assert not retry_job(job)
    failing = start_job(kind="test", owner=job.owner)
    close_job(failing.pk, JobState.FAILED, "no_dancer", attempt=0)
    assert retry_job(failing)
    failing.refresh_from_db()
    assert (failing.state, failing.failure_code) == (JobState.QUEUED, "")


def test_a_deleted_job_fences_its_handler(work):
    def deleted(run):
        Job.objects.filter(pk=run.job_id).delete()
        run.begin(JobStage.COMPARING)

    job = work(deleted)
    run_job(job.pk)
    assert not Job.objects.filter(pk=job.pk).exists()


def test_place_in_line_counts_those_before(work):
    first = work(lambda run: None)
    second = start_job(kind="test", owner=first.owner)
    assert snapshot(Job.objects.get(pk=first.pk))["queue_position"] == 1
    assert snapshot(Job.objects.get(pk=second.pk))["queue_position"] == 2
    run_job(first.pk)
    assert snapshot(Job.objects.get(pk=second.pk))["queue_position"] == 1


def test_time_left_is_told_once_it_can_be_known(work, monkeypatch):
    run = JobRun(jobs._claim(work(lambda run: None).pk))
    assert run._left_s(0.5) is None
    run._stage_began -= 10
    assert run._left_s(0.5) == pytest.approx(10, abs=0.5)


def _fall_silent(job_id):
    Job.objects.filter(pk=job_id).update(beat_at=timezone.now() - timedelta(minutes=1))


def test_upkeep_runs_every_ten_seconds():
    [upkeep] = [
        periodic
        for (name, _), periodic in app.periodic_registry.periodic_tasks.items()
        if name == "kdance:take_up_lost_jobs"
    ]
    ticks = [upkeep.croniter.get_next(float, start_time=start) for start in (0, 10, 15, 20)]
    assert ticks == [10, 20, 20, 30]
