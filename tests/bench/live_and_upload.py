"""Does a dance score the same live and as an upload? `make bench-live-and-upload`

Each clip goes two ways to the same comparison: as an upload through the pose engine of the worker, and through the browser's
engine, its track encoded, checked, smoothed and judged as a live take's. `steady` shows the browser each picture at its own
time, so that a slow machine changes nothing: the two models at 30 and 15 pictures a second. `webcam` plays the clip to a fake
webcam in real time, as fast as this machine is. A table, then one JSON line.

Clips: a demo take, drawn; and, beside a checkout with real clips, two bodies with one dance. `--clip GUIDE TAKE` adds a pair.
"""

import argparse
import base64
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Browser, Page, Playwright, Route, sync_playwright

from tests.functional.site import Product, running_product

if TYPE_CHECKING:
    from inference.pose.track import PoseTrack

MODULES = ("worker-link", "recording", "camera", "engine")
HEIGHT_PX = 480
LOOP_S = 1.0
WAYS = (("full", 30), ("full", 15), ("lite", 30), ("lite", 15))
ALIKE = 3.0

IN_PAGE = """
const addresses = (each) => typeof each === "string" ? new URL(each, location.href).href
  : Object.fromEntries(Object.entries(each).map(([name, value]) => [name, addresses(value)]));
const sent = async (recording) => {
  const bytes = new Uint8Array(await recording.toKdt());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
};
"""
STEADY = (
    "async ({ modules, assets, model, times }) => {"
    + IN_PAGE
    + """
  const { WorkerLink } = await import(modules["worker-link"]);
  const { Recording } = await import(modules.recording);
  const link = new WorkerLink(addresses(assets));
  await link.open({ model, delegate: "CPU", simd: true, everything: false }, () => {});
  let recording = null;
  for (const [number, tS] of times) {
    const picture = await createImageBitmap(await (await fetch(`/bench/${number}.jpg`)).blob());
    recording ??= new Recording({ sizePx: [picture.width, picture.height], model });
    const { pose } = await link.find(picture, 1000 * tS);
    recording.add(tS, pose);
  }
  link.close();
  return { track: await sent(recording), model };
}"""
)
WEBCAM = (
    "async ({ modules, assets, scope, seconds }) => {"
    + IN_PAGE
    + """
  const { Scope } = await import(scope);
  const { openCamera } = await import(modules.camera);
  const { openEngine } = await import(modules.engine);
  const { Recording } = await import(modules.recording);
  const own = new Scope();
  const camera = await openCamera({ scope: own });
  const engine = await openEngine({ assets, scope: own, video: camera.video });
  const recording = new Recording({ sizePx: camera.sizePx, model: engine.model });
  let startedMs = null;
  engine.watch(camera.video, ({ captureMs, pose }) => {
    startedMs ??= captureMs;
    recording.add((captureMs - startedMs) / 1000, pose);
  });
  await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
  engine.unwatch();
  const model = engine.model;
  own.dispose();
  return { track: await sent(recording), model };
}"""
)


@dataclass(frozen=True)
class Pair:
    """A guide, and a clip of somebody who dances it."""

    name: str
    guide: "PoseTrack"
    clip: Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clip", nargs=2, type=Path, action="append", default=[], metavar=("GUIDE", "TAKE"))
    parser.add_argument("--seconds", type=float, default=12.0, help="of the drawn take")
    parser.add_argument("--only-clips", action="store_true", help="none but those of --clip")
    parser.add_argument("--only", choices=("steady", "webcam"), help="one of the two")
    options = parser.parse_args()
    own = Path(os.environ.get("KDANCE_DATA_DIR") or "var")
    os.environ.setdefault("KDANCE_MODEL_DIR", str(own / "models"))
    with running_product(own / "bench" / "live.log") as product, tempfile.TemporaryDirectory() as folder:
        # Settings are read once, and the browser's modules have the names of the running site's files.
        os.environ |= {"KDANCE_DATA_DIR": str(product.data_dir), "DJANGO_SETTINGS_MODULE": "kdance_site.settings"}
        measure(product, Path(folder), options)


def measure(product: Product, folder: Path, options: argparse.Namespace) -> None:
    import django

    django.setup()
    from django.conf import settings

    from tests.browser import NONE_TO_BE_HAD, find_browser

    path = find_browser(Path(settings.DATA_DIR) / "browser.lock")
    if path is None:
        sys.exit(NONE_TO_BE_HAD)
    rows = []
    print(
        f"{'pair':<32} {'way':<22} {'score':>6} {'bar':>5} {'apart':>6} {'shape':>6} {'timing':>6} {'size':>6} {'fps':>5}"
    )
    with sync_playwright() as playwright:
        for pair in _pairs(folder, options):
            rows += _measured(pair, playwright, path, product, folder, options.only)
    apart = [abs(row["apart"]) for row in rows if row["apart"] is not None]
    within = sum(one <= ALIKE for one in apart)
    print(f"{within} of {len(apart)} live tracks score within {ALIKE:g} points of the upload")
    print(json.dumps({"rows": rows}))


def _pairs(folder: Path, options: argparse.Namespace) -> Iterator[Pair]:
    from choreography.demo.elevator import ELEVATOR
    from choreography.demo.motion import perform
    from choreography.demo.story import TAKES
    from tests.bench.clips import REAL_CLIPS
    from tests.bench.drawn import drawn
    from tests.composites import write_clip

    for guide, take in options.clip:
        yield Pair(f"{take.stem} to {guide.stem}", _uploaded(guide), take)
    if options.only_clips:
        return
    danced = next(take for take in TAKES if take.routine is ELEVATOR and not take.mirrored).danced()
    clip = write_clip(folder / "drawn.mp4", drawn(danced, (540, 960), round(options.seconds * 30)))
    yield Pair("a demo take, drawn", perform(ELEVATOR), clip)
    same = [REAL_CLIPS / f"same_dance_{number}.mp4" for number in (0, 1)]
    if all(one.exists() for one in same):
        for guide, take in (same, same[::-1]):
            yield Pair(f"{take.stem} to {guide.stem}", _uploaded(guide), take)


