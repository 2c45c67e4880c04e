"""Files of guides and takes. Whoever may not see one gets the same 404 as for one that does not exist."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from choreography.models import Attempt, Guide, GuideState
from choreography.poster_svg import poster_svg
from choreography.teaching import ateaches
from inference import storage
from inference.models import Person, Video
from inference.serving import serve_bytes, serve_json, serve_key

TakeView = Callable[..., Coroutine[Any, Any, HttpResponseBase]]
TRACK_TYPE = "application/octet-stream"


@require_safe
async def guide_track(request: HttpRequest, guide_id: UUID) -> HttpResponseBase:
    guide = await _guide(request, guide_id)
    return await serve_bytes(request, await _read(guide.track_key), TRACK_TYPE)


@require_safe
async def guide_video(request: HttpRequest, guide_id: UUID) -> HttpResponseBase:
    guide = await _guide(request, guide_id)
    if guide.video is None or not guide.video.playable_key:
        raise Http404
    return await serve_key(request, guide.video.playable_key, guide.video.playable_type)


@require_safe
async def guide_audio(request: HttpRequest, guide_id: UUID) -> HttpResponseBase:
    guide = await _guide(request, guide_id)
    if not guide.audio_key:
        raise Http404
    return await serve_key(request, guide.audio_key, "audio/wav")


@require_safe
async def guide_poster(request: HttpRequest, guide_id: UUID) -> HttpResponseBase:
    guide = await _guide(request, guide_id)
    if not guide.poster:
        raise Http404
    return await serve_bytes(request, poster_svg(guide.poster, "guide").encode(), "image/svg+xml")


@require_safe
async def guide_poster_data(request: HttpRequest, guide_id: UUID) -> HttpResponseBase:
    return await serve_json(request, (await _guide(request, guide_id)).poster)


@require_safe
async def guide_portrait(request: HttpRequest, guide_id: UUID, number: int) -> HttpResponseBase:
    """For curators alone: dancers who see the guide have no use for pictures of everybody else in the clip."""
    user = await request.auser()
    if not user.is_staff:
        raise Http404
    return await _portrait(request, (await _guide(request, guide_id)).video, number)


def file_of_a_take(view: TakeView) -> TakeView:
    """For the dancer, and for teachers while the dancer lets them: they keep no copy of it."""

    @wraps(view)
    async def viewed(request: HttpRequest, attempt_id: UUID, **place: int) -> HttpResponseBase:
        user = await request.auser()
        attempt = await Attempt.objects.select_related("video").filter(pk=attempt_id).afirst()
        if attempt is None or not user.is_authenticated:
            raise Http404
        if attempt.dancer_id == user.pk:
            return await view(request, attempt, **place)
        if not (attempt.is_open_to_teachers and await ateaches(user)):
            raise Http404
        response = await view(request, attempt, **place)
        response["Cache-Control"] = "no-store"
        return response

    return viewed


@require_safe
@file_of_a_take
async def attempt_track(request: HttpRequest, attempt: Attempt) -> HttpResponseBase:
    return await serve_bytes(request, await _read(attempt.track_key), TRACK_TYPE)


@require_safe
@file_of_a_take
async def attempt_video(request: HttpRequest, attempt: Attempt) -> HttpResponseBase:
    if attempt.video is None or not attempt.video.playable_key:
        raise Http404
    return await serve_key(request, attempt.video.playable_key, attempt.video.playable_type)


@require_safe
@file_of_a_take
async def attempt_poster(request: HttpRequest, attempt: Attempt) -> HttpResponseBase:
    if not attempt.poster:
        raise Http404
    return await serve_bytes(request, poster_svg(attempt.poster, "me").encode(), "image/svg+xml")


@require_safe
@file_of_a_take
async def attempt_poster_data(request: HttpRequest, attempt: Attempt) -> HttpResponseBase:
    return await serve_json(request, attempt.poster)


@require_safe
@file_of_a_take
async def attempt_portrait(request: HttpRequest, attempt: Attempt, number: int) -> HttpResponseBase:
    return await _portrait(request, attempt.video, number)


async def _portrait(request: HttpRequest, video: Video | None, number: int) -> HttpResponseBase:
    person = await Person.objects.filter(video=video, number=number).afirst() if video is not None else None
    if person is None:
        raise Http404
    return await serve_bytes(request, await _read(person.portrait_key), "image/jpeg")


async def _guide(request: HttpRequest, guide_id: UUID) -> Guide:
    """A published guide for everybody; a withdrawn one for whoever danced to it or may rate it; any for curators."""
    guide = await Guide.objects.select_related("video").filter(pk=guide_id).afirst()
    if guide is None or not await _may_see(request, guide):
        raise Http404
    return guide


async def _may_see(request: HttpRequest, guide: Guide) -> bool:
    if guide.state == GuideState.PUBLISHED:
        return True
    user = await request.auser()
    if not user.is_authenticated:
        return False
    takes = Attempt.objects.filter(guide=guide)
    if user.is_staff or await takes.filter(dancer=user).aexists():
        return True
    return await takes.filter(is_open_to_teachers=True).aexists() and await ateaches(user)


async def _read(key: str) -> bytes:
    if not key:
        raise Http404
    try:
        return await sync_to_async(storage.read_key)(key)
    except FileNotFoundError:
        raise Http404 from None
