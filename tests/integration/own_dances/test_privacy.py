"""What nobody can find out about a dancer from what labels and partners are told of our own dances."""

import json

import pytest
from django.core.cache import cache

from accounts.services import close_account
from choreography.models import DancesCount, EightMemory, Guide, GuideState, Label
from tests.factories import (
    GuideFactory,
)
from tests.own_dances import (
    TODAY,
    dance,
    forget_all_counts,
    guide_of,
    judge,
    next_week,
    own_dance,
    own_insights,
    own_list,
    remember,
    told,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_jobs")]


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

    def test_a_mean_stays_until_five_were_judged_since(self, guide, people):
        dance(guide, people[:5], score=60.0)
        assert told(guide).mean_score == 60
        dance(guide, people[5:9], weeks_ago=0, score=100.0)
        assert told(guide, next_week()).mean_score == 60
        dance(guide, people[9:10], weeks_ago=-1, score=100.0)
        assert told(guide, next_week(2)).mean_score == 80

    def test_an_old_take_that_is_judged_late_moves_no_mean_by_itself(self, guide, people):
        dance(guide, people[:5], score=80.0)
        (late,) = dance(guide, people[5:6], score=None)
        assert told(guide).mean_score == 80
        judge(late, 20.0, weeks_ago=0)
        assert told(guide, next_week()).mean_score == 80

    def test_an_old_take_that_is_judged_anew_moves_no_mean_by_itself(self, guide, people):
        first, *_others = dance(guide, people[:5], score=80.0)
        assert told(guide).mean_score == 80
        first.comparison.delete()
        judge(first, 0.0, weeks_ago=0)
        assert told(guide, next_week()).mean_score == 80

    def test_who_drills_slowly_does_not_hide_who_passed(self, guide, people):
        """A slow drill is a dance, and moves nothing of what is told of an eight."""
        remember(guide, people[:5], score=50.0)
        remember(guide, people[5:10], score=80.0)
        before = eights_told(guide, TODAY)
        remember(guide, people[4:5], score=80.0, weeks_ago=0)
        EightMemory.objects.filter(dancer__in=people[:4]).update(danced_on=TODAY)
        assert eights_told(guide, next_week()) == before
        remember(guide, people[:4], score=80.0, weeks_ago=0)
        assert eights_told(guide, next_week(2)) != before


def eights_told(guide, today):
    own = own_dance(guide.choreography.slug, None, today)
    return [(eight.dancers, eight.failing_percent) for eight in own.eights]
