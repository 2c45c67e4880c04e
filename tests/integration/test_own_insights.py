"""What labels and partners are told of how our own dances are practised, and what they can never find out of it."""

import csv
import io
import json
import threading
from datetime import date, datetime, time, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.services import close_account
from choreography.dances_count import COUNT_DANCES, REST_AFTER_FAILURE, CountState
from choreography.memory import spans_of
from choreography.models import Attempt, DancesCount, EightMemory, Guide, GuideState, Label, Partner
from choreography.queries import own_counts
from choreography.queries import own_insights as looks
from choreography.queries.own_counts import monday_of
from inference.jobs import run_job
from inference.models import Job, JobState
from tests.factories import (
    ArtistFactory,
    AttemptFactory,
    ComparisonFactory,
    CuratorFactory,
    GuideFactory,
    SectionFactory,
    SongFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_jobs")]

MONDAY = date(2026, 3, 2)
TODAY = date(2026, 3, 4)


@pytest.fixture
def people():
    return UserFactory.create_batch(12)


@pytest.fixture
def guide():
    return guide_of("EXO")


def guide_of(artist, **fields):
    name = artist if not isinstance(artist, str) else ArtistFactory(name_en=artist)
    return GuideFactory(
        published=True, choreography__song=SongFactory(artist=name), version=1, duration_s=20.0, **fields
    )


def dance(guide, dancers, *, weeks_ago=1, score=70.0, takes=1, **fields):
    """Each of them, on the Wednesday of that week."""
    day = MONDAY - timedelta(weeks=weeks_ago) + timedelta(days=2)
    made = []
    for dancer in dancers:
        for _ in range(takes):
            take = AttemptFactory(guide=guide, dancer=dancer, **fields)
            at = datetime.combine(day, time(12), timezone.get_default_timezone())
            Attempt.objects.filter(pk=take.pk).update(created_at=at)
            if score is not None:
                ComparisonFactory(attempt=take, score=score)
            made.append(take)
    return made


def remember(guide, dancers, *, eight=1, score=50.0, weeks_ago=1):
    span = next(span for span in spans_of(guide) if span.index == eight)
    return [
        EightMemory.objects.update_or_create(
            dancer=dancer,
            choreography=guide.choreography,
            eight=eight,
            defaults={
                "guide": guide,
                "start_s": span.start_s,
                "end_s": span.end_s,
                "last_score": score,
                "danced_on": MONDAY - timedelta(weeks=weeks_ago) + timedelta(days=2),
            },
        )[0]
        for dancer in dancers
    ]


def work():
    """What the worker does meanwhile."""
    for job in Job.objects.filter(kind=COUNT_DANCES, state=JobState.QUEUED):
        run_job(job.pk)
        job.refresh_from_db()
        assert job.state == JobState.SUCCEEDED


def once_counted(look):
    """Somebody looks, the worker counts what is missing, and they look again."""

    def looked(*asked):
        look(*asked)
        work()
        return look(*asked)

    return looked


own_dance, own_insights, own_list, all_own_dances = map(
    once_counted, (looks.own_dance, looks.own_insights, looks.own_list, looks.all_own_dances)
)


def forget_all_counts():
    DancesCount.objects.all().delete()


def next_week(weeks=1):
    return TODAY + timedelta(weeks=weeks)


def told(guide, today=TODAY):
    return own_dance(guide.choreography.slug, None, today).dance


class TestFigures:
    def test_takes_dancers_and_mean_of_a_dance(self, guide, people):
        dance(guide, people[:4], score=60.0, takes=3)
        dance(guide, people[4:6], score=90.0)
        found = told(guide)
        assert (found.takes, found.dancers) == (10, 5)  # of 14 takes by 6 dancers, rounded down
        assert found.mean_score == 70  # each dancer once: 4 of 60 and 2 of 90

    def test_fewer_than_five_dancers_are_not_told_however_much_they_dance(self, guide, people):
        dance(guide, people[:4], takes=5)
        found = told(guide)
        assert (found.takes, found.dancers, found.mean_score, found.weeks) == (None, None, None, ())

    def test_takes_a_week_with_quiet_weeks_hidden(self, guide, people):
        dance(guide, people[:7], weeks_ago=4)
        dance(guide, people[:2], weeks_ago=3)
        dance(guide, people[:5], weeks_ago=1, takes=2)
        weeks = told(guide).weeks
        assert [week.takes for week in weeks] == [5, None, None, 10]
        assert [week.start for week in weeks] == [MONDAY - timedelta(weeks=back) for back in (4, 3, 2, 1)]

    def test_the_week_that_still_runs_is_not_counted(self, guide, people):
        dance(guide, people, weeks_ago=0)
        assert told(guide).takes is None
        assert told(guide, next_week()).takes == 10

    def test_a_week_begins_on_monday_in_seoul(self, guide, people):
        takes = dance(guide, people[:5])
        sunday_night = datetime.combine(MONDAY, time(0, 0), timezone.get_default_timezone()) - timedelta(seconds=1)
        Attempt.objects.filter(pk__in=[take.pk for take in takes]).update(created_at=sunday_night)
        assert told(guide).takes == 5
        forget_all_counts()
        Attempt.objects.filter(pk=takes[0].pk).update(created_at=sunday_night + timedelta(seconds=1))
        assert told(guide).takes is None

    def test_demo_takes_and_the_demo_dancer_do_not_count(self, guide, people):
        dance(guide, people[:4])
        dance(guide, people[4:5], is_demo=True)
        dance(guide, people[4:5])
        remember(guide, people[:5])
        assert told(guide).takes is None
        assert told(guide).hardest is None

    def test_takes_that_were_not_judged_are_practice_without_a_mean(self, guide, people):
        dance(guide, people[:6], score=None)
        assert (told(guide).takes, told(guide).mean_score) == (5, None)

    def test_scores_of_an_earlier_version_are_not_mixed_in(self, guide, people):
        dance(guide, people[:6], score=80.0)
        for take in dance(guide, people[6:8], score=10.0):
            take.comparison.scoring_version = "older"
            take.comparison.save()
        assert told(guide).mean_score == 80

    def test_the_eights_in_which_most_fail(self, guide, people):
        SectionFactory(choreography=guide.choreography, start_s=0.0, end_s=20.0)
        remember(guide, people[:6], eight=1, score=80.0)
        remember(guide, people[:4], eight=2, score=40.0)
        remember(guide, people[4:10], eight=2, score=64.9)
        remember(guide, people[:5], eight=0, score=65.0)
        remember(guide, people[:4], eight=3, score=0.0)
        page = own_dance(guide.choreography.slug, None, TODAY)
        assert [(eight.dancers, eight.failing_percent) for eight in page.eights] == [
            (5, 20),
            (5, 20),
            (10, 90),
            (None, None),
            (None, None),
        ]
        assert page.hardest[0].label == "Chorus, eight 3"
        assert page.dance.hardest == page.hardest[0]

    def test_what_is_remembered_of_another_version_or_of_counts_of_before_says_nothing(self, guide, people):
        for memory in remember(guide, people[:6]):
            memory.start_s += 3.0
            memory.save()
        assert told(guide).hardest is None

    def test_counts_that_move_within_the_week_hide_the_eights_until_the_next_count(self, guide, people):
        remember(guide, people[:6])
        assert told(guide).hardest is not None
        Guide.objects.filter(pk=guide.pk).update(bpm=90.0, first_count_s=1.0)
        assert told(guide).hardest is None

    def test_tempo_heard_beside_the_tempo_set(self, guide):
        guide.beats = {"version": 1, "bpm": 121.0, "first_beat_s": 0.2, "steady": True, "confidence": 0.9}
        guide.save()
        tempo = told(guide).tempo
        assert (tempo.heard_bpm, tempo.set_bpm, tempo.is_as_set) == (121.0, 120.0, True)

    def test_dances_without_a_published_guide_are_not_there(self, guide, people):
        dance(guide, people)
        Guide.objects.update(state=GuideState.WITHDRAWN)
        assert own_dance(guide.choreography.slug, None, TODAY) is None
        assert own_insights(None, TODAY).sums.dances == 0

    def test_the_most_practised_come_first_and_the_order_says_no_more_than_the_figures(self, people):
        first, second, third = (guide_of(name) for name in ("A", "B", "C"))
        dance(first, people[:5])
        dance(second, people[:6])
        dance(third, people[:5], takes=2)
        titles = [found.choreography.song.title for found in all_own_dances(None, TODAY)]
        assert titles[0] == third.choreography.song.title
        assert titles[1:] == sorted(titles[1:])


class TestLabels:
    def test_a_label_has_the_dances_of_its_artists_by_any_of_their_exact_names(self):
        label = Label.objects.create(name_en="Made-up label", artists=["f(x)", "샤이니", "Nyujinseu", ""])
        mine = [
            guide_of("f(x)"),
            guide_of(ArtistFactory(name_en="SHINee", name_ko="샤이니")),
            guide_of(ArtistFactory(name_en="NewJeans", name_romanised="Nyujinseu")),
        ]
        for other in ("f", "F(X)", "f(x) ", "fxx"):
            guide_of(other)
        found = all_own_dances([label], TODAY)
        assert {dance.choreography.pk for dance in found} == {guide.choreography_id for guide in mine}

    def test_its_sums_are_over_its_dances_and_count_a_dancer_once(self, people):
        label = Label.objects.create(name_en="Made-up label", artists=["A", "B"])
        one, other, foreign = (guide_of(name) for name in ("A", "B", "C"))
        dance(one, people[:5], score=60.0)
        dance(other, people[:10], score=90.0)
        dance(foreign, people, takes=4)
        sums = own_list([label], TODAY, None).sums
        assert (sums.dances, sums.takes, sums.dancers, sums.mean_score) == (2, 15, 10, 80)
        assert [week.takes for week in sums.weeks] == [15]

    def test_a_label_whose_artists_are_changed_is_counted_again(self, people):
        label = Label.objects.create(name_en="Made-up label", artists=["A"])
        dance(guide_of("A"), people[:5])
        dance(guide_of("B"), people[:10])
        assert own_list([label], TODAY, None).sums.dancers == 5
        label.artists = ["A", "B"]
        label.save()
        assert own_list([label], TODAY, None).sums.dancers == 10

    def test_a_label_without_dances(self):
        label = Label.objects.create(name_en="Made-up label", artists=[])
        guide_of("A")
        found = own_insights([label], TODAY)
        assert (found.sums.dances, found.sums.too_few, found.sums.takes, found.dances) == (0, 0, None, ())


class TestPrivacy:
    """Each is somebody with a pencil: what they wrote down, and what they would like to know."""

    def test_a_hidden_week_is_not_the_total_minus_the_others(self, guide, people):
        dance(guide, people[:10], weeks_ago=3)
        dance(guide, people[:5], weeks_ago=2, takes=2)
        before = told(guide)
        forget_all_counts()
        dance(guide, people[10:11], weeks_ago=1, takes=20)
        assert told(guide) == before

    def test_quiet_weeks_are_in_the_total_once_together_they_have_five(self, guide, people):
        dance(guide, people[:2], weeks_ago=3, takes=5)
        dance(guide, people[2:5], weeks_ago=2, takes=5)
        assert (told(guide).takes, told(guide).weeks) == (25, ())

    def test_a_hidden_dance_is_not_the_label_minus_the_others(self, people):
        label = Label.objects.create(name_en="Made-up label", artists=["A", "B"])
        dance(guide_of("A"), people[:6])
        alone = own_list([label], TODAY, None).sums
        forget_all_counts()
        dance(guide_of("B"), people[6:10], takes=20, score=5.0)
        together = own_list([label], TODAY, None).sums
        assert together.too_few == 1
        for name in ("dances", "takes", "dancers", "mean_score", "weeks"):
            assert getattr(together, name) == getattr(alone, name)

    def test_a_hidden_week_of_one_dance_is_not_the_labels_week_minus_the_others(self, people):
        label = Label.objects.create(name_en="Made-up label", artists=["A", "B"])
        one, other = guide_of("A"), guide_of("B")
        for guide in (one, other):
            dance(guide, people[:5], weeks_ago=2)
        dance(one, people[:5], weeks_ago=1)
        dance(other, people[:3], weeks_ago=1, takes=9)
        assert [week.takes for week in own_list([label], TODAY, None).sums.weeks] == [10, 5]

    def test_one_label_inside_another_gives_nothing_away(self, people):
        small = Label.objects.create(name_en="Small", artists=["A"])
        large = Label.objects.create(name_en="Large", artists=["A", "B"])
        dance(guide_of("A"), people[:6])
        dance(guide_of("B"), people[6:10], takes=20)
        inner, outer = (own_list([label], TODAY, None).sums for label in (small, large))
        assert (inner.takes, inner.dancers, inner.mean_score) == (outer.takes, outer.dancers, outer.mean_score)

    def test_one_more_dancer_cannot_be_seen_by_looking_twice(self, guide, people):
        dance(guide, people[:5], score=60.0)
        remember(guide, people[:5], score=50.0)
        before = own_dance(guide.choreography.slug, None, TODAY), own_insights(None, TODAY)
        dance(guide, people[5:6], score=100.0)
        remember(guide, people[5:6], score=100.0)
        assert (own_dance(guide.choreography.slug, None, TODAY), own_insights(None, TODAY)) == before

    def test_a_closed_account_cannot_be_seen_by_looking_twice(self, guide, people):
        dance(guide, people[:5])
        remember(guide, people[:5])
        before = own_dance(guide.choreography.slug, None, TODAY)
        close_account(user=people[0])
        assert own_dance(guide.choreography.slug, None, TODAY) == before

    def test_with_the_next_count_a_closed_account_is_gone(self, guide, people):
        dance(guide, people[:5])
        assert told(guide).takes == 5
        close_account(user=people[0])
        after = told(guide, next_week())
        assert (after.takes, after.mean_score) == (None, None)

    def test_who_stumbles_cannot_be_seen_week_by_week_in_the_eights(self, guide, people):
        """Nine sit an eight, and fewer than five a week begin to fail: the eight stays as it was told."""
        remember(guide, people[:9], score=80.0)
        first = told(guide).hardest
        assert (first.dancers, first.failing_percent) == (5, 20)
        for week, failing in enumerate((people[:1], people[1:2], people[:2], people[2:4]), start=1):
            remember(guide, failing, score=10.0, weeks_ago=1 - week)
            assert told(guide, next_week(week)).hardest == first
        remember(guide, people[4:5], score=10.0, weeks_ago=-4)
        assert told(guide, next_week(5)).hardest.failing_percent == 60
        remember(guide, people[:4], score=90.0, weeks_ago=-5)
        assert told(guide, next_week(6)).hardest.failing_percent == 60

    def test_a_closed_account_cannot_be_seen_in_the_eights(self, guide, people):
        remember(guide, people[:4], score=80.0)
        remember(guide, people[4:6], score=10.0)
        first = told(guide).hardest
        close_account(user=people[5])
        assert told(guide, next_week()).hardest == first

    def test_an_eight_danced_after_monday_waits_for_the_next_count(self, guide, people):
        remember(guide, people[:5], score=80.0)
        remember(guide, people[5:10], score=10.0, weeks_ago=0)
        assert told(guide).hardest.failing_percent == 20
        assert told(guide, next_week()).hardest.failing_percent == 50

    def test_counts_that_move_and_come_back_tell_nothing(self, guide, people):
        remember(guide, people[:9], score=80.0)
        first = told(guide).hardest
        remember(guide, people[:3], score=10.0, weeks_ago=0)
        Guide.objects.filter(pk=guide.pk).update(bpm=90.0, first_count_s=1.0)
        assert told(guide, next_week()).hardest is None
        Guide.objects.filter(pk=guide.pk).update(bpm=guide.bpm, first_count_s=guide.first_count_s)
        assert told(guide, next_week(2)).hardest == first

    def test_another_published_version_begins_anew_and_the_earlier_one_comes_back_as_it_was_told(self, guide, people):
        remember(guide, people[:9], score=80.0)
        first = told(guide).hardest
        Guide.objects.filter(pk=guide.pk).update(state=GuideState.WITHDRAWN)
        newer = GuideFactory(published=True, choreography=guide.choreography, version=2, duration_s=20.0)
        assert told(guide, next_week()).hardest is None
        Guide.objects.filter(pk=newer.pk).delete()
        Guide.objects.filter(pk=guide.pk).update(state=GuideState.PUBLISHED)
        remember(guide, people[:3], score=10.0, weeks_ago=0)
        assert told(guide, next_week(2)).hardest == first

    def test_an_edited_label_moves_nothing_but_its_own_dancers(self, people):
        small, large = (Label.objects.create(name_en=name, artists=["A"]) for name in ("Small", "Large"))
        mine, other = guide_of("A"), guide_of("B")
        dance(mine, people[:5])
        dance(other, people[:10])
        remember(mine, people[:5])
        before = own_dance(mine.choreography.slug, None, TODAY), own_list([small], TODAY, None).sums
        dance(mine, people[5:10], weeks_ago=1, score=0.0)
        remember(mine, people[5:10], score=90.0)
        close_account(user=people[0])
        large.artists = ["A", "B"]
        large.save()
        assert own_list([large], TODAY, None).sums.dancers == 10
        assert (own_dance(mine.choreography.slug, None, TODAY), own_list([small], TODAY, None).sums) == before

    def test_a_name_without_a_dance_has_no_label_counted_anew(self, people):
        label = Label.objects.create(name_en="Made-up label", artists=["A"])
        dance(guide_of("A"), people[:5])
        before = own_list([label], TODAY, None).sums
        close_account(user=people[0])
        label.artists = ["A", "Nobody"]
        label.save()
        assert own_list([label], TODAY, None).sums == before

    def test_a_lost_cache_has_nothing_counted_anew(self, guide, people):
        dance(guide, people[:5])
        remember(guide, people[:5])
        before = own_dance(guide.choreography.slug, None, TODAY), own_insights(None, TODAY)
        cache.clear()
        close_account(user=people[0])
        assert (own_dance(guide.choreography.slug, None, TODAY), own_insights(None, TODAY)) == before

    def test_what_is_kept_names_nobody(self, guide, people):
        dance(guide, people[:5])
        remember(guide, people[:5])
        own_dance(guide.choreography.slug, None, TODAY)
        (kept,) = DancesCount.objects.values_list("result", "eights", "dancers")
        text = json.dumps(kept)
        assert str(guide.pk) in text
        assert not any(str(person.pk) in text or person.pk.hex in text for person in people)

    def test_a_mean_never_moves_by_fewer_than_five_dancers(self, guide, people):
        dance(guide, people[:5], weeks_ago=2, score=60.0)
        dance(guide, people[5:10], weeks_ago=1, score=None)
        dance(guide, people[10:11], weeks_ago=1, score=100.0)
        assert told(guide).mean_score == 60


class TestCounting:
    def test_nothing_is_counted_while_a_page_waits(self, guide, people):
        dance(guide, people[:5])
        page = looks.own_dance(guide.choreography.slug, None, TODAY)
        assert (page.state, page.counted_until, page.dance.takes) == (CountState.COUNTING, None, None)
        work()
        page = looks.own_dance(guide.choreography.slug, None, TODAY)
        assert (page.state, page.counted_until, page.dance.takes) == (CountState.READY, date(2026, 3, 1), 5)

    def test_many_who_look_have_it_counted_once(self, guide):
        for _ in range(3):
            looks.own_insights(None, TODAY)
        work()
        looks.own_insights(None, TODAY)
        assert (DancesCount.objects.count(), Job.objects.count()) == (1, 1)

    def test_until_a_week_is_counted_the_count_before_is_shown(self, guide, people):
        dance(guide, people[:5])
        told(guide)
        dance(guide, people[:5], weeks_ago=0)
        page = looks.own_dance(guide.choreography.slug, None, next_week())
        assert (page.state, page.counted_until, page.dance.takes) == (CountState.COUNTING, date(2026, 3, 1), 5)
        assert [week.start for week in page.dance.weeks] == [MONDAY - timedelta(weeks=1)]
        work()
        page = looks.own_dance(guide.choreography.slug, None, next_week())
        assert (page.counted_until, page.dance.takes) == (date(2026, 3, 8), 10)
        assert list(DancesCount.objects.values_list("monday", flat=True)) == [monday_of(next_week())]
        assert Job.objects.count() == 1

    def test_a_week_that_nobody_has_counted_yet_is_given_up_before_the_next_is_counted(self, guide, monkeypatch):
        """Or it might be told in between, and its eights be counted anew at once."""
        looks.own_insights(None, TODAY)
        (late,) = Job.objects.all()
        looks.own_insights(None, next_week())
        count, there = own_counts.count, []

        def counted(*asked):
            there.append(Job.objects.filter(pk=late.pk).exists())
            return count(*asked)

        monkeypatch.setattr(own_counts, "count", counted)
        run_job(Job.objects.exclude(pk=late.pk).get().pk)
        assert there == [False]

    def test_without_a_published_dance_nothing_is_begun(self):
        found = looks.own_insights(None, TODAY)
        assert (found.state, found.sums.dances) == (CountState.READY, 0)
        assert not Job.objects.exists()

    def test_one_that_failed_begins_anew_on_a_later_look_but_not_at_once(self, guide):
        looks.own_insights(None, TODAY)
        Job.objects.update(state=JobState.FAILED, failure_code="internal", finished_at=timezone.now())
        assert looks.own_insights(None, TODAY).state == CountState.FAILED
        assert Job.objects.get().state == JobState.FAILED
        Job.objects.update(finished_at=timezone.now() - REST_AFTER_FAILURE - timedelta(seconds=1))
        assert looks.own_insights(None, TODAY).state == CountState.COUNTING
        assert Job.objects.get().state == JobState.QUEUED

    def test_one_whose_job_is_gone_begins_anew(self, guide):
        looks.own_insights(None, TODAY)
        Job.objects.all().delete()
        assert own_insights(None, TODAY).state == CountState.READY

    def test_a_label_has_no_dancers_while_they_are_counted(self, people):
        label = Label.objects.create(name_en="Made-up label", artists=["A"])
        dance(guide_of("A"), people[:5])
        dance(guide_of("B"), people[:10])
        assert own_list([label], TODAY, None).sums.dancers == 5
        label.artists = ["A", "B"]
        label.save()
        sums = looks.own_list([label], TODAY, None).sums
        assert (sums.takes, sums.dancers) == (15, 10)  # the same dances as of all artists
        label.artists = ["B"]
        label.save()
        assert looks.own_list([label], TODAY, None).sums.dancers is None
        work()
        assert looks.own_list([label], TODAY, None).sums.dancers == 10
        assert Job.objects.count() == 1

    def test_dances_that_are_not_published_are_in_no_sum(self, people):
        """Neither from the first, nor once they are withdrawn within the week."""
        label = Label.objects.create(name_en="Made-up label", artists=["A"])
        shown, hidden = guide_of("A"), guide_of(ArtistFactory(name_en="Somebody", name_ko="A"))
        dance(shown, people[:5])
        dance(hidden, people[:10])
        for labels in ([label], None):
            assert own_list(labels, TODAY, None).sums.dancers == 10
        Guide.objects.filter(pk=hidden.pk).update(state=GuideState.WITHDRAWN)
        for today in (TODAY, next_week()):
            for labels in ([label], None):
                sums = own_list(labels, today, None).sums
                assert (sums.dances, sums.takes, sums.dancers) == (1, 5, 5)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_look_first_at_once_one_has_it_counted():
    guide_of("EXO")
    together, states, wrong = threading.Barrier(4), [], []

    def look_with_the_others():
        try:
            together.wait()
            states.append(looks.own_insights(None, TODAY).state)
        except Exception as error:  # noqa: BLE001 - it is looked at below
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=look_with_the_others) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (wrong, states) == ([], [CountState.COUNTING] * 4)
    assert (DancesCount.objects.count(), Job.objects.filter(kind=COUNT_DANCES).count()) == (1, 1)


