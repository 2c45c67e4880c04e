"""Worker processes for tests: the product's own command, with a stick figure in place of the search in a clip's pictures.

Run as a program: `python -m tests.workers JOURNAL HOLD [options of manage.py worker]`. Each job that the worker takes adds
a line to JOURNAL: the job, and which attempt at it this is. While the file HOLD is there, no search ends.
"""

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from inference import isolated_work
from inference.estimators import registry
from inference.estimators.fake import FakeEstimator

REPOSITORY = Path(__file__).resolve().parent.parent
LIGHT_KIND = "light_work_of_a_test"
STOP_TIMEOUT_S = 20
_HOLD = "KDANCE_TEST_HOLD"


class WorkerProcess:
    """A worker with a data folder of its own, as on a machine of its own."""

    def __init__(self, folder, hold, environment, *options):
        self.data_dir = folder / "data"
        self.journal = folder / "journal"
        self.log = folder / "log"
        self._command = [sys.executable, "-m", "tests.workers", str(self.journal), str(hold), *options]
        self._environment = environment | {
            "DJANGO_SETTINGS_MODULE": "kdance_site.settings",
            "KDANCE_DATA_DIR": str(self.data_dir),
        }
        self.data_dir.mkdir(parents=True)
        self.journal.touch()
        self.start()

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command, cwd=REPOSITORY, env=self._environment, stdout=log, stderr=log
            )

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def claims(self):
        """(job, attempt) in the order in which this worker took them."""
        return [tuple(line.split()) for line in self.journal.read_text().splitlines()]

    def work_folders(self):
        return sorted((self.data_dir / "tmp").glob("kdance-*"))


class PatientEstimator(FakeEstimator):
    """Dances on until nobody holds it, telling all the while that it is alive."""

    def estimate(self, video, *, on_progress=None, workers=1):
        assert video.stat().st_size
        while Path(os.environ[_HOLD]).exists():
            time.sleep(0.05)
        return super().estimate(video, on_progress=on_progress, workers=workers)


def patient(*, model_dir=None):
    return PatientEstimator(delay_s=0.002)


def find_people(path, folder, engine, model_dir, workers, *, send):
    """The real search, in a process that knows the patient engine."""
    registry.register("patient", f"{__name__}.patient")
    return isolated_work.find_people(path, folder, isolated_work.EngineChoice("patient"), model_dir, workers, send=send)


def main(journal, hold, *options):
    import django

    os.environ[_HOLD] = hold
    django.setup()
    from django.core.management import call_command

    from inference import jobs, queue
    from inference.queue_names import Queue
    from tests.workers import find_people as search_with_patience  # the child finds it by this module's name

    claim = jobs._claim

    def claim_and_tell(job_id):
        job = claim(job_id)
        if job is not None:
            with Path(journal).open("a") as lines:
                lines.write(f"{job.pk} {job.attempt}\n")
        return job

    jobs._claim = claim_and_tell
    jobs.handler(LIGHT_KIND, queue=Queue.DEFAULT)(lambda run: None)
    isolated_work.find_people = search_with_patience
    queue.SILENT_AFTER = timedelta(seconds=8)
    call_command("worker", *options)


if __name__ == "__main__":
    main(*sys.argv[1:])
