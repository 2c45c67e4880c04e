"""What is read from analyses put together by hand, and rows to analyse."""

import numpy as np

from choreography.market.features import FEATURES
from choreography.market.readings import read_selection
from choreography.market.sample import Sample
from tests.market_payloads import (
    models,
    regression,
    selection,
    small_regression,
)


def told(whole, **more):
    return read_selection(selection(whole, **more), "artists")


def codes(readings):
    return [reading["code"] for reading in readings]


def numbers_of(readings, code):
    return next(reading["numbers"] for reading in readings if reading["code"] == code)


def nine(**changed):
    return models(n=changed.get("n", 200), nine=regression(**changed), small=small_regression(n=changed.get("n", 200)))


def regression_codes(**changed):
    return codes(told(nine(**changed)).whole["regression"])


def danceability(**changed):
    return {"danceability": {"points": 2.4, **changed}}


def rows(n, *, effect=0.0, noise=10.0, zeros=0, seed=1):
    """`effect`: points of popularity for a standard deviation of danceability."""
    rng = np.random.default_rng(seed)
    drawn = rng.normal(size=(n, len(FEATURES)))
    centre = np.array([0.65, 0.7, 0.5, 0.2, 0.05, 0.2, 0.1, -6.0, 120.0, 210_000.0])
    spread = np.array([0.1, 0.1, 0.15, 0.1, 0.03, 0.08, 0.05, 2.0, 15.0, 20_000.0])
    popularity = np.clip(50 + effect * drawn[:, 0] + noise * rng.normal(size=n), 1, 100)
    popularity[:zeros] = 0
    names = tuple(f"artist {place}" for place in range(n))
    return Sample(names, tuple((name,) for name in names), popularity, centre + spread * drawn)
