"""The moments to look at first: the worst, apart from each other, and said as a dancer would say them."""

import pytest

from choreography.findings import MOST, eight_and_count, mean_around, worst_steps

STEP_S = 0.1
REACH = 5


def timeline(peaks, length=200, quiet_deg=2.0):
    """Quiet but for half a second of `degrees` around each step of `peaks`."""
    errors = [quiet_deg] * length
    for step, degrees in peaks.items():
        errors[step - 2 : step + 3] = [degrees] * 5
    return {"step_s": STEP_S, "t_s": [step * STEP_S for step in range(length)], "error_deg": errors}


def test_the_worst_moment_comes_first():
    assert worst_steps(timeline({40: 50.0, 100: 90.0, 160: 70.0}), REACH) == [100, 160, 40]


def test_there_are_never_more_than_three():
    assert len(worst_steps(timeline(dict.fromkeys(range(20, 200, 30), 60.0)), REACH)) == MOST


def test_neighbours_count_as_one_moment():
    assert worst_steps(timeline({50: 80.0, 62: 70.0}), REACH) == [50]


def test_a_take_that_is_close_everywhere_has_none():
    assert worst_steps(timeline({}, quiet_deg=9.0), REACH) == []


def test_what_was_not_judged_is_no_moment():
    errors = timeline({100: 90.0})
    errors["error_deg"][95:106] = [None] * 11
    assert worst_steps(errors, REACH) == []


def test_the_mean_leaves_out_what_is_unknown():
    assert mean_around([None, 30.0, None], 1, 1) == 30.0
    assert mean_around([0.0, 40.0, 0.0], 1, 1) == pytest.approx(20.0)
    assert mean_around([None, None], 0, 1) == 0.0


@pytest.mark.parametrize(
    ("seconds", "section_s", "expected"),
    [
        (0.0, 0.0, (1, 1)),
        (0.49, 0.0, (1, 1)),
        (0.5, 0.0, (1, 2)),
        (4.0, 0.0, (2, 1)),
        (9.0, 8.0, (1, 3)),
        (15.5, 8.0, (2, 8)),
        (-0.5, 0.0, (1, 8)),
    ],
)
def test_eights_and_counts_start_at_one(seconds, section_s, expected):
    assert eight_and_count(seconds, 0.5, section_s) == expected
