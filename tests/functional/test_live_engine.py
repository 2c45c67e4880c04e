"""The pose engine in a browser: a webcam's dancer is found, by files of this site alone, and what goes wrong is told."""

import json
from itertools import chain

import pytest

from tests.bench.drawn import drawn_dance
from tests.functional.webcam import FPS, SIZE_PX, empty_room, film

FILES = ("vision_bundle.mjs", "simd.mjs", "simd.wasm", "plain.mjs", "plain.wasm", "lite.task", "full.task")
OPEN = """
async ({ assets, modules, poses }) => {
  const [{ Scope }, { openCamera }, { openEngine }] = await Promise.all(modules.map((module) => import(module)));
  const scope = new Scope();
  const told = { found: [], stages: [], crash: null, pauses: [] };
  try {
    const camera = await openCamera({ scope });
    camera.onLost = () => (told.lost = true);
    const onStage = (stage) => told.stages.push(stage);
    const engine = await openEngine({ assets, scope, video: camera.video, onStage });
    engine.onCrash = ({ code }) => (told.crash = code);
    Object.assign(told, { sizePx: camera.sizePx, model: engine.model, delegate: engine.delegate, simd: engine.simd });
    engine.watch(camera.video, ({ captureMs, pose: { found, xyPx, xyzM } }) => told.found.push({
      captureMs, found, joints: xyPx.length, metres: xyzM?.length ?? 0, hip: found ? [xyPx[0], xyPx[1]] : null,
    }));
    window.engineWorks?.();
    const untilMs = performance.now() + 60_000;
    const isEnough = () => told.crash || told.found.filter(({ found }) => found).length >= poses;
    while (!isEnough() && performance.now() < untilMs) await new Promise((resolve) => setTimeout(resolve, 100));
  } catch ({ code, sentence, cause }) {
    Object.assign(told, { code, sentence, cause: String(cause) });
  }
  scope.dispose();
  return told;
}
"""


def refusal(name):
    return f"MediaDevices.prototype.getUserMedia = () => Promise.reject(new DOMException('', '{name}'))"


WITHOUT_SIMD = "WebAssembly.validate = () => false"
DYING = """
  const show = Worker.prototype.postMessage;
  let isDying = false;
  window.engineWorks = () => setTimeout(() => (isDying = true), 700);
  Worker.prototype.postMessage = function (message, transfer) {
    if (!isDying || message.type !== "find") return show.call(this, message, transfer);
    isDying = window.diesAlways;
    return show.call(this, { id: message.id, type: "no such question" });
  };
"""
MISSING = {
    "insecure": "delete Navigator.prototype.mediaDevices",
    "no_wasm": "delete window.WebAssembly",
    "no_camera": refusal("NotFoundError"),
    "camera_busy": refusal("NotReadableError"),
    "camera_denied": refusal("NotAllowedError"),
}


@pytest.fixture
def assets(product):
    """Name -> address, as choreography.queries.engine_assets has them."""
    names = json.loads((product.data_dir / "static" / "staticfiles.json").read_text())["paths"]
    at = {name: f"{product.url}/static/{hashed}" for name, hashed in names.items()}
    vision = {name: at[f"vendor/vision/{name}"] for name in FILES}
    return {
        "worker": at["js/live/pose-worker.js"],
        "bundle": vision["vision_bundle.mjs"],
        "wasm": {
            build: {"loader": vision[f"{build}.mjs"], "binary": vision[f"{build}.wasm"]} for build in ("simd", "plain")
        },
        "models": {model: vision[f"{model}.task"] for model in ("lite", "full")},
        "modules": [at[f"js/{module}.js"] for module in ("lib/scope", "live/camera", "live/engine")],
    }


@pytest.fixture
def live(webcam_page, assets, tmp_path):
    """Opens camera and engine on a page as the practice room does; the webcam shows a room that is empty for a second."""
    pictures = chain(empty_room(SIZE_PX, FPS), drawn_dance(SIZE_PX, 3 * FPS))
    context = webcam_page(film(tmp_path / "webcam.mjpeg", pictures)).context

    def run(*, before="", poses=1, model=None, **changed):
        page = context.new_page()
        if model is not None:
            measured = {"version": 1, "engine": assets["bundle"], "model": model, "delegate": "CPU", "msPerFrame": 50}
            before += f";localStorage.setItem('kdance.engine', '{json.dumps(measured)}')"
        page.add_init_script(before)
        page.goto("/accounts/login/")
        modules = assets["modules"]
        told = page.evaluate(OPEN, {"assets": assets | changed, "modules": modules, "poses": poses})
        page.close()
        return told

    run.context = context
    return run


def test_a_dancer_is_found_and_nobody_else_is_asked(live, product):
    asked = []
    live.context.on("request", lambda request: asked.append(request.url))
    told = live(poses=10)
    assert told["stages"][0] == "loading"
    assert "measuring" in told["stages"]
    assert told["stages"][-1] == "ready"
    seen = [pose for pose in told["found"] if pose["found"]]
    assert len(seen) >= 10
    assert {(pose["joints"], pose["metres"]) for pose in seen} == {(58, 87)}
    width, height = told["sizePx"]
    hips = [(x / width, y / height) for x, y in (pose["hip"] for pose in seen)]
    assert all(0.25 < x < 0.75 and 0.3 < y < 0.8 for x, y in hips)
    captured = [pose["captureMs"] for pose in told["found"]]
    assert captured == sorted(set(captured))
    assert any(".task" in url for url in asked)
    assert [url for url in asked if not url.startswith((product.url + "/", "data:", "blob:"))] == []


def test_what_the_engine_is_made_of_travels_well_and_talks_to_this_site_alone(live, assets):
    get = live.context.request.get
    assert "connect-src 'self'" in get(assets["worker"]).headers["content-security-policy"]
    wasm = get(assets["wasm"]["simd"]["binary"], headers={"Accept-Encoding": "gzip"}).headers
    assert (wasm["content-type"], wasm["content-encoding"]) == ("application/wasm", "gzip")
    assert "immutable" in wasm["cache-control"]


def test_what_is_missing_is_told(live):
    for code, before in MISSING.items():
        told = live(before=before)
        assert told["code"] == code
        assert told["sentence"].endswith(".")


def test_it_goes_on_without_simd_and_after_a_crash(live, webcam_page, assets):
    told = live(before=WITHOUT_SIMD, model="lite")
    assert told["simd"] is False
    assert any(pose["found"] for pose in told["found"])
    told = live(before=DYING, poses=30, model="lite")
    assert told["crash"] is None
    assert sum(pose["found"] for pose in told["found"]) >= 30
    told = live(before=DYING + "window.diesAlways = true", poses=1000, model="lite")
    assert told["crash"] == "engine_crashed"
    told = live(models={"lite": "/static/nothing.task", "full": "/static/nothing.task"})
    assert told["code"] == "model_missing"
    webcam_page.errors[:] = [error for error in webcam_page.errors if "404" not in error]
