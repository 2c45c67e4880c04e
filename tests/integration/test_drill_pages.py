"""The drill, today's five minutes and the history of practice, as pages."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from choreography import services
from choreography.models import EightMemory, PracticeKind, PracticeSpell, SectionKind
from tests import results
from tests.factories import AttemptFactory, GuideFactory, SectionFactory, SongFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def dancer(client):
    person = UserFactory()
    client.force_login(person)
    return person


@pytest.fixture
def guide():
    return dance()


def dance(**song):
    song = SongFactory(bpm=results.GRID.bpm, first_beat_s=results.GRID.first_count_s, **song)
    guide = GuideFactory(published=True, with_track=True, choreography__song=song, duration_s=results.DURATION_S)
    for part in results.SECTIONS:
        SectionFactory(
            choreography=guide.choreography, kind=SectionKind(part.kind), start_s=part.start_s, end_s=part.end_s
        )
    return guide


def danced(dancer, guide, result=None):
    take = AttemptFactory(dancer=dancer, guide=guide)
    services.save_comparison(take, result or results.judged())
    return take


def drill(client, guide, **wish):
    return client.get(reverse("drill", args=[guide.choreography.slug]), wish)


def knows(dancer, guide, eight, **fields):
    start_s = results.GRID.first_count_s + eight * 4.0
    values = {"start_s": start_s, "end_s": start_s + 4.0, "danced_on": localdate()} | fields
    return EightMemory.objects.create(
        dancer=dancer, choreography=guide.choreography, guide=guide, eight=eight, **values
    )


def test_the_worst_moments_of_a_take_are_looped_with_the_eights_around_them(client, dancer, guide):
    page = drill(client, guide, take=danced(dancer, guide).pk)
    found = page.context["drill"]
    assert found.source == "take"
    first, second, third = found.payload["moments"]
    assert first["eights"] == [6]
    assert (first["start_s"], first["end_s"]) == pytest.approx((20.4, 32.4))
    assert first["what"] == "Your left arm comes half a count late (240 ms)"
    assert first["label"] == "Chorus 1, eight 1"
    assert first["before"] == pytest.approx(41.0)
    assert second["eights"] == [3]
    assert third["eights"] == [12]
    assert found.payload["part"] == pytest.approx((0.0, 60.0))
    assert 60 < found.payload["part_before"] < 85
    text = page.content.decode()
    assert "Drill these 3" in text
    assert 'data-drill="go-live"' in text
    assert first["what"] in text


def test_the_result_leads_to_its_drill(client, dancer, guide):
    take = AttemptFactory(dancer=dancer, guide=guide, with_track=True)
    services.save_comparison(take, results.judged())
    page = client.get(take.get_absolute_url()).content.decode()
    assert f"{reverse('drill', args=[guide.choreography.slug])}?take={take.pk}" in page


def test_only_own_takes_of_this_dance_are_drilled(client, dancer, guide):
    for take in (danced(UserFactory(), guide), danced(dancer, dance()), AttemptFactory(dancer=dancer, guide=guide)):
        assert drill(client, guide, take=take.pk).status_code == 404
    for nonsense in ("x", "1", "../", "%00"):
        assert drill(client, guide, take=nonsense).status_code == 404
        assert drill(client, guide, eight=nonsense).status_code in (200, 404)
    client.logout()
    assert drill(client, guide).status_code == 302


def test_a_take_of_an_earlier_version_is_not_drilled_at_the_wrong_places(client, dancer, guide):
    take = danced(dancer, guide)
    services.withdraw_guide(guide)
    newer = GuideFactory(choreography=guide.choreography, published=True, with_track=True, duration_s=60.0)
    page = drill(client, newer, take=take.pk)
    assert page.context["is_other_version"]
    assert page.context["drill"] is None
    EightMemory.objects.all().delete()
    knows(dancer, newer, 2, last_score=30.0)
    page = drill(client, newer, take=take.pk)
    assert page.context["drill"].payload["moments"][0]["eights"] == [2]
    assert "earlier version of the guide" in page.content.decode()


def test_a_take_without_a_plan_is_drilled_where_it_has_the_fewest_points(client, dancer, guide):
    page = drill(client, guide, take=danced(dancer, guide, results.judged(findings=(), plan=())).pk)
    moments = page.context["drill"].payload["moments"]
    assert moments[0]["eights"] == [6]
    assert [moment["before"] for moment in moments] == sorted(moment["before"] for moment in moments)


def test_an_early_version_s_take_falls_back_on_what_is_known(client, dancer, guide):
    take = danced(dancer, guide)
    take.comparison.result = results.of_version_1()
    take.comparison.save()
    assert drill(client, guide, take=take.pk).context["drill"].source == "weakest"


def test_what_is_due_comes_first_and_at_most_three_eights_at_once(client, dancer, guide):
    today = localdate()
    for eight, ago in ((2, 1), (3, 5), (7, 0), (9, 3), (11, -1)):
        knows(dancer, guide, eight, last_score=30.0 + eight, stage=1, due_on=today - timedelta(days=ago), limb="head")
    found = drill(client, guide, today="1").context["drill"]
    assert found.source == "today"
    assert [moment["eights"] for moment in found.payload["moments"]] == [[2, 3], [9]]
    assert found.payload["moments"][0]["what"] == "Last time it was the head"
    assert drill(client, guide, eight="7").context["drill"].payload["moments"][0]["eights"] == [7]
    assert drill(client, guide, eight="99").context["drill"] is None


@pytest.mark.parametrize("language", ["en", "ko"])
def test_pages_without_any_practice_invite(client, dancer, guide, language):
    client.cookies["django_language"] = language
    dancer.language = language
    dancer.save()
    empty = drill(client, guide).content.decode()
    assert ("Nothing of this dance is known to be weak" if language == "en" else "아직 약한 부분을 몰라요") in empty
    home, history = client.get("/").content.decode(), client.get(reverse("history")).content.decode()
    assert "practised__facts" not in history
    assert "today=1" not in home


@pytest.mark.parametrize(("language", "words"), [("en", "1 weak eight, 2 min"), ("ko", "약한 8카운트 1개, 2분")])
def test_today_s_five_minutes_come_first_at_home(client, dancer, guide, language, words):
    dancer.language = language
    dancer.save()
    knows(dancer, guide, 6, last_score=40.0, stage=0, due_on=localdate())
    knows(dancer, guide, 7, last_score=90.0, mastered_on=localdate())
    AttemptFactory(dancer=dancer, guide=guide)
    page = client.get("/").content.decode()
    assert words in page
    assert f"{reverse('drill', args=[guide.choreography.slug])}?today=1" in page
    assert page.index("today=1") < page.index("going__share")
    assert ("7% mastered" if language == "en" else "7% 마스터") in page


def test_the_dance_with_most_that_is_due_is_first(client, dancer):
    one, two = dance(), dance()
    knows(dancer, one, 1, last_score=10.0, stage=0, due_on=localdate())
    for eight in range(1, 6):
        knows(dancer, two, eight, last_score=10.0, stage=0, due_on=localdate())
    due = client.get("/").context["due"]
    assert [(found.guide, found.eights, found.waiting) for found in due] == [(two, 3, 5), (one, 1, 1)]


def test_history_shows_minutes_streak_and_a_map_that_says_each_state(client, dancer, guide):
    knows(dancer, guide, 6, last_score=40.0, stage=0, due_on=localdate())
    knows(dancer, guide, 7, last_score=70.0)
    knows(dancer, guide, 8, last_score=90.0, mastered_on=localdate())
    for ago in (0, 1, 3, 9):
        PracticeSpell.objects.create(
            key=f"00000000-0000-0000-0000-00000000000{ago}",
            dancer=dancer,
            choreography=guide.choreography,
            guide=guide,
            kind=PracticeKind.DRILL,
            day=localdate() - timedelta(days=ago),
            danced_s=150.0,
        )
    answer = client.get(reverse("history"))
    practised = answer.context["practised"]
    assert practised.minutes == 10
    assert practised.streak.days == 3
    assert sum(week.minutes for week in practised.weeks) in (9, 10, 11)  # rounded by week
    assert max(week.height for week in practised.weeks) == 1000
    page = answer.content.decode()
    for words in (
        "Chorus 1, eight 1, danced, 40 points, due today",
        "Chorus 1, eight 2, steady, 70 points",
        "Chorus 1, eight 3, mastered, 90 points",
        "Bridge, eight 1, not danced yet",
        "1 of 15 eights mastered",
        "3 days",
    ):
        assert words in page
    assert "?eight=6" in page
    assert client.get(reverse("drill", args=[guide.choreography.slug]), {"eight": "-1"}).status_code == 200


def test_more_dances_and_more_practice_ask_the_database_no_more(client, dancer, django_assert_max_num_queries):
    def practise(count):
        for _ in range(count):
            guide = dance()
            take = danced(dancer, guide)
            PracticeSpell.objects.filter(take=take).update(day=localdate() - timedelta(days=count))

    practise(1)
    counts = [_queries(client, path, django_assert_max_num_queries) for path in ("/", reverse("history"))]
    practise(4)
    again = [_queries(client, path, django_assert_max_num_queries) for path in ("/", reverse("history"))]
    assert again[1] == counts[1]
    assert again[0] == counts[0]


def _queries(client, path, django_assert_max_num_queries):
    client.get(path)
    with django_assert_max_num_queries(20) as asked:
        assert client.get(path).status_code == 200
    return len(asked.captured_queries)


def test_ten_thousand_spells_are_summed_by_the_database(client, dancer, guide):
    today = localdate()
    PracticeSpell.objects.bulk_create(
        PracticeSpell(
            key=f"{n:032x}",
            dancer=dancer,
            choreography=guide.choreography,
            guide=guide,
            kind=PracticeKind.TAKE,
            day=today - timedelta(days=n % 700),
            danced_s=30.0,
            created_at=timezone.now() - timedelta(minutes=n),
        )
        for n in range(1, 10_001)
    )
    practised = client.get(reverse("history")).context["practised"]
    assert practised.minutes == 5000
    assert practised.streak.days == 700
