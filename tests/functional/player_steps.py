"""What a player did, as `player_probe.js` wrote it down frame by frame: read as drifts between two films."""

import json
from pathlib import Path

from playwright.sync_api import expect

PROBE = Path(__file__).with_name("player_probe.js")
SETTLED_MS = 500
READY_TIMEOUT_MS = 30_000


def open_probed(page, address):
    """Open a page with a player, watched; answers the player's payload."""
    page.add_init_script(path=PROBE)
    page.goto(address)
    expect(page.locator(".player[data-state=ready]")).to_be_visible(timeout=READY_TIMEOUT_MS)
    return json.loads(page.locator("#player-data").text_content())


def go_to(page, t_s, end_s=None):
    page.evaluate("at => { location.hash = at; }", f"#t={t_s}" + (f",{end_s}" if end_s else ""))


def stretches(frames, offset_s):
    """Drifts in ms (of the clocks, of the pictures) of every stretch without a jump, from half a second after its start."""
    clocks, pictures, since_ms, before = [], [], None, None
    for frame in frames:
        guide, me = frame["guide"], frame["me"]
        jumped = before is None or abs(guide["s"] - before) > 0.3
        before = guide["s"]
        if jumped or not (guide["runs"] and me["runs"]):
            since_ms = None
            continue
        if since_ms is None:
            since_ms = frame["atMs"]
            clocks.append([])
            pictures.append([])
        if frame["atMs"] - since_ms >= SETTLED_MS:
            clocks[-1].append((me["s"] - offset_s - guide["s"]) * 1000)
            pictures[-1].append((me["shownS"] - offset_s - guide["shownS"]) * 1000)
    return [s for s in clocks if len(s) > 5], [s for s in pictures if len(s) > 5]
