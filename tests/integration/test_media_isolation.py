import contextlib
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from inference.media import isolation
from inference.media.errors import DecoderDied, TooShort
from inference.media.isolation import run_isolated
from tests import isolated


class Stop(Exception):
    pass


def gone(pid: int) -> bool:
    """Whether a process has ended; one that its parent has not reaped yet counts as ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


def wait_until_gone(*pids: int, within_s: float = 5.0) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if all(gone(pid) for pid in pids):
            return True
        time.sleep(0.02)
    return False


def children_of_this_process() -> list[int]:
    task = Path(f"/proc/{os.getpid()}/task")
    return [int(pid) for file in task.glob("*/children") for pid in file.read_text().split()]


@pytest.fixture(scope="module")
def _resource_tracker():
    """multiprocessing starts it with the first process, and it stays."""
    run_isolated(isolated.add, 1, 1)


@pytest.fixture(autouse=True)
def _leaves_no_process_behind(_resource_tracker):
    before = set(children_of_this_process())
    yield
    assert set(children_of_this_process()) <= before


def test_result_and_messages_arrive_in_order():
    messages = []
    assert run_isolated(isolated.add, 2, 3, on_message=messages.append) == 5
    assert [message for message in messages if message is not None] == [2, 3]


def test_child_is_another_process_without_django_that_leads_its_group():
    environment = run_isolated(isolated.report_environment)
    assert environment["pid"] != os.getpid()
    assert environment["group"] == environment["pid"]
    assert environment["django"] is False


def test_media_errors_keep_their_class():
    with pytest.raises(TooShort, match=r"0\.2 s") as caught:
        run_isolated(isolated.refuse)
    assert caught.value.code == "too_short"


def test_other_errors_bring_the_childs_traceback():
    with pytest.raises(KeyError, match="left_knee") as caught:
        run_isolated(isolated.fail)
    assert "in fail" in caught.value.__notes__[0]


def test_an_error_that_cannot_be_pickled_still_says_what_it_was():
    with pytest.raises(RuntimeError, match="Unpicklable: 1 and 2"):
        run_isolated(isolated.fail_oddly)


@pytest.mark.parametrize("function", [isolated.crash, isolated.abort, isolated.leave, isolated.call_sys_exit])
def test_a_dead_child_is_an_error_here(function):
    with pytest.raises(DecoderDied):
        run_isolated(function)


def test_memory_is_limited():
    with pytest.raises(DecoderDied, match="memory"):
        run_isolated(isolated.hog, memory_limit_bytes=1 << 30)


def test_time_is_limited():
    seen = []
    with pytest.raises(DecoderDied, match="longer"):
        run_isolated(isolated.sleep, 60, on_message=seen.append, timeout_s=1.5)
    assert gone(next(message for message in seen if message))


def test_native_code_that_takes_all_memory_ends_itself():
    with pytest.raises(DecoderDied, match="ended with -"):
        run_isolated(isolated.hog_natively, memory_limit_bytes=1 << 30)


@pytest.mark.parametrize("limits", [{"timeout_s": 2.0}, {"quiet_limit_s": 1.0}])
def test_native_code_that_hangs_is_ended(limits):
    seen = []
    with pytest.raises(DecoderDied, match=r"took longer|was silent"):
        run_isolated(isolated.hang_natively, on_message=seen.append, **limits)
    assert gone(next(message for message in seen if message))


def test_who_tells_news_may_take_long():
    assert run_isolated(isolated.tell, 12, 0.25, quiet_limit_s=1.5) == 12


def test_processor_time_is_limited_even_if_nobody_watches(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    monkeypatch.setattr(isolation, "_relay", lambda child, ours, on_message, *_: _wait_only(child))
    assert run_isolated(isolated.compute_for_ever, timeout_s=0.5) in (-signal.SIGXCPU, -signal.SIGKILL)


def _wait_only(child):
    child.join(timeout=20)
    return "result", child.exitcode


def test_room_is_limited(tmp_path):
    with pytest.raises(DecoderDied, match="large"):
        run_isolated(isolated.write_endlessly, tmp_path / "copy", file_limit_bytes=5_000_000)
    assert (tmp_path / "copy").stat().st_size <= 5_000_000


def test_limits_hold_in_the_childs_children_too():
    limits = {"timeout_s": 30, "memory_limit_bytes": 3_000_000_000, "file_limit_bytes": 5_000_000}
    for found in run_isolated(isolated.report_limits, **limits):
        assert found["RLIMIT_AS"] == (3_000_000_000, 3_000_000_000)
        assert found["RLIMIT_FSIZE"] == (5_000_000, 5_000_000)
        assert found["RLIMIT_CORE"] == (0, 0)
        assert 30 < found["RLIMIT_CPU"][1] <= 31 * os.cpu_count()
        assert found["RLIMIT_NOFILE"][1] <= 512
        assert found["no_new_privileges"] == "1"
        assert found["oom_score_adj"] >= 800


def test_limits_only_go_down():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    inner = "from tests import isolated; from inference.media.isolation import run_isolated\n"
    inner += "if __name__ == '__main__': print(run_isolated(isolated.report_limits)[0]['RLIMIT_NOFILE'])\n"
    out = subprocess.run(
        [sys.executable, "-c", inner],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200)),
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert out.stdout.strip() == "(200, 200)"
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (soft, hard), "the caller's own stay"


def test_callers_are_asked_regularly_without_news():
    ticks = []
    run_isolated(isolated.sleep, 1.0, on_message=ticks.append)
    assert sum(tick is None for tick in ticks) >= 6


@pytest.mark.parametrize(("function", "limit_s"), [(isolated.sleep_with_children, 1.5), (isolated.sleep_stubbornly, 4)])
def test_cancelling_ends_the_child_and_its_children(function, limit_s):
    pids = []

    def cancel(message):
        if message is None and pids:
            raise Stop
        if message is not None:
            pids.extend(message if isinstance(message, list) else [message])

    started = None

    def timed(message):
        nonlocal started
        started = started or (time.monotonic() if message is not None else None)
        cancel(message)

    with pytest.raises(Stop):
        run_isolated(function, on_message=timed)
    assert time.monotonic() - started < limit_s
    assert wait_until_gone(*pids, within_s=1)


def test_the_child_may_split_its_work_over_processes():
    assert run_isolated(isolated.square_in_children, [1, 2, 3]) == [1, 4, 9]


def test_works_from_a_thread():
    results = []
    thread = threading.Thread(target=lambda: results.append(run_isolated(isolated.add, 4, 5)))
    thread.start()
    thread.join(timeout=20)
    assert results == [9]


def test_kill_minus_9_of_the_caller_leaves_no_process_behind():
    program = (
        "import tests.isolated as isolated\n"
        "from inference.media.isolation import run_isolated\n"
        "if __name__ == '__main__':\n"
        "    run_isolated(isolated.sleep_with_children, on_message=lambda pids: pids and print(*pids, flush=True))\n"
    )
    root = Path(__file__).resolve().parents[2]
    caller = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=root)
    pids = []
    try:
        pids = [int(pid) for pid in caller.stdout.readline().split()]
        assert len(pids) == 3
        assert not any(gone(pid) for pid in pids)
        caller.kill()
        assert wait_until_gone(*pids, within_s=3)
    finally:
        caller.kill()
        caller.communicate()
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
