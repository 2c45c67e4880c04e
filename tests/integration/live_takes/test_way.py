"""Takes danced before the webcam: sent in parts, hostile until looked at, and a take like any other when done."""

from dataclasses import replace

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from choreography import live_takes, services
from choreography.models import Attempt, LiveTake
from inference import storage
from inference.jobs import run_job
from inference.models import Job, JobState
from inference.pose import codec
from inference.pose.skeleton import SKELETON
from tests.at_once import at_once
from tests.factories import GuideFactory, UserFactory
from tests.live_takes import BYTES, GUIDE, PART_BYTES, TAKE, Browser, refused

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet_jobs")]

# The way of a take


def test_a_take_danced_live_is_judged_like_any_other(client, browser, dancer):
    address = browser.send().json()["url"]
    take = Attempt.objects.get()
    assert address == take.get_absolute_url()
    assert (take.dancer, take.guide, take.video, take.live_offset_s) == (dancer, browser.guide, None, 0.0)
    assert storage.live_parts(browser.id) == {}
    assert client.get(address).status_code == 200  # the page that waits
    run_job(take.job_id)
    take = Attempt.objects.select_related("job", "comparison").get()
    assert (take.job.state, take.job.kind) == (JobState.SUCCEEDED, "judge_live")
    assert take.comparison.verdict == "judged"
    assert take.comparison.score > 80
    assert take.comparison.result["start"]["source"] == "live"
    assert take.comparison.result["lag_ms"] == pytest.approx(0, abs=20)  # a small constant one is the device's
    page = client.get(address).content.decode()
    assert "joints" in page
    assert reverse("attempt_video", args=[take.pk]) not in page
    assert client.get(reverse("attempt_track", args=[take.pk])).status_code == 200
    assert take.poster is not None
    assert "no-store" in client.get(address)["Cache-Control"]


def test_what_was_lost_on_the_way_is_sent_again_and_nothing_else(browser):
    assert browser.open().json() == {"id": str(browser.id), "part_bytes": PART_BYTES, "received": []}
    last = browser.parts[-1]
    assert browser.part(last).status_code == browser.part(0).status_code == 204
    assert browser.part(0).status_code == 204
    assert browser.open().json()["received"] == [0, last]
    assert refused(browser.done()) == (400, "live_incomplete")
    assert LiveTake.objects.count() == 1


def test_asking_again_makes_no_second_take(browser):
    first = browser.send().json()
    assert browser.done().json() == first
    assert browser.open().json()["url"] == first["url"]
    assert refused(browser.part(0)) == (400, "live_is_done")
    assert refused(browser.delete()) == (400, "live_is_done")
    assert (Attempt.objects.count(), Job.objects.count()) == (1, 1)


def test_two_who_finish_at_once_make_one_take(browser, dancer):
    browser.open()
    for number in browser.parts:
        browser.part(number)
    takes = at_once([lambda: live_takes.finish(LiveTake.objects.get()).pk] * 2)
    assert len(set(takes)) == Attempt.objects.count() == Job.objects.count() == 1


def test_a_part_that_a_killed_process_wrote_by_half_is_asked_for_again(browser):
    browser.open()
    for number in browser.parts:
        browser.part(number)
    storage.save_bytes(storage.live_part_key(browser.id, 0), b"half")
    assert refused(browser.done()) == (400, "live_incomplete")
    assert 0 not in browser.open().json()["received"]
    browser.part(0)
    assert browser.done().status_code == 200


def test_a_take_waits_where_three_are_being_judged(client, browser, guide):
    for _ in range(services.MAX_OPEN_ATTEMPTS):
        assert Browser(client, guide).send().status_code == 200
    assert refused(browser.send()) == (400, "too_many_open")
    run_job(Attempt.objects.first().job_id)
    assert browser.done().status_code == 200


def test_the_guide_danced_to_is_the_one_of_the_take(client, browser, guide, dancer):
    """Also where another version was published while the take waited on the device."""
    services.withdraw_guide(guide)
    assert refused(browser.open()) == (400, "no_guide")
    GuideFactory(published=True, choreography=guide.choreography, duration_s=12.0, version=99)
    address = f"{reverse('live_takes', args=[guide.choreography.slug])}?guide="
    asked = {"id": str(browser.id), "offset_s": 0, "size_bytes": 100}
    for wrong in (GuideFactory(published=True).pk, GuideFactory(choreography=guide.choreography).pk):
        assert refused(client.post(f"{address}{wrong}", asked, content_type="application/json")) == (400, "no_guide")
    assert client.post(f"{address}nonsense", asked, content_type="application/json").status_code == 404
    assert client.post(f"{address}{guide.pk}", asked, content_type="application/json").status_code == 200
    assert LiveTake.objects.get().guide == guide


# Whose is it


