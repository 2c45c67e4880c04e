"""What one set of rows says: what goes with popularity, the regression, and what it leaves over."""

import math

from choreography.market.features import POPULARITY
from choreography.market.payloads import (
    CoefficientPayload,
    CorrelationPayload,
    ModelsPayload,
    Number,
    Reading,
    RegressionPayload,
    ResidualsPayload,
)
from choreography.market.verdicts import (
    CLOSE_PAIR,
    FAR_OFF,
    ILL_CONDITIONED,
    INFLATED,
    LEVELS,
    LITTLE_EXPLAINED,
    SIGNIFICANT,
    SMALL_EFFECT,
    Kind,
    Words,
    beyond_chance,
    clear,
    coefficient,
    is_small,
    is_unchecked,
    names,
    of_features,
    points,
    reading,
    significant,
    under,
    verdict,
)

MANY_ROWS = 200
"""From here on means of residuals are close to normal whatever the residuals are, and intervals hold."""
MOST_PAIRS = 3
MOST_NAMES = 3


def read_correlations(found: CorrelationPayload | None, n: int, kind: Kind) -> list[Reading]:
    if found is None:
        return [reading("correlations_none", n=n, of=kind)]
    return [
        _with_popularity(found, kind),
        *_danceability_alone(found),
        *_close_pairs(found),
        reading("correlation_no_effect"),
    ]


def _with_popularity(found: CorrelationPayload, kind: Kind) -> Reading:
    rows = {name: r for name, r in zip(found["names"], found["r"][0], strict=True) if name != POPULARITY}
    stand_out = {
        name: r
        for (name, r), is_significant in zip(rows.items(), found["significant"][0][1:], strict=True)
        if is_significant and r is not None
    }
    if not stand_out:
        return reading("correlations_nothing", n=found["n"], of=kind)
    ordered = sorted(stand_out, key=lambda name: -abs(stand_out[name]))
    up, down = [name for name in ordered if stand_out[name] > 0], [name for name in ordered if stand_out[name] < 0]
    strongest = stand_out[ordered[0]]
    code = "correlations_" + "_".join((["up"] if up else []) + (["down"] if down else []))
    if abs(strongest) < SMALL_EFFECT:
        code += "_weak"
    return reading(code, n=found["n"], of=kind, up=up, down=down, feature=ordered[0], r=strongest)


def _danceability_alone(found: CorrelationPayload) -> list[Reading]:
    place = found["names"].index("danceability")
    r, p = found["r"][0][place], found["p"][0][place]
    if r is None or p is None:
        return []
    low, high = _fisher(r, found["n"])
    code = "clear" if found["significant"][0][place] else "hint" if under(p, SIGNIFICANT) else "open"
    if code == "clear" and abs(r) < SMALL_EFFECT:
        code = "small"
    return [reading(f"correlation_danceability_{code}", r=r, r_low=low, r_high=high, share=r * r, p=p)]


def _fisher(r: float, n: int) -> tuple[Number, Number]:
    """95 % interval of a correlation (Fisher 1921)."""
    if n <= 3 or abs(r) >= 1:
        return r, r
    reach = 1.959964 / math.sqrt(n - 3)
    return math.tanh(math.atanh(r) - reach), math.tanh(math.atanh(r) + reach)


def _close_pairs(found: CorrelationPayload) -> list[Reading]:
    """Features that go along with each other, or against each other, so closely that one may stand for the other."""
    features = range(1, len(found["names"]))
    pairs = [
        (r, f"{found['names'][row]} {found['names'][column]}")
        for row in features
        for column in features
        if row < column
        and found["significant"][row][column]
        and (r := found["r"][row][column]) is not None
        and abs(r) >= CLOSE_PAIR
    ]
    if not pairs:
        return []
    closest = sorted(pairs, key=lambda pair: -abs(pair[0]))[:MOST_PAIRS]
    alike, opposed = [pair for r, pair in closest if r > 0], [pair for r, pair in closest if r < 0]
    code = "correlated" + ("_alike" if alike else "") + ("_opposed" if opposed else "")
    return [reading(code, alike=alike, opposed=opposed)]


