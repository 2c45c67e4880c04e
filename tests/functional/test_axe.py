"""What axe-core, the usual judge of accessibility, finds on the pages: nothing, in both colour schemes."""

from playwright.sync_api import expect

from tests.functional.conftest import log_in
from tests.functional.site import REPOSITORY

AXE = REPOSITORY / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DANCE = "/choreographies/elevator-to-daylight/"
SIGNED_OUT = ["/", "/accounts/login/", "/accounts/signup/", "/choreographies/", DANCE]
DRILL = f"{DANCE}drill/?eight=1"
SIGNED_IN = ["/", DANCE, f"{DANCE}live/", f"{DANCE}drill/", DRILL, "{take}", "/takes/", "/accounts/profile/"]
TOOLS = "[data-toggle=loop], [data-toggle=bigCount], [data-toggle=space]"

JUDGE = """async runOnly => {
    const { violations } = await axe.run(document, { runOnly, resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target, any, all, none }) =>
        `${id} ${target.join(" ")}: ${[...any, ...all, ...none].map(check => check.message).join("; ")}`));
}"""


def test_axe_finds_nothing(new_page, product):
    # Text that still fades in has too little contrast: nothing moves here.
    page = new_page(color_scheme="dark", bypass_csp=True, reduced_motion="reduce")
    found = {f"{address} signed out": judged(page, address) for address in SIGNED_OUT}
    log_in(page)
    take = product.rows("SELECT id FROM choreography_attempt WHERE is_demo ORDER BY created_at DESC LIMIT 1")[0][0]
    for address in SIGNED_IN:
        found[address] = judged(page, address.format(take=f"/takes/{take}/"))
    found["opened tools"] = judged(page, DANCE, open_tools)
    found["opened live setup"] = judged(page, f"{DANCE}live/", lambda page: page.locator(".live__more summary").click())
    assert {address: violations for address, violations in found.items() if violations} == {}
    page.evaluate("document.body.append(Object.assign(new Image(), { src: '/favicon.ico' }))")
    assert any("image-alt" in violation for violation in in_scheme(page, "dark", RULES)), (
        "the judge sees nothing at all"
    )


def open_tools(page):
    page.locator("[data-player=open-more]").click()
    for tool in page.locator(TOOLS).all():
        if tool.is_visible():
            tool.click()
    expect(page.locator("[data-player=loop-row]")).to_be_visible()
    expect(page.locator("[data-player=big-count]")).to_be_visible()


def judged(page, address, prepare=None):
    """What is wrong with a page: all of it in the dark, and in the light what depends on colours."""
    answer = page.goto(address)
    assert answer.ok, f"{address} answers {answer.status}"
    if page.locator(".player").count():
        expect(page.locator(".player[data-state=ready]")).to_be_visible()
    if prepare:
        prepare(page)
    page.add_script_tag(path=AXE)
    return in_scheme(page, "dark", RULES) + in_scheme(page, "light", {"type": "rule", "values": ["color-contrast"]})


def in_scheme(page, scheme, rules):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    return [f"{scheme}: {violation}" for violation in page.evaluate(JUDGE, rules)]
