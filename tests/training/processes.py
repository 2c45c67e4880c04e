"""Commands as processes of their own, and whether they are really over."""

import os
import signal
import sys
import time
from pathlib import Path


def data_command(*words: str | Path) -> list[str | Path]:
    """`python -m ml_training.data WORDS`, to be run in the repository."""
    return [sys.executable, "-m", "ml_training.data", *words]


def gone(session: int) -> bool:
    """Whether every process of a session has ended, waiting for that a moment."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.killpg(session, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    os.killpg(session, signal.SIGKILL)
    return False
