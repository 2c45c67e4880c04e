"""Refuses bodies that are too large before a byte of them is kept.

Django's ASGI handler writes the whole body to a temporary file before any view or middleware can object, so the limit
has to stand in front of it; and it takes no clip from somebody who is not signed in, and few at a time from
anybody.
"""

import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest, parse_cookie
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation.trans_real import parse_accept_lang_header

from accounts.models import User
from choreography.failures import message_for

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

UPLOAD_PATHS = re.compile(
    r"^/(choreographies/[^/]+/takes/|api/v1/attempts/|admin/(choreography/guide|inference/posemodel)/)"
)
FORM_BYTES = 200_000
MULTIPART_BYTES = 100_000
CLIPS_AT_ONCE = 3


class TooLarge(Exception):
    """More arrived than the length that was announced, or than is allowed."""


class BodyLimit:
    """ASGI middleware: 413 by the announced length, and a cut where a chunked body grows past the limit."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._sending: Counter[object] = Counter()  # clips that are coming in, by person

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST" or not UPLOAD_PATHS.match(scope["path"]):
            await self._pass_on(scope, receive, send, FORM_BYTES)
            return
        sender = await _sender(scope)
        if sender is None:
            await _send_to_sign_in(scope, send)
        elif self._sending[sender] >= CLIPS_AT_ONCE:
            await _refuse(scope, send, 429, "too_many_open")
        else:
            self._sending[sender] += 1
            try:
                await self._pass_on(scope, receive, send, int(settings.UPLOAD_MAX_BYTES) + MULTIPART_BYTES)
            finally:
                self._sending -= Counter([sender])  # which forgets whoever has none left

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        if _announced(scope) > limit:
            await _refuse(scope, send, 413, "too_large")
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise TooLarge
            return message

        try:
            await self.app(scope, counted, send)
        except TooLarge:
            await _refuse(scope, send, 413, "too_large")


@database_sync_to_async
def _sender(scope: Scope) -> object | None:
    """Whose session this is, if they may send clips here: every dancer, but at the desk only curators."""
    request = HttpRequest()
    engine = import_module(settings.SESSION_ENGINE)
    request.session = engine.SessionStore(_cookie(scope, settings.SESSION_COOKIE_NAME))
    person = get_user(request)
    if not isinstance(person, User) or (scope["path"].startswith("/admin/") and not person.is_staff):
        return None
    return person.pk


def _announced(scope: Scope) -> int:
    length = _header(scope, b"content-length")
    return int(length) if length.isdecimal() else 0


def _header(scope: Scope, name: bytes) -> str:
    values = [value for key, value in scope["headers"] if key == name]
    return values[0].decode("latin-1") if values else ""


def _cookie(scope: Scope, name: str) -> str | None:
    return parse_cookie(_header(scope, b"cookie")).get(name)


async def _refuse(scope: Scope, send: Send, status: int, code: str) -> None:
    with translation.override(_language(scope)):
        if _wants_page(scope):
            page = render_to_string(f"{status}.html", {"message": message_for(code)})
            await _answer(send, status, "text/html; charset=utf-8", page)
        else:
            await _answer(send, status, "application/json", _error(code))


async def _send_to_sign_in(scope: Scope, send: Send) -> None:
    with translation.override(_language(scope)):
        if _wants_page(scope):
            address = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': scope['path']})}"
            await _answer(send, 303, "text/plain", "", (b"location", address.encode()))
        else:
            await _answer(send, 403, "application/json", _error("sign_in_first"))


async def _answer(send: Send, status: int, kind: str, text: str, *more: tuple[bytes, bytes]) -> None:
    body = text.encode()
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _wants_page(scope: Scope) -> bool:
    return "text/html" in _header(scope, b"accept")


def _error(code: str) -> str:
    return json.dumps({"error": {"code": code, "message": message_for(code)}})


def _language(scope: Scope) -> str:
    cookie = _cookie(scope, settings.LANGUAGE_COOKIE_NAME)
    wished = [cookie] if cookie else []
    wished += [code.split("-")[0] for code, _ in parse_accept_lang_header(_header(scope, b"accept-language"))]
    known = [code for code in wished if code in dict(settings.LANGUAGES)]
    return known[0] if known else str(settings.LANGUAGE_CODE)
