"""How a run of tests is shared out among its processes: what stays together, and who has the machine alone."""

import fcntl
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.functional.turns import Turns
from tests.together import BROWSER_TESTS, FIRST_HALF, WITHOUT_A_PRODUCT, Together

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE_S = 20


def together_with(nodeid):
    return Together._split_scope(None, nodeid)


def test_tests_of_one_product_stay_together_and_others_go_to_whoever_is_free():
    in_play, in_room = (f"{BROWSER_TESTS}/{name}::test_a[x::y]" for name in ("test_player.py", "test_live.py"))
    on_pages, added_later = (f"{BROWSER_TESTS}/{name}::test_a" for name in ("test_pages.py", "test_new.py"))
    assert together_with(in_play) == together_with(in_room) != together_with(on_pages) == together_with(added_later)
    for alone in (f"{BROWSER_TESTS}/test_launch.py::test_a", "tests/unit/test_codec.py::test_a[1]"):
        assert together_with(alone) == alone


def test_every_file_that_is_named_is_there():
    for name in {f"{BROWSER_TESTS}/{name}" for name in FIRST_HALF | WITHOUT_A_PRODUCT}:
        assert (REPOSITORY / name).is_file()


@pytest.fixture
def enter(tmp_path):
    """Begins a turn in a thread; returns the turn and the event of having come in."""

    def begin(*, alone):
        turns, is_in = Turns(tmp_path), Event()
        Thread(target=lambda: (turns.begin(alone=alone), is_in.set()), daemon=True).start()
        return turns, is_in

    return begin


def wait_for_closed_door(folder):
    with (folder / "door.lock").open("w") as door:
        while True:
            try:
                fcntl.flock(door, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            fcntl.flock(door, fcntl.LOCK_UN)


def test_who_goes_in_alone_waits_for_those_inside_and_nobody_slips_in_before(enter, tmp_path):
    inside = [enter(alone=False) for _ in range(2)]
    assert all(is_in.wait(PATIENCE_S) for _, is_in in inside)
    alone, is_alone = enter(alone=True)
    wait_for_closed_door(tmp_path)
    late, is_late_in = enter(alone=False)
    inside[0][0].end()
    assert not is_alone.wait(0.1)
    assert not is_late_in.is_set()
    inside[1][0].end()
    assert is_alone.wait(PATIENCE_S)
    alone.begin(alone=True)  # the next such test: at once, whoever waits at the door
    assert not is_late_in.wait(0.1)
    alone.end()
    assert is_late_in.wait(PATIENCE_S)
    late.end()
