"""Background work of the product: load, call the pure function, save.

The web process imports this module to know the kinds of jobs, and must start fast: the maths and the
media, and with them scipy and FFmpeg, are imported by the handlers.
"""

from uuid import UUID

from choreography import dances_count, insights, live_takes, services  # noqa: F401  (live_takes registers its upkeep)
from choreography.models import Attempt, DancesCount, Guide, MarketAnalysis
from inference.jobs import Fenced, JobFailure, JobRun, after_failure, handler
from inference.models import JobStage, Video
from inference.pose.track import PoseTrack
from inference.queue_names import Queue

ANALYSE_ATTEMPT = "analyse_attempt"
ANALYSE_GUIDE = "analyse_guide"


@handler(ANALYSE_ATTEMPT, queue=Queue.POSE)
def analyse_attempt(run: JobRun) -> None:
    from inference.analysis import analyse_video

    attempt = _attempt(run)
    video = _there(attempt.video)
    track = analyse_video(video, run)
    run.begin(JobStage.COMPARING)
    _listen(attempt, video, run)
    _compare(attempt, track, run)


@handler(services.JUDGE_ATTEMPT)
def judge_attempt(run: JobRun) -> None:
    """Another person of a clip that was searched before, or another start: only the comparison is made anew."""
    from choreography.judging import track_of
    from inference.analysis import dancers_track

    attempt = _attempt(run)
    run.begin(JobStage.COMPARING)
    # A take that never was a clip, such as a demo's, has its track alone.
    _compare(attempt, dancers_track(attempt.video) if attempt.video else track_of(attempt), run)


@handler(services.JUDGE_LIVE)
def judge_live(run: JobRun) -> None:
    """A take danced live: its joints came from the browser, so nothing is searched."""
    from inference import storage
    from inference.jobs import StopWork
    from inference.pose import codec
    from inference.pose.calming import calmed

    attempt = _attempt(run)
    run.begin(JobStage.COMPARING)
    sent = codec.decode(storage.read_key(storage.attempt_sent_key(attempt.pk)))
    data = codec.encode(calmed(sent))
    key = storage.save_bytes(storage.attempt_track_key(attempt.pk, run.attempt), data)
    try:
        _compare(attempt, codec.decode(data), run, track_key=key)
    except StopWork:
        storage.delete_keys([key])
        raise


@handler(ANALYSE_GUIDE, queue=Queue.POSE, for_staff=True)
def analyse_guide(run: JobRun) -> None:
    from inference.analysis import analyse_video

    guide = _guide(run)
    video = _there(guide.video)
    track = analyse_video(video, run)
    run.begin(JobStage.COMPARING)
    _find_beats(guide, video, run)
    _make_ready(guide, track, run)


@handler(services.JUDGE_GUIDE, for_staff=True)
def judge_guide(run: JobRun) -> None:
    """Another person of the guide's clip; the version shown until now stays until this is done."""
    from inference.analysis import dancers_track

    guide = _guide(run)
    run.begin(JobStage.COMPARING)
    _make_ready(guide, dancers_track(_there(guide.video)), run)


@handler(insights.ANALYSE_MARKET)
def analyse_market(run: JobRun) -> None:
    """The statistics run in a process of their own: their libraries are large, and a worker stays as small as it was."""
    from choreography.market_work import answer
    from choreography.queries.market_rows import NoRows

    analysis = _there(MarketAnalysis.objects.filter(job=run.job_id).first())
    try:
        analysis.result = answer(analysis.request, run)
    except NoRows:
        raise JobFailure(insights.ROWS_GONE) from None
    with run.fenced():
        analysis.save(update_fields=["result"])


@handler(dances_count.COUNT_DANCES)
def count_dances(run: JobRun) -> None:
    dances_count.fill(_there(DancesCount.objects.filter(job=run.job_id).first()), run)


@after_failure(ANALYSE_GUIDE)
@after_failure(services.JUDGE_GUIDE)
def end_processing_of_guide(job_id: UUID) -> None:
    services.end_processing(job_id)


def _listen(attempt: Attempt, video: Video, run: JobRun) -> None:
    """Keep where the guide's song is heard in the take, once: comparing again needs no sound."""
    from inference.listening import hear_song

    guide_key = attempt.guide.sound_key
    if attempt.sound is not None or not guide_key:
        return
    attempt.sound = hear_song(guide_key, video.original_key, run)
    with run.fenced():
        attempt.save(update_fields=["sound"])


def _find_beats(guide: Guide, video: Video, run: JobRun) -> None:
    """Keep the beats of the guide's sound, once, as a proposal for its counts."""
    from inference.listening import hear_beats

    if guide.beats is not None:
        return
    guide.beats = hear_beats(video.original_key, run)
    with run.fenced():
        guide.save(update_fields=["beats"])


def _compare(attempt: Attempt, track: PoseTrack, run: JobRun, *, track_key: str = "") -> None:
    """`track_key`: where the track lies that is the take's own, and not its clip's."""
    from choreography.judging import judge
    from choreography.poster import poster_from_track

    result = judge(attempt, track)
    grid = attempt.guide.grid
    first_count_s = (grid.first_count_s if grid else 0.0) + (result.offset_s or 0.0)
    poster = poster_from_track(track, bpm=grid.bpm if grid else None, first_beat_s=first_count_s)
    with run.fenced():
        services.save_analysis(attempt, result=result, poster=poster, track_key=track_key)


def _make_ready(guide: Guide, track: PoseTrack, run: JobRun) -> None:
    from choreography.poster import poster_from_track

    grid = guide.grid
    poster = poster_from_track(track, bpm=grid.bpm if grid else None, first_beat_s=grid.first_count_s if grid else 0.0)
    with run.fenced():
        services.make_guide_ready(guide, duration_s=float(track.t_s[-1]), poster=poster)


def _attempt(run: JobRun) -> Attempt:
    attempts = Attempt.objects.select_related("guide__video", "guide__choreography__song", "video__dancer")
    with_lists = attempts.prefetch_related("guide__choreography__sections", "video__people")
    return _there(with_lists.filter(job=run.job_id).first())


def _guide(run: JobRun) -> Guide:
    return _there(Guide.objects.select_related("video__dancer", "choreography__song").filter(job=run.job_id).first())


def _there[Row](row: Row | None) -> Row:
    """What the job is about, or Fenced where it was deleted meanwhile."""
    if row is None:
        raise Fenced
    return row
