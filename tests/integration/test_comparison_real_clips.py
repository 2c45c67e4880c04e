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
from tests.dancing import EVEN_ANOTHER_DANCE

CLIPS = Path(settings.BASE_DIR).parent / "shared" / "data" / "video"
OTHERS = ("squats", "half_body", "portrait_60fps_balance")

pytestmark = pytest.mark.skipif(not CLIPS.is_dir(), reason="the shared clips are not beside this checkout")


@cache
def track(name: str) -> PoseTrack:
    engine = get_estimator("blazepose-full", model_dir=settings.MODEL_DIR)
    return engine.estimate(CLIPS / f"{name}.mp4").track


@cache
def same_dance() -> ComparisonResult:
    return compare(track("same_dance_0"), track("same_dance_1"))


def test_another_body_with_the_same_dance_is_judged_and_scores_well() -> None:
    same = same_dance()
    assert same.verdict == "judged"
    assert (same.score or 0.0) >= 80.0
    assert same.offset_s == pytest.approx(0.0, abs=0.04)
    assert "start_unsure" not in same.notices


@pytest.mark.parametrize("name", OTHERS)
def test_another_clip_gets_no_score_and_would_score_far_less(name: str) -> None:
    assert compare(track("same_dance_0"), track(name)).verdict == "other_dance"
    forced = compare(track("same_dance_0"), track(name), EVEN_ANOTHER_DANCE)
    assert forced.score is not None
    assert forced.score <= (same_dance().score or 0.0) - 25.0


def test_the_mirror_image_scores_the_same() -> None:
    flipped = compare(track("same_dance_0"), mirrored(track("same_dance_1")))
    assert (flipped.mirrored, same_dance().mirrored) == (True, False)
    assert flipped.score == pytest.approx(same_dance().score, abs=0.5)


def test_a_clip_compared_with_itself_is_the_guides_own() -> None:
    assert compare(track("same_dance_0"), track("same_dance_0")).verdict == "guide_replayed"
    assert compare(track("same_dance_0"), mirrored(track("same_dance_0"))).verdict == "guide_replayed"
