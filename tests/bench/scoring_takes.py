"""The takes that the comparison is measured on: clean ones under every fair condition, and ones with one known fault."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Any

import numpy as np

from choreography.comparison.compare import compare
from choreography.comparison.config import DEFAULT_CONFIG, ScoringConfig
from choreography.comparison.result import ComparisonResult
from inference.pose.track import PoseTrack
from tests.bench.figures import a_build, some_camera
from tests.bench.learners import learner
from tests.bench.motion_edits import LIMB_SEGMENTS, WrongLimb, apart_deg
from tests.bench.scoring_dances import LENGTH_S, Dance

LIMBS = tuple(LIMB_SEGMENTS)
PLAINLY_WRONG_DEG = 40.0
"""An injected error strays so far on average that everybody sees it; the other dance may happen to do the same."""
_GUIDE_SEED = 900


@dataclass(frozen=True)
class Fair:
    """A fair condition: nothing in it is the dancer's fault. `offset_s` is how long the clip runs before the dance."""

    name: str
    yaw_deg: float = 0.0
    fps: float = 30.0
    mirrored: bool = False
    offset_s: float = 0.0


FAIR = (
    Fair("another body and camera"),
    Fair("and another"),
    Fair("20 degrees to the left", yaw_deg=20.0),
    Fair("20 degrees to the right", yaw_deg=-20.0),
    Fair("35 degrees to the left", yaw_deg=35.0),
    Fair("35 degrees to the right", yaw_deg=-35.0),
    Fair("mirrored", mirrored=True),
    Fair("mirrored, 25 degrees", yaw_deg=25.0, mirrored=True),
    Fair("starts 2.3 s before", offset_s=2.3),
    Fair("starts 3.1 s after", offset_s=-3.1),
    Fair("24 fps", fps=24.0),
    Fair("60 fps", fps=60.0),
)


@dataclass(frozen=True, eq=False)
class Take:
    """A learner's clip of a dance and how it was made."""

    dance: Dance
    fair: Fair
    track: PoseTrack


@dataclass(frozen=True)
class Injected:
    """A limb that danced something else on these counts of one eight."""

    limb: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Bench:
    """Which dances, against what version; `guides` are those whose takes are compared, `dances` whose takes exist."""

    guides: tuple[Dance, ...]
    dances: tuple[Dance, ...]
    config: ScoringConfig = DEFAULT_CONFIG
    never_refused: ScoringConfig = field(default_factory=lambda: _without_refusal(DEFAULT_CONFIG))

    def result(self, dance: Dance, attempt: PoseTrack, *, known_start: bool = False) -> ComparisonResult:
        """`known_start`: the dance's time 0 is the clip's."""
        hint_s = 0.0 if known_start else None
        return compare(guide_of(dance), attempt, self.config, offset_hint_s=hint_s, dance=dance.map)

    def number(self, dance: Dance, attempt: PoseTrack) -> float:
        """A score even where the verdict is another dance; 0 where there is none at all."""
        score = compare(guide_of(dance), attempt, self.never_refused, dance=dance.map).score
        return 0.0 if score is None else score


@cache
def guide_of(dance: Dance) -> PoseTrack:
    """The teacher: an average body before a camera in front."""
    return learner(dance.motion, seed=_GUIDE_SEED)


@cache
def fair_takes(dance: Dance) -> tuple[Take, ...]:
    """One take for each fair condition, each by another body before another camera."""
    return tuple(Take(dance, fair, _fair_track(dance, fair, number)) for number, fair in enumerate(FAIR))


def with_fault(dance: Dance, seed: int, **fault: Any) -> PoseTrack:
    """A take from its first to its last second, by body and camera number `seed`, with faults as `learner` has them."""
    return learner(
        dance.motion, body=a_build(seed), camera=some_camera(seed, yaw_deg=_YAWS_DEG[seed % 3]), seed=seed, **fault
    )


def injections(dance: Dance, other: Dance, seed: int, beats_s: tuple[float, ...]) -> Iterator[Injected]:
    """For every limb an error of at least each of these lengths, on whole counts within one eight."""
    rng = np.random.default_rng(seed)
    for limb in LIMBS:
        wrong_deg = apart_deg(dance.motion, other.motion, limb)
        for least_s in beats_s:
            yield _plain_injection(dance, limb, wrong_deg, least_s, rng)


def wrong(injected: Injected, other: Dance) -> WrongLimb:
    return WrongLimb(injected.limb, injected.start_s, injected.end_s, other.motion)


def wrong_for(dance: Dance, other: Dance, limb: str, seconds: float) -> WrongLimb:
    """The stretch of this length in which the other dance's limb differs most; a longer one contains the shorter ones."""
    rate_hz = (len(dance.motion.t_s) - 1) / LENGTH_S
    wrong_deg = apart_deg(dance.motion, other.motion, limb)
    middle_s = 5.0 + float(np.argmax(_means(wrong_deg, round(10 * rate_hz))[: round(40 * rate_hz)])) / rate_hz + 5.0
    return WrongLimb(limb, middle_s - seconds / 2, middle_s + seconds / 2, other.motion)


_YAWS_DEG = (0.0, 15.0, -15.0)


def _fair_track(dance: Dance, fair: Fair, number: int) -> PoseTrack:
    seed = 10 + number + int(dance.bpm)
    camera = some_camera(seed, yaw_deg=fair.yaw_deg)
    return learner(
        dance.motion,
        body=a_build(seed),
        camera=camera,
        fps=fair.fps,
        mirrored_dance=fair.mirrored,
        start_offset_s=fair.offset_s,
        seed=seed,
    )


def _plain_injection(
    dance: Dance, limb: str, wrong_deg: np.ndarray, least_s: float, rng: np.random.Generator
) -> Injected:
    """Of the places drawn the first that is plainly wrong, or else the one that is most so."""
    beat_s, rate_hz = dance.grid.beat_s, (len(wrong_deg) - 1) / LENGTH_S
    beats = int(np.ceil(least_s / beat_s - 1e-9))
    best, best_deg = 0, -1.0
    for _ in range(60):
        eight = int(rng.integers(1, int(LENGTH_S / dance.grid.eight_s) - 1))
        first = 8 * eight + int(rng.integers(0, 9 - beats))
        rows = slice(round(first * beat_s * rate_hz), round((first + beats) * beat_s * rate_hz))
        mean_deg = float(wrong_deg[rows].mean())
        if mean_deg > best_deg:
            best, best_deg = first, mean_deg
        if mean_deg >= PLAINLY_WRONG_DEG:
            break
    return Injected(limb, best * beat_s, (best + beats) * beat_s)


def _means(values: np.ndarray, width: int) -> np.ndarray:
    return np.convolve(values, np.full(width, 1 / width), mode="valid")


def _without_refusal(config: ScoringConfig) -> ScoringConfig:
    names = {part.name for part in fields(config)}
    return replace(config, **{name: 0.0 for name in ("other_dance_score",) if name in names})
