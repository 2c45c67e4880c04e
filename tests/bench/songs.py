"""Is the guide's song found in takes from rooms and phones, and how precisely? `python -m tests.bench.songs`

Songs made in code and, where the folder of real data lies beside the checkout, recorded ones; every condition is seeded,
the numbers repeat. A miss is a start more than 60 ms off, or a song that was not recognised. For a song of identical loops
it is counted whether the right start is among the candidates. The last line is one JSON object.
"""

import json
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.media.song import SongMatch, find_song
from tests import songs
from tests.songs import RATE, Sound

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "audio"
MISS_MS = 60.0
SONG_S = 100.0


@dataclass(frozen=True)
class Take:
    """The attempt's sound and the places (t_guide, t_attempt) in seconds that are the same instant of the song.

    More than one list of places: each is right by itself.
    """

    sound: Sound
    places: tuple[tuple[tuple[float, float], ...], ...]


@dataclass(frozen=True)
class Trial:
    song: str
    condition: str
    off_ms: float | None
    is_miss: bool
    confidence: float
    candidates: int


def cut(song: Sound, begin_s: float, length_s: float, before_s: float = 0.0) -> Take:
    part = song[round(begin_s * RATE) : round((begin_s + length_s) * RATE)]
    end_s = begin_s + len(part) / RATE
    sound = np.concatenate([np.zeros(round(before_s * RATE), np.float32), part])
    return Take(sound, (tuple((t_s, t_s - begin_s + before_s) for t_s in (begin_s, (begin_s + end_s) / 2, end_s)),))


def heard(take: Take, *steps: Callable[[Sound], Sound]) -> Take:
    sound = take.sound
    for step in steps:
        sound = step(sound)
    return Take(sound, take.places)


def drifted(take: Take, ppm: float) -> Take:
    longer = 1 + ppm * 1e-6
    places = tuple(tuple((guide_s, t_s * longer) for guide_s, t_s in each) for each in take.places)
    return Take(songs.drifting(take.sound, ppm), places)


def looped(song: Sound, begin_s: float, length_s: float) -> Take:
    """A part of the song twice in a row: either is right."""
    once = cut(song, begin_s, length_s)
    places = once.places[0]
    again = tuple((guide_s, t_s + length_s) for guide_s, t_s in places)
    return Take(np.concatenate([once.sound, once.sound]), (places, again))


def room(fades_s: float, seed: int, direct: float = 1.0) -> Callable[[Sound], Sound]:
    return lambda sound: songs.in_room(sound, seed, fades_s, direct)


def noise(snr_db: float, seed: int) -> Callable[[Sound], Sound]:
    return lambda sound: songs.with_added(sound, songs.hiss(seed, len(sound)), snr_db)


def talk(snr_db: float, seed: int) -> Callable[[Sound], Sound]:
    return lambda sound: songs.with_added(sound, songs.talk(seed, len(sound) / RATE), snr_db)


def phone(low_hz: float, high_hz: float) -> Callable[[Sound], Sound]:
    return lambda sound: songs.only_between(sound, low_hz, high_hz)


CONDITIONS: dict[str, Callable[[Sound, int, float], Take]] = {
    "copy of the file, 40 s": lambda song, n, at_s: cut(song, at_s, 40),
    "room .3 s, 10 dB": lambda song, n, at_s: heard(cut(song, at_s, 40), room(0.3, n), noise(10, n)),
    "room .6 s, 5 dB": lambda song, n, at_s: heard(cut(song, at_s, 40), room(0.6, n, 0.7), noise(5, n)),
    "room 1.2 s, 0 dB": lambda song, n, at_s: heard(cut(song, at_s, 40), room(1.2, n, 0.7), noise(0, n)),
    "300-3400 Hz, room, 5 dB": lambda song, n, at_s: heard(
        cut(song, at_s, 40), room(0.5, n), noise(5, n), phone(300, 3400)
    ),
    "to 3 kHz, talk 0 dB, noise 5 dB": lambda song, n, at_s: heard(
        cut(song, at_s, 40), room(0.6, n), talk(0, n), noise(5, n), phone(100, 3000)
    ),
    "100 ppm, clipped, whole song": lambda song, n, at_s: heard(
        drifted(cut(song, 0, 1e3, 4.0), 100), room(0.6, n), noise(5, n), songs.clipped
    ),
    "low-rate codec, room": lambda song, n, at_s: heard(cut(song, at_s, 40), room(0.4, n), noise(10, n), songs.coarse),
    "starts 8 s late in the take, stops early": lambda song, n, at_s: heard(
        cut(song, 0, 30, 8.0), room(0.6, n), noise(5, n)
    ),
    "12 s, room, 5 dB": lambda song, n, at_s: heard(cut(song, at_s, 12), room(0.6, n), noise(5, n)),
    "6 s, room, 10 dB": lambda song, n, at_s: heard(cut(song, at_s, 6), room(0.4, n), noise(10, n)),
    "12 s danced twice": lambda song, n, at_s: heard(looped(song, at_s, 12), room(0.6, n), noise(5, n)),
}


