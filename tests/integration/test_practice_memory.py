"""What practice leaves behind: takes and reports become memory, and hostile reports do not."""

import json
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from choreography import memory, services
from choreography.comparison.counts import CountGrid
from choreography.comparison.result import PartScores, StretchScore
from choreography.models import Attempt, EightMemory, GuideState, LiveTake, PracticeKind, PracticeSpell
from tests import results
from tests.factories import AttemptFactory, GuideFactory, SongFactory, UserFactory

pytestmark = pytest.mark.django_db

WEAK = 6  # the eight that begins at 24.4 s
TODAY = timedelta(0)


@pytest.fixture
def dancer(client):
    person = UserFactory()
    client.force_login(person)
    return person


@pytest.fixture
def guide():
    song = SongFactory(bpm=results.GRID.bpm, first_beat_s=results.GRID.first_count_s)
    return GuideFactory(published=True, with_track=True, choreography__song=song, duration_s=results.DURATION_S)


def went(score):
    return StretchScore(score, PartScores(score, score, score, score), 0.0)


def scored(scores, otherwise=90.0):
    """A judged take with these scores by eight."""
    result = results.judged()
    eights = tuple(replace(eight, went=went(scores.get(eight.index, otherwise))) for eight in result.eights)
    return replace(result, eights=eights)


def danced(dancer, guide, ago=TODAY, result=None):
    take = AttemptFactory(dancer=dancer, guide=guide)
    Attempt.objects.filter(pk=take.pk).update(created_at=timezone.now() - ago)
    services.save_comparison(take, result or scored({WEAK: 40.0}))
    return take


def remembered(dancer):
    fields = ("eight", "last_score", "stage", "due_on", "mastered_on", "in_a_row", "limb")
    return {row[0]: row[1:] for row in EightMemory.objects.filter(dancer=dancer).values_list(*fields)}


def report(guide, **changes):
    return {
        "id": str(uuid.uuid4()),
        "slug": guide.choreography.slug,
        "kind": "drill",
        "day": localdate().isoformat(),
        "danced_s": 90.0,
        "eights": [{"eight": WEAK, "score": 72.5, "limb": "left_arm", "rate": 1}],
    } | changes


def send(client, told):
    body = told if isinstance(told, bytes | str) else json.dumps(told)
    return client.post(reverse("practice_report"), body, content_type="application/json")


def test_a_take_leaves_its_weak_eights_due_and_its_time_as_practice(dancer, guide):
    take = danced(dancer, guide)
    row = EightMemory.objects.get(dancer=dancer, eight=WEAK)
    assert (row.last_score, row.stage, row.due_on) == (40.0, 0, localdate())
    assert (row.start_s, row.end_s) == pytest.approx((24.4, 28.4))
    assert row.limb == "left_arm"
    assert EightMemory.objects.filter(dancer=dancer, due_on__isnull=False).count() == 1
    spell = PracticeSpell.objects.get(dancer=dancer)
    assert (spell.kind, spell.danced_s, spell.take, spell.day) == ("take", results.DURATION_S, take, localdate())


def test_a_take_that_could_not_be_judged_leaves_nothing(dancer, guide):
    danced(dancer, guide, result=results.unjudged("other_dance"))
    assert not PracticeSpell.objects.exists()
    assert not EightMemory.objects.exists()


def test_judging_the_same_take_again_changes_its_part_and_counts_nothing_twice(dancer, guide):
    first = danced(dancer, guide, ago=timedelta(days=3), result=scored({WEAK: 40.0}))
    danced(dancer, guide)
    before = remembered(dancer)
    services.save_comparison(first, scored({WEAK: 40.0}))
    assert remembered(dancer) == before
    assert PracticeSpell.objects.count() == 2
    services.save_comparison(first, scored({WEAK: 95.0, 2: 30.0}))  # as if it had been so from the first
    assert remembered(dancer)[2][:2] == (90.0, 1)  # failed three days ago, passed today
    assert remembered(dancer)[WEAK][:3] == (40.0, 0, localdate())
    services.save_comparison(first, results.unjudged("no_dancer"))
    assert remembered(dancer)[2][1] is None


