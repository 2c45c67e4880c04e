"""Made-up files of audio features, in the layouts that are published, and the same rows as arrays.

Nobody's music was measured: a latent normal draw is bent into the range of each feature, with the correlations that music
has (loud goes with energetic, acoustic with quiet), and popularity follows from some features and much chance. Names are
those of the labels' first rosters and invented ones.
"""

import csv
from importlib import import_module

import numpy as np

from choreography.market.features import FEATURES
from choreography.market.sample import Sample, Years

ARTIST_COLUMNS = (
    "genres", "artists", "acousticness", "danceability", "duration_ms", "energy", "instrumentalness", "liveness",
    "loudness", "speechiness", "tempo", "valence", "popularity", "key", "mode", "count",
)  # fmt: skip
YEAR_COLUMNS = (
    "mode", "year", "acousticness", "danceability", "duration_ms", "energy", "instrumentalness", "liveness", "loudness",
    "speechiness", "tempo", "valence", "popularity", "key",
)  # fmt: skip
TRACK_COLUMNS = {
    "data": (
        "valence", "year", "acousticness", "artists", "danceability", "duration_ms", "energy", "explicit", "id",
        "instrumentalness", "key", "liveness", "loudness", "mode", "name", "popularity", "release_date", "speechiness",
        "tempo",
    ),
    "tracks": (
        "id", "name", "popularity", "duration_ms", "explicit", "artists", "id_artists", "release_date", "danceability",
        "energy", "key", "loudness", "mode", "speechiness", "acousticness", "instrumentalness", "liveness", "valence",
        "tempo", "time_signature",
    ),
    "dataset": (
        "", "track_id", "artists", "album_name", "track_name", "popularity", "duration_ms", "explicit", "danceability",
        "energy", "key", "loudness", "mode", "speechiness", "acousticness", "instrumentalness", "liveness", "valence",
        "tempo", "time_signature", "track_genre",
    ),
    "spotify_features": (
        "genre", "artist_name", "track_name", "track_id", "popularity", "acousticness", "danceability", "duration_ms",
        "energy", "instrumentalness", "key", "liveness", "loudness", "mode", "speechiness", "tempo", "time_signature",
        "valence",
    ),
}  # fmt: skip
"""By the name of the file that is published in this layout."""

LABELS = import_module("choreography.migrations.0010_first_labels").LABELS
ROSTERS = {name_en: tuple(artists) for (name_en, _), artists in LABELS.items()}
SM_ROSTER = ROSTERS["SM Entertainment"]
KEY_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
FOLK_SHARE = 0.01
OTHER_GENRES = ("rock", "dance pop", "show tunes", "children's music", "j-pop", "jazz", "반도 발라드", "electro house")
FIRST_YEAR, LAST_YEAR = 1921, 2020

# Order: FEATURES without duration, which goes with nothing.
_LATENT = np.array(
    [  # danceability, energy, valence, acousticness, instrumentalness, liveness, speechiness, loudness, tempo
        [1.00, 0.20, 0.52, -0.25, -0.22, -0.12, 0.22, 0.28, 0.02],
        [0.20, 1.00, 0.36, -0.74, -0.22, 0.18, 0.06, 0.78, 0.24],
        [0.52, 0.36, 1.00, -0.18, -0.20, 0.00, 0.04, 0.32, 0.16],
        [-0.25, -0.74, -0.18, 1.00, 0.26, -0.04, -0.06, -0.58, -0.20],
        [-0.22, -0.22, -0.20, 0.26, 1.00, -0.06, -0.12, -0.42, -0.08],
        [-0.12, 0.18, 0.00, -0.04, -0.06, 1.00, 0.12, 0.06, 0.02],
        [0.22, 0.06, 0.04, -0.06, -0.12, 0.12, 1.00, -0.04, 0.02],
        [0.28, 0.78, 0.32, -0.58, -0.42, 0.06, -0.04, 1.00, 0.20],
        [0.02, 0.24, 0.16, -0.20, -0.08, 0.02, 0.02, 0.20, 1.00],
    ]
)


