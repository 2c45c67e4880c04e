"""What browsers are told with static files beyond what every one of them gets."""

from collections.abc import MutableMapping

WORKER = "js/live/pose-worker."
WORKER_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"


def add_headers(headers: MutableMapping[str, str], path: str, url: str) -> None:
    """A worker goes by the policy of its own script, not by the page's: without one it could talk to anybody."""
    if WORKER in url:
        headers["Content-Security-Policy"] = WORKER_POLICY
