"""When a figure may be called clear, a hint, small or too few. The rules that all readings share, each in one place."""

from collections.abc import Iterable, Sequence
from typing import Final, Literal

from choreography.market.payloads import CoefficientPayload, ModelsPayload, Number, Reading, RegressionPayload

type Kind = Literal["artists", "tracks"]
type Verdict = Literal["clear", "hint", "open"]
type Words = float | int | str | list[str] | None

LEVELS: Final = {"p001": 0.001, "p01": 0.01, "p05": 0.05, "p10": 0.10}
SIGNIFICANT: Final = 0.05
HINT: Final = 0.10
SMALL_EFFECT: Final = 0.1
"""Standard deviations of popularity for one of the feature; also |r|. Cohen's convention for a small effect."""
LITTLE_EXPLAINED: Final = 0.10
"""Share of the differences in popularity under which a model is said to account for little."""
CLOSE_PAIR: Final = 0.7
"""|r| from which two features are said to go together."""
INFLATED: Final = 10.0
"""Variance inflation above which a feature is said to repeat the others (Marquardt 1970)."""
ILL_CONDITIONED: Final = 30.0
LEAST_ARTISTS: Final = 5
"""Fewer of a roster say nothing about a label."""
FAR_OFF: Final = 3.0
"""Residual standard deviations."""


def reading(code: str, **numbers: Words) -> Reading:
    return {"code": code, "numbers": numbers}


def coefficient(model: RegressionPayload | None, feature: str) -> CoefficientPayload | None:
    if model is None:
        return None
    return next((found for found in model["coefficients"] if found["name"] == feature), None)


def of_features(model: RegressionPayload) -> list[CoefficientPayload]:
    """Without the constant."""
    return [found for found in model["coefficients"] if found["name"] != "const"]


def danceability_in(models: ModelsPayload) -> CoefficientPayload | None:
    """In the nine-feature model, or in the small one where there are too few rows for nine."""
    return coefficient(models["nine"] or models["small"], "danceability")


def verdict(found: CoefficientPayload) -> Verdict:
    """Clear after Holm's correction and without need of equal spread; a hint where it would be significant at 10 % alone.

    What has no robust p, for a single row decides it, is never clear (is_unchecked says where that is the reason).
    """
    if under(found["p_holm"], SIGNIFICANT) and under(found["p_robust"], SIGNIFICANT):
        return "clear"
    return "hint" if under(found["p"], HINT) else "open"


def is_unchecked(found: CoefficientPayload) -> bool:
    """It would be clear if the spread is equal, and whether it is without that nobody can tell."""
    return found["p_robust"] is None and under(found["p_holm"], SIGNIFICANT)


def clear(model: RegressionPayload) -> list[CoefficientPayload]:
    """What is clear, the heaviest first."""
    found = [feature for feature in of_features(model) if verdict(feature) == "clear"]
    return sorted(found, key=lambda feature: -abs(feature["standardised"] or 0.0))


def is_small(found: CoefficientPayload) -> bool:
    return under(abs(found["standardised"] or 0.0), SMALL_EFFECT)


def beyond_chance(model: RegressionPayload) -> bool:
    """Whether the features together say more than none of them would (F). Single ones can be clear although it is not."""
    return under(model["f_p"], SIGNIFICANT)


def significant(model: RegressionPayload, *, robust: bool = False) -> list[str]:
    """Features with p under 5 %, each as if it were the only one."""
    return names(found for found in of_features(model) if under(found["p_robust" if robust else "p"], SIGNIFICANT))


def names(found: Iterable[CoefficientPayload]) -> list[str]:
    return [feature["name"] for feature in found]


def points(found: CoefficientPayload) -> dict[str, Words]:
    """Popularity points for the step of a feature, with their 95 % interval."""
    step = found["step"] or 1.0
    return {
        "feature": found["name"],
        "points": found["estimate"] * step,
        "points_low": found["low"] * step,
        "points_high": found["high"] * step,
        "p": found["p"],
    }


def under(p: Number, level: float) -> bool:
    return p is not None and p < level


def holm(ps: Sequence[float]) -> list[float]:
    """p values corrected for how many there are (Holm 1979), in the order given."""
    corrected = [1.0] * len(ps)
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[place]))
        corrected[place] = highest
    return corrected
