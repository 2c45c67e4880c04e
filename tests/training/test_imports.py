"""What the training code drags in, seen in a fresh interpreter."""

import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import ml_training

REPOSITORY = Path(__file__).resolve().parents[2]
OURS = {"inference", "choreography", "accounts", "kdance_site"}
LOAD = """
import importlib, json, sys
for name in {names!r}:
    importlib.import_module(name)
print(json.dumps(sorted(sys.modules)))
"""


def test_the_training_code_loads_the_skeleton_and_nothing_else_of_ours():
    names = [found.name for found in pkgutil.walk_packages(ml_training.__path__, "ml_training.")]
    done = subprocess.run(
        [sys.executable, "-c", LOAD.format(names=names)], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert set(names) <= loaded
    ours = {name for name in loaded if name.partition(".")[0] in OURS}
    assert {name for name in ours if not name.startswith("inference.pose")} == {"inference"}
