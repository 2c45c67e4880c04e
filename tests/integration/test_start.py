"""Where a take begins in its guide: heard in its sound, kept, and moved by the dancer."""

import json

import numpy as np
import pytest
from django.core.files import File
from django.urls import reverse

from choreography import services
from choreography.models import Attempt, Comparison, Guide
from inference import analysis, isolated_listening, jobs, listening, storage
from inference.estimators import registry
from inference.estimators.fake import estimate_of
from inference.jobs import run_job
from inference.media.isolation import run_isolated
from inference.models import Job, JobState
from inference.pose import codec
from tests.factories import (
    AttemptFactory,
    ChoreographyFactory,
    ComparisonFactory,
    CuratorFactory,
    GuideFactory,
    JobFactory,
    UserFactory,
    VideoFactory,
)
from tests.isolated import abort_whatever_is_asked, hang_whatever_is_asked
from tests.media import AUDIO_RATE, make_clip, make_wave, regular_times
from tests.motion import SHORT_AND_BROAD, Dance, performed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet_jobs")]

DANCE = Dance(seed=8, duration_s=10.0)
LATE_S = 1.3
MADE_UP = "dances on from 1.3 s"


class Engine:
    """Sees the dance from `LATE_S` on in every clip."""

    name = MADE_UP

    def __init__(self, *, model_dir):
        pass

    def estimate(self, video, *, on_progress=None, workers=1):
        return estimate_of(performed(DANCE, SHORT_AND_BROAD, from_s=LATE_S, noise_px=2.0))


@pytest.fixture(autouse=True)
def quiet_search(settings, monkeypatch):
    """The queue's part is played by the test, and clips are searched by an engine without models in this process."""
    monkeypatch.setattr("inference.queue._defer", lambda job_id: None)
    monkeypatch.setattr(registry, "_FACTORIES", {MADE_UP: f"{__name__}.Engine"})
    monkeypatch.setattr(analysis, "run_isolated", in_this_process)
    settings.POSE_ESTIMATOR = MADE_UP


def in_this_process(function, *arguments, on_message, **limits):
    return function(*arguments, send=on_message)


def song(seconds=10.0, bpm=120.0):
    """A drum on each beat, and a melody that never repeats."""
    rng = np.random.default_rng(5)
    t_s = np.arange(round(seconds * AUDIO_RATE)) / AUDIO_RATE
    sound = np.zeros_like(t_s)
    for beat in range(round(seconds * bpm / 60)):
        after_s = t_s - beat * 60 / bpm
        heard = after_s >= 0
        fading = np.exp(-8 * after_s[heard])
        drum = rng.standard_normal(heard.sum()) * np.exp(-60 * after_s[heard])
        sound[heard] += fading * np.sin(2 * np.pi * 220 * 2 ** (rng.integers(0, 24) / 12) * after_s[heard]) + drum
    return 0.8 * sound / np.abs(sound).max()


def take_clip(path, sound):
    return make_clip(path, regular_times(10.0 - LATE_S, 10), fps=10, samples=sound)


@pytest.fixture
def guide(tmp_path):
    """With its track and its music, but without a video."""
    guide = GuideFactory(published=True, duration_s=10.0)
    guide.track_key = storage.save_bytes(storage.guide_track_key(guide.pk), codec.encode(performed(DANCE)))
    key = storage.guide_audio_key(guide.pk)
    guide.audio_key = storage.save_path(key, make_wave(tmp_path / "guide.wav", song()))
    guide.save()
    return guide


@pytest.fixture
def clip(tmp_path):
    """Filmed from `LATE_S` of the guide on, in a noisy room."""
    heard = song()[round(LATE_S * AUDIO_RATE) :]
    noise = 0.05 * np.random.default_rng(2).standard_normal(len(heard))
    return take_clip(tmp_path / "take.mp4", 0.5 * heard + noise)


def submitted(guide, path):
    with path.open("rb") as upload:
        return services.submit_attempt(
            dancer=UserFactory(), choreography=guide.choreography, upload=File(upload, name="me.mp4")
        )


def analysed(guide, path):
    take = submitted(guide, path)
    run_job(take.job_id)
    return reread(take)


def reread(take):
    return Attempt.objects.select_related("job", "comparison").get(pk=take.pk)


# Listening


