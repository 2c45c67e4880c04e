"""The import of audio features in a process of its own: killed in the middle, and two at once."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection, transaction

from choreography import market_import
from choreography.models import FeatureImport, FeatureRow
from tests import market
from tests.market_imports import imported, repeated, state

pytestmark = pytest.mark.usefixtures("quiet_jobs")

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE_S = 60


class ImportProcess:
    """The command in a process of its own."""

    def __init__(self, path, database_url, data_dir):
        environment = {name: value for name, value in os.environ.items() if name != "KDANCE_TEST_MEDIA"} | {
            "DATABASE_URL": database_url,
            "DJANGO_SETTINGS_MODULE": "kdance_site.settings",
            "KDANCE_DATA_DIR": str(data_dir),
        }
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "import_audio_features", str(path)],
            cwd=REPOSITORY,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # A run of tests in the background of a shell hands on that Ctrl-C is ignored.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def ends(self):
        out, errors = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, out, errors


@pytest.fixture
def start_import(transactional_db, database_url, tmp_path):
    started = []

    def start(path):
        started.append(ImportProcess(path, database_url, tmp_path / "data"))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
            each.process.communicate()


def wait_until(happened):
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def is_there(query):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS ({query})")
        return cursor.fetchone()[0]


def writes_rows():
    return is_there(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE 'COPY%'"
    )


def waits_for_its_turn():
    return is_there(
        "SELECT FROM pg_locks JOIN pg_database ON database = pg_database.oid "
        "WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted"
    )


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_a_process_that_dies_in_the_middle_leaves_what_was_and_the_next_import_works(start_import, tmp_path, end):
    imported(market.write_artists_csv(tmp_path / "old.csv", n=40))
    before = state()
    small = market.write_artists_csv(tmp_path / "small.csv", n=2_000, seed=4)
    victim = start_import(repeated(small, 300, tmp_path / "of_many_seconds.csv"))
    wait_until(writes_rows)
    victim.process.send_signal(end)
    code, _, errors = victim.ends()
    if end == signal.SIGINT:
        assert (code, "Stopped: a file is taken in whole or not at all." in errors) == (130, True)
    else:
        assert code == -signal.SIGKILL
    assert state() == before
    imported(small)
    assert FeatureImport.objects.get(is_active=True).row_count == FeatureRow.objects.count() == 2_000


def test_of_two_imports_at_once_one_waits(start_import, tmp_path):
    first, second = (
        market.write_artists_csv(tmp_path / f"{name}.csv", n=20, seed=seed) for name, seed in (("a", 1), ("b", 2))
    )
    with transaction.atomic():
        market_import._wait_for_others(None)
        waiting = start_import(first)
        wait_until(waits_for_its_turn)
    code, out, errors = waiting.ends()
    assert (code, out.startswith("Imported 20 artists from a.csv")) == (0, True)
    assert "Another import is at work" in errors
    racers = [start_import(path) for path in (second, second)]
    said = sorted(racer.ends()[1].split(" ")[0] for racer in racers)
    assert said == ["Imported", "This"], "one takes the file in, the other finds it in use"
    assert list(FeatureImport.objects.filter(is_active=True).values_list("file_name", flat=True)) == ["b.csv"]
    assert FeatureRow.objects.count() == 20
