"""Two worker processes, each with a data folder of its own as on two machines, that share the database and an S3 server."""

import os
import time

import boto3
import pytest
from django.core.files import File
from moto.server import ThreadedMotoServer

from choreography import services
from choreography.models import Attempt
from inference import queue
from inference.models import Job, JobStage, JobState
from inference.services import start_job
from tests.factories import GuideFactory, UserFactory
from tests.media import make_clip
from tests.workers import LIGHT_KIND, WorkerProcess

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet_jobs")]

BUCKET = "shared-clips"
PATIENCE_S = 180


@pytest.fixture
def bucket(monkeypatch, settings):
    """A bucket that other processes reach by HTTP, and the site's private storage."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {"bucket_name": BUCKET}}
    }
    bucket = boto3.resource("s3").Bucket(BUCKET)
    yield bucket
    bucket.objects.delete()  # what one server was given, the next in this process would still have
    bucket.delete()
    server.stop()


@pytest.fixture
def hold(tmp_path):
    """While this file is there, whoever searches a clip is kept at it."""
    path = tmp_path / "hold"
    path.touch()
    return path


@pytest.fixture
def start_worker(tmp_path, hold, bucket, transactional_db, database_url):
    environment = {name: value for name, value in os.environ.items() if name != "KDANCE_TEST_MEDIA"} | {
        "DATABASE_URL": database_url,
        "PRIVATE_STORAGE": "s3",
        "S3_BUCKET": BUCKET,
        "POSE_WORKERS": "1",
    }
    started = []

    def start(name, *options):
        started.append(WorkerProcess(tmp_path / name, hold, environment, *options))
        return started[-1]

    yield start
    hold.unlink(missing_ok=True)
    for worker in started:
        worker.stop()


@pytest.fixture
def submit(tmp_path, bucket, transactional_db):
    choreography = GuideFactory(published=True, with_track=True).choreography
    clip = make_clip(tmp_path / "clip.mp4")

    def one_more():
        with clip.open("rb") as source:
            upload = File(source, name=clip.name)
            return services.submit_attempt(dancer=UserFactory(), choreography=choreography, upload=upload).job

    return one_more


def test_workers_share_the_jobs_and_take_none_twice(start_worker, submit, hold, bucket, settings):
    first = start_worker("first", "--queues", "pose,default")
    second = start_worker("second", "--queues", "pose_gpu,pose,default")
    jobs = [submit() for _ in range(4)]
    for job in jobs:
        queue._defer(job.pk)  # the queue may name a job more than once
    settings.POSE_QUEUE = "pose_gpu"
    for_gpu = submit()
    wait_until(lambda: first.claims() and second.claims(), first, second)

    light = start_job(kind=LIGHT_KIND, owner=UserFactory())
    wait_until(lambda: state_of(light) == JobState.SUCCEEDED, first, second)
    assert Job.objects.filter(state=JobState.RUNNING).count() == 2, "the long ones are still at work"

    hold.unlink()
    everything = [*jobs, for_gpu, light]
    wait_until(lambda: all(state_of(job) == JobState.SUCCEEDED for job in everything), first, second)
    assert sorted(first.claims() + second.claims()) == sorted((str(job.pk), "1") for job in everything)
    assert (str(for_gpu.pk), "1") in second.claims()
    assert keys_in(bucket) == keys_of_rows()


def test_a_killed_workers_job_is_done_by_the_other_and_leaves_nothing(start_worker, submit, hold, bucket):
    victim, other = start_worker("victim"), start_worker("other")
    submit(), submit()
    wait_until(lambda: victim.claims() and other.claims(), victim, other)
    [(job_id, _)] = victim.claims()
    [(others_id, _)] = other.claims()
    in_search = Job.objects.filter(stage=JobStage.FINDING, state=JobState.RUNNING)
    wait_until(lambda: in_search.count() == 2, victim, other)
    victim.kill()
    hold.unlink()

    done = Job.objects.filter(state=JobState.SUCCEEDED)
    wait_until(lambda: done.count() == 2, other)
    assert other.claims() == [(others_id, "1"), (job_id, "2")]
    taken_up = Job.objects.get(pk=job_id)
    assert (taken_up.attempt, taken_up.crashes) == (2, 1)
    assert Attempt.objects.get(job=taken_up).video.track_key.endswith("/track-2-0.kdt")
    assert keys_in(bucket) == keys_of_rows()

    assert any((folder / "original.mp4").exists() for folder in victim.work_folders())
    assert other.work_folders() == []
    victim.start()
    wait_until(lambda: not victim.work_folders(), victim)


def wait_until(condition, *workers):
    until = time.monotonic() + PATIENCE_S
    while not condition():
        for worker in workers:
            assert worker.process.poll() is None, worker.log.read_text()
        assert time.monotonic() < until, "\n".join(worker.log.read_text() for worker in workers)
        time.sleep(0.1)


def state_of(job):
    return Job.objects.values_list("state", flat=True).get(pk=job.pk)


def keys_in(bucket):
    return sorted(found.key for found in bucket.objects.all())


def keys_of_rows():
    takes = Attempt.objects.select_related("video", "guide")
    return sorted({take.guide.track_key for take in takes} | {key for take in takes for key in take.video.keys})
