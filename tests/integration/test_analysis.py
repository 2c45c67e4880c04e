"""From an uploaded file to its track and result, with the real decoder and the real engine."""

import pytest
from django.core.files import File

from choreography import services
from choreography.models import Attempt, Guide, GuideState
from inference import analysis, storage
from inference.jobs import run_job
from inference.models import Job, JobState
from inference.pose import codec
from inference.services import retry_job
from tests.factories import ChoreographyFactory, GuideFactory, UserFactory
from tests.media import make_clip, regular_times

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quiet_queue(quiet_jobs, monkeypatch):
    """The queue's part is played by the test: it calls run_job itself."""
    monkeypatch.setattr("inference.queue._defer", lambda job_id: None)


def submitted(path, choreography=None):
    choreography = choreography or GuideFactory(published=True, with_track=True).choreography
    with path.open("rb") as clip:
        take = services.submit_attempt(
            dancer=UserFactory(), choreography=choreography, upload=File(clip, name=path.name)
        )
    run_job(take.job_id)
    return Attempt.objects.select_related("job", "video").get(pk=take.pk)


def test_a_clip_without_a_dancer_fails_with_its_code_and_keeps_what_was_made(tmp_path, monkeypatch):
    take = submitted(make_clip(tmp_path / "wall.mov", regular_times(1.5, 30), codec="libx265", size=(240, 320)))
    assert (take.job.state, take.job.failure_code) == (JobState.FAILED, "no_dancer")
    assert (take.video.width_px, take.video.height_px) == (240, 320)
    assert take.video.playable_key == f"videos/{take.video.pk}/playable-1.mp4"
    assert take.video.playable_type == "video/mp4"
    assert storage.read_key(take.video.playable_key)[4:8] == b"ftyp"

    monkeypatch.setattr(analysis, "_make_playable", lambda *arguments: pytest.fail("converted a second time"))
    retry_job(take.job)
    run_job(take.job_id)
    assert Job.objects.get(pk=take.job_id).failure_code == "no_dancer"


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [("notes.mp4", b"these are notes\n" * 99, "not_a_video"), ("cut.mp4", None, "damaged_file")],
)
def test_what_is_no_clip_fails_with_its_code(tmp_path, name, data, code):
    path = tmp_path / name
    if data is None:
        whole = make_clip(tmp_path / "whole.mp4", container_options={"movflags": "faststart"}).read_bytes()
        data = whole[: whole.index(b"mdat") + 8]
    path.write_bytes(data)
    assert submitted(path).job.failure_code == code


def test_a_clip_that_is_too_long_is_refused_before_it_is_searched(tmp_path, settings):
    settings.UPLOAD_MAX_S = 2
    assert submitted(make_clip(tmp_path / "long.mp4", regular_times(4.0, 10))).job.failure_code == "too_long"


def test_a_real_dance_is_found_compared_and_served(shared_data):
    choreography = ChoreographyFactory()
    with (shared_data / "video" / "same_dance_0.mp4").open("rb") as clip:
        guide = services.add_guide(
            choreography=choreography, upload=File(clip, name="guide.mp4"), curator=UserFactory(is_staff=True)
        )
    run_job(guide.job_id)
    guide = Guide.objects.get(pk=guide.pk)
    assert guide.state == GuideState.READY
    assert guide.poster is not None
    assert guide.duration_s == pytest.approx(2.7, abs=0.2)
    services.publish_guide(guide)

    take = submitted(shared_data / "video" / "same_dance_1.mp4", choreography)
    assert take.job.state == JobState.SUCCEEDED
    assert take.comparison.score > 60
    assert take.video.playable_key == take.video.original_key
    track = codec.decode(storage.read_key(take.track_key))
    assert track.found.mean() > 0.95

    wrong = submitted(shared_data / "video" / "squats.mp4", choreography)
    assert wrong.comparison.score is None or wrong.comparison.score < take.comparison.score - 30
