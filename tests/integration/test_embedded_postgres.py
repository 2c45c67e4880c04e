"""The embedded server as processes see it: started by the first, stopped by the last, whoever is killed meanwhile."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from kdance_site.embedded_postgres.paths import LONGEST_SOCKET_PATH_BYTES, SOCKET_NAME, make_private_dir, socket_dir
from kdance_site.embedded_postgres.server import EmbeddedServer, default_bin_dir, ensure_running

REPOSITORY = Path(__file__).resolve().parents[2]
UNSAFE_BUT_QUICK = {"fsync": "off", "max_connections": "20", "shared_buffers": "16MB"}
PREAMBLE = """
import os, signal, sys, time
from pathlib import Path
from kdance_site.embedded_postgres.server import EmbeddedServer, default_bin_dir, stop_on_sigterm
stop_on_sigterm()
server = EmbeddedServer(Path(sys.argv[1]), default_bin_dir(), {options!r})
server.ensure_running()
"""
WAIT_FOR_A_LINE = "print('up', flush=True); sys.stdin.readline()\n"


@pytest.fixture(scope="module")
def made_once(tmp_path_factory):
    """A data folder as initdb leaves it, to be copied."""
    home = tmp_path_factory.mktemp("pg") / "home"
    server = EmbeddedServer(home, default_bin_dir(), UNSAFE_BUT_QUICK)
    server.ensure_running()
    server.release()
    return home


@pytest.fixture
def home(made_once, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(made_once, home)
    yield home
    EmbeddedServer(home, default_bin_dir(), UNSAFE_BUT_QUICK)._pg_ctl("stop", "-m", "immediate")


@pytest.fixture
def user(home):
    """Starts processes that use the server at `home`; all of them are gone after the test."""
    started = []

    def start(code=WAIT_FOR_A_LINE, wait_until_up=True):
        process = subprocess.Popen(
            [sys.executable, "-c", PREAMBLE.format(options=UNSAFE_BUT_QUICK) + code, str(home)],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        if wait_until_up:
            assert process.stdout.readline() == "up\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def finish(process):
    process.communicate("\n", timeout=20)
    assert process.returncode == 0


def query(home, statement):
    with psycopg.connect(host=str(socket_dir(home)), user="kdance", dbname="kdance", autocommit=True) as connection:
        return connection.execute(statement).fetchone()[0]


def runs(home):
    return EmbeddedServer(home, default_bin_dir()).is_ready()


def test_it_knows_korean_letters_and_lets_the_site_add_extensions(home, user):
    process = user()
    with psycopg.connect(host=str(home), user="kdance", dbname="kdance", autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        connection.execute("CREATE EXTENSION unaccent")
        found = connection.execute("SELECT similarity('안녕하세요', '안녕하세'), unaccent('é'), lower('É')").fetchone()
    assert found[0] > 0.5
    assert found[1:] == ("e", "é")
    finish(process)


def test_it_listens_on_no_port_and_its_folder_is_private(home, user):
    process = user()
    assert query(home, "SHOW listen_addresses") == ""
    assert home.stat().st_mode & 0o077 == 0
    finish(process)


def test_the_last_one_out_stops_it(home, user):
    first, second = user(), user()
    finish(first)
    assert query(home, "SELECT 1") == 1
    finish(second)
    assert not runs(home)


def test_many_that_come_and_go_at_once_all_find_it_and_leave_none_behind(home, user):
    code = (
        "import psycopg\n"
        "c = psycopg.connect(host=str(server.socket_dir), user='kdance', dbname='kdance')\n"
        "assert c.execute('SELECT 1').fetchone() == (1,)\n"
    )
    crowd = [user(code, wait_until_up=False) for _ in range(6)]
    assert [process.wait(timeout=60) for process in crowd] == [0] * 6
    assert not runs(home)


def test_a_killed_user_leaves_the_stopping_to_the_next(home, user):
    killed = user()
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert runs(home)
    finish(user())
    assert not runs(home)


def test_sigterm_gives_the_lease_back(home, user):
    process = user()
    process.terminate()
    assert process.wait(timeout=20) == 128 + signal.SIGTERM
    assert not runs(home)


def test_a_killed_server_is_started_again_for_the_next_connection(home, user):
    process = user("print('up', flush=True)\nfor _ in sys.stdin: server.ensure_running(); print('again', flush=True)\n")
    with psycopg.connect(host=str(home), user="kdance", dbname="kdance", autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    server = EmbeddedServer(home, default_bin_dir())
    os.kill(server.pid(), signal.SIGKILL)
    until = time.monotonic() + 10
    while server.pid() is not None and time.monotonic() < until:
        time.sleep(0.01)
    process.stdin.write("\n")
    process.stdin.flush()
    assert process.stdout.readline() == "again\n"
    assert query(home, "SELECT n FROM kept") == 7


def test_a_forked_child_does_not_hold_the_server_up(home, user):
    code = (
        "child = os.fork()\n"
        "if child == 0: time.sleep(60)\n"
        "print('up', flush=True); print(child, flush=True); sys.stdin.readline()"
    )
    process = user(code)
    child = int(process.stdout.readline())
    try:
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.wait(timeout=20) == 0
        assert not runs(home)
        os.kill(child, 0)
    finally:
        os.kill(child, signal.SIGKILL)


def test_half_a_data_folder_is_not_taken_for_a_whole(tmp_path):
    home = tmp_path / "home"
    (home / "data.new").mkdir(parents=True)
    (home / "data.new" / "PG_VERSION").write_text("18\n")
    server = EmbeddedServer(home, default_bin_dir(), UNSAFE_BUT_QUICK)
    server.ensure_running()
    assert query(home, "SELECT 1") == 1
    server.release()
    assert not runs(home)


@pytest.mark.parametrize("name", ['it\'s a "b", 한', "long" * 25])
def test_odd_and_long_folder_names_work(made_once, tmp_path, name):
    home = tmp_path / 'it\'s a "folder", 한글' / ("x" * 90)
    shutil.copytree(made_once, home)
    assert socket_dir(home) != home
    server = EmbeddedServer(home, default_bin_dir(), UNSAFE_BUT_QUICK)
    server.ensure_running()
    assert query(home, "SELECT 1") == 1
    server.release()
    shutil.rmtree(socket_dir(home))


def test_a_socket_path_is_never_too_long():
    for length in (1, 60, 91, 92, 93, 94, 200):
        path = Path("/") / ("x" * length)
        assert len(os.fsencode(socket_dir(path) / SOCKET_NAME)) <= LONGEST_SOCKET_PATH_BYTES
    assert socket_dir(Path("/var/kdance")) == Path("/var/kdance")


def test_a_socket_folder_that_is_a_link_is_refused(tmp_path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "ours").symlink_to(tmp_path / "theirs")
    with pytest.raises(PermissionError, match="KDANCE_POSTGRES_DIR"):
        make_private_dir(tmp_path / "ours")


def test_with_a_database_url_nothing_is_started(settings, tmp_path, monkeypatch):
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.postgresql")
    settings.POSTGRES_DIR = tmp_path / "pg"
    ensure_running()
    assert not (tmp_path / "pg").exists()


def test_a_command_without_a_database_starts_none_and_one_with_it_leaves_none(tmp_path):
    folder = tmp_path / "data"
    environment = {**os.environ, "KDANCE_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "kdance_site.settings"}

    def manage(*words):
        subprocess.run([sys.executable, "manage.py", *words], cwd=REPOSITORY, env=environment, check=True, timeout=120)

    folder.mkdir()
    manage("check")
    assert not (folder / "postgres").exists()
    started = time.monotonic()
    manage("shell", "-v", "0", "-c", "from django.db import connection as c; c.ensure_connection()")
    assert (folder / "postgres" / "data" / "PG_VERSION").exists()
    assert not runs(folder / "postgres"), f"still up {time.monotonic() - started:.1f} s after the start"
