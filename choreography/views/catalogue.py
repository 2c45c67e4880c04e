"""Pages of the catalogue: the first page, the list, one choreography."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from accounts.models import User
from choreography.filters import CatalogueForm
from choreography.queries import catalogue
from choreography.queries.memory import today_of, with_shares
from choreography.queries.practice import own_attempts

A_PAGE = 24
A_SHELF = 6
TAKES_SHOWN = 12
DANCES_DUE = 3


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    dancer = _dancer(request)
    if dancer is None:
        return render(
            request,
            "choreography/home.html",
            {"featured": catalogue.featured(), "newest": catalogue.newest(A_SHELF)},
        )
    going_on = list(catalogue.gone_on_with(dancer, 3))
    today = today_of(dancer, localdate(), going_on)
    newest = list(catalogue.newest(A_SHELF + 1, dancer))  # one more tells whether another shelf would show anything new
    return render(
        request,
        "choreography/home.html",
        {
            "due": today.due[:DANCES_DUE],
            "going_on": with_shares(going_on, today),
            "has_memory": any(share.is_known for share in today.shares.values()),
            "newest": newest[:A_SHELF],
            "most_danced": catalogue.most_danced(A_SHELF, dancer) if len(newest) > A_SHELF else [],
        },
    )


@require_safe
def choreographies(request: HttpRequest) -> HttpResponse:
    form = CatalogueForm(request.GET)
    form.is_valid()  # what is not valid is missing from cleaned_data and so counts as not asked
    wish = catalogue.Wish(**form.cleaned_data)
    page = Paginator(catalogue.catalogue(wish, _dancer(request)), A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "choreography/list.html",
        {"form": form, "wish": wish, "page": page},
    )


@require_safe
def choreography(request: HttpRequest, slug: str) -> HttpResponse:
    guide = catalogue.published_guide(slug)
    if guide is None:
        raise Http404
    dancer = _dancer(request)
    return render(
        request,
        "choreography/choreography.html",
        {
            "choreography": guide.choreography,
            "guide": guide,
            "player_payload": catalogue.player_payload_for_guide(guide),
            "attempts": own_attempts(dancer).filter(choreography=guide.choreography)[:TAKES_SHOWN] if dancer else None,
            "upload_max_bytes": settings.UPLOAD_MAX_BYTES,
            "upload_max_megabytes": settings.UPLOAD_MAX_BYTES // 1_000_000,
            "upload_max_s": settings.UPLOAD_MAX_S,
            "upload_max_minutes": settings.UPLOAD_MAX_S // 60,
        },
    )


def _dancer(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None
