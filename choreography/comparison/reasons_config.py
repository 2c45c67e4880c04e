"""Every number on which the findings and the practice plan depend."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ReasonsConfig:
    """Thresholds of findings. Lengths are shares of a segment's full length, times are seconds, angles degrees."""

    # Shape
    ease_s: float = 1.0
    """Errors are looked for in their mean over this long, so that what an estimator loses for a moment is none."""
    edge_ease_s: float = 0.2
    edge_spreads: float = 3.0
    edge_shares: tuple[float, float] = (0.4, 0.8)
    """A wrong shape reaches as far as the error stays so many standard deviations above what is typical, but between
    these shares of the threshold."""
    least_shape_s: float = 0.5
    least_by_limb: tuple[tuple[str, float], ...] = (("arm", 34.0), ("leg", 22.0), ("head", 28.0), ("torso", 18.0))
    """An error below these is never a finding: bodies, cameras and estimators differ by as much."""
    steady_s: float = 12.0
    usual_apart: float = 0.2
    """What differs by the same over this long is steady; moments that differ more than usual hardly count in it."""
    least_passing_by_limb: tuple[tuple[str, float], ...] = (
        ("arm", 28.0),
        ("leg", 14.5),
        ("head", 18.0),
        ("torso", 16.0),
    )
    """The same for errors less what is steady, ..."""
    least_alone_by_end: tuple[tuple[str, float], ...] = (
        ("elbow", 31.0),
        ("wrist", 35.0),
        ("knee", 22.0),
        ("ankle", 29.0),
        ("shoulder", 28.0),
        ("hip", 36.0),
    )
    """... and for one segment by itself, by the joint at its end."""
    most_over_least: float = 1.75
    """An error above so many times the least is always one, however wrong the limb is in the rest of the take."""
    spreads_above_typical: float = 6.0
    """By how many standard deviations (as the median deviation tells them) an error must stand above the limb's own
    typical error in this take."""
    least_weight_share: float = 0.3
    """A limb judged with less than this share of its weight says nothing: it points at the camera or is hidden."""
    usual_chance_deg: float = 60.0
    """What wrong timing gives where this pair cannot tell."""
    neighbour_share: float = 0.5
    """A limb that stands out by less than this share of another's error at the same time only follows it."""

    # What mends a shape
    clear_share: float = 0.6
    """A difference has one direction if its mean is at least this share of its mean length."""
    blame_share: float = 0.6
    """The segment nearest the body is to blame if its error is at least this share of the limb's worst."""
    least_bend_deg: float = 20.0
    straight_deg: float = 30.0
    """A joint bent by less than this looks straight."""
    rising_share: float = 0.55
    """An arm is to be raised or lowered if its height tells at least this share of the whole difference."""
    least_facing_share: float = 0.3
    """Shoulders seen narrower than this share of their width: the dancer stands sideways."""

    # Not moving
    still_window_s: float = 1.5
    still_share: float = 0.25
    still_guide_movement: float = 0.25
    """Root mean square distance from the mean pose within the window, which is plenty of movement."""
    least_still_s: float = 1.5
    still_error_share: float = 0.75
    """A limb that stays still is also off, by this share of its least error; else the guide's estimate only jumped."""

    # Timing
    least_lag_s: float = 0.08
    least_limb_lag_s: float = 0.09
    least_lag_run_s: float = 1.0

    # Size
    small_ratio: float = 0.72
    big_ratio: float = 1.35
    limb_small_ratio: float = 0.5
    limb_big_ratio: float = 1.7
    least_size_run_s: float = 4.0

    # Stretches
    level_edge_share: float = 0.75
    """A fault of timing or size reaches as far as it stays above this share of its threshold."""
    dip_s: float = 0.3
    """A fault ends where the curve falls below its edge for long: by the threshold for this time, or half of it twice
    as long."""
    merge_gap_s: float = 0.5
    silent_gap_s: float = 6.0
    """Timing and size are told only now and then: what lies between two like tellings is taken to be the same."""
    throughout_share: float = 0.7
    """A fault in this share of all that was told is one fault of the whole take."""
    all_share: float = 0.6
    """A fault shared by this much of the body, by weight, is the whole body's."""
    edge_doubt_s: float = 0.15
    """Edges are known to this; a fault is not placed on a count that it only touches."""
    worst_part_s: float = 4.0
    """A long fault is placed where it was worst; in pieces this long where the guide has no counts."""

    # Cost, in points of the total for a whole body wrong throughout
    shape_points: float = 60.0
    timing_points: float = 25.0
    size_points: float = 15.0
    zero_lag_s: float = 0.3
    """A lag that leaves nothing of the points for timing."""
    zero_size_log: float = 1.2
    """A size, as the logarithm of its ratio, that leaves nothing of the points for size."""

    # Ranking
    most_findings: int = 12
    least_sureness: float = 0.4
    """What is less sure than this is not told at all."""
    mends_clear_shape: float = 1.0
    mends_other_shape: float = 0.5
    mends_still: float = 0.9
    mends_timing: float = 1.0
    mends_size: float = 0.8
    sure_height: float = 0.5
    """Standing above its threshold by this share makes a fault likely (63 %)."""
    sure_length_s: float = 1.5
    overlap_share: float = 0.5
    """Two faults are about the same moment if they share this much of the shorter one."""
    both_matter_share: float = 0.4
    """A second fault of the same limb at the same time is told if it costs this share of the first."""

    # Plan
    drills: int = 3
    least_drill_s: float = 2.0
    most_drill_s: float = 8.0
    drill_speeds: tuple[float, ...] = (0.5, 0.75, 1.0)
    timing_drill_speeds: tuple[float, ...] = (0.75, 1.0)

    def least_deg(self, limb: str) -> float:
        """The least error of this limb that can be a finding."""
        return next(least for name, least in self.least_by_limb if limb.endswith(name))

    def least_passing_deg(self, limb: str) -> float:
        return next(least for name, least in self.least_passing_by_limb if limb.endswith(name))

    def least_alone_deg(self, joint: str) -> float | None:
        """None for segments that are not judged alone."""
        return next((least for end, least in self.least_alone_by_end if joint.endswith(f"_{end}")), None)
