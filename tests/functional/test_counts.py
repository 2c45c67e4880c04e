"""The curators' desk: a count 1 tapped into the running dance, seen at once, saved, and taken back."""

import pytest
from playwright.sync_api import expect

from tests.functional.conftest import log_in


def test_a_curator_taps_a_one_sees_it_and_saves_it(new_page, product):
    ((guide, bpm, first_beat_s),) = product.rows(
        "SELECT guide.id, song.bpm, song.first_beat_s FROM choreography_guide guide"
        " JOIN choreography_choreography dance ON dance.id = guide.choreography_id"
        " JOIN choreography_song song ON song.id = dance.song_id WHERE dance.is_demo ORDER BY guide.id LIMIT 1"
    )
    page = new_page()
    log_in(page, "curator@example.com")
    page.goto(f"/admin/choreography/guide/{guide}/change/")
    expect(page.locator(".player[data-state=ready]")).to_be_visible()
    count, first = page.locator("[data-counts=count]"), page.get_by_label("A count 1, in seconds of the guide")
    for _ in range(10):  # the guide begins before its first count 1: some presses lead up to it
        before = count.inner_text()
        if before == "4":
            break
        page.keyboard.press("Shift+ArrowRight")
        expect(count).not_to_have_text(before)
    page.keyboard.press("1")
    expect(count).to_have_text("1")
    expect(page.locator("[data-count][aria-current]")).to_have_text("1")
    expect(page.get_by_text("Changed, not saved.")).to_be_visible()
    page.keyboard.press("Shift+K")
    expect(count).to_have_text("8")
    page.keyboard.press("Shift+J")
    page.keyboard.press("k")
    moved_s = first_beat_s + 3 * 60 / bpm
    saved_s = moved_s % (8 * 60 / bpm) + 0.01
    expect(first).to_have_value(f"{saved_s:.3f}".rstrip("0"))

    page.get_by_role("button", name="Save counts").click()
    expect(page.get_by_text("Takes keep their scores.")).to_be_visible()
    expect(first).to_have_value(f"{saved_s:.3f}".rstrip("0"))
    stored = product.rows("SELECT bpm, first_count_s FROM choreography_guide WHERE id = %s", guide)
    assert stored == [(pytest.approx(bpm, abs=1e-3), pytest.approx(saved_s, abs=1e-3))]

    page.get_by_role("button", name="Use the song's tempo").click()
    expect(page.get_by_text("This version goes by the song's tempo.")).to_be_visible()
