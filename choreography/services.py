"""Use-cases of the product that touch several rows."""

from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from choreography import memory, rescoring
from choreography.comparison.counts import CountGrid
from choreography.comparison.result import ComparisonResult
from choreography.models import Attempt, Choreography, Comparison, Guide, GuideState, LiveTake
from choreography.payloads import PosterPayload
from inference import storage
from inference.models import FINAL_STATES, Job, JobState, Person, Video
from inference.services import (
    NoSuchPerson,
    choose_dancer,
    delete_job,
    delete_video,
    receive_video,
    retry_job,
    start_job,
)

MAX_OPEN_ATTEMPTS = 3
JUDGE_ATTEMPT = "judge_attempt"
JUDGE_LIVE = "judge_live"
JUDGE_GUIDE = "judge_guide"


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


class StillWorking(PracticeError):
    code = "still_working"


class NobodyThere(PracticeError):
    code = "no_such_person"


class NothingToMove(PracticeError):
    """The take has no result yet whose start could be moved."""

    code = "no_result_yet"


class BadStart(PracticeError):
    """No number, or one with which take and guide have nothing in common."""

    code = "bad_start"


class GuideInUse(PracticeError):
    code = "guide_in_use"


class BadTempo(PracticeError):
    code = "bad_tempo"


class BadFirstCount(PracticeError):
    code = "bad_first_count"


class NotJudgeable(PracticeError):
    """This person of the clip cannot be judged; `code` says why, as the engine's report does."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


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
            one_at_a_time(dancer)
            refuse_too_many_open(dancer)
            job = start_job(kind="analyse_attempt", owner=dancer)
            return Attempt.objects.create(dancer=dancer, choreography=choreography, guide=guide, video=video, job=job)
    except Exception:
        delete_video(video)
        raise


def retry_attempt(attempt: Attempt) -> None:
    """Analyse a take again that failed or was cancelled; it counts as an open one. Raises TooManyOpen."""
    with transaction.atomic():
        one_at_a_time(attempt.dancer)
        if attempt.job is not None and attempt.job.is_final:
            refuse_too_many_open(attempt.dancer)
            retry_job(attempt.job)


def judge_person(attempt: Attempt, number: int) -> None:
    """Compare another person of the clip with the guide, without searching the clip again. Raises PracticeError.

    Until that is done the result stands as it is. Does nothing where it is about this person already.
    """
    with transaction.atomic():
        one_at_a_time(attempt.dancer)
        take = Attempt.objects.select_related("video", "comparison").filter(pk=attempt.pk).first()
        if take is None:
            raise NobodyThere
        job = _finished_job(take.job_id)
        person = _choose(take.video, number)
        if hasattr(take, "comparison") and _is_done(job) and take.track_key == person.track_key:
            return
        refuse_too_many_open(attempt.dancer)
        take.job = start_job(kind=JUDGE_ATTEMPT, owner=attempt.dancer)
        take.save(update_fields=["job"])
        if job is not None:
            job.delete()


def move_start(attempt: Attempt, start_s: float | None) -> None:
    """Compare with the guide's time 0 at `start_s` of the take, or with None where the machine finds it.

    Until that is done the result stands as it is. Raises PracticeError.
    """
    with transaction.atomic():
        one_at_a_time(attempt.dancer)
        take = Attempt.objects.select_related("guide", "video", "comparison").filter(pk=attempt.pk).first()
        if take is None or not hasattr(take, "comparison"):
            raise NothingToMove
        job = _finished_job(take.job_id)
        if start_s is not None and not take.can_start_at(start_s):
            raise BadStart
        refuse_too_many_open(attempt.dancer)
        take.start_s, take.job = start_s, start_job(kind=JUDGE_ATTEMPT, owner=attempt.dancer)
        take.save(update_fields=["start_s", "job"])
        if job is not None:
            job.delete()


def _finished_job(job_id: UUID | None) -> Job | None:
    """The job, held until the transaction ends so that nobody starts it again. Raises StillWorking if it is not over."""
    job = Job.objects.select_for_update().filter(pk=job_id).first() if job_id else None
    if job is not None and not job.is_final:
        raise StillWorking
    return job


def _is_done(job: Job | None) -> bool:
    return job is None or job.state == JobState.SUCCEEDED


def _choose(video: Video | None, number: int) -> Person:
    if video is None:
        raise NobodyThere
    try:
        person = choose_dancer(video, number)
    except NoSuchPerson:
        raise NobodyThere from None
    if person.refusal:
        raise NotJudgeable(person.refusal)
    return person


def refuse_too_many_open(dancer: User) -> None:
    waiting_or_running = Attempt.objects.filter(dancer=dancer, job__isnull=False).exclude(job__state__in=FINAL_STATES)
    if waiting_or_running.count() >= MAX_OPEN_ATTEMPTS:
        raise TooManyOpen


def one_at_a_time(dancer: User) -> None:
    """Hold the dancer's row until the transaction ends: two uploads at once would each count the takes without the other."""
    User.objects.select_for_update(no_key=True).get(pk=dancer.pk)


