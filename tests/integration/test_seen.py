"""What a page says about how well the dancer could be seen."""

import dataclasses

import pytest
from django.utils import translation

from choreography.queries.seen import FIRST, Shown, seen, seen_of_attempt, seen_of_guide
from inference.models import Person
from inference.pose.quality_report import QualityFinding, QualityReport
from inference.pose.skeleton import SKELETON
from tests.factories import AttemptFactory, GuideFactory, VideoFactory

CODES = ("legs_cut_off", "absent", "dark", "cuts")
REPORT = QualityReport(
    duration_s=20.0,
    found_share=0.9,
    whole_body_share=0.617,
    limb_shares={limb: 0.3 if limb == "left_leg" else 0.9 for limb in sorted(SKELETON.limbs)},
    longest_gap_s=2.0,
    people=1,
    fps=30.0,
    refusal=None,
    findings=tuple(QualityFinding(code, ((5.0 + place, 10.0),), 0.3) for place, code in enumerate(CODES)),
)


def with_person(video, track_key):
    Person.objects.create(
        video=video,
        number=0,
        kind="dancer",
        track_key=track_key,
        portrait_s=1,
        portrait_x=0.5,
        prominence=1,
        seen_share=0.9,
        first_s=0,
        last_s=20,
        report=REPORT.to_json(),
    )
    return video


def test_three_sentences_first_the_rest_behind():
    shown = seen(REPORT.to_json())
    assert (len(shown.first), len(shown.rest)) == (FIRST, 1)
    assert shown.first[0].advice.startswith("The legs left the picture.")
    assert [moment.words for moment in shown.first[0].moments] == ["0:05 to 0:10"]
    assert shown.headline == "From head to toe for 61% of the time."
    assert shown.length == "0:20"


def test_a_moment_leads_to_where_the_player_shows_it():
    shown = seen(REPORT.to_json(), Shown(offset_s=2.0, duration_s=5.5))
    starts = [finding.moments[0].seek_s for finding in (*shown.first, *shown.rest)]
    assert starts == [3.0, 4.0, 5.0, None]
    assert seen(REPORT.to_json(), Shown(offset_s=6.5, duration_s=9.0)).first[0].moments[0].seek_s == 0.0
    assert seen(REPORT.to_json()).first[0].moments[0].seek_s is None


def test_a_limb_is_named_where_no_finding_says_why():
    assert seen(REPORT.to_json()).weakest == ""
    shown = seen(dataclasses.replace(REPORT, findings=()).to_json())
    assert shown.weakest == "Hardest to make out was the left leg, seen for 30% of the time."
    assert seen(dataclasses.replace(REPORT, findings=(), whole_body_share=0.97).to_json()).weakest == ""


def test_limbs_come_in_the_skeletons_order_and_little_is_more_than_a_tint():
    limbs = seen(REPORT.to_json()).limbs
    assert [limb.limb for limb in limbs] == list(SKELETON.limbs)
    assert [limb.limb for limb in limbs if limb.is_little] == ["left_leg"]
    assert float(limbs[3].tint) < float(limbs[0].tint)


def test_bars_lie_within_the_line_and_the_first_findings_on_top():
    bars = seen(REPORT.to_json()).bars
    assert [bar.level for bar in bars] == [1, 0, 0, 0]
    assert (bars[1].start, bars[1].length) == (250, 250)
    assert all(bar.start >= 0 and bar.start + bar.length <= 1000 for bar in bars)


def test_a_report_of_another_version_is_not_shown():
    assert seen({**REPORT.to_json(), "version": 0}) is None


@pytest.mark.django_db
def test_takes_and_guides_speak_of_the_person_who_is_judged():
    guide = GuideFactory(published=True, video=VideoFactory())
    take = AttemptFactory(guide=guide, video=VideoFactory(), track_key="tracks/one.kdt")
    assert seen_of_attempt(take) is None
    assert seen_of_guide(guide) is None
    with_person(take.video, take.track_key)
    with_person(guide.video, guide.track_key)
    assert seen_of_attempt(take).length == seen_of_guide(guide).length == "0:20"


def test_korean_is_whole():
    with translation.override("ko"):
        shown = seen(REPORT.to_json())
    assert shown.headline == "전체 시간의 61% 동안 머리부터 발끝까지 보였어요."
    assert shown.first[0].advice.startswith("다리가 화면 밖으로 나갔어요.")
    assert shown.first[0].moments[0].words == "0:05~0:10"
