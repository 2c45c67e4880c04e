"""Finds a Chromium for the tests that look through a user's eyes, and fetches one where there is none."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FETCH_TIMEOUT_S = 600
NONE_TO_BE_HAD = (
    "No Chromium: neither CHROMIUM nor PATH names one, and neither `playwright install chromium` nor "
    "`apt-get install chromium` could fetch one. Install a Chromium or Chrome, or set CHROMIUM to its path."
)


def find_browser(lock: Path) -> str | None:
    """The path of a Chromium that starts; `lock` keeps two test processes from fetching one at once."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        for source in (_named, _on_path, _from_playwright, _fetched_by_playwright, _fetched_by_apt):
            path = source()
            if path is not None and _starts(path):
                return path
    return None


def launch_arguments() -> list[str]:
    """Chromium's sandbox refuses root."""
    return ["--no-sandbox"] if os.geteuid() == 0 else []


def _named() -> str | None:
    return os.environ.get("CHROMIUM") or None


def _on_path() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


def _from_playwright() -> str | None:
    # In a process of its own: playwright's loop would stay with this thread.
    ask = "from playwright.sync_api import sync_playwright as p\nwith p() as w: print(w.chromium.executable_path)"
    answer = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=False)
    path = answer.stdout.strip()
    return path if path and Path(path).exists() else None


def _fetched_by_playwright() -> str | None:
    _tried([sys.executable, "-m", "playwright", "install", "chromium"])
    return _from_playwright()


def _fetched_by_apt() -> str | None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return None
    _tried(["apt-get", "update", "-q"])
    _tried(["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"])
    return _on_path()


def _tried(command: list[str]) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, timeout=FETCH_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _starts(path: str) -> bool:
    return _tried([path, "--version"])
