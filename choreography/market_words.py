"""What the market's codes and numbers say in the reader's language: plain words for somebody who runs a label."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import cast

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, gettext_lazy, ngettext

from choreography.market.payloads import Reading
from choreography.market_sentences import LEVELS, SENTENCES

NO_LABELS: Mapping[int, str] = MappingProxyType({})

type Value = float | int | str | list[str] | None

FEATURE_NAMES: dict[str, str | Promise] = {
    "popularity": gettext_lazy("popularity"),
    "danceability": gettext_lazy("danceability"),
    "energy": gettext_lazy("energy"),
    "valence": gettext_lazy("bright mood"),
    "acousticness": gettext_lazy("acoustic sound"),
    "instrumentalness": gettext_lazy("instrumental music"),
    "liveness": gettext_lazy("live sound"),
    "speechiness": gettext_lazy("spoken words"),
    "loudness": gettext_lazy("loudness"),
    "tempo": gettext_lazy("tempo"),
    "duration_ms": gettext_lazy("length"),
    "const": gettext_lazy("constant"),
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

NAMES_OF_ARTISTS = frozenset({"above", "below"})
PAIRS = frozenset({"alike", "opposed"})
MINUS = "\N{MINUS SIGN}"


def feature_name(name: str) -> str:
    """As it stands inside a sentence: English ones begin small."""
    return str(FEATURE_NAMES[name])


def unit(name: str) -> str:
    return str(UNITS.get(name) or gettext("0 to 1"))


def step_words(name: str) -> str:
    """The change that coefficients are told for (features.STEPS)."""
    return str(STEPS_IN_WORDS.get(name) or gettext("0.1 more"))


def sentence(reading: Reading, label_names: Mapping[int, str] = NO_LABELS) -> str:
    """`label_names`: what the labels of roster readings are called in the reader's language."""
    numbers = reading["numbers"]
    blanks = {key: _word(key, value, label_names) for key, value in numbers.items()}
    if "n" in numbers and "of" in numbers:
        blanks["rows"] = _rows(cast(int, numbers["n"]), str(numbers["of"]))
    if "feature" in numbers:
        blanks["step"] = step_words(str(numbers["feature"]))
    if any(level in numbers for level in LEVELS):
        blanks["levels"] = _levels(numbers)
    words = SENTENCES[reading["code"]]
    return with_particles(gettext(words).format_map(blanks))


def _word(key: str, value: Value, label_names: Mapping[int, str]) -> str:
    if value is None:
        return gettext("not known")
    if key == "label":
        return label_names.get(cast(int, value)) or gettext("This label")
    if key == "named_labels":
        return _list([label_names.get(int(label)) or gettext("This label") for label in cast(list[str], value)])
    if isinstance(value, list):
        return _listed(key, value)
    if isinstance(value, str):
        return feature_name(value) if key == "feature" else value
    return FORMATS[key](value) if key in FORMATS else f"{value:,}"


def _listed(key: str, values: list[str]) -> str:
    if key in PAIRS:
        return _pairs(values)
    return _list(values if key in NAMES_OF_ARTISTS else [feature_name(name) for name in values])


def _list(words: list[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return gettext("{first} and {last}").format(first=", ".join(words[:-1]), last=words[-1])


def _pairs(pairs: list[str]) -> str:
    return ", ".join(
        gettext("{one} with {other}").format(one=feature_name(one), other=feature_name(other))
        for one, other in (pair.split() for pair in pairs)
    )


def _levels(numbers: Mapping[str, Value]) -> str:
    return gettext("; ").join(
        gettext(words).format(features=_list([feature_name(name) for name in cast(list[str], numbers[level])]))
        for level, words in LEVELS.items()
        if numbers[level]
    )


def _rows(n: int, kind: str) -> str:
    counted = ngettext("{n} artist", "{n} artists", n) if kind == "artists" else ngettext("{n} track", "{n} tracks", n)
    return counted.format(n=f"{n:,}")


def _year(value: float) -> str:
    return f"{value:.0f}"


def _percent(share: float) -> str:
    percent = 100 * share
    if 0 < percent < 0.1:
        return gettext("under {number}").format(number="0.1%")
    digits = 0 if percent >= 9.95 or percent == 0 else 1
    return f"{percent:.{digits}f}%"


def _p(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def _points(points: float) -> str:
    """The less it is the more digits, so that little is not told as nothing."""
    digits = next((digits for digits, least in ((1, 1.0), (2, 0.095)) if abs(points) >= least), 3)
    return _signed(digits)(points)


def _change(change: float) -> str:
    return _signed(3 if abs(change) >= 0.001 else 4)(change)


def _signed(digits: int) -> Callable[[float], str]:
    def words(value: float) -> str:
        rounded = round(value, digits)
        return f"{rounded:+,.{digits}f}".replace("-", MINUS) if rounded else "0"

    return words


def _decimals(digits: int) -> Callable[[float], str]:
    return lambda value: f"{round(value, digits) + 0.0:,.{digits}f}".replace("-", MINUS)


FORMATS: dict[str, Callable[[float], str]] = {
    **dict.fromkeys(("first", "last", "since"), _year),
    **dict.fromkeys(("share", "r2", "r2_adjusted", "r2_small", "r2_before"), _percent),
    **dict.fromkeys(("p", "p_holm"), _p),
    **dict.fromkeys(("points", "points_low", "points_high", "points_before"), _points),
    **dict.fromkeys(("change", "change_low", "change_high"), _change),
    **dict.fromkeys(("r", "r_low", "r_high", "r_changes", "sds"), _decimals(2)),
    **dict.fromkeys(("danceability", "danceability_rest", "durbin_watson"), _decimals(2)),
    **dict.fromkeys(("popularity", "popularity_rest", "sd", "sd_whole", "vif"), _decimals(1)),
    "condition": _decimals(0),
}

PARTICLES = re.compile(r"(은\(는\)|이\(가\)|을\(를\)|과\(와\)|으로\(로\)|이에요\(예요\))")
FINAL_SOUND_OF_DIGITS = frozenset("013678")
FINAL_SOUND_OF_LETTERS = frozenset("lmn")
FINAL_L = frozenset("178l")


def with_particles(words: str) -> str:
    """Korean particles written as 은(는), 이(가), 을(를), 과(와), 으로(로), 이에요(예요), each chosen by the sound before it."""
    if get_language() != "ko":
        return words
    return PARTICLES.sub(lambda found: _particle(found[1], words[: found.start()]), words)


def _particle(both: str, before: str) -> str:
    after_consonant, after_vowel = both.rstrip(")").split("(")
    sound = next((letter for letter in reversed(before.lower()) if letter.isalnum() or letter == "%"), "")
    closed, is_l = _final_sound(sound)
    if closed and is_l and both == "으로(로)":
        return after_vowel
    return after_consonant if closed else after_vowel


def _final_sound(letter: str) -> tuple[bool, bool]:
    """Whether the syllable ends in a consonant, and whether in ㄹ; of digits and Latin letters as they are read out."""
    if "가" <= letter <= "힣":
        final = (ord(letter) - ord("가")) % 28
        return final != 0, final == 8
    return letter in FINAL_SOUND_OF_DIGITS | FINAL_SOUND_OF_LETTERS, letter in FINAL_L
