"""The 3D view on the running site: it is drawn, turns, keeps the player's time, and leaves nothing behind."""

import pytest
from playwright.sync_api import expect

from tests.functional.conftest import log_in
from tests.functional.test_player import demo_takes

GUIDE = "/choreographies/elevator-to-daylight/"
OPENINGS = 12
WATCH = """() => {
    window.space = [];
    document.addEventListener("space:drawn", ({ detail }) => space.push(detail), true);
}"""


def open_flat(page, address):
    log_in(page)
    page.goto(address)
    expect(page.locator(".player[data-state=ready]")).to_be_visible(timeout=30_000)
    page.evaluate(WATCH)


def ask_for_space(page):
    page.get_by_role("button", name="3D view").click()
    expect(page.locator(".player[data-space=on]")).to_be_visible(timeout=30_000)
    rest(page)


def rest(page):
    """Until the camera has come to rest."""
    drawn = -1
    for _ in range(40):
        page.wait_for_timeout(250)
        drawn, before = page.evaluate("space.length"), drawn
        if drawn == before:
            return


def last(page):
    return page.evaluate("space.at(-1)")


def test_a_dancer_is_turned_by_hand_by_key_and_by_name_and_keeps_the_players_time(new_page, product):
    page = new_page(width=820)
    fetched = []
    page.on("request", lambda request: fetched.append(request.url))
    open_flat(page, GUIDE)
    assert not any("/vendor/three/" in url for url in fetched), "fetched before anybody asked for it"
    ask_for_space(page)
    assert any("/vendor/three/" in url for url in fetched)
    surface = page.locator("[data-space=surface]")
    front, seen = last(page), surface.screenshot()
    assert front["dancers"] == 1
    assert front["azimuthRad"] == pytest.approx(0, abs=0.01)
    box = surface.bounding_box()
    x, y = box["x"] + 0.4 * box["width"], box["y"] + 0.4 * box["height"]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 120, y, steps=4)
    page.mouse.up()
    rest(page)
    by_hand = last(page)["azimuthRad"]
    assert by_hand < -0.3
    assert surface.screenshot() != seen
    page.keyboard.press("ArrowRight")
    rest(page)
    assert last(page)["azimuthRad"] > by_hand + 0.2
    assert last(page)["tS"] == 0, "the arrow turns the view and does not step in the dance"
    page.get_by_role("button", name="Behind").click()
    rest(page)
    expect(page.get_by_role("button", name="Behind")).to_have_attribute("aria-pressed", "true")
    assert abs(last(page)["azimuthRad"]) == pytest.approx(3.1416, abs=0.01)
    expect(page.locator(".player")).not_to_have_attribute("data-playing", "true")
    page.evaluate("() => { location.hash = '#t=7.5'; }")
    rest(page)
    assert last(page)["tS"] == pytest.approx(7.5)
    drawn = page.evaluate("space.length")
    page.wait_for_timeout(700)
    assert page.evaluate("space.length") == drawn, "at rest nothing is drawn"


def test_guide_and_take_stand_together_and_nothing_is_left_when_the_view_is_closed(new_page, product):
    page = new_page()
    open_flat(page, f"/takes/{demo_takes(product)[0]}/#t=9")
    ask_for_space(page)
    assert last(page)["dancers"] == 2
    chip = page.get_by_role("button", name="3D view")
    for _ in range(OPENINGS):
        chip.click()
        expect(page.locator(".player[data-space=off]")).to_be_visible()
        expect(page.locator("[data-space=surface] canvas")).to_have_count(0)
        chip.click()
        expect(page.locator(".player[data-space=on]")).to_be_visible()
    expect(page.locator("[data-space=surface] canvas")).to_have_count(1)
    assert page.locator("[data-space=problem]").is_hidden()


def test_without_webgl_the_flat_picture_stays_and_says_why(chromium, product, browser_path, browser_arguments):
    arguments = [*browser_arguments, "--disable-gpu", "--disable-3d-apis"]
    browser = chromium.browser_type.launch(executable_path=str(browser_path), args=arguments)
    page = browser.new_context(base_url=product.url, locale="en-US").new_page()
    open_flat(page, GUIDE)
    page.get_by_role("button", name="3D view").click()
    expect(page.get_by_text("This browser cannot draw in 3D")).to_be_visible()
    expect(page.get_by_role("button", name="3D view")).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".player__canvas")).to_be_visible()
    browser.close()
