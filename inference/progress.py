"""What people see of a job: one snapshot, the same on the page, in the socket and in the API."""

from typing import TypedDict

from inference.failures import failure_message
from inference.jobs import kinds_beside
from inference.models import Job, JobState


class FailurePayload(TypedDict):
    code: str
    message: str


class JobPayload(TypedDict):
    """`queue_position` is 1 for the next in line and null once work began; `left_s` is null while nobody can tell."""

    id: str
    kind: str
    state: str
    stage: str
    percent: int
    frames_per_s: float | None
    left_s: float | None
    queue_position: int | None
    attempt: int
    failure: FailurePayload | None


def snapshot(job: Job) -> JobPayload:
    return {
        "id": str(job.pk),
        "kind": job.kind,
        "state": job.state,
        "stage": job.stage,
        "percent": job.percent,
        "frames_per_s": job.frames_per_s,
        "left_s": job.left_s,
        "queue_position": queue_position(job),
        "attempt": job.attempt,
        "failure": _failure(job),
    }


def queue_position(job: Job) -> int | None:
    if job.state != JobState.QUEUED:
        return None
    in_line = Job.objects.filter(state=JobState.QUEUED, kind__in=kinds_beside(job.kind))
    return in_line.filter(queued_at__lt=job.queued_at).count() + 1


def _failure(job: Job) -> FailurePayload | None:
    if job.state == JobState.CANCELLED:
        return {"code": "cancelled", "message": failure_message("cancelled")}
    if job.state != JobState.FAILED:
        return None
    return {"code": job.failure_code, "message": failure_message(job.failure_code)}
