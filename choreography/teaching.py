"""Teachers: who they are, and what they say of takes that dancers let them see, blind to the machine's score.

A teacher is staff, or has the permission of the group "teachers". A take is seen by them only while its dancer says so.
"""

from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from accounts.models import User
from choreography.limbs import LIMB_LABELS
from choreography.models import Attempt, Rating
from choreography.queries.teaching import open_to

MAY_RATE = "choreography.add_rating"


class NotOpen(Exception):
    """There is no such take, its dancer does not (or no longer) let teachers see it, or it is their own."""


def teaches(user: User | AnonymousUser) -> bool:
    return user.is_active and (user.is_staff or user.has_perm(MAY_RATE))


async def ateaches(user: User | AnonymousUser) -> bool:
    return user.is_active and (user.is_staff or await user.ahas_perm(MAY_RATE))


def let_teachers_see(attempt: Attempt, *, is_open: bool) -> None:
    attempt.is_open_to_teachers = is_open
    attempt.save(update_fields=["is_open_to_teachers"])


def rate(attempt_id: UUID, *, teacher: User, score: int, limbs: Iterable[str]) -> Rating:
    """Keep what a teacher says; saying it again replaces it. Raises NotOpen."""
    with transaction.atomic():
        # Held, so that a dancer who switches teachers off or deletes the take at this moment has the last word.
        take = open_to(teacher).select_for_update().filter(pk=attempt_id).first()
        if take is None:
            raise NotOpen
        marked = set(limbs)
        rating, _ = Rating.objects.update_or_create(
            attempt=take,
            teacher=teacher,
            defaults={"score": score, "limbs": [limb for limb in LIMB_LABELS if limb in marked]},
        )
    return rating
