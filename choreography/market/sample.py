"""What is analysed: rows of popularity and features, as arrays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from choreography.market.features import FEATURES

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """Artists or tracks of one selection.

    Attributes
    ----------
    names : (N,) what each row is called.
    artists : (N,) tuple of exact artist names of each row (one for a row that is an artist).
    popularity : (N,) float64, 0 to 100.
    values : (N, len(FEATURES)) float64, in the units of the files (features.BOUNDS); no NaN.
    """

    names: tuple[str, ...]
    artists: tuple[tuple[str, ...], ...]
    popularity: Values
    values: Values

    def __len__(self) -> int:
        return len(self.names)

    def column(self, feature: str) -> Values:
        return self.values[:, FEATURES.index(feature)]

    def columns(self, features: tuple[str, ...]) -> Values:
        """(N, len(features)), in the order asked for."""
        return self.values[:, [FEATURES.index(feature) for feature in features]]

    def where(self, kept: NDArray[np.bool_]) -> "Sample":
        """The rows for which `kept` (N,) is true."""
        rows = np.flatnonzero(kept)
        return Sample(
            tuple(self.names[row] for row in rows),
            tuple(self.artists[row] for row in rows),
            self.popularity[rows],
            self.values[rows],
        )


@dataclass(frozen=True)
class Years:
    """Means by year, ascending.

    Attributes
    ----------
    year : (Y,) int64.
    popularity : (Y,) float64.
    values : (Y, len(FEATURES)) float64.
    rows : (Y,) int64, tracks behind each year; 0 where the file does not say.
    """

    year: NDArray[np.int64]
    popularity: Values
    values: Values
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.year)

    def column(self, name: str) -> Values:
        return self.popularity if name == "popularity" else self.values[:, FEATURES.index(name)]