def test_a_take_is_placed_by_the_song_that_is_heard_in_it(guide, clip, monkeypatch):
    take = analysed(guide, clip)
    assert take.job.state == JobState.SUCCEEDED
    assert take.sound["song"] == "same"
    assert take.sound["candidates"][0]["offset_s"] == pytest.approx(-LATE_S, abs=0.02)
    assert take.comparison.offset_s == pytest.approx(-LATE_S, abs=0.05)
    assert take.comparison.result["start"]["source"] in ("sound", "both")

    monkeypatch.setattr(listening, "run_isolated", lambda *arguments, **limits: pytest.fail("listened a second time"))
    services.move_start(take, -1.0)
    run_job(reread(take).job_id)
    moved = reread(take)
    assert (moved.job.state, moved.sound) == (JobState.SUCCEEDED, take.sound)
    assert (moved.start_s, moved.comparison.offset_s) == (-1.0, -1.0)
    assert moved.comparison.result["start"]["source"] == "nudged"


def test_a_silent_take_is_placed_by_its_movement(guide, tmp_path):
    take = analysed(guide, take_clip(tmp_path / "take.mp4", None))
    assert (take.job.state, take.sound["song"], take.sound["candidates"]) == (JobState.SUCCEEDED, "none", [])
    assert take.comparison.offset_s == pytest.approx(-LATE_S, abs=0.05)


def test_a_sound_that_kills_its_reader_costs_the_take_nothing(guide, clip, monkeypatch):
    monkeypatch.setattr(isolated_listening, "hear_song", abort_whatever_is_asked)
    take = analysed(guide, clip)
    assert (take.job.state, take.sound) == (JobState.SUCCEEDED, None)
    assert take.comparison.score is not None


def test_it_can_be_cancelled_while_it_listens(guide, clip, monkeypatch):
    def hears_a_cancellation(function, *arguments, **options):
        Job.objects.update(cancel_requested=True)
        return run_isolated(function, *arguments, **options)

    monkeypatch.setattr(isolated_listening, "hear_song", hang_whatever_is_asked)
    monkeypatch.setattr(listening, "run_isolated", hears_a_cancellation)
    take = submitted(guide, clip)
    run_job(take.job_id)
    assert Job.objects.get(pk=take.job_id).state == JobState.CANCELLED
    assert not Comparison.objects.exists()


def test_a_worker_that_stops_while_it_listens_leaves_the_take_to_the_next(guide, clip, monkeypatch):
    def hears_a_stop(function, *arguments, **options):
        jobs.stopping.set()
        return run_isolated(function, *arguments, **options)

    monkeypatch.setattr(listening, "run_isolated", hears_a_stop)
    take = submitted(guide, clip)
    try:
        run_job(take.job_id)
    finally:
        jobs.stopping.clear()
    assert Job.objects.get(pk=take.job_id).state == JobState.QUEUED
    monkeypatch.setattr(listening, "run_isolated", in_this_process)
    monkeypatch.setattr(analysis, "_find_people", lambda *arguments: pytest.fail("searched a second time"))
    run_job(take.job_id)
    assert reread(take).sound["song"] == "same"


def test_the_beats_of_a_guide_are_proposed(tmp_path, monkeypatch):
    monkeypatch.setattr(listening, "run_isolated", in_this_process)
    with make_clip(tmp_path / "guide.mp4", regular_times(8.0, 10), fps=10, samples=song(8.0)).open("rb") as upload:
        guide = services.add_guide(
            choreography=ChoreographyFactory(), upload=File(upload, name="guide.mp4"), curator=CuratorFactory()
        )
    run_job(guide.job_id)
    assert Guide.objects.get(pk=guide.pk).beats["bpm"] == pytest.approx(120.0, rel=0.02)


# Moving the start


