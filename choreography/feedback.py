"""Result to words: one sentence first, then what to do next. From codes, so that both languages say it naturally."""

import math
from typing import cast

from django.utils.translation import gettext as _

from choreography.body_words import SUBJECTS, Words, body_limb
from choreography.comparison.result import FindingKind, Grade, PaceKind, Verdict
from choreography.comparison.result_payloads import FindingPayload, ResultPayload
from choreography.findings import FIRST, UNSURE_BELOW, is_long
from choreography.limbs import limb_label, own_limb
from choreography.places import DanceNames
from choreography.results import is_of_earlier_version

GOOD_PART = 75.0
CLEAN_SCORE = 75.0
CLEAR_GAP = 12.0
ON_TIME_MS = 40
OUT_OF_TIME_MS = 100
PAIRS = {"left_arm": "arms", "right_arm": "arms", "left_leg": "legs", "right_leg": "legs"}


def first_sentence(result: ResultPayload, names: DanceNames) -> str:
    """What a friend who watched would say first."""
    if result["verdict"] != "judged":
        return VERDICT_WORDS[cast(Verdict, result["verdict"])]()
    if abs(result["lag_ms"] or 0) >= OUT_OF_TIME_MS:
        return _lag_first(result["lag_ms"] or 0)
    following = next_step(result, names)
    strength = best_part(result)
    if following and strength:
        return _("%(strength)s; %(next)s.") % {"strength": STRENGTHS[strength](), "next": _lower_first(following)}
    if following:
        return _("Something to build on. %(next)s.") % {"next": following}
    return _without_findings(result)


def next_step(result: ResultPayload, names: DanceNames) -> str:
    """What to work on first, as a clause: the first finding that is sure, with its other arm or leg if that has the same."""
    first = [found for found in result["findings"][:FIRST] if found["sureness"] >= UNSURE_BELOW]
    if not first:
        return ""
    alike = [found for found in first if _is_alike(found, first[0])]
    pair = len({found["limb"] for found in alike}) > 1
    limb = own_limb(first[0]["limb"], result["mirrored"])
    key = PAIRS[limb] if pair else body_limb(limb)
    kind = cast(FindingKind, first[0]["kind"])
    sections = {"" if is_long(found) else names.kind(found["place"]) for found in alike}
    section = sections.pop() if len(sections) == 1 else ""
    if key == "all":
        return (STEPS_OF_ALL_IN_SECTION if section else STEPS_OF_ALL)[kind]() % {"section": section}
    return (STEPS_IN_SECTION if section else STEPS)[kind]() % {"limb": SUBJECTS[key](), "section": section}


def best_part(result: ResultPayload) -> str | None:
    """Shape, timing or size, whichever is best, where it is good."""
    parts = {"timing": result["parts"]["timing"], "shape": result["parts"]["shape"], "size": result["parts"]["size"]}
    known = {name: value for name, value in parts.items() if value is not None}
    best = max(known, key=lambda name: known[name], default=None)
    return best if best is not None and known[best] >= GOOD_PART else None


def advice(result: ResultPayload) -> list[str]:
    """What else the dancer should know of this take."""
    if result["score"] is None or result["verdict"] != "judged":
        return []
    words = NOTICE_WORDS | EARLIER_NOTICE_WORDS if is_of_earlier_version(result) else NOTICE_WORDS
    told = [words[code]() for code in result["notices"] if code in words]  # earlier versions had others
    return [sentence for sentence in [pace_words(result), *told, _missing(result)] if sentence]


def weakest_limb(result: ResultPayload) -> str | None:
    """The limb that is clearly worse than the best one, if there is such a limb."""
    scores = {limb["limb"]: limb["score"] for limb in result["limbs"] if limb["score"] is not None}
    if len(scores) < 2:
        return None
    worst = min(scores, key=lambda limb: scores[limb])
    return worst if max(scores.values()) - scores[worst] >= CLEAR_GAP else None


def grade_label(grade: str | None) -> str:
    return GRADE_WORDS[cast(Grade, grade)]() if grade else ""


