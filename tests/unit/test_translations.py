"""Every sentence that people read exists in Korean, with the same blanks to fill in. Needs no GNU gettext."""

import ast
import json
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from choreography.words import WORDS

REPOSITORY = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("accounts", "choreography", "inference", "kdance_site")
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), (1,)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
}
CALL = re.compile(r"\b(ngettext|gettext|_)\(")
BLANK = re.compile(r"%\(\w+\)[sd]|\{\w+\}|<[^>]+>")
KOREAN_ENOUGH = re.compile(r"[가-힣]")


@pytest.fixture(scope="module")
def korean():
    with (REPOSITORY / "locale/ko/LC_MESSAGES/django.po").open("rb") as handle:
        return read_po(handle, locale="ko", abort_invalid=True)


def sentences_of_python():
    for package in PACKAGES:
        for path in (REPOSITORY / package).rglob("*.py"):
            with path.open("rb") as source:
                for line, message, _, _ in extract("python", source, keywords=KEYWORDS):
                    yield _key(message), f"{path.relative_to(REPOSITORY)}:{line}"


def sentences_of_templates():
    for path in sorted((REPOSITORY / "templates").rglob("*")):
        if path.suffix not in {".html", ".txt"}:
            continue
        calls = templatize(path.read_text(), origin=str(path))
        for call in CALL.finditer(calls):
            yield _first_argument(calls, call.end()), str(path.relative_to(REPOSITORY))


def _first_argument(calls, start):
    """The string literal that opens at `start` of what `templatize` wrote."""
    literal = re.compile(r"\s*(u?'(?:[^'\\]|\\.)*'|u?\"(?:[^\"\\]|\\.)*\")", re.S).match(calls, start)
    return ast.literal_eval(literal[1].replace("\n", "\\n"))


def _key(message):
    return message if isinstance(message, str) else message[0]


def _blanks(sentence):
    return sorted(BLANK.findall(sentence))


def test_the_sources_hold_sentences():
    """Guards the tests below: an extractor that finds nothing would let everything pass."""
    python, templates = dict(sentences_of_python()), dict(sentences_of_templates())
    assert "Newest first".lower() in python
    assert "%(ms)d ms late" in python
    assert "Skip to the content" in templates
    assert "%(counter)s choreography" in templates
    assert len(python) > 150
    assert len(templates) > 150


@pytest.mark.parametrize("sentences", [sentences_of_python, sentences_of_templates])
def test_every_sentence_is_translated(korean, sentences):
    missing = {
        f"{place}: {sentence}" for sentence, place in sentences() if sentence and not _translation(korean, sentence)
    }
    assert not missing, "\n".join(sorted(missing))


def test_nothing_is_guessed(korean):
    assert [message.id for message in korean if message.id and message.fuzzy] == []


def test_translations_fill_in_the_same_blanks(korean):
    wrong = {
        sentence: translation for sentence, translation in _pairs(korean) if _blanks(sentence) != _blanks(translation)
    }
    assert wrong == {}


def test_translations_are_korean(korean):
    wrong = {
        sentence: translation
        for sentence, translation in _pairs(korean)
        if not KOREAN_ENOUGH.search(translation) and not _has_no_words(sentence)
    }
    assert wrong == {}


def test_nobody_is_called_by_the_cold_you(korean):
    assert [translation for _, translation in _pairs(korean) if "당신" in translation] == []


def test_nothing_is_translated_that_nobody_says(korean):
    said = {sentence for source in (sentences_of_python, sentences_of_templates) for sentence, _ in source()}
    assert {sentence for sentence, _ in _pairs(korean)} - said == set()


def test_the_browser_gets_the_words_its_modules_say():
    """Python must hold the sentences for them to be found and translated; static/js/lib/words.js holds the defaults."""
    source = (REPOSITORY / "static/js/lib/words.js").read_text()
    table = source[source.index("Object.freeze({") : source.index("});")]
    said = {key: json.loads(text) for key, text in re.findall(r'^\s+(\w+): ("(?:[^"\\]|\\.)*"),$', table, re.M)}
    assert len(said) > 60
    assert said == WORDS


def _translation(korean, sentence):
    message = korean.get(sentence)
    if message is None:
        return ""
    return message.string if isinstance(message.string, str) else message.string[0]


def _pairs(korean):
    return [(_key(message.id), _translation(korean, _key(message.id))) for message in korean if message.id]


def _has_no_words(sentence):
    """Only blanks, units and the like: "{n} MB" is the same everywhere."""
    return not re.search(r"[A-Za-z]{3}", BLANK.sub("", sentence))
