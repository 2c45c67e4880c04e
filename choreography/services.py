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
from inference.models import FINAL_STATES, Video
from inference.services import delete_job, delete_video, receive_video, retry_job, start_job

MAX_OPEN_ATTEMPTS = 3


class PracticeError(Exception):
    """An anticipated refusal with a stable code; `choreography.failures` has the words."""

    code = "refused"


class NoGuide(PracticeError):
    code = "no_guide"


class EmptyFile(PracticeError):
    code = "empty_file"


class TooManyOpen(PracticeError):
    code = "too_many_open"


class NotPublishable(PracticeError):
    code = "not_publishable"


def submit_attempt(*, dancer: User, choreography: Choreography, upload: "UploadedFile[Any]") -> Attempt:
    """Keep the clip, and start the job that analyses it. Raises PracticeError."""
    if not upload.size:
        raise EmptyFile
    guide = choreography.guides.filter(state=GuideState.PUBLISHED).first()
    if guide is None:
        raise NoGuide
    refuse_too_many_open(dancer)  # before the file is moved; what counts is the look under the lock
    video = receive_video(owner=dancer, upload=upload)
    try:
        with transaction.atomic():
            _one_at_a_time(dancer)
            refuse_too_many_open(dancer)
            job = start_job(kind="analyse_attempt", owner=dancer)
            return Attempt.objects.create(dancer=dancer, choreography=choreography, guide=guide, video=video, job=job)
    except Exception:
        delete_video(video)
        raise


def retry_attempt(attempt: Attempt) -> None:
    """Analyse a take again that failed or was cancelled; it counts as an open one. Raises TooManyOpen."""
    with transaction.atomic():
        _one_at_a_time(attempt.dancer)
        if attempt.job is not None and attempt.job.is_final:
            refuse_too_many_open(attempt.dancer)
            retry_job(attempt.job)


def refuse_too_many_open(dancer: User) -> None:
    waiting_or_running = Attempt.objects.filter(dancer=dancer, job__isnull=False).exclude(job__state__in=FINAL_STATES)
    if waiting_or_running.count() >= MAX_OPEN_ATTEMPTS:
        raise TooManyOpen


def _one_at_a_time(dancer: User) -> None:
    """Hold the dancer's row until the transaction ends: two uploads at once would each count the takes without the other."""
    User.objects.select_for_update(no_key=True).get(pk=dancer.pk)


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
    """First the job, so that nobody adds a file any more; then files, then rows.

    Cut short, the take is still listed and can be deleted again.
    """
    if attempt.job is not None:
        delete_job(attempt.job)
    storage.delete_keys([attempt.track_key])
    _delete_video_as_it_is_now(attempt.video_id)
    Attempt.objects.filter(pk=attempt.pk).delete()


def delete_dancer_data(dancer: User) -> None:
    """Everything a person danced, files included. Guides stay: they belong to the catalogue."""
    for attempt in Attempt.objects.filter(dancer=dancer).select_related("job"):
        delete_attempt(attempt)
    for video in Video.objects.filter(owner=dancer, guide=None):  # uploads that were cut short before they became takes
        delete_video(video)


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
    """Remove a version nobody danced to, with its files. Raises ProtectedError for one that was danced."""
    with transaction.atomic():
        if guide.job is not None:
            delete_job(guide.job)
        Guide.objects.filter(pk=guide.pk).delete()
    storage.delete_keys([guide.track_key, guide.audio_key])
    _delete_video_as_it_is_now(guide.video_id)


def delete_choreography(choreography: Choreography) -> None:
    """Remove a dance nobody danced, with its guides and their files. Raises ProtectedError for one that was danced."""
    for guide in choreography.guides.select_related("job"):
        delete_guide(guide)
    choreography.delete()


def _delete_video_as_it_is_now(video_id: UUID | None) -> None:
    """Read again: the job may have added files since the page was opened."""
    video = Video.objects.filter(pk=video_id).first() if video_id else None
    if video is not None:
        delete_video(video)