def artists_rows(n=400, seed=0):
    """Artists with their genres, as dicts by ARTIST_COLUMNS; `genres` are lists. K-pop comes first: a quarter, at most 80.

    Where there is room, its first rows are the labels' rosters.
    """
    random = np.random.default_rng(seed)
    kpop = min(80, n // 4)
    names = _artist_names(n, kpop)
    z = _latent(random, n)
    z[:kpop, :4] += [0.7, 0.9, 0.3, -1.0]
    z[: min(len(SM_ROSTER), kpop), 0] += 0.5
    features = _features(random, z)
    popularity = _popularity(random, features, lift=np.where(np.arange(n) < kpop, 14.0, 0.0))
    count = 1 + random.geometric(0.08, n)
    rows = []
    for row in range(n):
        rows.append(
            {
                "genres": _genres(random, row, kpop),
                "artists": names[row],
                **{name: float(column[row]) for name, column in features.items()},
                "popularity": round(float(popularity[row]), 4),
                "key": int(random.integers(12)),
                "mode": int(random.random() < 0.65),
                "count": int(count[row]),
            }
        )
    return rows


def years_rows(first=FIRST_YEAR, last=LAST_YEAR, seed=0):
    """Means by year, as dicts by YEAR_COLUMNS. Popularity and danceability rise, each year resembling the last."""
    random = np.random.default_rng(seed)
    year = np.arange(first, last + 1)
    share = (year - FIRST_YEAR) / (LAST_YEAR - FIRST_YEAR)

    def wander(low, high, spread):
        steps = random.normal(0, spread, len(year))
        drift = np.zeros(len(year))
        for index in range(1, len(year)):
            drift[index] = 0.7 * drift[index - 1] + steps[index]
        return low + (high - low) * share + drift

    columns = {
        "danceability": np.clip(wander(0.48, 0.67, 0.012), 0.01, 0.99),
        "energy": np.clip(wander(0.22, 0.66, 0.015), 0.01, 0.99),
        "valence": np.clip(wander(0.47, 0.50, 0.02), 0.01, 0.99),
        "acousticness": np.clip(wander(0.90, 0.24, 0.02), 0.01, 0.99),
        "instrumentalness": np.clip(wander(0.38, 0.06, 0.02), 0.001, 0.99),
        "liveness": np.clip(wander(0.21, 0.18, 0.006), 0.01, 0.99),
        "speechiness": np.clip(wander(0.20, 0.10, 0.02), 0.01, 0.99),
        "loudness": wander(-17.0, -7.0, 0.3),
        "tempo": wander(106.0, 120.0, 0.8),
        "duration_ms": wander(215_000.0, 225_000.0, 4_000.0),
        "popularity": np.clip(wander(0.6, 62.0, 1.2), 0.05, 99),
    }
    return [
        {
            "mode": 1,
            "year": int(year[row]),
            "key": int(random.integers(12)),
            **{name: round(float(column[row]), 6) for name, column in columns.items()},
        }
        for row in range(len(year))
    ]


def tracks_rows(n=1000, seed=0):
    """Tracks as dicts with everything that any layout of tracks holds; `artists` and `genres` are lists."""
    random = np.random.default_rng(seed)
    known = [name for artists in ROSTERS.values() for name in artists]
    kpop = len(known) + 12
    names = _artist_names(max(kpop + 20, n // 8), kpop)
    z = _latent(random, n)
    year = random.integers(FIRST_YEAR, LAST_YEAR + 1, n)
    z[:, 0] += (year - 1970) / 60
    features = _features(random, z)
    popularity = _popularity(random, features, lift=(year - 1980) * 0.35).round()
    rows = []
    for row in range(n):
        main, guest = (int(number) for number in random.integers(len(names), size=2))
        genre = "k-pop" if main < kpop else OTHER_GENRES[row % len(OTHER_GENRES)]
        month, day = random.integers(1, 13), random.integers(1, 29)
        rows.append(
            {
                "id": f"{seed:04d}{row:018d}",
                "name": f'Track {row}, "{"봄" if row % 5 == 0 else "Spring"}"',
                "artists": [names[main], names[guest]] if row % 6 == 0 and guest != main else [names[main]],
                "genres": [genre],
                "year": int(year[row]),
                "release_date": str(year[row]) if row % 3 == 0 else f"{year[row]}-{month:02d}-{day:02d}",
                "explicit": int(random.random() < 0.1),
                **{name: float(column[row]) for name, column in features.items()},
                "duration_ms": int(features["duration_ms"][row]),
                "popularity": int(popularity[row]),
                "key": int(random.integers(12)),
                "mode": int(random.random() < 0.65),
            }
        )
    return rows


def write_artists_csv(path, n=400, seed=0, *, rows=None, columns=ARTIST_COLUMNS):
    """As data_w_genres.csv; without "genres" in `columns`, as data_by_artist.csv."""
    rows = artists_rows(n, seed) if rows is None else rows
    return write_csv(path, columns, ({**row, "genres": repr(row["genres"])} for row in rows))


def write_years_csv(path, first=FIRST_YEAR, last=LAST_YEAR, seed=0, *, rows=None):
    """As data_by_year.csv."""
    return write_csv(path, YEAR_COLUMNS, years_rows(first, last, seed) if rows is None else rows)


def write_tracks_csv(path, n=1000, seed=0, *, layout="data", rows=None):
    """As data.csv, tracks.csv, dataset.csv or SpotifyFeatures.csv (`layout`: a key of TRACK_COLUMNS)."""
    rows = tracks_rows(n, seed) if rows is None else rows
    form = {"dataset": dataset_row, "spotify_features": spotify_features_row}.get(layout, listed_row)
    return write_csv(path, TRACK_COLUMNS[layout], (form(number, row) for number, row in enumerate(rows)))


def write_csv(path, columns, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([row[column] for column in columns] for row in rows)
    return path


def sample_of_artists(rows):
    """The rows of `artists_rows` as the analysis gets them."""
    return Sample(
        names=tuple(row["artists"] for row in rows),
        artists=tuple((row["artists"],) for row in rows),
        popularity=np.array([row["popularity"] for row in rows], dtype=float),
        values=_values(rows),
    )


def sample_of_tracks(rows):
    """The rows of `tracks_rows` as the analysis gets them."""
    return Sample(
        names=tuple(row["name"] for row in rows),
        artists=tuple(tuple(row["artists"]) for row in rows),
        popularity=np.array([row["popularity"] for row in rows], dtype=float),
        values=_values(rows),
    )


def years_of(rows):
    """The rows of `years_rows` as the analysis gets them."""
    return Years(
        year=np.array([row["year"] for row in rows], dtype=np.int64),
        popularity=np.array([row["popularity"] for row in rows], dtype=float),
        values=_values(rows),
        rows=np.zeros(len(rows), dtype=np.int64),
    )


def kpop_of(rows):
    """The rows that a filter by the exact tag keeps."""
    return [row for row in rows if "k-pop" in row["genres"]]


def _values(rows):
    return np.array([[row[name] for name in FEATURES] for row in rows], dtype=float).reshape(len(rows), len(FEATURES))


def _latent(random, n):
    return random.multivariate_normal(np.zeros(len(_LATENT)), _LATENT, n, check_valid="raise")


def _features(random, z):
    """Columns by name, in the units of the files."""

    def share(column, middle, spread):
        return (1 / (1 + np.exp(-(middle + spread * column)))).round(6)

    dance, energy, valence, acoustic, instrumental, live, speech, loud, tempo = z.T
    return {
        "danceability": share(dance, 0.25, 0.7),
        "energy": share(energy, 0.1, 1.1),
        "valence": share(valence, 0.0, 0.9),
        "acousticness": share(acoustic, -0.3, 1.9),
        "instrumentalness": share(instrumental, -4.0, 3.0),
        "liveness": share(live, -1.5, 0.6),
        "speechiness": share(speech, -2.6, 0.6),
        "loudness": np.clip(-10.5 + 4.5 * loud, -60, 3).round(4),
        "tempo": np.clip(118 + 22 * tempo, 30, 240).round(4),
        "duration_ms": np.clip(np.exp(random.normal(12.3, 0.28, len(z))), 20_000, 3_000_000).round(1),
    }


def _popularity(random, features, lift):
    """Some of it follows from the features; about one in seven is not played at all."""
    popularity = (
        30
        + lift
        + 22 * (features["danceability"] - 0.55)
        - 18 * (features["valence"] - 0.5)
        - 16 * features["acousticness"]
        - 20 * features["instrumentalness"]
        + 0.5 * (features["loudness"] + 10)
        - (features["duration_ms"] - 220_000) / 25_000
        + random.normal(0, 12, len(lift))
    )
    popularity[random.random(len(lift)) < 0.14] = 0.0
    return np.clip(popularity, 0, 100)


def _artist_names(n, kpop):
    """`n` different names: the rosters first, then invented k-pop names, then others."""
    known = [name for artists in ROSTERS.values() for name in artists][:kpop]
    groups = [f"별빛 {number}" if number % 2 else f"Mint {number}" for number in range(max(0, kpop - len(known)))]
    others = [f'The "{number}" Quartet' if number % 3 == 0 else f"Artist, {number}" for number in range(n - kpop)]
    return (known + groups + others)[:n]


def _genres(random, row, kpop):
    if row < kpop:
        return ["k-pop", "k-pop boy group" if row % 2 else "k-pop girl group"]
    if random.random() < FOLK_SHARE or row == kpop:
        return ["folk-pop", "indie folk"]
    if random.random() < 0.1:
        return []
    return [OTHER_GENRES[int(random.integers(len(OTHER_GENRES)))]]


def listed_row(number, row):
    return {**row, "artists": repr(row["artists"]), "id_artists": repr(row["artists"]), "time_signature": 4}


def dataset_row(number, row):
    return {
        **row,
        "": number,
        "track_id": row["id"],
        "artists": ";".join(row["artists"]),
        "album_name": "Album",
        "track_name": row["name"],
        "track_genre": row["genres"][0],
        "explicit": bool(row["explicit"]),
        "time_signature": 4,
    }


def spotify_features_row(number, row):
    return {
        **row,
        "genre": row["genres"][0],
        "artist_name": row["artists"][0],
        "track_name": row["name"],
        "track_id": row["id"],
        "key": KEY_NAMES[row["key"]],
        "mode": "Major" if row["mode"] else "Minor",
        "time_signature": "4/4",
    }
