"""Several people in a clip: kept with a portrait each, shown to those who may see them, and another can be judged."""

import io
import json

import cv2
import numpy as np
import pytest
from django.core.files import File
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts.services import close_account
from choreography import services
from choreography.models import Attempt, Comparison, Guide, GuideState
from inference import analysis, jobs, storage
from inference.estimators import registry
from inference.estimators.portraits import HEIGHT_PX, WIDTH_PX, framed
from inference.jobs import Fenced, JobRun, run_job
from inference.leftovers import OLD_AFTER, clear_away
from inference.media.isolation import run_isolated
from inference.models import Job, JobState, Person, Video
from inference.pose import codec
from inference.pose.people import PersonKind
from inference.pose.reading import Region
from inference.services import cancel_job, choose_dancer, retry_job
from tests import crowd
from tests.factories import AttemptFactory, CuratorFactory, GuideFactory, JobFactory, UserFactory, VideoFactory
from tests.media import make_clip, regular_times

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quiet_queue(quiet_jobs, monkeypatch):
    """The queue's part is played by the test: it calls run_job itself."""
    monkeypatch.setattr("inference.queue._defer", lambda job_id: None)


@pytest.fixture
def scene(settings, monkeypatch):
    """Has clips searched by the engine of a scene; in this process, which spares each test two new ones."""
    monkeypatch.setattr(registry, "_FACTORIES", dict(registry._FACTORIES))
    monkeypatch.setattr(analysis, "run_isolated", in_this_process)
    crowd.register_scenes()

    def set_scene(name):
        settings.POSE_ESTIMATOR = name

    set_scene("two")
    return set_scene


def in_this_process(function, *arguments, on_message, **limits):
    return function(*arguments, send=on_message)


@pytest.fixture(scope="module")
def clip_path(tmp_path_factory):
    path = tmp_path_factory.mktemp("clips") / "two.mp4"
    return make_clip(path, regular_times(crowd.SECONDS, 30), size=crowd.SIZE_PX, corners=True)


@pytest.fixture
def guide():
    guide = GuideFactory(published=True)
    key = storage.guide_track_key(guide.pk)
    guide.track_key = storage.save_bytes(key, codec.encode(crowd.teacher()))
    guide.save()
    return guide


@pytest.fixture
def take(scene, guide, clip_path):
    return analysed(guide, clip_path)


def analysed(guide, path, dancer=None):
    with path.open("rb") as clip:
        take = services.submit_attempt(
            dancer=dancer or UserFactory(), choreography=guide.choreography, upload=File(clip, name="me.mp4")
        )
    run_job(take.job_id)
    return reread(take)


def reread(take):
    return Attempt.objects.select_related("job", "video__dancer", "comparison").get(pk=take.pk)


def chosen(take, number, *, run=True):
    services.judge_person(take, number)
    take = reread(take)
    if run:
        run_job(take.job_id)
        take = reread(take)
    return take


def page_of(client, take):
    client.force_login(take.dancer)
    return client.get(take.get_absolute_url())


def files_of(video):
    folder = storage.direct_path(video.original_key).parent
    return {f"videos/{video.pk}/{path.name}" for path in folder.iterdir()} if folder.exists() else set()


# What is kept


def test_everybody_is_kept_with_a_track_and_a_portrait(take):
    assert take.job.state == JobState.SUCCEEDED
    first, second = take.video.people.all()
    assert take.video.dancer == first
    assert take.track_key == take.video.track_key == first.track_key
    assert (first.number, second.number, first.kind) == (0, 1, PersonKind.DANCER)
    assert first.prominence > second.prominence
    assert (first.seen_share, first.first_s, first.last_s) == (1.0, 0.0, pytest.approx(crowd.T_S[-1]))
    assert (first.portrait_x, second.portrait_x) == (pytest.approx(0.2, abs=0.1), pytest.approx(0.8, abs=0.1))
    assert first.report["people"] == 2
    for person in (first, second):
        track = codec.decode(storage.read_key(person.track_key))
        assert track.found.all()
        picture = cv2.imdecode(np.frombuffer(storage.read_key(person.portrait_key), np.uint8), cv2.IMREAD_COLOR)
        assert picture.shape == (HEIGHT_PX, WIDTH_PX, 3)
    assert files_of(take.video) == set(take.video.keys)
    assert len(take.video.keys) == 5  # the clip, two tracks, two portraits