class TestPages:
    @pytest.fixture
    def curator(self, client):
        client.force_login(CuratorFactory())
        return client

    @pytest.fixture
    def last_week(self, guide, people):
        """Dances are of the week before the real today, for pages take the real date."""
        at = timezone.now() - timedelta(days=7)
        for take in dance(guide, people[:6]):
            Attempt.objects.filter(pk=take.pk).update(created_at=at)
        remember(guide, people[:6])
        EightMemory.objects.update(danced_on=at.date())
        return guide

    @pytest.fixture
    def counted(self, last_week):
        own_insights(None, timezone.localdate())
        return last_week

    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_before_the_first_count(self, client, last_week, language):
        client.force_login(CuratorFactory(language=language))
        slug = last_week.choreography.slug
        words = {"en": "being counted for the first time", "ko": "처음으로 세고 있어요"}[language]
        few = {"en": "fewer than 5 dancers", "ko": "5명"}[language]
        for address in (reverse("insights_dances"), reverse("insights_dance", args=[slug])):
            page = client.get(address).content.decode()
            assert words in page
            assert few not in page.split("own-rules")[0]
        assert words in client.get(reverse("insights")).content.decode()
        for address in (reverse("insights_dances_csv"), reverse("insights_dance_csv", args=[slug, "weeks"])):
            assert client.get(address).status_code == 503

    @pytest.mark.parametrize(
        ("job", "words"),
        [
            ({"state": JobState.RUNNING}, "is being counted"),
            ({"state": JobState.FAILED, "failure_code": "internal"}, "could not be counted"),
        ],
    )
    def test_figures_of_the_week_before_say_so(self, curator, counted, job, words):
        count = DancesCount.objects.get()
        DancesCount.objects.update(monday=count.monday - timedelta(weeks=1))
        curator.get(reverse("insights_dances"))
        Job.objects.filter(dances_count__counted_at=None).update(finished_at=timezone.now(), **job)
        page = curator.get(reverse("insights_dances")).content.decode()
        assert f"Last week {words}" in page
        assert "5+" in page

    def test_the_list_and_the_page_of_a_dance(self, curator, counted):
        last_week = counted
        page = curator.get(reverse("insights_dances")).content.decode()
        assert last_week.choreography.song.title in page
        assert "5+" in page
        page = curator.get(reverse("insights_dance", args=[last_week.choreography.slug])).content.decode()
        assert "80% or more do not have it yet" in page

    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_a_dance_that_few_have_danced_invites(self, client, guide, language):
        client.force_login(CuratorFactory(language=language))
        own_insights(None, timezone.localdate())
        page = client.get(reverse("insights_dance", args=[guide.choreography.slug])).content.decode()
        assert {"en": "With the fifth its figures come", "ko": "다섯 번째"}[language] in page

    def test_with_no_dance_at_all(self, curator):
        assert "No choreography is published yet" in curator.get(reverse("insights_dances")).content.decode()

    def test_csv_of_all_dances_and_of_one(self, curator, counted):
        slug = counted.choreography.slug
        (row,) = rows_of(curator.get(reverse("insights_dances_csv")))
        assert (row["slug"], row["takes_at_least"], row["mean_score"]) == (slug, "5", "70")
        (week,) = rows_of(curator.get(reverse("insights_dance_csv", args=[slug, "weeks"])))
        assert week["takes_at_least"] == "5"
        eights = rows_of(curator.get(reverse("insights_dance_csv", args=[slug, "eights"])))
        assert [row["failing_percent"] for row in eights][:2] == ["under_5_dancers", "80"]
        assert curator.get(reverse("insights_dance_csv", args=[slug, "people"])).status_code == 404

    def test_a_title_that_a_spreadsheet_would_calculate_is_text(self, curator, guide):
        guide.choreography.song.title_en = "=1+1"
        guide.choreography.song.save()
        own_insights(None, timezone.localdate())
        assert rows_of(curator.get(reverse("insights_dances_csv")))[0]["dance"] == "'=1+1"

    def test_pages(self, curator):
        for number in range(30):
            guide_of(f"Group {number:02}")
        assert len(curator.get(reverse("insights_dances")).context["own"].dances) == 24
        assert len(curator.get(reverse("insights_dances"), {"page": "2"}).context["own"].dances) == 6
        assert curator.get(reverse("insights_dances"), {"page": "x"}).status_code == 200

    def test_as_many_queries_for_one_dance_as_for_many(self, curator, counted, people):
        with CaptureQueriesContext(connection) as one:
            curator.get(reverse("insights_dances"))
        for number in range(20):
            guide = guide_of(f"Group {number}")
            dance(guide, people[:5])
            remember(guide, people[:5])
        forget_all_counts()
        own_insights(None, timezone.localdate())
        with CaptureQueriesContext(connection) as many:
            curator.get(reverse("insights_dances"))
        assert len(many) == len(one) <= 10


