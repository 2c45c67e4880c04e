"""Labels compared: the artists of a roster, found by exact name, beside all other artists of the selection.

Names are compared as they are written. A name is never read as a pattern: "f(x)" as one means "fx", and misses the group.

Every artist counts once, however many rows it has; a track of two artists is a row of both. Means have Student's interval,
differences Welch's, which does not need the two groups to be equally spread. [1]_ The effect size is Hedges' g. [2]_

.. [1] B. L. Welch: The generalization of "Student's" problem when several different population variances are involved.
       Biometrika 34 (1947), 28-35.
.. [2] L. V. Hedges: Distribution theory for Glass's estimator of effect size. J. Educational Statistics 6 (1981), 107-128.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from choreography.market.payloads import (
    DifferencePayload,
    MeanPayload,
    MissingArtistPayload,
    RosterArtistPayload,
    RosterPayload,
    RosterRequest,
)
from choreography.market.sample import Sample, Values

CONFIDENCE: Final = 0.95
ROUNDING: Final = 1e-12


@dataclass(frozen=True)
class _Artists:
    """The selection by artist: `index` of each exact name in the arrays (A,), which hold means over its `rows`."""

    index: dict[str, int]
    rows: NDArray[np.int64]
    popularity: Values
    danceability: Values


def compare_rosters(sample: Sample, rosters: Sequence[RosterRequest]) -> list[RosterPayload]:
    """One comparison a roster, in their order. Artists found are sorted by danceability, the highest first.

    A group of one has a mean without an interval, an empty one not even a mean; a difference needs two on either side, and
    is null where no artist differs from another.
    """
    artists = _by_artist(sample)
    return [_compare(artists, roster) for roster in rosters]


def _by_artist(sample: Sample) -> _Artists:
    index: dict[str, int] = {}
    positions: list[int] = []
    owners: list[int] = []
    for position, names in enumerate(sample.artists):
        for name in dict.fromkeys(names):
            owners.append(index.setdefault(name, len(index)))
            positions.append(position)
    rows = np.bincount(owners, minlength=len(index)) if owners else np.zeros(0, dtype=np.int64)

    def mean(values: Values) -> Values:
        return np.bincount(owners, weights=values[positions], minlength=len(index)) / rows if owners else np.zeros(0)

    return _Artists(index, rows, mean(sample.popularity), mean(sample.column("danceability")))


def _compare(artists: _Artists, roster: RosterRequest) -> RosterPayload:
    names = list(dict.fromkeys(unicodedata.normalize("NFC", name) for name in roster["artists"]))
    members = [name for name in names if name in artists.index]
    inside = np.zeros(len(artists.rows), dtype=np.bool_)
    inside[[artists.index[name] for name in members]] = True
    popularity, popularity_rest = artists.popularity[inside], artists.popularity[~inside]
    danceability, danceability_rest = artists.danceability[inside], artists.danceability[~inside]
    return {
        "label": roster["label"],
        "artists": _members(artists, members),
        "missing": _missing(artists, [name for name in names if name not in artists.index]),
        "popularity": _mean(popularity),
        "danceability": _mean(danceability),
        "popularity_rest": _mean(popularity_rest),
        "danceability_rest": _mean(danceability_rest),
        "popularity_difference": _difference(popularity, popularity_rest),
        "danceability_difference": _difference(danceability, danceability_rest),
    }


def _members(artists: _Artists, names: Iterable[str]) -> list[RosterArtistPayload]:
    found: list[RosterArtistPayload] = [
        {
            "name": name,
            "rows": int(artists.rows[artists.index[name]]),
            "popularity": float(artists.popularity[artists.index[name]]),
            "danceability": float(artists.danceability[artists.index[name]]),
        }
        for name in names
    ]
    return sorted(found, key=lambda artist: (-artist["danceability"], artist["name"]))


def _missing(artists: _Artists, names: Sequence[str]) -> list[MissingArtistPayload]:
    if not names:
        return []
    spelled: dict[str, str] = {}
    for name in sorted(artists.index, key=lambda name: int(artists.rows[artists.index[name]])):
        spelled[_sounded(name)] = name
    return [{"name": name, "like": spelled.get(_sounded(name))} for name in names]


def _sounded(name: str) -> str:
    """Without what is mistyped most: case and spaces."""
    return "".join(name.casefold().split())


def _mean(values: Values) -> MeanPayload:
    """Mean, standard deviation and Student's interval of `values` (n,)."""
    n = len(values)
    if n < 2:
        return {"n": n, "mean": float(values[0]) if n else None, "sd": None, "low": None, "high": None}
    mean, sd = float(values.mean()), float(values.std(ddof=1))
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1)) * sd / n**0.5
    return {"n": n, "mean": mean, "sd": sd, "low": mean - reach, "high": mean + reach}


def _difference(members: Values, rest: Values) -> DifferencePayload | None:
    """`members` (n,) minus `rest` (m,)."""
    n, m = len(members), len(rest)
    if n < 2 or m < 2:
        return None
    pooled = ((n - 1) * members.var(ddof=1) + (m - 1) * rest.var(ddof=1)) / (n + m - 2)
    if pooled <= (ROUNDING * max(np.abs(members).max(), np.abs(rest).max())) ** 2:
        return None
    difference = float(members.mean() - rest.mean())
    welch = stats.ttest_ind(members, rest, equal_var=False)
    interval = welch.confidence_interval(CONFIDENCE)
    unbiased = 1 - 3 / (4 * (n + m) - 9)
    return {
        "difference": difference,
        "low": float(interval.low),
        "high": float(interval.high),
        "p": float(welch.pvalue),
        "g": float(unbiased * difference / pooled**0.5),
    }
