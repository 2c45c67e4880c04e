"""The insights in a browser: made-up files are imported by the command, counted by the worker, read by keys and by eye."""

import csv
import io
import os
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.functional.conftest import log_in
from tests.functional.site import REPOSITORY
from tests.functional.test_axe import judged
from tests.market import write_artists_csv, write_years_csv

CURATOR = "curator@example.com"
COUNTED_MS = 90_000


@pytest.fixture(scope="module")
def market(product, tmp_path_factory):
    """What the product knows after an import of artists and of years."""
    folder = tmp_path_factory.mktemp("market")
    write_artists_csv(folder / "data_w_genres.csv", n=400, seed=3)
    write_years_csv(folder / "data_by_year.csv")
    for name in ("data_by_year.csv", "data_w_genres.csv"):
        imported = subprocess.run(
            [sys.executable, "manage.py", "import_audio_features", str(folder / name)],
            cwd=REPOSITORY,
            env=os.environ
            | {"DJANGO_SETTINGS_MODULE": "kdance_site.settings", "KDANCE_DATA_DIR": str(product.data_dir)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert imported.returncode == 0, imported.stderr
    return product


@pytest.fixture
def insights(market, page):
    log_in(page, CURATOR)
    return opened(page)


def opened(page, address="/insights/"):
    """The page once its numbers are there: until then it waits by itself."""
    page.goto(address)
    expect(page.locator("#insight-regression")).to_be_visible(timeout=COUNTED_MS)
    return page


def drawn(page, name):
    figure = page.locator("figure", has=page.locator("figcaption", has_text=name))
    figure.scroll_into_view_if_needed()
    expect(figure.locator("canvas")).to_be_visible()
    return figure


def test_a_sentence_comes_first_and_the_pictures_are_drawn(insights):
    expect(insights.locator(".insight-head__first")).to_contain_text("80 artists")
    for name in ("Danceability over the years", "nine-feature model", "beside what it says", "Each label's artists"):
        drawn(insights, name)


def test_keys_walk_a_line_and_say_each_place(insights):
    figure = drawn(insights, "Danceability over the years")
    figure.locator("canvas").focus()
    said, tip = figure.locator("[role=status]"), figure.locator(".chart-tip")
    insights.keyboard.press("End")
    expect(said).to_contain_text("2020: Danceability 0.")
    expect(tip).to_be_visible()
    insights.keyboard.press("ArrowLeft")
    expect(said).to_contain_text("2019:")
    expect(tip).to_contain_text("2019")
    insights.keyboard.press("Home")
    expect(said).to_contain_text("1921:")
    insights.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    expect(said).to_be_empty()


def test_keys_walk_intervals_and_points(insights):
    figure = drawn(insights, "nine-feature model")
    figure.locator("canvas").focus()
    insights.keyboard.press("ArrowDown")
    expect(figure.locator("[role=status]")).to_contain_text("95%:")
    figure = drawn(insights, "Each label's artists")
    figure.locator("canvas").focus()
    insights.keyboard.press("ArrowRight")
    first = figure.locator("[role=status]").inner_text()
    insights.keyboard.press("ArrowDown")
    expect(figure.locator("[role=status]")).not_to_have_text(first)


def test_a_pointer_shows_what_keys_say(insights):
    figure = drawn(insights, "Danceability over the years")
    figure.locator("canvas").hover(position={"x": 200, "y": 100})
    expect(figure.locator(".chart-tip")).to_contain_text("Danceability")
    insights.mouse.move(0, 0)
    expect(figure.locator(".chart-tip")).to_be_hidden()


def test_the_matrix_is_one_stop_and_says_its_cells(insights):
    cells = insights.locator(".matrix [data-detail]")
    expect(insights.locator(".matrix [data-detail][tabindex='0']")).to_have_count(1)
    cells.first.focus()
    expect(insights.locator("[data-matrix-line]")).to_contain_text("Danceability and popularity")
    insights.keyboard.press("ArrowDown")
    expect(insights.locator("[data-matrix-line]")).to_contain_text("Energy and popularity")
    insights.keyboard.press("ArrowRight")
    expect(insights.locator("[data-matrix-line]")).to_contain_text("Energy and danceability")
    expect(insights.locator(".matrix [data-detail][tabindex='0']")).to_have_count(1)


def test_a_table_stands_behind_each_chart_and_can_be_taken_along(insights):
    table = insights.locator("details", has=insights.locator("caption", has_text="nine-feature model")).first
    table.locator("summary").click()
    expect(table.locator("tbody tr")).to_have_count(10)
    with insights.expect_download() as download:
        table.get_by_role("link", name="CSV").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {"danceability", "tempo"} <= {cell for row in rows for cell in row.values()}


def test_a_tag_is_taken_away_and_another_one_chosen(insights):
    insights.locator(".chip--tag", has_text="k-pop").click()
    insights.wait_for_url("**genre=*")
    expect(insights.locator(".insight-facts dd").first).to_have_text("400", timeout=COUNTED_MS)
    insights.fill("#genre", "rock")
    insights.keyboard.press("Enter")
    insights.wait_for_url("**genre=rock*")
    expect(insights.locator(".chip--tag")).to_have_text("rock")
    insights.fill("#genre", "pop (kpop)")
    insights.keyboard.press("Enter")
    expect(insights.locator(".choice__unknown")).to_contain_text("pop (kpop)", timeout=COUNTED_MS)


def test_rows_at_zero_are_left_out_by_a_link(insights):
    insights.locator(".insight-switch a:not([aria-current])").click()
    insights.wait_for_url("**zeros=without*")
    expect(insights.locator(".insight-switch [aria-current]")).to_contain_text("Without")
    drawn(insights, "nine-feature model")


@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_shows_all_of_it_in_korean(market, new_page, width):
    page = new_page(width=width, height=780, language="ko-KR", has_touch=True)
    log_in(page, CURATOR, language="ko")
    opened(page)
    drawn(page, "아홉 특징 모형")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    figure = drawn(page, "해마다의 춤추기 좋은 정도")
    figure.locator("canvas").tap(position={"x": 150, "y": 100})
    expect(figure.locator(".chart-tip")).to_contain_text("춤추기 좋은 정도")


def test_the_menu_leads_curators_there_and_dancers_not(market, new_page):
    page = new_page()
    log_in(page, CURATOR)
    expect(page.locator(".menu__sheet a[href='/insights/']")).to_have_count(1)
    page = new_page()
    log_in(page)
    expect(page.locator(".menu__sheet a[href='/insights/']")).to_have_count(0)


def test_axe_finds_nothing_on_the_whole_page(market, new_page):
    page = new_page(color_scheme="dark", bypass_csp=True, reduced_motion="reduce")
    log_in(page, CURATOR)
    opened(page)
    assert judged(page, "/insights/", open_everything) == []


def open_everything(page):
    for summary in page.locator("main details summary").all():
        summary.click()
    drawn(page, "Energy over the years")


def test_without_scripts_the_page_still_reads(market, new_page):
    page = new_page(java_script_enabled=False)
    log_in(page, CURATOR)
    opened(page)
    expect(page.locator(".chart-rows").first).to_contain_text("Danceability")
    expect(page.locator(".matrix tbody tr")).to_have_count(10)
    page.fill("#genre", "rock")
    page.click(".choice__go")
    page.wait_for_url("**genre=k-pop&genre=rock*")


def test_on_paper_stands_every_chart_of_the_page(insights):
    """Printing waits for nothing, so a chart that was never scrolled to is drawn at once."""
    drawn(insights, "Danceability over the years")
    left = (
        "[...document.querySelectorAll('.chart-figure:not([data-drawn])')].filter((figure) => figure.checkVisibility())"
    )
    assert insights.evaluate(f"{left}.length") > 0
    assert insights.evaluate(f"dispatchEvent(new Event('beforeprint')); {left}.length") == 0
    shown = insights.locator(".chart-figure--points canvas").first
    assert shown.evaluate(
        "(canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0)"
    )


def test_paper_is_white_whatever_the_screen_is(insights):
    figure = drawn(insights, "Danceability over the years")

    def picture(**media):
        insights.emulate_media(**media)
        insights.wait_for_function("matchMedia('print').matches == " + str(media["media"] == "print").lower())
        return figure.locator("canvas").evaluate("(canvas) => canvas.toDataURL()")

    dark, light = (picture(media="screen", color_scheme=scheme) for scheme in ("dark", "light"))
    assert dark != light
    assert picture(media="print", color_scheme="dark") != dark
    assert insights.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
    assert picture(media="screen", color_scheme="dark") == dark
