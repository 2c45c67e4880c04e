"""What differs: with and without rows of popularity 0, and a label's artists beside the rest."""

from typing import Literal

from choreography.market.payloads import (
    CoefficientPayload,
    DifferencePayload,
    MeanPayload,
    Reading,
    RegressionPayload,
    RosterPayload,
    SelectionPayload,
)
from choreography.market.verdicts import (
    HINT,
    LEAST_ARTISTS,
    SIGNIFICANT,
    Kind,
    Words,
    coefficient,
    holm,
    of_features,
    points,
    reading,
    significant,
    under,
    verdict,
)

type RosterVerdict = Literal["clear", "hint", "alike", "open"]

MEASURES = ("danceability", "popularity")
NOTABLE = {"danceability": 0.05, "popularity": 5.0}
"""A difference between a label and the rest that a person would call one."""


def read_zeros(selection: SelectionPayload, kind: Kind) -> list[Reading]:
    n, zeros, without = selection["n"], selection["zeros"], selection["without_zeros"]
    if without is None:
        return [reading("zeros_none", n=n, of=kind)] if n else []
    told = [reading("zeros_some", zeros=zeros, n=n, of=kind, share=zeros / n)]
    before, after = selection["whole"]["nine"], without["nine"]
    if before is None:
        return told
    if after is None:
        return [*told, reading("zeros_too_few_left", n=without["n"], of=kind)]
    return [*told, reading("zeros_explained", r2_before=before["r2"], r2=after["r2"]), *_changes(before, after)]


def _changes(before: RegressionPayload, after: RegressionPayload) -> list[Reading]:
    was, now = significant(before), significant(after)
    gained, lost = [name for name in now if name not in was], [name for name in was if name not in now]
    turned = turned_features(before, after)
    told = [
        *_danceability(before, after),
        *([reading("zeros_turned", features=turned)] if turned else []),
        *([reading("zeros_lost", features=lost)] if lost else []),
        *([reading("zeros_gained", features=gained)] if gained else []),
    ]
    if not (turned or lost or gained):
        told.append(reading("zeros_no_change"))
    return told


def turned_features(before: RegressionPayload, after: RegressionPayload) -> list[str]:
    """Features whose sign turns; signs that were a matter of chance on both sides are not told."""
    turned = []
    for found in of_features(before):
        other = coefficient(after, found["name"])
        if other is None or (found["estimate"] > 0) == (other["estimate"] > 0):
            continue
        if under(found["p"], HINT) or under(other["p"], HINT):
            turned.append(found["name"])
    return turned


def _danceability(before: RegressionPayload, after: RegressionPayload) -> list[Reading]:
    was, now = coefficient(before, "danceability"), coefficient(after, "danceability")
    if was is None or now is None:
        return []
    return [zeros_and_danceability("zeros_danceability", was, now)]


def zeros_and_danceability(code: str, was: CoefficientPayload, now: CoefficientPayload) -> Reading:
    return reading(f"{code}_{verdict(now)}", **points(now), points_before=points(was)["points"])


def read_rosters(selection: SelectionPayload) -> list[Reading]:
    rosters = selection["rosters"]
    if not rosters:
        return [reading("rosters_none")]
    verdicts = roster_verdicts(rosters)
    told = [sentence for roster in rosters for sentence in _judged(roster, verdicts)]
    told += _not_told_apart(rosters, verdicts)
    told += [sentence for roster in rosters for sentence in _not_judged(roster)]
    if any(roster["artists"] for roster in rosters):
        told.append(reading("rosters_no_effect"))
    return told


def roster_verdicts(rosters: list[RosterPayload]) -> dict[tuple[int, str], RosterVerdict]:
    """By label and measure, corrected for how many of them are looked at; "alike" where a notable difference is ruled out.

    What rests on under LEAST_ARTISTS is not judged and not counted among them.
    """
    looked_at = {
        (roster["label"], measure): difference
        for roster in rosters
        for measure in MEASURES
        if _can_be_judged(roster) and (difference := difference_of(roster, measure)) is not None
    }
    corrected = holm([difference["p"] for difference in looked_at.values()])
    return {
        (label, measure): _verdict(difference, p, NOTABLE[measure])
        for ((label, measure), difference), p in zip(looked_at.items(), corrected, strict=True)
    }