def score_words(score: float, error_bar: float | None) -> str:
    """For those who hear the page; those who see it read "78 ±3"."""
    points = math.floor(score + 0.5)  # as the page rounds it for those who see it
    if error_bar is None:
        return _("%(score)d of 100") % {"score": points}
    return _("%(score)d of 100, give or take %(bar)d") % {"score": points, "bar": max(1, round(error_bar))}


def lag_words(lag_ms: float | None) -> str:
    """Early or late in words, with the milliseconds; nothing where it is not known."""
    if lag_ms is None:
        return ""
    if abs(lag_ms) < ON_TIME_MS:
        return _("on time")
    text = _("%(ms)d ms late") if lag_ms > 0 else _("%(ms)d ms early")
    return text % {"ms": round(abs(lag_ms))}


def pace_words(result: ResultPayload) -> str:
    pace = result["pace"]
    if pace is None:
        return ""
    return PACE_WORDS[cast(PaceKind, pace["kind"])]() % {"ms": round(abs(pace["ms_per_minute"]))}


def _is_alike(found: FindingPayload, first: FindingPayload) -> bool:
    """The same kind of trouble, in the same limb or its pair."""
    pair = PAIRS.get(first["limb"])
    return found["kind"] == first["kind"] and (
        found["limb"] == first["limb"] or (pair is not None and PAIRS.get(found["limb"]) == pair)
    )


def _lag_first(lag_ms: float) -> str:
    text = (
        _("You come %(ms)d ms after the guide. Start each move a little sooner.")
        if lag_ms > 0
        else _("You come %(ms)d ms before the guide. Give each move its full time.")
    )
    return text % {"ms": round(abs(lag_ms))}


def _without_findings(result: ResultPayload) -> str:
    weak = weakest_limb(result)
    is_clean = result["parts"]["shape"] is not None and (result["score"] or 0.0) >= CLEAN_SCORE
    if weak is not None:
        text = (
            _("A clean take. Your %(limb)s has the most left to gain.")
            if is_clean
            else _("Good to build on. Work on your %(limb)s first.")
        )
        return text % {"limb": limb_label(own_limb(weak, result["mirrored"]))}
    if is_clean:
        return _("A clean take: nothing stands out that you would have to mend.")
    return _("An even take: every part of you followed the guide about equally well.")


def _missing(result: ResultPayload) -> str:
    if not result["missing_limbs"]:
        return ""
    names = ", ".join(limb_label(own_limb(limb, result["mirrored"])) for limb in result["missing_limbs"])
    return _("Out of view, so left out of the score: %(limbs)s.") % {"limbs": names}


def _lower_first(clause: str) -> str:
    return clause[:1].lower() + clause[1:]


STRENGTHS: dict[str, Words] = {
    "timing": lambda: _("Your timing is there"),
    "shape": lambda: _("Your shapes are there"),
    "size": lambda: _("You dance it at full size"),
}

STEPS: dict[FindingKind, Words] = {
    "shape": lambda: _("%(limb)s can come closer to the guide"),
    "late": lambda: _("%(limb)s can come sooner"),
    "early": lambda: _("%(limb)s can take more time"),
    "too_small": lambda: _("%(limb)s can move bigger"),
    "too_big": lambda: _("%(limb)s can move smaller"),
    "still": lambda: _("%(limb)s can join in more"),
}

STEPS_IN_SECTION: dict[FindingKind, Words] = {
    "shape": lambda: _("%(limb)s can come closer to the guide in the %(section)s"),
    "late": lambda: _("%(limb)s can come sooner in the %(section)s"),
    "early": lambda: _("%(limb)s can take more time in the %(section)s"),
    "too_small": lambda: _("%(limb)s can move bigger in the %(section)s"),
    "too_big": lambda: _("%(limb)s can move smaller in the %(section)s"),
    "still": lambda: _("%(limb)s can join in more in the %(section)s"),
}

