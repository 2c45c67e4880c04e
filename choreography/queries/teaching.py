"""Reads for teachers. Nothing here tells who danced or what the machine found, but for where take and guide match."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from choreography.models import Attempt, Rating
from choreography.payloads import PlayerPayload
from choreography.queries import practice


def open_to(teacher: User) -> QuerySet[Attempt]:
    """Takes whose dancers let teachers see them; nobody rates their own."""
    return Attempt.objects.filter(is_open_to_teachers=True).exclude(dancer=teacher.pk)


def takes_to_rate(teacher: User) -> QuerySet[Attempt]:
    """What the machine could judge, with the teacher's own rating as `own_score`: unrated first, then the oldest."""
    own = Rating.objects.filter(attempt=OuterRef("pk"), teacher=teacher.pk)
    return (
        open_to(teacher)
        .filter(comparison__score__isnull=False)
        .annotate(is_rated=Exists(own), own_score=Subquery(own.values("score")), has_poster=Q(poster__isnull=False))
        .select_related("choreography__song__artist")
        .defer("poster", "sound")
        .order_by("is_rated", "created_at", "pk")
    )


def waiting_for(teacher: User) -> QuerySet[Attempt]:
    return takes_to_rate(teacher).exclude(ratings__teacher=teacher.pk)


def take_to_rate(teacher: User, attempt_id: UUID) -> Attempt | None:
    return (
        takes_to_rate(teacher)
        .filter(pk=attempt_id)
        .select_related("comparison", "guide__choreography__song", "guide__video", "video")
        .prefetch_related("choreography__sections")
        .first()
    )


def own_rating(teacher: User, attempt: Attempt) -> Rating | None:
    return Rating.objects.filter(attempt=attempt, teacher=teacher).first()


def blind_payload(attempt: Attempt) -> PlayerPayload:
    """A take beside its guide, in time and turned round where need be, and nothing else of the machine's result."""
    payload = practice.unjudged_payload(attempt)
    found = attempt.comparison.result
    if found["offset_s"] is not None and found["overlap_s"] is not None:
        payload["comparison"] = {
            "offset_s": found["offset_s"],
            "mirrored": found["mirrored"],
            "overlap_s": found["overlap_s"],
            "timeline": {"step_s": found["timeline"]["step_s"], "t_s": [], "error_deg": [], "limb_error_deg": {}},
            "limbs": [],
            "eights": [],
            "worst_eight": None,
        }
    return payload
