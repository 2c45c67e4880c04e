"""MediaPipe's pose engine for browsers, from node_modules/ to static/vendor/vision/."""

import shutil
from pathlib import Path

from inference.task_bundle import task_bundle
from inference.weights import DEFAULT_SOURCE, browser_graphs

REPOSITORY = Path(__file__).resolve().parent.parent
VISION = REPOSITORY / "node_modules" / "@mediapipe" / "tasks-vision"
TARGET = REPOSITORY / "static" / "vendor" / "vision"

BROWSER_MODELS = ("lite", "full")
_CHANGED = "/* Changed for KDance: it reports nothing to anybody. */\n"
# Once a minute tasks-vision tells Google how it was used. Where its clock would start, it is told that reporting failed,
# after which it gathers nothing. Nobody's browser may tell a third party that somebody dances here.
_REPORTING, _SILENCE = "this.h=setInterval(()=>{this.flush()},6e4)", "this.error=!0"
# As the end of the build with SIMD, which is a module already.
_AS_MODULE = "\nglobalThis.custom_dbg = console.warn.bind(console);\nexport default ModuleFactory;\n"


class VendorError(Exception):
    """A package is not the one that this script knows."""


def build_vision(source: Path = VISION, weights: Path = DEFAULT_SOURCE, target: Path = TARGET) -> None:
    """MediaPipe's engine for browsers: its bundle, WebAssembly with and without SIMD, and the models as it takes them.

    Everything is a module, for it runs in a module worker. The names end in .mjs, so that the storage of static files
    rewrites nothing in them.
    """
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    bundle = (source / "vision_bundle.mjs").read_text()
    (target / "vision_bundle.mjs").write_text(_CHANGED + _without_map(_silenced(bundle)))
    wasm = source / "wasm"
    shutil.copy(wasm / "vision_wasm_module_internal.js", target / "simd.mjs")
    shutil.copy(wasm / "vision_wasm_module_internal.wasm", target / "simd.wasm")
    plain = (wasm / "vision_wasm_nosimd_internal.js").read_text()
    (target / "plain.mjs").write_text(plain + _AS_MODULE)
    shutil.copy(wasm / "vision_wasm_nosimd_internal.wasm", target / "plain.wasm")
    for model in BROWSER_MODELS:
        (target / f"{model}.task").write_bytes(task_bundle(*browser_graphs(weights, model)))
    # The package names its licence, which is also ours, and does not carry its text.
    shutil.copy(REPOSITORY / "LICENSE", target / "LICENSE.txt")


def _silenced(bundle: str) -> str:
    if bundle.count(_REPORTING) != 1:
        raise VendorError(
            "@mediapipe/tasks-vision reports its use in another way than known: see kdance_site/vision_bundle.py."
        )
    return bundle.replace(_REPORTING, _SILENCE)


def _without_map(script: str) -> str:
    """Without the line that names a source map, which is not copied."""
    return "".join(line for line in script.splitlines(keepends=True) if not line.startswith("//# sourceMappingURL"))
