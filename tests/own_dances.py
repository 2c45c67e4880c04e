"""Dances of a crowd, and what the pages of our own dances tell of them once the worker has counted."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from choreography.dances_count import COUNT_DANCES
from choreography.memory import spans_of
from choreography.models import Attempt, Comparison, DancesCount, EightMemory
from choreography.queries import own_insights as looks
from inference.jobs import run_job
from inference.models import Job, JobState
from tests.factories import (
    ArtistFactory,
    AttemptFactory,
    ComparisonFactory,
    GuideFactory,
    SongFactory,
)

MONDAY = date(2026, 3, 2)
TODAY = date(2026, 3, 4)


def guide_of(artist, **fields):
    name = artist if not isinstance(artist, str) else ArtistFactory(name_en=artist)
    return GuideFactory(
        published=True, choreography__song=SongFactory(artist=name), version=1, duration_s=20.0, **fields
    )


def dance(guide, dancers, *, weeks_ago=1, score=70.0, takes=1, **fields):
    """Each of them, on the Wednesday of that week."""
    made = []
    for dancer in dancers:
        for _ in range(takes):
            take = AttemptFactory(guide=guide, dancer=dancer, **fields)
            Attempt.objects.filter(pk=take.pk).update(created_at=noon_of(weeks_ago))
            if score is not None:
                judge(take, score, weeks_ago=weeks_ago)
            made.append(take)
    return made


def judge(take, score, *, weeks_ago):
    judged = ComparisonFactory(attempt=take, score=score)
    Comparison.objects.filter(pk=judged.pk).update(created_at=noon_of(weeks_ago))


def wednesday_of(weeks_ago):
    return MONDAY - timedelta(weeks=weeks_ago) + timedelta(days=2)


def noon_of(weeks_ago):
    return datetime.combine(wednesday_of(weeks_ago), time(12), timezone.get_default_timezone())


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
                "danced_on": wednesday_of(weeks_ago),
                "judged_on": wednesday_of(weeks_ago),
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
