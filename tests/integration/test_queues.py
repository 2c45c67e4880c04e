"""Which queue a job waits in, who takes it from there, and what a worker that died leaves in its work folder."""

import subprocess
import sys
from argparse import ArgumentTypeError
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from choreography import services
from choreography.jobs import ANALYSE_ATTEMPT, ANALYSE_GUIDE
from inference import jobs, queue
from inference.jobs import handler
from inference.management.commands import worker
from inference.management.commands.worker import Lane, lanes_for, queues_named
from inference.models import Job
from inference.progress import snapshot
from inference.queue_names import Queue
from inference.services import start_job
from inference.work_folders import LOCK_NAME, PREFIX, clear_abandoned, work_folder
from tests.factories import UserFactory

LIGHT_KINDS = (services.JUDGE_ATTEMPT, services.JUDGE_GUIDE)
KINDS = (ANALYSE_ATTEMPT, ANALYSE_GUIDE, *LIGHT_KINDS)


@pytest.fixture
def queued(db, quiet_jobs, django_capture_on_commit_callbacks):
    """Starts a job of a kind whose id the queue then has."""

    def start(kind):
        with django_capture_on_commit_callbacks(execute=True):
            job = start_job(kind=kind, owner=UserFactory())
        return Job.objects.get(pk=job.pk)

    return start


def queue_in_which_waits(job):
    with connection.cursor() as cursor:
        cursor.execute("SELECT queue_name FROM procrastinate_jobs WHERE id = %s", [job.queue_id])
        [(name,)] = cursor.fetchall()
    return name


def test_what_reads_poses_waits_apart_from_what_compares(queued):
    waits = {kind: queue_in_which_waits(queued(kind)) for kind in KINDS}
    assert waits == {kind: "default" if kind in LIGHT_KINDS else "pose" for kind in KINDS}


def test_a_setting_sends_what_reads_poses_to_the_gpu_and_nothing_else(queued, settings):
    settings.POSE_QUEUE = "pose_gpu"
    waits = {kind: queue_in_which_waits(queued(kind)) for kind in KINDS}
    assert waits == {kind: "default" if kind in LIGHT_KINDS else "pose_gpu" for kind in KINDS}


def test_a_kind_says_where_its_jobs_wait(queued, monkeypatch):
    monkeypatch.setattr(jobs, "_handlers", dict(jobs._handlers))
    monkeypatch.setattr(jobs, "_queues", dict(jobs._queues))

    def work(run):
        pass

    handler("long", queue=Queue.POSE)(work)
    handler("short")(work)
    assert [queue_in_which_waits(queued(kind)) for kind in ("long", "short")] == ["pose", "default"]


def test_upkeep_finds_ids_in_every_queue_and_sees_which_are_lost(queued, settings, django_capture_on_commit_callbacks):
    waiting = [queued(ANALYSE_ATTEMPT), queued(services.JUDGE_ATTEMPT)]
    settings.POSE_QUEUE = "pose_gpu"
    waiting.append(queued(ANALYSE_ATTEMPT))
    assert {queue_in_which_waits(job) for job in waiting} == set(Queue)
    Job.objects.update(queued_at=timezone.now() - queue.LOST_AFTER - timedelta(seconds=1))
    with django_capture_on_commit_callbacks() as nothing:
        queue.take_up_lost_jobs()
    assert nothing == []

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = ANY(%s)", [[job.queue_id for job in waiting]])
    with django_capture_on_commit_callbacks(execute=True):
        queue.take_up_lost_jobs()
    again = [Job.objects.get(pk=job.pk) for job in waiting]
    assert [queue_in_which_waits(job) for job in again] == ["pose_gpu", "default", "pose_gpu"]


