"""`manage.py worker`: does the jobs of the queues it is given, and the upkeep that takes up jobs whose worker died."""

import asyncio
import contextlib
import logging
import os
import signal
from argparse import ArgumentTypeError
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from inference.jobs import stopping
from inference.queue_names import POSE_QUEUES, UPKEEP, Queue
from inference.work_folders import clear_abandoned

logger = logging.getLogger(__name__)

GRACE_S = 8.0


@dataclass(frozen=True)
class Lane:
    """Queues that share their slots. What waits in one lane never waits behind what runs in another."""

    queues: tuple[str, ...]
    slots: int


class Command(BaseCommand):
    help = "Works on queued jobs until it is told to stop (Ctrl-C or SIGTERM)."

    def add_arguments(self, parser: CommandParser) -> None:
        chosen = ",".join(settings.WORKER_QUEUES)
        parser.add_argument(
            "--queues",
            type=queues_named,
            default=chosen,
            help=f"what to work on, of {', '.join(Queue)}, with commas (default: {chosen})",
        )
        parser.add_argument(
            "--concurrency", type=_whole_number, default=1, help="jobs of each sort at a time (default: 1)"
        )

    def handle(self, *args: Any, queues: Sequence[Queue], concurrency: int, **options: Any) -> None:
        connection.ensure_connection()
        connection.close()
        if cleared := clear_abandoned():
            logger.info("cleared away %s folders of workers that died", cleared)
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(_work(lanes_for(queues, concurrency)))


def queues_named(text: str) -> list[Queue]:
    """Raises ArgumentTypeError for a name that no queue has, or for none at all."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    unknown = [word for word in words if word not in set(Queue)]
    if unknown or not words:
        wrong = f"there is no queue {', '.join(unknown)}" if unknown else "no queue is named"
        raise ArgumentTypeError(f"{wrong}; there are {', '.join(Queue)}.")
    return [Queue(word) for word in words]


def lanes_for(queues: Sequence[Queue], concurrency: int) -> list[Lane]:
    """Comparisons never wait behind long videos, and upkeep behind neither; both sorts of videos share the processors."""
    poses = tuple(queue for queue in POSE_QUEUES if queue in queues)
    others = tuple(queue for queue in Queue if queue in queues and queue not in POSE_QUEUES)
    lanes = [Lane(poses, concurrency), Lane(others, concurrency), Lane((UPKEEP,), 1)]
    return [lane for lane in lanes if lane.queues]


async def _work(lanes: Sequence[Lane]) -> None:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    worker_app = app.with_connector(cast(DjangoConnector, app.connector).get_worker_connector())
    async with worker_app.open_async():
        workers = asyncio.gather(
            *(
                worker_app.run_worker_async(
                    queues=list(lane.queues),
                    concurrency=lane.slots,
                    name=f"{'+'.join(lane.queues)}-{os.getpid()}",
                    install_signal_handlers=False,
                    delete_jobs="successful",
                    shutdown_graceful_timeout=GRACE_S,
                )
                for lane in lanes
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


def _whole_number(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError(f"{text!r} is no number of jobs: use 1 or more.")
    return int(text)
