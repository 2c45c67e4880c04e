"""Pages of how our own dances are practised. A partner of a label gets a 404 for every dance but its own."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from choreography import own_words
from choreography.dances_count import REST_AFTER_FAILURE, CountState
from choreography.insight_tables import Table, csv_response
from choreography.insights import labels_seen, sees_insights
from choreography.models import Label
from choreography.queries.own_insights import OwnDancePage, all_own_dances, own_dance, own_list


@dataclass(frozen=True)
class Chosen:
    """Whose dances are shown: `labels` is None for all. `choices` are the labels that this person may choose."""

    labels: list[Label] | None
    label: Label | None
    choices: list[Label]


def partners_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Whoever may not see the insights gets the same 404 as for a page that does not exist."""

    @login_required
    @wraps(view)
    def viewed(request: HttpRequest, **place: str) -> HttpResponse:
        if not sees_insights(request.user):
            raise Http404
        return view(request, **place)

    return viewed


@never_cache
@require_safe
@partners_only
def insights_dances(request: HttpRequest) -> HttpResponse:
    """`?label=` chooses one."""
    chosen = _chosen(request)
    own = own_list(chosen.labels, localdate(), request.GET.get("page"))
    first = own.dances[0] if own.dances and own.page.number == 1 else None
    return render(
        request,
        "choreography/insights_dances.html",
        {
            "own": own,
            "page": own.page,
            "chosen": chosen,
            "first_words": own_words.most_practised_words(first) if own.counted_until and own.page.number == 1 else "",
            "chart": own_words.weeks_chart(own.sums.weeks) if own.sums.weeks else None,
            "table": own_words.weeks_table(own.sums.weeks),
        },
    )


@never_cache
@require_safe
@partners_only
def insights_dances_csv(request: HttpRequest) -> HttpResponse:
    own = all_own_dances(_chosen(request).labels, localdate())
    if own.counted_until is None:
        return _not_counted_yet(own.state)
    return csv_response(own_words.dances_table(own.dances), "kdance-dances.csv")


@never_cache
@require_safe
@partners_only
def insights_dance(request: HttpRequest, slug: str) -> HttpResponse:
    own = _own_dance(request, slug)
    return render(
        request,
        "choreography/insights_dance.html",
        {
            "own": own,
            "dance": own.dance,
            "choreography": own.dance.choreography,
            "first_words": own_words.dance_words(own),
            "tempo_words": own_words.tempo_words(own.dance.tempo),
            "chart": own_words.weeks_chart(own.dance.weeks) if own.dance.weeks else None,
            "weeks_table": own_words.weeks_table(own.dance.weeks),
            "eights_table": own_words.eights_table(own.eights),
        },
    )


@never_cache
@require_safe
@partners_only
def insights_dance_csv(request: HttpRequest, slug: str, table: str) -> HttpResponse:
    own = _own_dance(request, slug)
    tables: dict[str, Callable[[], Table]] = {
        "weeks": lambda: own_words.weeks_table(own.dance.weeks),
        "eights": lambda: own_words.eights_table(own.eights),
    }
    if table not in tables:
        raise Http404
    if own.counted_until is None:
        return _not_counted_yet(own.state)
    return csv_response(tables[table](), f"kdance-{slug}-{table}.csv")


def _not_counted_yet(state: CountState) -> HttpResponse:
    words = own_words.count_state_words(state, is_first=True)
    later_s = REST_AFTER_FAILURE.seconds if state == CountState.FAILED else 60
    return HttpResponse(
        words, status=503, headers={"Retry-After": f"{later_s}"}, content_type="text/plain; charset=utf-8"
    )


def _own_dance(request: HttpRequest, slug: str) -> OwnDancePage:
    own = own_dance(slug, labels_seen(request.user), localdate())
    if own is None:
        raise Http404
    return own


def _chosen(request: HttpRequest) -> Chosen:
    """Without a choice all that may be seen: of a partner of several labels the first."""
    seen = labels_seen(request.user)
    choices = list(Label.objects.all()) if seen is None else seen
    wanted = request.GET.get("label")
    if wanted:
        label = next((label for label in choices if str(label.pk) == wanted), None)
        if label is None:
            raise Http404
        return Chosen([label], label, choices)
    if seen:
        return Chosen([seen[0]], seen[0], choices)
    return Chosen(seen, None, choices)