def test_a_job_that_was_deleted_before_it_was_queued_is_no_error(queued):
    job = Job(kind=ANALYSE_ATTEMPT)
    queue._defer(job.pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE args ->> 'job_id' = %s", [str(job.pk)])
        assert cursor.fetchone() == (0,)


def test_only_those_in_the_same_line_are_ahead(queued):
    queued(ANALYSE_ATTEMPT), queued(ANALYSE_GUIDE)
    compared = queued(services.JUDGE_ATTEMPT)
    searched = queued(ANALYSE_ATTEMPT)
    assert snapshot(compared)["queue_position"] == 1
    assert snapshot(searched)["queue_position"] == 3


def test_comparisons_and_upkeep_have_slots_of_their_own():
    assert lanes_for([Queue.POSE, Queue.DEFAULT], 2) == [
        Lane(("pose",), 2),
        Lane(("default",), 2),
        Lane(("upkeep",), 1),
    ]
    assert lanes_for([Queue.POSE_GPU, Queue.POSE], 1) == [Lane(("pose", "pose_gpu"), 1), Lane(("upkeep",), 1)]


@pytest.mark.parametrize(
    ("text", "words"),
    [("pose,pse", "there is no queue pse; there are pose, pose_gpu, default"), (" , ", "no queue is named")],
)
def test_a_queue_that_is_none_is_refused_with_those_there_are(text, words):
    with pytest.raises(ArgumentTypeError, match=words):
        queues_named(text)
    with pytest.raises(CommandError, match=words):
        call_command("worker", "--queues", text)


@pytest.mark.parametrize("number", ["0", "-1", "two"])
def test_a_senseless_number_of_jobs_is_refused(number):
    with pytest.raises(CommandError, match="use 1 or more"):
        call_command("worker", f"--concurrency={number}")


@pytest.mark.parametrize(
    ("chosen", "options", "queues"),
    [
        (["pose", "default"], [], [("pose",), ("default",), ("upkeep",)]),
        (["pose_gpu"], [], [("pose_gpu",), ("upkeep",)]),
        (["pose_gpu"], ["--queues", "default"], [("default",), ("upkeep",)]),
    ],
)
@pytest.mark.django_db
def test_a_worker_takes_what_the_settings_say_unless_it_is_told(settings, monkeypatch, chosen, options, queues):
    lanes = []

    async def note(given):
        lanes.extend(given)

    monkeypatch.setattr(worker, "_work", note)
    monkeypatch.setattr(worker.connection, "close", lambda: None)
    settings.WORKER_QUEUES = chosen
    call_command("worker", *options)
    assert [lane.queues for lane in lanes] == queues


@pytest.fixture
def temporary(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    return tmp_path


def test_a_work_folder_goes_with_its_work_and_stays_while_it_lasts(temporary):
    with work_folder() as folder:
        (folder / "half.mp4").write_bytes(b"half")
        assert clear_abandoned() == 0
        assert (folder / "half.mp4").exists()
    assert list(temporary.iterdir()) == []
    with pytest.raises(ZeroDivisionError), work_folder():
        raise ZeroDivisionError
    assert list(temporary.iterdir()) == []


def test_what_a_killed_process_left_is_cleared_and_what_others_may_use_is_not(temporary):
    program = "\n".join(
        [
            "import os, signal, sys",
            "from django.conf import settings",
            "settings.configure(FILE_UPLOAD_TEMP_DIR=sys.argv[1])",
            "from inference.work_folders import work_folder",
            "with work_folder() as folder:",
            "    (folder / 'half.mp4').write_bytes(b'half')",
            "    os.kill(os.getpid(), signal.SIGKILL)",
        ]
    )
    ended = subprocess.run([sys.executable, "-c", program, str(temporary)], check=False)
    [left] = temporary.iterdir()
    assert (ended.returncode, (left / "half.mp4").exists()) == (-9, True)
    unlocked_yet = temporary / f"{PREFIX}new"
    of_another_machine = temporary / "kdance-elsewhere-abc"
    for folder in (unlocked_yet, of_another_machine):
        folder.mkdir()
    (of_another_machine / LOCK_NAME).touch()
    assert clear_abandoned() == 1
    assert set(temporary.iterdir()) == {unlocked_yet, of_another_machine}


def test_a_folder_that_was_cleared_before_its_lock_was_held_is_made_anew(temporary, monkeypatch):
    from inference import work_folders

    lock_it, made = work_folders.fcntl.flock, []

    def cleared_first(lock, how):
        if not made:
            made.append(lock.name)
            assert clear_abandoned() == 1
        lock_it(lock, how)

    monkeypatch.setattr(work_folders.fcntl, "flock", cleared_first)
    with work_folder() as folder:
        assert folder.is_dir()
        assert made[0] != folder / LOCK_NAME
