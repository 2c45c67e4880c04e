"""Takes from upload to deletion: the same doors for pages and API, and closed to strangers."""

import io

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from choreography import services
from choreography.models import Attempt
from inference import storage
from inference.models import Job, JobState, Video
from tests.factories import AttemptFactory, ChoreographyFactory, ComparisonFactory, GuideFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_jobs")]


@pytest.fixture
def dancer(client):
    person = UserFactory()
    client.force_login(person)
    return person


@pytest.fixture
def choreography():
    return GuideFactory(published=True).choreography


def clip(name="me.mp4", data=b"not looked at in the request"):
    file = io.BytesIO(data)
    file.name = name
    return file


def send(client, choreography, file, **headers):
    return client.post(
        reverse("attempt_upload", args=[choreography.slug]), {"clip": file} if file else {}, headers=headers
    )


def test_a_clip_becomes_a_waiting_take(client, dancer, choreography, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        response = send(client, choreography, clip())
    take = Attempt.objects.get()
    assert response.url == reverse("attempt", args=[take.pk])
    assert (take.dancer, take.job.state) == (dancer, JobState.QUEUED)
    assert storage.read_key(take.video.original_key) == b"not looked at in the request"
    assert take.job.queue_id is None or Job.objects.get(pk=take.job_id).queue_id
    assert Job.objects.get(pk=take.job_id).queue_id is not None


def test_the_name_of_an_upload_never_reaches_the_storage(client, dancer, choreography):
    send(client, choreography, clip(name="../../etc/passwd.mp4"))
    video = Video.objects.get()
    assert video.original_key == f"videos/{video.pk}/original.mp4"


@pytest.mark.parametrize(("file", "code"), [(None, "no_file"), (clip(data=b""), "empty_file")])
def test_nothing_sent_is_refused_kindly(client, dancer, choreography, file, code):
    response = send(client, choreography, file, accept="application/json")
    assert response.status_code == 400
    assert response.json()["error"]["code"] == code
    assert len(response.json()["error"]["message"]) > 20
    assert not Attempt.objects.exists()
    assert send(client, choreography, file).status_code == 302


def test_a_fourth_open_take_waits(client, dancer, choreography):
    for _ in range(3):
        assert send(client, choreography, clip(), accept="application/json").status_code == 201
    refusal = send(client, choreography, clip(), accept="application/json")
    assert refusal.json()["error"]["code"] == "too_many_open"
    assert Video.objects.count() == 3


def test_a_choreography_without_a_published_guide_takes_no_clip(client, dancer):
    unpublished = ChoreographyFactory()
    assert send(client, unpublished, clip(), accept="application/json").json()["error"]["code"] == "no_guide"


def test_an_upload_needs_a_login(client, choreography):
    response = send(client, choreography, clip())
    assert response.status_code == 302
    assert reverse("account_login") in response.url
    assert not Video.objects.exists()


def test_deleting_removes_rows_tracks_and_files(client, dancer, choreography):
    send(client, choreography, clip())
    take = Attempt.objects.get()
    video = take.video
    video.track_key = storage.save_bytes(storage.video_track_key(video.pk, 1), b"track")
    video.playable_key = storage.save_bytes(storage.video_playable_key(video.pk, 1), b"film")
    video.save()
    take.track_key = video.track_key
    take.save()
    keys = video.keys
    assert len(keys) == 3
    folder = storage.direct_path(keys[0]).parent
    response = client.post(reverse("attempt_delete", args=[take.pk]))
    assert response.status_code == 302
    assert (Attempt.objects.count(), Video.objects.count(), Job.objects.count()) == (0, 0, 0)
    assert not folder.exists()


@pytest.mark.parametrize("name", ["attempt", "attempt_track", "attempt_video", "attempt_poster", "attempt_poster_data"])
def test_strangers_and_curators_get_404_for_a_take(client, name):
    take = AttemptFactory(with_track=True)
    address = reverse(name, args=[take.pk])
    assert client.get(address).status_code in (302, 404)
    for stranger in (UserFactory(), UserFactory(is_staff=True, is_superuser=True)):
        client.force_login(stranger)
        assert client.get(address).status_code == 404


@pytest.mark.parametrize("name", ["attempt_delete", "attempt_cancel", "attempt_retry"])
def test_strangers_cannot_act_on_a_take(client, dancer, name):
    take = AttemptFactory()
    assert client.post(reverse(name, args=[take.pk])).status_code == 404
    assert client.get(reverse(name, args=[take.pk])).status_code == 405
    assert Attempt.objects.filter(pk=take.pk).exists()


def test_job_state_answers_its_owner_only(client, dancer, choreography):
    send(client, choreography, clip())
    address = reverse("job_state", args=[Job.objects.get().pk])
    assert client.get(address).json()["state"] == "queued"
    client.force_login(UserFactory(is_staff=True))
    assert client.get(address).status_code == 404


def test_the_api_sends_lists_cancels_and_deletes(client, dancer, choreography):
    made = client.post("/api/v1/attempts/", {"choreography": choreography.slug, "clip": clip()})
    assert made.status_code == 201
    address = made.json()["url"]
    listed = client.get("/api/v1/attempts/").json()
    assert [entry["id"] for entry in listed["results"]] == [made.json()["id"]]
    assert client.get(f"{address}result/").status_code == 404
    assert client.post(f"{address}cancel/").json()["job"]["state"] == "cancelled"
    assert client.post(f"{address}retry/").json()["job"]["state"] == "queued"
    assert client.delete(address).status_code == 204
    assert not Attempt.objects.exists()


def test_the_api_keeps_to_its_dancer(client, dancer):
    take = AttemptFactory()
    address = f"/api/v1/attempts/{take.pk}/"
    assert client.get("/api/v1/attempts/").json()["results"] == []
    for response in (
        client.get(address),
        client.delete(address),
        client.post(f"{address}cancel/"),
        client.get(f"{address}result/"),
    ):
        assert response.status_code == 404
    client.logout()
    assert client.get("/api/v1/attempts/").status_code == 403
    assert client.get("/api/v1/choreographies/").status_code == 200


def test_the_api_describes_itself(client):
    schema = client.get("/api/schema/", headers={"accept": "application/json"}).json()
    assert "/api/v1/attempts/{id}/result/" in schema["paths"]
    assert client.get("/api/docs/").status_code == 200


def test_history_costs_the_same_with_many_takes(client, dancer, django_assert_max_num_queries):
    ComparisonFactory.create_batch(30, attempt__dancer=dancer)
    with django_assert_max_num_queries(9):
        page = client.get(reverse("history"))
    assert page.status_code == 200


def test_closing_an_account_removes_its_takes(dancer):
    video_key = storage.save_file("videos/x/original.mp4", ContentFile(b"x"))
    video = Video.objects.create(owner=dancer, original_key=video_key, original_name="x.mp4", size_bytes=1)
    AttemptFactory(dancer=dancer, video=video)
    services.delete_dancer_data(dancer)
    assert not Attempt.objects.exists()
    assert not storage.direct_path(video_key).exists()


def test_a_take_whose_dancer_is_hardly_found_is_listed_without_a_poster(client, dancer):
    take = AttemptFactory(dancer=dancer, with_track=True)
    hardly_found = AttemptFactory(dancer=dancer, guide=take.guide, with_track=True, poster=None)
    for page in (reverse("history"), take.choreography.get_absolute_url()):
        words = client.get(page).content.decode()
        assert reverse("attempt_poster", args=[take.pk]) in words
        assert reverse("attempt", args=[hardly_found.pk]) in words
        assert reverse("attempt_poster", args=[hardly_found.pk]) not in words