def read_regression(models: ModelsPayload, kind: Kind) -> list[Reading]:
    nine, small = models["nine"], models["small"]
    if nine is None:
        return [
            reading("regression_none", n=models["n"], of=kind),
            *([_small_model_alone(small, kind)] if small else []),
        ]
    return [
        explained(nine, kind),
        *_few_rows(nine, kind),
        _significance(nine),
        *_after_correction(nine),
        *_danceability(nine),
        *_strongest(nine),
        *_small_effects(nine, kind),
        *_small_model(nine, small),
        *_collinearity(nine),
        *([reading("left_out", features=nine["left_out"])] if nine["left_out"] else []),
        reading("regression_no_effect"),
    ]


def explained(model: RegressionPayload, kind: Kind) -> Reading:
    numbers: dict[str, Words] = {
        "n": model["n"],
        "of": kind,
        "k": len(model["features"]),
        "r2": model["r2"],
        "r2_adjusted": max(0.0, model["adjusted_r2"]),
        "p": model["f_p"],
    }
    if beyond_chance(model):
        return reading("explained_little" if model["adjusted_r2"] < LITTLE_EXPLAINED else "explained", **numbers)
    stand_out = names(clear(model))
    if stand_out:
        return reading("explained_open_but_clear", features=stand_out, **numbers)
    return reading("explained_open", **numbers)


def _few_rows(model: RegressionPayload, kind: Kind) -> list[Reading]:
    if "few_rows" not in model["warnings"]:
        return []
    return [reading("few_rows", n=model["n"], of=kind, k=len(model["features"]))]


def _significance(model: RegressionPayload) -> Reading:
    """Each feature at the strictest of the usual levels that it passes, as if it had been the only one looked at."""
    tiers: dict[str, list[str]] = {level: [] for level in LEVELS}
    for found in of_features(model):
        tier = next((tier for tier, level in LEVELS.items() if under(found["p"], level)), None)
        if tier is not None:
            tiers[tier].append(found["name"])
    if not any(tiers.values()):
        return reading("significance_none", k=len(model["features"]))
    return reading("significance", **tiers)


def _after_correction(model: RegressionPayload) -> list[Reading]:
    before = significant(model)
    after = names(found for found in of_features(model) if under(found["p_holm"], SIGNIFICANT))
    if not before:
        return []
    if not after:
        return [reading("holm_none", k=len(model["features"]))]
    if len(after) == len(before):
        return [reading("holm_all", k=len(model["features"]))]
    lost = [name for name in before if name not in after]
    return [reading("holm_some", k=len(model["features"]), features=after, lost=lost)]


def _danceability(model: RegressionPayload) -> list[Reading]:
    found = coefficient(model, "danceability")
    if found is None:
        return []
    judged: str = verdict(found)
    if judged == "clear" and is_small(found):
        judged = "small"
    elif is_unchecked(found):
        judged = "unchecked"
    return [reading(f"danceability_{judged}", **points(found), p_holm=found["p_holm"])]


def _strongest(model: RegressionPayload) -> list[Reading]:
    """What is clear and weighs most; where something not clear weighs more, only among what is clear."""
    heaviest = next(iter(clear(model)), None)
    if heaviest is None or is_small(heaviest):
        return []
    heavier = names(found for found in of_features(model) if _weight(found) > _weight(heaviest))
    if heavier:
        return [reading("strongest_of_clear", **points(heaviest), sds=heaviest["standardised"], heavier=heavier)]
    if heaviest["name"] == "danceability":
        return [reading("strongest_danceability", sds=heaviest["standardised"])]
    return [reading("strongest", **points(heaviest), sds=heaviest["standardised"])]


def _weight(found: CoefficientPayload) -> float:
    return abs(found["standardised"] or 0.0)


def _small_effects(model: RegressionPayload, kind: Kind) -> list[Reading]:
    stand_out = clear(model)
    little = [found for found in stand_out if is_small(found)]
    if not little:
        return []
    if len(little) == len(stand_out):
        return [reading("small_effects_all", n=model["n"], of=kind)]
    return [reading("small_effects", features=names(little))]


def _small_model(nine: RegressionPayload, small: RegressionPayload | None) -> list[Reading]:
    if small is None:
        return []
    is_little = small["r2"] < nine["r2"] / 2 and beyond_chance(nine)
    code = "small_model_little" if is_little else "small_model_much"
    told = [reading(code, features=small["features"], r2_small=small["r2"], r2=nine["r2"], k=len(nine["features"]))]
    there, here = coefficient(small, "danceability"), coefficient(nine, "danceability")
    if there is not None and here is not None:
        told += _danceability_there(there, here)
    return told


