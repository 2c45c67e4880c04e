"""Insights for curators and invited partners. Whoever may not see them gets the same 404 as for a page that is not there."""

from collections.abc import Callable
from functools import wraps
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from choreography.insight_tables import csv_response
from choreography.insights import (
    InvitationOver,
    NoSuchInvitation,
    TooManyAnalyses,
    accept_invitation,
    invitation,
    remember,
)
from choreography.queries import market

View = Callable[..., HttpResponse]


def for_partners(view: View) -> View:
    """For others the summary, where the site shows one: the view is then called without a person."""

    @wraps(view)
    def viewed(request: HttpRequest, **place: str) -> HttpResponse:
        person = request.user if isinstance(request.user, User) else None
        if person is not None and remember(request.session, person):
            return view(request, person, **place)
        if settings.INSIGHTS_PUBLIC_SUMMARY and request.method != "POST":
            return view(request, None, **place)
        if person is None:
            return redirect_to_login(request.get_full_path())
        raise Http404

    return viewed


@never_cache
@gzip_page
@require_http_methods(["GET", "HEAD", "POST"])
@for_partners
def insights(request: HttpRequest, person: User | None) -> HttpResponse:
    """`?source=`, `?genre=` (any of several) and `?zeros=without` choose the rows; a POST counts again what failed."""
    if request.method == "POST":
        return _counted_again(request, cast(User, person))
    return render(request, "choreography/insights.html", {"page": market.insights_page(person, request.GET)})


@never_cache
@require_safe
@for_partners
def insights_state(request: HttpRequest, person: User | None) -> HttpResponse:
    if person is None:
        raise Http404
    return JsonResponse(market.insights_state(person, request.GET))


@never_cache
@gzip_page
@require_safe
@for_partners
def insights_table(request: HttpRequest, person: User | None, table: str) -> HttpResponse:
    found = market.insights_table(person, request.GET, table)
    if found is None:
        raise Http404
    return csv_response(found, f"kdance-{found.slug}.csv")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def insights_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Seeing it accepts nothing: whoever reads mail for somebody opens its links, too."""
    person = cast(User, request.user)
    try:
        if request.method == "POST" and not person.is_staff:
            accept_invitation(token, person)
            remember(request.session, person)
            messages.success(request, _("Welcome. These are the insights."))
            return redirect("insights")
        partner = invitation(token)
    except NoSuchInvitation:
        raise Http404 from None
    except InvitationOver:
        partner = invitation(token)
    if partner.person_id == person.pk:
        return redirect("insights")
    status = 200 if partner.is_open else 410
    return render(request, "choreography/insights_invitation.html", {"partner": partner}, status=status)


def _counted_again(request: HttpRequest, person: User) -> HttpResponse:
    try:
        market.try_again(person, request.GET)
    except TooManyAnalyses:
        messages.error(request, _("That was a lot to count in a minute. Wait a moment, then try again."))
    return redirect(request.get_full_path())
