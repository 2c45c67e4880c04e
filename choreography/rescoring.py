"""Results of other versions of the scoring: the ones of before, and drafts of today's until they are published.

Dancers see a take's `Comparison`. `draft` judges it by today's scoring into a `ScoredVersion`, which nobody is shown;
`publish` makes that the comparison and keeps the old one. Rows are locked in one order: take, comparison, versions.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils import timezone

from choreography import memory
from choreography.comparison.result import ComparisonResult
from choreography.models import Attempt, Comparison, ScoredVersion

AT_A_TIME = 20
_SAME_IN_BOTH = ("scoring_version", "verdict", "score", "offset_s", "mirrored", "coverage", "result")
_JUDGED_FROM = ("guide_id", "track_key", "start_s", "sound")


@dataclass(frozen=True)
class Change:
    """What a draft would change for one take; scores and grades are None where there is none."""

    take: UUID
    choreography: str
    old_version: str
    old_score: float | None
    old_verdict: str
    old_grade: str | None
    new_version: str
    new_score: float | None
    new_verdict: str
    new_grade: str | None

    @property
    def points(self) -> float | None:
        return None if self.old_score is None or self.new_score is None else self.new_score - self.old_score


class Publication(Enum):
    PUBLISHED = "published"
    STALE = "stale"
    """The take was judged anew after the draft was made, or is gone."""


def judged_takes(*, slug: str | None = None, ids: Iterable[UUID] = ()) -> QuerySet[Attempt]:
    """Takes with a result; all of them, or those of one choreography, or these."""
    takes = Attempt.objects.filter(comparison__isnull=False)
    if slug is not None:
        takes = takes.filter(choreography__slug=slug)
    chosen = list(ids)
    return takes.filter(pk__in=chosen) if chosen else takes


def outdated(takes: QuerySet[Attempt], version: str) -> QuerySet[Attempt]:
    """Those whose result is of another version than this."""
    return takes.exclude(comparison__scoring_version=version)


def with_draft(takes: QuerySet[Attempt], version: str) -> QuerySet[Attempt]:
    """Those with a draft that was made after their result; what was judged anew since is not spoken of by it."""
    return takes.filter(Exists(_fresh_drafts(version)))


def without_draft(takes: QuerySet[Attempt], version: str) -> QuerySet[Attempt]:
    return takes.exclude(Exists(_fresh_drafts(version)))


def _fresh_drafts(version: str) -> QuerySet[ScoredVersion]:
    return ScoredVersion.objects.filter(
        attempt=OuterRef("pk"),
        scoring_version=version,
        created_at__gte=OuterRef("comparison__created_at"),
    )


def to_judge(takes: QuerySet[Attempt]) -> Iterator[Attempt]:
    """With all that judging needs, a few at a time; takes of one guide follow each other."""
    return (
        takes.select_related("guide__choreography__song", "video")
        .prefetch_related("guide__choreography__sections", "video__people")
        .defer("poster", "guide__poster", "guide__beats")
        .order_by("guide_id", "created_at", "pk")
        .iterator(chunk_size=AT_A_TIME)
    )


def save_draft(attempt: Attempt, result: ComparisonResult) -> bool:
    """Keep a result that nobody is shown yet. False where the take is no longer the one that was judged."""
    with transaction.atomic():
        now = Attempt.objects.select_for_update().filter(pk=attempt.pk, comparison__isnull=False).first()
        if now is None or any(getattr(now, field) != getattr(attempt, field) for field in _JUDGED_FROM):
            return False
        _keep(attempt.pk, fields_of(result))
        return True


def changes(takes: QuerySet[Attempt], version: str) -> Iterator[Change]:
    """What the drafts of a version would change, newest takes last; results themselves are not read."""
    drafts = (
        ScoredVersion.objects.filter(attempt__in=takes, scoring_version=version)
        .filter(created_at__gte=F("attempt__comparison__created_at"))
        .order_by("attempt__choreography__slug", "attempt__created_at", "attempt_id")
        .values_list(
            "attempt_id",
            "attempt__choreography__slug",
            "attempt__comparison__scoring_version",
            "attempt__comparison__score",
            "attempt__comparison__verdict",
            KeyTextTransform("grade", "attempt__comparison__result"),
            "scoring_version",
            "score",
            "verdict",
            KeyTextTransform("grade", "result"),
        )
    )
    return (Change(*row) for row in drafts.iterator(chunk_size=500))


def publish(attempt_id: UUID, version: str) -> Publication:
    """Show dancers what the draft says, and keep what they saw until now."""
    with transaction.atomic():
        Attempt.objects.select_for_update().filter(pk=attempt_id).first()
        shown = Comparison.objects.select_for_update().filter(attempt=attempt_id).first()
        draft = ScoredVersion.objects.filter(attempt=attempt_id, scoring_version=version).first()
        if shown is None or draft is None or draft.created_at < shown.created_at:
            return Publication.STALE
        replace_comparison(attempt_id, {field: getattr(draft, field) for field in _SAME_IN_BOTH})
        return Publication.PUBLISHED


def replace_comparison(attempt_id: UUID, fields: dict[str, object]) -> Comparison:
    """A take's result from now on. One of another version is kept, and a draft of this one has served its time."""
    with transaction.atomic():
        before = Comparison.objects.select_for_update().filter(attempt=attempt_id).first()
        if before is not None and before.scoring_version != fields["scoring_version"]:
            _keep(attempt_id, {field: getattr(before, field) for field in _SAME_IN_BOTH})
        comparison, _ = Comparison.objects.update_or_create(
            attempt_id=attempt_id, defaults=fields | {"created_at": timezone.now()}
        )
        ScoredVersion.objects.filter(attempt=attempt_id, scoring_version=fields["scoring_version"]).delete()
        memory.remember_take(attempt_id, verdict=comparison.verdict, result=comparison.result)
    return comparison


def fields_of(result: ComparisonResult) -> dict[str, object]:
    return {
        "scoring_version": result.scoring_version,
        "verdict": result.verdict,
        "score": result.score,
        "offset_s": result.offset_s,
        "mirrored": result.mirrored,
        "coverage": result.coverage,
        "result": result.to_payload(),
    }


def _keep(attempt_id: UUID, fields: dict[str, object]) -> None:
    ScoredVersion.objects.update_or_create(
        attempt_id=attempt_id, scoring_version=fields["scoring_version"], defaults=fields
    )
