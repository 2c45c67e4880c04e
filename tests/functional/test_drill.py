"""The drill in a browser: by eye in the player, and before a webcam that shows somebody who stands still."""

from playwright.sync_api import expect

from tests.functional.conftest import log_in
from tests.functional.webcam import film_dancer

DRILL = "/choreographies/elevator-to-daylight/drill/"
SPELLS = "SELECT danced_s, eights FROM choreography_practicespell WHERE kind = 'drill' AND eights <> '[]' ORDER BY id"


def open_drill(page, wish):
    log_in(page)
    page.goto(DRILL + wish)
    expect(page.locator("[data-controller=drill][data-ready=true]")).to_be_visible()


def test_by_eye_the_player_loops_at_rising_speeds_and_only_minutes_are_kept(page, product):
    before = len(product.rows(SPELLS))
    open_drill(page, "?eight=1")
    expect(page.locator(".player[data-state=ready]")).to_be_visible()
    page.get_by_role("button", name="Drill by eye, without a camera").click()
    expect(page.locator("#eye-title")).to_be_focused()
    expect(page.get_by_role("button", name="Loop at 50% again")).to_be_visible()
    expect(page.locator("[data-player=play]")).to_have_attribute("aria-label", "Pause")
    page.wait_for_timeout(400)  # dance a little
    for percent in ("75", "100"):
        page.get_by_role("button", name="Got it").click()
        expect(page.get_by_role("button", name=f"Loop at {percent}% again")).to_be_visible()
    with page.expect_response("**/practice/") as told:
        page.get_by_role("button", name="Got it").click()
    assert told.value.status == 201
    expect(page.get_by_role("heading", name="Drilled by eye")).to_be_focused()
    expect(page.locator("[data-moment][data-state=done]")).to_have_count(1)
    danced_s, eights = product.rows(SPELLS)[before]
    assert danced_s > 0
    assert [(seen["score"], seen["rate"]) for seen in eights] == [(None, 0.5), (None, 0.75), (None, 1.0)]


def test_before_the_camera_a_round_is_judged_and_told_and_can_be_ended(webcam_page, product, tmp_path):
    before = len(product.rows(SPELLS))
    page = webcam_page(
        film_dancer(tmp_path / "still.mjpeg", 0.1, still_s=2.0, size_px=(270, 480)), width=390, height=844
    )
    open_drill(page, "?eight=-1")
    page.get_by_role("button", name="Drill before the camera").click()
    rest = page.locator(".rest")
    expect(rest).to_be_visible(timeout=60_000)
    expect(rest.locator("[data-rest=next]")).to_contain_text("at 50%")
    rest.locator("[data-rest=go]").click()
    expect(page.locator(".room[data-state=dancing]")).to_be_visible(timeout=30_000)
    expect(rest).to_be_visible(timeout=60_000)
    expect(rest.locator("[data-rest=verdict]")).to_contain_text("points")
    with page.expect_response("**/practice/") as told:
        rest.get_by_role("button", name="End the drill").click()
    assert told.value.status == 201
    expect(page.locator(".room")).to_be_hidden()
    expect(page.get_by_role("heading", name="Stopped here")).to_be_focused()
    expect(page.locator(".change__table tbody tr")).to_have_count(2)
    danced_s, eights = product.rows(SPELLS)[before]
    assert danced_s > 5
    assert {seen["rate"] for seen in eights} == {0.5}
    assert any(seen["score"] is not None for seen in eights)
