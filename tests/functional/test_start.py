"""Moving a take against its guide: the player shows it at once, and nothing is kept before the form is sent."""

import re

from playwright.sync_api import expect

from tests.functional.conftest import log_in


def test_the_player_shows_a_move_of_the_start_before_it_is_kept(new_page, product):
    ((take,),) = product.rows("SELECT id FROM choreography_attempt WHERE is_demo ORDER BY created_at LIMIT 1")
    page = new_page(width=390, height=844)
    log_in(page)
    page.goto(f"/takes/{take}/#t=5")
    page.evaluate("document.addEventListener('player:drawn', ({ detail }) => { window.drawn = detail; }, true)")
    expect(page.locator(".player[data-state=ready]")).to_be_visible(timeout=30_000)
    page.locator(".start__title").click()
    earlier = page.get_by_role("button", name="Your take 0.5 s earlier")
    assert earlier.bounding_box()["height"] >= 48
    earlier.focus()
    page.keyboard.press("Enter")
    # A function: an expression would be evaluated in the page at each look, which its security policy forbids.
    page.wait_for_function("() => window.drawn && Math.abs(drawn.me - drawn.guide - 0.5) < 1e-3")
    expect(page.locator(".start [role=status]")).to_have_text(re.compile("0.50 s earlier"))
    page.get_by_label("The guide's first moment").fill("-6")
    page.wait_for_function("() => Math.abs(drawn.me - drawn.guide + 6) < 1e-3 && drawn.me >= 0")
    expect(page.locator(".start__place strong")).to_have_text("Your clip begins at 0:06.00 of the guide.")
    assert product.rows("SELECT start_s FROM choreography_attempt WHERE id = %s", take) == [(None,)]
