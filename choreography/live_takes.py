"""Takes danced before the webcam: their joints arrive in parts, and whole they become a take like any other.

docs/live-takes.md has the protocol. Every step may be repeated: a browser that lost an answer asks again.
"""

import math
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.models import User
from choreography import services
from choreography.models import Attempt, Choreography, Guide, GuideState, LiveTake
from choreography.models.practice import LEAST_OVERLAP_S
from choreography.services import PracticeError
from inference import storage
from inference.leftovers import clears_away
from inference.pose.track import PoseTrack
from inference.services import start_job

PART_BYTES = 64 * 1024
MAX_TAKE_BYTES = 4 * 1024 * 1024
"""Four minutes at 60 frames a second take 1.4 MB, and 2.6 MB where every joint trembles (docs/live-takes.md)."""
LONGER_THAN_GUIDE_S = 60.0
MAX_UNFINISHED = 8
"""So many of a dancer's live takes wait for their parts at once; the oldest makes room, and is sent anew by its browser."""


class LiveTakeError(PracticeError):
    """`code` says what is wrong with what the browser sent; `choreography.failures` has the words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotTheirs(LookupError):
    """The id is another dancer's take: answered as one that does not exist."""


def open_take(
    *,
    dancer: User,
    choreography: Choreography,
    take_id: UUID,
    offset_s: float,
    size_bytes: int,
    guide_id: UUID | None = None,
) -> LiveTake:
    """The take of this id, made where there is none yet. Raises PracticeError and NotTheirs."""
    with transaction.atomic():
        services.one_at_a_time(dancer)
        known = LiveTake.objects.filter(pk=take_id).first()
        if known is not None:
            return _same_take(known, dancer, choreography, offset_s, size_bytes)
        if not 0 < size_bytes <= MAX_TAKE_BYTES:
            raise LiveTakeError("live_too_large")
        guide = _guide_danced_to(choreography, guide_id)
        if not _leaves_something(offset_s, 0.0, _longest_s(guide), guide):
            raise LiveTakeError("live_bad_start")
        _make_room(dancer)
        return LiveTake.objects.create(
            pk=take_id, dancer=dancer, choreography=choreography, guide=guide, offset_s=offset_s, size_bytes=size_bytes
        )


def own_live_take(dancer: User, take_id: UUID) -> LiveTake | None:
    return LiveTake.objects.filter(pk=take_id, dancer=dancer).select_related("attempt").first()


def received(take: LiveTake) -> list[int]:
    """The numbers of the parts that are here."""
    return list(storage.live_parts(take.pk))


def keep_part(take: LiveTake, number: int, data: bytes) -> None:
    """Store a part; the same one again replaces it. Raises PracticeError."""
    with transaction.atomic():
        held = _held(take)
        if held.attempt_id is not None:
            raise LiveTakeError("live_is_done")
        if not 0 <= number < _parts_of(held):
            raise LiveTakeError("live_no_such_part")
        if len(data) != _size_of_part(held, number):
            raise LiveTakeError("live_bad_part")
        storage.save_bytes(storage.live_part_key(held.pk, number), data)


def finish(take: LiveTake) -> Attempt:
    """The take that its parts make, with the job that judges it. Raises PracticeError."""
    with transaction.atomic():
        services.one_at_a_time(take.dancer)
        held = _held(take)
        if held.attempt is not None:
            return held.attempt
        data = _assembled(held)
        track = _danced(held, data)
        services.refuse_too_many_open(held.dancer)
        attempt = _attempt_of(held, data, float(track.t_s[-1]))
        held.attempt = attempt
        held.save(update_fields=["attempt"])
        keys = list(storage.live_parts(held.pk).values())
        transaction.on_commit(lambda: storage.delete_keys(keys))
        return attempt


def abandon(take: LiveTake) -> None:
    """Forget a take that is not sent to its end. Raises PracticeError for one that is: that is deleted as any take."""
    if not services.delete_live_take(take) and LiveTake.objects.filter(pk=take.pk).exists():
        raise LiveTakeError("live_is_done")


@clears_away
def clear_away(before: datetime) -> int:
    """Takes that were not sent to their end, parts without a take, and tracks that nothing names any more."""
    unfinished = LiveTake.objects.filter(attempt=None, created_at__lt=before)
    removed = sum(services.delete_live_take(take) for take in unfinished)
    orphans = [key for key in _orphans() if storage.written_at(key) < before]
    storage.delete_keys(orphans)
    return removed + len(orphans)


