"""What practice leaves behind: reports of the browser and takes become spells, and spells the memory of each eight.

Memory is nothing but the spells of the published guide, folded by `choreography.spacing` in the order in which they were
danced: judging a take anew or deleting one makes it anew. It is held by an advisory lock that is taken last of all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from typing import Any, TypedDict
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.timezone import localdate

from accounts.models import User
from choreography.comparison.counts import DanceMap
from choreography.eights import EightSpan, eight_of, eights_of
from choreography.limbs import own_limb
from choreography.models import Attempt, EightMemory, Guide, GuideState, LiveTake, PracticeKind, PracticeSpell
from choreography.results import complete
from choreography.spacing import FULL_RATE, Danced, Known, after

MOST_REPORTS_AN_HOUR = 240
MOST_A_DAY_S = 12 * 3600.0
"""Reported within 24 hours: nobody dances longer."""
A_DAY = timedelta(days=1)
KNOWN_FIELDS = tuple(field.name for field in fields(Known))


class EightSeen(TypedDict):
    """An eight as a spell keeps it, in seconds of the guide; `limb` is the dancer's own, empty where none stood out."""

    start_s: float
    end_s: float
    score: float | None
    limb: str
    rate: float


@dataclass(frozen=True)
class EightReport:
    """An eight as the browser names it: by its index, in the counts of the published guide."""

    eight: int
    score: float | None
    limb: str
    rate: float


@dataclass(frozen=True)
class Report:
    """What the browser tells of a time of practising; its form has been checked."""

    key: UUID
    slug: str
    kind: PracticeKind
    day: date
    danced_s: float
    eights: tuple[EightReport, ...] = ()


class ReportRefused(Exception):
    """An anticipated refusal with a stable code; `choreography.failures` has the words."""

    code = "refused"


class UnknownDance(ReportRefused):
    code = "unknown_dance"


class UnknownEight(ReportRefused):
    code = "unknown_eight"


class NotToday(ReportRefused):
    code = "not_today"


class TooManyReports(ReportRefused):
    code = "too_many_reports"


class TooMuch(ReportRefused):
    code = "too_much_practice"


def report_practice(dancer: User, report: Report, *, today: date | None = None) -> bool:
    """Keep what a browser tells; False where it was told before. Raises ReportRefused."""
    if PracticeSpell.objects.filter(dancer=dancer, key=report.key).exists():
        return False
    if abs(report.day - (today or localdate())) > A_DAY:
        raise NotToday
    guide = _published(slug=report.slug)
    if guide is None:
        raise UnknownDance
    eights = _resolved(report.eights, spans_of(guide))
    with transaction.atomic():
        _hold(dancer.pk, guide.choreography_id)
        _refuse_too_much(dancer, report.danced_s)
        spell, is_new = PracticeSpell.objects.get_or_create(
            dancer=dancer,
            key=report.key,
            defaults={
                "choreography_id": guide.choreography_id,
                "guide": guide,
                "kind": report.kind,
                "day": report.day,
                "danced_s": 0.0 if _is_counted(dancer, report) else report.danced_s,
                "eights": eights,
            },
        )
        if is_new and eights:
            _add(spell, guide)
    return is_new


def remember_take(attempt_id: UUID, *, verdict: str, result: Mapping[str, Any]) -> None:
    """What the result of a take says of its eights, and the time it was danced; again for a take that is judged anew."""
    attempt = Attempt.objects.select_related("guide__choreography__song").get(pk=attempt_id)
    eights, danced_s = _of_take(verdict, result)
    with transaction.atomic():
        _hold(attempt.dancer_id, attempt.choreography_id)
        before = PracticeSpell.objects.filter(dancer=attempt.dancer_id, key=attempt_id).first()
        if before is None:
            if danced_s:
                spell = _spell_of_take(attempt, eights, 0.0 if _is_told_live(attempt) else danced_s)
                _add(spell, attempt.guide)
            return
        if before.eights == eights:
            return
        before.eights = eights
        before.save(update_fields=["eights"])
        _remember_anew(attempt.dancer_id, attempt.choreography_id)


