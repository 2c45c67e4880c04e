"""How well a dancer could be seen in a clip, in words and shapes for a page."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from choreography.limbs import limb_label
from choreography.models import Attempt, Guide
from choreography.queries.people import is_judged, judged_person
from inference.pose.quality_report import QualityFinding, QualityReport
from inference.pose.skeleton import SKELETON
from inference.quality_words import clock, sentence

FIRST = 3
LITTLE_SHARE = 0.5
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
class Seen:
    """What `partials/seen.html` draws."""

    headline: str
    limbs: list[LimbSeen]
    first: list[str]
    rest: list[str]
    bars: list[Bar]
    length: str


def seen_of_attempt(attempt: Attempt) -> Seen | None:
    """For the dancer whom the result is about; None where the clip has no report."""
    person = judged_person(attempt)
    return None if person is None else seen(person.report)


def seen_of_guide(guide: Guide) -> Seen | None:
    people = [] if guide.video is None else list(guide.video.people.all())
    judged = [person for person in people if is_judged(person, guide.video, guide.track_key)]
    return seen(judged[0].report) if judged else None


def seen(stored: dict[str, Any]) -> Seen | None:
    """None for a report that another version wrote: its words could be wrong."""
    try:
        report = QualityReport.from_json(stored)
    except ValueError:
        return None
    sentences = [sentence(finding, report.duration_s) for finding in report.findings]
    return Seen(
        headline=_headline(report),
        limbs=[_limb(limb, report.limb_shares[limb]) for limb in SKELETON.limbs],
        first=sentences[:FIRST],
        rest=sentences[FIRST:],
        bars=_bars(report.findings, report.duration_s),
        length=clock(report.duration_s),
    )


def _headline(report: QualityReport) -> str:
    percent = int(100 * report.whole_body_share)
    if percent >= 95:
        return _("From head to toe, nearly all the time.")
    if percent >= LITTLE_SHARE * 100:
        return _("From head to toe for %(percent)d%% of the time.") % {"percent": percent}
    return _("Rarely from head to toe: %(percent)d%% of the time.") % {"percent": percent}


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
