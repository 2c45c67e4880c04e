"""The audio features that are looked at, by the names that their publisher gave them. docs/insights.md tells what they are."""

from typing import Final

POPULARITY: Final = "popularity"
"""0 to 100, by how often and how lately something was played when it was asked: not how popular it was in its year."""

FEATURES: Final = (
    "danceability",
    "energy",
    "valence",
    "acousticness",
    "instrumentalness",
    "liveness",
    "speechiness",
    "loudness",
    "tempo",
    "duration_ms",
)
"""In the order of columns, tables and charts."""

REGRESSORS: Final = (
    "danceability",
    "valence",
    "acousticness",
    "duration_ms",
    "liveness",
    "loudness",
    "speechiness",
    "tempo",
    "instrumentalness",
)
"""The nine of the first analysis, each once."""

SMALL_MODEL: Final = ("energy", "danceability", "valence")

BOUNDS: Final = {
    "popularity": (0.0, 100.0),
    "danceability": (0.0, 1.0),
    "energy": (0.0, 1.0),
    "valence": (0.0, 1.0),
    "acousticness": (0.0, 1.0),
    "instrumentalness": (0.0, 1.0),
    "liveness": (0.0, 1.0),
    "speechiness": (0.0, 1.0),
    "loudness": (-100.0, 20.0),  # dB
    "tempo": (0.0, 400.0),  # beats a minute; 0 where none was found
    "duration_ms": (1.0, 86_400_000.0),
}
"""Least and most; a row beyond them was not measured by these features."""

STEPS: Final = {
    "danceability": 0.1,
    "energy": 0.1,
    "valence": 0.1,
    "acousticness": 0.1,
    "instrumentalness": 0.1,
    "liveness": 0.1,
    "speechiness": 0.1,
    "loudness": 1.0,
    "tempo": 10.0,
    "duration_ms": 30_000.0,
}
"""The change of a feature that a person can picture: coefficients are told for it."""
