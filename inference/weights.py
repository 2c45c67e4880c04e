"""Prepare the pose models: `python -m inference.weights`.

The landmark graphs of @mediapipe/pose also draw a segmentation mask that nobody here reads. Cutting that branch off
changes no keypoint and saves a third of the time. Needs no Django, so that set-up can run
it early.
"""

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
DEFAULT_SOURCE = REPOSITORY / "node_modules" / "@mediapipe" / "pose"
MANIFEST = "manifest.json"
RECIPE = 2


@dataclass(frozen=True)
class _Model:
    """One graph of the npm package: what its bytes must be and which outputs are wanted, by name."""

    source: str
    sha256: str
    outputs: tuple[str, ...]


_LANDMARKS, _PRESENCE, _HEAT_MAP, _WORLD = "Identity", "Identity_1", "Identity_3", "Identity_4"
_WANTED = (_LANDMARKS, _PRESENCE, _HEAT_MAP, _WORLD)

MODELS = {
    "detector": _Model(
        "pose_solution_packed_assets.data",
        "a63c614bef30d35947f13be361820b1e4e3bec9cfeebf4d11216a18373108e85",
        ("Identity", "Identity_1"),
    ),
    "lite": _Model(
        "pose_landmark_lite.tflite", "f17bfbecadb61c3be1baa8b8d851cc6619c870a87167b32848ad20db306b9d61", _WANTED
    ),
    "full": _Model(
        "pose_landmark_full.tflite", "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f", _WANTED
    ),
    "heavy": _Model(
        "pose_landmark_heavy.tflite", "59e42d71bcd44cbdbabc419f0ff76686595fd265419566bd4009ef703ea8e1fe", _WANTED
    ),
}


class WeightsError(Exception):
    """Weights are missing or are not the bytes they must be. `code` is stable, the text says how to mend it."""

    code = "weights_missing"


def default_model_dir() -> Path:
    """KDANCE_MODEL_DIR, else `models` in KDANCE_DATA_DIR, else <repository>/var/models; as the settings have it."""
    if "KDANCE_MODEL_DIR" in os.environ:
        return Path(os.environ["KDANCE_MODEL_DIR"])
    return Path(os.environ.get("KDANCE_DATA_DIR") or REPOSITORY / "var") / "models"


def prepare(source: Path, out: Path) -> bool:
    """Write every graph and the manifest to `out`. False if all was there already.

    Raises WeightsError if the npm package is missing or its files are not the pinned ones.
    """
    if _is_prepared(out):
        return False
    # Half of the time in which an engine starts would go into this import, which only set-up needs.
    from inference.tflite_cutting import keep_outputs

    out.mkdir(parents=True, exist_ok=True)
    files = {}
    for name, model in MODELS.items():
        graph = keep_outputs(_pinned_bytes(source / model.source, model.sha256), model.outputs)
        write_whole(out / f"{name}.tflite", graph)
        files[name] = {"sha256": sha256_of(graph), "source_sha256": model.sha256}
    write_whole(out / MANIFEST, json.dumps({"recipe": RECIPE, "models": files}, indent=2).encode() + b"\n")
    return True


def browser_graphs(source: Path, name: str) -> tuple[bytes, bytes]:
    """The detector and the landmark graph `name` as the browser's engine wants them. Raises WeightsError.

    That engine reads five outputs by their place, so the presence flag stands in for the mask that is cut off.
    """
    from inference.tflite_cutting import keep_outputs

    detector, landmarks = (
        _pinned_bytes(source / MODELS[each].source, MODELS[each].sha256) for each in ("detector", name)
    )
    return detector, keep_outputs(landmarks, (_LANDMARKS, _PRESENCE, _PRESENCE, _HEAT_MAP, _WORLD))


def load_weights(model_dir: Path, name: str) -> bytes:
    """The prepared graph `name` of `model_dir`, checked against its manifest. Raises WeightsError."""
    expected = _manifest(model_dir).get(name)
    if expected is None:
        raise WeightsError(f"The pose models are not prepared in {model_dir}: run `make setup`.")
    try:
        graph = (model_dir / f"{name}.tflite").read_bytes()
    except FileNotFoundError:
        raise WeightsError(f"{model_dir / name}.tflite is missing: run `make setup`.") from None
    if sha256_of(graph) != expected:
        raise WeightsError(f"{model_dir / name}.tflite is damaged: delete it and run `make setup`.")
    return graph


def _is_prepared(out: Path) -> bool:
    """True if the manifest is of this recipe and these sources, and every graph is there whole."""
    manifest = _manifest(out)
    return set(manifest) == set(MODELS) and all(
        (out / f"{name}.tflite").exists() and sha256_of((out / f"{name}.tflite").read_bytes()) == expected
        for name, expected in manifest.items()
    )


def _manifest(model_dir: Path) -> dict[str, str]:
    """Name -> SHA-256 of the graphs prepared by this recipe from the pinned sources; {} if there are none."""
    try:
        manifest = json.loads((model_dir / MANIFEST).read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    if manifest.get("recipe") != RECIPE:
        return {}
    models = manifest["models"]
    return {
        name: models[name]["sha256"]
        for name, model in MODELS.items()
        if name in models and models[name]["source_sha256"] == model.sha256
    }


def _pinned_bytes(path: Path, sha256: str) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise WeightsError(f"{path} is missing: run `npm ci` (or `make setup`) first.") from None
    if sha256_of(content) != sha256:
        raise WeightsError(f"{path} is not the file of @mediapipe/pose that KDance knows: run `npm ci` again.")
    return content


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all, whoever else writes it."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m inference.weights", description="Prepare the pose models.")
    parser.add_argument("--source", type=Path, default=DEFAULT_SOURCE, help="the npm package @mediapipe/pose")
    parser.add_argument("--out", type=Path, default=default_model_dir(), help="where the models go")
    options = parser.parse_args(arguments)
    try:
        written = prepare(options.source, options.out)
    except WeightsError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Pose models {'written to' if written else 'are ready in'} {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
