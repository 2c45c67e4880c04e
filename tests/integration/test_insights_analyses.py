"""Analyses: asked for once, counted by a job, begun again where that is wished, and never too many."""

from datetime import timedelta
from functools import partial

import numpy as np
import pytest
from django.db.models import F
from django.utils import timezone

from accounts.services import close_account
from choreography import market_work
from choreography.insights import (
    ANALYSE_MARKET,
    MOST_A_MINUTE,
    MOST_KEPT,
    ROWS_GONE,
    TooManyAnalyses,
    ask,
    key_of,
    prepare_default_analyses,
)
from choreography.models import FeatureRow, Label, MarketAnalysis
from choreography.queries.market_requests import Selection, default_requests, selection_request, sources_in_use
from choreography.queries.market_rows import NoRows, facts_of, has_tag, sample_of, years_of
from inference import queue
from inference.jobs import run_job
from inference.media.isolation import run_isolated
from inference.models import Job, JobState
from tests import isolated, market
from tests.at_once import at_once
from tests.factories import CuratorFactory
from tests.insights import stored_artists, stored_tracks, stored_years

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_jobs", "first_labels")]


@pytest.fixture
def artists(db):
    return stored_artists()


@pytest.fixture
def curator(db):
    return CuratorFactory()


def request_for(*genres, kind="artists"):
    return selection_request(Selection(kind, genres), sources_in_use(), Label.objects.all())


def fail(analysis, code="internal"):
    Job.objects.filter(pk=analysis.job_id).update(state=JobState.FAILED, failure_code=code)


# Asking


def test_the_same_question_is_counted_once(artists, curator):
    first = ask(request_for("rock", "jazz"), curator)
    again = ask(request_for("jazz", "rock"), CuratorFactory())
    assert first == again
    assert first.job.owner == curator
    assert (MarketAnalysis.objects.count(), Job.objects.count()) == (1, 1)


def test_another_question_has_another_key(artists):
    label = Label.objects.first()
    requests = [request_for(), request_for("rock"), request_for("jazz"), request_for("rock", "jazz")]
    label.artists = [*label.artists, "Somebody new"]
    label.save()
    requests.append(request_for())
    requests.append({**requests[0], "version": requests[0]["version"] + 1})
    assert len({key_of(request) for request in requests}) == len(requests)
    assert key_of(dict(reversed(requests[0].items()))) == key_of(requests[0])


def test_what_failed_is_begun_again_only_on_wish(artists, curator):
    analysis = ask(request_for(), None)
    fail(analysis)
    assert ask(request_for(), curator).job.state == JobState.FAILED
    begun = ask(request_for(), curator, again=True)
    assert (begun.job.pk, begun.job.state, begun.job.owner) == (analysis.job_id, JobState.QUEUED, curator)
    run = ask(request_for(), curator, again=True)  # pressed twice
    assert (run.job.state, Job.objects.count()) == (JobState.QUEUED, 1)


@pytest.mark.parametrize("lost", ["job", "rows for a while"])
def test_what_nobody_works_on_is_begun_again_by_itself(artists, curator, lost):
    analysis = ask(request_for(), curator)
    if lost == "job":
        Job.objects.all().delete()
    else:
        fail(analysis, ROWS_GONE)
    assert ask(request_for(), curator).job.state == JobState.QUEUED


def test_an_answer_is_never_counted_again(artists, curator):
    analysis = ask(request_for(), curator)
    MarketAnalysis.objects.filter(pk=analysis.pk).update(result={"kind": "selection"})
    fail(analysis)
    assert ask(request_for(), curator, again=True).job.state == JobState.FAILED


def test_one_person_sets_only_so_many_going_in_a_minute(artists, curator):
    tags = [f"tag {number}" for number in range(MOST_A_MINUTE + 1)]
    for tag in tags[:MOST_A_MINUTE]:
        ask(request_for(tag), curator)
    with pytest.raises(TooManyAnalyses):
        ask(request_for(tags[-1]), curator)
    assert ask(request_for(tags[0]), curator).job  # what is there is not counted
    assert ask(request_for(tags[-1]), CuratorFactory()).job
    Job.objects.update(queued_at=timezone.now() - timedelta(seconds=61))
    assert ask(request_for("another"), curator).job
    fail(MarketAnalysis.objects.get(key=key_of(request_for(tags[0]))))
    Job.objects.filter(owner=curator).update(queued_at=timezone.now())
    with pytest.raises(TooManyAnalyses):
        ask(request_for(tags[0]), curator, again=True)


