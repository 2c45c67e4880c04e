"""Every page at every width, in both languages: it fits, it speaks the language, it has one heading, its controls have names."""

import re

import pytest
from playwright.sync_api import expect

from tests.functional.conftest import log_in

WIDTHS = (390, 820, 1440)
SIGNED_OUT = ("/", "/choreographies/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/")
SIGNED_IN = ("/", "/choreographies/", "/choreographies/?q=nothing-is-called-this", "/takes/")

NAMELESS = """() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea")]
  .filter((control) => control.checkVisibility())
  .filter((control) => !(control.ariaLabel || control.innerText?.trim() || control.textContent.trim()
    || control.labels?.length || control.title || control.ariaLabelledByElements?.length
    || control.querySelector("img[alt]:not([alt=''])")))
  .map((control) => control.outerHTML.slice(0, 120))"""


def check(page, language):
    page.wait_for_timeout(300)
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator("h1").count() == 1
    overflow = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, f"{page.url} is {overflow} px too wide"
    assert page.evaluate(NAMELESS) == []
    if language == "ko":
        assert re.search("[가-힣]", page.locator("main").inner_text())


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_fit(new_page, product, width, language):
    locale = {"en": "en-US", "ko": "ko-KR"}[language]
    page = new_page(width=width, language=locale)
    for path in SIGNED_OUT:
        page.goto(path)
        check(page, language)
    log_in(page, language=language)
    slug = product.rows("SELECT slug FROM choreography_choreography WHERE is_demo ORDER BY id LIMIT 1")[0][0]
    takes = [f"/takes/{take}/" for (take,) in product.rows("SELECT id FROM choreography_attempt WHERE is_demo")]
    assert len(takes) >= 3
    for path in (*SIGNED_IN, f"/choreographies/{slug}/", *takes):
        page.goto(path)
        check(page, language)


def test_the_demo_dance_moves_and_sounds(page, product):
    slug = product.rows("SELECT slug FROM choreography_choreography WHERE is_demo ORDER BY id LIMIT 1")[0][0]
    page.goto(f"/choreographies/{slug}/")
    expect(page.locator(".player[data-state=ready]")).to_be_visible()
    slider = page.get_by_role("slider", name="Position in the dance")
    page.get_by_role("button", name="Play", exact=True).click()
    expect(slider).not_to_have_attribute("aria-valuenow", "0")
    page.get_by_role("button", name="Pause", exact=True).click()
    before = float(slider.get_attribute("aria-valuenow"))
    page.keyboard.press(".")
    expect(slider).not_to_have_attribute("aria-valuenow", f"{before:g}")


def test_the_list_is_searched_in_either_script(page):
    page.goto("/choreographies/")
    cards = page.locator("main .card")
    everything = cards.count()
    assert everything >= 2
    title = cards.first.locator(".card__title").inner_text()
    page.goto(f"/choreographies/?q={title.lower().replace(' ', '')}")
    expect(cards.first.locator(".card__title")).to_have_text(title)


def test_the_api_can_be_browsed(page, product):
    [(demo_take,)] = product.rows(
        "SELECT a.id FROM choreography_attempt a JOIN choreography_choreography c ON c.id = a.choreography_id"
        " WHERE c.slug = 'elevator-to-daylight' ORDER BY a.created_at LIMIT 1"
    )
    log_in(page)
    for path in ("/api/v1/", "/api/v1/choreographies/", "/api/v1/attempts/"):
        page.goto(path)
        expect(page.locator(".response-info")).to_contain_text("HTTP 200 OK")
    page.goto(f"/api/v1/attempts/{demo_take}/")
    expect(page.locator(".response-info")).to_contain_text("elevator-to-daylight")
