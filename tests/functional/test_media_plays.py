"""A real browser plays what we give it: upright, for as long as the original, from zero, with its sound."""

import base64

import pytest

from inference.media.probe import probe
from inference.media.transcode import is_browser_playable, to_playable
from tests.integration.test_media_phones import RECORDINGS, record

LOOK = """async ([source, at_s]) => {
    const video = document.querySelector("video");
    const told = (name) => new Promise((resolve, reject) => {
        video.addEventListener(name, resolve, {once: true});
        video.addEventListener("error", () => reject(new Error(video.error.message)), {once: true});
    });
    const loaded = told("loadeddata");
    video.src = source;
    await loaded;
    const sought = told("seeked");
    video.currentTime = at_s;
    await sought;
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    const context = canvas.getContext("2d");
    context.drawImage(video, 0, 0);
    const pixel = (x, y) => Array.from(context.getImageData(canvas.width * x, canvas.height * y, 1, 1).data);
    const [left, right, middle] = [pixel(0.1, 0.06), pixel(0.9, 0.06), pixel(0.5, 0.25)];
    const ended = told("ended");
    await video.play();
    await ended;
    const sound = video.webkitAudioDecodedByteCount;
    return {duration: video.duration, size: [canvas.width, canvas.height], left, right, middle, sound};
}"""

NAMES = (
    "h264.mp4", "h264_silent.mp4", "turned_90.mp4", "turned_270.mp4", "mirrored_90.mp4", "hevc.mp4", "hevc_hlg.mov",
    "vp9.webm", "av1.mp4", "odd_h264.mp4", "late.mp4", "far_from_zero.mkv", "uneven.webm", "small_fragments.mp4",
    "no_duration.webm", "prores.mov",
)  # fmt: skip
AT_S = 1.01


@pytest.fixture(scope="module")
def player(chromium):
    page = chromium.new_page()
    page.set_content("<video muted></video>")
    yield page
    page.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_browser_plays_it(name, player, tmp_path):
    one = RECORDINGS[name]
    clip, times = record(name, tmp_path)
    info, served = probe(clip), clip
    if not is_browser_playable(info):
        served = tmp_path / "copy.mp4"
        to_playable(clip, served)
    kind = "video/webm" if served.suffix == ".webm" else "video/mp4"
    source = f"data:{kind};base64,{base64.b64encode(served.read_bytes()).decode()}"
    seen = player.evaluate(LOOK, [source, AT_S])
    assert seen["duration"] == pytest.approx(info.duration_s, abs=0.12)
    assert all(abs(a - b) <= 1 for a, b in zip(seen["size"], one.upright_px, strict=True))
    assert seen["left"][0] > seen["left"][2] + 40, "red is top left"
    assert seen["right"][2] > seen["right"][0] + 40, "blue is top right"
    if not one.changes_greys:
        shown = max(number for number, time in enumerate(times) if time <= AT_S)
        assert round((sum(seen["middle"][:3]) / 3 - 20) / 6) == pytest.approx(shown % 32, abs=1)
    assert (seen["sound"] > 0) == (one.sound is not None)
