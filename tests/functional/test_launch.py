"""`make run` from its start to Ctrl-C, with processes of its own and an empty data folder."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE_S = 180


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def site(tmp_path, port):
    data = tmp_path / "data"
    data.mkdir()
    (data / "static").symlink_to(REPOSITORY / "var" / "static")
    environment = {**os.environ, "KDANCE_DATA_DIR": str(data), "PORT": str(port), "HOST": "127.0.0.1"}
    environment["DJANGO_SETTINGS_MODULE"] = "kdance_site.settings"
    process = subprocess.Popen(
        [sys.executable, "-m", "kdance_site.launch"],
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said = []
    reader = threading.Thread(target=lambda: said.extend(process.stdout), daemon=True)
    reader.start()
    yield Site(process, reader, said, data, port)
    process.terminate()
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()


class Site:
    def __init__(self, process, reader, said, data, port):
        self.process, self.reader, self.said, self.data, self.port = process, reader, said, data, port

    def wait_until(self, condition):
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            if found := condition():
                return found
            assert self.process.poll() is None, "".join(self.said)
            time.sleep(0.1)
        raise AssertionError("".join(self.said))

    def says(self, text):
        return any(text in line for line in list(self.said))

    def processes(self, text=""):
        """Ids of living processes that were started for this data folder, by what stands in their command line."""
        return {pid: words for pid, words in _of_environment(f"KDANCE_DATA_DIR={self.data}") if text in words}


def _of_environment(mark):
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            if mark.encode() in (folder / "environ").read_bytes().split(b"\0"):
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if words:
                    yield int(folder.name), words
        except OSError:
            continue


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="counts processes in /proc, which only Linux has")
def test_it_starts_keeps_the_worker_alive_and_leaves_nothing_behind(site):
    site.wait_until(lambda: site.says("KDance is ready"))
    assert site.says("dancer@example.com / kdance-demo")
    with urllib.request.urlopen(f"http://127.0.0.1:{site.port}/", timeout=60) as answer:
        assert answer.status == 200

    (worker,) = site.wait_until(lambda: site.processes("manage.py worker"))
    os.kill(worker, signal.SIGKILL)
    site.wait_until(lambda: set(site.processes("manage.py worker")) - {worker})

    site.process.send_signal(signal.SIGINT)
    assert site.process.wait(timeout=30) == 0
    site.reader.join(timeout=10)
    until = time.monotonic() + 5
    while site.processes() and time.monotonic() < until:
        time.sleep(0.1)
    assert site.processes() == {}
    assert not (site.data / "postgres" / "data" / "postmaster.pid").exists()
    assert not site.says("Traceback"), "".join(site.said)


def test_a_taken_port_is_named_at_once(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "kdance_site.launch"],
            cwd=REPOSITORY,
            env={**os.environ, "KDANCE_DATA_DIR": str(tmp_path), "PORT": str(port)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 1
    assert f"127.0.0.1:{port}" in done.stderr
    assert "PORT=8001 make run" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "postgres").exists()


def test_a_senseless_port_is_refused(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "kdance_site.launch"],
        cwd=REPOSITORY,
        env={**os.environ, "KDANCE_DATA_DIR": str(tmp_path), "PORT": "eighty"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "PORT='eighty'" in done.stderr
    assert "Traceback" not in done.stderr
