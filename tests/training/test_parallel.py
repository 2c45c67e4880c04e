"""Work over several processes: every result once, errors whole, a killed process told."""

import os
import signal

import pytest

from ml_training.errors import TrainingError
from ml_training.parallel import in_parallel


def square(number):
    return number * number


def refuse_three(number):
    if number == 3:
        raise TrainingError("no_threes", "Three is not to be squared.")
    return square(number)


def die_at_three(number):
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return square(number)


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_task_gives_its_result_once(jobs):
    assert sorted(in_parallel(square, range(50), jobs)) == [square(number) for number in range(50)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_comes_back_with_its_code(jobs):
    with pytest.raises(TrainingError, match="not to be squared") as refused:
        list(in_parallel(refuse_three, range(9), jobs))
    assert refused.value.code == "no_threes"


def process_of(_):
    return os.getpid()


def test_one_job_works_in_this_process_unless_it_is_to_be_apart():
    assert list(in_parallel(process_of, range(2), 1)) == [os.getpid()] * 2
    apart = list(in_parallel(process_of, range(2), 1, apart=True))
    assert len(set(apart)) == 1
    assert os.getpid() not in apart


def test_a_killed_process_is_told_and_nobody_waits_for_it():
    with pytest.raises(TrainingError) as refused:
        list(in_parallel(die_at_three, range(9), 2))
    assert refused.value.code == "worker_died"
