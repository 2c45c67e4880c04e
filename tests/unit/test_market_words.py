"""Every reading has words in both languages, every sentence can come about, and numbers read as people write them."""

import re

import pytest
from django.utils.translation import override

from choreography.market.features import FEATURES, REGRESSORS, STEPS
from choreography.market.readings import read_selection, read_trend
from choreography.market_sentences import SENTENCES
from choreography.market_words import FEATURE_NAMES, feature_name, sentence, step_words, unit, with_particles
from tests.market_payloads import (
    correlations,
    models,
    regression,
    residuals,
    roster,
    selection,
    small_regression,
    trend,
)

CLEAR = {"p": 1e-6, "p_holm": 1e-5}
HINT = {"p": 0.04, "p_holm": 0.3}
TRACE = {"standardised": 0.02, **CLEAR}
LABELS = {"en": {1: "SM Entertainment", 2: "f(x) Records"}, "ko": {1: "SM엔터테인먼트", 2: "하이브"}}
UNFILLED = re.compile(r"[{}]|None(?! of)|nan\b|  |은\(는\)|이\(가\)|을\(를\)|과\(와\)|으로\(로\)|이에요\(예요\)")


def one(nine, small=None, **more):
    """A selection with this nine-feature model."""
    return selection(models(n=nine["n"], nine=nine, small=small or small_regression(), left=residuals()), **more)


def correlated(pairs):
    pairs = {("popularity", name): r for name, r in pairs.items()}
    found = correlations(r={**pairs, ("energy", "loudness"): 0.8}, significant=[*pairs, ("energy", "loudness")])
    return selection(models(correlated=found))


def by_danceability(**changed):
    return one(regression(danceability=changed))


def with_rosters(*rosters):
    return one(regression(), rosters=rosters)


def without_zeros(before, after):
    left = models(n=180, nine=regression(n=180, **after), small=small_regression())
    return one(regression(**before), without=left, zeros=20)


def smaller(here, there):
    return one(regression(danceability=here), small_regression(danceability=there))


CLOSE_PAIRS = [{("energy", "acousticness"): -0.8}, {("energy", "acousticness"): -0.8, ("energy", "loudness"): 0.8}]
SELECTIONS = [
    selection(models(n=0)),
    selection(models(n=1)),
    selection(models(n=10, small=small_regression(n=10))),
    one(regression(), small=None),
    selection(models(nine=regression())),
    *(correlated(pairs) for pairs in ({}, {"tempo": 0.3}, {"tempo": -0.3}, {"tempo": 0.3, "danceability": -0.4})),
    *(selection(models(correlated=correlations(r=r, significant=list(r)))) for r in CLOSE_PAIRS),
    *(correlated(pairs) for pairs in ({"tempo": 0.03}, {"tempo": -0.03}, {"tempo": 0.03, "danceability": -0.04})),
    selection(models(correlated=correlations(r={("popularity", "danceability"): 0.2}))),
    *(by_danceability(points=points, **judged) for points in (2, -2) for judged in (CLEAR, TRACE, HINT)),
    *(smaller(here, {"points": points, **there}) for here in (CLEAR, {}) for there in (CLEAR, HINT, {}) for points in (2, -2)),
    one(regression(r2=0.05, left_out=["danceability"], warnings=["few_rows", "not_normal"], n=80)),
    one(regression(r2=0.05, f_p=0.3, tempo={"vif": None}, warnings=["singular", "not_normal"])),
    one(regression(r2=0.05, f_p=0.3, tempo=CLEAR)),
    *(by_danceability(points=points, p_robust=None, **CLEAR) for points in (2, -2)),
    one(regression(warnings=["unequal_spread"], **{name: {"p_robust": None} for name in REGRESSORS})),
    one(regression(tempo=TRACE, valence=CLEAR, condition=60, warnings=["unequal_spread"])),
    one(regression(tempo=CLEAR, valence={"p": 0.04, "p_holm": 0.2, "vif": 12, "standardised": 0.9}, energy={"p": 0.07})),
    one(regression(tempo={"p": 0.2, "p_robust": 0.01}, warnings=["unequal_spread"])),
    one(regression(tempo={"p": 0.01, "p_robust": 0.2}, warnings=["unequal_spread"])),
    one(
        regression(
            tempo={"p": 0.01, "p_robust": 0.2}, valence={"p": 0.2, "p_robust": 0.01}, warnings=["unequal_spread"]
        )
    ),
    one(regression(), small=small_regression(r2=0.35)),
    *(
        selection(models(nine=regression(), small=small_regression(), left=residuals(far)))
        for far in ([4.0], [-4.0], [4.0, -4.0, 3.5])
    ),
    *(without_zeros({"danceability": before}, {"danceability": after}) for before in (CLEAR, {}) for after in (CLEAR, HINT, {})),
    without_zeros({"tempo": {"p": 0.01, "points": 1}}, {"valence": {"p": 0.01}, "tempo": {"points": -1}}),
    one(regression(), without=models(n=2), zeros=198),
    with_rosters(roster(1, found=0), roster(2, found=0, missing=[("F(X)", "f(x)")])),
    with_rosters(roster(1, found=2), roster(2, others=1)),
    with_rosters(roster(1, danceability=(0.1, 0.05, 0.15, 1e-6, 1.4), popularity=(1, -9, 11, 0.8, 0.1))),
    with_rosters(roster(1, danceability=(0.1, -0.1, 0.3, 0.5, 0.4), popularity=(9, 5, 13, 1e-6, 1.4))),
    with_rosters(roster(1, danceability=(0.1, 0.01, 0.19, 0.04, 0.9), popularity=(9, 1, 17, 0.04, 0.8))),
    with_rosters(roster(1, danceability=(0.01, -0.1, 0.12, 0.8, 0.1), popularity=(1, -9, 11, 0.8, 0.1))),
    with_rosters(
        roster(1, danceability=(0.01, -0.02, 0.04, 0.8, 0.1), popularity=(1, -2, 4, 0.8, 0.1)),
        roster(2, danceability=(0.01, -0.02, 0.04, 0.8, 0.1)),
    ),
    with_rosters(*(roster(label, danceability=(0.05, -0.1, 0.2, 0.8, 0.1), popularity=(1, -9, 9, 0.8, 0)) for label in (1, 2))),
]  # fmt: skip