def forget_take(attempt: Attempt) -> None:
    """A deleted take's scores leave the memory; that somebody danced that day stays."""
    with transaction.atomic():
        _hold(attempt.dancer_id, attempt.choreography_id)
        told = PracticeSpell.objects.filter(dancer=attempt.dancer_id, key=attempt.pk).exclude(eights=[])
        if told.update(eights=[]):
            _remember_anew(attempt.dancer_id, attempt.choreography_id)


def forget_dancer(dancer: User) -> None:
    EightMemory.objects.filter(dancer=dancer).delete()
    PracticeSpell.objects.filter(dancer=dancer).delete()


def worst_limb(limbs: Mapping[str, float | None], mirrored: bool) -> str:
    """The dancer's own limb with the fewest points; empty where none was judged."""
    judged = {limb: score for limb, score in limbs.items() if score is not None}
    return own_limb(min(judged, key=lambda limb: judged[limb]), mirrored) if judged else ""


def known_of(row: EightMemory) -> Known:
    return Known(**{name: getattr(row, name) for name in KNOWN_FIELDS})


def spans_of(guide: Guide) -> list[EightSpan]:
    """The eights of a guide, for which its sections need not be read."""
    return eights_of(DanceMap(guide.grid), guide.duration_s)


def _published(**choreography: object) -> Guide | None:
    named = {f"choreography__{name}": value for name, value in choreography.items()}
    guides = Guide.objects.filter(state=GuideState.PUBLISHED, **named)
    return guides.select_related("choreography__song").defer("poster", "beats").first()


def _resolved(reported: Iterable[EightReport], spans: list[EightSpan]) -> list[EightSeen]:
    """Raises UnknownEight. The edge of the dance, which is no eight to learn, is left out."""
    known = {span.index: span for span in spans}
    if not known:
        return []
    first, last = spans[0].index - 1, spans[-1].index + 1
    seen: list[EightSeen] = []
    for told in reported:
        if not first <= told.eight <= last:
            raise UnknownEight
        span = known.get(told.eight)
        if span is not None:
            seen.append(_seen(span.start_s, span.end_s, told.score, told.limb, told.rate))
    return seen


def _seen(start_s: float, end_s: float, score: float | None, limb: str, rate: float) -> EightSeen:
    return {"start_s": start_s, "end_s": end_s, "score": score, "limb": limb, "rate": rate}


def _refuse_too_much(dancer: User, danced_s: float) -> None:
    """Raises TooManyReports or TooMuch. Takes are none of the browser's word and do not count here."""
    now = timezone.now()
    told = PracticeSpell.objects.filter(dancer=dancer).exclude(kind=PracticeKind.TAKE)
    if told.filter(created_at__gt=now - timedelta(hours=1)).count() >= MOST_REPORTS_AN_HOUR:
        raise TooManyReports
    so_far_s = told.filter(created_at__gt=now - A_DAY).aggregate(total=Sum("danced_s"))["total"] or 0.0
    if so_far_s + danced_s > MOST_A_DAY_S:
        raise TooMuch


def _of_take(verdict: str, stored: Mapping[str, Any]) -> tuple[list[EightSeen], float]:
    """The judged eights of a result and the seconds that were danced; none for a take that could not be judged."""
    if verdict != "judged":
        return [], 0.0
    result = complete(stored)
    overlap_s = result["overlap_s"]
    danced_s = round(overlap_s[1] - overlap_s[0], 1) if overlap_s else 0.0
    eights = [
        _seen(
            eight["start_s"], eight["end_s"], eight["score"], worst_limb(eight["limbs"], result["mirrored"]), FULL_RATE
        )
        for eight in result["eights"]
        if eight["score"] is not None
    ]
    return eights, max(danced_s, 0.0)


def _spell_of_take(attempt: Attempt, eights: list[EightSeen], danced_s: float) -> PracticeSpell:
    return PracticeSpell.objects.create(
        dancer_id=attempt.dancer_id,
        key=attempt.pk,
        choreography_id=attempt.choreography_id,
        guide=attempt.guide,
        kind=PracticeKind.TAKE,
        day=localdate(attempt.created_at),
        danced_s=danced_s,
        eights=eights,
        take=attempt,
        created_at=attempt.created_at,
    )


