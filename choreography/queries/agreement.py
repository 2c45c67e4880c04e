"""Ratings beside the machine's scores, as `comparison.agreement` takes them; scores of different versions never mixed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.db.models.fields.json import KeyTransform

from choreography.comparison.agreement import Agreement, RatedTake, TeacherRating, agreement
from choreography.models import Choreography, Rating

SHOWN_FIRST = 3
"""Findings that a dancer is shown before asking for more."""
NEWEST = 300
"""So many rated takes tell the desk enough, and answer at once."""


@dataclass(frozen=True)
class AgreementReport:
    """`version` is the scoring that is spoken of, None without ratings; `left_out` are rated takes without a score of it."""

    version: str | None
    found: Agreement
    left_out: int


def agreement_report(
    *, choreography: Choreography | None = None, version: str | None = None, newest: int | None = None
) -> AgreementReport:
    """Of what dancers see, in its most frequent version; of a given version, drafts and earlier results count too."""
    ratings = _ratings(choreography)
    if version is None:
        version = _most_frequent_version(ratings)
        takes = _rated(ratings, "attempt__comparison", version)
    else:
        kept = _rated(ratings, "attempt__scored_versions", version)
        takes = kept | _rated(ratings, "attempt__comparison", version)
    chosen = list(takes.values())[:newest]
    left_out = ratings.values("attempt").distinct().count() - len(takes)
    return AgreementReport(version if takes else None, agreement(chosen), left_out)


def _ratings(choreography: Choreography | None) -> QuerySet[Rating]:
    """Without demo takes: authored motion says nothing about dancers."""
    ratings = Rating.objects.filter(attempt__is_demo=False)
    return ratings if choreography is None else ratings.filter(attempt__choreography=choreography)


def _most_frequent_version(ratings: QuerySet[Rating]) -> str | None:
    scored = ratings.filter(attempt__comparison__score__isnull=False)
    versions = Counter(scored.values_list("attempt__comparison__scoring_version", flat=True))
    return versions.most_common(1)[0][0] if versions else None


def _rated(ratings: QuerySet[Rating], result: str, version: str | None) -> dict[UUID, RatedTake]:
    """By take, newest first. Of the stored results only what is needed is read, not their timelines."""
    rows = (
        ratings.filter(**{f"{result}__scoring_version": version, f"{result}__score__isnull": False})
        .annotate(
            machine=F(f"{result}__score"),
            scored_limbs=KeyTransform("limbs", f"{result}__result"),
            findings=KeyTransform("findings", f"{result}__result"),
        )
        .order_by("-attempt__created_at", "attempt_id", "created_at")
        .values_list("attempt_id", "score", "limbs", "machine", "scored_limbs", "findings")
    )
    return dict(_by_take(rows))


def _by_take(rows: "QuerySet[Any, tuple[Any, ...]]") -> Iterator[tuple[UUID, RatedTake]]:
    ratings: dict[UUID, list[TeacherRating]] = {}
    machine: dict[UUID, tuple[float, list[dict[str, Any]], list[dict[str, Any]]]] = {}
    for take, score, marked, machine_score, limbs, findings in rows:
        ratings.setdefault(take, []).append(TeacherRating(score, frozenset(marked)))
        machine[take] = (machine_score, limbs or [], findings or [])
    for take, given in ratings.items():
        machine_score, limbs, findings = machine[take]
        yield take, _rated_take(machine_score, tuple(given), limbs, findings)


def _rated_take(
    machine: float, ratings: tuple[TeacherRating, ...], limbs: list[dict[str, Any]], findings: list[dict[str, Any]]
) -> RatedTake:
    scored = {limb["limb"]: limb["score"] for limb in limbs if limb["score"] is not None}
    shown = {finding["limb"] for finding in findings[:SHOWN_FIRST]}
    return RatedTake(
        machine=machine,
        ratings=ratings,
        judged_limbs=frozenset(scored),
        weakest_limb=min(scored, key=lambda limb: scored[limb], default=None),
        found_limbs=frozenset(shown & set(scored)),  # "all" is no limb that a teacher could mark
    )
