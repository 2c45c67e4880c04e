"""What is deleted while somebody still works on it is gone for good."""

import threading

import pytest
from django.db import connections
from django.urls import reverse

from accounts.services import close_account
from choreography import services
from choreography.models import Attempt, Choreography, Guide
from inference import analysis, jobs, storage
from inference.jobs import Fenced, JobRun
from inference.models import Job, JobState, Video
from tests.factories import AttemptFactory, ChoreographyFactory, CuratorFactory, GuideFactory, UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet_jobs")]


@pytest.fixture
def take():
    dancer = UserFactory()
    job = Job.objects.create(kind="analyse_attempt", owner=dancer)
    return AttemptFactory(dancer=dancer, video=clip_of(dancer), job=job)


@pytest.fixture
def guide():
    curator = CuratorFactory()
    job = Job.objects.create(kind="analyse_guide", owner=curator)
    return GuideFactory(state="processing", track_key="", video=clip_of(curator), job=job)


def clip_of(owner):
    video = Video(owner=owner, original_name="me.mp4", size_bytes=4)
    video.original_key = storage.save_bytes(storage.video_original_key(video.pk, "me.mp4"), b"film")
    video.save()
    return video


def begin(job):
    return JobRun(jobs._claim(job.pk))


def folder_of(video):
    return storage.direct_path(video.original_key).parent


def record_track(video, run):
    """What the search does at its end: the file first, then the row."""
    key = storage.save_bytes(storage.video_track_key(video.pk, run.attempt), b"track")
    analysis._keep(video, run, track_key=key)


DELETIONS = {
    "take": lambda take: services.delete_attempt(Attempt.objects.select_related("job").get(pk=take.pk)),
    "account": lambda take: close_account(user=take.dancer),
}


@pytest.mark.parametrize("deletion", DELETIONS)
def test_files_written_after_the_deletion_are_removed_by_their_writer(take, deletion):
    run, video = begin(take.job), Video.objects.get(pk=take.video_id)
    DELETIONS[deletion](take)
    with pytest.raises(Fenced):
        record_track(video, run)
    assert not folder_of(video).exists()
    assert (Attempt.objects.count(), Video.objects.count(), Job.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("deletion", DELETIONS)
def test_files_recorded_just_before_the_deletion_go_too(take, deletion):
    """The page that deletes was opened before; the row in its hands names no track."""
    stale = Attempt.objects.select_related("job", "video").get(pk=take.pk)
    assert stale.video.track_key == ""
    record_track(Video.objects.get(pk=take.video_id), begin(take.job))
    DELETIONS[deletion](stale)
    assert not folder_of(stale.video).exists()


@pytest.mark.parametrize("deletion", DELETIONS)
def test_a_deletion_waits_for_a_result_that_is_being_saved(take, deletion):
    """And is neither blocked by it for good nor overtaken: rows are locked in one order."""
    run, entered, go_on = begin(take.job), threading.Event(), threading.Event()

    def save():
        with run.fenced():
            entered.set()
            go_on.wait(10)
            Attempt.objects.filter(pk=take.pk).update(track_key="")
            Video.objects.filter(pk=take.video_id).update(duration_s=1.0)
        connections.close_all()

    def delete():
        DELETIONS[deletion](take)
        connections.close_all()

    saving, deleting = threading.Thread(target=save), threading.Thread(target=delete)
    saving.start()
    assert entered.wait(10)
    deleting.start()
    deleting.join(0.3)
    assert deleting.is_alive()
    assert storage.direct_path(take.video.original_key).exists()
    go_on.set()
    for thread in (saving, deleting):
        thread.join(10)
        assert not thread.is_alive()
    assert (Attempt.objects.count(), Video.objects.count(), Job.objects.count()) == (0, 0, 0)
    assert not folder_of(take.video).exists()


def test_a_guide_deleted_in_mid_job_leaves_nothing(guide):
    run, video = begin(guide.job), Video.objects.get(pk=guide.video_id)
    services.delete_guide(Guide.objects.select_related("job").get(pk=guide.pk))
    with pytest.raises(Fenced):
        record_track(video, run)
    assert not folder_of(video).exists()
    assert (Guide.objects.count(), Video.objects.count(), Job.objects.count()) == (0, 0, 0)


def test_a_curator_leaves_in_mid_job_and_the_guide_is_finished(guide):
    run = begin(guide.job)
    close_account(user=guide.video.owner)
    record_track(Video.objects.get(pk=guide.video_id), run)
    jobs.close_job(run.job_id, JobState.SUCCEEDED, attempt=run.attempt)
    guide.refresh_from_db()
    assert guide.job.state == JobState.SUCCEEDED
    assert storage.read_key(guide.video.track_key) == b"track"


def test_the_desk_deletes_a_choreography_with_its_guides_files(client, guide):
    client.force_login(CuratorFactory())
    address = reverse("admin:choreography_choreography_delete", args=[guide.choreography_id])
    assert client.post(address, {"post": "yes"}).status_code == 302
    assert not folder_of(guide.video).exists()
    assert (Choreography.objects.count(), Video.objects.count(), Job.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("at_once", [False, True])
def test_the_desk_deletes_a_person_with_their_files(client, take, at_once):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    if at_once:
        chosen = {"action": "delete_selected", "_selected_action": str(take.dancer_id), "post": "yes"}
        client.post(reverse("admin:accounts_user_changelist"), chosen)
    else:
        client.post(reverse("admin:accounts_user_delete", args=[take.dancer_id]), {"post": "yes"})
    assert not folder_of(take.video).exists()
    assert (Attempt.objects.count(), Video.objects.count(), Job.objects.count()) == (0, 0, 0)


def test_the_desk_keeps_what_was_danced(client, take):
    client.force_login(CuratorFactory())
    client.post(reverse("admin:choreography_choreography_delete", args=[take.choreography_id]), {"post": "yes"})
    assert Choreography.objects.filter(pk=take.choreography_id).exists()
    assert storage.direct_path(take.video.original_key).exists()


@pytest.mark.parametrize("address", ["abc", "_2D", "00000000-0000-0000-0000-000000000000"])
def test_the_desk_knows_no_such_guide(client, address):
    client.force_login(CuratorFactory())
    ChoreographyFactory()
    assert client.get(f"/admin/choreography/guide/{address}/change/").status_code == 302
