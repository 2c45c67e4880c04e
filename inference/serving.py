"""Private files over HTTP: ranges, ETags, and never a whole video in memory."""

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import IO

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags

from inference import storage

CHUNK_BYTES = 256 * 1024
RANGE = re.compile(r"^bytes=(\d{0,18})-(\d{0,18})$")
YEAR_S = 31_536_000


@dataclass(frozen=True)
class Span:
    """Bytes from `first` to `last`, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


class UnsatisfiableRange(ValueError):
    """The range asked for lies outside the file."""


def parse_range(header: str, size: int) -> Span | None:
    """The one span of a Range header; None where it is absent, malformed or of several parts, which means all of it.

    Raises UnsatisfiableRange. Source: RFC 9110 section 14.
    """
    match = RANGE.match(header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first_text, last_text = match.groups()
    if not first_text:
        suffix = int(last_text)
        if suffix == 0 or size == 0:
            raise UnsatisfiableRange
        return Span(max(size - suffix, 0), size - 1)
    first = int(first_text)
    last = min(int(last_text), size - 1) if last_text else size - 1
    if first >= size:
        raise UnsatisfiableRange
    return Span(first, last) if first <= last else None


def version_of(key: str) -> str:
    """What tells two objects apart that are served at the same address, one after the other: browsers keep the first."""
    return hashlib.sha256(key.encode()).hexdigest()[:12]


async def serve_bytes(request: HttpRequest, data: bytes, content_type: str) -> HttpResponseBase:
    """A small immutable object with an ETag of its content."""
    etag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    fresh = etag in parse_etags(request.headers.get("If-None-Match", ""))
    response = HttpResponse(status=304) if fresh else HttpResponse(data, content_type=content_type)
    return _kept_by_its_reader(response, etag)


async def serve_json(request: HttpRequest, value: object) -> HttpResponseBase:
    """A stored JSON value. Raises Http404 where there is none."""
    if value is None:
        raise Http404
    return await serve_bytes(request, json.dumps(value, separators=(",", ":")).encode(), "application/json")


async def serve_key(request: HttpRequest, key: str, content_type: str) -> HttpResponseBase:
    """A stored object, in ranges; from S3 by a short-lived redirect. Raises Http404."""
    url = await asyncio.to_thread(storage.direct_url, key)
    if url is not None:
        # The address is good for an hour, the right to it perhaps not: ask again each time.
        return HttpResponseRedirect(url, headers={"Cache-Control": "no-store"})
    try:
        size = await asyncio.to_thread(storage.size_of, key)
    except FileNotFoundError:
        raise Http404 from None
    etag = f'"{hashlib.sha256(f"{key}:{size}".encode()).hexdigest()[:32]}"'
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        return _kept_by_its_reader(HttpResponse(status=304), etag)
    try:
        span = parse_range(request.headers.get("Range", ""), size)
    except UnsatisfiableRange:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    if request.headers.get("If-Range") not in (None, etag):
        span = None
    whole = Span(0, size - 1)
    response = StreamingHttpResponse(
        _read(key, span or whole) if request.method != "HEAD" else _nothing(),
        status=206 if span else 200,
        content_type=content_type,
        headers={"Accept-Ranges": "bytes", "Content-Length": str((span or whole).length)},
    )
    if span:
        response["Content-Range"] = f"bytes {span.first}-{span.last}/{size}"
    return _kept_by_its_reader(response, etag)


async def _read(key: str, span: Span) -> AsyncIterator[bytes]:
    source: IO[bytes] = await asyncio.to_thread(storage.open_key, key)
    try:
        await asyncio.to_thread(source.seek, span.first)
        left = span.length
        while left > 0:
            chunk = await asyncio.to_thread(source.read, min(CHUNK_BYTES, left))
            if not chunk:
                return
            left -= len(chunk)
            yield chunk
    finally:
        source.close()


async def _nothing() -> AsyncIterator[bytes]:
    if False:  # a generator that ends at once
        yield b""


def _kept_by_its_reader(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    """Stored objects never change under their address; another person at the same browser has another cookie."""
    response["ETag"] = etag
    response["Cache-Control"] = f"private, max-age={YEAR_S}, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    patch_vary_headers(response, ["Cookie"])
    return response
