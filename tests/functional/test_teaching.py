"""A dancer opens a take, a teacher watches it in the real player and rates it: the slider leads, nothing of the result shows."""

from playwright.sync_api import expect

from tests.functional.conftest import log_in


def test_a_teacher_rates_an_opened_take_in_a_blind_player(page, product):
    [(take,)] = product.rows("SELECT id FROM choreography_attempt WHERE is_demo ORDER BY created_at LIMIT 1")
    log_in(page)
    page.goto(f"/takes/{take}/")
    switch = page.get_by_role("switch", name="Let teachers watch and rate this take")
    expect(switch).not_to_be_checked()
    switch.click()
    expect(switch).to_be_checked()

    page.context.clear_cookies()
    log_in(page, "curator@example.com")
    page.goto("/teach/")
    page.get_by_role("link", name="not rated yet").click()
    expect(page.locator(".player[data-state=ready]")).to_be_visible(timeout=30_000)
    for judged in (".player__rows", ".player__moments", ".player__legend"):
        expect(page.locator(judged)).to_be_hidden()
    position = page.get_by_role("slider", name="Position in the dance")
    assert "judged" not in (position.get_attribute("aria-valuetext") or "")

    number = page.get_by_role("spinbutton", name="Your rating, 0 to 100")
    expect(number).to_have_value("")
    slider = page.get_by_role("slider", name="Your rating, 0 to 100")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(number).to_have_value("51")
    number.fill("64")
    expect(slider).to_have_value("64")
    page.get_by_label("left arm").check()
    page.get_by_role("button", name="Save, next take").click()
    expect(page.get_by_text("Saved. No other take is waiting for you.")).to_be_visible()
    assert product.rows("SELECT score, limbs FROM choreography_rating") == [(64, ["left_arm"])]
