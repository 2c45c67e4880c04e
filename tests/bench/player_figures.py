"""What the player does in a real browser: pictures drawn a second, drift between two films, what openings leave behind.

Figures are read from what `tests/functional/player_probe.js` writes down while the site's own page runs.
"""

import gzip
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, CDPSession, Page, Response, expect

from tests.functional.conftest import log_in
from tests.functional.player_steps import go_to, open_probed, stretches

READY_TIMEOUT_MS = 60_000
WARM_UP_MS, WATCHED_MS = 1500, 4000
BARE_PAGE = "/only-films"
FIRST_OPENINGS, OPENINGS = 4, 50

_OPEN_AGAIN = """() => {
    const player = document.querySelector(".player");
    const anew = player.cloneNode(true);
    anew.querySelector("[data-player=media]").replaceChildren();
    player.replaceWith(anew);
}"""


@dataclass(frozen=True)
class Drift:
    """Between the two films, in frames, half a second after a jump at the earliest: clocks, and pictures on screen."""

    what: str
    clock_p95: float
    clock_worst: float
    picture_median: float
    picture_worst: float


@dataclass(frozen=True)
class Growth:
    """What openings left behind once the garbage was collected."""

    heap_kb: float
    nodes: int
    listeners: int


@contextmanager
def a_page(browser: Browser, url: str, *, signed_in: bool = True) -> Iterator[Page]:
    context = browser.new_context(base_url=url, locale="en-US", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(READY_TIMEOUT_MS)
    if signed_in:
        log_in(page)
    yield page
    context.close()


def films_of(page: Page, address: str) -> list[str]:
    """Addresses of the guide's film and of the take's."""
    payload = _open(page, address)
    return [payload["guide"]["video_url"], payload["attempt"]["video_url"]]


def frames_drawn(page: Page, address: str, *, view: str, slower: int) -> float:
    """A second, while a dance plays in this view, with the browser's processor `slower` times as slow."""
    _open(page, address)
    _choose(page, "view", view)
    with _slowed(page, slower):
        go_to(page, 1.2)
        page.keyboard.press(" ")
        page.wait_for_timeout(WARM_UP_MS)
        counted = page.evaluate(
            """ms => new Promise(done => {
                const [drawn, since] = [probe.drawn.length, performance.now()];
                setTimeout(() => done((probe.drawn.length - drawn) / ((performance.now() - since) / 1000)), ms);
            })""",
            WATCHED_MS,
        )
    page.keyboard.press(" ")
    return float(counted)


def frames_offered(page: Page, films: list[str], *, seen: bool, slower: int) -> float:
    """The animation frames a second that the browser gives to a page with nothing but these films: more cannot be drawn."""
    _show_only(page, films, seen=seen)
    with _slowed(page, slower):
        page.wait_for_timeout(WARM_UP_MS)
        counted = page.evaluate(
            """ms => new Promise(done => {
                const since = performance.now();
                let frames = 0;
                const frame = () => {
                    frames += 1;
                    const spentMs = performance.now() - since;
                    if (spentMs < ms) requestAnimationFrame(frame);
                    else done(frames / (spentMs / 1000));
                };
                requestAnimationFrame(frame);
            })""",
            WATCHED_MS,
        )
    return float(counted)


def _show_only(page: Page, films: list[str], *, seen: bool) -> None:
    videos = "".join(f'<video src="{film}" muted autoplay loop></video>' for film in films)
    style = f"video {{ height: 80vh; opacity: {1 if seen else 0} }}"
    page.route(
        f"**{BARE_PAGE}",
        lambda route: route.fulfill(body=f"<style>{style}</style>{videos}", content_type="text/html"),
    )
    page.goto(BARE_PAGE)
    page.unroute(f"**{BARE_PAGE}")


@contextmanager
def _slowed(page: Page, times: int) -> Iterator[None]:
    tools = page.context.new_cdp_session(page)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": times})
    yield
    tools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    tools.detach()


def drifts(page: Page, address: str, frame_ms: float) -> list[Drift]:
    """Through a start, jumps, a loop and changes of speed while it plays."""
    offset_s = _open(page, address)["comparison"]["offset_s"]
    _choose(page, "view", "side")

    def watched(what: str, *steps: tuple[Any, int]) -> Drift:
        page.evaluate("probe.frames.length = 0")
        for act, ms in steps:
            act()
            page.wait_for_timeout(ms)
        return _drift(what, page.evaluate("probe.frames"), offset_s, frame_ms)

    go_to(page, 1.5)
    page.wait_for_timeout(700)
    return [
        watched("start and play", (lambda: page.keyboard.press(" "), 4000)),
        watched("jumps while it plays", *((lambda at=at: go_to(page, at), 1800) for at in (7.5, 3.2, 10.0, 1.2))),
        watched("a loop of 1.5 s", (lambda: go_to(page, 3.0, 4.5), 6000), (lambda: page.keyboard.press("l"), 100)),
        watched("speed 0.5", (lambda: _choose(page, "rate", "0.5"), 3000)),
        watched("speed 1", (lambda: _choose(page, "rate", "1"), 3000)),
        watched(
            "speed 0.75, over the cut", (lambda: _choose(page, "rate", "0.75"), 300), (lambda: go_to(page, 6.0), 4000)
        ),
    ]


def skeletons_off(page: Page) -> int:
    """How often, since the page was opened, a skeleton was drawn that is not that of the picture on screen."""
    return page.evaluate(
        """() => probe.drawn.filter(({ guide, me, pictures }) =>
            (guide !== null && guide !== pictures.guide) || (me !== null && me !== pictures.me)).length"""
    )


def reopened(page: Page, address: str) -> Growth:
    """The same player taken off the page and put back, again and again."""
    _open(page, address)
    tools = page.context.new_cdp_session(page)
    tools.send("Performance.enable")
    _reopen(page, FIRST_OPENINGS)
    before = _left(page, tools)
    _reopen(page, OPENINGS)
    return _growth(before, _left(page, tools))


def visited(page: Page, addresses: tuple[str, str]) -> Growth:
    """From page to page and back in one tab: each visit is an opening."""
    tools = page.context.new_cdp_session(page)
    tools.send("Performance.enable")
    _visit(page, addresses, FIRST_OPENINGS)
    before = _left(page, tools)
    _visit(page, addresses, OPENINGS)
    return _growth(before, _left(page, tools))


def scripts_of(page: Page, address: str) -> dict[str, int]:
    """Bytes of each script that a page loads by itself, compressed one by one as they are sent; keyed by path."""
    responses: list[Response] = []
    page.goto("about:blank")

    def note(response: Response) -> None:
        responses.append(response)

    page.on("response", note)
    page.goto(address, wait_until="networkidle")
    page.remove_listener("response", note)
    found = {}
    for response in responses:
        path = urlsplit(response.url).path
        if path.endswith((".js", ".mjs", ".wasm")) and response.ok:
            found[path] = len(gzip.compress(response.body(), 6))
    return found


def own_scripts_kb(static: Path) -> float:
    """All of the product's own JavaScript as it is served, each file compressed by itself."""
    scripts = (path for path in (static / "js").rglob("*.js") if len(path.suffixes) == 1)
    return sum(len(gzip.compress(path.read_bytes(), 6)) for path in scripts) / 1000


def _open(page: Page, address: str) -> dict[str, Any]:
    page.goto("about:blank")
    return open_probed(page, address)


def _choose(page: Page, name: str, value: str) -> None:
    page.locator(f'[data-choose="{name}"][value="{value}"]').dispatch_event("click")


def _drift(what: str, frames: list[dict[str, Any]], offset_s: float, frame_ms: float) -> Drift:
    clocks, pictures = (
        [abs(drift) / frame_ms for one in found for drift in one] for found in stretches(frames, offset_s)
    )
    if not clocks:
        return Drift(what, *[float("nan")] * 4)
    p95 = sorted(clocks)[int(0.95 * len(clocks))]
    return Drift(what, p95, max(clocks), statistics.median(pictures), max(pictures))


def _reopen(page: Page, times: int) -> None:
    for _ in range(times):
        page.evaluate(_OPEN_AGAIN)
        expect(page.locator(".player[data-state=ready]")).to_be_visible()
    page.evaluate("probe.drawn.length = probe.frames.length = 0")


def _visit(page: Page, addresses: tuple[str, str], times: int) -> None:
    for visit in range(times):
        page.goto(addresses[visit % 2])
        expect(page.locator(".player[data-state=ready]")).to_be_visible()


def _left(page: Page, tools: CDPSession) -> dict[str, float]:
    for _ in range(3):
        tools.send("HeapProfiler.collectGarbage")
        page.wait_for_timeout(200)
    return {metric["name"]: metric["value"] for metric in tools.send("Performance.getMetrics")["metrics"]}


def _growth(before: dict[str, float], after: dict[str, float]) -> Growth:
    more = {name: after[name] - before[name] for name in ("JSHeapUsedSize", "Nodes", "JSEventListeners")}
    return Growth(more["JSHeapUsedSize"] / 1000, round(more["Nodes"]), round(more["JSEventListeners"]))
