"""Bodies that are too large are refused before they are kept."""

import asyncio
import json

import pytest

from kdance_site import body_limit
from kdance_site.body_limit import FORM_BYTES, BodyLimit

UPLOAD = "/choreographies/some-dance/takes/"


@pytest.fixture(autouse=True)
def signed_in(monkeypatch):
    """tests/integration/test_security_uploads.py asks real sessions."""

    async def somebody(scope):
        return "somebody"

    monkeypatch.setattr(body_limit, "_sender", somebody)


class App:
    """Reads the whole body, as Django's handler does."""

    def __init__(self):
        self.read = 0
        self.asked = False

    async def __call__(self, scope, receive, send):
        self.asked = True
        while True:
            message = await receive()
            self.read += len(message.get("body", b""))
            if not message.get("more_body"):
                return


async def ask(path, *, length=None, chunks=(), accept="application/json", language="en", method="POST"):
    headers = [(b"accept", accept.encode()), (b"accept-language", language.encode())]
    if length is not None:
        headers.append((b"content-length", str(length).encode("latin-1")))
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    messages.append({"type": "http.request", "body": b"", "more_body": False})
    sent, app, coming = [], App(), iter(messages)

    async def receive():
        return next(coming)

    async def send(message):
        sent.append(message)

    await BodyLimit(app)({"type": "http", "method": method, "path": path, "headers": headers}, receive, send)
    return app, sent


@pytest.mark.parametrize(("path", "limit"), [("/accounts/login/", FORM_BYTES), (UPLOAD, 500_100_000)])
async def test_an_announced_length_over_the_limit_never_reaches_the_site(path, limit):
    app, sent = await ask(path, length=limit + 1)
    assert not app.asked
    assert sent[0]["status"] == 413
    assert json.loads(sent[1]["body"])["error"]["code"] == "too_large"
    app, sent = await ask(path, length=limit)
    assert app.asked
    assert sent == []


async def test_a_body_of_unknown_length_is_cut_at_the_limit():
    app, sent = await ask("/accounts/login/", chunks=[b"x" * 90_000] * 5)
    assert app.read <= FORM_BYTES
    assert sent[0]["status"] == 413


@pytest.mark.parametrize("length", ["²", "-5", "many"])
async def test_a_length_that_is_no_number_is_not_believed(length):
    app, sent = await ask("/accounts/login/", length=length, chunks=[b"x" * 90_000] * 5)
    assert app.read <= FORM_BYTES
    assert sent[0]["status"] == 413


async def test_other_methods_send_no_clips():
    app, sent = await ask(UPLOAD, method="PUT", length=FORM_BYTES + 1)
    assert not app.asked
    assert sent[0]["status"] == 413


async def test_people_read_it_in_their_language():
    _, english = await ask(UPLOAD, length=10**12)
    _, korean = await ask(UPLOAD, length=10**12, language="ko-KR,ko;q=0.9")
    messages = [json.loads(sent[1]["body"])["error"]["message"] for sent in (english, korean)]
    assert messages[0] != messages[1]


async def test_a_page_is_answered_with_a_page():
    _, sent = await ask(UPLOAD, length=10**12, accept="text/html")
    assert (b"content-type", b"text/html; charset=utf-8") in sent[0]["headers"]
    assert b"<html" in sent[1]["body"]


async def test_a_person_sends_few_clips_at_a_time():
    arriving, go_on, sent = asyncio.Semaphore(0), asyncio.Event(), []

    async def slow(scope, receive, send):
        arriving.release()
        await go_on.wait()

    async def send(message):
        sent.append(message)

    limit = BodyLimit(slow)
    scope = {"type": "http", "method": "POST", "path": UPLOAD, "headers": [(b"accept", b"application/json")]}
    going_on = [asyncio.create_task(limit(scope, None, send)) for _ in range(body_limit.CLIPS_AT_ONCE)]
    for _ in going_on:
        await arriving.acquire()
    await limit(scope, None, send)
    assert sent[0]["status"] == 429
    assert json.loads(sent[1]["body"])["error"]["code"] == "too_many_open"
    go_on.set()
    await asyncio.gather(*going_on)
    sent.clear()
    await limit(scope, None, send)
    assert sent == []
