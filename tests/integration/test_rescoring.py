"""Comparing stored takes again: drafts first, then what dancers see, and nothing is lost on the way."""

from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from choreography import judging, rescoring, services
from choreography.comparison.compare import compare
from choreography.comparison.config import DEFAULT_CONFIG
from choreography.comparison.result import ComparisonResult
from choreography.models import Attempt, Comparison, ScoredVersion
from inference import storage
from inference.pose.codec import encode
from tests.factories import AttemptFactory, ComparisonFactory, GuideFactory
from tests.motion import SHORT_AND_BROAD, Dance, performed

NOW = DEFAULT_CONFIG.version
DANCE = Dance(seed=5, duration_s=8.0)


def stored(key, track):
    return storage.save_bytes(key, encode(track))


@pytest.fixture
def guide(db):
    guide = GuideFactory(published=True)
    guide.track_key = stored(storage.guide_track_key(guide.pk), performed(DANCE))
    guide.save()
    return guide


def scored(guide, **fields):
    """A take that was scored 50 by the scoring of long ago."""
    attempt = AttemptFactory(guide=guide, **fields)
    attempt.track_key = stored(storage.attempt_track_key(attempt.pk), performed(DANCE, SHORT_AND_BROAD, noise_px=2.0))
    attempt.save()
    before = timezone.now() - timedelta(days=30)
    comparison = ComparisonFactory(attempt=attempt, scoring_version="0", score=50.0, result={"grade": "ok"})
    Comparison.objects.filter(pk=comparison.pk).update(created_at=before)
    return attempt