def _same_take(known: LiveTake, dancer: User, choreography: Choreography, offset_s: float, size_bytes: int) -> LiveTake:
    if known.dancer_id != dancer.pk:
        raise NotTheirs
    if (known.choreography_id, known.offset_s, known.size_bytes) != (choreography.pk, offset_s, size_bytes):
        raise LiveTakeError("live_other_take")
    return known


def _guide_danced_to(choreography: Choreography, guide_id: UUID | None) -> Guide:
    """The version that the room showed, also if it was withdrawn since: a take may wait on a device for days."""
    if guide_id is None:
        guide = choreography.guides.filter(state=GuideState.PUBLISHED).first()
    else:
        shown = choreography.guides.filter(state__in=(GuideState.PUBLISHED, GuideState.WITHDRAWN))
        guide = shown.filter(pk=guide_id).first()
    if guide is None:
        raise services.NoGuide
    return guide


def _make_room(dancer: User) -> None:
    unfinished = LiveTake.objects.filter(dancer=dancer, attempt=None).order_by("-created_at")
    for oldest in unfinished[MAX_UNFINISHED - 1 :]:
        services.delete_live_take(oldest)


def _held(take: LiveTake) -> LiveTake:
    """The row as it is now, held until the transaction ends. Raises NotTheirs where it is gone."""
    held = LiveTake.objects.select_for_update(of=("self",)).select_related("attempt", "guide", "dancer")
    row = held.filter(pk=take.pk).first()
    if row is None:
        raise NotTheirs
    return row


def _parts_of(take: LiveTake) -> int:
    return math.ceil(take.size_bytes / PART_BYTES)


def _size_of_part(take: LiveTake, number: int) -> int:
    return min(PART_BYTES, take.size_bytes - number * PART_BYTES)


def _assembled(take: LiveTake) -> bytes:
    """All parts in their order. One that a killed process wrote by half goes, so that it is asked for again."""
    keys = storage.live_parts(take.pk)
    parts = {number: storage.read_key(key) for number, key in keys.items() if number < _parts_of(take)}
    damaged = [number for number, part in parts.items() if len(part) != _size_of_part(take, number)]
    storage.delete_keys(keys[number] for number in damaged)
    if damaged or len(parts) != _parts_of(take):
        raise LiveTakeError("live_incomplete")
    return b"".join(parts[number] for number in sorted(parts))


def _danced(take: LiveTake, data: bytes) -> PoseTrack:
    """Raises LiveTakeError where nobody can have danced this to the guide."""
    from inference.pose.browser_track import BrowserTrackError, read_browser_track

    try:
        track = read_browser_track(data, longest_s=_longest_s(take.guide))
    except BrowserTrackError as error:
        raise LiveTakeError(f"live_{error.code}") from error
    if not _leaves_something(take.offset_s, float(track.t_s[0]), float(track.t_s[-1]), take.guide):
        raise LiveTakeError("live_bad_start")
    return track


def _longest_s(guide: Guide) -> float:
    return (guide.duration_s or float(settings.UPLOAD_MAX_S)) + LONGER_THAN_GUIDE_S


def _leaves_something(offset_s: float, first_s: float, last_s: float, guide: Guide) -> bool:
    """Whether guide and take have something in common, the guide's time 0 being at `offset_s`. False for no number."""
    guide_s = guide.duration_s or float(settings.UPLOAD_MAX_S)
    return min(last_s, offset_s + guide_s) - max(first_s, offset_s) >= LEAST_OVERLAP_S


def _attempt_of(take: LiveTake, data: bytes, end_s: float) -> Attempt:
    attempt = Attempt(
        dancer=take.dancer,
        choreography=take.choreography,
        guide=take.guide,
        live_offset_s=take.offset_s,
        live_end_s=end_s,
    )
    storage.save_bytes(storage.attempt_sent_key(attempt.pk), data)
    try:
        attempt.job = start_job(kind=services.JUDGE_LIVE, owner=take.dancer)
        attempt.save()
    except Exception:
        storage.delete_keys([storage.attempt_sent_key(attempt.pk)])
        raise
    return attempt


def _orphans() -> list[str]:
    unfinished = set(LiveTake.objects.filter(attempt=None).values_list("pk", flat=True))
    parts = [key for take_id, keys in storage.stored_live_parts() if take_id not in unfinished for key in keys]
    tracks = []
    for attempt_id, keys in storage.stored_attempts():
        named = set(Attempt.objects.filter(pk=attempt_id).values_list("track_key", flat=True))
        if named:
            named.add(storage.attempt_sent_key(attempt_id))
        tracks += [key for key in keys if key not in named]
    return parts + tracks