WAYS = ({"per_decade": 0.02, "p": 1e-4}, {"per_decade": -0.02, "p": 1e-4}, {})
CURVED = {"danceability": {"r2": 0.1, "durbin_watson": 0.2}}
TRENDS = [
    trend(years=[2001]),
    trend(years=range(2001, 2013), lines={}),
    *(trend(lines={"danceability": way, "popularity": way}, rows=[50] * 100) for way in WAYS),
    *(trend(lines=CURVED, danceability=[0.5] * 80 + [recent] * 20) for recent in (0.5, 0.6, 0.4)),
    *(trend(lines={}, together=together) for together in ((0.9, 0.5, 0.01), (-0.9, -0.5, 0.01), (0.1, 0.1, 0.5))),
]


def all_readings():
    for found in SELECTIONS:
        for kind in ("artists", "tracks"):
            read = read_selection(found, kind)
            yield from [*read.headline, *read.headline_without_zeros]
            for sections in (read.whole, read.without_zeros):
                for readings in sections.values():
                    yield from readings
    for found in TRENDS:
        read = read_trend(found)
        yield from [*read.headline, *read.sentences]


READINGS = list(all_readings())


def test_every_sentence_can_come_about_and_every_reading_has_one():
    assert {reading["code"] for reading in READINGS} == SENTENCES.keys()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_reading_is_a_finished_sentence(language):
    with override(language):
        said = {sentence(reading, LABELS[language]) for reading in READINGS}
    assert len(said) > len(SENTENCES)
    assert [words for words in said if UNFILLED.search(words)] == []
    assert [words for words in said if not words.endswith((".", "요:"))] == []


def test_korean_readings_are_korean_and_polite():
    with override("ko"):
        said = {sentence(reading, LABELS["ko"]) for reading in READINGS}
    assert [words for words in said if not re.search(r"요[.(]|요: .*\.$", words)] == []
    assert [words for words in said if re.search(r"\b(the|danceability|popularity|artists?|tracks?)\b", words)] == [
        words for words in said if re.search(r"\bartist \d", words)
    ]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_feature_has_a_name_a_unit_and_a_step(language):
    with override(language):
        named = {feature_name(name) for name in FEATURE_NAMES}
        assert len(named) == len(FEATURE_NAMES) == len(FEATURES) + 2
        assert all(unit(name) and step_words(name) for name in STEPS)


def test_steps_are_told_as_they_are_counted():
    assert {name: step_words(name) for name in ("energy", "loudness", "tempo", "duration_ms")} == {
        "energy": "0.1 more",
        "loudness": "1 dB more",
        "tempo": "10 beats per minute more",
        "duration_ms": "30 seconds more",
    }
    assert [STEPS[name] for name in ("energy", "loudness", "tempo", "duration_ms")] == [0.1, 1, 10, 30_000]


