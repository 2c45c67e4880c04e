"""Reads of what was danced: one take with all a page needs, the history, the charts."""

from dataclasses import dataclass
from typing import TypedDict, cast
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime

from accounts.models import User
from choreography.comparison.result_payloads import LimbResultPayload, ResultPayload
from choreography.findings import findings
from choreography.limbs import limb_label, own_limb
from choreography.models import Attempt, Choreography, Comparison, Guide
from choreography.payloads import (
    PLAYER_VERSION,
    ComparisonPayload,
    CountsPayload,
    DancerPayload,
    EightPayload,
    LimbPayload,
    MomentPayload,
    PlayerPayload,
    SectionPayload,
)
from choreography.places import DanceNames, names_of, section_names, span_words
from choreography.results import complete, is_of_earlier_version
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


def own_attempts(dancer: User) -> QuerySet[Attempt]:
    """The dancer's takes, newest first, with what a list shows."""
    return (
        Attempt.objects.filter(dancer=dancer)
        .select_related("choreography__song__artist", "comparison", "job", "video")
        .defer("poster", "comparison__result")
        # A dancer who is hardly found has a track and no poster.
        .annotate(error_bar=F("comparison__result__error_bar"), has_poster=Q(poster__isnull=False))
    )


def own_attempt(dancer: User, attempt_id: UUID) -> Attempt | None:
    attempt = (
        Attempt.objects.filter(dancer=dancer, pk=attempt_id)
        .select_related("choreography__song__artist", "comparison", "job", "video", "guide__video")
        .prefetch_related("choreography__sections", "video__people")
        .defer("guide__poster", "poster")
        .first()
    )
    if attempt is not None:
        attempt.guide.choreography = attempt.choreography  # one and the same; this one has its song and sections
    return attempt


def comparisons() -> QuerySet[Comparison]:
    """Results with what their words need: counts and sections of the dance."""
    return Comparison.objects.select_related("attempt__guide__choreography__song").prefetch_related(
        "attempt__choreography__sections"
    )


def previous_score(attempt: Attempt) -> float | None:
    """The score of the take of this choreography before this one, where there is one of the same version of the scoring."""
    return (
        Attempt.objects.filter(
            dancer=attempt.dancer_id,
            choreography=attempt.choreography_id,
            created_at__lt=attempt.created_at,
            comparison__score__isnull=False,
            comparison__scoring_version=attempt.comparison.scoring_version,
        )
        .order_by("-created_at")
        .values_list("comparison__score", flat=True)
        .first()
    )


def score_charts(dancer: User) -> list[ScoreChart]:
    """For each choreography with at least two scored takes the scores in the order of time, newest song first.

    Only those of the newest take's version of the scoring: a line through two versions would show their difference.
    """
    takes = (
        Attempt.objects.filter(dancer=dancer, comparison__score__isnull=False)
        .select_related("choreography__song__artist", "comparison")
        .only("created_at", "comparison__score", "comparison__scoring_version", *CHOREOGRAPHY_NAMES)
        .order_by("created_at")
    )
    danced: dict[int, list[Attempt]] = {}
    for take in takes:
        danced.setdefault(take.choreography_id, []).append(take)
    charts = [_chart(of_one) for of_one in reversed(danced.values())]
    return [chart for chart in charts if len(chart.points) > 1]


def player_payload(attempt: Attempt) -> PlayerPayload:
    """What the player needs to show a take beside its guide, and what was found."""
    payload = unjudged_payload(attempt)
    if attempt.comparison.offset_s is not None and attempt.comparison.result["overlap_s"] is not None:
        payload["comparison"] = _comparison(attempt)
    return payload


def unjudged_payload(attempt: Attempt) -> PlayerPayload:
    """A take and its guide, without anything that a comparison found."""
    payload: PlayerPayload = {
        "version": PLAYER_VERSION,
        "skeleton": SKELETON.as_payload(),
        "guide": guide_side(attempt.guide),
        "attempt": _attempt_side(attempt),
        "sections": section_payloads(attempt.choreography),
    }
    counts = counts_payload(attempt.guide)
    if counts is not None:
        payload["counts"] = counts
    return payload


def counts_payload(guide: Guide) -> CountsPayload | None:
    grid = guide.grid
    return {"bpm": grid.bpm, "first_beat_s": grid.first_count_s} if grid else None


def guide_side(guide: Guide) -> DancerPayload:
    return {
        "track_url": f"{reverse('guide_track', args=[guide.pk])}?v={version_of(guide.track_key)}",
        "video_url": reverse("guide_video", args=[guide.pk]) if guide.video_id else None,
        "audio_url": reverse("guide_audio", args=[guide.pk]) if guide.audio_key else None,
    }


def section_payloads(choreography: Choreography) -> list[SectionPayload]:
    sections = list(choreography.sections.all())
    return [
        {"kind": section.kind, "label": name, "start_s": section.start_s, "end_s": section.end_s}
        for section, name in zip(sections, section_names(sections), strict=True)
    ]


def _attempt_side(attempt: Attempt) -> DancerPayload:
    return {
        "track_url": f"{reverse('attempt_track', args=[attempt.pk])}?v={version_of(attempt.track_key)}",
        "video_url": reverse("attempt_video", args=[attempt.pk]) if attempt.video_id else None,
        "audio_url": None,
    }


def _comparison(attempt: Attempt) -> ComparisonPayload:
    result = complete(attempt.comparison.result)
    names = names_of(attempt, result)
    payload: ComparisonPayload = {
        "offset_s": cast(float, result["offset_s"]),
        "mirrored": result["mirrored"],
        "overlap_s": cast(tuple[float, float], result["overlap_s"]),
        "timeline": result["timeline"],
        "limbs": [_limb(limb, result["mirrored"]) for limb in result["limbs"]],
        "eights": _eights(result, names),
        "worst_eight": result["worst_eight"],
    }
    if not is_of_earlier_version(result):
        payload["findings"] = _moments(result, names)
    return payload


def _limb(limb: LimbResultPayload, mirrored: bool) -> LimbPayload:
    return {
        "limb": limb["limb"],
        "label": capfirst(limb_label(own_limb(limb["limb"], mirrored))),
        "score": limb["score"],
        "coverage": limb["coverage"],
    }


def _eights(result: ResultPayload, names: DanceNames) -> list[EightPayload]:
    return [
        {
            "start_s": eight["start_s"],
            "end_s": eight["end_s"],
            "label": span_words(eight["place"], eight["start_s"], eight["end_s"], names),
            "score": eight["score"],
            "limbs": eight["limbs"],
        }
        for eight in result["eights"]
    ]


def _moments(result: ResultPayload, names: DanceNames) -> list[MomentPayload]:
    return [
        {
            "number": finding.number,
            "limb": finding.limb,
            "label": finding.label,
            "start_s": finding.start_s,
            "end_s": finding.end_s,
        }
        for finding in findings(result, names)
    ]


def _chart(takes: list[Attempt]) -> ScoreChart:
    """Of takes of one choreography, the newest last."""
    version = takes[-1].comparison.scoring_version
    comparable = [take for take in takes if take.comparison.scoring_version == version]
    points = [_point(take, cast(float, take.comparison.score)) for take in comparable]
    return ScoreChart(takes[-1].choreography, points)


def _point(attempt: Attempt, score: float) -> ChartPoint:
    created = localtime(attempt.created_at)
    return {
        "date_iso": created.isoformat(),
        "label": date_format(created, "M j" if translation.get_language() != "ko" else "n월 j일"),
        "score": round(score, 1),
        "url": attempt.get_absolute_url(),
    }
