"""The product itself, started as `make run` starts it, on data of its own, and a real browser to use it with."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.functional.site import running_product
from tests.functional.turns import Turns
from tests.functional.webcam import webcam_page  # noqa: F401 - a fixture

DEMO_PASSWORD = "kdance-demo"
_sessions = {}
"""By e-mail address, the cookie that the form gave."""
_turns = Turns(Path(os.environ["KDANCE_TEST_MEDIA"]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item, nextitem):
    _turns.begin(alone=_is_alone(item))
    try:
        return (yield)
    finally:
        if not (_is_alone(item) and nextitem is not None and _is_alone(nextitem)):
            _turns.end()


def _is_alone(item):
    return item.get_closest_marker("alone") is not None


@pytest.fixture(scope="package")
def product():
    with running_product() as running:
        yield running


@pytest.fixture(scope="package")
def chromium(browser_path, browser_arguments):
    """Closed with the last test of this folder: while Playwright is open it keeps an event loop running in this thread, and
    tests of async code, which start one of their own, would fail after it.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(browser_path), args=browser_arguments)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium, product):
    """Makes pages; at the end none of them may have had an error in its console."""
    contexts, errors = [], []

    def make(width=1280, height=900, language="en-US", **options):
        context = chromium.new_context(
            viewport={"width": width, "height": height}, locale=language, base_url=product.url, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        return page

    make.errors = errors
    yield make
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def page(new_page):
    return new_page()


def log_in(page, email="dancer@example.com", language="en"):
    """Sign in, and choose: what this person chose in an earlier test goes above the browser's language.

    A person fills in the form once; later pages take that session up where it still holds.
    """
    if not _took_up_session(page, email):
        _fill_in_form(page, email)
    if page.locator("html").get_attribute("lang") != language:
        page.locator(f"button[name=language][value={language}]:visible").first.click()
        expect(page.locator(f"html[lang={language}]")).to_be_attached()


def _took_up_session(page, email):
    if email not in _sessions:
        return False
    page.context.add_cookies([_sessions[email]])
    page.goto("/")
    return page.locator("header .menu__sheet", has_text=email).count() > 0


def _fill_in_form(page, email):
    page.goto("/accounts/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", DEMO_PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("/")
    (_sessions[email],) = (cookie for cookie in page.context.cookies() if cookie["name"] == "sessionid")
