"""Findings and the practice plan, on evidence whose truth is known: two stick figures, one of them wrong in one place."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from choreography.comparison.counts import CountGrid, DanceMap, Place, SectionSpan
from choreography.comparison.evidence import Evidence
from choreography.comparison.normalise import LIMBS, MIRROR_ORDER, MIRROR_SIGN, SEGMENTS, WEIGHTS
from choreography.comparison.plan import practice_plan
from choreography.comparison.reasons import find_reasons
from choreography.comparison.reasons_config import ReasonsConfig
from choreography.comparison.result import Correction, Finding, FindingKind, Part
from choreography.comparison.stretches import eased, grown, merged, stretches_above

Floats = NDArray[np.float64]

RATE_HZ = 30.0
SECONDS = 40.0
CONFIG = ReasonsConfig()
NO_MAP = DanceMap()
COUNTED = DanceMap(CountGrid(120.0, 0.0), (SectionSpan("verse", 0.0, 16.0), SectionSpan("chorus", 16.0, 40.0)))
WRONG_S = (17.0, 20.0)

RESTS_DEG = {
    "shoulders": -90.0,
    "left_shoulder": 0.0,
    "left_hip": 0.0,
    "nose": -90.0,
    "left_elbow": 30.0,
    "left_wrist": 20.0,
    "left_palm_thumb": 20.0,
    "left_knee": 85.0,
    "left_ankle": 90.0,
    "left_bigtoe": 60.0,
    "right_elbow": 150.0,
    "right_wrist": 160.0,
    "right_palm_thumb": 160.0,
    "right_knee": 95.0,
    "right_ankle": 90.0,
    "right_bigtoe": 120.0,
}
"""Where each segment points on average, 0 = right in the picture and 90 = down, by the joint it ends at."""


def test_identical_dancers_give_no_findings_and_no_plan() -> None:
    found = reasons(evidence())
    assert found == ()
    assert practice_plan(found, COUNTED, CONFIG) == ()


@pytest.mark.parametrize(
    ("limb", "off_deg", "part", "correction"),
    [
        ("left_arm", {"left_elbow": 45, "left_wrist": 45, "left_palm_thumb": 45}, "arm", "raise"),
        ("left_arm", {"left_elbow": 50}, "elbow", "raise"),
        ("left_arm", {"left_elbow": -60}, "elbow", "lower"),
        ("right_arm", {"right_elbow": -50}, "elbow", "raise"),
        ("left_arm", {"left_wrist": 90, "left_palm_thumb": 90}, "elbow", "straighten"),
        ("left_leg", {"left_knee": 40, "left_ankle": 40}, "leg", "out"),
        ("left_leg", {"left_knee": -40, "left_ankle": -40}, "leg", "in"),
        ("right_leg", {"right_knee": -40, "right_ankle": -40}, "leg", "out"),
        ("left_leg", {"left_knee": -35, "left_ankle": 35}, "knee", "straighten"),
        ("head", {"nose": 50}, "head", "right"),
        ("head", {"nose": -50}, "head", "left"),
        ("torso", {"shoulders": -35}, "upper_body", "left"),
        ("torso", {"left_hip": 60}, "hips", "left"),
    ],
)
def test_a_wrong_limb_is_named_with_its_mending_and_its_counts(
    limb: str, off_deg: dict[str, float], part: Part, correction: Correction
) -> None:
    found = reasons(evidence(off_deg=off_deg))
    first = only(found)
    assert (first.kind, first.limb, first.part, first.correction) == ("shape", limb, part, correction)
    assert first.start_s == pytest.approx(WRONG_S[0], abs=0.2)
    assert first.end_s == pytest.approx(WRONG_S[1], abs=0.2)
    assert first.place == Place(section=1, eight=1, first_count=3, last_count=8)
    assert 0 < first.cost < 20
    assert 0.5 < first.sureness <= 1.0


def test_the_degrees_are_those_of_the_segment_to_blame() -> None:
    assert only(reasons(evidence(off_deg={"left_elbow": 50}))).degrees == pytest.approx(50, abs=2)


def test_a_bent_joint_is_told_by_how_far_it_is_bent() -> None:
    found = only(reasons(evidence(off_deg={"left_wrist": 90, "left_palm_thumb": 90})))
    assert found.degrees == pytest.approx(73, abs=5)


@pytest.mark.parametrize("off_deg", [{"nose": 50}, {"left_knee": 40, "left_ankle": 40}, {"shoulders": -35}])
def test_the_mirror_image_has_the_other_side_and_the_mirrored_word(off_deg: dict[str, float]) -> None:
    seen = only(reasons(evidence(off_deg=off_deg)))
    turned = only(reasons(in_a_mirror(evidence(off_deg=off_deg))))
    swap = {"left": "right", "right": "left"}
    side, _, rest = seen.limb.partition("_")
    assert turned.limb == (f"{swap[side]}_{rest}" if rest else seen.limb)
    assert turned.correction == swap.get(seen.correction or "", seen.correction)
    assert turned.degrees == pytest.approx(seen.degrees)
    assert turned.cost == pytest.approx(seen.cost)


def test_a_dancer_with_the_back_to_the_camera_has_the_left_on_the_other_side_of_the_picture() -> None:
    front = evidence(off_deg={"left_knee": 40, "left_ankle": 40})
    turned = facing_away(front)
    assert only(reasons(front)).correction == "out"
    assert only(reasons(turned)).correction == "in"


def test_a_dancer_seen_from_the_side_goes_forward_and_back() -> None:
    sideways = facing_sideways(evidence(off_deg={"left_knee": 40, "left_ankle": 40}))
    assert only(reasons(sideways)).correction == "forward"


def test_a_limb_that_errs_to_and_fro_is_told_to_do_something_else() -> None:
    t_s = times_s()
    to_and_fro = 70.0 * np.sign(np.sin(2 * np.pi * t_s / 0.8))
    found = only(reasons(evidence(off_deg={"left_elbow": to_and_fro, "left_wrist": to_and_fro})))
    assert (found.limb, found.correction, found.part) == ("left_arm", "other", "arm")


def test_most_limbs_wrong_at_once_are_one_finding_of_the_whole_body() -> None:
    off = {joint: 60.0 for joint in RESTS_DEG if joint.startswith(("left_", "right_")) and "hip" not in joint}
    found = only(reasons(evidence(off_deg=off)))
    assert (found.kind, found.limb, found.correction) == ("shape", "all", "other")


def test_a_worse_error_costs_more_and_ranks_higher() -> None:
    twice = {"left_elbow": 45.0, "right_elbow": -90.0}
    found = reasons(evidence(off_deg=twice))
    assert [finding.limb for finding in found] == ["right_arm", "left_arm"]
    assert found[0].cost > found[1].cost


def test_a_neighbour_that_is_only_dragged_along_is_not_blamed() -> None:
    found = reasons(evidence(off_deg={"left_elbow": 90.0, "left_wrist": 90.0, "left_shoulder": 35.0}))
    assert [finding.limb for finding in found] == ["left_arm"]


def test_a_limb_that_is_usually_off_must_stand_out_more() -> None:
    usual = 22.0 + 4.0 * np.sin(2 * np.pi * times_s() / 3.1)
    clean = evidence(off_deg={"left_elbow": usual, "left_wrist": usual}, wrong_s=(0.0, SECONDS))
    assert reasons(clean) == ()


def test_a_moment_is_no_finding() -> None:
    assert reasons(evidence(off_deg={"left_elbow": 60.0}, wrong_s=(17.0, 17.25))) == ()


def test_a_short_dip_does_not_split_a_finding() -> None:
    t_s = times_s()
    off = np.where((t_s > 18.3) & (t_s < 18.7), 0.0, 60.0)
    found = only(reasons(evidence(off_deg={"left_elbow": off, "left_wrist": off})))
    assert (found.start_s, found.end_s) == (pytest.approx(17.0, abs=0.2), pytest.approx(20.0, abs=0.2))


def test_two_errors_apart_are_two_findings() -> None:
    t_s = times_s()
    off = np.where((t_s > 12) & (t_s < 28), 0.0, 60.0)
    found = reasons(evidence(off_deg={"left_elbow": off, "left_wrist": off}, wrong_s=(10.0, 30.0)))
    assert sorted(round(finding.start_s) for finding in found) == [10, 28]


def test_a_limb_out_of_view_is_not_judged() -> None:
    hidden = evidence(off_deg={"left_elbow": 60.0, "left_wrist": 60.0})
    weights = hidden.weights.copy()
    weights[:, [segment.limb == "left_arm" for segment in SEGMENTS]] = 0.0
    assert reasons(replace(hidden, weights=weights)) == ()


def test_nothing_known_gives_nothing() -> None:
    empty = evidence()
    unknown = np.full(len(empty.t_s), np.nan)
    limbs = np.full((len(empty.t_s), len(LIMBS)), np.nan)
    nothing = replace(
        empty,
        weights=np.zeros_like(empty.weights),
        lag_s=unknown,
        limb_lag_s=limbs,
        size_ratio=limbs,
        chance_deg=np.full(len(LIMBS), np.nan),
    )
    assert reasons(nothing) == ()
    assert reasons(shortened(empty, 0)) == ()
    assert reasons(shortened(empty, 1)) == ()


def test_a_limb_that_does_not_move_is_still_and_told_once() -> None:
    swinging = {"left_elbow": 60.0, "left_wrist": 60.0, "left_palm_thumb": 60.0}
    found = reasons(evidence(swing_deg=swinging, frozen=("left_arm",)))
    assert [(finding.kind, finding.limb) for finding in found][:1] == [("still", "left_arm")]
    assert len(found) == 1


def test_held_poses_of_both_are_not_still() -> None:
    assert reasons(evidence(swing_deg=dict.fromkeys(RESTS_DEG, 0.0))) == ()


@pytest.mark.parametrize(("lag_s", "kind"), [(0.18, "late"), (-0.18, "early")])
def test_lateness_that_the_body_shares_is_told_once(lag_s: float, kind: FindingKind) -> None:
    found = only(reasons(late(evidence(), lag_s, limbs=LIMBS, from_s=10.0, to_s=16.0)))
    assert (found.kind, found.limb, found.correction) == (kind, "all", None)
    assert found.lag_ms == pytest.approx(1000 * lag_s, abs=5)
    assert (found.start_s, found.end_s) == (pytest.approx(10.0, abs=0.1), pytest.approx(16.0, abs=0.1))


def test_one_late_limb_is_told_by_name() -> None:
    found = only(reasons(late(evidence(), 0.2, limbs=("right_arm",), from_s=10.0, to_s=16.0)))
    assert (found.kind, found.limb, found.part) == ("late", "right_arm", "arm")


def test_a_limb_later_than_the_late_body_is_told_as_well() -> None:
    both = late(late(evidence(), 0.12, limbs=LIMBS, from_s=0.0, to_s=SECONDS), 0.4, ("left_arm",), 10.0, 16.0)
    found = reasons(both)
    assert {(finding.kind, finding.limb) for finding in found} == {("late", "all"), ("late", "left_arm")}


def test_a_constant_lag_is_one_finding_placed_where_it_was_worst() -> None:
    lagging = late(evidence(), 0.15, limbs=LIMBS, from_s=0.0, to_s=SECONDS)
    worse = late(lagging, 0.25, limbs=LIMBS, from_s=24.0, to_s=28.0)
    gaps = worse.lag_s.copy()
    gaps[300:420] = np.nan
    found = only(reasons(replace(worse, lag_s=gaps)))
    assert (found.start_s, found.end_s) == (pytest.approx(0.0), pytest.approx(SECONDS, abs=0.1))
    assert found.place == Place(section=1, eight=3, first_count=1, last_count=8)


def test_lateness_nobody_notices_is_no_finding() -> None:
    assert reasons(late(evidence(), 0.05, limbs=LIMBS, from_s=0.0, to_s=SECONDS)) == ()


@pytest.mark.parametrize(("ratio", "kind"), [(0.5, "too_small"), (1.6, "too_big")])
def test_size_that_the_body_shares_is_told_once(ratio: float, kind: FindingKind) -> None:
    found = only(reasons(sized(evidence(), ratio, LIMBS)))
    assert (found.kind, found.limb) == (kind, "all")
    assert found.size_ratio == pytest.approx(ratio, rel=0.02)


def test_one_small_arm_is_told_by_name() -> None:
    found = only(reasons(sized(evidence(), 0.4, ("left_arm",))))
    assert (found.kind, found.limb, found.part) == ("too_small", "left_arm", "arm")


def test_a_limb_both_late_and_wrong_is_told_both_where_both_matter() -> None:
    wrong = evidence(off_deg={"left_elbow": 60.0, "left_wrist": 60.0}, wrong_s=(10.0, 16.0))
    kinds = {finding.kind for finding in reasons(late(wrong, 0.3, ("left_arm",), 10.0, 16.0))}
    assert kinds == {"shape", "late"}


def test_without_counts_a_place_is_a_section_at_most() -> None:
    wrong = evidence(off_deg={"left_elbow": 50})
    assert only(find_reasons(wrong, NO_MAP, CONFIG, RATE_HZ)).place == Place()


def test_at_most_a_dozen_are_told_best_to_mend_first_and_always_the_same() -> None:
    t_s = times_s()
    blinking = np.where(t_s % 2.0 < 1.0, 70.0, 0.0)
    many = evidence(off_deg=dict.fromkeys(("left_elbow", "right_knee", "nose"), blinking), wrong_s=(0.0, SECONDS))
    found = reasons(many)
    assert 0 < len(found) <= CONFIG.most_findings
    assert found == reasons(many)


@pytest.mark.parametrize("amount_deg", [40.0, 50.0, 60.0, 80.0])
def test_cost_grows_with_every_degree(amount_deg: float) -> None:
    less, more = (
        only(reasons(evidence(off_deg={"left_elbow": deg, "left_wrist": deg}))).cost
        for deg in (amount_deg, amount_deg + 10)
    )
    assert more > less


def test_a_drill_is_widened_to_whole_counts() -> None:
    drill = practice_plan([finding("shape", 17.1, 18.3)], COUNTED, CONFIG)[0]
    assert (drill.start_s, drill.end_s) == (pytest.approx(16.5), pytest.approx(19.0))
    assert drill.place == Place(section=1, eight=1, first_count=2, last_count=6)
    assert drill.speeds == (0.5, 0.75, 1.0)


def test_a_drill_without_counts_lasts_long_enough_to_be_danced() -> None:
    drill = practice_plan([finding("shape", 0.2, 0.9)], NO_MAP, CONFIG)[0]
    assert drill.start_s == 0.0
    assert drill.end_s - drill.start_s >= CONFIG.least_drill_s


def test_timing_alone_is_practised_near_the_tempo() -> None:
    assert practice_plan([finding("late", 4.0, 7.0)], COUNTED, CONFIG)[0].speeds == (0.75, 1.0)


def test_moments_that_overlap_are_practised_together_and_at_most_three_are() -> None:
    found = [finding("late", start, start + 1.5) for start in (4.0, 20.0, 5.0, 30.0, 12.0)]
    plan = practice_plan(found, COUNTED, CONFIG)
    assert [drill.finding for drill in plan] == [0, 1, 3]
    assert (plan[0].start_s, plan[0].end_s) == (pytest.approx(3.5), pytest.approx(7.0))


def test_timing_and_shape_together_are_practised_slowly() -> None:
    plan = practice_plan([finding("late", 4.0, 7.0), finding("shape", 5.0, 6.0)], COUNTED, CONFIG)
    assert [drill.speeds for drill in plan] == [(0.5, 0.75, 1.0)]


def test_a_fault_of_the_whole_take_is_practised_where_it_was_worst() -> None:
    place = COUNTED.place_of(24.0, 28.0)
    drill = practice_plan([replace(finding("late", 0.0, 40.0), place=place)], COUNTED, CONFIG)[0]
    assert (drill.start_s, drill.end_s) == (pytest.approx(24.0), pytest.approx(28.0))


def test_easing_leaves_a_step_at_half_height_in_its_place() -> None:
    step = np.repeat([0.0, 1.0], 50)
    assert eased(step, np.ones(100), 11, 0.3)[49:51].tolist() == pytest.approx([5 / 11, 6 / 11])


def test_easing_knows_nothing_where_too_little_has_weight() -> None:
    weights = np.ones(60)
    weights[20:40] = 0.1
    known = np.isfinite(eased(np.ones(60), weights, 5, 0.5))
    assert known[:19].all()
    assert not known[22:38].any()
    assert known[41:].all()


def test_stretches_bridge_short_dips_only() -> None:
    curve = np.array([0, 2, 2, 0, 2, 0, 0, 0, 2, np.nan, 2.0])
    assert stretches_above(curve, 1.0, 1, 1) == [(1, 5), (8, 11)]
    assert stretches_above(curve, 1.0, 1, 4) == [(1, 5)]
    assert merged([(4, 6), (0, 2), (5, 9)], 1) == [(0, 2), (4, 9)]


def test_a_stretch_grows_through_a_dip_that_is_made_up_for() -> None:
    curve = np.array([0, 0, 3, 3, 9, 3, 0, 3, 3, 3, 0, 0, 0, 0, 9.0])
    assert grown([(4, 5)], curve, 1.0, 3.0, 0) == [(2, 10)]
    assert grown([(4, 5)], curve, 1.0, 0.5, 0) == [(2, 6)]


def reasons(of: Evidence) -> tuple[Finding, ...]:
    return find_reasons(of, COUNTED, CONFIG, RATE_HZ)


def only(found: Iterable[Finding]) -> Finding:
    (one,) = found
    return one


def finding(kind: FindingKind, start_s: float, end_s: float) -> Finding:
    place = COUNTED.place_of(start_s, end_s)
    return Finding(kind, "left_arm", "arm", start_s, end_s, place, cost=1.0, sureness=1.0)


def times_s() -> Floats:
    return np.arange(round(SECONDS * RATE_HZ)) / RATE_HZ


def evidence(
    *,
    off_deg: dict[str, float] | dict[str, Floats] | None = None,
    wrong_s: tuple[float, float] = WRONG_S,
    swing_deg: dict[str, float] | None = None,
    frozen: tuple[str, ...] = (),
) -> Evidence:
    """Both dance alike, but within `wrong_s` the attempt's segments (by the joint they end at) are `off_deg` off, and
    the `frozen` limbs stay as they are on average."""
    t_s = times_s()
    within = (t_s >= wrong_s[0]) & (t_s < wrong_s[1])
    shown, danced = [], []
    for index, segment in enumerate(SEGMENTS):
        joint = "shoulders" if len(segment.end) == 2 and "shoulder" in segment.end[0] else segment.end[0]
        swing = (swing_deg or {}).get(joint, 5.0)
        guide = RESTS_DEG[joint] + swing * np.sin(2 * np.pi * t_s / (1.3 + 0.1 * index))
        attempt = np.where(within, guide + (off_deg or {}).get(joint, 0.0), guide)
        shown.append(pointing(guide))
        danced.append(pointing(np.where(within, RESTS_DEG[joint], guide) if segment.limb in frozen else attempt))
    weights = np.tile(WEIGHTS, (len(t_s), 1))
    limbs = np.ones((len(t_s), len(LIMBS)))
    both = np.stack(shown, axis=1), np.stack(danced, axis=1)
    return Evidence(
        t_s, *both, weights, weights, apart_deg(*both), np.zeros(len(t_s)), 0 * limbs, limbs, limbs, limbs[0] * 50, 50.0
    )


def pointing(angle_deg: Floats) -> Floats:
    return np.stack([np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))], axis=-1)


def apart_deg(shown: Floats, danced: Floats) -> Floats:
    return np.asarray(2 * np.degrees(np.arcsin(np.clip(np.linalg.norm(shown - danced, axis=-1) / 2, 0.0, 1.0))))


def shortened(of: Evidence, frames: int) -> Evidence:
    names = ("t_s", "shown", "danced", "weights", "shown_weights", "error_deg", "lag_s", "limb_lag_s", "size_ratio")
    return replace(of, **{name: getattr(of, name)[:frames] for name in (*names, "energy_ratio")})


def late(of: Evidence, lag_s: float, limbs: tuple[str, ...], from_s: float, to_s: float) -> Evidence:
    rows = (of.t_s >= from_s) & (of.t_s < to_s)
    limb_lag_s = of.limb_lag_s.copy()
    for limb in limbs:
        limb_lag_s[rows, LIMBS.index(limb)] = lag_s
    lag = np.where(rows, lag_s, of.lag_s) if limbs == LIMBS else of.lag_s
    return replace(of, limb_lag_s=limb_lag_s, lag_s=lag)


def sized(of: Evidence, ratio: float, limbs: tuple[str, ...]) -> Evidence:
    size_ratio = of.size_ratio.copy()
    size_ratio[:, [LIMBS.index(limb) for limb in limbs]] = ratio
    return replace(of, size_ratio=size_ratio)


def in_a_mirror(of: Evidence) -> Evidence:
    flip = MIRROR_SIGN[:, None] * np.array([-1.0, 1.0])
    return replace(
        of,
        shown=of.shown[:, MIRROR_ORDER] * flip,
        danced=of.danced[:, MIRROR_ORDER] * flip,
        error_deg=of.error_deg[:, MIRROR_ORDER],
    )


def facing_away(of: Evidence) -> Evidence:
    """The same limbs on a body that shows its back: only the lines of the shoulders and hips are turned round."""
    across = [len(segment.end) == 1 and segment.limb == "torso" for segment in SEGMENTS]
    turn = np.where(np.array(across)[:, None], np.array([-1.0, 1.0]), 1.0)
    return replace(of, shown=of.shown * turn, danced=of.danced * turn)


def facing_sideways(of: Evidence) -> Evidence:
    """Shoulders and hips seen from the side, nose and toes to the right of the picture."""
    narrow = np.ones((len(SEGMENTS), 2))
    ahead = np.zeros((len(SEGMENTS), 2))
    for index, segment in enumerate(SEGMENTS):
        if segment.limb == "torso" and len(segment.end) == 1:
            narrow[index, 0] = 0.1
        if segment.limb == "head" or "toe" in segment.end[0]:
            ahead[index, 0] = 0.5
    return replace(of, shown=of.shown * narrow + ahead, danced=of.danced * narrow + ahead)
