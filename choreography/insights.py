"""The insights: who may see them, invitations, and analyses that are asked for and kept."""

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from choreography.models import Label

ANALYSE_MARKET = "analyse_market"
SESSION_FLAG = "sees_insights"
"""In a partner's session, so that no page asks the database for the menu's sake. It opens nothing."""
MOST_KEPT = 300
MOST_A_MINUTE = 12


class InsightsError(Exception):
    """An anticipated refusal with a stable code."""

    code = "refused"


class NoSuchInvitation(InsightsError):
    code = "no_such_invitation"


class InvitationOver(InsightsError):
    """It was accepted by somebody else, or is too old."""

    code = "invitation_over"


class TooManyAnalyses(InsightsError):
    code = "too_many_analyses"


def sees_insights(user: User | AnonymousUser) -> bool:
    """Curators, and whoever accepted an invitation that stands."""
    if not isinstance(user, User) or not user.is_active:
        return False
    return user.is_staff or user.partnerships.exists()


def labels_seen(user: User | AnonymousUser) -> list[Label] | None:
    """The labels of whose dances this person sees figures; None for all, an empty list for none at all."""
    if not isinstance(user, User) or not user.is_active:
        return []
    if user.is_staff or user.partnerships.filter(label=None).exists():
        return None
    return list(Label.objects.filter(partners__person=user).distinct())


def prepare_default_analyses() -> None:
    """Have counted what the page shows first, of every import in use: what is not known yet, for nobody in particular."""