def material() -> dict[str, Sound]:
    made = {
        "pop 118": songs.pop_song(1, SONG_S, 118.0),
        "pop 96": songs.pop_song(2, SONG_S, 96.0),
        "orchestra": songs.orchestra(4, SONG_S),
        "loop of 8 s": songs.loop_song(6, SONG_S, 120.0, 4),
        "loop of 4 s": songs.loop_song(7, SONG_S, 121.3, 2),
    }
    real = ("vibe_ace.ogg", "lets_go_fishin.ogg", "hungarian_dance_5.ogg")
    return made | {name: songs.recorded(REAL / name) for name in real if (REAL / name).exists()}


def judged(song: str, condition: str, take: Take, match: SongMatch) -> Trial:
    is_loop = song.startswith("loop")
    tried = match.candidates if is_loop else match.candidates[:1]
    off = [
        1000 * max(abs(guide_s + found.offset_s - t_s) for guide_s, t_s in places)
        for found in tried
        for places in take.places
    ]
    off_ms = min(off, default=None)
    best = max((found.confidence for found in match.candidates), default=0.0)
    return Trial(song, condition, off_ms, off_ms is None or off_ms > MISS_MS, best, len(match.candidates))


def right_trials(guides: dict[str, Sound]) -> list[Trial]:
    trials = []
    for number, (name, song) in enumerate(guides.items()):
        chance = np.random.default_rng(number)
        for condition, make in CONDITIONS.items():
            for repeat in range(2):
                at_s = float(chance.uniform(0, max(0.0, len(song) / RATE - 42)))
                take = make(song, 100 * number + repeat, at_s)
                trials.append(judged(name, condition, take, find_song(song, take.sound, RATE)))
    return trials


def wrong_confidences(guides: dict[str, Sound]) -> dict[str, list[float]]:
    """How sure of the guide's song in takes with other songs (some of the same tempo and drums), talk and noise."""
    # The same tempo and the same samples of drums, other chords, another tune: the hardest to tell apart.
    sisters = {"same tempo": songs.pop_song(12, 60, 118.0), "same drums": songs.pop_song(11, 60, 118.0, kit=1)}
    confidences: dict[str, list[float]] = {"other": [], "talk": [], "noise": [], **{name: [] for name in sisters}}
    for number, (name, guide) in enumerate(guides.items()):
        others = [("other", song) for title, song in guides.items() if title != name]
        others += [("talk", songs.talk(number, 40.0)), ("noise", songs.hiss(number, 40 * RATE))]
        others += list(sisters.items()) if name == "pop 118" else []
        for seed, (kind, other) in enumerate(others):
            take = heard(cut(other, 3 + seed, (40, 15, 6)[seed % 3]), room(0.5, seed), noise((10, 5)[seed % 2], seed))
            confidences[kind].append(find_song(guide, take.sound, RATE).confidence)
    return confidences


def seconds_and_megabytes() -> tuple[float, float]:
    """Of one core, for a guide of four minutes against a take of four minutes; the most memory beyond the two clips."""
    guide = songs.pop_song(21, 240.0)
    take = heard(cut(guide, 0, 240, 2.0), room(0.4, 1), noise(5, 1))
    began_s = time.process_time()
    find_song(guide, take.sound, RATE)
    took_s = time.process_time() - began_s
    tracemalloc.start()
    find_song(guide, take.sound, RATE)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return took_s, peak / 1e6


def row(title: str, trials: list[Trial]) -> dict[str, float | int | None]:
    off = [trial.off_ms for trial in trials if trial.off_ms is not None and not trial.is_miss]
    figures = {
        "trials": len(trials),
        "misses": sum(trial.is_miss for trial in trials),
        "median_ms": round(float(np.median(off)), 2) if off else None,
        "p95_ms": round(float(np.percentile(off, 95)), 2) if off else None,
        "least_confidence": round(min(trial.confidence for trial in trials), 2),
        "candidates": max(trial.candidates for trial in trials),
    }
    print(f"{title:42}" + "".join(f"{'-' if value is None else value:>11}" for value in figures.values()))
    return figures


def main() -> None:
    speed = seconds_and_megabytes()
    guides = material()
    trials = right_trials(guides)
    plain = [trial for trial in trials if not trial.song.startswith("loop")]
    print(f"{'':42}{'trials':>11}{'misses':>11}{'median ms':>11}{'p95 ms':>11}{'least conf':>11}{'candidates':>11}")
    report: dict[str, object] = {
        "conditions": {name: row(name, [each for each in plain if each.condition == name]) for name in CONDITIONS},
        "songs": {name: row(name, [each for each in trials if each.song == name]) for name in guides},
        "all_but_loops": row("all but loops", plain),
    }
    for trial in plain:
        if trial.is_miss:
            print("missed:", trial)
    report["wrong_songs"] = {
        kind: {
            "trials": len(found),
            "called_same": sum(confidence >= 0.5 for confidence in found),
            "above_0.3": sum(confidence >= 0.3 for confidence in found),
            "most_confidence": round(max(found), 3),
        }
        for kind, found in wrong_confidences(guides).items()
    }
    report["four_minutes"] = {"cpu_seconds": round(speed[0], 2), "more_mb": round(speed[1])}
    print("wrong songs:", report["wrong_songs"], "four minutes:", report["four_minutes"])
    sys.stdout.flush()
    print(json.dumps(report))


if __name__ == "__main__":
    main()
