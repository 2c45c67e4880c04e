"""Findings in words: every code has its sentence, by the dancer's own left and right, in both languages."""

import itertools
import re
from dataclasses import replace
from typing import get_args

import pytest
from django.utils import translation

from choreography.body_words import body_part
from choreography.comparison.counts import CountGrid, DanceMap
from choreography.comparison.result import Correction, FindingKind, Part
from choreography.corrections import shape_sentence
from choreography.findings import FIRST, WHAT_WORDS, counts_words, drills, findings, share_words, what_words
from choreography.places import DanceNames, stretch_words
from inference.pose.skeleton import SKELETON
from tests import results

KINDS = [kind for kind in get_args(FindingKind) if kind != "shape"]
LIMBS = [*sorted(SKELETON.limbs), "all"]
NAMES = DanceNames(
    ("intro", "verse", "chorus 1", "bridge", "chorus 2"), ("intro", "verse", "chorus", "bridge", "chorus"), 0.5
)


def found(kind, limb="left_arm", part="arm", **changes):
    place = {"section": 2, "eight": 3, "first_count": 5, "last_count": 6}
    about = {"correction": None, "degrees": None, "lag_ms": None, "size_ratio": None}
    when = {"start_s": 20.0, "end_s": 21.0, "place": place, "cost": 2.0, "sureness": 0.9}
    return {"kind": kind, "limb": limb, "part": part, **when, **about, **changes}


def what(*args, mirrored=False, beat_s=0.5, **changes):
    return what_words(found(*args, **changes), mirrored, beat_s)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (what("late", lag_ms=180.0), "Your left arm comes a quarter of a count late (180 ms)"),
        (what("late", lag_ms=250.0), "Your left arm comes half a count late (250 ms)"),
        (what("late", lag_ms=180.0, beat_s=None), "Your left arm comes 180 ms late"),
        (what("late", lag_ms=50.0), "Your left arm comes 50 ms late"),
        (what("early", "all", "upper_body", lag_ms=-120.0, beat_s=None), "You come 120 ms early"),
        (
            what("too_small", "right_leg", "leg", size_ratio=0.52),
            "Your right leg moves about half as far as the guide's",
        ),
        (what("too_big", "left_leg", "leg", size_ratio=1.38), "Your left leg moves about 40% further than the guide's"),
        (what("still", "all", "upper_body"), "You stand still here"),
        (what("shape", part="elbow", correction="raise", degrees=28.0), "Raise your left elbow about 30°"),
        (what("shape", part="elbow", correction="raise"), "Raise your left elbow"),
        (what("shape", part="elbow", correction="raise", degrees=115.0), "Raise your left elbow a lot"),
        (what("shape", "all", "upper_body", correction="other"), "You dance something else here"),
        (what("shape", "right_arm", "hand", correction="other"), "Your right hand does something else here"),
        (
            what("shape", "torso", "upper_body", correction="forward", degrees=9),
            "Lean your upper body about 10° further forward",
        ),
    ],
)
def test_what_is_said(told, sentence):
    assert told == sentence


def test_a_mirrored_dancer_hears_of_the_side_that_they_used():
    assert what("still", mirrored=True) == "Your right arm stays still here"
    turned = what("shape", "left_arm", "hand", correction="left", degrees=20.0, mirrored=True)
    assert turned == "Take your right hand about 20° further to your right"


def test_korean_is_said_as_koreans_say_it():
    with translation.override("ko"):
        assert what("late", lag_ms=250.0) == "왼팔이 반 박자 늦어요 (250ms)"
        assert what("shape", part="elbow", correction="raise", degrees=28.0) == "왼쪽 팔꿈치를 30° 정도 더 올려 보세요"
        assert what("shape", part="hand", correction="in") == "왼손을 안쪽으로 더 모아 보세요"
        assert what("too_small", "right_leg", "leg", size_ratio=0.52) == "오른다리가 가이드의 절반 정도만 움직여요"


def test_every_kind_has_its_words():
    assert set(WHAT_WORDS) == set(get_args(FindingKind))


@pytest.mark.parametrize(("kind", "limb"), list(itertools.product(KINDS, LIMBS)))
def test_each_kind_is_a_sentence_for_each_limb(kind, limb):
    for mirrored, beat_s in itertools.product((False, True), (None, 0.5)):
        told = what(kind, limb, "upper_body", lag_ms=-180.0, size_ratio=0.4, mirrored=mirrored, beat_s=beat_s)
        assert re.fullmatch(r"You.*[^ ]", told), told
        with translation.override("ko"):
            korean = what(kind, limb, "upper_body", lag_ms=-180.0, size_ratio=0.4, mirrored=mirrored, beat_s=beat_s)
        assert is_korean(korean), korean