def test_one_person_tries_one_analysis_again_only_so_often_in_a_minute(artists, curator):
    """A job that is begun again stays one job, so each of its attempts counts."""
    analysis = ask(request_for(), curator)
    for _time in range(MOST_A_MINUTE - 1):
        fail(analysis)
        Job.objects.update(attempt=F("attempt") + 1)
        assert ask(request_for(), curator, again=True).job.state == JobState.QUEUED
    fail(analysis)
    Job.objects.update(attempt=F("attempt") + 1)
    with pytest.raises(TooManyAnalyses):
        ask(request_for(), curator, again=True)
    assert ask(request_for(), CuratorFactory(), again=True).job.state == JobState.QUEUED
    fail(analysis)
    Job.objects.update(owner=curator, queued_at=timezone.now() - timedelta(seconds=61))
    assert ask(request_for(), curator, again=True).job.state == JobState.QUEUED


def test_only_so_many_are_kept_and_the_first_shown_among_them(artists, curator):
    prepare_default_analyses()
    first_shown = set(MarketAnalysis.objects.values_list("key", flat=True))
    MarketAnalysis.objects.bulk_create(
        MarketAnalysis(key=f"{number:064}", request=request_for(f"{number}")) for number in range(MOST_KEPT)
    )
    oldest = MarketAnalysis.objects.get(key=f"{0:064}")
    oldest.job = Job.objects.create(kind=ANALYSE_MARKET)
    oldest.save()
    newest = ask(request_for("rock"), curator)
    kept = set(MarketAnalysis.objects.values_list("key", flat=True))
    assert len(kept) == MOST_KEPT
    assert first_shown | {newest.key} <= kept
    assert oldest.key not in kept
    assert not Job.objects.filter(pk=oldest.job_id).exists()


def test_whoever_asked_may_leave(artists, curator):
    analysis = ask(request_for(), curator)
    close_account(user=curator)
    analysis.refresh_from_db()
    assert analysis.job.owner is None
    run_job(analysis.job_id)
    analysis.refresh_from_db()
    assert analysis.result["n"] == FeatureRow.objects.count()


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_get_the_same(transactional_db):
    stored_artists(market.artists_rows(8))
    wanted = request_for()
    owners = [CuratorFactory() for _ in range(4)]
    found = at_once([partial(ask, wanted, owner) for owner in owners])
    assert len({analysis.pk for analysis in found}) == 1
    assert (MarketAnalysis.objects.count(), Job.objects.filter(kind=ANALYSE_MARKET).count()) == (1, 1)


# What is prepared


def test_the_first_look_is_prepared_for_every_file_in_use(artists):
    stored_tracks()
    stored_years()
    prepare_default_analyses()
    prepare_default_analyses()
    asked = [(analysis.request["kind"], analysis.request["source"]) for analysis in MarketAnalysis.objects.all()]
    pks = {kind: source.pk for kind, source in sources_in_use().items()}
    assert sorted(asked) == sorted(
        [("selection", pks["artists"]), ("selection", pks["tracks"]), ("trend", pks["years"])]
    )
    assert Job.objects.filter(owner=None).count() == 3


def test_analyses_of_a_file_that_was_replaced_go(artists, curator):
    ask(request_for("rock"), curator)
    artists.is_active = False
    artists.save()
    newer = stored_artists()
    prepare_default_analyses()
    assert {analysis.request["source"] for analysis in MarketAnalysis.objects.all()} == {newer.pk}
    assert not Job.objects.filter(owner=curator).exists()


def test_nothing_is_prepared_where_nothing_is_imported():
    prepare_default_analyses()
    assert default_requests() == []
    assert not Job.objects.exists()


def test_without_the_tag_all_rows_are_the_first_look():
    stored_artists([{**row, "genres": ["rock"]} for row in market.artists_rows(20)])
    assert [request["genres"] for request in default_requests()] == [[]]


def test_tracks_without_years_tell_nothing_of_years():
    stored_tracks([{**row, "year": None} for row in market.tracks_rows(20)])
    assert [request["kind"] for request in default_requests()] == ["selection"]


# Rows


def test_a_sample_has_the_rows_with_any_of_the_exact_tags(artists):
    rows = market.artists_rows(320)
    sample = sample_of(request_for("k-pop", "jazz"))
    kept = [row for row in rows if {"k-pop", "jazz"} & set(row["genres"])]
    expected = market.sample_of_artists(kept)
    assert (sample.names, sample.artists) == (expected.names, expected.artists)
    assert np.array_equal(sample.popularity, expected.popularity)
    assert np.array_equal(sample.values, expected.values)
    assert any("folk-pop" in row["genres"] for row in rows)
    assert len(sample_of(request_for("k-pop"))) == len(market.kpop_of(rows))
    assert len(sample_of(request_for())) == len(rows)
    with pytest.raises(NoRows):
        sample_of(request_for("pop"))  # a part of a tag is no tag