def _verdict(difference: DifferencePayload, corrected: float, notable: float) -> RosterVerdict:
    if corrected < SIGNIFICANT:
        return "clear"
    if difference["p"] < SIGNIFICANT:
        return "hint"
    return "alike" if max(-difference["low"], difference["high"]) < notable else "open"


def _can_be_judged(roster: RosterPayload) -> bool:
    return min(roster["danceability"]["n"], roster["danceability_rest"]["n"]) >= LEAST_ARTISTS


def difference_of(roster: RosterPayload, measure: str) -> DifferencePayload | None:
    return roster["danceability_difference"] if measure == "danceability" else roster["popularity_difference"]


def roster_numbers(roster: RosterPayload, measure: str) -> dict[str, Words]:
    mean, rest = _means(roster, measure)
    difference = difference_of(roster, measure)
    return {
        "label": roster["label"],
        "artists": mean["n"],
        "others": rest["n"],
        f"{measure}": mean["mean"],
        f"{measure}_rest": rest["mean"],
        **_difference_numbers(difference, measure),
    }


def _means(roster: RosterPayload, measure: str) -> tuple[MeanPayload, MeanPayload]:
    if measure == "danceability":
        return roster["danceability"], roster["danceability_rest"]
    return roster["popularity"], roster["popularity_rest"]


def _difference_numbers(difference: DifferencePayload | None, measure: str) -> dict[str, Words]:
    if difference is None:
        return {}
    prefix = "points" if measure == "popularity" else "change"
    return {
        prefix: difference["difference"],
        f"{prefix}_low": difference["low"],
        f"{prefix}_high": difference["high"],
        "p": difference["p"],
    }


def _judged(roster: RosterPayload, verdicts: dict[tuple[int, str], RosterVerdict]) -> list[Reading]:
    """What can be said of a label, one sentence a measure."""
    found = {measure: verdicts.get((roster["label"], measure)) for measure in MEASURES}
    return [
        reading(f"roster_{measure}_{said}", **roster_numbers(roster, measure))
        for measure, said in found.items()
        if said is not None and said != "open"
    ]


def _not_told_apart(rosters: list[RosterPayload], verdicts: dict[tuple[int, str], RosterVerdict]) -> list[Reading]:
    """Labels of which nothing can be said share a sentence: each with its own, they would bury the others."""
    told = []
    for measure in MEASURES:
        same = [roster for roster in rosters if verdicts.get((roster["label"], measure)) == "open"]
        if len(same) == 1:
            told.append(reading(f"roster_{measure}_open", **roster_numbers(same[0], measure)))
        elif same:
            told.append(reading(f"rosters_{measure}_open", named_labels=[str(roster["label"]) for roster in same]))
    return told


def _not_judged(roster: RosterPayload) -> list[Reading]:
    """Why a label is not compared, and names that are written otherwise in the data."""
    spellings = _spellings(roster)
    found, named = len(roster["artists"]), len(roster["artists"]) + len(roster["missing"])
    if not named:
        return [reading("roster_empty", label=roster["label"])]
    if not found:
        return [reading("roster_not_found", label=roster["label"], named=named), *spellings]
    if found < LEAST_ARTISTS:
        means = {"danceability": roster["danceability"]["mean"], "popularity": roster["popularity"]["mean"]}
        return [reading("roster_few", label=roster["label"], artists=found, named=named, **means), *spellings]
    if roster["danceability_rest"]["n"] < LEAST_ARTISTS:
        return [reading("roster_without_others", label=roster["label"], artists=found), *spellings]
    return spellings


def _spellings(roster: RosterPayload) -> list[Reading]:
    """Names that the data has, but written otherwise."""
    found = {artist["name"] for artist in roster["artists"]}
    return [
        reading("roster_spelling", label=roster["label"], name=missing["name"], like=missing["like"])
        for missing in roster["missing"]
        if missing["like"] is not None and missing["like"] not in found
    ]
