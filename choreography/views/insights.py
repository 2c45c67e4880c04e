"""Insights for curators and invited partners. Whoever may not see them gets the same 404 as for a page that is not there."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from choreography import insights as access
from choreography.queries.market import insights_page


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def insights(request: HttpRequest) -> HttpResponse:
    if not access.sees_insights(request.user):
        raise Http404
    user = request.user if isinstance(request.user, User) else None
    return render(request, "choreography/insights.html", {"page": insights_page(user, request.GET)})
