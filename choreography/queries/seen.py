"""How well a dancer could be seen in a clip, in words and shapes for a page."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from choreography.limbs import limb_label
from choreography.models import Attempt, Guide
from choreography.queries.people import is_judged, judged_person
from inference.pose.quality_report import QualityFinding, QualityReport
from inference.pose.skeleton import SKELETON
from inference.quality_words import advice, clock, span, stretches

FIRST = 3
LITTLE_SHARE = 0.5
RARELY_PERCENT, NEARLY_ALWAYS_PERCENT = 20, 95
LEAST_TINT = 0.25
LEAST_BAR = 8
"""Thousandths of the timeline: what lasts shorter is still to be seen."""


@dataclass(frozen=True)
class LimbSeen:
    """A limb of the small figure: `tint` is how opaque it is drawn, `is_little` that it is dashed besides."""

    limb: str
    label: str
    percent: int
    tint: str
    is_little: bool


@dataclass(frozen=True)
class Bar:
    """A stretch of the timeline in thousandths of the clip; `level` 0 is what to look at first."""

    start: int
    length: int
    level: int


@dataclass(frozen=True)
class Moment:
    """A stretch of the clip in words; `seek_s` is where the player shows its beginning, None where it does not."""

    words: str
    seek_s: float | None


@dataclass(frozen=True)
class Shortcoming:
    """What to do next time, and when it mattered; without moments it was so all through the clip."""

    advice: str
    moments: list[Moment]


@dataclass(frozen=True)
class Shown:
    """What the player shows of a clip: its time 0 is `offset_s` of the clip, and it ends after `duration_s`."""

    offset_s: float
    duration_s: float

    def seek_s(self, stretch: tuple[float, float]) -> float | None:
        start, end = (seconds - self.offset_s for seconds in stretch)
        return round(max(start, 0.0), 3) if end >= 0.0 and start < self.duration_s else None


@dataclass(frozen=True)
class Seen:
    """What `partials/seen.html` draws. `weakest` is empty where the shortcomings say enough."""

    headline: str
    weakest: str
    limbs: list[LimbSeen]
    first: list[Shortcoming]
    rest: list[Shortcoming]
    bars: list[Bar]
    length: str


def seen_of_attempt(attempt: Attempt) -> Seen | None:
    """For the dancer whom the result is about; None where the clip has no report."""
    person = judged_person(attempt)
    return None if person is None else seen(person.report, _shown_beside_guide(attempt))


def seen_of_guide(guide: Guide) -> Seen | None:
    people = [] if guide.video is None else list(guide.video.people.all())
    judged = [person for person in people if is_judged(person, guide.video, guide.track_key)]
    return seen(judged[0].report, Shown(0.0, guide.duration_s or 0.0)) if judged else None


def seen(stored: dict[str, Any], shown: Shown | None = None) -> Seen | None:
    """None for a report that another version wrote: its words could be wrong. Without `shown` no moment leads anywhere."""
    try:
        report = QualityReport.from_json(stored)
    except ValueError:
        return None
    shortcomings = [_shortcoming(finding, report.duration_s, shown) for finding in report.findings]
    return Seen(
        headline=_headline(report),
        weakest=_weakest(report),
        limbs=[_limb(limb, report.limb_shares[limb]) for limb in SKELETON.limbs],
        first=shortcomings[:FIRST],
        rest=shortcomings[FIRST:],
        bars=_bars(report.findings, report.duration_s),
        length=clock(report.duration_s),
    )


def _shown_beside_guide(attempt: Attempt) -> Shown | None:
    """As the player lays the take on the guide's time."""
    if not hasattr(attempt, "comparison"):
        return None
    comparison = attempt.comparison
    is_aligned = comparison.offset_s is not None and comparison.result["overlap_s"] is not None
    return Shown((comparison.offset_s or 0.0) if is_aligned else 0.0, attempt.guide.duration_s or 0.0)


def _shortcoming(finding: QualityFinding, duration_s: float, shown: Shown | None) -> Shortcoming:
    return Shortcoming(
        advice(finding),
        [
            Moment(span(stretch), None if shown is None else shown.seek_s(stretch))
            for stretch in stretches(finding, duration_s)
        ],
    )


def _headline(report: QualityReport) -> str:
    percent = int(100 * report.whole_body_share)
    if percent >= NEARLY_ALWAYS_PERCENT:
        return _("From head to toe, nearly all the time.")
    if percent >= RARELY_PERCENT:
        return _("From head to toe for %(percent)d%% of the time.") % {"percent": percent}
    return _("Rarely from head to toe: %(percent)d%% of the time.") % {"percent": percent}


def _weakest(report: QualityReport) -> str:
    """Why there is no more, where no limb was out of view long enough for advice: quick turns, an arm behind the back."""
    if report.findings or 100 * report.whole_body_share >= NEARLY_ALWAYS_PERCENT:
        return ""
    limb, share = min(report.limb_shares.items(), key=lambda entry: entry[1])
    words = {"limb": limb_label(limb), "percent": int(100 * share)}
    return _("Hardest to make out was the %(limb)s, seen for %(percent)d%% of the time.") % words


def _limb(limb: str, share: float) -> LimbSeen:
    return LimbSeen(
        limb=limb,
        label=limb_label(limb),
        percent=int(100 * share),
        tint=f"{LEAST_TINT + (1 - LEAST_TINT) * share:.2f}",
        is_little=share < LITTLE_SHARE,
    )


def _bars(findings: tuple[QualityFinding, ...], duration_s: float) -> list[Bar]:
    """Those to look at first are drawn last, on top."""
    bars = [
        _bar(stretch, duration_s, 0 if place < FIRST else 1)
        for place, finding in enumerate(findings)
        for stretch in finding.stretches_s
    ]
    return sorted(bars, key=lambda bar: -bar.level)


def _bar(stretch: tuple[float, float], duration_s: float, level: int) -> Bar:
    start, end = (round(1000 * min(max(seconds / max(duration_s, 1e-9), 0.0), 1.0)) for seconds in stretch)
    length = max(end - start, LEAST_BAR)
    return Bar(min(start, 1000 - length), length, level)
