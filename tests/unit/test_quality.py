"""The report: what it counts, what it finds, what it refuses, and that it survives being stored."""

from dataclasses import replace

import numpy as np
import pytest
from django.utils import translation

from inference.estimators.fake import estimate_of, stick_figure
from inference.pose.people import PersonKind
from inference.pose.quality import REFUSALS, QualityReport, assess
from inference.pose.quality_report import DEFAULT_CONFIG, QualityFinding
from inference.pose.shortcomings import WEIGHTS
from inference.pose.skeleton import SKELETON
from inference.quality_words import advice, span, stretches
from tests.motion import hidden, unfound

T_S = np.arange(300) / 30
LEGS = tuple(f"{side}_{joint}" for side in ("left", "right") for joint in ("knee", "ankle", "bigtoe", "littletoe"))


@pytest.fixture
def dancer():
    figure = stick_figure(T_S)
    return replace(figure, xy_px=(figure.xy_px - (288, 512)) * 0.9 + (288, 512))


def report_of(track, *others, **looks):
    estimate = estimate_of(track, *others)
    estimate = replace(estimate, looks=replace(estimate.looks, sharpness=np.ones(38), **looks))
    return assess(track, estimate)


def codes(report):
    return [finding.code for finding in report.findings]


def test_a_good_clip_has_nothing_to_find(dancer):
    report = report_of(dancer)
    assert report.refusal is None
    assert report.findings == ()
    assert (report.found_share, report.people, report.longest_gap_s) == (1, 1, 0)
    assert report.fps == pytest.approx(30)
    assert set(report.limb_shares) == set(SKELETON.limbs)
    assert report.whole_body_share == min(report.limb_shares.values()) == 1


def test_an_absence_is_named_with_its_time(dancer):
    report = report_of(unfound(dancer, (2.0, 4.0)))
    assert codes(report) == ["absent"]
    assert report.findings[0].stretches_s == (pytest.approx((2.0, 4.0), abs=0.04),)
    assert report.longest_gap_s == pytest.approx(2.0, abs=0.04)
    assert report.found_share == pytest.approx(0.8, abs=0.01)
    assert report.refusal is None


def test_a_blink_of_an_absence_is_counted_but_not_named(dancer):
    report = report_of(unfound(dancer, (2.0, 2.3)))
    assert report.findings == ()
    assert report.longest_gap_s == pytest.approx(0.3, abs=0.04)


def test_only_the_longest_stretches_are_named_longest_first(dancer):
    track = dancer
    for start, length in ((1.0, 0.6), (3.0, 1.0), (5.0, 0.7), (8.0, 0.8)):
        track = unfound(track, (start, start + length))
    starts = [start for start, _ in report_of(track).findings[0].stretches_s]
    assert starts == pytest.approx([3.0, 8.0, 5.0], abs=0.04)


def test_legs_beyond_the_edge_for_a_while_are_cut_off_and_all_the_time_a_refusal(dancer):
    lowered = dancer.xy_px.copy()
    lowered[150:] += (0, 500)
    report = report_of(replace(dancer, xy_px=lowered))
    assert (codes(report), report.refusal) == (["legs_cut_off"], None)
    report = report_of(replace(dancer, xy_px=dancer.xy_px + np.float32((0, 500))))
    assert report.refusal == "only_upper_body"


def test_legs_behind_a_table_are_hidden_and_no_refusal(dancer):
    report = report_of(hidden(dancer, LEGS))
    assert (codes(report), report.refusal) == (["legs_hidden"], None)
    assert report.limb_shares["left_leg"] == 0
    assert report.limb_shares["left_arm"] == 1


def test_an_arm_behind_the_body_for_a_moment_is_dancing(dancer):
    assert report_of(hidden(dancer, ("left_elbow", "left_wrist"), (2.0, 3.0))).findings == ()


def test_nobody_is_refused(dancer):
    nobody = unfound(dancer)
    assert assess(None, estimate_of(nobody)).refusal == "no_dancer"
    assert report_of(nobody).refusal == "no_dancer"
    assert report_of(unfound(dancer, (0.3, 99.0))).refusal == "no_dancer"


def test_still_pictures_are_refused_unless_somebody_moves(dancer):
    change = np.zeros(300)
    change[::60] = 40.0
    still = replace(dancer, xy_px=np.repeat(dancer.xy_px[:1], 300, axis=0))
    assert report_of(still, change=change).refusal == "slide_show"
    report = report_of(dancer, change=change)
    assert report.refusal is None
    assert codes(report) == ["frozen"]


def test_somebody_who_stands_still_is_no_slide_show(dancer):
    assert report_of(replace(dancer, xy_px=np.repeat(dancer.xy_px[:1], 300, axis=0))).refusal is None


