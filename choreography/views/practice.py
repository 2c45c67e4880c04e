"""Pages of practising: send a take, watch it being looked at, see the result, look back."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from choreography import services, teaching
from choreography.failures import message_for
from choreography.forms import chosen_person, chosen_start
from choreography.models import Attempt, Choreography
from choreography.queries import practice
from choreography.queries.memory import practice_history
from choreography.queries.people import people_of_attempt
from choreography.queries.result_page import result_page
from choreography.queries.start import start_of
from inference.progress import snapshot
from inference.services import cancel_job

ATTEMPTS_A_PAGE = 24


@login_required
@require_http_methods(["GET", "POST"])
def attempt_upload(request: HttpRequest, slug: str) -> HttpResponseBase:
    choreography = get_object_or_404(Choreography, slug=slug)
    if request.method == "GET":  # back from signing in, which an upload after the session's end leads to
        return redirect(choreography)
    upload = request.FILES.get("clip")
    if upload is None:
        return _refusal(request, choreography, "no_file")
    try:
        attempt = services.submit_attempt(dancer=_dancer(request), choreography=choreography, upload=upload)
    except services.PracticeError as refusal:
        return _refusal(request, choreography, refusal.code)
    if _wants_json(request):
        return JsonResponse({"url": attempt.get_absolute_url()}, status=201)
    return redirect(attempt)


@login_required
@never_cache
@require_safe
def attempt(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """Progress while the take is looked at, the comparison when it is done."""
    take = _own(request, attempt_id)
    is_worked_on = take.job is not None and not take.job.is_final  # perhaps again, because another person was chosen
    if is_worked_on or not hasattr(take, "comparison"):
        return _progress_page(request, take)
    return _result_page(request, take)


def _progress_page(request: HttpRequest, take: Attempt) -> HttpResponse:
    return render(
        request,
        "choreography/attempt_progress.html",
        {
            "attempt": take,
            "choreography": take.choreography,
            "snapshot": snapshot(take.job) if take.job else None,
            "people": people_of_attempt(take) if take.job and take.job.is_final else [],
        },
    )


def _result_page(request: HttpRequest, take: Attempt) -> HttpResponse:
    return render(
        request,
        "choreography/attempt.html",
        {
            "attempt": take,
            "choreography": take.choreography,
            "result": result_page(take),
            "previous_score": practice.previous_score(take),
            "player_payload": practice.player_payload(take),
            "people": people_of_attempt(take),
            "start": start_of(take),
            "snapshot": snapshot(take.job) if take.job else None,
        },
    )


@login_required
@never_cache
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    attempts = practice.own_attempts(_dancer(request))
    return render(
        request,
        "choreography/history.html",
        {
            "page": Paginator(attempts, ATTEMPTS_A_PAGE).get_page(request.GET.get("page")),
            "charts": practice.score_charts(_dancer(request)),
            "practised": practice_history(_dancer(request), localdate()),
        },
    )


@login_required
@require_POST
def attempt_delete(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    take = _own(request, attempt_id)
    had_video = take.video_id is not None
    services.delete_attempt(take)
    gone = (
        _("The take is deleted, with its video and its skeleton.")
        if had_video
        else _("The take is deleted, with its skeleton.")
    )
    messages.success(request, gone)
    return redirect("history")


@login_required
@require_POST
def attempt_cancel(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    take = _own(request, attempt_id)
    if take.job is not None:
        cancel_job(take.job)
    return redirect(take)


@login_required
@require_POST
def attempt_retry(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    take = _own(request, attempt_id)
    try:
        services.retry_attempt(take)
    except services.PracticeError as refusal:
        messages.error(request, message_for(refusal.code))
    return redirect(take)


@login_required
@require_POST
def attempt_dancer(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """Judge another person of the clip."""
    take = _own(request, attempt_id)
    try:
        services.judge_person(take, chosen_person(request.POST))
    except services.PracticeError as refusal:
        messages.error(request, message_for(refusal.code))
    return redirect(take)


@login_required
@require_POST
def attempt_start(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """Compare from another start, or from where the machine finds it."""
    take = _own(request, attempt_id)
    try:
        services.move_start(take, chosen_start(request.POST))
    except services.PracticeError as refusal:
        messages.error(request, message_for(refusal.code))
    return redirect(take)


@login_required
@require_POST
def attempt_teachers(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """Let teachers see a take, or no longer."""
    take = _own(request, attempt_id)
    teaching.let_teachers_see(take, is_open=request.POST.get("open") == "1")
    return redirect(f"{take.get_absolute_url()}#teachers-title")


def _dancer(request: HttpRequest) -> User:
    return cast(User, request.user)


def _own(request: HttpRequest, attempt_id: UUID) -> Attempt:
    take = practice.own_attempt(_dancer(request), attempt_id)
    if take is None:
        raise Http404
    return take


def _wants_json(request: HttpRequest) -> bool:
    return request.accepts("application/json") and not request.accepts("text/html")


def _refusal(request: HttpRequest, choreography: Choreography, code: str) -> HttpResponseBase:
    if _wants_json(request):
        return JsonResponse({"error": {"code": code, "message": message_for(code)}}, status=400)
    messages.error(request, message_for(code))
    return redirect(choreography)
