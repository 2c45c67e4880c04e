"""Takes danced before the webcam beside and after their result."""

from dataclasses import replace

import pytest
from django.urls import reverse

from choreography import rescoring
from choreography.judging import judge_each
from choreography.models import Attempt
from inference import storage
from inference.jobs import run_job
from inference.models import JobState
from inference.pose import codec
from tests.factories import CuratorFactory
from tests.live_takes import DANCE
from tests.motion import SHORT_AND_BROAD, performed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet_jobs")]


@pytest.fixture
def judged(browser):
    browser.send()
    run_job(Attempt.objects.get().job_id)
    return Attempt.objects.select_related("job", "comparison").get()


def test_its_start_can_be_moved_as_far_as_it_lasts(client, browser):
    short = performed(DANCE, SHORT_AND_BROAD, noise_px=2.0, to_s=7.0)
    browser.data = codec.encode(replace(short, model="tasks-vision-lite"))
    browser.send()
    take = Attempt.objects.get()
    run_job(take.job_id)
    assert take.start_range_s == pytest.approx((-11.0, 6.0), abs=0.01)
    client.post(reverse("attempt_start", args=[take.pk]), {"start_s": "6.5"})
    assert Attempt.objects.get().start_s is None
    client.post(reverse("attempt_start", args=[take.pk]), {"start_s": "0.1"})
    run_job(Attempt.objects.get().job_id)
    moved = Attempt.objects.select_related("job", "comparison").get()
    assert moved.job.state == JobState.SUCCEEDED
    assert moved.comparison.result["start"]["source"] == "nudged"
    page = client.get(moved.get_absolute_url()).content.decode()
    assert reverse("live", args=[moved.choreography.slug]) in page


def test_a_failed_comparison_is_tried_again_from_what_was_sent(client, browser, monkeypatch):
    browser.send()
    take = Attempt.objects.get()
    with monkeypatch.context() as broken:
        broken.setattr("choreography.judging.judge", lambda *_: 1 / 0)
        run_job(take.job_id)
    take.refresh_from_db()
    assert take.job.state == JobState.FAILED
    assert client.get(take.get_absolute_url()).status_code == 200
    client.post(reverse("attempt_retry", args=[take.pk]))
    run_job(take.job_id)
    take = Attempt.objects.select_related("job", "comparison").get()
    assert take.comparison.verdict == "judged"
    assert take.track_key == storage.attempt_track_key(take.pk, 2)


def test_pages_around_it_work_without_a_clip(client, judged):
    page = client.get(reverse("history")).content.decode()
    assert judged.get_absolute_url() in page
    assert client.get(reverse("api-attempt-people", args=[judged.pk])).json() == []
    assert client.get(reverse("api-attempt-result", args=[judged.pk])).json()["verdict"] == "judged"
    assert client.get(reverse("api-attempt-detail", args=[judged.pk])).json()["is_live"] is True
    client.post(reverse("attempt_teachers", args=[judged.pk]), {"open": "1"})
    client.force_login(CuratorFactory())
    assert client.get(reverse("teach_take", args=[judged.pk])).status_code == 200
    assert client.get(reverse("attempt_track", args=[judged.pk])).status_code == 200
    assert client.get(reverse("attempt_video", args=[judged.pk])).status_code == 404


def test_it_is_scored_again_like_any_other(judged):
    shown = judged.comparison.score
    ((take, result),) = judge_each(rescoring.to_judge(Attempt.objects.all()))
    assert rescoring.save_draft(take, result)
    assert result.score == pytest.approx(shown, abs=0.1)
