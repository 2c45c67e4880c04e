"""Reads of what can be danced: the list with its search, the shelves of the first page, one choreography."""

from dataclasses import dataclass

from django.db.models import (
    Count,
    F,
    FilteredRelation,
    FloatField,
    Func,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import Coalesce, Lower, NullIf
from django.utils.translation import get_language

from accounts.models import User
from choreography.filters import Dancers, Order, Tempo
from choreography.models import Attempt, Choreography, Guide, GuideState
from choreography.payloads import PLAYER_VERSION, PlayerPayload
from choreography.queries.practice import counts_payload, guide_side, section_payloads
from inference.pose.skeleton import SKELETON

# Least word similarity (pg_trgm, 0 to 1) that counts as a misspelling. "nujinseu" has 0.67 to "nyujinseu" and "attension"
# 0.54 to "Attention"; "magnetic" has 0.36 to "Magic". Several words as one name must come closer: one of two names that
# is right to the letter has 0.54 by itself.
CLOSE_ENOUGH = 0.5
CLOSE_AS_ONE_NAME = 0.6
MOST_TERMS = 6

TEMPO_BPM = {Tempo.SLOW: (0, 100), Tempo.MEDIUM: (100, 130.01), Tempo.FAST: (130.01, 1000)}


class CatalogueKey(Func):
    """The words as the catalogue keeps them: catalogue_key() of migration 0002."""

    function = "catalogue_key"
    output_field = TextField()


class Closeness(Func):
    """How much of the key is found in a text, misspelt or not: 0 to 1 (pg_trgm)."""

    function = "WORD_SIMILARITY"
    output_field = FloatField()


@dataclass(frozen=True)
class Wish:
    """What a dancer asked of the list; None and "" ask nothing."""

    q: str = ""
    difficulty: int | None = None
    dancers: str = ""
    tempo: str = ""
    order: str = ""

    @property
    def narrows(self) -> bool:
        return self != Wish(q=self.q)

    @property
    def is_open(self) -> bool:
        return self == Wish(order=self.order)


def published() -> QuerySet[Choreography]:
    """What dancers see, newest first, each row with `guide_id` and `guide_duration_s` of its published guide."""
    return (
        Choreography.objects.alias(
            shown=FilteredRelation("guides", condition=Q(guides__state=GuideState.PUBLISHED)),
        )
        .filter(shown__isnull=False)
        .annotate(guide_id=F("shown__id"), guide_duration_s=F("shown__duration_s"))
        .select_related("song__artist")
        .defer("search_text")
    )


def catalogue(wish: Wish, dancer: User | None = None) -> QuerySet[Choreography]:
    """The list as it was asked for; for a signed-in dancer each row with `best_score`."""
    found = _searched(_filtered(published(), wish), wish.q)
    return _with_best_score(_ordered(found, wish), dancer)


def newest(count: int, dancer: User | None = None) -> QuerySet[Choreography]:
    return _with_best_score(published(), dancer)[:count]


def most_danced(count: int, dancer: User | None = None) -> QuerySet[Choreography]:
    return _with_best_score(_ordered(published(), Wish(order=Order.POPULAR)), dancer)[:count]


def gone_on_with(dancer: User, count: int) -> QuerySet[Choreography]:
    """What the dancer danced last, each row with `best_score` and `danced_at`."""
    last = (
        Attempt.objects.filter(choreography=OuterRef("pk"), dancer=dancer).order_by("-created_at").values("created_at")
    )
    danced = published().annotate(danced_at=Subquery(last[:1])).filter(danced_at__isnull=False)
    return _with_best_score(danced.order_by("-danced_at"), dancer)[:count]


def featured() -> Choreography | None:
    """The one that moves on the front page: the demo if there is one, for it may be shown to everybody."""
    return published().order_by("-is_demo", "-created_at").first()


def published_guide(slug: str) -> Guide | None:
    """The guide that dancers follow now, with all that the page of its choreography shows."""
    return (
        Guide.objects.filter(state=GuideState.PUBLISHED, choreography__slug=slug)
        .select_related("choreography__song__artist")
        .prefetch_related("choreography__sections")
        .defer("poster")
        .first()
    )


def player_payload_for_guide(guide: Guide) -> PlayerPayload:
    """What the player needs to show a guide alone."""
    choreography = guide.choreography
    payload: PlayerPayload = {
        "version": PLAYER_VERSION,
        "skeleton": SKELETON.as_payload(),
        "guide": guide_side(guide),
        "sections": section_payloads(choreography),
    }
    counts = counts_payload(guide)
    if counts is not None:
        payload["counts"] = counts
    return payload


def _filtered(rows: QuerySet[Choreography], wish: Wish) -> QuerySet[Choreography]:
    if wish.difficulty is not None:
        rows = rows.filter(difficulty=wish.difficulty)
    if wish.dancers:
        rows = rows.filter(dancers=1) if wish.dancers == Dancers.SOLO else rows.filter(dancers__gt=1)
    if wish.tempo:
        least, under = TEMPO_BPM[Tempo(wish.tempo)]
        rows = rows.alias(bpm=Coalesce("shown__bpm", "song__bpm")).filter(bpm__gte=least, bpm__lt=under)
    return rows


def _searched(rows: QuerySet[Choreography], words: str) -> QuerySet[Choreography]:
    """All of the words as one name, or each of them as a name or a part of one; misspelt a little or not."""
    if not words:
        return rows
    terms = words.split()[:MOST_TERMS]
    whole = CatalogueKey(Value(words))
    rows = rows.alias(closeness=Closeness(whole, "search_text"))
    close = CLOSE_ENOUGH if len(terms) == 1 else CLOSE_AS_ONE_NAME
    each = Q()
    for number, term in enumerate(terms):
        key = CatalogueKey(Value(term))
        rows = rows.alias(**{f"closeness_{number}": Closeness(key, "search_text")})
        each &= Q(search_text__contains=key) | Q(**{f"closeness_{number}__gte": CLOSE_ENOUGH})
    found = rows.filter(Q(search_text__contains=whole) | Q(closeness__gte=close) | each)
    return found if any(letter.isalnum() for letter in words) else found.none()


def _ordered(rows: QuerySet[Choreography], wish: Wish) -> QuerySet[Choreography]:
    if wish.order == Order.TITLE:
        return rows.order_by(Lower(_title_in_language()), "pk")
    if wish.order == Order.POPULAR:
        takes = (
            Attempt.objects.filter(choreography=OuterRef("pk"))
            .order_by()
            .values("choreography")
            .annotate(count=Count("pk"))
            .values("count")
        )
        return rows.alias(takes=Coalesce(Subquery(takes), 0)).order_by("-takes", "-created_at", "pk")
    if wish.q and not wish.order:
        return rows.order_by(F("closeness").desc(), "-created_at", "pk")
    return rows.order_by("-created_at", "pk")


def _title_in_language() -> Coalesce | F:
    if (get_language() or "en").startswith("ko"):
        return Coalesce(NullIf("song__title_ko", Value("")), "song__title_en")
    return F("song__title_en")


def _with_best_score(rows: QuerySet[Choreography], dancer: User | None) -> QuerySet[Choreography]:
    if dancer is None:
        return rows
    best = (
        Attempt.objects.filter(choreography=OuterRef("pk"), dancer=dancer)
        .order_by()
        .values("choreography")
        .annotate(best=Max("comparison__score"))
        .values("best")
    )
    return rows.annotate(best_score=Subquery(best))
