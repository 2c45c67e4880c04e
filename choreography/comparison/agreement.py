"""How well the machine's scores agree with what teachers gave the same takes, blind to each other.

Each take has one score of the machine (0-100) and the ratings of one or more teachers (0-100); what the machine is
compared with is their mean. Two questions are kept apart: do both put takes in the same order (Spearman's rho,
Kendall's tau-b), and is the machine stricter or milder (mean difference, machine minus people)? A third bounds both: how
well do teachers agree with each other? Where people differ by ten points, no machine can be expected to do better.

Conventions
-----------
Intervals are 95 % percentile bootstrap intervals: takes are drawn with replacement, and with a take go all its ratings,
because ratings of one take belong together [1]_. A draw of n takes is a vector of n multiplicities, so every statistic
below is written for weighted takes, and all draws are computed at once. With fewer than `LEAST_TAKES` takes a statistic is
None: any number would be believed.

Between teachers ICC(1) is used, the one-way random effects intraclass correlation of a single rating [2]_: it allows for
takes that were rated by different people and different numbers of them, and counts it as disagreement when one teacher
is stricter than another. A mean of pairwise rank correlations would need many takes for each pair of teachers.

References
----------
.. [1] B. Efron, R. Tibshirani, "An Introduction to the Bootstrap", Chapman & Hall 1993, chapters 8 and 13.
.. [2] P. Shrout, J. Fleiss, "Intraclass correlations: uses in assessing rater reliability", Psychological Bulletin 86
   (1979) 420-428; for unequal numbers of ratings see K. McGraw, S. Wong, Psychological Methods 1 (1996) 30-46.
.. [3] M. Kendall, "The treatment of ties in ranking problems", Biometrika 33 (1945) 239-251.
.. [4] E. Wilson, "Probable inference", Journal of the American Statistical Association 22 (1927) 209-212.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_TAKES = 8
RESAMPLES = 1000
SEED = 20_240_601
LEVEL = 0.95


class AgreementError(ValueError):
    """The ratings are malformed."""

    code = "bad_ratings"


@dataclass(frozen=True)
class TeacherRating:
    """`limbs`: those the teacher would have the dancer work on; none marked says nothing."""

    score: float
    limbs: frozenset[str] = frozenset()


@dataclass(frozen=True)
class RatedTake:
    """One take. `judged_limbs` are those the machine scored, `weakest_limb` the lowest of them, `found_limbs` those of
    the findings that the dancer is shown first."""

    machine: float
    ratings: tuple[TeacherRating, ...]
    judged_limbs: frozenset[str] = frozenset()
    weakest_limb: str | None = None
    found_limbs: frozenset[str] = frozenset()

    @property
    def people(self) -> float:
        return float(np.mean([rating.score for rating in self.ratings]))

    @property
    def marked_limbs(self) -> frozenset[str]:
        return frozenset[str]().union(*(rating.limbs for rating in self.ratings))


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval, from `n` takes."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class HitRate:
    """How often the machine named a limb that teachers marked, and how often naming limbs at random would have."""

    rate: Estimate
    chance: float


@dataclass(frozen=True)
class Agreement:
    """None where fewer than `LEAST_TAKES` takes tell, or where it is not defined (all scores alike)."""

    n: int
    n_several: int
    n_marked: int
    spearman: Estimate | None = None
    kendall: Estimate | None = None
    difference: Estimate | None = None
    between_teachers: Estimate | None = None
    weakest_limb: HitRate | None = None
    findings: HitRate | None = None

    @property
    def is_enough(self) -> bool:
        return self.n >= LEAST_TAKES


def agreement(takes: Sequence[RatedTake], *, seed: int = SEED) -> Agreement:
    """Everything at once.

    Raises
    ------
    AgreementError
        If a score is no number from 0 to 100, or a take has no rating.
    """
    validate(takes)
    machine = np.array([take.machine for take in takes])
    people = np.array([take.people for take in takes])
    several = [[rating.score for rating in take.ratings] for take in takes if len(take.ratings) > 1]
    marked = [take for take in takes if take.marked_limbs & take.judged_limbs]
    return Agreement(
        n=len(takes),
        n_several=len(several),
        n_marked=len(marked),
        spearman=_with_interval(lambda weights: spearman(machine, people, weights), len(takes), seed),
        kendall=_with_interval(lambda weights: kendall(machine, people, weights), len(takes), seed),
        difference=_with_interval(lambda weights: mean_difference(machine, people, weights), len(takes), seed),
        between_teachers=_with_interval(lambda weights: intraclass(several, weights), len(several), seed),
        weakest_limb=hit_rate(
            [(frozenset({take.weakest_limb}), take) for take in marked if take.weakest_limb is not None]
        ),
        findings=hit_rate([(take.found_limbs, take) for take in marked if take.found_limbs]),
    )


def validate(takes: Sequence[RatedTake]) -> None:
    """Raises AgreementError."""
    for take in takes:
        if not take.ratings:
            raise AgreementError("a take without a rating")
        for score in (take.machine, *(rating.score for rating in take.ratings)):
            if not 0.0 <= score <= 100.0:
                raise AgreementError(f"a score of {score}")


def spearman(machine: Floats, people: Floats, weights: Floats) -> Floats:
    """Rank correlation of weighted takes.

    Parameters
    ----------
    machine, people : (n,) scores.
    weights : (B, n) how often each take counts; a row of ones is the takes as they are.

    Returns
    -------
    (B,) in -1..1, NaN where all ranks are alike.
    """
    ranks = [weights @ (_less(scores) + 0.5 * _equal(scores)) for scores in (machine, people)]
    first, second = (rank - _mean(rank, weights)[:, None] for rank in ranks)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt(_mean(first**2, weights) * _mean(second**2, weights))
        return np.asarray(np.where(spread > 1e-12, _mean(first * second, weights) / spread, np.nan))


def kendall(machine: Floats, people: Floats, weights: Floats) -> Floats:
    """Tau-b of weighted takes [3]_: concordant less discordant pairs, over the pairs that are not tied.

    Parameters and result as in `spearman`. Copies of one take tie with each other in both scores.
    """
    signs = [np.sign(scores[:, None] - scores[None, :]) for scores in (machine, people)]
    concordant, first, second = (
        _pairs(table, weights) for table in (signs[0] * signs[1], signs[0] ** 2, signs[1] ** 2)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(first * second > 0, concordant / np.sqrt(first * second), np.nan))


def mean_difference(machine: Floats, people: Floats, weights: Floats) -> Floats:
    """Points by which the machine is above people, on average; parameters as in `spearman`."""
    return _mean(np.broadcast_to(machine - people, weights.shape), weights)


def intraclass(ratings: Sequence[Sequence[float]], weights: Floats) -> Floats:
    """ICC(1) [2]_: the share of the variance of single ratings that the takes make up.

    Parameters
    ----------
    ratings : for each of n takes two or more scores.
    weights : (B, n) how often each take counts.

    Returns
    -------
    (B,) at most 1; 0 and below where teachers agree no better than chance; NaN where all ratings are alike.
    """
    counts = np.array([len(scores) for scores in ratings], dtype=np.float64)
    means = np.array([np.mean(scores) for scores in ratings])
    within = np.array([np.sum((np.asarray(scores) - np.mean(scores)) ** 2) for scores in ratings])
    takes, all_ratings = weights.sum(axis=1), weights @ counts
    with np.errstate(invalid="ignore", divide="ignore"):
        grand = (weights @ (counts * means)) / all_ratings
        between = np.sum(weights * counts * (means[None, :] - grand[:, None]) ** 2, axis=1) / (takes - 1)
        inner = (weights @ within) / (all_ratings - takes)
        per_take = (all_ratings - (weights @ counts**2) / all_ratings) / (takes - 1)
        whole = between + (per_take - 1) * inner
        return np.asarray(np.where(whole > 1e-12, (between - inner) / whole, np.nan))


def hit_rate(named: Sequence[tuple[frozenset[str], RatedTake]]) -> HitRate | None:
    """How often at least one of the limbs named for a take is among those its teachers marked.

    The interval is Wilson's [4]_. `chance` is the mean, over takes, of the probability that as many limbs drawn at random
    from those judged would hit: 1 - C(L - M, k) / C(L, k) for k named and M marked of L.
    """
    if len(named) < LEAST_TAKES:
        return None
    hits = sum(bool(limbs & take.marked_limbs) for limbs, take in named)
    low, high = wilson(hits, len(named))
    rate = Estimate(hits / len(named), low, high, len(named))
    return HitRate(rate, float(np.mean([_chance(limbs, take) for limbs, take in named])))


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The interval of a share of `hits` in `n` > 0 [4]_; written out, because the desk would wait a second for scipy.stats."""
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    middle, reach = hits + z**2 / 2, z * math.sqrt(hits * (n - hits) / n + z**2 / 4)
    return max(0.0, (middle - reach) / (n + z**2)), min(1.0, (middle + reach) / (n + z**2))


