"""Use-cases over jobs and videos."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from inference import storage
from inference.groups import hint_job_changed
from inference.jobs import close_job, is_staff_kind
from inference.models import Job, JobStage, JobState, Person, Video
from inference.queue import enqueue

if TYPE_CHECKING:
    from accounts.models import User


def start_job(*, kind: str, owner: "User | None") -> Job:
    """A new job, which the queue gets when the surrounding transaction commits (edge A)."""
    job = Job.objects.create(kind=kind, owner=owner)
    enqueue(job.pk)
    return job


def cancel_job(job: Job) -> None:
    """Stop a waiting job at once (edge E), a running one within about a second. Does nothing to one that ended."""
    if close_waiting(job):
        return
    Job.objects.filter(pk=job.pk, state=JobState.RUNNING).update(cancel_requested=True)
    hint_job_changed(job.pk)


def close_waiting(job: Job) -> bool:
    with transaction.atomic():
        locked = Job.objects.select_for_update().filter(pk=job.pk, state=JobState.QUEUED).first()
        return locked is not None and close_job(locked.pk, JobState.CANCELLED, attempt=locked.attempt)


def retry_job(job: Job) -> bool:
    """Queue a failed or cancelled job once more (edge I). False if it was neither."""
    with transaction.atomic():
        reopened = Job.objects.filter(pk=job.pk, state__in=(JobState.FAILED, JobState.CANCELLED)).update(
            state=JobState.QUEUED,
            stage=JobStage.QUEUED,
            percent=0,
            crashes=0,
            cancel_requested=False,
            failure_code="",
            finished_at=None,
        )
        if reopened:
            enqueue(job.pk)
    if reopened:
        hint_job_changed(job.pk)
    return bool(reopened)


def delete_job(job: Job) -> None:
    """Whoever works on it loses the fence: after this nobody records a file or a result of it any more.

    The job's own row is locked before those that point to it, in the order in which handlers lock them.
    """
    with transaction.atomic():
        for locked in Job.objects.select_for_update().filter(pk=job.pk):
            locked.delete()
    hint_job_changed(job.pk)


def visible_job(job_id: UUID, user: "User | AnonymousUser") -> Job | None:
    """The job if this person may see it: their own, and for staff those of staff's kinds."""
    if not user.is_authenticated:
        return None
    job = Job.objects.filter(pk=job_id).first()
    if job is None or (job.owner_id != user.pk and not (user.is_staff and is_staff_kind(job.kind))):
        return None
    return job


def receive_video(*, owner: "User", upload: "UploadedFile[Any]") -> Video:
    """Keep an uploaded clip under a name of our own. What is in it is looked at by the job, never in the request."""
    video = Video(owner=owner, original_name=_clean_name(upload.name), size_bytes=upload.size or 0)
    video.original_key = storage.video_original_key(video.pk, video.original_name)
    storage.save_file(video.original_key, upload)
    try:
        video.save()
    except Exception:
        storage.delete_keys([video.original_key])
        raise
    return video


class NoSuchPerson(LookupError):
    """Nobody in the clip has this number."""


def choose_dancer(video: Video, number: int) -> Person:
    """Have another person of the clip judged; what was found of them before is used. Raises NoSuchPerson."""
    person = video.people.filter(number=number).first()
    if person is None:
        raise NoSuchPerson(number)
    video.dancer, video.track_key = person, person.track_key
    video.save(update_fields=["dancer", "track_key"])
    return person


def delete_video(video: Video) -> None:
    """Files first: if this is cut short, the row still shows that something is left to delete."""
    storage.delete_keys(video.keys)
    video.delete()


def _clean_name(name: str | None) -> str:
    printable = "".join(letter for letter in (name or "clip") if letter.isprintable() and letter not in "/\\")
    return printable[-200:] or "clip"
