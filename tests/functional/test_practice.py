"""A dancer's way through the running product: from sign-up to a scored take, in a real browser with the real engine."""

import os
import re
import signal
import time

import pytest
from playwright.sync_api import expect

from tests.functional.conftest import log_in
from tests.media import make_clip, regular_times

RESULT_TIMEOUT_MS = 180_000


def sign_up(page, email):
    page.goto("/accounts/signup/")
    page.fill("input[name=email]", email)
    page.fill("input[name=display_name]", "Haneul")
    page.fill("input[name=password1]", "a long enough pass phrase")
    page.click("main button[type=submit]")
    page.wait_for_url(re.compile(r"/$|/accounts/confirm-email/"))


def publish_guide(page, clip):
    """As a curator: a new choreography, its guide from a clip, published. Returns the address dancers go to."""
    slug = f"dance-{time.time_ns()}"
    log_in(page, "curator@example.com")
    page.goto("/admin/choreography/choreography/add/")
    page.fill("#id_slug", slug)
    page.locator("#id_song + .select2").click()
    page.locator(".select2-results__option[aria-selected], .select2-results__option--selectable").first.click()
    page.fill("#id_choreographer", "Somebody")
    page.fill("#id_licence", "CC BY-SA 4.0")
    page.click("input[name=_save]")
    page.locator("tr", has_text=slug).get_by_role("link", name="upload a guide").click()
    page.set_input_files("#id_clip", clip)
    page.click("input[name=_save]")
    publish = page.get_by_role("button", name="Publish")
    expect(publish).to_be_visible(timeout=RESULT_TIMEOUT_MS)
    expect(page.locator(".player[data-state=ready]")).to_be_visible()
    publish.click()
    expect(page.get_by_text("Published: dancers see this guide now.")).to_be_visible()
    return f"/choreographies/{slug}/"


def send(page, address, clip):
    page.goto(address)
    page.set_input_files("#clip", clip)
    page.get_by_role("button", name="Send my take").click()
    page.wait_for_url(re.compile(r"/takes/[0-9a-f-]{36}/"))


def score_of(page):
    """The score that the result shows, once it is there; None where the take was not judged."""
    expect(page.locator(".verdict")).to_be_visible(timeout=RESULT_TIMEOUT_MS)
    if page.locator(".verdict__none").is_visible():
        return None
    return int(page.locator(".verdict__number").inner_text())


@pytest.fixture(scope="module")
def published(product, chromium, shared_data):
    """A choreography whose guide is a real clip, published through the pages."""
    context = chromium.new_context(base_url=product.url, locale="en-US")
    address = publish_guide(context.new_page(), shared_data / "video" / "same_dance_0.mp4")
    context.close()
    return address


def test_a_new_dancer_gets_an_honest_score_and_can_take_it_all_back(page, product, published, shared_data):
    sign_up(page, f"haneul{time.time_ns()}@example.org")
    send(page, published, shared_data / "video" / "same_dance_1.mp4")
    expect(page.locator(".job--live")).to_be_visible()
    same_dance = score_of(page)
    expect(page.locator(".player[data-state=ready]")).to_be_visible()

    slider = page.get_by_role("slider", name="Position in the dance")
    box = slider.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2)
    expect(slider).not_to_have_attribute("aria-valuenow", "0")
    assert drawn_pixels(page) > 500
    for view in ("Over", "Bones", "Side by side"):
        page.get_by_role("radio", name=view).check()
        page.wait_for_timeout(200)
        assert drawn_pixels(page) > 500

    take = page.url
    send(page, published, shared_data / "video" / "squats.mp4")
    another_dance = score_of(page)
    assert same_dance >= 60
    assert another_dance is None or another_dance <= 25

    page.goto("/takes/")
    expect(page.locator(".take")).to_have_count(2)
    expect(page.locator(".chart__dot")).to_have_count(0 if another_dance is None else 2)
    kept = {key for key in product.files() if key.startswith("videos/")}
    page.goto(take)
    page.get_by_text("Delete this take").click()
    page.get_by_role("button", name="Yes, delete it").click()
    expect(page.locator(".take")).to_have_count(1)
    assert len(kept) - len({key for key in product.files() if key.startswith("videos/")}) >= 2


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("empty.mp4", b"", "empty"),
        ("notes.mp4", b"not a film at all\n" * 50, "video"),
        ("photo.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "mp4"),
    ],
)
def test_what_is_no_clip_is_refused_with_kind_words(new_page, tmp_path, name, data, words):
    page = new_page()
    log_in(page)
    file = tmp_path / name
    file.write_bytes(data)
    page.goto("/choreographies/")
    page.locator("main .card__title a").first.click()
    expect(page.locator(".upload--ready")).to_be_visible()
    page.set_input_files("#clip", file)
    if page.locator(".upload__problem").is_hidden():
        page.get_by_role("button", name="Send my take").click()
    alert = page.locator(".upload__problem:visible, .job__words, .message--error").filter(
        has_text=re.compile(words, re.I)
    )
    expect(alert.first).to_be_visible(timeout=60_000)
    new_page.errors[:] = [error for error in new_page.errors if "Failed to load resource" not in error]