def test_another_dancer_counts_as_one_but_a_poster_does_not(dancer):
    beside = replace(dancer, xy_px=dancer.xy_px + np.float32((120, 0)))
    report = report_of(dancer, beside)
    assert (codes(report), report.people, report.findings[0].value) == (["several_people"], 2, 2)
    estimate = estimate_of(dancer, beside)
    poster = replace(estimate.people[1], kind=PersonKind.STILL)
    estimate = replace(estimate, people=(estimate.people[0], poster))
    assert "several_people" not in codes(assess(dancer, estimate))


def test_a_child_in_the_background_is_no_rival(dancer):
    small = replace(dancer, xy_px=dancer.xy_px * 0.3)
    assert codes(report_of(dancer, small)) == []


def test_a_dancer_far_away(dancer):
    report = report_of(replace(dancer, xy_px=dancer.xy_px * np.float32(0.25)))
    assert codes(report) == ["far_away"]
    assert report.findings[0].value < DEFAULT_CONFIG.far_away_height


@pytest.mark.parametrize(
    ("code", "looks"),
    [
        ("dark", {"brightness": np.where(np.arange(38) < 20, 30.0, 120.0)}),
        ("camera_moves", {"camera_shift": np.where(np.arange(38) < 20, 0.05, 0.0)[:, None] * (1, 0)}),
    ],
)
def test_the_pictures_are_judged_by_stretches(dancer, code, looks):
    report = report_of(dancer, **looks)
    assert codes(report) == [code]
    ((start, end),) = report.findings[0].stretches_s
    assert start == pytest.approx(0, abs=0.3)
    assert end == pytest.approx(20 * 8 / 30, abs=0.3)


def test_blur_is_named(dancer):
    estimate = estimate_of(dancer)
    blurred = replace(estimate.looks, sharpness=np.full(38, 0.004))
    assert codes(assess(dancer, replace(estimate, looks=blurred))) == ["blurred"]


def test_cuts_are_moments(dancer):
    begins_shot = np.isin(np.arange(300), (90, 180))
    report = report_of(dancer, begins_shot=begins_shot)
    assert report.findings == (QualityFinding("cuts", ((3.0, 3.0), (6.0, 6.0)), 2.0),)


def test_a_low_frame_rate_and_dropped_frames_are_told_apart():
    slow = stick_figure(np.arange(80) / 8)
    assert "low_frame_rate" in codes(assess(slow, estimate_of(slow)))
    kept = np.ones(300, bool)
    kept[100:115] = kept[200:212] = False
    holes = stick_figure(T_S[kept])
    found = [finding for finding in assess(holes, estimate_of(holes)).findings if finding.code == "dropped_frames"]
    assert [start for start, _ in found[0].stretches_s] == pytest.approx([3.3, 6.63], abs=0.05)


def test_the_worst_comes_first(dancer):
    track = unfound(dancer, (0.0, 6.0))
    brightness = np.where(np.arange(38) > 31, 30.0, 120.0)
    assert codes(report_of(track, brightness=brightness)) == ["absent", "dark"]


def test_an_empty_track_is_nobody():
    empty = stick_figure(np.empty(0))
    assert assess(None, replace(estimate_of(stick_figure(T_S)), nobody=empty, people=())).refusal == "no_dancer"


def test_a_report_survives_being_stored(dancer):
    report = report_of(unfound(dancer, (2.0, 4.0)))
    again = QualityReport.from_json(report.to_json())
    assert again.to_json() == report.to_json()
    assert again.findings[0].code == "absent"
    with pytest.raises(ValueError, match="version 99"):
        QualityReport.from_json({**report.to_json(), "version": 99})


@pytest.mark.parametrize("code", [*WEIGHTS, "of_a_later_version"])
def test_every_finding_has_a_sentence_of_its_own(code):
    with translation.override("en"):
        words = {other: advice(QualityFinding(other, (), 0.5)) for other in [*WEIGHTS, "of_a_later_version"]}
    assert words[code].endswith(".")
    assert list(words.values()).count(words[code]) == 1


def test_stretches_come_in_the_order_of_time_and_none_for_all_the_time():
    finding = QualityFinding("dark", ((31.0, 31.0), (12.2, 20.9)), 0.5)
    with translation.override("en"):
        assert [span(stretch) for stretch in stretches(finding, 40.0)] == ["0:12 to 0:20", "0:31"]
        assert stretches(QualityFinding("dark", ((0.0, 9.9),), 1.0), 10.0) == []
        assert advice(finding).startswith("It was dark.")
    with translation.override("ko"):
        assert span(stretches(finding)[0]) == "0:12~0:20"
        assert advice(finding).startswith("화면이 어두웠어요.")


def test_refusals_are_the_ones_that_have_words():
    from inference.failures import failure_message

    assert len({failure_message(code) for code in (*REFUSALS, "internal")}) == len(REFUSALS) + 1
