"""Every number that the comparison depends on, in one frozen and versioned place."""

from dataclasses import dataclass
from typing import Literal

Grade = Literal["perfect", "great", "good", "ok", "keep_going"]


@dataclass(frozen=True)
class ScoringConfig:
    """Thresholds of one version of the scoring.

    A stored score keeps `version`: scores of different versions are not comparable, so any change of a number below
    that moves scores needs a new version. Lengths are in torso lengths (mid-hip to mid-shoulder), times in seconds.
    """

    version: str = "1"

    # Sampling
    rate_hz: float = 30.0
    max_gap_s: float = 0.25
    """Frames further apart than this are not bridged: the time between them counts as not seen."""
    min_joint_conf: float = 0.5
    picture_margin: float = 0.05
    """A joint further outside the picture than this share of its size is out of view, whatever its confidence."""
    min_telling_shot_s: float = 1.0
    """A shot of a cut clip that lasts this long tells how large the dancer is in it."""
    full_length_share: float = 0.5
    """A bone seen at less than this share of its full length points at the camera; its direction counts for less."""

    # What can be judged at all
    min_found_s: float = 1.0
    min_overlap_s: float = 1.5
    min_coverage: float = 0.45
    """From the hips up is 0.58 of the body and enough; the legs alone are 0.45 and are not."""
    min_limb_coverage: float = 0.3
    min_guide_movement: float = 0.04
    min_movement_share: float = 0.15
    """A dancer who moves less than this share of the guide's movement stood still."""

    # Alignment
    min_overlap_share: float = 0.5
    """Of the shorter of the two; but never more than `enough_overlap_s` is asked for."""
    enough_overlap_s: float = 10.0
    mirror_margin: float = 0.03
    """The mirror image must match better by this much, so that symmetrical dances count as danced as shown."""
    peak_width_s: float = 0.4
    """Offsets nearer than this belong to the same peak."""
    hint_window_s: float = 1.0
    min_lag_match: float = 0.3
    """Below this match the best offset near a hint says nothing about lateness."""

    # Score
    chance_shifts: int = 24
    min_chance_shift_s: float = 0.5
    still_limb_movement: float = 0.08
    """At this movement a limb is judged half by its movement, half by its posture; stiller limbs more by posture."""
    posture_zero_deg: float = 60.0
    chance_match_1s: float = 0.6
    chance_closeness_1s: float = 0.3
    """What the best offset of an unrelated dance reaches in one judged second; both fall with the root of the time."""
    most_chance: float = 0.8
    quality_knots: tuple[float, ...] = (0.0, 0.20, 0.36, 0.65, 1.0)
    score_knots: tuple[float, ...] = (0.0, 15.0, 60.0, 82.0, 100.0)

    # Words
    grades: tuple[tuple[float, Grade], ...] = (
        (90.0, "perfect"),
        (75.0, "great"),
        (60.0, "good"),
        (40.0, "ok"),
        (0.0, "keep_going"),
    )
    low_confidence: float = 0.15
    other_dance_score: float = 30.0
    partial_take_share: float = 0.8
    full_view_coverage: float = 0.8
    replay_residual: float = 0.01
    """Two bodies never draw the same vectors this closely (share of the vectors' length): it is the guide itself."""

    # Timeline
    timeline_step_s: float = 0.1


DEFAULT_CONFIG = ScoringConfig()
