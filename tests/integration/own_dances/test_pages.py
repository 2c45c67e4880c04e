"""The pages and files of our own dances, and who sees them."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from choreography.models import Attempt, Comparison, DancesCount, EightMemory, Label, Partner
from inference.models import Job, JobState
from tests.factories import (
    CuratorFactory,
    UserFactory,
)
from tests.own_dances import dance, forget_all_counts, guide_of, own_insights, remember

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_jobs")]


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
            Comparison.objects.filter(attempt=take).update(created_at=at)
        remember(guide, people[:6])
        EightMemory.objects.update(danced_on=at.date(), judged_on=at.date())
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

    def test_a_first_count_that_failed_is_told_by_files_too(self, curator, last_week):
        curator.get(reverse("insights_dances"))
        Job.objects.update(state=JobState.FAILED, failure_code="internal", finished_at=timezone.now())
        for address in (
            reverse("insights_dances_csv"),
            reverse("insights_dance_csv", args=[last_week.choreography.slug, "weeks"]),
        ):
            refused = curator.get(address)
            assert (refused.status_code, refused["Retry-After"]) == (503, "600")
            assert "did not work" in refused.content.decode()

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
        for address in (reverse("insights_dances"), reverse("insights")):
            page = curator.get(address).content.decode()
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
