"""The same code on JAX, on a machine that has neither TensorFlow nor a video decoder: from pictures to judged predictions.

That is how a network is trained on a GPU (docs/training.md). What is trained there must say the same here.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from ml_training.data.cache import open_records
from ml_training.data.pseudo import REPOSITORY
from ml_training.data.samples import Samples
from ml_training.data.tables import write_samples
from ml_training.predict import predict
from ml_training.runs import load_run
from tests.training.figures import dot_picture, leaning_xy

SIZE = (160, 120)
SETTINGS = {
    "steps": 12,
    "batch": 4,
    "warmup_steps": 2,
    "validate_every": 6,
    "checkpoint_every": 6,
    "precision": "float32",
    "options.input_px": 64,
    "options.width": 8,
    "options.depth": 1,
    "options.channels": 16,
}

QUICK_TO_COMPILE = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"

_WITHOUT_TENSORFLOW = """
import importlib, json, runpy, sys
from pathlib import Path

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"tensorflow", "av", "faster_coco_eval", "tf2onnx", "onnx", "django"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
folder, settings = sys.argv[1], json.loads(sys.argv[2])
importlib.import_module("ml_training.data.render")

def run(module, *words):
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__")

run("ml_training.data", "cache", f"{folder}/samples", "--out", f"{folder}/data", "--kinds", "person", "--jobs", "1")
words = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
run("ml_training.train", "simcc", f"{folder}/data", "--out", f"{folder}/run", *words)

import keras, numpy as np
from ml_training.data.cache import open_records
from ml_training.metrics import judge
from ml_training.predict import predict
from ml_training.runs import load_run

records, network = open_records(f"{folder}/data", "person"), load_run(Path(folder, "run")).network
rows = records.rows("test")
found = predict(network, records, rows)
judged = judge(found, records.samples.take(rows), with_ap=False).overall
np.save(f"{folder}/found.npy", found)
print(json.dumps({"backend": keras.backend.backend(), "distance_px": judged.distance_px, "rows": len(rows)}))
"""


@pytest.fixture(scope="module")
def trained_elsewhere(tmp_path_factory):
    """A folder with samples, records and a run of JAX, and the last line that was printed there."""
    folder = tmp_path_factory.mktemp("elsewhere")
    write_samples(pictures(folder / "pictures", 16), folder / "samples")
    environment = {**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "XLA_FLAGS": QUICK_TO_COMPILE}
    environment["PYTHONPATH"] = str(REPOSITORY)
    words = [sys.executable, "-c", _WITHOUT_TENSORFLOW, str(folder), json.dumps(SETTINGS)]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder, json.loads(done.stdout.splitlines()[-1])


def test_it_trains_and_judges_without_tensorflow(trained_elsewhere):
    folder, told = trained_elsewhere
    assert told["backend"] == "jax"
    assert told["rows"] == len(open_records(folder / "data", "person").rows("test")) > 0
    assert np.isfinite(told["distance_px"])
    steps = [json.loads(line)["step"] for line in (folder / "run/history.jsonl").read_text().splitlines()]
    assert steps == [6, 12]


def test_its_weights_say_the_same_in_tensorflow(trained_elsewhere):
    folder, _ = trained_elsewhere
    records = open_records(folder / "data", "person")
    found = predict(load_run(folder / "run").network, records, records.rows("test"))
    np.testing.assert_allclose(found, np.load(folder / "found.npy"), atol=0.02)


def pictures(folder: Path, count: int) -> Samples:
    folder.mkdir()
    xy = np.array([leaning_xy(*SIZE, 5 * number - 40) for number in range(count)], np.float32)
    for number in range(count):
        dots = [dot_picture(joint, *SIZE, 2.0).astype(int) for joint in xy[number]]
        cv2.imwrite(str(folder / f"{number:02d}.png"), np.minimum(sum(dots), 255).astype(np.uint8))
    names = np.array([f"{number:02d}" for number in range(count)])
    return Samples(
        image=np.char.add(names, ".png"),
        xy_px=xy,
        visibility=np.full(xy.shape[:2], 2, np.uint8),
        conf=np.ones(xy.shape[:2], np.float32),
        size_px=np.tile(np.array(SIZE, np.int32), (count, 1)),
        part=np.full(count, "Training"),
        song=names,
        dancer=names,
        clip=names,
        view=np.full(count, "F"),
        frame=np.arange(count, dtype=np.int32),
        root=str(folder),
    )