def test_nobody_else_gets_at_a_live_take(client, browser):
    browser.open()
    browser.part(0)
    for stranger in (UserFactory(), UserFactory(is_staff=True, is_superuser=True)):
        client.force_login(stranger)
        assert {refused(answer) for answer in (browser.open(), browser.part(0), browser.done(), browser.delete())} == {
            (404, "not_found")
        }
    client.logout()
    for answer in (browser.open(), browser.part(0), browser.done(), browser.delete()):
        assert refused(answer) == (403, "not_authenticated")
    assert LiveTake.objects.count() == len(storage.live_parts(browser.id)) == 1


def test_every_step_wants_the_token(browser, dancer):
    browser.open()
    browser.client = Client(enforce_csrf_checks=True)
    browser.client.force_login(dancer)
    for answer in (browser.open(), browser.part(0), browser.done(), browser.delete()):
        assert refused(answer) == (403, "permission_denied")


def test_takes_are_not_begun_without_end(browser, monkeypatch):
    from rest_framework.throttling import SimpleRateThrottle

    monkeypatch.setitem(SimpleRateThrottle.THROTTLE_RATES, "live", "2/hour")
    assert [browser.open().status_code for _ in range(3)] == [200, 200, 429]
    assert browser.part(0).status_code == 204


# Hostile


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id": "not-an-id"}, "invalid"),
        ({"id": None}, "invalid"),
        ({"offset_s": "soon"}, "invalid"),
        ({"offset_s": float("nan")}, "parse_error"),
        ({"offset_s": 1e308}, "live_bad_start"),
        ({"offset_s": -11.5}, "live_bad_start"),
        ({"offset_s": 3600}, "live_bad_start"),
        ({"size_bytes": 0}, "invalid"),
        ({"size_bytes": -5}, "invalid"),
        ({"size_bytes": live_takes.MAX_TAKE_BYTES + 1}, "live_too_large"),
        ({"size_bytes": 10**30}, "live_too_large"),
    ],
)
def test_a_take_that_cannot_be_is_not_begun(browser, changes, code):
    assert refused(browser.open(**changes)) == (400, code)
    assert not LiveTake.objects.exists()


def test_what_is_nested_too_deep_is_refused(client, browser):
    address = reverse("live_takes", args=[browser.guide.choreography.slug])
    assert refused(client.post(address, "[" * 60_000, content_type="application/json")) == (400, "parse_error")


def test_an_id_stands_for_one_take(browser):
    browser.open()
    assert refused(browser.open(size_bytes=77)) == (400, "live_other_take")
    assert refused(browser.open(offset_s=0.5)) == (400, "live_other_take")


@pytest.mark.parametrize(
    ("number", "data", "code"),
    [
        (0, b"", "live_bad_part"),
        (0, b"x" * (PART_BYTES - 1), "live_bad_part"),
        (0, b"x" * (PART_BYTES + 1), "live_bad_part"),
        (len(BYTES) // PART_BYTES, b"x" * PART_BYTES, "live_bad_part"),  # the last one is shorter
        (len(BYTES) // PART_BYTES + 1, b"x" * PART_BYTES, "live_no_such_part"),
        (10**12, b"x", "live_no_such_part"),
    ],
)
def test_parts_that_do_not_fit_are_not_kept(browser, number, data, code):
    browser.open()
    assert refused(browser.part(number, data)) == (400, code)
    assert storage.live_parts(browser.id) == {}


@pytest.mark.parametrize(
    ("data", "offset_s", "code"),
    [
        (b"\x00" * 5000, 0.0, "live_not_a_track"),
        (BYTES[:-1] + b"\x00", 0.0, "live_not_a_track"),
        (codec.encode(replace(TAKE, model="blazepose-full")), 0.0, "live_unknown_model"),
        (codec.encode(replace(TAKE, t_s=TAKE.t_s * 10)), 0.0, "live_too_long"),
        (BYTES, 11.5, "live_bad_start"),  # there was still room for a longer take when it was begun
    ],
)
def test_what_nobody_danced_becomes_no_take(browser, data, offset_s, code):
    browser.data, browser.offset_s = data, offset_s
    assert refused(browser.send()) == (400, code)
    assert not Attempt.objects.exists()
    assert not Job.objects.exists()
    assert browser.delete().status_code == 204
    assert storage.live_parts(browser.id) == {}


def scaled(track):
    return replace(track, xy_px=track.xy_px * 0.6 + np.float32(90.0), size_px=(640, 480))


def trembling(track):
    noise = np.random.default_rng(3).normal(0.0, 1.0, track.xy_px.shape).astype(np.float32)
    return replace(track, xy_px=track.xy_px + noise)


def flipped(track):
    xy_px = track.xy_px[:, SKELETON.mirrored_order].copy()
    xy_px[..., 0] = track.size_px[0] - xy_px[..., 0]
    return replace(track, xy_px=xy_px)


@pytest.mark.parametrize("disguise", [lambda track: track, scaled, trembling, flipped])
def test_the_guides_own_track_is_noticed(browser, disguise):
    browser.data = codec.encode(disguise(replace(GUIDE, model="tasks-vision-full")))
    browser.send()
    run_job(Attempt.objects.get().job_id)
    comparison = Attempt.objects.select_related("comparison").get().comparison
    assert (comparison.verdict, comparison.score) == ("guide_replayed", None)