class TestWhoSees:
    @pytest.fixture
    def urls(self, guide):
        own_insights(None, timezone.localdate())
        slug = guide.choreography.slug
        return [
            reverse("insights_dances"),
            reverse("insights_dances_csv"),
            reverse("insights_dance", args=[slug]),
            reverse("insights_dance_csv", args=[slug, "weeks"]),
            reverse("insights_dance_csv", args=[slug, "eights"]),
        ]

    def test_nobody_is_asked_to_sign_in(self, client, urls):
        for url in urls:
            assert client.get(url)["Location"].startswith(reverse("account_login"))

    def test_a_stranger_finds_nothing_even_with_the_public_summary(self, client, urls, settings):
        settings.INSIGHTS_PUBLIC_SUMMARY = True
        client.force_login(UserFactory())
        assert {client.get(url).status_code for url in urls} == {404}

    def test_a_curator_and_a_partner_of_no_label_see_all(self, client, urls):
        for person in (CuratorFactory(), partner(None)):
            client.force_login(person)
            assert {client.get(url).status_code for url in urls} == {200}

    def test_a_partner_of_a_label_sees_its_dances(self, client, urls):
        client.force_login(partner(Label.objects.create(name_en="Mine", artists=["EXO"])))
        assert {client.get(url).status_code for url in urls} == {200}

    def test_and_no_others(self, client, guide, urls):
        label = Label.objects.create(name_en="Mine", artists=["Others"])
        other = Label.objects.create(name_en="Theirs", artists=["EXO"])
        client.force_login(partner(label))
        assert [client.get(url).status_code for url in urls] == [200, 200, 404, 404, 404]
        for url in urls[:2]:
            assert guide.choreography.slug not in client.get(url).content.decode()
            assert client.get(url, {"label": other.pk}).status_code == 404
            assert client.get(url, {"label": "0"}).status_code == 404

    def test_a_partner_of_two_labels_sees_one_at_a_time(self, client):
        person = partner(Label.objects.create(name_en="One", artists=["A"]))
        Partner.objects.create(
            name="x",
            label=Label.objects.create(name_en="Two", artists=["B"]),
            person=person,
            accepted_at=timezone.now(),
        )
        client.force_login(person)
        page = client.get(reverse("insights_dances"))
        assert page.context["chosen"].label.name == "One"
        assert "Two" in page.content.decode()

    def test_only_reading(self, client, urls):
        client.force_login(CuratorFactory())
        assert {client.post(url).status_code for url in urls} == {405}


def partner(label):
    person = UserFactory()
    Partner.objects.create(name="Somebody", label=label, person=person, accepted_at=timezone.now())
    return person


def rows_of(response):
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
