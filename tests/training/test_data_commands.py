"""`python -m ml_training.data`: a command loads what it needs and nothing else."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ml_training.data.__main__ import COMMANDS, parse

REPO = Path(__file__).resolve().parents[2]
HEAVY = ("keras", "tensorflow", "jax", "torch", "av", "faster_coco_eval", "onnxruntime")


def test_no_command_of_data_loads_a_network_or_a_codec_to_say_what_it_takes():
    asked = f"""
import contextlib, io, json, sys
from ml_training.data.__main__ import parse
for name in {list(COMMANDS)}:
    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
        parse([name, "--help"])
print(json.dumps([name for name in {HEAVY} if name in sys.modules]))
"""
    told = subprocess.run([sys.executable, "-c", asked], cwd=REPO, capture_output=True, text=True, check=True)
    assert json.loads(told.stdout) == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_takes(name, capsys):
    with pytest.raises(SystemExit) as left:
        parse([name, "--help"])
    assert left.value.code == 0
    assert f"ml_training.data {name}" in capsys.readouterr().out


def test_a_command_that_is_not_there_is_refused_with_those_that_are(capsys):
    with pytest.raises(SystemExit):
        parse(["convrt"])
    assert "convert" in capsys.readouterr().err