def test_the_search_runs_in_a_child_process(scene, guide, clip_path, monkeypatch):
    monkeypatch.setattr(analysis, "run_isolated", run_isolated)
    monkeypatch.setattr("inference.isolated_work.find_people", crowd.find_people)
    take = analysed(guide, clip_path)
    assert (take.job.state, take.video.people.count()) == (JobState.SUCCEEDED, 2)


def test_a_portrait_shows_the_place_where_the_person_is(take):
    """The clip is red, green, blue and white by quarters; the people stand left and right of its middle."""
    left, right = (
        cv2.imdecode(np.frombuffer(storage.read_key(person.portrait_key), np.uint8), cv2.IMREAD_COLOR)
        for person in take.video.people.all()
    )
    blue, green, red = left[HEIGHT_PX // 4, WIDTH_PX // 4]
    assert red > 150 > max(blue, green)
    blue, green, red = right[HEIGHT_PX // 4, WIDTH_PX * 3 // 4]
    assert green > 150 > max(blue, red)


def test_one_dancer_alone_has_no_portrait_and_nothing_to_choose(scene, guide, clip_path, client):
    scene("alone")
    take = analysed(guide, clip_path)
    (person,) = take.video.people.all()
    assert (take.video.dancer, person.portrait_key) == (person, "")
    assert "people-title" not in page_of(client, take).content.decode()
    assert client.get(reverse("attempt_portrait", args=[take.pk, 0])).status_code == 404


def test_a_crowd_is_cut_to_the_six_most_prominent(scene, guide, clip_path):
    scene("eight")
    take = analysed(guide, clip_path)
    assert [person.number for person in take.video.people.all()] == [0, 1, 2, 3, 4, 5]
    assert files_of(take.video) == set(take.video.keys)


def test_an_empty_clip_keeps_nobody(scene, guide, clip_path, client):
    scene("nobody")
    take = analysed(guide, clip_path)
    assert (take.job.failure_code, take.video.track_key) == ("no_dancer", "")
    assert not Person.objects.exists()
    assert page_of(client, take).status_code == 200


def test_a_clip_of_before_has_nobody_to_choose_and_works(guide, client):
    dancer = UserFactory()
    video = VideoFactory(owner=dancer)
    take = AttemptFactory(dancer=dancer, guide=guide, video=video, with_track=True)
    video.track_key = take.track_key
    video.save()
    assert video.keys == [video.original_key, take.track_key]
    assert codec.encode(analysis.dancers_track(video)) == storage.read_key(take.track_key)
    with pytest.raises(services.NobodyThere):
        services.judge_person(take, 0)
    assert page_of(client, take).status_code == 200


@pytest.mark.parametrize(
    ("region", "size_px", "expected"),
    [
        (Region(640, 360, 200, 0.3), (1280, 720), (640, 360, 230)),  # as it is, upright
        (Region(10, 360, 400, 0), (1280, 720), (460 * 0.375, 360, 460)),  # moved in from the left
        (Region(640, 700, 400, 0), (1280, 720), (640, 490, 460)),  # and from below
        (Region(600, 500, 2000, 0), (1280, 720), (600, 360, 720)),  # never higher than the picture
        (Region(100, 640, 1300, 0), (720, 1280), (360, 640, 1280)),  # wider than an upright picture: in its middle
    ],
)
def test_a_portrait_lies_inside_the_picture(region, size_px, expected):
    square = framed(region, size_px)
    assert (square.x_px, square.y_px, square.side_px) == pytest.approx(expected)
    assert square.angle_rad == 0


def test_an_attempt_that_lost_its_job_leaves_nobody_behind(scene, guide, clip_path, monkeypatch):
    dancer = UserFactory()
    with clip_path.open("rb") as clip:
        take = services.submit_attempt(dancer=dancer, choreography=guide.choreography, upload=File(clip, name="me.mp4"))
    save_path = storage.save_path

    def overtaken(key, path):
        Job.objects.filter(pk=take.job_id).update(attempt=2)
        return save_path(key, path)

    monkeypatch.setattr(storage, "save_path", overtaken)
    run_job(take.job_id)
    take = reread(take)
    assert (take.video.track_key, take.video.dancer) == ("", None)
    assert not Person.objects.exists()
    assert files_of(take.video) == {take.video.original_key}


def test_the_judged_person_is_one_of_the_clips_own(take):
    other = VideoFactory(owner=take.dancer)
    with transaction.atomic():
        Video.objects.filter(pk=other.pk).update(dancer=take.video.dancer)
        with pytest.raises(IntegrityError, match="video_dancer_is_in_the_video"):
            connection.check_constraints()
        transaction.set_rollback(True)


# Another person


def test_another_person_is_judged_without_searching_the_clip_again(take, client, monkeypatch):
    monkeypatch.setattr(analysis, "run_isolated", lambda *arguments, **options: pytest.fail("searched again"))
    before, poster, address = take.comparison, take.poster, track_address(client, take)
    assert (before.verdict, before.score) == ("other_dance", None)
    first_job = take.job_id
    take = chosen(take, 1)
    assert (take.job.kind, take.job.state, take.job.owner) == ("judge_attempt", JobState.SUCCEEDED, take.dancer)
    assert take.video.dancer.number == 1
    assert take.track_key == take.video.track_key == take.video.dancer.track_key
    assert take.comparison.score > 90
    assert Comparison.objects.count() == 1
    assert take.poster["figures"] != poster["figures"]
    assert not Job.objects.filter(pk=first_job).exists()
    assert track_address(client, take) != address  # browsers keep a track for a year
    assert files_of(take.video) == set(take.video.keys)
    back = chosen(take, 0)
    assert (back.comparison.result, track_address(client, back)) == (before.result, address)


def track_address(client, take):
    page = page_of(client, take).content.decode()
    payload = json.loads(page.split('<script id="player-data" type="application/json">')[1].split("</script>")[0])
    address = payload["attempt"]["track_url"]
    assert client.get(address).content == storage.read_key(reread(take).track_key)
    return address


def test_choosing_the_judged_person_changes_nothing(take):
    services.judge_person(take, 0)
    assert (reread(take).job_id, Job.objects.count()) == (take.job_id, 1)


def test_only_one_choice_at_a_time(take, client):
    take = chosen(take, 1, run=False)
    with pytest.raises(services.StillWorking):
        services.judge_person(take, 0)
    assert take.video.dancer.number == 1
    client.force_login(take.dancer)
    answer = client.post(reverse("attempt_dancer", args=[take.pk]), {"person": "0"}, follow=True)
    assert "being worked on right now" in answer.content.decode()
    assert 'data-controller="job-progress"' in answer.content.decode()
    assert "people-title" not in answer.content.decode()


def test_a_cancelled_choice_leaves_the_result_and_can_be_taken_up_again(take, client):
    before = take.comparison
    take = chosen(take, 1, run=False)
    cancel_job(take.job)
    take = reread(take)
    assert (take.comparison.result, take.track_key) == (before.result, take.video.people.get(number=0).track_key)
    page = page_of(client, take).content.decode()
    assert "This is still the result from before" in page
    assert person_of(page, 0)["checked"]
    client.post(reverse("attempt_retry", args=[take.pk]))
    run_job(take.job_id)
    take = reread(take)
    assert take.comparison.score > 90
    assert take.track_key == take.video.people.get(number=1).track_key
    assert "This is still the result from before" not in page_of(client, take).content.decode()


def test_going_back_to_the_first_after_a_cancelled_choice(take, client):
    take = chosen(take, 1, run=False)
    cancel_job(take.job)
    take = chosen(reread(take), 0)
    assert (take.job.state, take.video.dancer.number) == (JobState.SUCCEEDED, 0)
    assert "This is still the result from before" not in page_of(client, take).content.decode()


def test_a_killed_worker_loses_no_choice(take):
    take = chosen(take, 1, run=False)
    lost = JobRun(jobs._claim(take.job_id))
    Job.objects.filter(pk=take.job_id).update(state=JobState.QUEUED)  # as upkeep does
    run_job(take.job_id)
    after = reread(take)
    assert after.job.attempt == 2
    with pytest.raises(Fenced):
        jobs._handlers["judge_attempt"](lost)
    assert reread(take).comparison.score == after.comparison.score


def test_a_choice_counts_as_an_open_take(take):
    for _ in range(services.MAX_OPEN_ATTEMPTS):
        AttemptFactory(dancer=take.dancer, job=JobFactory(owner=take.dancer))
    with pytest.raises(services.TooManyOpen):
        services.judge_person(take, 1)
    assert reread(take).video.dancer.number == 0


@pytest.mark.parametrize("number", ["7", "-1", "x", "", "99999999999999999999", "\0"])
def test_nobody_has_such_a_number(take, client, number):
    client.force_login(take.dancer)
    page = client.post(reverse("attempt_dancer", args=[take.pk]), {"person": number}, follow=True)
    assert "Nobody with this number" in page.content.decode()
    assert reread(take).job_id == take.job_id


# A main person who cannot be judged


def test_where_the_main_person_cannot_be_judged_another_can(scene, guide, clip_path, client, monkeypatch):
    scene("one_cut_off")
    take = analysed(guide, clip_path)
    assert (take.job.state, take.job.failure_code) == (JobState.FAILED, "only_upper_body")
    assert (take.video.people.count(), take.track_key) == (2, "")
    monkeypatch.setattr(analysis, "run_isolated", lambda *arguments, **options: pytest.fail("searched again"))
    page = page_of(client, take).content.decode()
    assert "Are you somebody else here?" in page
    assert person_of(page, 0)["disabled"]
    assert not person_of(page, 1)["disabled"]
    with pytest.raises(services.NotJudgeable, match="only_upper_body"):
        services.judge_person(take, 0)
    retry_job(take.job)
    run_job(take.job_id)
    assert reread(take).job.failure_code == "only_upper_body"
    take = chosen(take, 1)
    assert take.job.state == JobState.SUCCEEDED
    assert take.comparison.score > 50
    assert "Is this you?" in page_of(client, take).content.decode()


def test_a_refusal_that_was_stored_is_asked_for_again_by_the_job(take):
    take = chosen(take, 1, run=False)
    report = take.video.dancer.report | {"refusal": "slide_show"}
    Person.objects.filter(pk=take.video.dancer_id).update(report=report)
    run_job(take.job_id)
    take = reread(take)
    assert take.job.failure_code == "slide_show"
    assert take.track_key == take.video.people.get(number=0).track_key


# The page


def person_of(page, number):
    """Attributes of the radio button of one person."""
    (tag,) = [
        part.split(">")[0] for part in page.split('name="person"')[1:] if f'value="{number}"' in part.split(">")[0]
    ]
    return {"checked": " checked" in tag, "disabled": " disabled" in tag}


def test_the_page_lists_dancers_first_and_says_where_they_are(scene, guide, clip_path, client):
    scene("with_a_mirror")
    page = page_of(client, analysed(guide, clip_path)).content.decode()
    words = ["Person 1", "on the left at 0:00", "Person 2", "on the right at 0:00", "Person 3", "in the middle at 0:00",
             "mirror image", "Person 4", "on the right at 0:01", "hardly moves"]  # fmt: skip
    places = [page.find(word, 0) for word in words]
    assert -1 not in places
    numbers = [part.split('value="')[1][0] for part in page.split('name="person"')[1:]]
    assert numbers == ["0", "2", "1", "3"]
    assert page.index("mirror image") < page.index("hardly moves")
    assert person_of(page, 0)["checked"]
    assert not person_of(page, 2)["checked"]


def test_the_page_speaks_korean(take, client):
    take.dancer.language = "ko"
    take.dancer.save()
    page = page_of(client, take).content.decode()
    assert "이 사람이 맞나요?" in page
    assert "1번 사람" in page


def test_six_people_cost_no_more_than_two(scene, guide, clip_path, client, django_assert_num_queries):
    two = analysed(guide, clip_path)
    scene("eight")
    six = analysed(guide, clip_path, two.dancer)
    client.force_login(two.dancer)
    for take in (two, six):  # session, person, take, sections, people, score of the take before
        with django_assert_num_queries(6):
            assert client.get(take.get_absolute_url()).content.count(b'name="person"') in (2, 6)


# Who may see them


def test_portraits_are_their_owners_alone(take, client):
    address = reverse("attempt_portrait", args=[take.pk, 1])
    assert client.get(address).status_code == 404
    for stranger in (UserFactory(), CuratorFactory(), UserFactory(is_staff=True, is_superuser=True)):
        client.force_login(stranger)
        assert client.get(address).status_code == 404
    client.force_login(take.dancer)
    portrait = client.get(address)
    assert portrait.content == storage.read_key(take.video.people.get(number=1).portrait_key)
    assert (portrait["Content-Type"], portrait["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert "private" in portrait["Cache-Control"]
    assert "Cookie" in portrait["Vary"]
    assert client.get(reverse("attempt_portrait", args=[take.pk, 2])).status_code == 404
    storage.delete_keys([take.video.people.get(number=1).portrait_key])
    assert client.get(address).status_code == 404


def test_the_api_lists_people_and_takes_a_choice(take, client):
    client.force_login(take.dancer)
    address = f"/api/v1/attempts/{take.pk}/"
    people = client.get(f"{address}people/").json()
    assert [(person["number"], person["is_judged"], person["refusal"]) for person in people] == [
        (0, True, None),
        (1, False, None),
    ]
    assert client.get(people[1]["portrait_url"]).status_code == 200
    answer = client.post(f"{address}dancer/", json.dumps({"number": 1}), content_type="application/json")
    assert (answer.status_code, answer.json()["job"]["kind"]) == (200, "judge_attempt")
    again = client.post(f"{address}dancer/", {"number": 0})
    assert (again.status_code, again.json()["error"]["code"]) == (400, "still_working")
    run_job(reread(take).job_id)
    assert [person["is_judged"] for person in client.get(f"{address}people/").json()] == [False, True]
    for body, code in (({"number": 5}, "no_such_person"), ({"number": "x"}, "invalid"), ({}, "invalid")):
        assert client.post(f"{address}dancer/", body).json()["error"]["code"] == code


def test_the_api_says_nothing_about_other_peoples_clips(take, client):
    client.force_login(UserFactory(is_staff=True))
    nowhere = f"/api/v1/attempts/{AttemptFactory.build().pk}/"
    for method, path in (("get", "people/"), ("post", "dancer/")):
        mine, none = (
            getattr(client, method)(f"{base}{path}", {"number": 1} if method == "post" else {})
            for base in (f"/api/v1/attempts/{take.pk}/", nowhere)
        )
        assert mine.status_code == none.status_code == 404
        assert mine.json() == none.json()
    assert reread(take).job_id == take.job_id


def test_the_api_describes_people(client):
    schema = client.get("/api/schema/", headers={"accept": "application/json"}).json()
    listed = schema["paths"]["/api/v1/attempts/{id}/people/"]["get"]["responses"]["200"]
    assert listed["content"]["application/json"]["schema"]["items"]["$ref"].endswith("/Person")
    chosen_body = schema["paths"]["/api/v1/attempts/{id}/dancer/"]["post"]["requestBody"]["content"]
    assert chosen_body["application/json"]["schema"]["$ref"].endswith("/ChosenPerson")


# Nothing stays behind


@pytest.mark.parametrize("deletion", ["take", "account"])
def test_deleting_takes_everybodys_files(take, deletion):
    take = chosen(take, 1)
    if deletion == "take":
        services.delete_attempt(take)
    else:
        close_account(user=take.dancer)
    assert files_of(take.video) == set()
    assert (Person.objects.count(), Video.objects.count(), Job.objects.count()) == (0, 0, 0)


def test_a_page_that_was_opened_before_a_choice_deletes_its_job_too(take):
    stale = reread(take)
    chosen(take, 1, run=False)
    services.delete_attempt(stale)
    assert (Attempt.objects.count(), Job.objects.count(), Person.objects.count()) == (0, 0, 0)


def test_a_choice_made_while_the_take_is_deleted_finds_nobody(take):
    stale = reread(take)
    services.delete_attempt(reread(take))
    with pytest.raises(services.NobodyThere):
        services.judge_person(stale, 1)


def test_files_of_people_stay_and_those_of_a_lost_attempt_go(take, settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    lost = storage.save_bytes(storage.video_portrait_key(take.video.pk, 7, 0), b"portrait")
    later = take.video.created_at + OLD_AFTER + OLD_AFTER
    clear_away(now=later)
    assert files_of(take.video) == set(take.video.keys)
    assert lost not in take.video.keys


# Guides


@pytest.fixture
def guide_of_two(scene, clip_path):
    choreography = GuideFactory(published=True).choreography
    with clip_path.open("rb") as clip:
        guide = services.add_guide(
            choreography=choreography, upload=File(io.BytesIO(clip.read()), name="g.mp4"), curator=CuratorFactory()
        )
    run_job(guide.job_id)
    return Guide.objects.select_related("video__dancer", "job").get(pk=guide.pk)


def test_a_curator_chooses_who_is_the_guide(guide_of_two, client):
    guide, curator = guide_of_two, CuratorFactory()
    assert (guide.state, guide.video.people.count()) == (GuideState.READY, 2)
    client.force_login(curator)
    page = client.get(reverse("admin:choreography_guide_change", args=[guide.pk])).content.decode()
    assert "Who is the guide?" in page
    assert person_of(page, 0)["checked"]
    before = guide.track_key
    client.post(reverse("admin:choreography_guide_dancer", args=[guide.pk]), {"person": "1"})
    guide = Guide.objects.select_related("job").get(pk=guide.pk)
    assert (guide.state, guide.job.kind, guide.job.owner) == (GuideState.PROCESSING, "judge_guide", curator)
    assert guide.track_key == before
    run_job(guide.job_id)
    guide = Guide.objects.select_related("video__dancer").get(pk=guide.pk)
    assert (guide.state, guide.video.dancer.number) == (GuideState.READY, 1)
    assert guide.track_key == guide.video.dancer.track_key != before
    services.publish_guide(guide)
    page = client.get(reverse("admin:choreography_guide_change", args=[guide.pk])).content.decode()
    assert "Who is the guide?" not in page


def test_a_cancelled_choice_leaves_the_guide_as_it_was(guide_of_two, client):
    guide, before = guide_of_two, guide_of_two.track_key
    services.judge_person_of_guide(guide, 1, curator=CuratorFactory())
    guide = Guide.objects.select_related("job").get(pk=guide.pk)
    cancel_job(guide.job)
    guide = Guide.objects.select_related("job").get(pk=guide.pk)
    assert (guide.state, guide.track_key) == (GuideState.READY, before)
    services.retry_guide(guide)
    guide = Guide.objects.get(pk=guide.pk)
    assert guide.state == GuideState.PROCESSING
    run_job(guide.job_id)
    guide = Guide.objects.get(pk=guide.pk)
    assert (guide.state, guide.track_key == before) == (GuideState.READY, False)


def test_a_guide_that_dancers_follow_stays_who_it_is(guide_of_two, client):
    services.publish_guide(guide_of_two)
    for _ in range(2):
        with pytest.raises(services.GuideInUse):
            services.judge_person_of_guide(guide_of_two, 1, curator=CuratorFactory())
        AttemptFactory(guide=guide_of_two)
        services.withdraw_guide(guide_of_two)
    assert Guide.objects.get(pk=guide_of_two.pk).video.dancer_id == guide_of_two.video.dancer_id
    client.force_login(CuratorFactory())
    address = reverse("admin:choreography_guide_dancer", args=[guide_of_two.pk])
    assert "upload the clip as a new version" in client.post(address, {"person": "1"}, follow=True).content.decode()


def test_portraits_of_a_guides_clip_are_for_curators(guide_of_two, client):
    services.publish_guide(guide_of_two)
    address = reverse("guide_portrait", args=[guide_of_two.pk, 1])
    assert client.get(address).status_code == 404
    client.force_login(UserFactory())
    assert client.get(address).status_code == 404
    client.force_login(CuratorFactory())
    assert client.get(address)["Content-Type"] == "image/jpeg"


def test_choosing_twice_is_choosing_once(take):
    first = choose_dancer(take.video, 1)
    assert choose_dancer(take.video, 1) == first
    assert Video.objects.get(pk=take.video_id).dancer == first