def test_a_clip_without_a_dancer_says_so_and_keeps_the_page_usable(page, tmp_path):
    log_in(page)
    clip = tmp_path / "wall.mp4"
    make_clip(clip, regular_times(2.0, 30), size=(240, 320))
    page.goto("/choreographies/")
    page.locator("main .card__title a").first.click()
    send(page, page.url, clip)
    expect(page.locator(".job__words")).to_contain_text("Nobody", timeout=RESULT_TIMEOUT_MS)
    expect(page.get_by_role("button", name="Try again")).to_be_hidden()
    expect(page.get_by_role("link", name="Send another clip")).to_be_visible()
    page.reload()
    expect(page.locator(".job__words")).to_contain_text("Nobody")
    expect(page.get_by_role("button", name="Try again")).to_be_hidden()
    expect(page.get_by_role("link", name="Send another clip")).to_be_visible()
    page.get_by_text("Delete this take").click()
    page.get_by_role("button", name="Yes, delete it").click()
    expect(page).to_have_url(re.compile("/takes/$"))


def test_a_killed_worker_loses_nothing(page, product, published, shared_data):
    log_in(page)
    send(page, published, shared_data / "video" / "long_dance.mp4")
    expect(page.locator(".job__title")).to_have_text(re.compile("finding", re.I), timeout=60_000)
    os.kill(product.worker_pid(), signal.SIGKILL)
    killed = time.monotonic()
    job_id = page.locator(".job").get_attribute("data-socket-path").split("/")[-2]
    while product.rows("SELECT attempt FROM inference_job WHERE id = %s", job_id)[0][0] < 2:
        assert time.monotonic() - killed < 60, "the job was not taken up again within 60 s"
        time.sleep(0.5)
    page.reload()
    score_of(page)
    assert product.rows("SELECT state, attempt, crashes FROM inference_job WHERE id = %s", job_id) == [
        ("succeeded", 2, 1)
    ]


def test_two_tabs_show_the_same_and_cancelling_stops_the_work(new_page, published, shared_data):
    first = new_page()
    log_in(first)
    send(first, published, shared_data / "video" / "long_dance.mp4")
    second = first.context.new_page()
    second.goto(first.url)
    expect(second.locator(".job--live")).to_be_visible()
    first.get_by_role("button", name="Cancel").click()
    for tab in (first, second):
        expect(tab.get_by_role("button", name="Try again")).to_be_visible(timeout=15_000)


def test_a_strangers_address_leads_nowhere(new_page, product):
    [(take,)] = product.rows("SELECT id FROM choreography_attempt WHERE is_demo LIMIT 1")
    stranger = new_page()
    sign_up(stranger, f"stranger{time.time_ns()}@example.org")
    assert stranger.goto(f"/takes/{take}/").status == 404
    for name in ("track.kdt", "video", "poster.svg", "poster.json"):
        assert stranger.request.get(f"/takes/{take}/{name}").status == 404
    new_page.errors[:] = [error for error in new_page.errors if "404" not in error]


def drawn_pixels(page):
    return page.locator("[data-player=canvas]").evaluate(
        """canvas => {
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            let drawn = 0;
            for (let i = 3; i < data.length; i += 4) if (data[i] > 0) drawn++;
            return drawn;
        }"""
    )
