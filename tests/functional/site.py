"""The product started as `make run` starts it, on data of its own."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psycopg

REPOSITORY = Path(__file__).resolve().parent.parent.parent
# Each test process starts a product of its own.
LOG = REPOSITORY / "var" / "test" / f"product-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}.log"
START_TIMEOUT_S = 120
STOP_TIMEOUT_S = 40


@dataclass(frozen=True)
class Product:
    """A running site."""

    url: str
    data_dir: Path

    def rows(self, query, *parameters):
        with psycopg.connect(host=str(self.data_dir / "postgres"), dbname="kdance", user="kdance") as connection:
            return connection.execute(query, parameters).fetchall()

    def files(self):
        media = self.data_dir / "media"
        return {str(path.relative_to(media)) for path in media.rglob("*") if path.is_file()}

    def worker_pid(self):
        """The worker process of this very site, or None while there is none."""
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes()
                environment = (folder / "environ").read_bytes()
            except OSError:
                continue
            if b"manage.py\0worker" in command and f"KDANCE_DATA_DIR={self.data_dir}\0".encode() in environment:
                return int(folder.name)
        return None


@contextlib.contextmanager
def running_product(log=LOG):
    """A `Product` that answers; it stops, and its data is gone, with the block. RuntimeError if it does not start."""
    with tempfile.TemporaryDirectory(prefix="kd-") as folder:
        data_dir = Path(folder)
        (data_dir / "static").symlink_to(REPOSITORY / "var" / "static")
        product = Product(f"http://127.0.0.1:{_free_port()}", data_dir)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as lines:
            site = subprocess.Popen(
                [sys.executable, "-m", "kdance_site.launch"],
                cwd=REPOSITORY,
                env=_environment(product),
                stdout=lines,
                stderr=lines,
            )
            try:
                _wait_until_it_answers(product, site, log)
                yield product
            finally:
                site.send_signal(signal.SIGINT)
                site.wait(STOP_TIMEOUT_S)


def _environment(product):
    own = {name: value for name, value in os.environ.items() if name != "KDANCE_TEST_MEDIA"}
    return own | {
        "DJANGO_SETTINGS_MODULE": "kdance_site.settings",
        "KDANCE_DATA_DIR": str(product.data_dir),
        "KDANCE_MODEL_DIR": str(REPOSITORY / "var" / "models"),
        "PORT": product.url.rpartition(":")[2],
    }


def _wait_until_it_answers(product, site, log):
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and site.poll() is None:
        try:
            with urllib.request.urlopen(product.url, timeout=5):  # noqa: S310 - our own address
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("The site did not start:\n" + log.read_text()[-4000:])


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
