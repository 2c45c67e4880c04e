"""The page of a result: whatever was found, and whatever version found it."""

from datetime import timedelta
from typing import get_args

import pytest
from django.urls import reverse
from django.utils.html import escape

from accounts.models import User
from choreography.comparison.result import Verdict
from choreography.feedback import VERDICT_WORDS
from choreography.models import SectionKind
from tests import results
from tests.factories import AttemptFactory, ComparisonFactory, GuideFactory, SectionFactory, SongFactory, UserFactory

pytestmark = pytest.mark.django_db

UNJUDGED = [verdict for verdict in get_args(Verdict) if verdict != "judged"]


@pytest.fixture
def dancer(client):
    person = UserFactory()
    client.force_login(person)
    return person


@pytest.fixture
def take(dancer):
    song = SongFactory(bpm=results.GRID.bpm, first_beat_s=results.GRID.first_count_s)
    guide = GuideFactory(published=True, with_track=True, choreography__song=song, duration_s=results.DURATION_S)
    for part in results.SECTIONS:
        SectionFactory(
            choreography=guide.choreography, kind=SectionKind(part.kind), start_s=part.start_s, end_s=part.end_s
        )
    return AttemptFactory(dancer=dancer, guide=guide, with_track=True)


def compared(take, payload):
    ComparisonFactory(
        attempt=take,
        scoring_version=payload["scoring_version"],
        verdict=payload["verdict"],
        score=payload["score"],
        offset_s=payload["offset_s"],
        mirrored=payload["mirrored"],
        coverage=payload["coverage"],
        result=payload,
    )


def page_of(client, take):
    response = client.get(reverse("attempt", args=[take.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_a_judged_take_says_one_sentence_the_number_and_what_to_mend(client, take):
    compared(take, results.judged().to_payload())
    page = page_of(client, take)
    assert "Your timing is there; your left arm can come sooner in the chorus." in page
    assert "78 of 100, give or take 3" in page
    assert "Your left arm comes half a count late (240 ms)" in page
    assert "chorus 1, eight 1, counts 5-8" in page
    assert "Raise your left elbow about 30°" in page
    assert page.count('class="finding__number"') == 3
    assert "2 more, which cost less" in page
    assert page.count('data-rate="0.5"') == len(results.judged().plan)
    assert "Your hardest eight is chorus 1, eight 1: 41" in page
    assert "Scored by an earlier version" not in page


def test_the_same_page_in_korean(client, take):
    User.objects.filter(pk=take.dancer_id).update(language="ko")
    compared(take, results.judged().to_payload())
    page = page_of(client, take)
    assert "싱크는 잘 맞아요. 코러스에서 왼팔이 조금 더 일찍 나오면 좋겠어요." in page
    assert "왼팔이 반 박자 늦어요 (240ms)" in page
    assert "코러스 1, 1번째 8카운트, 5-8카운트" in page
    assert "100점 만점에 78점, 오차 3점 안팎" in page


def test_the_player_gets_the_findings_and_the_eights(client, take):
    compared(take, results.judged().to_payload())
    shown = client.get(reverse("attempt", args=[take.pk])).context["player_payload"]["comparison"]
    assert [moment["number"] for moment in shown["findings"]] == [1, 2, 3, None, None]
    assert shown["findings"][0]["limb"] == "left_arm"
    assert shown["eights"][shown["worst_eight"]]["limbs"]["left_arm"] == 8.0


def test_who_danced_the_mirror_image_is_told_of_the_limb_that_they_used(client, take):
    compared(take, results.judged(mirrored=True, notices=("mirrored",)).to_payload())
    page = page_of(client, take)
    assert "Raise your right elbow about 30°" in page
    assert "your right arm can come sooner" in page
    assert "left elbow" not in page


@pytest.mark.parametrize("verdict", UNJUDGED)
def test_what_was_not_judged_has_no_score_and_says_why(client, take, verdict):
    compared(take, results.unjudged(verdict).to_payload())
    page = page_of(client, take)
    assert "No score" in page
    assert escape(VERDICT_WORDS[verdict]()) in page
    assert "verdict__number" not in page
    assert "/ 100" not in page


def test_a_result_of_version_1_says_so_quietly(client, take):
    compared(take, results.of_version_1())
    page = page_of(client, take)
    assert "Scored by an earlier version" in page
    assert "Work on your left arm first" in page
    assert "findings" not in client.get(reverse("attempt", args=[take.pk])).context["player_payload"]["comparison"]


@pytest.mark.parametrize("code", ["guide_replayed", "other_dance"])
def test_what_version_1_noticed_is_a_verdict_by_now(client, take, code):
    compared(take, results.of_version_1(notices=[code, "low_confidence"]))
    page = page_of(client, take)
    assert "No score" in page
    assert "verdict__number" not in page


def test_sections_that_were_changed_since_are_not_named_wrongly(client, take):
    compared(take, results.judged().to_payload())
    take.choreography.sections.first().delete()
    page = page_of(client, take)
    assert "eight 1, counts 5-8" in page
    assert "chorus 1, eight 1" not in page


def test_a_stranger_sees_nothing(client, take):
    compared(take, results.judged().to_payload())
    client.force_login(UserFactory(is_staff=True))
    assert client.get(reverse("attempt", args=[take.pk])).status_code == 404


def test_the_page_costs_the_same_however_much_was_found(client, take, django_assert_max_num_queries):
    compared(take, results.judged().to_payload())
    with django_assert_max_num_queries(9):
        page_of(client, take)


def test_the_api_gives_codes_and_sentences(client, take):
    compared(take, results.judged().to_payload())
    answer = client.get(f"/api/v1/attempts/{take.pk}/result/").json()
    assert answer["sentence"] == "Your timing is there; your left arm can come sooner in the chorus."
    assert (answer["error_bar"], answer["parts"]["timing"]) == (2.8, 86.1)
    assert answer["eights"][answer["result"]["worst_eight"]]["limbs"]["left_arm"] == 8.0
    assert answer["findings"][1]["correction"] == "raise"
    assert answer["findings"][1]["sentence"] == "Raise your left elbow about 30°"
    assert answer["findings"][1]["where"] == "verse, eight 2, counts 3-5"


def test_the_api_gives_results_of_version_1_too(client, take):
    compared(take, results.of_version_1())
    answer = client.get(f"/api/v1/attempts/{take.pk}/result/").json()
    assert (answer["findings"], answer["error_bar"], answer["parts"]["shape"]) == ([], None, None)


def test_the_history_shows_how_exact_each_score_is(client, take):
    compared(take, results.judged().to_payload())
    assert "\N{PLUS-MINUS SIGN}3" in client.get(reverse("history")).content.decode()


def test_a_score_is_only_compared_with_one_of_the_same_version(client, take):
    compared(take, results.judged().to_payload())
    before = AttemptFactory(dancer=take.dancer, guide=take.guide)
    type(before).objects.filter(pk=before.pk).update(created_at=take.created_at - timedelta(days=1))
    compared(before, results.of_version_1(score=61.0))
    assert "The take before" not in page_of(client, take)
    assert client.get(reverse("history")).context["charts"] == []
    before.comparison.scoring_version = "2"
    before.comparison.save()
    assert "The take before: 61" in page_of(client, take)
    (chart,) = client.get(reverse("history")).context["charts"]
    assert [point["score"] for point in chart.points] == [61.0, 78.4]
