"""The insights: who may see them, invitations, and analyses that are asked for and kept."""

import hashlib
import json
import re
from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.models import User
from choreography.market.payloads import AnalysisRequest
from choreography.models import FeatureImport, Label, MarketAnalysis, Partner
from choreography.queries.market_requests import default_requests
from choreography.services import one_at_a_time
from inference.models import Job, JobState
from inference.services import delete_job, retry_job, start_job

ANALYSE_MARKET = "analyse_market"
ROWS_GONE = "rows_gone"
SESSION_FLAG = "sees_insights"
"""In a partner's session, so that no page asks the database for its menu's sake. It opens nothing."""
MOST_KEPT = 300
MOST_A_MINUTE = 10
A_MINUTE = timedelta(minutes=1)
A_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,43}")


class InsightsError(Exception):
    """An anticipated refusal with a stable code."""

    code = "refused"


class NoSuchInvitation(InsightsError):
    code = "no_such_invitation"


class InvitationOver(InsightsError):
    """Somebody else accepted it, or it is too old."""

    code = "invitation_over"


class TooManyAnalyses(InsightsError):
    code = "too_many_analyses"


def sees_insights(user: User | AnonymousUser) -> bool:
    """Curators, and whoever accepted an invitation that stands."""
    if not isinstance(user, User) or not user.is_active:
        return False
    return user.is_staff or Partner.objects.filter(person=user).exists()


def labels_seen(user: User | AnonymousUser) -> list[Label] | None:
    """The labels of whose dances this person sees figures; None for all, an empty list for none at all."""
    if not isinstance(user, User) or not user.is_active:
        return []
    if user.is_staff or Partner.objects.filter(person=user, label=None).exists():
        return None
    return list(Label.objects.filter(partners__person=user).distinct())


def remember(session: SessionBase, user: User) -> bool:
    """Whether this person sees the insights, kept for the menu; curators have its link anyway."""
    sees = sees_insights(user)
    if sees and not user.is_staff:
        if not session.get(SESSION_FLAG):
            session[SESSION_FLAG] = True
    elif SESSION_FLAG in session:
        del session[SESSION_FLAG]
    return sees


def invitation(token: str) -> Partner:
    """Raises NoSuchInvitation."""
    return _invitation(Partner.objects.select_related("label"), token)


def accept_invitation(token: str, person: User) -> Partner:
    """Whoever comes first has it; coming back changes nothing. Raises InsightsError."""
    with transaction.atomic():
        partner = _invitation(Partner.objects.select_for_update(), token)
        if partner.person_id == person.pk:
            return partner
        if not partner.is_open:
            raise InvitationOver
        partner.person, partner.accepted_at = person, timezone.now()
        partner.save(update_fields=["person", "accepted_at"])
    return partner


def key_of(request: AnalysisRequest) -> str:
    """The same question has the same key, in whatever order its parts were written."""
    canonical = json.dumps(request, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def ask(request: AnalysisRequest, owner: User | None, *, again: bool = False) -> MarketAnalysis:
    """The analysis, counted or being counted; one that failed only if it is wished `again`. Raises TooManyAnalyses."""
    key = key_of(request)
    found = MarketAnalysis.objects.select_related("job").filter(key=key).first()
    if found is not None and not _wants_work(found, again=again):
        return found
    with transaction.atomic():
        if owner is not None:
            _refuse_too_many(owner)
        locked = MarketAnalysis.objects.select_for_update(of=("self",)).select_related("job")
        analysis, is_new = locked.get_or_create(key=key, defaults={"request": request})
        if _wants_work(analysis, again=again):
            _set_going(analysis, owner)
    if is_new:
        _make_room()
    return analysis


def prepare_default_analyses() -> None:
    """Have counted what the page shows first, of every file in use: what is not known yet, for nobody in particular."""
    in_use = FeatureImport.objects.filter(is_active=True).values_list("pk", flat=True)
    _forget(MarketAnalysis.objects.exclude(request__source__in=list(in_use)))
    for request in default_requests():
        ask(request, None)


def _invitation(partners: "QuerySet[Partner]", token: str) -> Partner:
    partner = partners.filter(token=token).first() if A_TOKEN.fullmatch(token) else None
    if partner is None:
        raise NoSuchInvitation
    return partner


def _wants_work(analysis: MarketAnalysis, *, again: bool) -> bool:
    """Whether nobody works on it: its job is gone, its file was away for a while, or it failed and is wished again."""
    job = analysis.job
    if analysis.result is not None:
        return False
    if job is None or job.failure_code == ROWS_GONE:
        return True
    return again and job.state in (JobState.FAILED, JobState.CANCELLED)


def _set_going(analysis: MarketAnalysis, owner: User | None) -> None:
    if analysis.job is None:
        analysis.job = start_job(kind=ANALYSE_MARKET, owner=owner)
        analysis.save(update_fields=["job"])
        return
    Job.objects.filter(pk=analysis.job.pk).update(owner=owner)
    if retry_job(analysis.job):
        analysis.job.refresh_from_db()


def _refuse_too_many(owner: User) -> None:
    one_at_a_time(owner)
    lately = Job.objects.filter(owner=owner, kind=ANALYSE_MARKET, queued_at__gt=timezone.now() - A_MINUTE)
    # What is tried again stays one job, and one that waits has no attempt yet.
    begun = lately.aggregate(times=Sum(Greatest("attempt", 1)))["times"] or 0
    if begun >= MOST_A_MINUTE:
        raise TooManyAnalyses


def _make_room() -> None:
    """The oldest go, but for those that the page shows first."""
    if MarketAnalysis.objects.count() <= MOST_KEPT:
        return
    first_shown = [key_of(request) for request in default_requests()]
    chosen = MarketAnalysis.objects.exclude(key__in=first_shown).order_by("-created_at", "-pk")
    _forget(chosen[MOST_KEPT - len(first_shown) :])


def _forget(analyses: "QuerySet[MarketAnalysis]") -> None:
    """Whoever still works on one loses it."""
    for analysis in analyses.select_related("job").defer("result"):
        if analysis.job is not None:
            delete_job(analysis.job)
        analysis.delete()