def test_memory_taken_in_one_by_one_is_the_memory_made_anew(dancer, guide):
    for days, score in enumerate((30.0, 70.0, 50.0, 88.0, 91.0)):
        danced(dancer, guide, ago=timedelta(days=9 - days), result=scored({WEAK: score, 3: 100 - score}))
    step_by_step = remembered(dancer)
    memory._remember_anew(dancer.pk, guide.choreography_id)
    assert remembered(dancer) == step_by_step
    assert step_by_step[WEAK][3] is not None  # strong on two days: mastered


def test_a_deleted_take_takes_its_scores_along_and_leaves_the_day(dancer, guide, quiet_jobs):
    take = danced(dancer, guide)
    services.delete_attempt(take)
    assert not EightMemory.objects.exists()
    spell = PracticeSpell.objects.get()
    assert (spell.eights, spell.take, spell.danced_s) == ([], None, results.DURATION_S)


def test_closing_an_account_forgets_all(dancer, guide, quiet_jobs):
    danced(dancer, guide)
    services.delete_dancer_data(dancer)
    assert not EightMemory.objects.exists()
    assert not PracticeSpell.objects.exists()


def test_moved_counts_and_other_versions_of_the_guide_are_left_behind(client, dancer, guide):
    danced(dancer, guide)
    services.set_counts(guide, CountGrid(100.0, 0.0))
    page = client.get(reverse("drill", args=[guide.choreography.slug]), {"today": "1"})
    assert page.context["drill"] is None
    assert send(client, report(guide, eights=[{"eight": 2, "score": 50, "limb": None, "rate": 1}])).status_code == 201
    assert WEAK not in remembered(dancer)
    services.set_counts(guide, None)  # back again: what was danced to these counts is known once more
    assert send(client, report(guide)).status_code == 201
    assert WEAK in remembered(dancer)
    guide.state = GuideState.WITHDRAWN
    guide.save()
    newer = GuideFactory(choreography=guide.choreography, published=True, with_track=True, duration_s=60.0)
    assert client.get(reverse("home")).context["due"] == []
    assert send(client, report(newer)).status_code == 201
    assert set(remembered(dancer)) == {WEAK}
    assert remembered(dancer)[WEAK][0] == 72.5


def test_a_report_is_kept_once_and_moves_the_eight_on(client, dancer, guide):
    danced(dancer, guide)
    told = report(guide)
    assert (send(client, told).status_code, send(client, told).status_code) == (201, 200)
    assert PracticeSpell.objects.filter(kind=PracticeKind.DRILL).count() == 1
    assert remembered(dancer)[WEAK][:3] == (72.5, 1, localdate() + timedelta(days=1))


def test_by_eye_moves_nothing(client, dancer, guide):
    danced(dancer, guide)
    before = remembered(dancer)
    assert (
        send(client, report(guide, eights=[{"eight": WEAK, "score": None, "limb": None, "rate": 1}])).status_code == 201
    )
    assert remembered(dancer) == before


def sent_live(dancer, guide):
    attempt = AttemptFactory(dancer=dancer, guide=guide, live_offset_s=0.1)
    kept = {"dancer": dancer, "guide": guide, "choreography": guide.choreography, "offset_s": 0.1, "size_bytes": 1}
    return LiveTake.objects.create(pk=uuid.uuid4(), attempt=attempt, **kept)


def test_a_live_dance_and_its_take_are_not_both_counted(client, dancer, guide):
    """Whichever the server hears of first; another dance of the same day counts by itself."""
    first, second, third = (sent_live(dancer, guide) for _ in range(3))
    send(client, report(guide, id=str(first.pk), kind="live", eights=[]))
    for take in (first, second, third):
        services.save_comparison(take.attempt, scored({}))
    told = send(client, report(guide, id=str(second.pk), kind="live", eights=[]))
    assert told.status_code == 201
    spells = {(spell.kind, spell.key): spell.danced_s for spell in PracticeSpell.objects.all()}
    counted = [bool(spells["live", first.pk]), bool(spells["take", first.attempt_id])]
    assert counted == [True, False]
    assert [bool(spells["live", second.pk]), bool(spells["take", second.attempt_id])] == [False, True]
    assert spells["take", third.attempt_id] > 0


