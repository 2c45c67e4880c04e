"""Teachers see what dancers let them see, for as long as they do, and never what the machine found."""

import importlib
import json
import re

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from accounts.models import User
from accounts.services import close_account
from choreography import services
from choreography.models import GuideState, Rating, ScoredVersion
from inference import storage
from inference.models import Person
from tests import results
from tests.factories import AttemptFactory, ComparisonFactory, CuratorFactory, GuideFactory, UserFactory, VideoFactory

FILES = ("attempt_track", "attempt_video", "attempt_poster", "attempt_poster_data", "attempt_portrait")
TELLTALES = {
    "offset_s": 1.5,
    "mirrored": True,
    "overlap_s": [0.0, 8.0],
    "timeline": {"step_s": 0.1, "t_s": [0.0], "error_deg": [77.7], "limb_error_deg": {"left_arm": [77.7]}},
    "limbs": [{"limb": "left_arm", "score": 43.21, "coverage": 1.0}],
}


@pytest.fixture
def teacher(db):
    person = UserFactory()
    person.user_permissions.add(Permission.objects.get(codename="add_rating"))
    return person


def take_of(dancer=None, **fields):
    """A take with a clip of two people and a result, open to teachers unless it is said."""
    dancer = dancer or UserFactory(display_name="Kim Secret", email=f"kim.secret+{User.objects.count()}@example.org")
    video = VideoFactory(owner=dancer, playable_type="video/mp4")
    video.playable_key = storage.save_bytes(f"videos/{video.pk}/original.mp4", b"film")
    video.save()
    portrait = storage.save_bytes(storage.video_portrait_key(video.pk, 1, 0), b"face")
    places = {"portrait_s": 0.0, "portrait_x": 0.5, "prominence": 1.0, "seen_share": 1.0, "first_s": 0.0, "last_s": 1.0}
    Person.objects.create(
        video=video, number=0, kind="dancer", track_key="t", portrait_key=portrait, report={}, **places
    )
    take = AttemptFactory(
        **{"guide": GuideFactory(published=True, with_track=True), "is_open_to_teachers": True} | fields,
        dancer=dancer,
        video=video,
        with_track=True,
    )
    ComparisonFactory(attempt=take, score=43.21, result=TELLTALES)
    return take


@pytest.fixture
def take(db):
    return take_of()


def address_of(name, take):
    return reverse(name, args=[take.pk, 0] if name == "attempt_portrait" else [take.pk])


def seen(client, person, take, names=(*FILES, "teach_take")):
    client.force_login(person)
    return {client.get(address_of(name, take)).status_code for name in names}


def switch(client, take, is_open):
    client.force_login(take.dancer)
    address = reverse("attempt_teachers", args=[take.pk])
    assert client.post(address, {"open": "1" if is_open else "0"}).status_code == 302


@pytest.mark.parametrize("role", ["teacher", "curator"])
def test_a_take_is_seen_only_while_its_dancer_lets_teachers_see_it(client, teacher, role):
    person = teacher if role == "teacher" else CuratorFactory()
    take, stranger = take_of(is_open_to_teachers=False), UserFactory()
    assert seen(client, person, take) == {404}
    switch(client, take, True)
    assert seen(client, person, take) == {200}
    assert seen(client, stranger, take) == {404}
    client.force_login(person)
    assert client.get(take.get_absolute_url()).status_code == 404  # the result stays with the dancer
    switch(client, take, False)
    assert seen(client, person, take) == {404}
    assert client.post(reverse("teach_take", args=[take.pk]), {"score": 50}).status_code == 404
    assert not Rating.objects.exists()


def test_a_take_without_a_poster_is_listed_without_one(client, teacher):
    drawn, hardly_found = take_of(), take_of(poster=None)
    client.force_login(teacher)
    page = client.get(reverse("teach")).content.decode()
    assert [reverse("attempt_poster", args=[take.pk]) in page for take in (drawn, hardly_found)] == [True, False]
    assert reverse("teach_take", args=[hardly_found.pk]) in page


def test_only_the_dancer_has_the_switch_and_nobody_rates_their_own(client, teacher):
    others, own = take_of(is_open_to_teachers=False), take_of(teacher)
    client.force_login(teacher)
    assert client.post(reverse("attempt_teachers", args=[others.pk]), {"open": "1"}).status_code == 404
    assert client.post(reverse("teach_take", args=[own.pk]), {"score": 100}).status_code == 404
    assert not client.get(reverse("teach")).context["page"].object_list
    client.logout()
    assert client.get(reverse("teach")).status_code == 302
    client.force_login(UserFactory())
    assert client.get(reverse("teach")).status_code == 404


