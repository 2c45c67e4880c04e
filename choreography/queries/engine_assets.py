"""Where the browser's pose engine lies, under the names that the static files' storage gives them."""

from django.templatetags.static import static

from choreography.payloads import EngineAssetsPayload

_VISION = "vendor/vision"


def engine_assets() -> EngineAssetsPayload:
    return {
        "worker": static("js/live/pose-worker.js"),
        "bundle": static(f"{_VISION}/vision_bundle.mjs"),
        "wasm": {"simd": _wasm("simd"), "plain": _wasm("plain")},
        "models": {model: static(f"{_VISION}/{model}.task") for model in ("lite", "full")},
    }


def _wasm(build: str) -> dict[str, str]:
    return {"loader": static(f"{_VISION}/{build}.mjs"), "binary": static(f"{_VISION}/{build}.wasm")}