NOT_OURS = [
    b"", b"[]", b"{", b"\xff\xfe", b"null", b"[" * 60_000, b"{}" + b" " * 70_000,
]  # fmt: skip
BAD = [
    {"id": "1"}, {"id": None}, {"slug": 7}, {"slug": "x" * 81}, {"slug": "a\x00b"}, {"slug": "\ud800"}, {"kind": "take"},
    {"kind": "sleep"},
    {"day": "yesterday"}, {"day": 20260301}, {"danced_s": 0}, {"danced_s": -5}, {"danced_s": 7201}, {"danced_s": "90"},
    {"danced_s": True}, {"eights": {}}, {"eights": [1]}, {"eights": [{}] * 201}, {"eights": [{"eight": 1.5}]},
    {"eights": [{"eight": True}]}, {"eights": [{"eight": 10**9}]}, {"eights": [{"eight": 1, "score": 101}]},
    {"eights": [{"eight": 1, "score": -1}]}, {"eights": [{"eight": 1, "limb": "tail"}]},
    {"eights": [{"eight": 1, "rate": 9}]}, {"eights": [{"eight": 1, "rate": 0}]},
]  # fmt: skip


@pytest.mark.parametrize("body", NOT_OURS)
def test_what_is_no_report_is_refused(client, dancer, body):
    answer = send(client, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_report")


@pytest.mark.parametrize("changes", BAD, ids=str)
def test_a_report_out_of_bounds_is_refused_whole(client, dancer, guide, changes):
    answer = send(client, report(guide, **changes))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_report")
    assert not PracticeSpell.objects.exists()


def test_numbers_that_are_no_json_are_refused(client, dancer, guide):
    for number in ("NaN", "Infinity", "1e999"):
        told = json.dumps(report(guide, danced_s="NUMBER")).replace('"NUMBER"', number)
        assert send(client, told).json()["error"]["code"] == "bad_report"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"slug": "nothing-like-it"}, 404, "unknown_dance"),
        ({"day": (localdate() - timedelta(days=2)).isoformat()}, 400, "not_today"),
        ({"day": (localdate() + timedelta(days=2)).isoformat()}, 400, "not_today"),
        ({"eights": [{"eight": 16, "score": 50}]}, 400, "unknown_eight"),
        ({"eights": [{"eight": -3, "score": 50}]}, 400, "unknown_eight"),
    ],
)
def test_what_does_not_fit_the_dance_or_the_day_is_refused(client, dancer, guide, changes, status, code):
    answer = send(client, report(guide, **changes))
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["message"]


def test_nobody_dances_longer_than_half_a_day_or_reports_without_end(client, dancer, guide, monkeypatch):
    for _ in range(6):
        assert send(client, report(guide, danced_s=7200)).status_code == 201
    assert send(client, report(guide, danced_s=7200)).json()["error"]["code"] == "too_much_practice"
    monkeypatch.setattr(memory, "MOST_REPORTS_AN_HOUR", 6)
    answer = send(client, report(guide, danced_s=1))
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "too_many_reports")


def test_another_dancers_memory_is_out_of_reach(client, dancer, guide):
    other = UserFactory()
    taken = danced(other, guide)
    mine = report(guide, id=str(taken.pk))  # the same id as somebody else's is my own affair
    assert send(client, mine).status_code == 201
    assert remembered(other)[WEAK][0] == 40.0
    client.logout()
    answer = send(client, report(guide))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "signed_out")
    assert client.get(reverse("practice_report")).status_code == 405


def test_a_report_needs_the_page_s_token(guide, django_user_model):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(UserFactory())
    assert send(strict, report(guide)).status_code == 403
    assert not PracticeSpell.objects.exists()


def test_one_more_take_asks_the_database_as_often_however_many_there_were(dancer, guide):
    danced(dancer, guide, ago=timedelta(days=2))
    few = _queries(dancer, guide)
    for days in range(3, 9):
        danced(dancer, guide, ago=timedelta(days=days))
    assert _queries(dancer, guide) == few


def _queries(dancer, guide):
    take = AttemptFactory(dancer=dancer, guide=guide)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        services.save_comparison(take, scored({WEAK: 40.0}))
    return len(asked)


def test_an_early_version_s_result_without_eights_counts_as_time_alone(dancer, guide):
    take = AttemptFactory(dancer=dancer, guide=guide)
    memory.remember_take(take.pk, verdict="judged", result=results.of_version_1())
    assert PracticeSpell.objects.get().danced_s == results.DURATION_S
    assert not EightMemory.objects.exists()
