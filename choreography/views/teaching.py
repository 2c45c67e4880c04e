"""Pages of teachers: the takes that dancers let them see, one take beside its guide without its score, their rating."""

from collections.abc import Callable
from functools import wraps
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from choreography import teaching
from choreography.forms import RatingForm
from choreography.models import Attempt
from choreography.queries import teaching as takes

TAKES_A_PAGE = 24


def for_teachers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Whoever is no teacher gets the same 404 as for a page that does not exist."""

    @login_required
    @wraps(view)
    def viewed(request: HttpRequest, **place: UUID) -> HttpResponse:
        if not teaching.teaches(_teacher(request)):
            raise Http404
        return view(request, **place)

    return viewed


@for_teachers
@never_cache
@require_safe
def teach(request: HttpRequest) -> HttpResponse:
    teacher = _teacher(request)
    page = Paginator(takes.takes_to_rate(teacher), TAKES_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "choreography/teach.html", {"page": page})


@for_teachers
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def teach_take(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    teacher = _teacher(request)
    take = takes.take_to_rate(teacher, attempt_id)
    if take is None:
        raise Http404
    before = takes.own_rating(teacher, take)
    said = {"score": before.score, "limbs": before.limbs} if before else {}
    form = RatingForm(request.POST if request.method == "POST" else None, initial=said)
    if form.is_valid():
        return _rated(request, teacher, take, form)
    return render(
        request,
        "choreography/teach_take.html",
        {
            "attempt": take,
            "choreography": take.choreography,
            "form": form,
            "player_payload": takes.blind_payload(take),
            "is_rated": before is not None,
        },
    )


def _rated(request: HttpRequest, teacher: User, take: Attempt, form: RatingForm) -> HttpResponse:
    try:
        teaching.rate(take.pk, teacher=teacher, **form.cleaned_data)
    except teaching.NotOpen:
        raise Http404 from None
    following = takes.waiting_for(teacher).first()
    if following is None:
        messages.success(request, _("Saved. No other take is waiting for you."))
        return redirect("teach")
    messages.success(request, _("Saved. Here is the next one."))
    return redirect("teach_take", following.pk)


def _teacher(request: HttpRequest) -> User:
    return cast(User, request.user)
