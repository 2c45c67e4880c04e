"""How often years without any trend are told as a rise or a fall. `python -m tests.bench.trend_directions`

Of made-up series: "0.9" means that nine tenths of what a year is off pass on to the next, "walk" that all of it does. A walk
does end higher or lower than it began, but not because of anything that would go on; so the sentences describe the file, and
name no direction at first for fewer than YEARS_OF_A_DIRECTION years. The last line is one JSON object.
"""

import json
import sys

import numpy as np

from choreography.market.features import FEATURES
from choreography.market.readings_of_years import YEARS_OF_A_DIRECTION, direction
from choreography.market.sample import Values, Years
from choreography.market.trends import trend_of

LENGTHS = (100, 50, YEARS_OF_A_DIRECTION, 12, 6)
MEMORIES = (0.0, 0.5, 0.8, 0.9, 1.0)
SERIES = 2000


def drawn(rng: np.random.Generator, years: int, memory: float, count: int) -> Values:
    """(years, count), each of spread 1 from its first year on; a walk begins at 0 and takes steps of 1."""
    steps = rng.normal(size=(years, count))
    spread = 1.0 if memory == 1 else float(np.sqrt(1 - memory**2))
    values = np.zeros((years, count))
    values[0] = 0.0 if memory == 1 else steps[0]
    for year in range(1, years):
        values[year] = memory * values[year - 1] + spread * steps[year]
    return values


def told_as_trends(years: int, memory: float, count: int) -> float:
    """The share of `count` such series whose line is told as a rise or a fall."""
    rng = np.random.default_rng([years, round(100 * memory)])
    found = []
    for _ in range(count // len(FEATURES)):
        values = drawn(rng, years, memory, len(FEATURES))
        nobody = np.zeros(years, dtype=np.int64)
        trend = trend_of(Years(np.arange(years), np.zeros(years), values, nobody))
        found += [direction(line) != "level" for line in trend["lines"] if line["name"] in FEATURES]
    return float(np.mean(found))


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else SERIES
    rates = {years: {memory: told_as_trends(years, memory, count) for memory in MEMORIES} for years in LENGTHS}
    print("years " + " ".join(f"{'walk' if memory == 1 else memory:>6}" for memory in MEMORIES))
    for years, row in rates.items():
        print(f"{years:5} " + " ".join(f"{100 * rate:5.0f}%" for rate in row.values()))
    print(json.dumps({"series": count, "told_as_trends": rates}))


if __name__ == "__main__":
    main()
