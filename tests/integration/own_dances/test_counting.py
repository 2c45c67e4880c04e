"""When our own dances are counted, and what is shown until they are."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from choreography.dances_count import COUNT_DANCES, REST_AFTER_FAILURE, CountState
from choreography.models import DancesCount, Guide, GuideState, Label
from choreography.queries import own_counts
from choreography.queries import own_insights as looks
from choreography.queries.own_counts import monday_of
from inference.jobs import run_job
from inference.models import Job, JobState
from tests.at_once import at_once
from tests.factories import (
    ArtistFactory,
)
from tests.own_dances import MONDAY, TODAY, dance, guide_of, next_week, own_insights, own_list, told, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_jobs")]


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

    def test_a_label_whose_artists_are_changed_has_no_dancers_until_they_are_counted_again(self, people):
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
    looked = at_once([lambda: looks.own_insights(None, TODAY)] * 4)
    assert [found.state for found in looked] == [CountState.COUNTING] * 4
    assert (DancesCount.objects.count(), Job.objects.filter(kind=COUNT_DANCES).count()) == (1, 1)
