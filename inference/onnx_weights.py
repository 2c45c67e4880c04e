"""Convert the prepared pose models for ONNX Runtime: `python -m inference.onnx_weights`.

Beside each `.tflite` of `inference.weights` it writes the same graph as `.onnx`, with a manifest that ties the two
together. Needs the package `onnx` (requirements/gpu.txt) and no Django; reading the models needs neither.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from inference.weights import MODELS, WeightsError, default_model_dir, load_weights, sha256_of, write_whole

MANIFEST = "onnx-manifest.json"
RECIPE = 1

_HOW = "run `python -m inference.onnx_weights`"


def prepare(model_dir: Path) -> bool:
    """Write every graph as ONNX, and the manifest, to `model_dir`. False if all was there already.

    Raises `inference.weights.WeightsError` where the graphs themselves are not prepared.
    """
    sources = {name: load_weights(model_dir, name) for name in MODELS}
    if all(_is_prepared(model_dir, name, source) for name, source in sources.items()):
        return False
    from inference.onnx_conversion import to_onnx

    files = {}
    for name, source in sources.items():
        model = to_onnx(source)
        write_whole(model_dir / f"{name}.onnx", model)
        files[name] = {"sha256": sha256_of(model), "source_sha256": sha256_of(source)}
    write_whole(model_dir / MANIFEST, json.dumps({"recipe": RECIPE, "models": files}, indent=2).encode() + b"\n")
    return True


def load_onnx(model_dir: Path, name: str) -> bytes:
    """The graph `name` as ONNX, checked against the manifest and against the `.tflite` beside it. Raises WeightsError."""
    source = load_weights(model_dir, name)
    expected = _manifest(model_dir).get(name)
    path = model_dir / f"{name}.onnx"
    if expected is None or not path.exists():
        raise WeightsError(f"{path} is missing: {_HOW}.")
    if expected["source_sha256"] != sha256_of(source):
        raise WeightsError(f"{path} was made from another {name}.tflite: {_HOW}.")
    model = path.read_bytes()
    if sha256_of(model) != expected["sha256"]:
        raise WeightsError(f"{path} is damaged: {_HOW}.")
    return model


def _is_prepared(model_dir: Path, name: str, source: bytes) -> bool:
    expected, path = _manifest(model_dir).get(name), model_dir / f"{name}.onnx"
    return (
        expected is not None
        and expected["source_sha256"] == sha256_of(source)
        and path.exists()
        and sha256_of(path.read_bytes()) == expected["sha256"]
    )


def _manifest(model_dir: Path) -> dict[str, dict[str, str]]:
    """Name -> the SHA-256 of the ONNX file and of what it was made from; {} if there are none of this recipe."""
    try:
        manifest = json.loads((model_dir / MANIFEST).read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    if manifest.get("recipe") != RECIPE:
        return {}
    models: dict[str, dict[str, str]] = manifest["models"]
    return models


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m inference.onnx_weights", description="Convert the pose models for ONNX Runtime."
    )
    parser.add_argument("--models", type=Path, default=default_model_dir(), help="where the models are")
    options = parser.parse_args(arguments)
    try:
        written = prepare(options.models)
    except WeightsError as error:
        print(error, file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        if error.name != "onnx":
            raise
        print("The package onnx is missing: install requirements/gpu.txt.", file=sys.stderr)
        return 1
    print(f"ONNX models {'written to' if written else 'are ready in'} {options.models}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
