"""Several people in a clip, in a real browser: who is judged is seen, and another is chosen."""

import re

import pytest
from playwright.sync_api import expect

from tests.functional.conftest import log_in
from tests.functional.crowded import crowded
from tests.functional.test_practice import drawn_pixels, score_of

DANCER, CURATOR = "dancer@example.com", "curator@example.com"
RESULT_TIMEOUT_MS = 60_000


def shown(picture):
    return picture.evaluate("async image => { await image.decode(); return image.naturalWidth; }")


def test_a_dancer_says_which_one_they_are(page, product):
    take = crowded(product, "take", "two", DANCER)
    log_in(page)
    page.goto(f"/takes/{take}/")
    wrong = score_of(page)
    people = page.get_by_role("group", name="Is this you?")
    first = people.get_by_role("radio", name=re.compile("^Person 1, on the left at 0:00, judged now$"))
    second = people.get_by_role("radio", name=re.compile("^Person 2, on the right at 0:00$"))
    expect(first).to_be_checked()
    for picture in people.locator("img").all():
        picture.scroll_into_view_if_needed()
        assert shown(picture) == 240
    track = page.evaluate("JSON.parse(document.getElementById('player-data').textContent).attempt.track_url")

    first.focus()
    page.keyboard.press("ArrowRight")
    expect(second).to_be_checked()
    outline = people.locator(".person").nth(1).locator(".person__frame")
    assert outline.evaluate("frame => getComputedStyle(frame).outlineStyle") == "solid"
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Judge this person")).to_be_focused()
    page.keyboard.press("Enter")

    judged = page.get_by_role("radio", name="Person 2, on the right at 0:00, judged now", exact=True)
    expect(judged).to_be_checked(timeout=RESULT_TIMEOUT_MS)
    assert score_of(page) > (wrong or 0) + 20
    expect(page.locator(".player[data-state=ready]")).to_be_visible()
    page.get_by_role("radio", name="Bones").check()
    page.wait_for_timeout(300)
    assert drawn_pixels(page) > 500
    assert track != page.evaluate("JSON.parse(document.getElementById('player-data').textContent).attempt.track_url")


def test_who_cannot_be_judged_is_not_to_be_chosen(page, product):
    take = crowded(product, "take", "one_cut_off", DANCER)
    log_in(page)
    page.goto(f"/takes/{take}/")
    expect(page.locator(".job__words")).to_be_visible()
    people = page.get_by_role("group", name="Are you somebody else here?")
    expect(people.get_by_role("radio", name=re.compile("Person 1.*too little in view"))).to_be_disabled()
    people.get_by_role("radio", name=re.compile("Person 2")).check()
    page.get_by_role("button", name="Judge this person").click()
    assert score_of(page) > 50


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize(("width", "language"), [(390, "en"), (390, "ko"), (1440, "en"), (320, "ko")])
def test_the_portraits_fit(new_page, product, width, language, scheme, take_with_a_mirror):
    page = new_page(width=width, language={"en": "en-US", "ko": "ko-KR"}[language], color_scheme=scheme)
    log_in(page, language=language)
    page.goto(f"/takes/{take_with_a_mirror}/")
    expect(page.locator(".person")).to_have_count(4)
    overflow = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    for box in (person.bounding_box() for person in page.locator(".person").all()):
        assert min(box["width"], box["height"]) >= 48
    last = page.locator(".person").last
    expect(last).to_contain_text({"en": "hardly moves", "ko": "거의 움직이지 않음"}[language])


@pytest.fixture(scope="module")
def take_with_a_mirror(product):
    return crowded(product, "take", "with_a_mirror", DANCER)


def test_a_curator_says_who_the_guide_is(page, product):
    guide = crowded(product, "guide", "two", CURATOR)
    log_in(page, CURATOR)
    page.goto(f"/admin/choreography/guide/{guide}/change/")
    people = page.get_by_role("group", name="Who is the guide?")
    people.get_by_role("radio", name=re.compile("Person 2")).check()
    page.get_by_role("button", name="Take as the guide").click()
    expect(page.get_by_role("radio", name=re.compile("Person 2.*the guide now"))).to_be_checked(
        timeout=RESULT_TIMEOUT_MS
    )
    expect(page.locator(".player[data-state=ready]")).to_be_visible()
    expect(page.get_by_role("button", name="Publish")).to_be_visible()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published: dancers see this guide now.")).to_be_visible()
    expect(people).to_have_count(0)