def _danceability_there(there: CoefficientPayload, here: CoefficientPayload) -> list[Reading]:
    """Danceability in the small model, where that differs from what the large one says."""
    turned = (there["estimate"] > 0) != (here["estimate"] > 0)
    verdicts = verdict(here), verdict(there)
    if verdicts == ("open", "open") or (verdicts[0] == verdicts[1] and not turned):
        return []
    return [reading("small_model_turns" if turned else f"small_model_{verdicts[1]}", **points(there))]


def _small_model_alone(small: RegressionPayload, kind: Kind) -> Reading:
    return reading("small_model_alone", n=small["n"], of=kind, features=small["features"], r2=small["r2"])


def _collinearity(model: RegressionPayload) -> list[Reading]:
    """The model's warnings "singular" and "collinear" in words; what it does not warn of alone is told by its figures."""
    followed = names(found for found in of_features(model) if found["vif"] is None)
    inflations = {found["name"]: found["vif"] for found in of_features(model) if found["vif"] is not None}
    repeating = [name for name, inflation in inflations.items() if inflation > INFLATED]
    worst = max(inflations.values(), default=1.0)
    told = [reading("singular", features=followed)] if followed else []
    if repeating:
        told.append(reading("collinear", features=repeating, vif=worst))
    if told:
        return told
    condition = model["condition_number_scaled"]
    if condition > ILL_CONDITIONED:
        return [reading("collinear_with_constant", condition=condition, vif=worst)]
    return [reading("not_collinear", vif=worst)]


def read_residuals(model: RegressionPayload | None, left: ResidualsPayload | None, kind: Kind) -> list[Reading]:
    if model is None:
        return [reading("residuals_none")]
    return [
        reading("typical_miss", sd=model["residual_sd"], sd_whole=_sd_of_popularity(model)),
        *_spread(model),
        *_normality(model, kind),
        *(_farthest(left) if left else []),
    ]


def _sd_of_popularity(model: RegressionPayload) -> Number:
    """Adjusted R2 is the variance of what is left over beside that of popularity, each by its degrees of freedom."""
    if model["adjusted_r2"] >= 1:
        return None
    return model["residual_sd"] / math.sqrt(1 - model["adjusted_r2"])


def _spread(model: RegressionPayload) -> list[Reading]:
    """What robust errors change. A coefficient without them is not checked, which is not the same as lost."""
    unchecked = names(found for found in of_features(model) if found["p_robust"] is None)
    if "unequal_spread" in model["warnings"] and len(unchecked) == len(model["features"]):
        return [reading("unequal_spread_unchecked", p=model["breusch_pagan_p"])]
    told = [_spread_of(model, unchecked)]
    return [*told, reading("robust_unchecked", features=unchecked)] if unchecked else told


def _spread_of(model: RegressionPayload, unchecked: list[str]) -> Reading:
    if "unequal_spread" not in model["warnings"]:
        return reading("equal_spread", p=model["breusch_pagan_p"])
    plain, robust = significant(model), significant(model, robust=True)
    lost = [name for name in plain if name not in robust and name not in unchecked]
    gained = [name for name in robust if name not in plain]
    code = "unequal_spread" + ("_lost" if lost else "") + ("_gained" if gained else "")
    return reading(code, p=model["breusch_pagan_p"], lost=lost, gained=gained)


def _normality(model: RegressionPayload, kind: Kind) -> list[Reading]:
    if "not_normal" not in model["warnings"]:
        return []
    code = "not_normal_many" if model["n"] >= MANY_ROWS else "not_normal_few"
    return [reading(code, n=model["n"], of=kind)]


def _farthest(left: ResidualsPayload) -> list[Reading]:
    order = sorted(range(len(left["names"])), key=lambda place: -abs(left["standardised"][place]))
    far = [place for place in order if abs(left["standardised"][place]) > FAR_OFF][:MOST_NAMES]
    if not far:
        return []
    above = list(dict.fromkeys(left["names"][place] for place in far if left["residual"][place] > 0))
    below = list(dict.fromkeys(left["names"][place] for place in far if left["residual"][place] <= 0))
    code = "farthest" + ("_above" if above else "") + ("_below" if below else "")
    return [reading(code, above=above, below=below, sds_away=FAR_OFF)]