@pytest.fixture
def take():
    """Of 20 s, against a guide of 30 s."""
    dancer = UserFactory()
    video = VideoFactory(owner=dancer, duration_s=20.0)
    take = AttemptFactory(
        dancer=dancer,
        video=video,
        job=JobFactory(owner=dancer, state=JobState.SUCCEEDED),
        with_track=True,
        sound={
            "version": 1,
            "song": "same",
            "candidates": [{"offset_s": -8.0, "confidence": 0.5}, {"offset_s": -24.0, "confidence": 0.4}],
        },
    )
    result = {
        "scoring_version": "2",
        "verdict": "judged",
        "score": 70.0,
        "grade": "good",
        "error_bar": 3.0,
        "parts": {"shape": 70.0, "timing": 70.0, "size": 70.0, "energy": 70.0},
        "offset_s": -8.0,
        "start": {"source": "sound", "confidence": 0.4, "latency_ms": None, "candidates": []},
        "lag_ms": None,
        "pace": None,
        "mirrored": False,
        "turn_deg": None,
        "confidence": 0.4,
        "coverage": 1.0,
        "overlap_s": [8.0, 28.0],
        "mean_error_deg": 10.0,
        "chance_error_deg": 40.0,
        "match": 0.7,
        "limbs": [],
        "sections": [],
        "eights": [],
        "worst_eight": None,
        "findings": [],
        "plan": [],
        "missing_limbs": [],
        "notices": [],
        "timeline": {"step_s": 0.1, "t_s": [], "error_deg": [], "limb_error_deg": {}, "lag_ms": []},
    }
    ComparisonFactory(attempt=take, offset_s=-8.0, result=result)
    return take


def moved(client, take, **data):
    return client.post(reverse("attempt_start", args=[take.pk]), data, follow=True)


def test_the_page_says_where_the_take_begins_and_what_else_it_might_be(client, take):
    client.force_login(take.dancer)
    page = client.get(take.get_absolute_url()).content.decode()
    assert "Your clip begins at 0:08.00 of the guide." in page
    assert "We are fairly sure of it." in page
    assert 'name="start_s" value="-24.0"' in page
    assert "Let KDance find it again" not in page


def test_a_dancer_moves_the_start_and_has_it_found_again(client, take):
    client.force_login(take.dancer)
    earlier_job = take.job_id
    assert moved(client, take, start_s="-24").status_code == 200
    take = reread(take)
    assert (take.start_s, take.job.kind, take.job.state) == (-24.0, "judge_attempt", JobState.QUEUED)
    assert take.comparison.offset_s == -8.0  # until the new one is there
    assert not Job.objects.filter(pk=earlier_job).exists()
    assert "being worked on" in moved(client, take, find_again="1").content.decode()
    Job.objects.update(state=JobState.SUCCEEDED)
    assert "Let KDance find it again" in client.get(take.get_absolute_url()).content.decode()
    moved(client, take, find_again="1")
    assert reread(take).start_s is None


@pytest.mark.parametrize("start", ["", "soon", "nan", "-1e400", "19.5", "-29.5"])
def test_a_start_that_leaves_nothing_to_compare_is_refused(client, take, start):
    client.force_login(take.dancer)
    assert "nothing in common" in moved(client, take, start_s=start).content.decode()
    assert (reread(take).start_s, reread(take).job_id) == (None, take.job_id)


def test_strangers_move_nothing(client, take):
    for stranger in (UserFactory(), CuratorFactory(is_superuser=True)):
        client.force_login(stranger)
        assert moved(client, take, start_s="-7").status_code == 404
        assert client.post(f"/api/v1/attempts/{take.pk}/start/", {"start_s": -7.0}).status_code == 404
    assert reread(take).start_s is None


def test_a_take_without_a_result_has_no_start_to_move():
    with pytest.raises(services.NothingToMove):
        services.move_start(AttemptFactory(), 0.0)


def test_moving_counts_as_an_open_take(take):
    for _ in range(services.MAX_OPEN_ATTEMPTS):
        AttemptFactory(dancer=take.dancer, job=JobFactory(owner=take.dancer))
    with pytest.raises(services.TooManyOpen):
        services.move_start(take, -7.0)


def test_the_api_moves_the_start(client, take):
    client.force_login(take.dancer)
    address = f"/api/v1/attempts/{take.pk}/start/"

    def post(start):
        return client.post(address, json.dumps({"start_s": start}), content_type="application/json")

    refused = post(19.5)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "bad_start")
    assert post("soon").json()["error"]["code"] == "invalid"
    answer = post(-7.25).json()
    assert (answer["start_s"], answer["job"]["kind"]) == (-7.25, "judge_attempt")
    Job.objects.update(state=JobState.SUCCEEDED)
    assert post(None).json()["start_s"] is None
