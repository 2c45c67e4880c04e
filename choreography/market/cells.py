"""What stands in one cell of a file, as a number or as names. A ValueError's text says why a cell cannot be read."""

import re
import unicodedata
from math import isfinite

type Bounds = tuple[float, float]

LONGEST_TAG = 200  # an index holds them, and cannot hold any length
YEAR_BOUNDS: Bounds = (1860, 2100)  # the oldest sound that was recorded; beyond the newest, a slip of the pen
_KEY_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_NO_KEY = -1  # "none was found", by the publisher's convention
_MODES = {"minor": 0, "major": 1}
_DATE = re.compile(r"(\d{4})(?:-\d{2}(?:-\d{2})?)?", re.ASCII)
_UNKNOWN_YEAR = "0000"

# A string as Python prints it: no quote of its own kind but an escaped one.
_STRING = re.compile(r"""'((?:[^'\\]|\\.)*+)'|"((?:[^"\\]|\\.)*+)\"""", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_PLAIN_ESCAPES = {"\\": "\\", "'": "'", '"': '"', "n": "\n", "t": "\t", "r": "\r"}


def number(text: str, bounds: Bounds) -> float:
    # float() would also read "1_000" and the digits of other scripts: no file has them but by accident.
    if "_" in text or not text.isascii():
        raise ValueError("is no number")
    try:
        value = float(text)
    except ValueError:
        raise ValueError("is no number" if text.strip() else "is empty") from None
    if not isfinite(value):
        raise ValueError("is no finite number")
    low, high = bounds
    if not low <= value <= high:
        raise ValueError(f"is not from {low:g} to {high:g}")
    return value


def whole(text: str, bounds: Bounds) -> int:
    value = number(text, bounds)
    if not value.is_integer():
        raise ValueError("is no whole number")
    return int(value)


def key(text: str) -> int | None:
    """0 is C and 11 is B; "C#" and the like are read too."""
    if text in _KEY_NAMES:
        return _KEY_NAMES.index(text)
    value = whole(text, (_NO_KEY, len(_KEY_NAMES) - 1))
    return None if value == _NO_KEY else value


def mode(text: str) -> int:
    """1 is major, 0 is minor, by number or word."""
    named = _MODES.get(text.lower())
    return whole(text, (0, 1)) if named is None else named


def year_of_date(text: str) -> int | None:
    """Of "2012-07-21", "2012-07" or "2012"."""
    date = _DATE.fullmatch(text)
    if date is None:
        raise ValueError("is no date")
    return None if date[1] == _UNKNOWN_YEAR else whole(date[1], YEAR_BOUNDS)


def name(text: str) -> str:
    """As it is written, for names are compared exactly: only the one spelling of Unicode, and no outer spaces."""
    return unicodedata.normalize("NFC", text).strip()


def tag(text: str) -> str:
    """A genre as it is kept and as it is asked for: a name that a person can see and type, spaces of all kinds alike."""
    spaced = (" " if letter.isspace() else letter for letter in text)
    return name("".join(letter for letter in spaced if letter.isprintable()))


def listed_names(text: str) -> list[str]:
    """Of a list of strings as Python prints it: "['k-pop', \"children's music\"]".

    It is read from left to right in one pass and never evaluated, so that no nesting can hurt.
    """
    text = text.strip()
    if not (text.startswith("[") and text.endswith("]") and len(text) > 1):
        raise ValueError("is no list in brackets")
    strings, position, end = list[str](), _skip_spaces(text, 1), len(text) - 1
    while position < end:
        string = _STRING.match(text, position, end)
        if string is None:
            raise ValueError("is no list of strings in quotes")
        strings.append(_unescaped(string[1] if string[1] is not None else string[2]))
        position = _skip_spaces(text, string.end())
        if position < end and text[position] != ",":
            raise ValueError("is no list of strings in quotes")
        position = _skip_spaces(text, position + 1) if position < end else position
    return _named(strings)


def separated_names(text: str) -> list[str]:
    """Of "BTS;Halsey"."""
    return _named(text.split(";"))


def one_name(text: str) -> list[str]:
    return _named([text])


def _named(texts: list[str]) -> list[str]:
    """Each once, in their order."""
    return list(dict.fromkeys(found for text in texts if (found := name(text))))


def _skip_spaces(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(escape: re.Match[str]) -> str:
    if escape[4] is not None:
        if escape[4] not in _PLAIN_ESCAPES:
            raise ValueError("has an escape that is not known")
        return _PLAIN_ESCAPES[escape[4]]
    code = int(escape[1] or escape[2] or escape[3], 16)
    # None of them can be stored as text: beyond Unicode, half a pair, NUL.
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF or code == 0:
        raise ValueError("has an escape for no character")
    return chr(code)
