"""Use-cases of the product that touch several rows."""

from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from choreography.comparison.result import ComparisonResult
from choreography.models import Attempt, Choreography, Comparison, Guide, GuideState
from choreography.payloads import PosterPayload
from inference import storage
from inference.models import FINAL_STATES
from inference.services import cancel_job, delete_video, receive_video, retry_job, start_job

MAX_OPEN_ATTEMPTS = 3


class PracticeError(Exception):
    """An anticipated refusal with a stable code; `choreography.failures` has the words."""

    code = "refused"


class NoGuide(PracticeError):
    code = "no_guide"


class TooManyOpen(PracticeError):
    code = "too_many_open"


class NotPublishable(PracticeError):
    code = "not_publishable"


def submit_attempt(*, dancer: User, choreography: Choreography, upload: "UploadedFile[Any]") -> Attempt:
    """Keep the clip, and start the job that analyses it. Raises PracticeError."""
    guide = choreography.guides.filter(state=GuideState.PUBLISHED).first()
    if guide is None:
        raise NoGuide
    if (
        Attempt.objects.filter(dancer=dancer).exclude(job=None).exclude(job__state__in=FINAL_STATES).count()
        >= MAX_OPEN_ATTEMPTS
    ):
        raise TooManyOpen
    video = receive_video(owner=dancer, upload=upload)
    with transaction.atomic():
        job = start_job(kind="analyse_attempt", owner=dancer)
        return Attempt.objects.create(dancer=dancer, choreography=choreography, guide=guide, video=video, job=job)


def save_analysis(attempt: Attempt, *, result: ComparisonResult, poster: PosterPayload | None) -> None:
    """Keep what the analysis of a take found: its track, its picture and its comparison."""
    if attempt.video is not None:
        attempt.track_key = attempt.video.track_key
    attempt.poster = poster
    attempt.save(update_fields=["track_key", "poster"])
    save_comparison(attempt, result)


def save_comparison(attempt: Attempt, result: ComparisonResult) -> Comparison:
    """Keep a result; a newer one of the same take replaces the older."""
    comparison, _ = Comparison.objects.update_or_create(
        attempt=attempt,
        defaults={
            "scoring_version": result.scoring_version,
            "verdict": result.verdict,
            "score": result.score,
            "offset_s": result.offset_s,
            "mirrored": result.mirrored,
            "coverage": result.coverage,
            "result": result.to_payload(),
        },
    )
    return comparison


def delete_attempt(attempt: Attempt) -> None:
    """Files first, then rows: cut short, the take is still listed and can be deleted again."""
    job, video = attempt.job, attempt.video
    if job is not None:
        cancel_job(job)
    storage.delete_keys([attempt.track_key])
    if video is not None:
        delete_video(video)
    with transaction.atomic():
        attempt.delete()
        if job is not None:
            job.delete()


def delete_dancer_data(dancer: User) -> None:
    """Everything a person danced, files included."""
    for attempt in Attempt.objects.filter(dancer=dancer).select_related("job", "video"):
        delete_attempt(attempt)


def add_guide(*, choreography: Choreography, upload: "UploadedFile[Any]", curator: User) -> Guide:
    """A new version of the guide from a video, in draft until its analysis is done."""
    video = receive_video(owner=curator, upload=upload)
    with transaction.atomic():
        Choreography.objects.select_for_update().get(pk=choreography.pk)
        newest = choreography.guides.aggregate(newest=Max("version"))["newest"] or 0
        job = start_job(kind="analyse_guide", owner=curator)
        return Guide.objects.create(
            choreography=choreography, version=newest + 1, state=GuideState.PROCESSING, video=video, job=job
        )


def make_guide_ready(guide: Guide, *, duration_s: float, poster: PosterPayload | None) -> None:
    if guide.video is not None:
        guide.track_key = guide.video.track_key
    guide.duration_s, guide.poster, guide.state = duration_s, poster, GuideState.READY
    guide.save(update_fields=["track_key", "duration_s", "poster", "state"])


def return_to_draft(job_id: UUID) -> None:
    Guide.objects.filter(job=job_id, state=GuideState.PROCESSING).update(state=GuideState.DRAFT)


def retry_guide(guide: Guide) -> None:
    with transaction.atomic():
        if guide.job is not None and retry_job(guide.job):
            Guide.objects.filter(pk=guide.pk, state=GuideState.DRAFT).update(state=GuideState.PROCESSING)


def publish_guide(guide: Guide) -> None:
    """Show this version to dancers; the one shown until now is withdrawn. Raises NotPublishable."""
    with transaction.atomic():
        Choreography.objects.select_for_update().get(pk=guide.choreography_id)
        guide.refresh_from_db()
        if guide.state not in (GuideState.READY, GuideState.WITHDRAWN) or not guide.track_key:
            raise NotPublishable
        Guide.objects.filter(choreography=guide.choreography_id, state=GuideState.PUBLISHED).update(
            state=GuideState.WITHDRAWN
        )
        guide.state, guide.published_at = GuideState.PUBLISHED, timezone.now()
        guide.save(update_fields=["state", "published_at"])


def withdraw_guide(guide: Guide) -> None:
    Guide.objects.filter(pk=guide.pk, state=GuideState.PUBLISHED).update(state=GuideState.WITHDRAWN)


def delete_guide(guide: Guide) -> None:
    """Remove a version nobody danced to, with its files."""
    job, video = guide.job, guide.video
    if job is not None:
        cancel_job(job)
    with transaction.atomic():
        guide.delete()
        if job is not None:
            job.delete()
    storage.delete_keys([guide.track_key, guide.audio_key])
    if video is not None:
        delete_video(video)


def _open_attempts(dancer: User) -> int:
    """How many of the dancer's takes are waiting or being looked at."""
    return Attempt.objects.filter(dancer=dancer, job__isnull=False).exclude(job__state__in=FINAL_STATES).count()
