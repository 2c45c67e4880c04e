"""The picture that shows what a network is trained on."""

import cv2
import numpy as np
import pytest

from inference.pose.skeleton import SKELETON
from ml_training.config import load_config
from ml_training.data.__main__ import parse
from ml_training.data.cache import write_records
from ml_training.data.preview import COLOURS, drawn, grid
from ml_training.data.split import split_of
from ml_training.errors import TrainingError
from tests.training.figures import standing_xy
from tests.training.pictures import write_pictures


def target():
    return np.column_stack([standing_xy(96, 96), np.ones(29)]).astype(np.float32)


def test_a_joint_is_drawn_where_its_target_lies_in_its_parts_colour_left_lighter():
    canvas = drawn(np.zeros((96, 96, 3), np.uint8), target())
    for name, part in (("right_wrist", "arm"), ("left_knee", "leg"), ("nose", "head"), ("navel", "torso")):
        x, y = np.rint(2 * target()[SKELETON.index(name), :2]).astype(int)
        full = np.array(COLOURS[part])
        assert canvas[y, x].tolist() == ((full + 255) // 2 if name.startswith("left") else full).tolist()


def test_what_has_no_weight_is_not_drawn():
    unlabelled = target()
    unlabelled[:, 2] = 0
    assert not drawn(np.zeros((96, 96, 3), np.uint8), unlabelled).any()


def test_an_incomplete_line_is_filled_with_white():
    images, targets = np.zeros((3, 96, 96, 3), np.uint8), np.tile(target(), (3, 1, 1))
    picture = grid((images, targets), columns=2)
    assert picture.shape == (2 * 196, 2 * 196, 3)
    assert (picture[196:, 196:] == 255).all()


@pytest.mark.parametrize("words", [["--plain"], ["--kind", "letterbox", "--size", "160x90", "--columns", "3"]])
def test_the_command_writes_a_picture(tmp_path, words):
    samples = write_pictures(tmp_path, 30)
    assert (split_of(samples) == "train").sum() > 5
    for kind in ("person", "letterbox"):
        write_records(samples, tmp_path / "data", kind)
    arguments = parse(["preview", str(tmp_path / "data"), "--out", str(tmp_path / "seen.png"), "--count", "4", *words])
    arguments.run(arguments)
    height, width = (2 * 90 + 4, 2 * 160 + 4) if "160x90" in words else (2 * 192 + 4, 2 * 192 + 4)
    lines, columns = (2, 3) if "3" in words else (1, 5)
    assert cv2.imread(str(tmp_path / "seen.png")).shape == (lines * height, columns * width, 3)


def test_a_config_says_what_its_network_is_shown(tmp_path):
    """As `simcc_small` says it: squares of another size than the default."""
    write_records(write_pictures(tmp_path, 30), tmp_path / "data", "person")
    words = ["preview", str(tmp_path / "data"), "--out", str(tmp_path / "seen.png"), "--count", "4"]
    arguments = parse([*words, "--config", "simcc_small"])
    arguments.run(arguments)
    side = 2 * load_config("simcc_small").options["input_px"] + 4
    assert cv2.imread(str(tmp_path / "seen.png")).shape == (side, 5 * side, 3)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--size", "big"], "unknown_size"),
        (["--out", "seen.txt"], "unknown_picture_kind"),
        (["--config", "simcc_small", "--kind", "person"], "config_and_size"),
    ],
)
def test_what_it_cannot_do(tmp_path, words, code):
    write_records(write_pictures(tmp_path, 30), tmp_path / "data", "person")
    arguments = parse(["preview", str(tmp_path / "data"), "--out", str(tmp_path / "seen.png"), *words])
    with pytest.raises(TrainingError) as raised:
        arguments.run(arguments)
    assert raised.value.code == code
