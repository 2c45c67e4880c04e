"""How the player draws, keeps step and cleans up: `make bench-player`. ARGS="--only fps,drift" runs some of it.

The site is started on data of its own, with a guide and a take that both have a drawn film of 30 pictures a second; a
browser without a screen and without a graphics card looks at them, so real machines do better. Beside what is drawn stands
what the browser offers to a page with the same films and nothing else: Chromium takes two films that play at once for a
video conference, and gives the page no more frames than the films have pictures.
"""

import argparse
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.functional.site import Product, running_product

PARTS = ("fps", "drift", "openings", "scripts")
SECONDS = 12.0
VIEWS = {"side": "two films side by side", "over": "one film over the other", "bones": "bare skeletons"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {', '.join(PARTS)}")
    parts = parser.parse_args().only.split(",")
    log = Path(os.environ.get("KDANCE_DATA_DIR") or "var") / "bench" / "player.log"
    with running_product(log) as product:
        # Settings are read once, and this process writes to the running site's own database and storage.
        os.environ |= {"KDANCE_DATA_DIR": str(product.data_dir), "DJANGO_SETTINGS_MODULE": "kdance_site.settings"}
        measure(product, parts)


def measure(product: Product, parts: Iterable[str]) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    from tests.bench.player_takes import FPS, film_the_demo
    from tests.browser import NONE_TO_BE_HAD, find_browser, launch_arguments

    filmed = film_the_demo(SECONDS)
    connection.close()
    path = find_browser(Path(settings.DATA_DIR) / "browser.lock")
    if path is None:
        sys.exit(NONE_TO_BE_HAD)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(path), args=launch_arguments())
        measured = {
            "fps": lambda: _fps(browser, product, filmed.take),
            "drift": lambda: _drift(browser, product, filmed.take, 1000 / FPS),
            "openings": lambda: _openings(browser, product, filmed.guide, filmed.take),
            "scripts": lambda: _scripts(browser, product, filmed.guide, filmed.take),
        }
        for part in parts:
            measured[part]()
        browser.close()


def _fps(browser: Browser, product: Product, take: str) -> None:
    from tests.bench.player_figures import a_page, films_of, frames_drawn, frames_offered

    _heading("frames a second", "drawn", "offered", "4x: drawn", "4x: offered")
    with a_page(browser, product.url) as page:
        films = films_of(page, take)
        for view, name in VIEWS.items():
            figures = []
            for slower in (1, 4):
                figures.append(frames_drawn(page, take, view=view, slower=slower))
                figures.append(frames_offered(page, films, seen=view != "bones", slower=slower))
            _row(name, *figures)
    _tell_load()


def _drift(browser: Browser, product: Product, take: str, frame_ms: float) -> None:
    from tests.bench.player_figures import a_page, drifts, skeletons_off

    _heading("drift in frames", "clock p95", "clock worst", "picture median", "picture worst")
    with a_page(browser, product.url) as page:
        for drift in drifts(page, take, frame_ms):
            _row(drift.what, drift.clock_p95, drift.clock_worst, drift.picture_median, drift.picture_worst)
        print(f"drawn with another picture's skeleton: {skeletons_off(page)}")


def _openings(browser: Browser, product: Product, guide: str, take: str) -> None:
    from tests.bench.player_figures import OPENINGS, a_page, reopened, visited

    _heading(f"left by {OPENINGS} openings", "heap kB", "nodes", "listeners")
    with a_page(browser, product.url) as page:
        for name, growth in (("mounted anew", reopened(page, take)), ("visited", visited(page, (guide, take)))):
            _row(name, growth.heap_kb, growth.nodes, growth.listeners)


def _scripts(browser: Browser, product: Product, guide: str, take: str) -> None:
    from tests.bench.player_figures import a_page, own_scripts_kb, scripts_of

    _heading("scripts, kB compressed", "own", "others'", "files")
    for name, address in {"home": "/", "choreography": guide, "take": take}.items():
        with a_page(browser, product.url) as page:
            found = scripts_of(page, address)
        own = {path: size for path, size in found.items() if "/static/js/" in path}
        _row(name, sum(own.values()) / 1000, (sum(found.values()) - sum(own.values())) / 1000, len(found))
    _row("all of our own", own_scripts_kb(product.data_dir / "static"))


def _tell_load() -> None:
    print(f"load of the machine over the last minute: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def _heading(name: str, *columns: str) -> None:
    print(f"\n{name:28}" + "".join(f"{column:>17}" for column in columns), flush=True)


def _row(name: str, *figures: float) -> None:
    print(f"{name:28}" + "".join(f"{figure:17.1f}" for figure in figures), flush=True)


if __name__ == "__main__":
    main()
