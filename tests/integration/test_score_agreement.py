"""Agreement with teachers as people read it: the command, and the panel of the desk."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from choreography.models import Rating, ScoredVersion
from choreography.queries.agreement import agreement_report
from tests.factories import AttemptFactory, ComparisonFactory, CuratorFactory, GuideFactory, UserFactory

LIMBS = ("torso", "left_arm", "right_arm", "left_leg", "right_leg", "head")


@pytest.fixture
def guide(db):
    return GuideFactory(published=True)


def rated(guide, machine, *people, version="2", weakest="left_arm", found=("left_arm", "all"), marked=(), **take):
    take = AttemptFactory(guide=guide, **take)
    limbs = [{"limb": limb, "score": 40.0 if limb == weakest else 80.0} for limb in LIMBS[:-1]]
    result = {
        "limbs": [*limbs, {"limb": "head", "score": None}],
        "findings": [{"limb": limb} for limb in found],
    }
    ComparisonFactory(attempt=take, scoring_version=version, score=machine, result=result)
    for score in people:
        Rating.objects.create(attempt=take, teacher=UserFactory(), score=score, limbs=list(marked))
    return take


def told(*arguments):
    out = StringIO()
    call_command("score_agreement", *arguments, stdout=out)
    return out.getvalue()


def desk(client, guide):
    client.force_login(CuratorFactory())
    return client.get(reverse("admin:choreography_choreography_change", args=[guide.choreography_id])).content.decode()


def test_figures_come_from_ratings_beside_what_dancers_see(client, guide):
    for n in range(10):
        marked = ["left_arm"] if n < 6 else ["torso"]
        rated(guide, 10.0 * n + 5, 10 * n, 10 * n, marked=marked)
    report = told("--choreography", guide.choreography.slug)
    assert "Scoring version 2." in report
    for figure in ("Spearman's rho          +1.00", "Machine - people         +5.0", "ICC(1)", "  0.60  ["):
        assert figure in report
    assert report.count("by chance 0.20") == 2  # one limb of five that were judged, by the weakest and by the finding
    panel = desk(client, guide)
    assert "10 rated takes" in panel
    assert ">5.0<" in panel


def test_too_few_is_said(client, guide):
    rated(guide, 50.0, 60)
    report = told()
    assert "Too few" in report
    assert "Spearman" not in report
    assert "too few" in desk(client, guide)
    other = GuideFactory(published=True)
    assert "No teacher has rated" in desk(client, other)
    with pytest.raises(CommandError, match="no_such_choreography"):
        told("--choreography", "nobody-dances-this")


def test_versions_are_not_mixed_and_drafts_can_be_asked_for(guide):
    for n in range(8):
        take = rated(guide, 10.0 * n, 10 * n)
        for version, points in (("1", 3), ("3", 7)):
            ScoredVersion.objects.create(
                attempt=take,
                scoring_version=version,
                verdict="judged",
                score=10.0 * n + points,
                coverage=1.0,
                result={},
            )
    rated(guide, 90.0, 10, version="1")
    rated(guide, None, 10)
    rated(guide, 90.0, 10, is_demo=True)
    shown, draft, old = agreement_report(), agreement_report(version="3"), agreement_report(version="1")
    assert (shown.version, shown.found.n, shown.left_out, shown.found.difference.value) == ("2", 8, 2, 0.0)
    assert (draft.found.n, draft.found.difference.value) == (8, 7.0)
    assert (old.found.n, old.left_out) == (9, 1)
    assert agreement_report(newest=5).found.n == 5


def test_the_desk_asks_for_all_ratings_at_once(guide, django_assert_num_queries):
    for n in range(9):
        rated(guide, 10.0 * n, 50, 60)
    with django_assert_num_queries(3):
        agreement_report(choreography=guide.choreography)
