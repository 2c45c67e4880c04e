"""A signed-in person reads KDance in the language of their profile, on every device."""

from collections.abc import Awaitable, Callable
from typing import cast

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.decorators import sync_and_async_middleware

Response = HttpResponse | Awaitable[HttpResponse]


@sync_and_async_middleware
def person_language(get_response: Callable[[HttpRequest], Response]) -> Callable[[HttpRequest], Response]:
    """After LocaleMiddleware (the browser's wish) and AuthenticationMiddleware (the person). Async for streamed files."""
    if iscoroutinefunction(get_response):

        async def answer_async(request: HttpRequest) -> HttpResponse:
            _speak(request, _language_of(await request.auser()))
            response: HttpResponse = await get_response(request)
            return _remember(request, response, _language_of(await request.auser()))

        return answer_async

    def answer(request: HttpRequest) -> HttpResponse:
        _speak(request, _language_of(request.user))
        response = cast(HttpResponse, get_response(request))
        return _remember(request, response, _language_of(request.user))

    return answer


def _language_of(person: object) -> str | None:
    return getattr(person, "language", None)


def _speak(request: HttpRequest, language: str | None) -> None:
    if language:
        translation.activate(language)
        request.LANGUAGE_CODE = language


def _remember(request: HttpRequest, response: HttpResponse, language: str | None) -> HttpResponse:
    """Keep the language after signing out, too: the cookie is the one that LocaleMiddleware reads."""
    if language and request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) != language:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            path=settings.LANGUAGE_COOKIE_PATH,
            domain=settings.LANGUAGE_COOKIE_DOMAIN,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite=settings.LANGUAGE_COOKIE_SAMESITE,
        )
    return response
