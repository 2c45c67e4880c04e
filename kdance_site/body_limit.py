"""Refuses bodies that are too large before a byte of them is kept.

Django's ASGI handler writes the whole body to a temporary file before any view or middleware can object, so the limit
has to stand in front of it.
"""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from inference.failures import failure_message

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

UPLOAD_PATHS = re.compile(r"^/(choreographies/[^/]+/takes/|api/v1/attempts/|admin/choreography/guide/)")
FORM_BYTES = 200_000
MULTIPART_BYTES = 100_000


class TooLarge(Exception):
    """More arrived than the length that was announced, or than is allowed."""


class BodyLimit:
    """ASGI middleware: 413 by the announced length, and a cut where a chunked body grows past the limit."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = _limit(scope)
        if _announced(scope) > limit:
            await _refuse(scope, send)
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
            await _refuse(scope, send)


def _limit(scope: Scope) -> int:
    if UPLOAD_PATHS.match(scope["path"]):
        return int(settings.UPLOAD_MAX_BYTES) + MULTIPART_BYTES
    return FORM_BYTES


def _announced(scope: Scope) -> int:
    length = _header(scope, b"content-length")
    return int(length) if length.isdigit() else 0


def _header(scope: Scope, name: bytes) -> str:
    values = [value for key, value in scope["headers"] if key == name]
    return values[0].decode("latin-1") if values else ""


async def _refuse(scope: Scope, send: Send) -> None:
    with translation.override(_language(scope)):
        message = failure_message("too_large")
        if "text/html" in _header(scope, b"accept"):
            kind, body = "text/html; charset=utf-8", render_to_string("413.html", {"message": message}).encode()
        else:
            kind, body = "application/json", json.dumps({"error": {"code": "too_large", "message": message}}).encode()
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _language(scope: Scope) -> str:
    cookie = re.search(rf"{settings.LANGUAGE_COOKIE_NAME}=(\w+)", _header(scope, b"cookie"))
    wished = [cookie.group(1)] if cookie else []
    wished += [code.split("-")[0] for code, _ in parse_accept_lang_header(_header(scope, b"accept-language"))]
    known = [code for code in wished if code in dict(settings.LANGUAGES)]
    return known[0] if known else str(settings.LANGUAGE_CODE)
