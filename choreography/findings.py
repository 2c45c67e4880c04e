"""What to look at first in a take: each finding of its result as a sentence, with its place and how sure it is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from django.utils.translation import gettext as _

from choreography.body_words import SUBJECTS, Words, body_limb, body_part
from choreography.comparison.reasons_config import ReasonsConfig
from choreography.comparison.result import Correction, FindingKind, Part
from choreography.comparison.result_payloads import FindingPayload, ResultPayload
from choreography.corrections import shape_sentence
from choreography.limbs import OTHER_SIDE, own_limb
from choreography.places import DanceNames, stretch_words
from inference.quality_words import clock, span

FIRST = 3
EDGE_DOUBT_S = ReasonsConfig().edge_doubt_s
UNSURE_BELOW = 0.5
LONG_S = 8.0
"""What lasts longer belongs to no one eight: it is said with its times, and shown by what is to be drilled of it."""
THROUGHOUT_SHARE = 0.7


@dataclass(frozen=True)
class Finding:
    """`number` from 1 for those shown first, None for the rest; `limb` is the guide's and "all" for the whole body.

    `start_s` to `end_s` is the stretch that shows it.
    """

    number: int | None
    limb: str
    what: str
    where: str
    doubt: str
    time: str
    start_s: float
    end_s: float

    @property
    def label(self) -> str:
        return ", ".join(word for word in (self.what, self.where, self.time) if word)


@dataclass(frozen=True)
class Drill:
    """A stretch to practise; `speeds` are shares of the guide's tempo."""

    what: str
    where: str
    time: str
    start_s: float
    end_s: float
    speeds: tuple[float, ...]


def findings(result: ResultPayload, names: DanceNames) -> list[Finding]:
    """As ranked in the result: what costs most and can be mended first."""
    return [_finding(result, index, names) for index in range(len(result["findings"]))]


def is_long(found: FindingPayload) -> bool:
    return found["end_s"] - found["start_s"] > LONG_S


def shown_span(result: ResultPayload, index: int) -> tuple[float, float]:
    """When to look at a finding: all of it, or of a long one what its drill takes."""
    found = result["findings"][index]
    if not is_long(found):
        return found["start_s"], found["end_s"]
    drill = next((drill for drill in result["plan"] if drill["finding"] == index), None)
    return (drill["start_s"], drill["end_s"]) if drill else (found["start_s"], found["start_s"] + LONG_S)


def where_words(found: FindingPayload, overlap_s: tuple[float, float] | None, names: DanceNames) -> str:
    if not is_long(found):
        start_s, end_s = found["start_s"], found["end_s"]
        doubt_s = min(EDGE_DOUBT_S, (end_s - start_s) / 4)  # as when it was placed
        return stretch_words(found["place"], start_s + doubt_s, end_s - doubt_s, names)
    start_s, end_s = overlap_s or (found["start_s"], found["end_s"])
    if found["end_s"] - found["start_s"] >= THROUGHOUT_SHARE * (end_s - start_s):
        return _("all the way through")
    return span((found["start_s"], found["end_s"]))


def drills(result: ResultPayload, names: DanceNames) -> list[Drill]:
    """The practice plan, in its order."""
    return [
        Drill(
            what=what_words(result["findings"][drill["finding"]], result["mirrored"], names.beat_s),
            where=stretch_words(drill["place"], drill["start_s"], drill["end_s"], names),
            time=clock(drill["start_s"]),
            start_s=drill["start_s"],
            end_s=drill["end_s"],
            speeds=tuple(drill["speeds"]),
        )
        for drill in result["plan"]
    ]


def what_words(found: FindingPayload, mirrored: bool, beat_s: float | None = None) -> str:
    """What was wrong, or what to do about it, by the dancer's own left and right."""
    return WHAT_WORDS[cast(FindingKind, found["kind"])](found, mirrored, beat_s)


def _finding(result: ResultPayload, index: int, names: DanceNames) -> Finding:
    found = result["findings"][index]
    start_s, end_s = shown_span(result, index)
    return Finding(
        number=index + 1 if index < FIRST else None,
        limb=found["limb"],
        what=what_words(found, result["mirrored"], names.beat_s),
        where=where_words(found, result["overlap_s"], names),
        doubt=_("We are not quite sure of this one.") if found["sureness"] < UNSURE_BELOW else "",
        time=clock(start_s),
        start_s=start_s,
        end_s=end_s,
    )


