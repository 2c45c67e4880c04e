"""What a dancer practises with: loops, a count-in with its clicks, the whole screen, their own camera beside the guide."""

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.functional.conftest import log_in
from tests.functional.player_steps import open_probed
from tests.functional.webcam import film_nobody, webcam_page

__all__ = ["webcam_page"]

# Each click is an oscillator: when it is to be heard, on the clock of the page.
CLICKS = """() => {
    window.clicks = [];
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (atS) {
        clicks.push(performance.now() + (atS - this.context.currentTime) * 1000);
        start.call(this, atS);
    };
}"""


@pytest.fixture
def demo_dance(product):
    """Other tests publish dances too, without sections or counts."""
    [(slug,), *_] = product.rows("SELECT slug FROM choreography_choreography WHERE is_demo ORDER BY slug")
    return f"/choreographies/{slug}/"


def loop_of(page):
    return [float(page.locator(f"[data-player=loop-{end}]").get_attribute("aria-valuenow")) for end in ("start", "end")]


def now_s(page):
    return page.evaluate("probe.drawn.at(-1).tS")


def test_a_loop_is_of_a_section_an_eight_or_any_two_counts(new_page, demo_dance):
    page = new_page()
    payload = open_probed(page, demo_dance)
    counts = payload["counts"]
    beat_s = 60 / counts["bpm"]
    slider = page.locator("[data-player=slider]")
    duration_s = float(slider.get_attribute("aria-valuemax"))

    def x_of(t_s):
        return slider.bounding_box()["width"] * t_s / duration_s

    def counted(t_s):
        return (t_s - counts["first_beat_s"]) / beat_s

    page.keyboard.press("l")
    section = payload["sections"][0]
    assert loop_of(page) == pytest.approx([section["start_s"], section["end_s"]], abs=0.02)
    expect(page.get_by_role("radio", name="This section")).to_be_checked()
    page.get_by_role("radio", name="This eight").click()
    eight = [counts["first_beat_s"] + 8 * beat_s * n for n in (1, 2)]
    slider.click(position={"x": x_of(eight[0] + 3.2 * beat_s), "y": 20})
    assert loop_of(page) == pytest.approx(eight, abs=0.02), "the eight goes along to where somebody goes"
    slider.hover(position={"x": x_of(eight[0] + 2.1 * beat_s), "y": 20})
    page.keyboard.down("Shift")
    page.mouse.down()
    slider.hover(position={"x": x_of(eight[1] + 4.9 * beat_s), "y": 20})
    page.mouse.up()
    page.keyboard.up("Shift")
    assert [counted(t_s) for t_s in loop_of(page)] == pytest.approx([10, 21], abs=0.05)
    expect(page.get_by_role("radio", name="My own")).to_be_checked()
    expect(page.locator("[data-player=loop-text]")).to_contain_text("11 counts")
    page.get_by_role("radio", name="My own").click()
    for count in (12.1, 15.9):
        slider.click(position={"x": x_of(counts["first_beat_s"] + count * beat_s), "y": 20})
    assert [counted(t_s) for t_s in loop_of(page)] == pytest.approx([12, 16], abs=0.05)
    assert loop_of(page)[0] - 0.01 <= now_s(page) <= loop_of(page)[1]
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("[")
    assert [counted(t_s) for t_s in loop_of(page)] == pytest.approx([13, 16], abs=0.05)
    page.keyboard.press("l")
    expect(page.locator("[data-player=loop-row]")).to_be_hidden()


@pytest.mark.alone
def test_an_eight_is_counted_in_at_the_tempo_that_is_danced_and_clicks_fall_on_the_counts(new_page, demo_dance):
    page = new_page()
    page.add_init_script(f"({CLICKS})()")
    counts = open_probed(page, demo_dance)["counts"]
    for _ in range(4):
        page.keyboard.press("+")
    expect(page.get_by_role("radio", name="1.25×")).to_be_checked()
    beat_ms = 60_000 / counts["bpm"] / 1.25
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Clicks on the beat").click()
    page.get_by_role("radio", name="Clicks").click()
    page.evaluate("from => { location.hash = `#t=${from}`; }", round(counts["first_beat_s"] + 480 / counts["bpm"], 4))
    page.keyboard.press(" ")
    player = page.locator(".player")
    expect(page.locator("[data-player=big-count]")).to_have_text("4")
    expect(player).to_have_attribute("data-playing", "true")
    page.wait_for_function("() => probe.drawn.at(-1).playing")
    page.wait_for_timeout(3 * beat_ms + 300)
    page.keyboard.press(" ")
    clicks = page.evaluate("clicks")
    steps = [after - before for before, after in pairwise(clicks[:8])]
    assert steps == pytest.approx([beat_ms] * 7, abs=25)
    drawn = page.evaluate("probe.drawn.filter(({ playing }) => playing).map(({ atMs, tS }) => [atMs, tS])")
    danced_from_ms = min(at_ms for at_ms, _ in drawn)
    assert danced_from_ms > clicks[7] + beat_ms - 60, "nobody dances before the count-in is over"
    for at_ms in clicks[9:]:
        near_ms, t_s = min(drawn, key=lambda frame: abs(frame[0] - at_ms))
        if abs(near_ms - at_ms) < 60:
            beats = (t_s + (at_ms - near_ms) / 1000 * 1.25 - counts["first_beat_s"]) * counts["bpm"] / 60
            assert beats == pytest.approx(round(beats), abs=0.2)
    assert len(clicks) >= 10


def test_the_whole_screen_and_the_own_camera_come_and_go(webcam_page, demo_dance, tmp_path):
    page = webcam_page(film_nobody(tmp_path / "room.mjpeg"), width=390, height=844)
    log_in(page)
    open_probed(page, demo_dance)
    page.keyboard.press("w")
    own = page.locator(".player__self-video")
    expect(own).to_be_visible()
    assert own.evaluate("video => new DOMMatrix(getComputedStyle(video).transform).a") == -1
    page.evaluate("window.lens = document.querySelector('.player__self-video').srcObject.getVideoTracks()[0]")
    page.get_by_role("button", name="Move my picture").click()
    expect(page.locator("[data-player=self]")).to_have_attribute("data-corner", "bottom-right")
    page.evaluate("Element.prototype.requestFullscreen = undefined")  # as on an iPhone
    page.keyboard.press("f")
    stage = page.locator("[data-player=stage]").bounding_box()
    assert [stage["x"], stage["y"], stage["width"]] == [0, 0, 390]
    assert page.locator("header").first.evaluate("header => header.closest('[inert]') !== null")
    expect(page.get_by_role("button", name="Play")).to_be_in_viewport()
    page.get_by_role("button", name="Full screen").click()
    expect(page.locator("[inert]")).to_have_count(0)
    page.get_by_role("button", name="Switch my camera off").click()
    assert page.evaluate("lens.readyState") == "ended"
    expect(page.locator("[data-player=self]")).to_be_hidden()
