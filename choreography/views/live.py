"""The practice room: a choreography danced before the webcam."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from choreography.queries import catalogue
from choreography.queries.live import live_payload


@login_required
@require_safe
def live(request: HttpRequest, slug: str) -> HttpResponse:
    guide = catalogue.published_guide(slug)
    if guide is None:
        raise Http404
    choreography = guide.choreography
    return render(
        request,
        "choreography/live.html",
        {"choreography": choreography, "live_payload": live_payload(choreography, guide)},
    )