def _measured(
    pair: Pair, playwright: Playwright, browser_path: Path, product: Product, folder: Path, only: str | None
) -> list[dict[str, Any]]:
    upload = _row(pair, "upload", _uploaded(pair.clip), None)
    rows = [upload]
    if only != "webcam":
        browser = _browser(playwright, browser_path)
        page = _page(browser, product)
        for model, fps in WAYS:
            track = _steady(page, pair.clip, model, fps)
            rows.append(_row(pair, f"{model}, {fps} a second", track, upload))
        browser.close()
    if only != "steady":
        rows.append(_row(pair, *_by_webcam(pair.clip, playwright, browser_path, product, folder), upload))
    return rows


def _row(pair: Pair, way: str, track: "PoseTrack", upload: dict[str, Any] | None) -> dict[str, Any]:
    """No start is told to either: where it is found is part of what must agree."""
    import numpy as np

    from choreography.comparison.compare import compare

    found = compare(pair.guide, track)
    score = None if found.score is None else round(found.score, 1)
    comparable = upload is not None and score is not None and upload["score"] is not None
    row = {
        "pair": pair.name,
        "way": way,
        "verdict": found.verdict,
        "score": score,
        "bar": _rounded(found.error_bar),
        "apart": round(score - upload["score"], 1) if comparable else None,
        "shape": _rounded(found.parts.shape),
        "timing": _rounded(found.parts.timing),
        "size": _rounded(found.parts.size),
        "fps": round(1 / float(np.median(np.diff(track.t_s))), 1),
    }
    shown = [
        row[name] if row[name] is not None else "-"
        for name in ("score", "bar", "apart", "shape", "timing", "size", "fps")
    ]
    widths = (6, 5, 6, 6, 6, 6, 5)
    print(
        f"{pair.name:<32} {way:<22} "
        + " ".join(f"{value!s:>{width}}" for value, width in zip(shown, widths, strict=True))
    )
    sys.stdout.flush()
    return row


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


@cache
def _uploaded(clip: Path) -> "PoseTrack":
    from django.conf import settings

    from inference.estimators.registry import get_estimator

    return get_estimator(settings.POSE_ESTIMATOR, model_dir=settings.MODEL_DIR).estimate(clip).track


def _arrived(answer: dict[str, str]) -> "PoseTrack":
    """What the site makes of the bytes of a live take."""
    from inference.pose import codec
    from inference.pose.browser_track import read_browser_track
    from inference.pose.calming import calmed

    return codec.decode(codec.encode(calmed(read_browser_track(base64.b64decode(answer["track"]), longest_s=600.0))))


def _browser(playwright: Playwright, path: Path, *more: str) -> Browser:
    from tests.browser import launch_arguments

    return playwright.chromium.launch(executable_path=str(path), args=[*launch_arguments(), *more])


def _page(browser: Browser, product: Product) -> Page:
    page = browser.new_context(base_url=product.url, permissions=["camera"]).new_page()
    page.set_default_timeout(600_000)
    page.goto("/")
    return page


def _told() -> dict[str, Any]:
    from django.templatetags.static import static

    from choreography.queries.engine_assets import engine_assets

    modules = {name: static(f"js/live/{name}.js") for name in MODULES}
    return {"modules": modules, "assets": engine_assets(), "scope": static("js/lib/scope.js")}


def _steady(page: Page, clip: Path, model: str, fps: int) -> "PoseTrack":
    pictures, times = _pictures(clip)
    step = max(1, round(30 / fps))

    def shown(route: Route) -> None:
        number = int(route.request.url.rpartition("/")[2].removesuffix(".jpg"))
        route.fulfill(body=pictures[number], content_type="image/jpeg")

    page.route("**/bench/*.jpg", shown)
    chosen = [[number, times[number]] for number in range(0, len(times), step)]
    answer = page.evaluate(STEADY, _told() | {"model": model, "times": chosen})
    page.unroute("**/bench/*.jpg")
    return _arrived(answer)


@cache
def _pictures(clip: Path) -> tuple[list[bytes], list[float]]:
    """As a webcam has them, 480 lines high, with their times from the first."""
    import cv2

    from inference.media.frames import read_frames

    pictures, times = [], []
    for frame in read_frames(clip):
        height, width = frame.rgb().shape[:2]
        size = round(width * HEIGHT_PX / height / 2) * 2, HEIGHT_PX
        small = cv2.resize(frame.rgb(), size, interpolation=cv2.INTER_AREA)
        pictures.append(cv2.imencode(".jpg", small[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes())
        times.append(frame.t_s)
    return pictures, [t_s - times[0] for t_s in times]


def _by_webcam(
    clip: Path, playwright: Playwright, browser_path: Path, product: Product, folder: Path
) -> tuple[str, "PoseTrack"]:
    """The film runs in a loop, and is watched for a little longer than twice its length: once whole, whenever it began."""
    from tests.functional.webcam import film_clip

    film = film_clip(folder / f"{clip.stem}.mjpeg", clip)
    webcam = ("--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}")
    browser = _browser(playwright, browser_path, *webcam)
    seconds = 2 * _pictures(clip)[1][-1] + LOOP_S
    answer = _page(browser, product).evaluate(WEBCAM, _told() | {"seconds": seconds})
    browser.close()
    return f"webcam, {answer['model']}", _arrived(answer)


if __name__ == "__main__":
    main()
