"""Background work of the product: load, call the pure function, save.

The web process imports this module to know the kinds of jobs, and must start fast: the maths and the
media, and with them scipy and FFmpeg, are imported by the handlers.
"""

from uuid import UUID

from choreography import services
from choreography.models import Attempt, Guide
from inference import storage
from inference.jobs import Fenced, JobRun, after_failure, handler
from inference.models import JobStage, Video
from inference.pose import codec

ANALYSE_ATTEMPT = "analyse_attempt"
ANALYSE_GUIDE = "analyse_guide"


@handler(ANALYSE_ATTEMPT)
def analyse_attempt(run: JobRun) -> None:
    attempt = Attempt.objects.select_related("guide", "video", "choreography__song").filter(job=run.job_id).first()
    if attempt is None:
        raise Fenced
    from choreography.comparison.compare import compare
    from choreography.poster import poster_from_track
    from inference.analysis import analyse_video

    track = analyse_video(_video(attempt.video), run)
    run.begin(JobStage.COMPARING)
    guide_track = codec.decode(storage.read_key(attempt.guide.track_key))
    result = compare(guide_track, track)
    song = attempt.choreography.song
    poster = poster_from_track(track, bpm=song.bpm, first_beat_s=song.first_beat_s + (result.offset_s or 0.0))
    with run.fenced():
        services.save_analysis(attempt, result=result, poster=poster)


@handler(ANALYSE_GUIDE, for_staff=True)
def analyse_guide(run: JobRun) -> None:
    guide = Guide.objects.select_related("video", "choreography__song").filter(job=run.job_id).first()
    if guide is None:
        raise Fenced
    from choreography.poster import poster_from_track
    from inference.analysis import analyse_video

    track = analyse_video(_video(guide.video), run)
    song = guide.choreography.song
    poster = poster_from_track(track, bpm=song.bpm, first_beat_s=song.first_beat_s)
    with run.fenced():
        services.make_guide_ready(guide, duration_s=float(track.t_s[-1]), poster=poster)


@after_failure(ANALYSE_GUIDE)
def return_guide_to_draft(job_id: UUID) -> None:
    services.return_to_draft(job_id)


def _video(video: Video | None) -> Video:
    if video is None:
        raise Fenced
    return video
