"""What a page fetches of scripts: little of our own, and nothing heavy before somebody asks for it."""

import gzip
import re
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.functional.conftest import log_in

MOST_OWN_BYTES = 100_000
DANCE = "/choreographies/elevator-to-daylight/"
HEAVY = re.compile(r"/vendor/.*(three|vision)|\.(wasm|task|tflite|onnx)$|/js/live/(room|engine|scorer)")


def fetched(page, address):
    """Path to bytes, compressed where it is a script, of all that a page fetches by itself."""
    responses = []

    def note(response):
        responses.append(response)

    page.goto("about:blank")
    page.on("response", note)
    page.goto(address, wait_until="networkidle")
    page.remove_listener("response", note)
    paths = [(urlsplit(response.url).path, response) for response in responses]
    is_script = {path: path.endswith(".js") and response.ok for path, response in paths}
    return {path: len(gzip.compress(response.body())) if is_script[path] else 0 for path, response in paths}


def own(found):
    return sum(size for path, size in found.items() if path.startswith("/static/js/"))


def test_a_choreography_fetches_nothing_heavy_and_little_of_our_own(page):
    log_in(page)
    found = fetched(page, DANCE)
    expect(page.locator(".player[data-state=ready]")).to_be_visible()
    assert 10_000 < own(found) < MOST_OWN_BYTES
    assert [path for path in found if HEAVY.search(path)] == []


def test_the_practice_room_stays_small_too(page):
    log_in(page)
    found = fetched(page, f"{DANCE}live/")
    assert any("/js/live/room" in path for path in found), "the pattern of heavy scripts names what there is"
    assert own(found) < MOST_OWN_BYTES
    assert [path for path in found if path.endswith((".wasm", ".task"))] == [], "no engine before the dancer begins"
