"""Which pictures train, which tell when to stop, and which judge: apart by dancer and by song, never by frame.

Neighbouring frames are near duplicates, and so are two takes of one dance by one dancer. A network that is judged on people
and dances that it has seen looks better than it is.

Dancers who share a song, directly or through others, form a group. Where no group is larger than half of the rows, whole
groups are dealt out and no row is lost. Otherwise dancers are dealt out and songs are dealt out, and a row counts only where
both lie in the same split; the rest is "unused".

A name goes where its own hash says, whoever else is there: neither the order of the rows nor a seed matters, and what is
added moves nobody who was there. There are three exceptions. Of few names some are moved, so that no split is empty. A group
goes where its first dancer belongs: a newcomer of an earlier name, or who joins two groups, moves people. And a set whose
largest group outgrows half of the rows is dealt out in the other way. What a run was trained on is noted beside it, and
checked (`trained_on.py`).
"""

import hashlib
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from ml_training.data.samples import Samples, Strings
from ml_training.errors import TrainingError

SPLITS = ("train", "validation", "test")
_DANCER = "dancer "
LARGEST_GROUP = 0.5
_PLACES = 2**64
_GOLDEN = 0x9E3779B97F4A7C15
"""`_PLACES` over the golden ratio, odd."""
LEAST = len(SPLITS)
"""So many groups, or dancers, or songs are needed to deal them out to three splits."""


def split_of(samples: Samples, validation: float = 0.15, test: float = 0.15) -> Strings:
    """(N,) "train", "validation", "test" or "unused".

    A row that names no dancer (or no song) is kept apart by its song (or dancer) alone; one that names neither by its clip.
    Where there are too few dancers to deal out, songs alone are kept apart, and the other way round; `leaks` tells.

    Parameters
    ----------
    validation, test
        Wanted shares of the groups; of the rows they are the same as nearly as the groups are of one size. Dealing out by
        dancers and songs at once, they are shares of the dancers and of the songs, so that the rows in which both agree are
        fewer.

    Raises
    ------
    TrainingError
        "too_few_to_split" with fewer than three dancers and fewer than three songs.
    """
    shares = np.array([1 - validation - test, validation, test])
    if not len(samples):
        return np.array([], dtype="<U10")
    dancer, song = _known(samples)
    groups = _groups(dancer, song)
    if len(set(groups)) >= LEAST and max(np.unique(groups, return_counts=True)[1]) <= LARGEST_GROUP * len(groups):
        return _dealt(groups, shares)
    axes = [names for names in (dancer, song) if len(set(names)) >= LEAST]
    if not axes:
        message = (
            f"{len(set(dancer))} dancers and {len(set(song))} songs cannot be split in three: at least {LEAST} of one."
        )
        raise TrainingError("too_few_to_split", message)
    dealt = [_dealt(names, shares) for names in axes]
    return np.where(dealt[0] == dealt[-1], dealt[0], "unused")


def leaks(samples: Samples, split: Strings) -> dict[str, list[str]]:
    """Dancers, songs and clips that are in more than one of the three splits."""
    counted = np.isin(split, SPLITS)
    found = {}
    for what in ("dancer", "song", "clip"):
        names = getattr(samples, what)
        seen: dict[str, set[str]] = defaultdict(set)
        # A clip's name may come back under another song; it is the same clip only under the same one.
        keys = np.char.add(np.char.add(samples.song, "/"), names) if what == "clip" else names
        for name, part in set(zip(keys[counted].tolist(), split[counted].tolist(), strict=True)):
            seen[name].add(part)
        found[what] = sorted(name for name, parts in seen.items() if name and len(parts) > 1)
    return found


def _known(samples: Samples) -> tuple[Strings, Strings]:
    """Dancer and song of each row; an unknown one gets a name that no other song (or dancer, or clip) shares."""
    clip = np.char.add("clip ", samples.clip)
    song = np.where(samples.song != "", np.char.add("song ", samples.song), "")
    dancer = np.where(samples.dancer != "", np.char.add(_DANCER, samples.dancer), "")
    either = np.where(dancer != "", dancer, np.where(song != "", song, clip))
    return np.where(dancer != "", dancer, either), np.where(song != "", song, either)


def _groups(dancer: Strings, song: Strings) -> Strings:
    """(N,) the first name of the group that a row belongs to: union and find over the pairs that occur.

    A dancer before a song, D9 before D10: who is added, as a rule, comes after who was there.
    """
    parent: dict[str, str] = {}

    def first(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for one, other in sorted(set(zip(dancer.tolist(), song.tolist(), strict=True))):
        a, b = sorted((first(one), first(other)), key=_age)
        parent[b] = a
    return np.array([first(name) for name in dancer.tolist()])


def _age(name: str) -> tuple[bool, int, str]:
    return not name.startswith(_DANCER), len(name), name


def _dealt(names: Strings, shares: NDArray[np.float64]) -> Strings:
    """(N,) the split of each row when all rows of a name go to one split: the one that the name's own place falls into.

    Few names may all fall into one. So three or more are cut, in the order of their places, where every split has at least
    one and training at least half.
    """
    unique, inverse = np.unique(names, return_inverse=True)
    places = np.array([_place(name) for name in unique.tolist()])
    order = np.argsort(places)
    first, second = np.searchsorted(places[order], np.cumsum(shares)[:2]).tolist()
    first = min(max(first, len(order) // 2), len(order) - 2)
    second = min(max(second, first + 1), len(order) - 1)
    given = np.empty(len(order), int)
    given[order] = np.repeat(range(len(SPLITS)), (first, second - first, len(order) - second))
    return np.array(SPLITS, dtype="<U10")[given][inverse]


def _place(name: str) -> float:
    """In [0, 1), from the name alone.

    A hash of the name. Names that differ in a number at their end, as D00, D01, D02 do, follow each other in steps of the
    golden section instead, so that any few of them lie evenly and the splits get their shares (Fibonacci hashing: Knuth, The
    Art of Computer Programming 3, 6.4).
    """
    stem = name.rstrip("0123456789")
    number = int(name[len(stem) :] or "0")
    return (_hash(stem) + number * _GOLDEN) % _PLACES / _PLACES


def _hash(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])
