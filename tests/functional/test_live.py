"""Dancing live with a webcam that shows somebody who steps into the picture, waits, and dances the demo."""

import re
from itertools import repeat

import pytest
from playwright.sync_api import expect

from tests.bench.drawn import drawn_dance
from tests.functional.conftest import log_in
from tests.functional.webcam import FPS, film, film_nobody

ROOM = "/choreographies/elevator-to-daylight/live/"
WEBCAM_PX = (640, 480)
DANCER_PX = (270, 480)
AWAY_S = 9.0
"""Nobody is in the picture while the pose engine gets ready, so that what follows begins when the dancer steps in."""
STILL_S = 6.8
"""The gate's hold, the tick, and a count-in of eight counts at 120 a minute."""
DANCE_S = 22.0
LEAST_JOINTS_BYTES, MOST_JOINTS_BYTES = 2_000, 200_000

WATCH = """() => {
    window.verdicts = [];
    document.addEventListener("room:verdict", ({ detail }) => {
        verdicts.push({ delayMs: detail.delayMs, verdict: detail.eight.verdict });
        sessionStorage.setItem("verdicts", JSON.stringify(verdicts));
    });
}"""


@pytest.fixture(scope="module")
def dancer_film(tmp_path_factory):
    wall = next(drawn_dance(WEBCAM_PX, 1)).copy()
    wall[:] = wall[:, :1]
    first = _on(wall, next(drawn_dance(DANCER_PX, 1)))
    dance = (_on(wall, picture) for picture in drawn_dance(DANCER_PX, round(DANCE_S * FPS)))
    pictures = (*repeat(wall, round(AWAY_S * FPS)), *repeat(first, round(STILL_S * FPS)), *dance)
    return film(tmp_path_factory.mktemp("webcam") / "dancer.mjpeg", pictures)


def _on(wall, dancer):
    picture = wall.copy()
    left = (wall.shape[1] - dancer.shape[1]) // 2
    picture[:, left : left + dancer.shape[1]] = dancer
    return picture


def open_room(page):
    log_in(page)
    page.goto(ROOM)
    expect(page.locator("[data-controller=live][data-ready=true]")).to_be_visible()


def test_a_dance_before_the_webcam_is_judged_and_only_its_joints_are_sent(webcam_page, product, dancer_film):
    page = webcam_page(dancer_film, width=390, height=720)
    open_room(page)
    sent = []
    page.on("request", lambda request: sent.append(request) if request.method != "GET" else None)
    page.evaluate(WATCH)
    page.get_by_role("button", name="Open the camera and dance").click()
    expect(page.locator(".room[data-state=gate]")).to_be_visible(timeout=40_000)
    expect(page.locator(".room[data-state=counting]")).to_be_visible(
        timeout=40_000
    )  # by itself: nobody presses anything
    expect(page.locator(".room[data-state=dancing]")).to_be_visible(timeout=15_000)
    page.wait_for_url(re.compile(r"/takes/[0-9a-f-]{36}/"), wait_until="commit", timeout=60_000)
    verdicts = page.evaluate("() => JSON.parse(sessionStorage.getItem('verdicts'))")
    assert len(verdicts) == 6
    print("verdicts:", [(each["verdict"], round(each["delayMs"])) for each in verdicts])
    expect(page.locator("h1")).to_be_visible(timeout=30_000)

    bodies = {
        request.url.rsplit("/", 2)[-2]: request.post_data_buffer or b"" for request in sent if "/live/" in request.url
    }
    assert all("video" not in (request.headers.get("content-type") or "") for request in sent)
    assert not [request for request in sent if request.url.endswith("/takes/")]  # where clips go
    assert bodies["0"][:4] == b"KDTR"
    assert sum(len(request.post_data_buffer or b"") for request in sent) < MOST_JOINTS_BYTES
    assert len(bodies["0"]) > LEAST_JOINTS_BYTES

    ((video, offset_s),) = product.rows(
        "SELECT video_id, live_offset_s FROM choreography_attempt WHERE live_offset_s IS NOT NULL"
    )
    assert video is None
    assert -0.5 < offset_s < 2.0
    expect(page.get_by_text("only your joints were sent, and no video")).to_be_visible(timeout=60_000)


def test_without_a_camera_there_is_a_sentence_and_a_way_on(webcam_page, tmp_path):
    page = webcam_page(film_nobody(tmp_path / "nobody.mjpeg"), width=390, height=844)
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))"
    )
    open_room(page)
    page.get_by_role("button", name="Open the camera and dance").click()
    problem = page.locator("[data-live=problem]")
    expect(problem).to_be_focused()
    expect(problem).to_contain_text("The camera is blocked for this site.")
    expect(problem.get_by_role("link", name="Upload a clip instead")).to_be_visible()
    page.evaluate("() => { delete navigator.mediaDevices.getUserMedia; }")
    problem.get_by_role("button", name="Try again").click()
    expect(page.locator(".room[data-state=gate]")).to_be_visible(timeout=40_000)


def test_somebody_who_does_not_step_in_is_asked_to_and_can_stop_with_a_key(webcam_page, tmp_path):
    page = webcam_page(film_nobody(tmp_path / "nobody.mjpeg"), width=844, height=390)
    open_room(page)
    page.get_by_role("button", name="Open the camera and dance").click()
    expect(page.locator(".room[data-state=gate]")).to_be_visible(timeout=40_000)
    expect(page.get_by_text("Step in front of the camera.").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".room")).to_be_hidden()
    expect(page.get_by_role("button", name="Open the camera and dance")).to_be_focused()
    assert page.evaluate("() => document.querySelectorAll('.room video').length") == 0
