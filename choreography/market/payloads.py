"""The analysis as JSON: what is stored, shown and handed out as CSV. A change of meaning raises MARKET_VERSION.

Numbers are finite floats or null. Names of features are those of `features.FEATURES`, and "const" for the intercept.
"""

from typing import Literal, NotRequired, TypedDict

MARKET_VERSION = 2

type Number = float | None


class Reading(TypedDict):
    """One honest sentence: `code` chooses the words (choreography/market_words.py), `numbers` fill them in."""

    code: str
    numbers: dict[str, float | int | str | list[str] | None]


class RosterRequest(TypedDict):
    label: int
    artists: list[str]


class SelectionRequest(TypedDict):
    """Which rows: of an import (`FeatureImport.pk`), with any of these exact genre tags; none means all."""

    version: int
    kind: Literal["selection"]
    source: int
    genres: list[str]
    rosters: list[RosterRequest]


class TrendRequest(TypedDict):
    version: int
    kind: Literal["trend"]
    source: int


type AnalysisRequest = SelectionRequest | TrendRequest


class CorrelationPayload(TypedDict):
    """Pearson's r of every pair. `names[0]` is "popularity"; `r` and `p` are square, their diagonal 1 and null; an r is null
    where a column does not vary. `significant` says whether p passes Holm's correction over all pairs at 5 %."""

    n: int
    names: list[str]
    r: list[list[Number]]
    p: list[list[Number]]
    significant: list[list[bool]]


class CoefficientPayload(TypedDict):
    """`estimate` and the 95 % interval `low` to `high` are in popularity points per unit of the feature; `step` is the change
    that can be pictured (features.STEPS; null for const): times it, the same numbers are points per step. `p_holm`: over the
    features of this model. `p_robust`, `low_robust`, `high_robust`: HC3, which does not need equal spread; null only where a
    single row decides this coefficient. `standardised`: in standard deviations of both. `vif`: variance inflation, null for
    const."""

    name: str
    estimate: float
    std_error: float
    t: Number
    p: Number
    low: float
    high: float
    p_holm: Number
    p_robust: Number
    low_robust: Number
    high_robust: Number
    standardised: Number
    vif: Number
    step: Number


class RegressionPayload(TypedDict):
    """Ordinary least squares with a constant. `condition_number` is that of the columns as they are (what statsmodels prints),
    `condition_number_scaled` that of the columns brought to length 1 (Belsley), which alone tells collinearity from units.
    `warnings`: "collinear" (scaled above 30 and a variance inflation above 10), "singular" (a column follows from the
    others), "few_rows" (under 10 a feature), "unequal_spread" (Breusch and Pagan, p under 5 %), "not_normal" (Jarque and
    Bera, p under 5 %).
    `left_out`: features that do not vary in these rows."""

    features: list[str]
    left_out: list[str]
    n: int
    r2: float
    adjusted_r2: float
    f: Number
    f_p: Number
    aic: float
    bic: float
    residual_sd: float
    condition_number: float
    condition_number_scaled: float
    breusch_pagan_p: Number
    jarque_bera_p: Number
    warnings: list[str]
    coefficients: list[CoefficientPayload]


class ResidualsPayload(TypedDict):
    """Of the nine-feature model: what is left over. Parallel lists, at most 1,200 rows, evenly drawn by fitted value, always
    with the largest residuals; `of` is how many there are. `normal` is the quantile that a normal distribution would have, in
    residual standard deviations; `standardised` the residual in them."""

    of: int
    names: list[str]
    fitted: list[float]
    residual: list[float]
    standardised: list[float]
    normal: list[float]


class ModelsPayload(TypedDict):
    """One set of rows. A model is null where there are too few rows for it."""

    n: int
    correlations: CorrelationPayload | None
    nine: RegressionPayload | None
    small: RegressionPayload | None
    residuals: ResidualsPayload | None


class MeanPayload(TypedDict):
    """Mean with its 95 % interval (Student's t); null where there are too few."""

    n: int
    mean: Number
    sd: Number
    low: Number
    high: Number


class DifferencePayload(TypedDict):
    """Roster minus the rest of the selection: Welch's test, 95 % interval, Hedges' g."""

    difference: float
    low: float
    high: float
    p: float
    g: float


class RosterArtistPayload(TypedDict):
    """`rows` is 1 for files of artists, and the number of tracks (means are over them) for files of tracks."""

    name: str
    rows: int
    popularity: float
    danceability: float


class MissingArtistPayload(TypedDict):
    """A name of the roster that no row has. `like`: what the data calls somebody whose name differs in case or spaces only."""

    name: str
    like: str | None


class RosterPayload(TypedDict):
    """A label's artists found in the selection, each counting once, beside the selection's other artists."""

    label: int
    artists: list[RosterArtistPayload]
    missing: list[MissingArtistPayload]
    popularity: MeanPayload
    danceability: MeanPayload
    popularity_rest: MeanPayload
    danceability_rest: MeanPayload
    popularity_difference: DifferencePayload | None
    danceability_difference: DifferencePayload | None


class SelectionPayload(TypedDict):
    """`zeros`: rows with popularity 0. `without_zeros` is null where there are none.

    `readings` by section: "correlations", "regression", "residuals", "rosters", "zeros"; `headline` are at most three.
    """

    version: int
    kind: Literal["selection"]
    n: int
    zeros: int
    whole: ModelsPayload
    without_zeros: ModelsPayload | None
    rosters: list[RosterPayload]
    headline: list[Reading]
    headline_without_zeros: list[Reading]
    readings: dict[str, list[Reading]]
    readings_without_zeros: dict[str, list[Reading]]


class TrendLinePayload(TypedDict):
    """A straight line over the years: `per_decade` with a 95 % interval by Newey and West, for years are no independent draws;
    `durbin_watson` near 2 means independent, near 0 that each year repeats the last."""

    name: str
    per_decade: float
    low: float
    high: float
    p: float
    r2: float
    durbin_watson: float


class TrendPayload(TypedDict):
    """`series` by name ("popularity" and every feature), parallel to `years`. `rows`: tracks behind a year, null if unknown.
    `together`: Pearson's r of popularity and danceability over the years, and of their changes from year to year."""

    version: int
    kind: Literal["trend"]
    years: list[int]
    rows: list[int] | None
    series: dict[str, list[float]]
    lines: list[TrendLinePayload]
    together: NotRequired[dict[str, Number]]
    headline: list[Reading]
    readings: list[Reading]
