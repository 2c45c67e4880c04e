"""Which pictures train, which tell when to stop, and which judge: apart by dancer and by song, never by frame.

Neighbouring frames are near duplicates, and so are two takes of one dance by one dancer. A network that is judged on people
and dances that it has seen looks better than it is.

Dancers who share a song, directly or through others, form a group. Where no group is larger than half of the rows, whole
groups are dealt out and no row is lost. Otherwise dancers are dealt out and songs are dealt out, and a row counts only where
both lie in the same split; the rest is "unused". What a row gets depends on the set of rows and on nothing else, neither on
their order nor on a seed.
"""

import hashlib
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from ml_training.data.samples import Samples, Strings
from ml_training.errors import TrainingError

SPLITS = ("train", "validation", "test")
LARGEST_GROUP = 0.5
LEAST = len(SPLITS)
"""So many groups, or dancers, or songs are needed to deal them out to three splits."""


def split_of(samples: Samples, validation: float = 0.15, test: float = 0.15) -> Strings:
    """(N,) "train", "validation", "test" or "unused".

    A row that names no dancer (or no song) is kept apart by its song (or dancer) alone; one that names neither by its clip.
    Where there are too few dancers to deal out, songs alone are kept apart, and the other way round; `leaks` tells.

    Parameters
    ----------
    validation, test
        Wanted shares of the rows. Dealing out by dancers and songs at once, they are shares of the dancers' and of the songs'
        rows, so that the rows in which both agree are fewer.

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
    dancer = np.where(samples.dancer != "", np.char.add("dancer ", samples.dancer), "")
    either = np.where(dancer != "", dancer, np.where(song != "", song, clip))
    return np.where(dancer != "", dancer, either), np.where(song != "", song, either)


def _groups(dancer: Strings, song: Strings) -> Strings:
    """(N,) the first name of the group that a row belongs to: union and find over the pairs that occur."""
    parent: dict[str, str] = {}

    def first(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for one, other in sorted(set(zip(dancer.tolist(), song.tolist(), strict=True))):
        a, b = sorted((first(one), first(other)))
        parent[b] = a
    return np.array([first(name) for name in dancer.tolist()])


def _dealt(names: Strings, shares: NDArray[np.float64]) -> Strings:
    """(N,) the split of each row when all rows of a name go to one split.

    The largest name first, each to the split that lacks most; equal sizes in the order of their hashes, so that neither an
    alphabet nor the order of rows decides. Every split gets at least one name.
    """
    unique, inverse, counts = np.unique(names, return_inverse=True, return_counts=True)
    order = sorted(range(len(unique)), key=lambda k: (-counts[k], _hash(str(unique[k]))))
    lacking = shares * len(names)
    given = np.zeros(len(unique), int)
    empty = set(range(len(SPLITS)))
    for place, k in enumerate(order):
        candidates = sorted(empty) if len(order) - place <= len(empty) else range(len(SPLITS))
        chosen = max(candidates, key=lambda split: (lacking[split], -split))
        given[k] = chosen
        lacking[chosen] -= counts[k]
        empty.discard(chosen)
    return np.array(SPLITS, dtype="<U10")[given][inverse]


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