def _shape(found: FindingPayload, mirrored: bool, _beat_s: float | None) -> str:
    correction = found["correction"] or "other"
    correction = OTHER_SIDE.get(correction, correction) if mirrored else correction
    part = body_part(own_limb(found["limb"], mirrored), cast(Part, found["part"]))
    return shape_sentence(part, cast(Correction, correction), found["degrees"])


def _timing(found: FindingPayload, mirrored: bool, beat_s: float | None) -> str:
    lag_ms = abs(found["lag_ms"] or 0.0)
    counts = counts_words(lag_ms, beat_s)
    pattern = TIMING_WORDS[found["kind"], body_limb(found["limb"]) == "all", bool(counts)]
    return pattern() % {"limb": _subject(found, mirrored), "counts": counts, "ms": round(lag_ms, -1)}


def _too_small(found: FindingPayload, mirrored: bool, _beat_s: float | None) -> str:
    if body_limb(found["limb"]) == "all":
        text = _("You move about %(share)s as far as the guide")
    else:
        text = _("%(limb)s moves about %(share)s as far as the guide's")
    return text % {"limb": _subject(found, mirrored), "share": share_words(found["size_ratio"] or 0.0)}


def _too_big(found: FindingPayload, mirrored: bool, _beat_s: float | None) -> str:
    if body_limb(found["limb"]) == "all":
        text = _("You move about %(percent)d%% further than the guide")
    else:
        text = _("%(limb)s moves about %(percent)d%% further than the guide's")
    percent = max(10, round(100 * ((found["size_ratio"] or 1.0) - 1.0), -1))
    return text % {"limb": _subject(found, mirrored), "percent": percent}


def _still(found: FindingPayload, mirrored: bool, _beat_s: float | None) -> str:
    if body_limb(found["limb"]) == "all":
        return _("You stand still here")
    return _("%(limb)s stays still here") % {"limb": _subject(found, mirrored)}


WHAT_WORDS: dict[FindingKind, Callable[[FindingPayload, bool, float | None], str]] = {
    "shape": _shape,
    "late": _timing,
    "early": _timing,
    "too_small": _too_small,
    "too_big": _too_big,
    "still": _still,
}

TIMING_WORDS: dict[tuple[str, bool, bool], Words] = {
    ("late", True, True): lambda: _("You come %(counts)s late (%(ms)d ms)"),
    ("late", True, False): lambda: _("You come %(ms)d ms late"),
    ("late", False, True): lambda: _("%(limb)s comes %(counts)s late (%(ms)d ms)"),
    ("late", False, False): lambda: _("%(limb)s comes %(ms)d ms late"),
    ("early", True, True): lambda: _("You come %(counts)s early (%(ms)d ms)"),
    ("early", True, False): lambda: _("You come %(ms)d ms early"),
    ("early", False, True): lambda: _("%(limb)s comes %(counts)s early (%(ms)d ms)"),
    ("early", False, False): lambda: _("%(limb)s comes %(ms)d ms early"),
}
"""By kind, whether it is the whole body, and whether the lag in counts is known."""

COUNT_WORDS: tuple[tuple[float, Words], ...] = (
    (0.25, lambda: _("a quarter of a count")),
    (0.5, lambda: _("half a count")),
    (0.75, lambda: _("three quarters of a count")),
    (1.0, lambda: _("a whole count")),
    (1.5, lambda: _("one and a half counts")),
    (2.0, lambda: _("two counts")),
)

SHARE_WORDS: tuple[tuple[float, Words], ...] = (
    (0.1, lambda: _("a tenth")),
    (0.25, lambda: _("a quarter")),
    (0.333, lambda: _("a third")),
    (0.5, lambda: _("half")),
    (0.667, lambda: _("two thirds")),
    (0.75, lambda: _("three quarters")),
    (0.9, lambda: _("nine tenths")),
)


def counts_words(lag_ms: float, beat_s: float | None) -> str:
    """How much of a count that is; nothing where nobody counts, or where it is nearer to none than to a quarter."""
    counts = lag_ms / 1000.0 / beat_s if beat_s else 0.0
    return _nearest(COUNT_WORDS, counts) if counts >= COUNT_WORDS[0][0] / 2 else ""


def share_words(ratio: float) -> str:
    return _nearest(SHARE_WORDS, ratio)


def _nearest(words: tuple[tuple[float, Words], ...], value: float) -> str:
    return min(words, key=lambda entry: abs(entry[0] - value))[1]()


def _subject(found: FindingPayload, mirrored: bool) -> str:
    return SUBJECTS[body_limb(own_limb(found["limb"], mirrored))]()
