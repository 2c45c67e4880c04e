"""Agreement with people: against scipy and hand-made cases, and what it says where it cannot know."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from choreography.comparison import agreement as measured
from choreography.comparison.agreement import AgreementError, RatedTake, TeacherRating, agreement

LIMBS = frozenset({"torso", "left_arm", "right_arm", "left_leg", "right_leg", "head"})


def take(machine, *people, marked=(), **found):
    return RatedTake(machine, tuple(TeacherRating(score, frozenset(marked)) for score in people), LIMBS, **found)


def takes_of(machine, people):
    return [take(float(score), float(rating)) for score, rating in zip(machine, people, strict=True)]


@pytest.mark.parametrize("seed", range(12))
def test_ranks_agree_with_scipy_ties_and_all_also_in_a_drawn_sample(seed):
    rng = np.random.default_rng(seed)
    n, steps = int(rng.integers(8, 30)), int(rng.integers(2, 30))  # few steps make many ties
    machine, people = 100.0 * rng.integers(0, steps + 1, (2, n)) / steps
    drawn = rng.integers(0, n, n)
    weights = np.stack([np.ones(n), np.bincount(drawn, minlength=n)])
    for statistic, theirs in ((measured.spearman, stats.spearmanr), (measured.kendall, stats.kendalltau)):
        whole, sample = statistic(machine, people, weights)
        assert whole == pytest.approx(theirs(machine, people).statistic, abs=1e-9)
        assert sample == pytest.approx(theirs(machine[drawn], people[drawn]).statistic, abs=1e-9)


@pytest.mark.parametrize(("hits", "n"), [(0, 8), (3, 8), (8, 8), (57, 200)])
def test_the_interval_of_a_share_is_scipys(hits, n):
    theirs = stats.binomtest(hits, n).proportion_ci(measured.LEVEL, method="wilson")
    assert measured.wilson(hits, n) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_who_gives_the_same_scores_agrees_perfectly():
    found = agreement([take(10.0 * n, 10.0 * n, 10.0 * n) for n in range(1, 10)])
    for estimate, perfect in (
        (found.spearman, 1.0),
        (found.kendall, 1.0),
        (found.between_teachers, 1.0),
        (found.difference, 0.0),
    ):
        assert (estimate.value, estimate.low, estimate.high) == pytest.approx((perfect, perfect, perfect))


def test_too_few_takes_say_nothing_and_equal_scores_have_no_order():
    few = agreement(takes_of(range(7), range(7)))
    assert not few.is_enough
    assert (few.n, few.spearman, few.kendall, few.difference, few.between_teachers) == (7, None, None, None, None)
    assert agreement([]).n == 0
    alike = agreement(takes_of([50] * 9, range(9)))
    assert (alike.is_enough, alike.spearman, alike.kendall) == (True, None, None)
    assert alike.difference.value == pytest.approx(46.0)


@pytest.mark.parametrize("bad", [take(50.0), take(101.0, 50.0), take(50.0, -1.0), take(math.nan, 50.0)])
def test_malformed_ratings_are_refused(bad):
    with pytest.raises(AgreementError):
        agreement([bad])


def test_a_mild_machine_is_above_people_and_its_order_stands():
    rng = np.random.default_rng(3)
    people = rng.uniform(20, 80, 60)
    machine = np.clip(people + 8 + rng.normal(0, 5, 60), 0, 100)
    found = agreement(takes_of(machine, people))
    assert found.difference.low < 8 < found.difference.high
    assert found.difference.value == pytest.approx(np.mean(machine - people))
    halved = agreement(takes_of(machine / 2, people))  # order knows no scale
    assert (halved.spearman, halved.kendall) == (found.spearman, found.kendall)


def test_intervals_hold_what_is_true_about_as_often_as_they_say():
    """Mean difference of 5 points, 25 takes: 95 % intervals miss it in about one of twenty data sets."""
    rng = np.random.default_rng(11)
    held = 0
    for _ in range(60):
        people = rng.uniform(20, 70, 25)
        found = agreement(takes_of(people + rng.normal(5, 8, 25).clip(-20, 30), people))
        held += found.difference.low <= 5 <= found.difference.high
    assert held / 60 >= 0.83


def test_the_same_ratings_give_the_same_intervals():
    takes = takes_of(np.linspace(20, 90, 12), np.random.default_rng(1).permutation(np.linspace(10, 80, 12)))
    assert agreement(takes) == agreement(takes)
    assert agreement(takes, seed=1).spearman.low != agreement(takes, seed=2).spearman.low


def test_teachers_agreement_is_the_intraclass_correlation():
    """The worked example of Shrout and Fleiss (1979): six targets, four judges, ICC(1,1) = 0.17."""
    table = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    assert measured.intraclass(table, np.ones((1, 6)))[0] == pytest.approx(0.17, abs=0.005)
    uneven = [row[: 2 + n % 3] for n, row in enumerate(table)]
    drawn = [uneven[0], uneven[0], uneven[1], uneven[3], uneven[4], uneven[4]]
    assert measured.intraclass(uneven, np.array([[2.0, 1, 0, 1, 2, 0]]))[0] == pytest.approx(
        measured.intraclass(drawn, np.ones((1, 6)))[0]
    )


def test_limbs_are_hit_as_often_as_teachers_marked_them_and_chance_is_counted():
    right = take(50.0, 50.0, marked={"left_arm"}, weakest_limb="left_arm", found_limbs=frozenset({"head", "left_arm"}))
    wrong = replace(right, weakest_limb="head", found_limbs=frozenset({"head", "torso"}))
    unmarked = take(50.0, 50.0, weakest_limb="head")
    found = agreement([right] * 6 + [wrong] * 4 + [unmarked] * 5)
    assert (found.n, found.n_marked) == (15, 10)
    assert (found.weakest_limb.rate.value, found.weakest_limb.rate.n) == (0.6, 10)
    assert found.weakest_limb.rate.low < 0.6 < found.weakest_limb.rate.high
    assert found.weakest_limb.chance == pytest.approx(1 / 6)
    assert found.findings.chance == pytest.approx(1 / 3)  # two of six limbs are named, one is marked
    assert agreement([right] * 7).weakest_limb is None