STEPS_OF_ALL: dict[FindingKind, Words] = {
    "shape": lambda: _("You can come closer to the guide"),
    "late": lambda: _("You can come sooner"),
    "early": lambda: _("You can take more time"),
    "too_small": lambda: _("You can move bigger"),
    "too_big": lambda: _("You can move smaller"),
    "still": lambda: _("You can join in more"),
}

STEPS_OF_ALL_IN_SECTION: dict[FindingKind, Words] = {
    "shape": lambda: _("You can come closer to the guide in the %(section)s"),
    "late": lambda: _("You can come sooner in the %(section)s"),
    "early": lambda: _("You can take more time in the %(section)s"),
    "too_small": lambda: _("You can move bigger in the %(section)s"),
    "too_big": lambda: _("You can move smaller in the %(section)s"),
    "still": lambda: _("You can join in more in the %(section)s"),
}

VERDICT_WORDS: dict[Verdict, Words] = {
    "no_dancer": lambda: _(
        "We could not find you in this clip. Film in good light, with your whole body in the picture."
    ),
    "no_guide_dancer": lambda: _(
        "The guide has no usable skeleton here, so we cannot judge this take. It is not your fault."
    ),
    "no_guide_movement": lambda: _(
        "The guide hardly moves here, so there is nothing to compare. It is not your fault."
    ),
    "too_short": lambda: _(
        "Too little of the dance is in this clip to tell where it belongs or to judge it. Dance more of it, with the song on."
    ),
    "too_little_in_view": lambda: _(
        "Too little of you is in view to judge this fairly. Step back until all of you fits."
    ),
    "stood_still": lambda: _(
        "You hardly moved in this clip, so there is nothing to compare yet. Dance along and send it again."
    ),
    "guide_replayed": lambda: _("This is the guide itself. Now show us yours!"),
    "other_dance": lambda: _(
        "We could not match this with the guide. Is it the same dance, with your whole body in view?"
    ),
}

NOTICE_WORDS: dict[str, Words] = {
    "mirrored": lambda: _("You danced the mirror image. We turned it round before comparing, so it costs you nothing."),
    "partial_take": lambda: _("This take covers a part of the guide. Only that part was compared."),
    "partly_out_of_view": lambda: _(
        "Part of the time you were out of the picture. That time was left out of the score."
    ),
    "low_confidence": lambda: _("This score is less exact than usual, so read it with care."),
    "start_unsure": lambda: _(
        "The dance could begin at more than one place of your clip. If you and the guide are not together, set it yourself."
    ),
    "other_song": lambda: _("We did not hear the guide's song in your clip, so we went by your movement alone."),
    "several_people": lambda: _("Several people are in the clip. This is about the one who is marked."),
    "turned_camera": lambda: _(
        "The camera stood to your side. We turned the picture back, but film from the front to be judged more exactly."
    ),
    "constant_lag_unknown": lambda: _(
        "Nothing told us when the music starts in your clip. If you were late all the way through, this score does not know it."
    ),
    "device_latency": lambda: _(
        "Sound and picture of your take are a little apart, as with most devices. That is not counted as your lateness."
    ),
}
"""`limbs_out_of_view` is said with the limbs' names instead."""

EARLIER_NOTICE_WORDS: dict[str, Words] = {
    "low_confidence": lambda: _("We are not sure where in the guide your take begins, so read this score with care."),
}
"""What version 1 meant by the same code: it knew no error bar, and doubted the start alone."""

PACE_WORDS: dict[PaceKind, Words] = {
    "steady": lambda: "",
    "rushing": lambda: _("You are rushing: every minute you get %(ms)d ms further ahead. Breathe on count 8."),
    "dragging": lambda: _("You are dragging: every minute you fall %(ms)d ms further behind. Think one move ahead."),
}

GRADE_WORDS: dict[Grade, Words] = {
    "perfect": lambda: _("superb"),
    "great": lambda: _("great"),
    "good": lambda: _("good"),
    "ok": lambda: _("ok"),
    "keep_going": lambda: _("keep going"),
}