def _chance(named: frozenset[str], take: RatedTake) -> float:
    judged = len(take.judged_limbs)
    drawn = len(named & take.judged_limbs)
    marked = len(take.marked_limbs & take.judged_limbs)
    return 1 - math.comb(judged - marked, drawn) / math.comb(judged, drawn)


def _with_interval(statistic: Callable[[Floats], Floats], n: int, seed: int) -> Estimate | None:
    if n < LEAST_TAKES:
        return None
    value = float(statistic(np.ones((1, n)))[0])
    draws = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=RESAMPLES).astype(np.float64)
    drawn = statistic(draws)
    drawn = drawn[np.isfinite(drawn)]  # a draw of equal takes has no order
    if not math.isfinite(value) or not len(drawn):
        return None
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(value, float(low), float(high), n)


def _less(scores: Floats) -> Floats:
    return np.asarray(scores[:, None] < scores[None, :], dtype=np.float64)


def _equal(scores: Floats) -> Floats:
    return np.asarray(scores[:, None] == scores[None, :], dtype=np.float64)


def _mean(values: Floats, weights: Floats) -> Floats:
    return np.asarray((weights * values).sum(axis=1) / weights.sum(axis=1))


def _pairs(table: Floats, weights: Floats) -> Floats:
    return np.asarray(((weights @ table) * weights).sum(axis=1))
