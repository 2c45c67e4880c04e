"""The product itself, started as `make run` starts it, on data of its own, and a real browser to use it with."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import expect, sync_playwright

REPOSITORY = Path(__file__).resolve().parent.parent.parent
LOG = REPOSITORY / "var" / "test" / "product.log"
START_TIMEOUT_S = 120
DEMO_PASSWORD = "kdance-demo"


@dataclass(frozen=True)
class Product:
    """A running site."""

    url: str
    data_dir: Path

    def rows(self, query, *parameters):
        with psycopg.connect(host=str(self.data_dir / "postgres"), dbname="kdance", user="kdance") as connection:
            return connection.execute(query, parameters).fetchall()

    def files(self):
        media = self.data_dir / "media"
        return {str(path.relative_to(media)) for path in media.rglob("*") if path.is_file()}

    def worker_pid(self):
        """The worker process of this very site, or None while there is none."""
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes()
                environment = (folder / "environ").read_bytes()
            except OSError:
                continue
            if b"manage.py\0worker" in command and f"KDANCE_DATA_DIR={self.data_dir}\0".encode() in environment:
                return int(folder.name)
        return None


@pytest.fixture(scope="package")
def product():
    with tempfile.TemporaryDirectory(prefix="kd-") as folder:
        data_dir = Path(folder)
        (data_dir / "static").symlink_to(REPOSITORY / "var" / "static")
        port = _free_port()
        environment = {name: value for name, value in os.environ.items() if name != "KDANCE_TEST_MEDIA"} | {
            "DJANGO_SETTINGS_MODULE": "kdance_site.settings",
            "KDANCE_DATA_DIR": str(data_dir),
            "KDANCE_MODEL_DIR": str(REPOSITORY / "var" / "models"),
            "PORT": str(port),
        }
        LOG.parent.mkdir(parents=True, exist_ok=True)
        log = LOG.open("wb")
        site = subprocess.Popen(
            [sys.executable, "-m", "kdance_site.launch"], cwd=REPOSITORY, env=environment, stdout=log, stderr=log
        )
        try:
            running = Product(f"http://127.0.0.1:{port}", data_dir)
            _wait_until_it_answers(running, site)
            yield running
        finally:
            site.send_signal(signal.SIGINT)
            site.wait(40)
            log.close()


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
    """Sign in, and choose: what this person chose in an earlier test goes above the browser's language."""
    page.goto("/accounts/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", DEMO_PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("/")
    if page.locator("html").get_attribute("lang") != language:
        page.locator(f"button[name=language][value={language}]:visible").first.click()
        expect(page.locator(f"html[lang={language}]")).to_be_attached()


def _wait_until_it_answers(product, site):
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if site.poll() is not None:
            break
        try:
            with urllib.request.urlopen(product.url, timeout=5):  # noqa: S310 - our own address
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail("The site did not start:\n" + LOG.read_text()[-4000:])


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
