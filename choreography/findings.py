"""The moments of a take to look at first: where most was off, which limb it was, and on which count.

The player finds the same moments by the same rule (static/js/lib/timeline.js) where a page names none.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from choreography.limbs import limb_label
from choreography.models import Choreography

MOST = 3
LEAST_DEG = 15.0
APART_S = 2.0
REACH_S = 0.5
COUNTS_AN_EIGHT = 8
MEANINGLESS = frozenset({"other_dance", "guide_replayed"})

Errors = Sequence[float | None]


@dataclass(frozen=True)
class Finding:
    """One moment: at `seek_s` of the guide the limb was `degrees` off; `place` says where that is in the dance."""

    limb: str
    degrees: int
    place: str
    time: str
    seek_s: float


def findings(result: dict[str, Any], choreography: Choreography) -> list[Finding]:
    """At most three moments, the limb that was furthest off first; none where the score means nothing."""
    timeline = result.get("timeline")
    if result["score"] is None or not timeline or MEANINGLESS.intersection(result["notices"]):
        return []
    reach = max(1, round(REACH_S / timeline["step_s"]))
    found = [_finding(timeline, step, reach, choreography) for step in worst_steps(timeline, reach)]
    return sorted(found, key=lambda finding: -finding.degrees)


def worst_steps(timeline: dict[str, Any], reach: int) -> list[int]:
    """Steps of the timeline with the largest eased error, at least `APART_S` apart, worst first."""
    errors: Errors = timeline["error_deg"]
    eased = {step: mean_around(errors, step, reach) for step, error in enumerate(errors) if error is not None}
    chosen: list[int] = []
    for step in sorted(eased, key=lambda step: (-eased[step], step)):
        if len(chosen) == MOST or eased[step] < LEAST_DEG:
            break
        if all(abs(timeline["t_s"][step] - timeline["t_s"][other]) >= APART_S for other in chosen):
            chosen.append(step)
    return chosen


def mean_around(errors: Errors, at: int, reach: int) -> float:
    """Mean of the known errors within `reach` steps, in degrees; near ones weigh more, so a stretch peaks in its middle."""
    weighed = [
        (reach + 1 - abs(step - at), error)
        for step in range(max(0, at - reach), min(len(errors), at + reach + 1))
        if (error := errors[step]) is not None
    ]
    total = sum(weight for weight, _error in weighed)
    return sum(weight * error for weight, error in weighed) / total if total else 0.0


def _finding(timeline: dict[str, Any], step: int, reach: int, choreography: Choreography) -> Finding:
    seconds = float(timeline["t_s"][step])
    limbs: dict[str, Errors] = timeline["limb_error_deg"]
    degrees = {name: mean_around(errors, step, reach) for name, errors in limbs.items() if errors[step] is not None}
    limb = max(degrees, key=lambda name: degrees[name], default="")
    return Finding(
        limb=limb_label(limb) if limb else _("whole body"),
        degrees=round(degrees[limb] if limb else mean_around(timeline["error_deg"], step, reach)),
        place=place_words(seconds, choreography),
        time=f"{int(seconds) // 60}:{int(seconds) % 60:02d}",
        seek_s=round(seconds, 3),
    )


def place_words(seconds: float, choreography: Choreography) -> str:
    """Section, eight and count as a dancer would say them; what is not known is left out."""
    section = next((part for part in choreography.sections.all() if part.start_s <= seconds < part.end_s), None)
    words = [str(section.get_kind_display())] if section else []
    song = choreography.song
    if song.bpm:
        section_s = section.start_s - song.first_beat_s if section else 0.0
        eight, count = eight_and_count(seconds - song.first_beat_s, 60 / song.bpm, section_s)
        words.append(_("eight %(eight)d, count %(count)d") % {"eight": eight, "count": count})
    return ", ".join(words)


def eight_and_count(seconds: float, beat_s: float, section_s: float) -> tuple[int, int]:
    """Both from one, for seconds after the first beat; eights start with the section, counts run through the whole dance."""
    beat = math.floor(seconds / beat_s + 1e-6)
    section_eight = round(section_s / beat_s) // COUNTS_AN_EIGHT
    return max(1, beat // COUNTS_AN_EIGHT - section_eight + 1), beat % COUNTS_AN_EIGHT + 1
