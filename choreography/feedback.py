"""Result to words: one sentence first, then what to do next. From codes, so that both languages say it naturally."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from choreography.limbs import limb_label

CLEAR_GAP = 12.0
ON_TIME_MS = 40
OUT_OF_TIME_MS = 100


def first_sentence(result: dict[str, Any]) -> str:
    """What a friend who watched would say first."""
    if result["score"] is None:
        return VERDICT_WORDS[result["verdict"]]()
    if "guide_replayed" in result["notices"]:
        return _("This is the guide itself. Now show us yours!")
    if "other_dance" in result["notices"]:
        return _("We could not match this with the guide. Is it the same dance, with your whole body in view?")
    if abs(result["lag_ms"] or 0) >= OUT_OF_TIME_MS:
        return _timing_first(result["lag_ms"])
    weak = weakest_limb(result)
    if weak is None:
        return _("An even take: every part of you followed the guide about equally well.")
    return _("Good to build on. Work on your %(limb)s first.") % {"limb": limb_label(weak)}


def advice(result: dict[str, Any]) -> list[str]:
    """What else the dancer should know of this take."""
    if "other_dance" in result["notices"]:
        return _missing(result)
    return [NOTICE_WORDS[code]() for code in result["notices"] if code in NOTICE_WORDS] + _missing(result)


def weakest_limb(result: dict[str, Any]) -> str | None:
    """The limb that is clearly worse than the best one, if there is such a limb."""
    scored = [limb for limb in result["limbs"] if limb["score"] is not None]
    if len(scored) < 2:
        return None
    worst = min(scored, key=lambda limb: limb["score"])
    best = max(scored, key=lambda limb: limb["score"])
    return str(worst["limb"]) if best["score"] - worst["score"] >= CLEAR_GAP else None


def _timing_first(lag_ms: float) -> str:
    text = (
        _("You come %(ms)d ms after the guide. Start each move a little sooner.")
        if lag_ms > 0
        else _("You come %(ms)d ms before the guide. Give each move its full time.")
    )
    return text % {"ms": round(abs(lag_ms))}


def _missing(result: dict[str, Any]) -> list[str]:
    if not result["missing_limbs"] or result["score"] is None:
        return []
    names = ", ".join(limb_label(limb) for limb in result["missing_limbs"])
    return [_("Out of view, so left out of the score: %(limbs)s.") % {"limbs": names}]


def grade_label(grade: str | None) -> str:
    return GRADE_WORDS[grade]() if grade else ""


def lag_words(lag_ms: float | None) -> str:
    """Early or late in words, with the milliseconds; nothing where it is not known."""
    if lag_ms is None:
        return ""
    if abs(lag_ms) < ON_TIME_MS:
        return _("on time")
    text = _("%(ms)d ms late") if lag_ms > 0 else _("%(ms)d ms early")
    return text % {"ms": round(abs(lag_ms))}


Words = Callable[[], str]

VERDICT_WORDS: dict[str, Words] = {
    "no_dancer": lambda: _(
        "We could not find you in this clip. Film in good light, with your whole body in the picture."
    ),
    "no_guide_dancer": lambda: _(
        "The guide has no usable skeleton here, so we cannot judge this take. It is not your fault."
    ),
    "no_guide_movement": lambda: _(
        "The guide hardly moves here, so there is nothing to compare. It is not your fault."
    ),
    "too_short": lambda: _("Too little of the dance is in this clip to judge it. Dance a little longer."),
    "too_little_in_view": lambda: _(
        "Too little of you is in view to judge this fairly. Step back until all of you fits."
    ),
    "stood_still": lambda: _(
        "You hardly moved in this clip, so there is nothing to compare yet. Dance along and send it again."
    ),
}

NOTICE_WORDS: dict[str, Words] = {
    "mirrored": lambda: _("You danced the mirror image. We turned it round before comparing, so it costs you nothing."),
    "partial_take": lambda: _("This take covers a part of the guide. Only that part was compared."),
    "partly_out_of_view": lambda: _(
        "Part of the time you were out of the picture. That time was left out of the score."
    ),
    "low_confidence": lambda: _("We are not sure where in the guide your take begins, so read this score with care."),
}

GRADE_WORDS: dict[str, Words] = {
    "perfect": lambda: _("perfect"),
    "great": lambda: _("great"),
    "good": lambda: _("good"),
    "ok": lambda: _("ok"),
    "keep_going": lambda: _("keep going"),
}
