"""What a page fetches of scripts: little of our own, and nothing heavy before somebody asks for it."""

import gzip
import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.functional.conftest import log_in

pytestmark = pytest.mark.xdist_group("product")

MOST_OWN_BYTES = 100_000
DANCE = "/choreographies/elevator-to-daylight/"
HEAVY = re.compile(
    r"/vendor/.*(three|vision)|\.(wasm|task|tflite|onnx)$|/js/live/(room|engine|scorer)"
)


@pytest.fixture
def fetched(page):
    """Path to bytes, compressed where it is a script, of all that a page has fetched."""
    found = {}

    def note(response):
        path = urlsplit(response.url).path
        found[path] = len(gzip.compress(response.body())) if path.endswith(".js") and response.ok else 0

    page.on("response", note)
    return found


def test_a_choreography_fetches_nothing_heavy_and_little_of_our_own(page, fetched):
    log_in(page)
    fetched.clear()
    page.goto(DANCE, wait_until="networkidle")
    expect(page.locator(".player[data-state=ready]")).to_be_visible()
    own = sum(size for path, size in fetched.items() if path.startswith("/static/js/"))
    assert 10_000 < own < MOST_OWN_BYTES
    assert [path for path in fetched if HEAVY.search(path)] == []


def test_the_practice_room_stays_small_too(page, fetched):
    log_in(page)
    fetched.clear()
    page.goto(f"{DANCE}live/", wait_until="networkidle")
    assert any("/js/live/room" in path for path in fetched), "the pattern of heavy scripts names what there is"
    assert sum(size for path, size in fetched.items() if path.startswith("/static/js/")) < MOST_OWN_BYTES
    assert [path for path in fetched if path.endswith((".wasm", ".task"))] == [], "no engine before the dancer begins"
