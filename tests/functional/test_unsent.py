"""A take danced live that could not be sent at once: it survives a reload, is offered, sent and judged, or thrown away."""

import json
import uuid
from dataclasses import replace

from playwright.sync_api import expect

from inference.pose import codec
from tests.functional.conftest import log_in

KEEP = """async ({ keeper, take, bytes }) => {
  const { keepTake } = await import(keeper);
  return await keepTake({ ...take, kdt: Uint8Array.from(bytes).buffer, clip: null, danced_at: new Date().toISOString() });
}"""


def danced(product):
    """The demo's own take, as a browser would have found it: nobody is better at following this guide."""
    query = (
        "SELECT t.track_key, c.slug FROM choreography_attempt t JOIN choreography_choreography c"
        " ON c.id = t.choreography_id WHERE t.is_demo ORDER BY t.created_at DESC LIMIT 1"
    )
    ((key, slug),) = product.rows(query)
    track = codec.decode((product.data_dir / "media" / key).read_bytes())
    return slug, codec.encode(replace(track, model="tasks-vision-lite"))


def keep(page, product, slug, data):
    names = json.loads((product.data_dir / "static" / "staticfiles.json").read_text())["paths"]
    take = {
        "id": str(uuid.uuid4()),
        "takesUrl": f"/choreographies/{slug}/live/takes/",
        "slug": slug,
        "title": "Elevator",
        "offsetS": 0,
        "clipUrl": f"/choreographies/{slug}/takes/",
    }
    keeper = f"/static/{names['js/live/keeper.js']}"
    assert page.evaluate(KEEP, {"keeper": keeper, "take": take, "bytes": list(data)}) == {"isKept": True}


def test_a_take_waits_on_the_device_until_it_is_sent(new_page, product):
    slug, data = danced(product)
    page = new_page(width=390, height=844)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    log_in(page)
    page.goto("/")
    page.wait_for_load_state("networkidle")
    assert not any("live/keeper" in url or "live/sender" in url for url in asked)
    keep(page, product, slug, data)
    page.goto("/takes/")
    offer = page.get_by_role("region", name="A take on this device")
    expect(offer).to_contain_text("waits on this device")
    assert all(button.bounding_box()["height"] >= 48 for button in offer.get_by_role("button").all())
    sent = []
    page.on("request", lambda request: sent.append((request.method, request.url.partition("/live/")[2])))
    offer.get_by_role("button", name="Send it").click()
    expect(offer).to_contain_text("It has arrived", timeout=30_000)
    assert ("POST", "takes/") in sent
    offer.get_by_role("link", name="See the take").click()
    expect(page.locator(".verdict__number")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("only your joints were sent")).to_be_visible()
    assert page.get_by_role("region", name="A take on this device").count() == 0

    keep(page, product, slug, data)
    log_in_as_somebody_else(page)
    page.goto("/")
    page.wait_for_load_state("networkidle")
    assert page.get_by_role("region", name="A take on this device").count() == 0


def log_in_as_somebody_else(page):
    page.context.clear_cookies()
    log_in(page, email="curator@example.com")


def test_a_refused_take_says_why_and_can_be_thrown_away(new_page, product):
    slug, _ = danced(product)
    page = new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    log_in(page)
    keep(page, product, slug, json.dumps({"no": "track"}).encode())
    page.reload()
    offer = page.get_by_role("region", name="A take on this device")
    offer.get_by_role("button", name="Send it").click()
    expect(offer).to_contain_text("arrived damaged")
    offer.get_by_role("button", name="Throw it away").click()
    expect(offer).to_have_count(0)
    page.reload()
    page.wait_for_load_state("networkidle")
    expect(offer).to_have_count(0)
    new_page.errors.clear()  # the browser itself writes a line for an answer of 400
