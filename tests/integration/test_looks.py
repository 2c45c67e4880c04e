"""Looking at real pictures: no cut where there is none, every cut where clips are joined, and what light and cameras do."""

import cv2
import numpy as np
import pytest

from inference.estimators.looks import Looker
from inference.media.frames import read_frames
from tests.media import make_clip
from tests.scenes import write_clip

CLIPS = (
    "avatar",
    "half_body",
    "jesse_dance",
    "long_dance",
    "portrait_60fps_balance",
    "same_dance_0",
    "same_dance_1",
    "squats",
    "two_people_cam01",
)
SIDE_PX = 320
SHOT = 12


def looks_of(path):
    looker = Looker()
    for frame in read_frames(path):
        looker.look(frame)
    return looker.looks()


@pytest.fixture(scope="module")
def shots(shared_data):
    """The first pictures of every clip, all of one size."""
    found = {}
    for name in CLIPS:
        frames = read_frames(shared_data / "video" / f"{name}.mp4", end_s=2.5)
        found[name] = [
            cv2.resize(frame.rgb(), (SIDE_PX, SIDE_PX)) for _, frame in zip(range(SHOT), frames, strict=False)
        ]
    return found


@pytest.mark.parametrize("name", CLIPS)
def test_a_clip_in_one_piece_has_no_cut(shared_data, name):
    looks = looks_of(shared_data / "video" / f"{name}.mp4")
    assert not looks.begins_shot.any()
    assert np.median(np.hypot(*looks.camera_shift.T)) < 0.01
    assert looks.sharpness.min() > 0.03
    assert (np.diff(looks.t_s[looks.sampled]) >= 0.249).all()


@pytest.mark.parametrize("light", [1.0, 0.15], ids=["bright", "dark"])
def test_every_cut_between_two_clips_is_found(shots, tmp_path, light):
    """Each clip before and after each other one: 72 cuts."""
    order = [name for first in range(9) for second in range(first) for name in (CLIPS[first], CLIPS[second])]
    pictures = [(light * picture).astype(np.uint8) for name in order for picture in shots[name]]
    looks = looks_of(write_clip(tmp_path / "joined.mp4", pictures, fps=30))
    joints = [place * SHOT for place in range(1, len(order)) if order[place] != order[place - 1]]
    assert np.flatnonzero(looks.begins_shot).tolist() == joints


def test_a_photographers_flash_is_taken_back(shots, tmp_path):
    pictures = list(shots["jesse_dance"])
    pictures[5] = np.clip(2.0 * pictures[5] + 90, 0, 255).astype(np.uint8)
    pictures[8] = 255 - pictures[8]
    looks = looks_of(write_clip(tmp_path / "flash.mp4", pictures, fps=30))
    assert not looks.begins_shot.any()


def test_a_pan_is_seen_and_a_large_dancer_is_not_taken_for_one(shared_data, tmp_path):
    whole = [frame.rgb() for frame in read_frames(shared_data / "video" / "jesse_dance.mp4", end_s=2.0)]
    still = [picture[:, 320:960] for picture in whole]
    panned = [picture[:, 4 * index : 4 * index + 640] for index, picture in enumerate(whole)]
    speeds = {}
    for name, pictures in (("still", still), ("panned", panned)):
        looks = looks_of(write_clip(tmp_path / f"{name}.mp4", pictures, fps=24))
        elapsed_s = np.diff(looks.t_s[looks.sampled])
        speeds[name] = float(np.median(looks.camera_shift[1:, 0] / elapsed_s))
    assert speeds["still"] == pytest.approx(0, abs=0.02)
    assert abs(speeds["panned"]) == pytest.approx(4 * 24 / 720, rel=0.2)


def test_light_and_focus_are_measured(shots, tmp_path):
    sharp = shots["squats"]
    dark = [(picture * 0.2).astype(np.uint8) for picture in sharp]
    soft = [cv2.GaussianBlur(picture, (0, 0), 0.01 * SIDE_PX) for picture in sharp]
    of_sharp, of_dark, of_soft = (
        looks_of(write_clip(tmp_path / f"{name}.mp4", pictures))
        for name, pictures in (("sharp", sharp), ("dark", dark), ("soft", soft))
    )
    assert of_dark.brightness.max() < 50 < of_sharp.brightness.min()
    assert of_soft.sharpness.max() < 0.012 < of_dark.sharpness.min() < of_sharp.sharpness.max()


def test_a_hole_in_time_begins_a_shot(tmp_path):
    times_s = [index / 30 + (1.2 if index >= 20 else 0) for index in range(45)]
    looks = looks_of(make_clip(tmp_path / "hole.mp4", times_s))
    assert np.flatnonzero(looks.begins_shot).tolist() == [20]


def test_a_turned_clip_looks_the_same(tmp_path):
    upright, turned = (looks_of(make_clip(tmp_path / f"{angle}.mp4", rotation_ccw_deg=angle)) for angle in (0, 90))
    np.testing.assert_allclose(upright.change, turned.change)
    np.testing.assert_array_equal(upright.begins_shot, turned.begins_shot)
