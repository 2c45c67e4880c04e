"""Every number that the comparison depends on, in one frozen and versioned place."""

from dataclasses import dataclass, field

from choreography.comparison.reasons_config import ReasonsConfig
from choreography.comparison.result import Grade
from choreography.comparison.windows import ExtentConfig, TimingConfig


@dataclass(frozen=True)
class ScoringConfig:
    """Thresholds of one version of the scoring.

    A stored score keeps `version`: scores of different versions are not comparable, so any change of a number below
    that moves scores needs a new version. Lengths are in torso lengths (mid-hip to mid-shoulder), times in seconds.
    """

    version: str = "2"

    # Sampling
    rate_hz: float = 30.0
    max_gap_s: float = 0.25
    """Frames further apart than this are not bridged: the time between them counts as not seen."""
    min_joint_conf: float = 0.5
    picture_margin: float = 0.05
    """A joint further outside the picture than this share of its size is out of view, whatever its confidence."""
    min_telling_shot_s: float = 1.0
    """A shot of a cut clip that lasts this long tells how large the dancer is in it."""
    least_length_share: float = 0.6
    """Without depth, a segment seen no longer than this share of what the build suggests is taken to be so long."""
    full_length_share: float = 0.5
    """A bone seen at less than this share of its full length points at the camera; its direction counts for less."""

    # What can be judged at all
    min_found_s: float = 1.0
    min_overlap_s: float = 1.5
    min_coverage: float = 0.4
    """From the hips up is 0.57 of the body. Whatever the share, an arm must be among what is seen."""
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
    most_starts: int = 5
    least_start_share: float = 0.6
    """A start with less than this share of the best one's rank is not worth offering."""
    hint_window_s: float = 1.0
    chance_match_1s: float = 0.6
    chance_closeness_1s: float = 0.3
    """What the best offset of an unrelated dance reaches in one judged second; both fall with the root of the time."""
    most_chance: float = 0.8

    min_loop_s: float = 3.0
    """A shorter stretch that fits elsewhere better is no other round of a loop."""
    loop_window_s: float = 3.0
    loop_here_match: float = 0.3
    loop_lead: float = 0.35

    # Sound
    min_sound_confidence: float = 0.02
    clear_sound_lead: float = 0.2
    sound_window_s: float = 0.5
    """People dance within this of the music; the movement is looked for there."""
    apart_cost_per_s: float = 0.3
    """So much less a heard start counts where the movement lies apart from it: in a loop the next beat is heard as well."""
    movement_over_sound: float = 0.3
    """The movement must stand out elsewhere by this much more than it matches where the song was heard."""
    device_latency_s: float = 0.12
    """Sound and picture of a phone may differ by this; so much of a constant lag is not the dancer's."""

    # The turn between the cameras
    max_yaw_deg: float = 60.0
    max_pitch_deg: float = 20.0
    max_roll_deg: float = 12.0
    turn_prior: float = 0.02
    """What the largest turn costs, as a share of the movement's size: without evidence there is no turn."""
    turn_told_s: float = 20.0
    """In a shorter take a turn costs more in proportion: little movement can be turned into much."""
    turn_hop_s: float = 1.0
    turn_window_s: float = 8.0
    max_wander_deg: float = 20.0
    wander_prior: float = 0.05
    """The window's turn follows the take's unless it fits better by a share like this of its movement."""
    tried_yaws_deg: tuple[float, ...] = (-45.0, -22.5, 0.0, 22.5, 45.0)
    yaw_cost: float = 0.0007
    """A degree of turn costs a match this much, so that an unrelated dance does not match by being turned."""
    min_sure_s: float = 5.0
    """A take with less in common with the guide than this, and more than one place where it might begin, cannot be judged."""
    told_turn_deg: float = 15.0

    # Shape
    least_fullness: float = 0.4
    """A segment that the guide points at the camera still counts with this share of its weight."""
    unseen_error_deg: float = 7.0
    """Of the mean error this much is the pose engine's, the bodies' and the lenses'."""
    chance_shifts: int = 24
    min_chance_shift_s: float = 0.5
    chance_step_s: float = 0.1
    least_chance_deg: float = 20.0
    """Where wrong timing alone would give less, the dance is nearly still and errors are measured against this."""
    still_limb_movement: float = 0.08
    """At this movement a limb is judged half by its movement, half by its posture; stiller limbs more by posture."""
    posture_zero_deg: float = 60.0
    match_memory_s: float = 3.0
    """In a short stretch the match counts as if so much of the whole take went with it."""
    limbs_share: float = 0.25
    """Of the whole body's shape, so much is the mean of the limbs' own shapes: one limb that is all wrong must show."""
    quality_knots: tuple[float, ...] = (0.0, 0.25, 0.45, 0.62, 0.76, 1.0)
    score_knots: tuple[float, ...] = (0.0, 25.0, 65.0, 84.0, 96.0, 100.0)

    # Timing and size
    timing: TimingConfig = field(default_factory=TimingConfig)
    extent: ExtentConfig = field(default_factory=ExtentConfig)
    lag_knots_ms: tuple[float, ...] = (0.0, 20.0, 40.0, 80.0, 120.0, 200.0, 300.0, 500.0, 700.0)
    lag_points: tuple[float, ...] = (100.0, 99.5, 97.0, 89.0, 80.0, 62.0, 44.0, 18.0, 5.0)
    size_knots: tuple[float, ...] = (0.0, 0.3, 0.5, 0.7, 0.8, 0.87, 1.0, 1.15, 1.4, 1.8, 4.0)
    size_points: tuple[float, ...] = (0.0, 24.0, 49.0, 76.0, 91.0, 97.5, 100.0, 97.5, 85.0, 62.0, 20.0)
    energy_share: float = 0.3
    """Of the points for size, the rest is for how far the movements go."""
    most_timing_costs: float = 0.45
    most_size_costs: float = 0.4
    """Shares of the shape's points that the worst timing and the worst size take away."""

    # Stretches and the error bar
    worst_share: float = 0.2
    """So much of what was judged, the worst of it, is looked at once more,"""
    worst_weight: float = 0.3
    """and makes up this share of the total: one bad eight must show."""
    piece_s: float = 4.0
    """How the guide is cut where it has no counts."""
    min_stretch_share: float = 0.4
    """A stretch of which less was judged gets no score of its own."""
    base_error: float = 1.5
    one_second_error: float = 12.0
    unseen_error: float = 15.0
    unsure_error: float = 8.0
    sure_confidence: float = 0.5
    reasons: ReasonsConfig = field(default_factory=ReasonsConfig)

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
    replay_error_deg: float = 2.5
    replay_bias_deg: float = 1.9
    replay_build: float = 0.03
    """Below all three it is the guide's own footage: no two people are built and move so alike."""
    wide_error_bar: float = 8.0
    told_latency_s: float = 0.04

    # Timeline
    timeline_step_s: float = 0.1


DEFAULT_CONFIG = ScoringConfig()
