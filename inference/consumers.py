"""The socket of a job's page: a snapshot first, then a new one whenever the row changes."""

import asyncio
import contextlib
from collections import Counter
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.utils import translation

from inference.groups import job_group
from inference.progress import JobPayload, snapshot
from inference.services import visible_job

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

NOT_FOUND = 4404
TOO_MANY = 4429
NOT_SPOKEN_TO = 4400
LOOK_EVERY_S = 3.0
MOST_PER_PERSON = 20

_open_sockets: Counter[object] = Counter()  # by person, in this process; each costs a look at the database now and then


class JobConsumer(AsyncJsonWebsocketConsumer):
    """Answers only whom the job belongs to. Hints make it quick; a look every few seconds makes it right."""

    job_id: UUID
    language: str
    _watch: asyncio.Task[None] | None = None
    _last: JobPayload | None = None
    _counted = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:  # however it ends: one that breaks is never told of its disconnection
            if self._counted:
                _forget(self._person)

    async def connect(self) -> None:
        self.job_id = self.scope["url_route"]["kwargs"]["job_id"]
        self.language = getattr(self.scope["user"], "language", "") or "en"
        await self.accept()
        if await self._payload() is None:
            await self.close(code=NOT_FOUND)
            return
        if _open_sockets[self._person] >= MOST_PER_PERSON:
            await self.close(code=TOO_MANY)
            return
        _open_sockets[self._person] += 1
        self._counted = True
        await self.channel_layer.group_add(job_group(self.job_id), self.channel_name)
        await self._send_if_new()
        self._watch = asyncio.create_task(self._look_again())

    async def disconnect(self, code: int) -> None:
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
            await self.channel_layer.group_discard(job_group(self.job_id), self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any) -> None:
        """Pages have nothing to say here; what they want done goes through forms, with their checks."""
        await self.close(code=NOT_SPOKEN_TO)

    async def job_changed(self, event: dict[str, Any]) -> None:
        await self._send_if_new()

    async def _look_again(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await self._send_if_new()

    async def _send_if_new(self) -> None:
        payload = await self._payload()
        if payload is None:
            await self.close(code=NOT_FOUND)
        elif payload != self._last:
            self._last = payload
            await self.send_json(payload)

    @property
    def _person(self) -> object:
        return cast("User | AnonymousUser", self.scope["user"]).pk

    @database_sync_to_async
    def _payload(self) -> JobPayload | None:
        job = visible_job(self.job_id, cast("User | AnonymousUser", self.scope["user"]))
        if job is None:
            return None
        with translation.override(self.language):
            return snapshot(job)


def _forget(person: object) -> None:
    _open_sockets[person] -= 1
    if _open_sockets[person] <= 0:
        del _open_sockets[person]
