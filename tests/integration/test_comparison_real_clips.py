"""The score on real clips, through the pose engine: two bodies with one dance against clips of anything else."""

from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from choreography.comparison.compare import compare
from choreography.comparison.normalise import mirrored
from choreography.comparison.result import ComparisonResult
from inference.estimators.registry import get_estimator
from inference.pose.track import PoseTrack

CLIPS = Path(settings.BASE_DIR).parent / "shared" / "data" / "video"
OTHERS = ("squats", "half_body", "portrait_60fps_balance")

pytestmark = pytest.mark.skipif(not CLIPS.is_dir(), reason="the shared clips are not beside this checkout")


@cache
def track(name: str) -> PoseTrack:
    engine = get_estimator("blazepose-full", model_dir=settings.MODEL_DIR)
    return engine.estimate(CLIPS / f"{name}.mp4").track


def compared(attempt: str) -> ComparisonResult:
    return compare(track("same_dance_0"), track(attempt))


def test_two_bodies_with_one_dance_score_far_above_anything_else() -> None:
    same = compared("same_dance_1")
    assert same.verdict == "judged"
    assert (same.score or 0.0) > 65.0
    assert same.offset_s == pytest.approx(0.0, abs=0.04)
    assert "other_dance" not in same.notices


@pytest.mark.parametrize("name", OTHERS)
def test_another_clip_scores_next_to_nothing(name: str) -> None:
    other = compared(name)
    assert (other.score or 0.0) < 25.0


def test_the_mirror_image_scores_the_same() -> None:
    same, flipped = compared("same_dance_1"), compare(track("same_dance_0"), mirrored(track("same_dance_1")))
    assert (flipped.mirrored, same.mirrored) == (True, False)
    assert flipped.score == pytest.approx(same.score, abs=0.5)