@pytest.mark.parametrize(("part", "correction"), list(itertools.product(get_args(Part), get_args(Correction))))
def test_each_correction_is_a_sentence_for_each_part(part, correction):
    for limb, degrees in itertools.product(LIMBS, (None, 30.0)):
        told = shape_sentence(body_part(limb, part), correction, degrees)
        assert re.fullmatch(r"[A-Z][a-z0-9 °]+", told), told
        assert "  " not in told
        assert ("30°" in told) == (degrees is not None and correction != "other")
        with translation.override("ko"):
            korean = shape_sentence(body_part(limb, part), correction, degrees)
        assert is_korean(korean), korean
        assert korean.endswith("요")


def is_korean(sentence):
    """Nothing left in English but units, and no blank left open."""
    return re.search(r"[가-힣]", sentence) and not re.search(r"[A-Za-z%]", re.sub(r"\d+ms|\d+%", "", sentence))


@pytest.mark.parametrize(
    ("lag_ms", "words"),
    [(50, ""), (130, "a quarter of a count"), (260, "half a count"), (480, "a whole count"), (1500, "two counts")],
)
def test_lateness_in_counts(lag_ms, words):
    assert counts_words(lag_ms, 0.5) == words
    assert counts_words(lag_ms, None) == ""


@pytest.mark.parametrize(
    ("ratio", "words"), [(0.0, "a tenth"), (0.31, "a third"), (0.55, "half"), (0.95, "nine tenths")]
)
def test_size_in_shares(ratio, words):
    assert share_words(ratio) == words


def test_findings_keep_their_order_say_their_place_and_doubt_only_what_is_doubtful():
    told = findings(results.judged().to_payload(), NAMES)
    assert [finding.number for finding in told] == [1, 2, FIRST, None, None]
    assert told[0].where == "chorus 1, eight 1, counts 5-8"
    assert [bool(finding.doubt) for finding in told] == [False, False, False, True, False]
    assert told[0].label.endswith("chorus 1, eight 1, counts 5-8, 0:26")


def test_what_lasts_long_is_said_with_its_times_and_shown_by_its_drill():
    payload = results.judged().to_payload()
    payload["findings"][0] |= {"start_s": 5.0, "end_s": 58.0}
    payload["findings"][1] |= {"start_s": 5.0, "end_s": 20.0}
    throughout, long, *_ = findings(payload, NAMES)
    assert (throughout.where, long.where) == ("all the way through", "0:05 to 0:20")
    assert (long.start_s, long.end_s) == (payload["plan"][1]["start_s"], payload["plan"][1]["end_s"])


@pytest.mark.parametrize(
    ("start_s", "end_s", "where"),
    [
        (26.4, 28.4, "chorus 1, eight 1, counts 5-8"),
        (26.4, 29.4, "chorus 1, eight 1, count 5 to eight 2, count 2"),
        (24.4, 32.4, "chorus 1, eights 1-2"),
        (22.4, 25.4, "verse, eight 4, count 5 to chorus 1, eight 1, count 2"),
    ],
)
def test_a_stretch_of_several_eights_is_said_with_both_ends(start_s, end_s, where):
    place = results.DANCE.place_of(start_s, end_s).to_payload()
    assert stretch_words(place, start_s, end_s, replace(NAMES, dance=results.DANCE)) == where
    moved = replace(NAMES, dance=DanceMap(CountGrid(120.0, 0.9), results.SECTIONS))
    assert " to " not in stretch_words(place, start_s, end_s, moved)


def test_a_plan_says_what_where_and_how_fast():
    plan = drills(results.judged().to_payload(), NAMES)
    assert plan[0].what.startswith("Your left arm comes")
    assert plan[0].speeds == (0.5, 0.75, 1.0)
    assert plan[0].start_s < results.HARD_FROM_S < results.HARD_TO_S < plan[0].end_s


def test_a_dance_that_nobody_counted_says_times_and_sections_only():
    place = {"section": None, "eight": None, "first_count": None, "last_count": None}
    payload = results.judged(findings=(), plan=()).to_payload()
    payload["findings"] = [found("still", place=place)]
    assert findings(payload, DanceNames())[0].label == "Your left arm stays still here, 0:20"
