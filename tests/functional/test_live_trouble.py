"""What goes wrong in the middle of a dance: each ends with a sentence, and what was danced is offered."""

from playwright.sync_api import expect

from tests.functional.test_live import open_room
from tests.functional.webcam import film_dancer

BEYOND_A_DRAFT_MS = 11_500
LOSE_CAMERA = """() => {
    const [track] = document.querySelector(".room__video").srcObject.getVideoTracks();
    track.stop();
    track.dispatchEvent(new Event("ended"));  // which stopping it oneself does not bring
}"""
HIDE = """() => {
    Object.defineProperty(document, "hidden", { value: true, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
    delete document.hidden;
}"""


def dance(page, button):
    page.get_by_role("button", name=button).click()
    expect(page.locator(".room[data-state=dancing]")).to_be_visible(timeout=60_000)


def test_a_page_that_dies_a_lost_camera_and_a_hidden_page(webcam_page, tmp_path):
    dancer = film_dancer(tmp_path / "dancer.mjpeg", 4, still_s=1, size_px=(270, 480))
    page = webcam_page(dancer, width=390, height=720)
    open_room(page)
    dance(page, "Open the camera and dance")
    page.wait_for_timeout(BEYOND_A_DRAFT_MS)
    page.reload()
    offer = page.get_by_role("region", name="A take on this device")
    expect(offer).to_contain_text("waits on this device")

    page.context.set_offline(True)
    offer.get_by_role("button", name="Send it").click()
    expect(offer).to_contain_text("is being sent")
    page.wait_for_timeout(300)
    page.context.set_offline(False)
    expect(offer).to_contain_text("It has arrived", timeout=30_000)
    offline = [error for error in webcam_page.errors if "ERR_INTERNET_DISCONNECTED" in error]
    assert offline
    webcam_page.errors[:] = [error for error in webcam_page.errors if error not in offline]

    dance(page, "Open the camera and dance")
    page.wait_for_timeout(500)
    page.evaluate(LOSE_CAMERA)
    end = page.locator("[data-live=end]")
    expect(end).to_contain_text("The camera stopped.")
    expect(page.locator(".room")).to_be_hidden()

    dance(page, "Dance again")
    page.evaluate(HIDE)
    expect(end).to_contain_text("hidden")
    expect(page.locator(".room")).to_be_hidden()
    assert page.evaluate("() => document.querySelectorAll('.room video').length") == 0
