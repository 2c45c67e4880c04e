"""What cannot be judged is refused, everything else passes: with the real engine, on real clips and drawn scenes.

The shared clips are not part of the repository; without them the parts of this test that need them are skipped.
"""

from pathlib import Path

import cv2
import numpy as np
import pytest
from django.conf import settings

from inference.estimators.registry import get_estimator
from inference.media.frames import read_frames
from inference.pose.quality import assess
from tests.scenes import DRAWN_SCENES, EMPTY_PARTS, empty_part, write_clip

WITH_A_WHOLE_BODY = (
    "avatar",
    "jesse_dance",
    "long_dance",
    "portrait_60fps_balance",
    "same_dance_0",
    "same_dance_1",
    "squats",
    "two_people_cam01",
)


@pytest.fixture(scope="module")
def report():
    engine = get_estimator("blazepose-full", model_dir=Path(settings.MODEL_DIR))

    def of(path):
        estimate = engine.estimate(path)
        return assess(estimate.track if estimate.people else None, estimate)

    return of


@pytest.fixture(scope="module")
def squats(shared_data):
    """Somebody whole in an empty room: the first 4.8 s at 5 pictures a second."""
    return [frame.rgb() for frame in read_frames(shared_data / "video" / "squats.mp4", end_s=4.8)]


@pytest.mark.parametrize("scene", DRAWN_SCENES)
def test_a_drawn_scene_has_nobody_in_it(report, tmp_path, scene):
    assert report(write_clip(tmp_path / "scene.mp4", DRAWN_SCENES[scene]())).refusal == "no_dancer"


@pytest.mark.parametrize("scene", EMPTY_PARTS)
def test_an_empty_part_of_a_real_clip_has_nobody_in_it(report, shared_data, tmp_path, scene):
    clip = write_clip(tmp_path / "scene.mp4", empty_part(shared_data / "video", scene))
    assert report(clip).refusal == "no_dancer"


@pytest.mark.parametrize("name", WITH_A_WHOLE_BODY)
def test_a_clip_with_a_whole_body_passes(report, shared_data, name):
    found = report(shared_data / "video" / f"{name}.mp4")
    assert found.refusal is None
    assert found.found_share >= 0.95


def test_the_upper_half_alone_is_refused_with_the_reason(report, shared_data):
    found = report(shared_data / "video" / "half_body.mp4")
    assert found.refusal == "only_upper_body"
    assert found.findings[0].code == "legs_cut_off"


def test_a_dancer_filmed_from_the_waist_up_is_refused(report, squats, tmp_path):
    waist_up = [picture[100:660, 120:620] for picture in squats]
    assert report(write_clip(tmp_path / "waist.mp4", waist_up, fps=5)).refusal == "only_upper_body"


def test_pictures_one_after_the_other_are_a_slide_show(report, squats, tmp_path):
    slides = [picture for picture in squats[::6] for _ in range(30)]
    assert report(write_clip(tmp_path / "slides.mp4", slides)).refusal == "slide_show"


def test_a_dancer_in_a_dark_room_passes_with_a_word_about_light(report, squats, tmp_path):
    rng = np.random.default_rng(0)
    dark = [(picture * 0.12 + rng.normal(0, 2, picture.shape)).clip(0, 255).astype(np.uint8) for picture in squats]
    found = report(write_clip(tmp_path / "dark.mp4", dark, fps=5))
    assert found.refusal is None
    assert "dark" in [finding.code for finding in found.findings]


def test_a_dancer_who_is_away_for_a_moment_passes(report, squats, tmp_path):
    empty = squats[0].copy()
    empty[:] = cv2.resize(empty[:, :60], empty.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    away = [picture for picture in squats for _ in range(3)]
    away[30:45] = [empty] * 15
    found = report(write_clip(tmp_path / "away.mp4", away))
    assert found.refusal is None
    absences = [finding for finding in found.findings if finding.code == "absent"]
    assert absences[0].stretches_s[0] == pytest.approx((2.0, 3.0), abs=0.5)


def test_legs_behind_furniture_are_hidden_and_no_reason_to_refuse(report, squats, tmp_path):
    hidden = []
    for picture in squats:
        behind = picture.copy()
        behind[760:1240, 60:660] = (120, 90, 60)
        hidden.append(behind)
    assert report(write_clip(tmp_path / "table.mp4", hidden, fps=5)).refusal is None
