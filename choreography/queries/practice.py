"""Reads of what was danced: one take with all a page needs, the history, the charts."""

from dataclasses import dataclass
from typing import TypedDict, cast
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime

from accounts.models import User
from choreography.findings import REACH_S, mean_around
from choreography.limbs import limb_label
from choreography.models import Attempt, Choreography, Comparison, Guide
from choreography.payloads import (
    PLAYER_VERSION,
    ComparisonPayload,
    DancerPayload,
    PlayerPayload,
    SectionPayload,
    TimelinePayload,
)
from inference.pose.skeleton import SKELETON
from inference.serving import version_of

CHOREOGRAPHY_NAMES = tuple(
    f"choreography__{field}"
    for field in (
        "slug",
        "song__title_en",
        "song__title_ko",
        "song__artist__name_en",
        "song__artist__name_ko",
    )
)


class ChartPoint(TypedDict):
    date_iso: str
    label: str
    score: float
    url: str


@dataclass(frozen=True)
class ScoreChart:
    """The scores of one choreography over time."""

    choreography: Choreography
    points: list[ChartPoint]


@dataclass(frozen=True)
class LimbRow:
    """A limb in the result's list; `coverage` is the share of its time that could be judged.

    `worst_s` is the guide time where it is furthest off, None where it was not judged.
    """

    limb: str
    label: str
    score: float | None
    coverage: float
    worst_s: float | None


def own_attempts(dancer: User) -> QuerySet[Attempt]:
    """The dancer's takes, newest first, with what a list shows."""
    return (
        Attempt.objects.filter(dancer=dancer)
        .select_related("choreography__song__artist", "comparison", "job", "video")
        .defer("poster", "comparison__result")
    )


def own_attempt(dancer: User, attempt_id: UUID) -> Attempt | None:
    return (
        Attempt.objects.filter(dancer=dancer, pk=attempt_id)
        .select_related("choreography__song__artist", "comparison", "job", "video", "guide__video")
        .prefetch_related("choreography__sections", "video__people")
        .defer("guide__poster", "poster")
        .first()
    )


def previous_score(attempt: Attempt) -> float | None:
    """The score of the take of this choreography before this one, where there is one."""
    return (
        Attempt.objects.filter(
            dancer=attempt.dancer_id,
            choreography=attempt.choreography_id,
            created_at__lt=attempt.created_at,
            comparison__score__isnull=False,
        )
        .order_by("-created_at")
        .values_list("comparison__score", flat=True)
        .first()
    )


def score_charts(dancer: User) -> list[ScoreChart]:
    """For each choreography with at least two scored takes the scores in the order of time, newest song first."""
    takes = (
        Attempt.objects.filter(dancer=dancer, comparison__score__isnull=False)
        .select_related("choreography__song__artist", "comparison")
        .only("created_at", "comparison__score", *CHOREOGRAPHY_NAMES)
        .order_by("created_at")
    )
    charts: dict[int, ScoreChart] = {}
    for take in takes:
        chart = charts.setdefault(take.choreography_id, ScoreChart(take.choreography, []))
        chart.points.append(_point(take, cast(float, take.comparison.score)))
    return [chart for chart in reversed(charts.values()) if len(chart.points) > 1]


def limb_rows(comparison: Comparison) -> list[LimbRow]:
    """Limbs by name with score and share in view, the weakest first, those out of view last."""
    limbs = comparison.result["limbs"]
    ranked = sorted(limbs, key=lambda limb: (limb["score"] is None, limb["score"] or 0))
    return [
        LimbRow(
            limb["limb"],
            limb_label(limb["limb"]),
            limb["score"],
            limb["coverage"],
            worst_moment_s(comparison.result["timeline"], limb["limb"]),
        )
        for limb in ranked
    ]


def worst_moment_s(timeline: TimelinePayload, limb: str) -> float | None:
    """The guide time around which a limb is furthest off, eased as findings are; None where it was not judged."""
    errors = timeline["limb_error_deg"].get(limb, [])
    judged = [step for step, error in enumerate(errors) if error is not None]
    if not judged:
        return None
    reach = max(1, round(REACH_S / timeline["step_s"]))
    return round(timeline["t_s"][max(judged, key=lambda step: mean_around(errors, step, reach))], 3)


def player_payload(attempt: Attempt) -> PlayerPayload:
    """What the player needs to show a take beside its guide."""
    choreography = attempt.choreography
    payload: PlayerPayload = {
        "version": PLAYER_VERSION,
        "skeleton": SKELETON.as_payload(),
        "guide": guide_side(attempt.guide),
        "attempt": _attempt_side(attempt),
        "sections": section_payloads(choreography),
    }
    if attempt.comparison.offset_s is not None and attempt.comparison.result["overlap_s"] is not None:
        payload["comparison"] = _comparison(attempt)
    if choreography.song.bpm:
        payload["counts"] = {"bpm": choreography.song.bpm, "first_beat_s": choreography.song.first_beat_s}
    return payload


def guide_side(guide: Guide) -> DancerPayload:
    return {
        "track_url": f"{reverse('guide_track', args=[guide.pk])}?v={version_of(guide.track_key)}",
        "video_url": reverse("guide_video", args=[guide.pk]) if guide.video_id else None,
        "audio_url": reverse("guide_audio", args=[guide.pk]) if guide.audio_key else None,
    }


def section_payloads(choreography: Choreography) -> list[SectionPayload]:
    return [
        {
            "kind": section.kind,
            "label": str(section.get_kind_display()),
            "start_s": section.start_s,
            "end_s": section.end_s,
        }
        for section in choreography.sections.all()
    ]


def _attempt_side(attempt: Attempt) -> DancerPayload:
    return {
        "track_url": f"{reverse('attempt_track', args=[attempt.pk])}?v={version_of(attempt.track_key)}",
        "video_url": reverse("attempt_video", args=[attempt.pk]) if attempt.video_id else None,
        "audio_url": None,
    }


def _comparison(attempt: Attempt) -> ComparisonPayload:
    result = attempt.comparison.result
    limbs = [{**limb, "label": limb_label(limb["limb"])} for limb in result["limbs"]]
    return cast(
        ComparisonPayload,
        {key: result[key] for key in ("offset_s", "mirrored", "overlap_s", "timeline")} | {"limbs": limbs},
    )


def _point(attempt: Attempt, score: float) -> ChartPoint:
    created = localtime(attempt.created_at)
    return {
        "date_iso": created.isoformat(),
        "label": date_format(created, "M j" if translation.get_language() != "ko" else "n월 j일"),
        "score": round(score, 1),
        "url": attempt.get_absolute_url(),
    }