def test_teachers_keep_no_copy_and_see_the_withdrawn_guide_of_an_open_take(client, teacher):
    take = take_of(guide=GuideFactory(state=GuideState.WITHDRAWN, with_track=True))
    closed = take_of(guide=GuideFactory(state=GuideState.WITHDRAWN, with_track=True), is_open_to_teachers=False)
    client.force_login(teacher)
    for name in FILES:
        response = client.get(address_of(name, take))
        assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
    assert client.get(reverse("guide_track", args=[take.guide_id])).status_code == 200
    assert client.get(reverse("guide_track", args=[closed.guide_id])).status_code == 404


def test_the_page_is_blind_and_nameless(client, teacher, take):
    client.force_login(teacher)
    for page in (client.get(reverse("teach")), client.get(reverse("teach_take", args=[take.pk]))):
        text = page.content.decode()
        for telltale in ("43", "77.7", "Kim", "kim.secret", "take.mp4"):
            assert not re.search(rf"(?<![\w-]){re.escape(telltale)}(?![\w-])", text), telltale
    payload = json.loads(re.search(r'id="player-data"[^>]*>(.*?)</script>', text, re.S)[1])
    assert payload["comparison"] == {
        "offset_s": 1.5,
        "mirrored": True,
        "overlap_s": [0.0, 8.0],
        "timeline": {"step_s": 0.1, "t_s": [], "error_deg": [], "limb_error_deg": {}},
        "limbs": [],
        "eights": [],
        "worst_eight": None,
    }
    assert set(payload) == {"version", "skeleton", "guide", "attempt", "sections", "counts", "comparison"}


def test_a_rating_is_saved_leads_to_the_next_and_may_be_changed(client, teacher, take):
    following = take_of()
    client.force_login(teacher)
    address = reverse("teach_take", args=[take.pk])
    saved = client.post(address, {"score": "61", "limbs": ["right_leg", "left_arm"]})
    assert saved.url == reverse("teach_take", args=[following.pk])
    rating = Rating.objects.get()
    assert (rating.attempt, rating.teacher, rating.score, rating.limbs) == (
        take,
        teacher,
        61,
        ["left_arm", "right_leg"],
    )
    listed = client.get(reverse("teach")).context["page"].object_list
    assert [(row.pk, row.own_score) for row in listed] == [(following.pk, None), (take.pk, 61)]
    assert client.post(reverse("teach_take", args=[following.pk]), {"score": "0"}).url == reverse("teach")
    client.post(address, {"score": "70"})
    rating.refresh_from_db()
    assert (rating.score, rating.limbs) == (70, [])


@pytest.mark.parametrize("wrong", [{}, {"score": "101"}, {"score": "-1"}, {"score": "50", "limbs": ["tail"]}])
def test_what_is_no_rating_is_refused_with_words(client, teacher, take, wrong):
    client.force_login(teacher)
    page = client.post(reverse("teach_take", args=[take.pk]), wrong)
    assert page.status_code == 200
    assert page.context["form"].errors
    assert not Rating.objects.exists()


def test_the_list_asks_the_database_no_more_for_more_takes(client, teacher, django_assert_num_queries):
    for _ in range(4):
        take_of()
    client.force_login(teacher)
    with django_assert_num_queries(6):  # session, person, two for the permission, how many, the takes
        assert client.get(reverse("teach")).status_code == 200


def test_ratings_and_versions_go_with_the_take_and_with_either_account(teacher, take):
    def rated(attempt):
        ScoredVersion.objects.create(attempt=attempt, scoring_version="1", verdict="judged", coverage=1.0, result={})
        return Rating.objects.create(attempt=attempt, teacher=teacher, score=50)

    rated(take)
    services.delete_attempt(take)
    rated(take_of(dancer := UserFactory()))
    close_account(user=dancer)
    assert (Rating.objects.count(), ScoredVersion.objects.count()) == (0, 0)
    rated(take_of())
    close_account(user=teacher)
    assert (Rating.objects.count(), ScoredVersion.objects.count()) == (0, 1)


def test_ratings_of_another_person_of_the_clip_are_not_kept_for_this_one(teacher, take):
    Rating.objects.create(attempt=take, teacher=teacher, score=50)
    take.video.track_key = take.track_key
    services.save_analysis(take, result=results.judged(), poster=None)  # another start, the same person
    assert Rating.objects.count() == 1
    take.video.track_key = "people/another.kdt"
    services.save_analysis(take, result=results.judged(), poster=None)
    assert not Rating.objects.exists()


def test_members_of_the_group_are_teachers(client, take):
    importlib.import_module("choreography.migrations.0004_teachers").create_teachers(apps, None)
    member = UserFactory()
    member.groups.add(Group.objects.get(name="teachers"))
    assert seen(client, member, take, ("teach_take",)) == {200}