def test_years_come_from_their_file_and_else_are_the_means_of_tracks():
    rows = market.tracks_rows(400)
    tracks = stored_tracks(rows)
    years = years_of({"version": 1, "kind": "trend", "source": tracks.pk})
    assert list(years.year) == sorted({row["year"] for row in rows})
    assert years.rows.sum() == 400
    of_year = [row for row in rows if row["year"] == years.year[7]]
    assert years.rows[7] == len(of_year)
    assert np.isclose(years.popularity[7], np.mean([row["popularity"] for row in of_year]))
    assert np.isclose(years.column("tempo")[7], np.mean([row["tempo"] for row in of_year]))
    source = stored_years()
    told, expected = (
        years_of({"version": 1, "kind": "trend", "source": source.pk}),
        market.years_of(market.years_rows()),
    )
    assert np.array_equal(told.year, expected.year)
    assert np.allclose(told.values, expected.values)
    assert not told.rows.any()


def test_tags_are_counted_by_rows(artists):
    rows = market.artists_rows(320)
    tags = dict(facts_of(artists).tags)
    assert tags["k-pop"] == len(market.kpop_of(rows))
    assert list(tags.values()) == sorted(tags.values(), reverse=True)
    assert has_tag(artists, "folk-pop")
    assert not has_tag(artists, "pop")


# The job


def test_a_job_answers_in_a_process_of_its_own(artists, monkeypatch):
    began = []
    monkeypatch.setattr("inference.jobs.JobRun.begin", lambda run, stage: began.append(stage))
    analysis = ask(request_for("k-pop"), None)
    run_job(analysis.job_id)
    analysis.refresh_from_db()
    assert analysis.job.state == JobState.SUCCEEDED
    assert analysis.result["n"] == 80
    assert analysis.result["whole"]["nine"]["n"] == 80
    assert {roster["label"] for roster in analysis.result["rosters"]} == set(Label.objects.values_list("pk", flat=True))
    assert len(began) == 2


def test_a_file_replaced_in_the_meantime_is_said_by_its_code(artists):
    analysis = ask(request_for(), None)
    FeatureRow.objects.all().delete()
    run_job(analysis.job_id)
    analysis.refresh_from_db()
    assert (analysis.job.state, analysis.job.failure_code, analysis.result) == (JobState.FAILED, ROWS_GONE, None)


def test_rows_that_change_while_it_counts_change_nothing(artists, monkeypatch):
    counted = market_work.run_isolated

    def replace_and_count(*args, **options):
        FeatureRow.objects.all().delete()
        return counted(*args, **options)

    monkeypatch.setattr(market_work, "run_isolated", replace_and_count)
    analysis = ask(request_for("k-pop"), None)
    run_job(analysis.job_id)
    analysis.refresh_from_db()
    assert analysis.result["n"] == 80


def test_an_analysis_that_is_forgotten_meanwhile_writes_nothing(artists, monkeypatch):
    analysis = ask(request_for("k-pop"), None)

    def forget(function, *args, **options):
        Job.objects.all().delete()
        return {"kind": "selection"}

    monkeypatch.setattr(market_work, "run_isolated", forget)
    run_job(analysis.job_id)
    analysis.refresh_from_db()
    assert analysis.result is None


def test_a_process_that_dies_fails_the_job_which_can_be_tried_again(artists, curator, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(market_work, "run_isolated", lambda *args, **options: run_isolated(isolated.crash, **options))
        analysis = ask(request_for("k-pop"), curator)
        run_job(analysis.job_id)
    failed = ask(request_for("k-pop"), curator)
    assert (failed.job.state, failed.job.failure_code) == (JobState.FAILED, "decoder_died")
    analysis = ask(request_for("k-pop"), curator, again=True)
    run_job(analysis.job_id)
    analysis.refresh_from_db()
    assert (analysis.job.state, analysis.job.attempt, analysis.result["n"]) == (JobState.SUCCEEDED, 2, 80)


def test_a_worker_that_dies_is_taken_over_and_three_times_is_enough(artists, curator):
    analysis = ask(request_for(), curator)
    for _ in range(queue.MAX_CRASHES):
        Job.objects.update(state=JobState.RUNNING, beat_at=timezone.now() - timedelta(minutes=1))
        queue.take_up_lost_jobs()
    assert ask(request_for(), curator).job.failure_code == "gave_up"
    assert ask(request_for(), curator, again=True).job.crashes == 0
    assert analysis.pk == MarketAnalysis.objects.get().pk
