"""Files answer whom they may, in ranges, without being read whole."""

import pytest
from django.test import AsyncClient
from django.urls import reverse

from choreography.models import GuideState
from inference import storage
from inference.serving import CHUNK_BYTES, Span, UnsatisfiableRange, parse_range
from tests.factories import AttemptFactory, GuideFactory, UserFactory, VideoFactory

FILM = bytes(range(256)) * 3000  # longer than one chunk


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", None),
        ("bytes=0-99", Span(0, 99)),
        ("bytes=900-", Span(900, 999)),
        ("bytes=-1", Span(999, 999)),
        ("bytes=-5000", Span(0, 999)),
        ("bytes=10-5000", Span(10, 999)),
        ("bytes=20-10", None),
        ("bytes=0-1,5-6", None),
        ("items=0-1", None),
        ("bytes=-", None),
        (f"bytes={'9' * 5000}-", None),
        (f"bytes=0-{'9' * 5000}", None),
    ],
)
def test_ranges_are_read_as_the_standard_says(header, expected):
    assert parse_range(header, 1000) == expected


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=-0", "bytes=5000-6000"])
def test_ranges_outside_the_file_are_refused(header):
    with pytest.raises(UnsatisfiableRange):
        parse_range(header, 1000)


@pytest.fixture
def take(transactional_db):
    dancer = UserFactory()
    video = VideoFactory(owner=dancer, playable_type="video/mp4")
    video.playable_key = storage.save_bytes(f"videos/{video.pk}/original.mp4", FILM)
    video.save()
    return AttemptFactory(dancer=dancer, video=video, with_track=True)


@pytest.fixture
def browser(take):
    client = AsyncClient()
    client.force_login(take.dancer)
    return client


async def body(response):
    return b"".join([part async for part in response.streaming_content])


async def test_a_video_comes_whole_and_in_ranges(take, browser):
    address = reverse("attempt_video", args=[take.pk])
    whole = await browser.get(address)
    assert (whole.status_code, whole["Content-Type"], whole["Accept-Ranges"]) == (200, "video/mp4", "bytes")
    assert await body(whole) == FILM
    part = await browser.get(address, headers={"range": f"bytes={CHUNK_BYTES - 1}-{CHUNK_BYTES + 1}"})
    assert part.status_code == 206
    assert part["Content-Range"] == f"bytes {CHUNK_BYTES - 1}-{CHUNK_BYTES + 1}/{len(FILM)}"
    assert await body(part) == FILM[CHUNK_BYTES - 1 : CHUNK_BYTES + 2]
    beyond = await browser.get(address, headers={"range": f"bytes={len(FILM)}-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(FILM)}")


async def test_a_seen_file_is_not_sent_again_and_never_to_the_next_person(take, browser):
    for name in ("attempt_video", "attempt_track", "attempt_poster", "attempt_poster_data"):
        address = reverse(name, args=[take.pk])
        first = await browser.get(address)
        assert "private" in first["Cache-Control"]
        assert "Cookie" in first["Vary"]
        again = await browser.get(address, headers={"if-none-match": first["ETag"]})
        assert again.status_code == 304


async def test_a_file_that_is_gone_is_a_404(take, browser):
    storage.delete_keys([take.track_key, take.video.playable_key])
    for name in ("attempt_video", "attempt_track"):
        assert (await browser.get(reverse(name, args=[take.pk]))).status_code == 404


@pytest.mark.parametrize(
    ("state", "stranger", "curator", "danced_it"),
    [
        (GuideState.PUBLISHED, 200, 200, 200),
        (GuideState.WITHDRAWN, 404, 200, 200),
        (GuideState.READY, 404, 200, 200),
    ],
)
def test_guides_answer_by_their_state(transactional_db, client, state, stranger, curator, danced_it):
    guide = GuideFactory(state=state, with_track=True)
    take = AttemptFactory(guide=guide)
    for name in ("guide_track", "guide_poster", "guide_poster_data"):
        address = reverse(name, args=[guide.pk])
        client.logout()
        assert client.get(address).status_code == stranger
        client.force_login(UserFactory(is_staff=True))
        assert client.get(address).status_code == curator
        client.force_login(take.dancer)
        assert client.get(address).status_code == danced_it


def test_a_poster_is_a_picture_without_scripts(transactional_db, client):
    guide = GuideFactory(published=True, with_track=True)
    picture = client.get(reverse("guide_poster", args=[guide.pk]))
    assert picture["Content-Type"] == "image/svg+xml"
    assert picture.content.startswith(b"<svg")
    assert b"<script" not in picture.content
