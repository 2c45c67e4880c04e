"""The worker outlives whatever a clip does to the processes that read it."""

import os
import signal
from pathlib import Path

import av
import pytest
from django.core.files.base import ContentFile

from choreography import services
from inference import analysis, isolated_work
from inference.jobs import run_job
from inference.media.errors import DecoderDied
from inference.media.isolation import run_isolated
from inference.models import Job, JobStage
from inference.weights import default_model_dir
from tests import isolated
from tests.factories import GuideFactory, UserFactory
from tests.media import make_clip, regular_times

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quiet_queue(quiet_jobs, monkeypatch):
    """The queue's part is played by the test: it calls run_job itself."""
    monkeypatch.setattr("inference.queue._defer", lambda job_id: None)


def _job_of(content: bytes, name: str = "me.mp4") -> Job:
    take = services.submit_attempt(
        dancer=UserFactory(),
        choreography=GuideFactory(published=True).choreography,
        upload=ContentFile(content, name=name),
    )
    run_job(take.job_id)
    return Job.objects.get(pk=take.job_id)


@pytest.mark.parametrize(
    ("does", "change"),
    [
        (isolated.abort_whatever_is_asked, {}),
        (isolated.hang_whatever_is_asked, {"CHECK_TIMEOUT_S": 2.0}),
        (isolated.hog_whatever_is_asked, {"CHILD_MEMORY_BYTES": 1 << 30}),
    ],
    ids=["crashes", "hangs", "takes all memory"],
)
def test_a_clip_that_ends_its_reader_is_refused_and_the_next_one_is_read(does, change, tmp_path, monkeypatch):
    clip = make_clip(tmp_path / "a.mp4").read_bytes()
    with monkeypatch.context() as broken:
        broken.setattr(isolated_work, "check", does)
        for name, value in change.items():
            broken.setattr(analysis, name, value)
        died = _job_of(clip)
    assert (died.state, died.failure_code, died.stage) == ("failed", "decoder_died", JobStage.CHECKING)
    after = _job_of(b"no video at all")
    assert (after.state, after.failure_code) == ("failed", "not_a_video")


def test_nothing_of_a_clip_is_decoded_in_the_worker_itself(tmp_path, monkeypatch):
    """Checking and converting succeed although PyAV is gone from this process; searching would not begin without them."""
    clip = make_clip(tmp_path / "a.mkv", codec="libx265", pixels="yuv420p10le", beep_s=0.5).read_bytes()

    def here(*arguments, **options):
        raise AssertionError(f"opened in the worker, process {os.getpid()}")

    monkeypatch.setattr(av, "open", here)
    monkeypatch.setattr(isolated_work, "find_people", isolated.abort_whatever_is_asked)
    job = _job_of(clip, "a.mkv")
    assert (job.failure_code, job.stage) == ("decoder_died", JobStage.FINDING)


def test_a_helper_of_the_engine_that_is_killed_ends_the_search(tmp_path):
    """As by the kernel for want of memory. The engine splits a clip over processes of its own."""
    clip = make_clip(tmp_path / "a.mp4", regular_times(8, 30), options={"preset": "ultrafast", "g": "30"})
    killed = []

    def kill_one(message):
        helpers = [pid for child in _children(os.getpid()) for pid in _children(child) if _is_helper(pid)]
        if isinstance(message, isolated_work.Share) and helpers and not killed:
            killed.append(helpers[-1])
            os.kill(helpers[-1], signal.SIGKILL)

    with pytest.raises(DecoderDied):
        run_isolated(
            isolated_work.find_people,
            clip,
            tmp_path,
            isolated_work.EngineChoice("blazepose-lite"),
            default_model_dir(),
            2,
            on_message=kill_one,
            timeout_s=60,
            memory_limit_bytes=analysis.CHILD_MEMORY_BYTES,
        )
    assert killed


def _children(pid: int) -> list[int]:
    return [int(each) for file in Path(f"/proc/{pid}/task").glob("*/children") for each in file.read_text().split()]


def _is_helper(pid: int) -> bool:
    """Whether it reads a part; the guard and multiprocessing's resource tracker do not."""
    return (
        b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes() and len(_children(pid)) == 0 and _loads_models(pid)
    )


def _loads_models(pid: int) -> bool:
    return "litert" in Path(f"/proc/{pid}/maps").read_text().lower()
