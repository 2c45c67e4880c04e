"""What stored clips sound like, heard in a child process. Listening only adds to what is seen: it never fails a job."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from inference import isolated_listening, storage
from inference.analysis import CHILD_MEMORY_BYTES
from inference.jobs import JobRun, StopWork
from inference.media.errors import MediaError
from inference.media.isolation import run_isolated

logger = logging.getLogger(__name__)

Heard = dict[str, Any] | None

LISTEN_TIMEOUT_S = 300.0


def hear_song(guide_key: str, take_key: str, run: JobRun) -> Heard:
    """Where the guide's song is heard in a take: a `SongMatch` as JSON. None where nothing came of it. Raises StopWork."""

    def hear() -> Heard:
        with storage.local_copy(guide_key) as guide, storage.local_copy(take_key) as take:
            return _isolated(isolated_listening.hear_song, guide, take, run=run)

    return _or_nothing(hear, run)


def hear_beats(key: str, run: JobRun) -> Heard:
    """The beats of a stored sound, as JSON; None where there is none, or nothing came of it. Raises StopWork."""

    def hear() -> Heard:
        with storage.local_copy(key) as path:
            return _isolated(isolated_listening.hear_beats, path, run=run)

    return _or_nothing(hear, run)


def _isolated(function: Callable[..., Heard], *paths: Path, run: JobRun) -> Heard:
    heard: Heard = run_isolated(
        function,
        *paths,
        on_message=lambda _message: run.beat(),
        timeout_s=LISTEN_TIMEOUT_S,
        memory_limit_bytes=CHILD_MEMORY_BYTES,
    )
    return heard


def _or_nothing(hear: Callable[[], Heard], run: JobRun) -> Heard:
    """The movement alone tells enough for a result, so whatever goes wrong with a sound is logged and no more."""
    try:
        return hear()
    except StopWork:
        raise
    except MediaError as error:
        logger.info("job %s heard nothing: %s (%s)", run.job_id, error, error.code)
    except Exception:
        logger.exception("job %s could not listen", run.job_id)
    return None