def rescore(*arguments):
    out = StringIO()
    call_command("rescore", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def judged_now(attempt):
    """As a job does it, by the scoring of long ago that still runs on some machine."""
    result = ComparisonResult("0", "judged", score=12.0)
    services.save_comparison(attempt, result)


def test_drafts_are_shown_as_a_table_and_change_nothing_that_dancers_see(guide):
    attempt = scored(guide)
    told = rescore()
    draft = ScoredVersion.objects.get(attempt=attempt)
    assert (draft.scoring_version, draft.verdict) == (NOW, "judged")
    row = next(line for line in told.splitlines() if line.startswith(str(attempt.pk)[:8]))
    assert guide.choreography.slug in row
    assert f"0 -> {NOW}" in row
    assert f"50.0 -> {draft.score:.1f}" in row
    assert f"{draft.score - 50:+.1f}" in row
    assert f"ok -> {draft.result['grade']}" in row
    assert f"mean {draft.score - 50:+.1f}, median {draft.score - 50:+.1f}" in told
    attempt.refresh_from_db()
    assert (attempt.comparison.scoring_version, attempt.comparison.score) == ("0", 50.0)


def test_publishing_keeps_the_old_result_and_may_be_repeated(guide):
    attempt = scored(guide)
    rescore()
    draft = ScoredVersion.objects.get(attempt=attempt)
    assert "Published 1 results" in rescore("--publish")
    shown, kept = Comparison.objects.get(attempt=attempt), ScoredVersion.objects.get(attempt=attempt)
    assert (shown.scoring_version, shown.score, shown.result) == (NOW, draft.score, draft.result)
    assert (kept.scoring_version, kept.score, kept.result) == ("0", 50.0, {"grade": "ok"})
    assert "Published 0 results" in rescore("--publish")
    assert "0 to compare now" in rescore()
    assert Comparison.objects.get(attempt=attempt).created_at == shown.created_at


def test_nothing_is_published_while_drafts_are_missing_or_a_take_was_judged_anew(guide):
    drafted, judged_anew = scored(guide), scored(guide)
    with pytest.raises(CommandError, match="missing_drafts"):
        rescore("--publish")
    rescore()
    judged_now(judged_anew)
    with pytest.raises(CommandError, match="missing_drafts"):
        rescore("--publish")
    assert set(Comparison.objects.values_list("scoring_version", flat=True)) == {"0"}
    assert rescoring.publish(judged_anew.pk, NOW) is rescoring.Publication.STALE
    assert "1 to compare now" in rescore()
    assert "Published 2 results" in rescore("--publish")
    assert ScoredVersion.objects.get(attempt=judged_anew).score == 12.0
    assert Comparison.objects.get(attempt=drafted).scoring_version == NOW


def test_a_new_judgement_keeps_the_result_of_another_scoring_and_ends_the_draft(guide):
    attempt = scored(guide)
    rescore()
    services.save_comparison(attempt, replace(judging.judge(attempt), score=33.0))
    assert ScoredVersion.objects.get(attempt=attempt).scoring_version == "0"
    services.save_comparison(attempt, replace(judging.judge(attempt), score=44.0))
    assert ScoredVersion.objects.get(attempt=attempt).score == 50.0
    assert Comparison.objects.get(attempt=attempt).score == 44.0


def test_what_is_of_this_version_is_compared_again_when_asked(guide):
    """As after a curator corrected the guide's counts: the same version, another result."""
    attempt = scored(guide)
    services.save_comparison(attempt, replace(judging.judge(attempt), score=33.0))
    assert "0 to compare now" in rescore()
    assert "33.0 ->" in rescore("--again")
    assert "Published 1 results" in rescore("--publish")
    assert Comparison.objects.get(attempt=attempt).score == pytest.approx(judging.judge(attempt).score)
    assert ScoredVersion.objects.get(attempt=attempt).scoring_version == "0"


def test_a_stopped_run_goes_on_where_it_stopped(guide, monkeypatch):
    takes = [scored(guide), scored(guide), scored(guide)]
    compared = []

    def interrupted_at_the_third(*args, **known):
        compared.append(known)
        if len(compared) == 3:
            raise KeyboardInterrupt
        return compare(*args, **known)

    monkeypatch.setattr(judging, "compare", interrupted_at_the_third)
    with pytest.raises(CommandError, match="run the same command again") as stopped:
        rescore()
    assert stopped.value.returncode == 130
    assert ScoredVersion.objects.count() == 2
    told = rescore()
    assert len(compared) == 4
    assert all(str(take.pk)[:8] in told for take in takes)


def test_what_is_known_of_a_take_is_known_again(guide, monkeypatch):
    """A demo take starts with its guide, a moved start is kept, and what was heard is heard again."""
    heard = {"version": 1, "song": "same", "candidates": [{"offset_s": 0.5, "confidence": 0.9}]}
    known = {}
    monkeypatch.setattr(
        judging, "compare", lambda guide, attempt, **told: known.update(told) or compare(guide, attempt)
    )
    takes = {
        "demo": scored(guide, is_demo=True),
        "moved": scored(guide, is_demo=True, start_s=0.25),
        "heard": scored(guide, sound=heard),
    }
    told = {}
    for name, take in takes.items():
        rescore("--attempts", str(take.pk))
        told[name] = (known["offset_hint_s"], known["hint_source"], len(known["sound"].candidates))
    assert told == {"demo": (0.0, "known", 0), "moved": (0.25, "nudged", 0), "heard": (None, "known", 1)}
    assert known["dance"].grid.bpm == guide.choreography.song.bpm


def test_takes_without_a_track_are_named_and_hold_nothing_up(guide):
    lost, broken, whole = scored(guide), scored(guide), scored(guide)
    storage.delete_keys([lost.track_key])
    storage.save_bytes(broken.track_key, b"no track")
    told = rescore("--choreography", guide.choreography.slug)
    assert str(lost.pk) in told
    assert str(broken.pk) in told
    assert str(lost.pk) in rescore("--publish")
    versions = dict(Comparison.objects.values_list("attempt_id", "scoring_version"))
    assert versions == {lost.pk: "0", broken.pk: "0", whole.pk: NOW}


def test_a_take_that_changed_while_it_was_compared_gets_no_draft(guide):
    attempt = scored(guide)
    result = judging.judge(attempt)
    Attempt.objects.filter(pk=attempt.pk).update(start_s=0.4)
    assert not rescoring.save_draft(attempt, result)
    services.delete_attempt(attempt)
    assert not rescoring.save_draft(attempt, result)
    assert not ScoredVersion.objects.exists()


def test_queries_do_not_grow_with_the_takes(guide, django_assert_num_queries):
    for _ in range(3):
        scored(guide)
    with transaction.atomic(), django_assert_num_queries(2):  # takes and sections; none of them has a clip
        assert len([judging.load(take) for take in rescoring.to_judge(rescoring.judged_takes())]) == 3


def test_unknown_takes_are_refused(guide):
    with pytest.raises(CommandError, match="no_such_choreography"):
        rescore("--choreography", "nobody-dances-this")
    with pytest.raises(CommandError, match="no_such_take"):
        rescore("--attempts", str(AttemptFactory(guide=guide).pk))
