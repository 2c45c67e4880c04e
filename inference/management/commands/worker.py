"""`manage.py worker`: does the jobs, and the upkeep that takes up jobs whose worker died."""

import asyncio
import contextlib
import os
import signal
from typing import Any, cast

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from inference.jobs import stopping
from inference.queue import UPKEEP_QUEUE, WORK_QUEUE

GRACE_S = 8.0


class Command(BaseCommand):
    help = "Works on queued jobs until it is told to stop (Ctrl-C or SIGTERM)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--concurrency", type=int, default=1, help="jobs at a time (default: 1)")

    def handle(self, *args: Any, concurrency: int, **options: Any) -> None:
        connection.ensure_connection()
        connection.close()
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(_work(concurrency))


async def _work(concurrency: int) -> None:
    """Two queues, so that upkeep never waits behind long videos."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    worker_app = app.with_connector(cast(DjangoConnector, app.connector).get_worker_connector())
    async with worker_app.open_async():
        workers = asyncio.gather(
            *(
                worker_app.run_worker_async(
                    queues=[queue],
                    concurrency=slots,
                    name=f"{queue}-{os.getpid()}",
                    install_signal_handlers=False,
                    delete_jobs="successful",
                    shutdown_graceful_timeout=GRACE_S,
                )
                for queue, slots in ((WORK_QUEUE, concurrency), (UPKEEP_QUEUE, 1))
            )
        )
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(sign, _stop, workers)
        await workers


def _stop(workers: "asyncio.Future[Any]") -> None:
    """Handlers see the flag within half a second and hand their jobs back."""
    stopping.set()
    workers.cancel()
