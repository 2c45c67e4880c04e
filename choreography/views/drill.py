"""The drill, and what browsers tell of practising."""

from typing import cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from choreography.failures import message_for
from choreography.memory import ReportRefused, TooManyReports, UnknownDance, report_practice
from choreography.models import Attempt, Guide
from choreography.queries import catalogue, practice
from choreography.queries.drill import DrillPage, drill_of_eight, drill_of_memory, drill_of_take
from choreography.queries.live import live_payload
from choreography.reports import MOST_BYTES, BadReport, read_report

STATUS = {UnknownDance.code: 404, TooManyReports.code: 429}


@login_required
@never_cache
@require_safe
def drill(request: HttpRequest, slug: str) -> HttpResponse:
    """`?take=` drills the worst moments of an own take, `?today=1` what is due, `?eight=` one; else the weakest."""
    guide = catalogue.published_guide(slug)
    if guide is None:
        raise Http404
    dancer = cast(User, request.user)
    take = _take(request, dancer, guide)
    page = _page(request, dancer, guide, take)
    return render(
        request,
        "choreography/drill.html",
        {
            "choreography": guide.choreography,
            "guide": guide,
            "take": take,
            "is_other_version": take is not None and take.guide_id != guide.pk,
            "drill": page,
            "live_payload": live_payload(guide.choreography, guide) if page else None,
            "player_payload": catalogue.player_payload_for_guide(guide) if page else None,
        },
    )


@require_POST
def practice_report(request: HttpRequest) -> JsonResponse:
    """What was practised, told once: 201, and 200 for what was told before."""
    if not isinstance(request.user, User):
        return _refusal("signed_out", 403)
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
            raise BadReport
        is_new = report_practice(request.user, read_report(request.body))
    except ReportRefused as refused:
        return _refusal(refused.code, STATUS.get(refused.code, 400))
    return JsonResponse({"kept": is_new}, status=201 if is_new else 200)


def _page(request: HttpRequest, dancer: User, guide: Guide, take: Attempt | None) -> DrillPage | None:
    today = localdate()
    if take is not None:
        found = drill_of_take(take, guide)
        return found or drill_of_memory(dancer, guide, today, only_due=False)
    eight = request.GET.get("eight", "")
    if eight:
        return drill_of_eight(dancer, guide, _index(eight))
    due = drill_of_memory(dancer, guide, today, only_due=True) if request.GET.get("today") else None
    return due or drill_of_memory(dancer, guide, today, only_due=False)


def _take(request: HttpRequest, dancer: User, guide: Guide) -> Attempt | None:
    """A take of the dancer's own, of this dance, with a result; anybody else's is not there."""
    wanted = request.GET.get("take", "")
    if not wanted:
        return None
    try:
        take = practice.own_attempt(dancer, UUID(wanted))
    except ValueError:
        raise Http404 from None
    if take is None or take.choreography_id != guide.choreography_id or not hasattr(take, "comparison"):
        raise Http404
    return take


def _index(text: str) -> int:
    try:
        return int(text[:8])
    except ValueError:
        raise Http404 from None


def _refusal(code: str, status: int) -> JsonResponse:
    return JsonResponse({"error": {"code": code, "message": message_for(code)}}, status=status)