@pytest.mark.parametrize("way", ["rises", "falls", "level"])
def test_the_years_of_a_file_are_described_and_nothing_is_said_of_music_at_large(way):
    change = {"change": 0.02, "change_low": 0.01, "change_high": 0.03, "p": 0.001}
    assert say(f"trend_headline_{way}", first=1921, last=2020).startswith("In this file, ")
    assert say(f"trend_danceability_{way}", **change).startswith("In this file, ")


def say(code, **numbers):
    return sentence({"code": code, "numbers": numbers})


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.499, "50%"), (0.04, "4.0%"), (0.0004, "under 0.1%"), (0.0, "0%"), (0.0996, "10%"), (1.0, "100%")],
)
def test_shares_keep_a_digit_where_they_are_small(share, words):
    assert f"for {words} of" in say("headline_explained", k=9, r2_adjusted=share)


@pytest.mark.parametrize(
    ("points", "words"),
    [
        (23.6888, "+23.7"),
        (-7.876, "−7.9"),
        (0.39, "+0.39"),
        (0.0307, "+0.031"),
        (-0.00077, "−0.001"),
        (0.0001, "0"),
        (0.0, "0"),
    ],
)
def test_points_keep_their_sign_and_two_figures(points, words):
    told = say("zeros_danceability_clear", feature="danceability", points=points, points_before=1.0)
    assert told == f"Danceability without them: {words} points for 0.1 more instead of +1.0, which is clear."


@pytest.mark.parametrize(
    ("p", "words"), [(0.0499, "p = 0.050"), (8e-08, "p < 0.001"), (0.001, "p = 0.001"), (1.0, "p = 1.000")]
)
def test_p_is_told_to_three_digits(p, words):
    assert f"({words})" in say("headline_open", n=80, of="artists", p=p)


@pytest.mark.parametrize(
    ("n", "of", "english", "korean"),
    [
        (1, "artists", "1 artist:", "아티스트 1팀:"),
        (28680, "artists", "28,680 artists:", "아티스트 28,680팀:"),
        (2000, "tracks", "2,000 tracks:", "곡 2,000개:"),
    ],
)
def test_rows_are_counted_as_what_they_are(n, of, english, korean):
    assert say("headline_too_few", n=n, of=of).startswith(english)
    with override("ko"):
        assert say("headline_too_few", n=n, of=of).startswith(korean)


def test_years_are_no_amounts():
    assert say("trend_span_of_tracks", years=100, first=1921, last=2020, tracks=170653) == (
        "100 years, from 1921 to 2020, averaged over 170,653 tracks."
    )


def test_levels_are_told_from_the_strictest_down():
    told = say("significance", p001=["valence", "tempo"], p01=[], p05=["loudness"], p10=["danceability"])
    assert told.endswith(
        "bright mood and tempo at the 0.1% level; loudness at the 5% level; danceability at the 10% level, which is weak."
    )


def test_names_of_artists_stay_as_they_are():
    told = say("farthest_above", above=["f(x)", "energy", "{label}"], below=[], sds_away=3.0)
    assert told == "Far more popular than the features would have it: f(x), energy and {label}."


def test_a_label_that_is_gone_is_told_without_its_name():
    assert say("roster_empty", label=5) == "This label: no artists are listed yet."
    assert sentence({"code": "roster_empty", "numbers": {"label": 5}}, {5: "SM"}) == "SM: no artists are listed yet."


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("템포은(는)", "템포는"),
        ("음량은(는)", "음량은"),
        ("아티스트 80팀을(를)", "아티스트 80팀을"),
        ("p = 0.3이에요(예요)", "p = 0.3이에요"),
        ("0.42이에요(예요)", "0.42예요"),
        ("0.1% 미만을(를)", "0.1% 미만을"),
        ("42%을(를)", "42%를"),
        ("0.67으로(로)", "0.67로"),
        ("서울으로(로)", "서울로"),
        ("0.63으로(로)", "0.63으로"),
        ("에너지과(와) 음량", "에너지와 음량"),
        ("밝은 분위기, 음량과(와) 템포이(가)", "밝은 분위기, 음량과 템포가"),
        ("‘f(x)’은(는)", "‘f(x)’는"),
        ("EXO이(가)", "EXO가"),
        ("", ""),
        ("은(는)", "는"),
    ],
)
def test_korean_particles_follow_the_sound_before_them(written, read):
    with override("ko"):
        assert with_particles(written) == read


def test_english_knows_no_particles():
    assert with_particles("은(는)") == "은(는)"
