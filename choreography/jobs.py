"""Background work of the product: load, call the pure function, save.

The web process imports this module to know the kinds of jobs, and must start fast: the maths and the
media, and with them scipy and FFmpeg, are imported by the handlers.
"""

from uuid import UUID

from choreography import services
from choreography.models import Attempt, Guide
from inference import storage
from inference.jobs import Fenced, JobRun, after_failure, handler
from inference.models import JobStage
from inference.pose import codec
from inference.pose.track import PoseTrack
from inference.queue_names import Queue

ANALYSE_ATTEMPT = "analyse_attempt"
ANALYSE_GUIDE = "analyse_guide"


@handler(ANALYSE_ATTEMPT, queue=Queue.POSE)
def analyse_attempt(run: JobRun) -> None:
    from inference.analysis import analyse_video

    attempt = _attempt(run)
    _compare(attempt, analyse_video(_there(attempt.video), run), run)


@handler(services.JUDGE_ATTEMPT)
def judge_attempt(run: JobRun) -> None:
    """Another person of a clip that was searched before: only the comparison is made anew."""
    from inference.analysis import dancers_track

    attempt = _attempt(run)
    _compare(attempt, dancers_track(_there(attempt.video)), run)


@handler(ANALYSE_GUIDE, queue=Queue.POSE, for_staff=True)
def analyse_guide(run: JobRun) -> None:
    from inference.analysis import analyse_video

    guide = _guide(run)
    _make_ready(guide, analyse_video(_there(guide.video), run), run)


@handler(services.JUDGE_GUIDE, for_staff=True)
def judge_guide(run: JobRun) -> None:
    """Another person of the guide's clip; the version shown until now stays until this is done."""
    from inference.analysis import dancers_track

    guide = _guide(run)
    run.begin(JobStage.COMPARING)
    _make_ready(guide, dancers_track(_there(guide.video)), run)


@after_failure(ANALYSE_GUIDE)
@after_failure(services.JUDGE_GUIDE)
def end_processing_of_guide(job_id: UUID) -> None:
    services.end_processing(job_id)


def _compare(attempt: Attempt, track: PoseTrack, run: JobRun) -> None:
    from choreography.comparison.compare import compare
    from choreography.poster import poster_from_track

    run.begin(JobStage.COMPARING)
    guide_track = codec.decode(storage.read_key(attempt.guide.track_key))
    result = compare(guide_track, track)
    song = attempt.choreography.song
    poster = poster_from_track(track, bpm=song.bpm, first_beat_s=song.first_beat_s + (result.offset_s or 0.0))
    with run.fenced():
        services.save_analysis(attempt, result=result, poster=poster)


def _make_ready(guide: Guide, track: PoseTrack, run: JobRun) -> None:
    from choreography.poster import poster_from_track

    song = guide.choreography.song
    poster = poster_from_track(track, bpm=song.bpm, first_beat_s=song.first_beat_s)
    with run.fenced():
        services.make_guide_ready(guide, duration_s=float(track.t_s[-1]), poster=poster)


def _attempt(run: JobRun) -> Attempt:
    attempts = Attempt.objects.select_related("guide", "video__dancer", "choreography__song")
    return _there(attempts.filter(job=run.job_id).first())


def _guide(run: JobRun) -> Guide:
    return _there(Guide.objects.select_related("video__dancer", "choreography__song").filter(job=run.job_id).first())


def _there[Row](row: Row | None) -> Row:
    """What the job is about, or Fenced where it was deleted meanwhile."""
    if row is None:
        raise Fenced
    return row
