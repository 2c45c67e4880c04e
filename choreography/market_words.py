"""What the market's codes and numbers say in the reader's language: plain words for somebody who runs a label."""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from choreography.market.payloads import Reading

NO_LABELS: Mapping[int, str] = MappingProxyType({})

FEATURE_NAMES: dict[str, str | Promise] = {
    "popularity": pgettext_lazy("audio feature", "popularity"),
    "danceability": pgettext_lazy("audio feature", "danceability"),
    "energy": pgettext_lazy("audio feature", "energy"),
    "valence": pgettext_lazy("audio feature", "bright mood"),
    "acousticness": pgettext_lazy("audio feature", "acoustic sound"),
    "instrumentalness": pgettext_lazy("audio feature", "lack of vocals"),
    "liveness": pgettext_lazy("audio feature", "live sound"),
    "speechiness": pgettext_lazy("audio feature", "spoken words"),
    "loudness": pgettext_lazy("audio feature", "loudness"),
    "tempo": pgettext_lazy("audio feature", "tempo"),
    "duration_ms": pgettext_lazy("audio feature", "length"),
    "const": pgettext_lazy("audio feature", "constant"),
}

UNITS: dict[str, str | Promise] = {
    "popularity": gettext_lazy("points, 0 to 100"),
    "loudness": "dB",
    "tempo": gettext_lazy("beats per minute"),
    "duration_ms": gettext_lazy("milliseconds"),
}

STEPS_IN_WORDS: dict[str, str | Promise] = {
    "loudness": gettext_lazy("1 dB more"),
    "tempo": gettext_lazy("10 beats per minute more"),
    "duration_ms": gettext_lazy("30 seconds more"),
}


def feature_name(name: str) -> str:
    """As it stands inside a sentence: English ones begin small."""
    return str(FEATURE_NAMES[name])


def unit(name: str) -> str:
    return str(UNITS.get(name) or _("0 to 1"))


def step_words(name: str) -> str:
    """The change that coefficients are told for (features.STEPS)."""
    return str(STEPS_IN_WORDS.get(name) or _("0.1 more"))


def sentence(reading: Reading, label_names: Mapping[int, str] = NO_LABELS) -> str:
    """`label_names`: what the labels of roster readings are called in the reader's language."""
    return reading["code"]