def save_analysis(
    attempt: Attempt, *, result: ComparisonResult, poster: PosterPayload | None, track_key: str = ""
) -> None:
    """Keep what the analysis of a take found: its track, its picture and its comparison.

    The track is the clip's, or the one at `track_key` of a take that is none. Ratings of another person of the clip, who
    was judged before, go: they say nothing of this one.
    """
    before = attempt.track_key
    if attempt.video is not None:
        attempt.track_key = attempt.video.track_key
    elif track_key:
        attempt.track_key = track_key
    attempt.poster = poster
    attempt.save(update_fields=["track_key", "poster"])
    if before and before != attempt.track_key:
        attempt.ratings.all().delete()
    save_comparison(attempt, result)


def save_comparison(attempt: Attempt, result: ComparisonResult) -> Comparison:
    """Keep a result; a newer one of the same take replaces the older, and one of another scoring is kept beside it."""
    return rescoring.replace_comparison(attempt.pk, rescoring.fields_of(result))


def delete_attempt(attempt: Attempt) -> None:
    """First the job, so that nobody adds a file any more; then files, then rows.

    Cut short, the take is still listed and can be deleted again.
    """
    with transaction.atomic():
        one_at_a_time(attempt.dancer)
        for job in Job.objects.filter(attempt_row=attempt.pk):  # as it is now: another person may have been chosen
            delete_job(job)
    storage.delete_keys([attempt.track_key, *storage.attempt_keys(attempt.pk)])
    for live_take in LiveTake.objects.filter(attempt=attempt.pk):
        storage.delete_keys(storage.live_parts(live_take.pk).values())
    _delete_video_as_it_is_now(attempt.video_id)
    with transaction.atomic():  # held first, so that nobody adds a rating or a draft to what is being deleted
        Attempt.objects.select_for_update().filter(pk=attempt.pk).first()
        memory.forget_take(attempt)
        Attempt.objects.filter(pk=attempt.pk).delete()


def delete_live_take(live_take: LiveTake) -> bool:
    """Remove a live take that is no `Attempt` yet, with the parts that arrived. False where it is one, or is gone.

    The row is held meanwhile, so that no part arrives any more.
    """
    with transaction.atomic():
        held = LiveTake.objects.select_for_update().filter(pk=live_take.pk, attempt=None).first()
        if held is None:
            return False
        storage.delete_keys(storage.live_parts(held.pk).values())
        held.delete()
        return True


def delete_dancer_data(dancer: User) -> None:
    """Everything a person danced, files included. Guides stay: they belong to the catalogue."""
    memory.forget_dancer(dancer)
    for live_take in LiveTake.objects.filter(dancer=dancer, attempt=None):
        delete_live_take(live_take)
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


def judge_person_of_guide(guide: Guide, number: int, *, curator: User) -> None:
    """Take another person of the clip as the guide. Raises PracticeError.

    Never in a version that dancers see or have danced to: their scores would speak of somebody else.
    """
    with transaction.atomic():
        Choreography.objects.select_for_update().get(pk=guide.choreography_id)
        version = Guide.objects.select_related("video").filter(pk=guide.pk).first()
        if version is None:
            raise NobodyThere
        job = _finished_job(version.job_id)
        if version.state == GuideState.PUBLISHED or version.attempts.exists():
            raise GuideInUse
        person = _choose(version.video, number)
        if _is_done(job) and version.track_key == person.track_key:
            return
        version.job, version.state = start_job(kind=JUDGE_GUIDE, owner=curator), GuideState.PROCESSING
        version.save(update_fields=["job", "state"])
        if job is not None:
            job.delete()


def set_counts(guide: Guide, grid: CountGrid | None) -> bool:
    """Move the counts of this version; None goes back to the song's tempo. Takes keep the scores and findings they have.

    Answers whether there may be such takes: dancers see this version, or have danced to it.
    """
    guide.set_grid(grid)
    return guide.is_published or guide.attempts.exists()


def end_processing(job_id: UUID) -> None:
    """A guide whose job did not come to its end: what an earlier one found still stands."""
    processing = Guide.objects.filter(job=job_id, state=GuideState.PROCESSING)
    processing.exclude(track_key="").update(state=GuideState.READY)
    processing.update(state=GuideState.DRAFT)


def retry_guide(guide: Guide) -> None:
    with transaction.atomic():
        if guide.job is not None and retry_job(guide.job):
            ended = Guide.objects.filter(pk=guide.pk, state__in=(GuideState.DRAFT, GuideState.READY))
            ended.update(state=GuideState.PROCESSING)


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
        Choreography.objects.select_for_update().get(pk=guide.choreography_id)
        for job in Job.objects.filter(guide=guide.pk):
            delete_job(job)
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
