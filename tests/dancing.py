"""One made-up dance, what people make of it, and how it is compared: for the tests of the scoring as a whole."""

from dataclasses import replace

import numpy as np

from choreography.comparison.compare import compare
from choreography.comparison.config import DEFAULT_CONFIG as CONFIG
from choreography.comparison.counts import CountGrid, DanceMap, SectionSpan
from choreography.comparison.result import ComparisonResult
from choreography.comparison.start import SoundCandidate, SoundEvidence
from inference.pose.skeleton import SKELETON
from inference.pose.track import JOINT_COUNT, PoseTrack
from tests.motion import SHORT_AND_BROAD, Dance, performed

DANCE = Dance(seed=1, duration_s=16.0)
OTHER = Dance(seed=2, duration_s=16.0)
GUIDE = performed(DANCE)
COUNTED = DanceMap(CountGrid(120.0, 0.0), (SectionSpan("verse", 0.0, 8.0), SectionSpan("chorus", 8.0, 16.0)))
"""Eights of four seconds, two in each section."""

LEFT_ARM = ("left_upper_arm", "left_forearm")
LEGS = tuple(joint for joint in SKELETON.joints if any(part in joint for part in ("knee", "ankle", "toe")))
ABOVE_THE_HIPS = tuple(joint for joint in SKELETON.joints if "hip" not in joint and joint not in LEGS)

EVEN_THE_GUIDE_ITSELF = replace(CONFIG, replay_error_deg=0.0)
EVEN_ANOTHER_DANCE = replace(CONFIG, other_dance_score=0.0, min_sure_s=0.0)


def take(**how: object) -> PoseTrack:
    """The dance by another body, as a fairly steady engine sees it."""
    return performed(DANCE, SHORT_AND_BROAD, **{"noise_px": 3.0} | how)  # type: ignore[arg-type]


def judged(attempt: PoseTrack, guide: PoseTrack = GUIDE, **how: object) -> ComparisonResult:
    result = compare(guide, attempt, **how)  # type: ignore[arg-type]
    assert result.verdict == "judged"
    assert result.score is not None
    return result


def score(attempt: PoseTrack, guide: PoseTrack = GUIDE, **how: object) -> float:
    points = judged(attempt, guide, **how).score
    assert points is not None
    return points


def limb_scores(result: ComparisonResult) -> dict[str, float | None]:
    return {limb.limb: limb.score for limb in result.limbs}


def heard(*candidates: tuple[float, float]) -> SoundEvidence:
    """The guide's song, heard at these offsets with these confidences."""
    return SoundEvidence("same", tuple(SoundCandidate(*candidate) for candidate in candidates))


def nobody() -> PoseTrack:
    empty = (0, JOINT_COUNT)
    return PoseTrack(np.empty(0), np.empty((*empty, 2), np.float32), np.empty(empty, np.float32), (640, 480), "made-up")


def spliced(*tracks: PoseTrack) -> PoseTrack:
    """One clip after another in one file, at the first one's frame rate."""
    xy_px = np.concatenate([track.xy_px for track in tracks])
    conf = np.concatenate([track.conf for track in tracks])
    step_s = float(np.median(np.diff(tracks[0].t_s)))
    return PoseTrack(np.arange(len(xy_px)) * step_s, xy_px, conf, tracks[0].size_px, tracks[0].model)
