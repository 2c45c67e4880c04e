"""What labels and partners are told of how our own dances are practised."""

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from choreography.models import Attempt, Guide, GuideState, Label
from tests.factories import (
    ArtistFactory,
    SectionFactory,
)
from tests.own_dances import (
    MONDAY,
    TODAY,
    all_own_dances,
    dance,
    forget_all_counts,
    guide_of,
    next_week,
    own_dance,
    own_insights,
    own_list,
    remember,
    told,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_jobs")]


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
        titles = [found.choreography.song.title for found in all_own_dances(None, TODAY).dances]
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
        found = all_own_dances([label], TODAY).dances
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

    def test_a_label_without_dances(self):
        label = Label.objects.create(name_en="Made-up label", artists=[])
        guide_of("A")
        found = own_insights([label], TODAY)
        assert (found.sums.dances, found.sums.too_few, found.sums.takes, found.dances) == (0, 0, None, ())
