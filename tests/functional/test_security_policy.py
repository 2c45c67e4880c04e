"""What the content security policy allows: all that our own pages need, and nothing that somebody slips in."""

from playwright.sync_api import expect

from tests.functional.conftest import log_in

DESK = (
    "/admin/",
    "/admin/choreography/guide/",
    "/admin/choreography/guide/add/",
    "/admin/choreography/choreography/add/",
    "/admin/choreography/song/add/",
)


def test_the_desk_and_the_description_of_the_api_work_under_the_policy(page, product):
    """The fixture fails the test where a page wrote an error to its console."""
    log_in(page, "curator@example.com")
    guide = product.rows("SELECT id FROM choreography_guide ORDER BY version LIMIT 1")[0][0]
    for path in (*DESK, f"/admin/choreography/guide/{guide}/change/"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
    page.goto("/api/docs/")
    expect(page.locator(".opblock").first).to_be_visible()


def test_slipped_in_code_does_not_run(new_page):
    page = new_page()
    page.goto("/")
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.slippedIn = true";
          document.body.append(script);
          const button = document.createElement("button");
          button.setAttribute("onclick", "window.slippedIn = true");
          document.body.append(button);
          button.click();
        }"""
    )
    assert page.evaluate("() => window.slippedIn") is None
    assert len(new_page.errors) == 2  # the browser says what it stopped
    assert all("Content Security Policy" in error for error in new_page.errors)
    new_page.errors.clear()
