"""The curators' desk: a guide from upload to publication, and who may not touch it."""

import io

import pytest
from django.urls import reverse

from choreography import services
from choreography.models import Guide, GuideState
from inference import storage
from inference.jobs import close_job
from inference.models import JobState, Video
from tests.factories import AttemptFactory, ChoreographyFactory, GuideFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_jobs")]


@pytest.fixture
def curator(client):
    person = UserFactory(is_staff=True)
    client.force_login(person)
    return person


def upload(client, choreography):
    file = io.BytesIO(b"film")
    file.name = "guide.mp4"
    return client.post(
        reverse("admin:choreography_guide_add"), {"choreography": choreography.pk, "clip": file}, follow=True
    )


def test_an_upload_makes_the_next_version_and_shows_its_job(client, curator):
    choreography = ChoreographyFactory()
    GuideFactory(choreography=choreography, version=4)
    page = upload(client, choreography)
    guide = Guide.objects.get(version=5)
    assert (guide.state, guide.job.kind, guide.job.owner) == (GuideState.PROCESSING, "analyse_guide", curator)
    assert page.redirect_chain[-1][0] == reverse("admin:choreography_guide_change", args=[guide.pk])
    assert 'data-controller="job-progress"' in page.content.decode()


def test_a_failed_analysis_returns_the_guide_to_draft_and_can_be_tried_again(client, curator):
    upload(client, ChoreographyFactory())
    guide = Guide.objects.get()
    close_job(guide.job_id, JobState.FAILED, "no_dancer", attempt=0)
    guide.refresh_from_db()
    assert guide.state == GuideState.DRAFT
    client.post(reverse("admin:choreography_guide_retry", args=[guide.pk]))
    guide.refresh_from_db()
    assert (guide.state, guide.job.state) == (GuideState.PROCESSING, JobState.QUEUED)


def test_publishing_withdraws_the_version_before(client, curator):
    old = GuideFactory(published=True)
    new = GuideFactory(choreography=old.choreography, with_track=True)
    page = client.get(reverse("admin:choreography_guide_change", args=[new.pk]))
    assert "player-data" in page.content.decode()
    client.post(reverse("admin:choreography_guide_publish", args=[new.pk]))
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.state, new.state) == (GuideState.WITHDRAWN, GuideState.PUBLISHED)
    assert new.published_at is not None
    client.post(reverse("admin:choreography_guide_withdraw", args=[new.pk]))
    new.refresh_from_db()
    assert new.state == GuideState.WITHDRAWN


def test_a_guide_without_a_skeleton_cannot_be_published(client, curator):
    draft = GuideFactory(state=GuideState.DRAFT, track_key="")
    page = client.post(reverse("admin:choreography_guide_publish", args=[draft.pk]), follow=True)
    assert "no skeleton yet" in page.content.decode()
    draft.refresh_from_db()
    assert draft.state == GuideState.DRAFT


def test_an_empty_upload_is_explained(client, curator):
    choreography = ChoreographyFactory()
    empty = io.BytesIO(b"")
    empty.name = "guide.mp4"
    page = client.post(reverse("admin:choreography_guide_add"), {"choreography": choreography.pk, "clip": empty})
    assert page.status_code == 200
    assert "empty" in page.content.decode()
    assert not Guide.objects.exists()


def test_deleting_a_guide_removes_its_files_and_keeps_one_that_was_danced(client, curator):
    upload(client, ChoreographyFactory())
    guide = Guide.objects.get()
    key = guide.video.original_key
    client.post(reverse("admin:choreography_guide_delete", args=[guide.pk]), {"post": "yes"})
    assert not Guide.objects.exists()
    assert not Video.objects.exists()
    assert not storage.direct_path(key).exists()
    danced = AttemptFactory().guide
    client.post(reverse("admin:choreography_guide_delete", args=[danced.pk]), {"post": "yes"})
    assert Guide.objects.filter(pk=danced.pk).exists()


@pytest.mark.parametrize("action", ["publish", "withdraw", "cancel", "retry", "dancer"])
def test_dancers_cannot_act_on_guides(client, action):
    guide = GuideFactory(with_track=True)
    address = reverse(f"admin:choreography_guide_{action}", args=[guide.pk])
    client.force_login(UserFactory())
    assert client.post(address).status_code == 302
    guide.refresh_from_db()
    assert guide.state == GuideState.READY


def test_the_desk_lists_choreographies_and_guides(client, curator):
    GuideFactory.create_batch(3, published=True)
    for name in ("choreography", "guide", "song", "artist"):
        assert client.get(reverse(f"admin:choreography_{name}_changelist")).status_code == 200
    assert client.get(reverse("admin:accounts_user_changelist")).status_code == 403
    assert client.get(reverse("admin:choreography_choreography_add")).status_code == 200


def test_a_retry_of_a_guide_whose_job_runs_changes_nothing():
    guide = GuideFactory(state=GuideState.DRAFT, track_key="")
    services.retry_guide(guide)
    guide.refresh_from_db()
    assert guide.state == GuideState.DRAFT