def _is_told_live(attempt: Attempt) -> bool:
    """Whether the room has told the minutes of this take already: as soon as a dance ends, under the id of its take."""
    sent = LiveTake.objects.filter(attempt=attempt.pk).values("pk")
    return PracticeSpell.objects.filter(dancer=attempt.dancer_id, kind=PracticeKind.LIVE, key__in=sent).exists()


def _is_counted(dancer: User, report: Report) -> bool:
    """Whether the take of this dance was judged before the room's report got through, so that its minutes are counted."""
    takes = PracticeSpell.objects.filter(dancer=dancer, kind=PracticeKind.TAKE, danced_s__gt=0.0)
    return takes.filter(take__live_take=report.key).exists()


def _hold(dancer_id: UUID, choreography_id: int) -> None:
    """Until the transaction ends, one at a time; while it is held only spells and memory are touched."""
    with connection.cursor() as cursor:
        name = f"practice/{dancer_id}/{choreography_id}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def _add(spell: PracticeSpell, guide: Guide) -> None:
    """Take in a new spell: only its eights change, if it is the latest and what is remembered still fits the counts."""
    spans = spans_of(guide)
    rows = list(EightMemory.objects.filter(dancer=spell.dancer_id, choreography=spell.choreography_id))
    by_index = {row.eight: row for row in rows}
    is_latest = not PracticeSpell.objects.filter(
        Q(created_at__gt=spell.created_at) | Q(created_at=spell.created_at, pk__gt=spell.pk),
        dancer=spell.dancer_id,
        choreography=spell.choreography_id,
    ).exists()
    if not (guide.is_published and is_latest and all(is_current(row, guide, spans) for row in rows)):
        _remember_anew(spell.dancer_id, spell.choreography_id)
        return
    states = {index: known_of(row) for index, row in by_index.items()}
    touched = _take_in(states, spell, spans)
    _save(spell.dancer_id, guide, {index: states[index] for index in touched}, spans)


def is_current(row: EightMemory, guide: Guide, spans: list[EightSpan]) -> bool:
    """Whether a memory speaks of an eight that the guide still has: not of another version, nor of counts of before."""
    span = next((span for span in spans if span.index == row.eight), None)
    return row.guide_id == guide.pk and span is not None and span.fits(row.start_s, row.end_s)


def _remember_anew(dancer_id: UUID, choreography_id: int) -> None:
    """Everything from the spells; those of another version of the guide say nothing of this one."""
    guide = _published(pk=choreography_id)
    if guide is None:
        return
    spans = spans_of(guide)
    spells = PracticeSpell.objects.filter(dancer=dancer_id, choreography=choreography_id, guide=guide)
    states: dict[int, Known] = {}
    for spell in spells.exclude(eights=[]).order_by("created_at", "pk").iterator():
        _take_in(states, spell, spans)
    EightMemory.objects.filter(dancer=dancer_id, choreography=choreography_id).exclude(eight__in=states).delete()
    _save(dancer_id, guide, states, spans)


def _take_in(states: dict[int, Known], spell: PracticeSpell, spans: list[EightSpan]) -> set[int]:
    """Fold one spell into the states; answers which eights it speaks of."""
    touched = set()
    for seen in spell.eights:
        span = eight_of(spans, seen["start_s"], seen["end_s"])
        if span is None:
            continue
        danced = Danced(spell.day, seen["score"], seen["limb"], seen["rate"], spell.kind == PracticeKind.TAKE)
        states[span.index] = after(states.get(span.index), danced)
        touched.add(span.index)
    return touched


def _save(dancer_id: UUID, guide: Guide, states: Mapping[int, Known], spans: list[EightSpan]) -> None:
    place = {span.index: span for span in spans}
    rows = [
        EightMemory(
            dancer_id=dancer_id,
            choreography_id=guide.choreography_id,
            guide=guide,
            eight=index,
            start_s=place[index].start_s,
            end_s=place[index].end_s,
            **asdict(known),
        )
        for index, known in states.items()
    ]
    EightMemory.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["dancer", "choreography", "eight"],
        update_fields=["guide", "start_s", "end_s", *KNOWN_FIELDS],
    )
