"""Lags: none against itself, right within 10 ms, in the limb that is late, silent where the shape does not say."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest

from choreography.comparison import timing
from choreography.comparison.config import DEFAULT_CONFIG
from choreography.comparison.metrics import ComparisonError
from choreography.comparison.normalise import LIMBS, SEGMENTS, Floats, Movement, movement_of
from choreography.comparison.timing import Lags, TimingConfig
from inference.pose.track import PoseTrack
from tests.motion import (
    AVERAGE,
    PARTS,
    SHORT_AND_BROAD,
    SWINGS,
    TALL_AND_LEAN,
    Body,
    Dance,
    drawn,
    hidden,
    performed,
    standing,
    track,
    unfound,
)

CONFIG = TimingConfig()
RATE_HZ = 30.0
PAD = timing.padding(CONFIG, RATE_HZ)
LENGTH_S = 26.0
DANCE = Dance(seed=3, duration_s=LENGTH_S)
GUIDE = performed(DANCE, noise_px=2.0, noise_seed=9)
ARM = [PARTS.index("left_upper_arm"), PARTS.index("left_forearm")]


@dataclass(frozen=True, eq=False)
class Beats:
    """A dance that does nearly the same on each beat of half a second."""

    seed: int

    def angles(self, t_s: Floats) -> Floats:
        rest, swing = np.array(list(SWINGS.values())).T
        phases = np.random.default_rng(self.seed).uniform(0, 2 * np.pi, len(PARTS))
        varied = (Dance(self.seed, LENGTH_S).angles(t_s) - rest) / swing
        return np.asarray(rest + swing * (0.6 * np.sin(4 * np.pi * t_s[:, None] + phases) + 0.25 * varied))


def danced_with(
    lateness_s: Callable[[Floats], Floats], parts: list[int] | None = None, noise_px: float = 3.0
) -> PoseTrack:
    """DANCE, of which all or some parts come later at some moments than at others."""
    t_s = np.arange(round(LENGTH_S * 30)) / 30
    late, angles = DANCE.angles(t_s - lateness_s(t_s)), DANCE.angles(t_s)
    columns = list(range(len(PARTS))) if parts is None else parts
    angles[:, columns] = late[:, columns]
    xy = drawn(angles, SHORT_AND_BROAD)
    xy += np.random.default_rng(5).normal(0.0, noise_px, xy.shape)
    return track(t_s, xy, SHORT_AND_BROAD.size_px)


def moments(rate_hz: float = RATE_HZ) -> Floats:
    return 2.0 + np.arange(round(22 * rate_hz)) / rate_hz


def read(dancer: PoseTrack, padded: bool, rate_hz: float = RATE_HZ) -> Movement:
    t_s = moments(rate_hz)
    pad = timing.padding(CONFIG, rate_hz) if padded else 0
    return movement_of(dancer, DEFAULT_CONFIG, t_s[0] + np.arange(-pad, len(t_s) + pad) / rate_hz)


def lags_of(attempt: PoseTrack, guide: PoseTrack | None = None, rate_hz: float = RATE_HZ) -> Lags:
    shown = read(guide or GUIDE, False, rate_hz)
    return timing.measure_lags(shown, read(attempt, True, rate_hz), CONFIG, rate_hz)


def error_ms(lags: Lags, truth_s: float | Floats) -> float:
    return float(1000 * np.nanmean(np.abs(lags.lag_s - truth_s)))


def known(lags: Lags) -> float:
    return float(np.isfinite(lags.lag_s).mean())


def test_nobody_is_late_against_themselves() -> None:
    lags = lags_of(performed(DANCE), performed(DANCE))
    assert known(lags) == 1.0
    assert np.abs(lags.lag_s).max() < 0.001
    assert np.abs(lags.limb_lag_s).max() < 0.005
    assert lags.sureness.min() > 0.9
    assert not lags.beyond.any()
    pace = timing.pace_of(lags.lag_s, moments(), CONFIG)
    assert pace is not None
    assert pace.kind == "steady"


@pytest.mark.parametrize(
    ("late_s", "body"),
    [
        (-0.4, SHORT_AND_BROAD),
        (-0.12, TALL_AND_LEAN),
        (-0.04, SHORT_AND_BROAD),
        (0.04, TALL_AND_LEAN),
        (0.2, SHORT_AND_BROAD),
        (0.4, TALL_AND_LEAN),
    ],
)
def test_constant_lateness_is_found_within_ten_ms_and_never_with_the_wrong_sign(late_s: float, body: Body) -> None:
    lags = lags_of(performed(DANCE, body, late_s=late_s, noise_px=3.0))
    assert known(lags) == 1.0
    assert error_ms(lags, late_s) < 10
    assert (np.sign(lags.lag_s) == np.sign(late_s)).all()


@pytest.mark.parametrize(
    "attempt",
    [
        performed(DANCE, AVERAGE.scaled(0.5), late_s=0.12, noise_px=1.0),
        performed(DANCE, replace(AVERAGE, centre_px=(300.0, 300.0)), late_s=0.12, noise_px=2.0),
        performed(DANCE, late_s=0.12, noise_px=2.0, fps=24.0),
        performed(DANCE, late_s=0.12, noise_px=2.0, fps=60.0),
        performed(DANCE, late_s=0.12, noise_px=2.0, size=0.5),
    ],
    ids=["nearer", "elsewhere", "24 fps", "60 fps", "half the size"],
)
def test_lateness_does_not_depend_on_place_size_or_frame_rate(attempt: PoseTrack) -> None:
    lags = lags_of(attempt)
    assert known(lags) > 0.95
    assert error_ms(lags, 0.12) < 6


def test_lateness_does_not_depend_on_the_rate_of_the_comparison_or_a_mirror() -> None:
    attempt = performed(DANCE, SHORT_AND_BROAD, late_s=0.12, noise_px=2.0)
    assert error_ms(lags_of(attempt, rate_hz=24.0), 0.12) < 6
    assert error_ms(lags_of(attempt, rate_hz=60.0), 0.12) < 6
    shown, danced = read(performed(DANCE), False).mirrored(), read(attempt, True).mirrored()
    assert error_ms(timing.measure_lags(shown, danced, CONFIG, RATE_HZ), 0.12) < 6


def test_one_late_arm_is_late_alone_and_only_while_it_is() -> None:
    lags = lags_of(danced_with(lambda t_s: np.where((t_s > 10) & (t_s < 14), 0.18, 0.0), ARM))
    t_s, arm = moments(), LIMBS.index("left_arm")
    during, apart = (t_s > 11) & (t_s < 13), (t_s < 8) | (t_s > 16)
    assert np.median(lags.limb_lag_s[during, arm]) == pytest.approx(0.18, abs=0.04)
    assert lags.limb_sureness[during, arm].min() > CONFIG.min_sureness
    assert np.abs(lags.limb_lag_s[apart]).max() < 0.05
    others = [index for index, limb in enumerate(LIMBS) if limb != "left_arm"]
    assert np.abs(lags.limb_lag_s[during][:, others]).max() < 0.06
    assert np.abs(lags.lag_s).max() < 0.05


def test_a_wandering_tempo_is_followed() -> None:
    def wobble_s(t_s: Floats) -> Floats:
        return np.asarray(0.15 * np.sin(2 * np.pi * t_s / 10))

    lags = lags_of(danced_with(wobble_s))
    assert known(lags) > 0.95
    assert error_ms(lags, wobble_s(moments())) < 25


def test_what_repeats_on_every_beat_does_not_jump_by_one() -> None:
    t_s = np.arange(round(LENGTH_S * 30)) / 30
    for late_s in (-0.2, 0.0, 0.1, 0.3):
        xy = drawn(Beats(4).angles(t_s - late_s), SHORT_AND_BROAD)
        xy += np.random.default_rng(1).normal(0.0, 4.0, xy.shape)
        shown = track(t_s, drawn(Beats(4).angles(t_s), AVERAGE), AVERAGE.size_px)
        lags = lags_of(track(t_s, xy, SHORT_AND_BROAD.size_px), shown)
        assert known(lags) > 0.9
        assert np.nanmax(np.abs(lags.lag_s - late_s)) < 0.06


def test_another_dance_and_standing_have_no_lag() -> None:
    for seed in (101, 102, 103):
        assert known(lags_of(performed(Dance(seed, LENGTH_S), SHORT_AND_BROAD, noise_px=2.0))) < 0.15
    assert known(lags_of(standing(duration_s=LENGTH_S))) == 0.0
    assert known(lags_of(performed(DANCE), standing(duration_s=LENGTH_S))) == 0.0


@pytest.mark.parametrize("late_s", [-0.9, -0.72, 0.72, 0.9])
def test_later_than_can_be_seen_is_never_on_time(late_s: float) -> None:
    lags = lags_of(performed(DANCE, SHORT_AND_BROAD, late_s=late_s, noise_px=2.0))
    assert known(lags) < 0.2
    assert not (np.abs(lags.lag_s) < 0.3).any()


def test_out_of_view_has_no_lag() -> None:
    lags = lags_of(unfound(performed(DANCE, late_s=0.1), (8.0, 16.0)))
    t_s = moments()
    assert np.isnan(lags.lag_s[(t_s > 10) & (t_s < 14)]).all()
    assert lags.lag_s[t_s < 6.5] == pytest.approx(0.1, abs=0.02)
    assert lags.lag_s[t_s > 17.5] == pytest.approx(0.1, abs=0.02)
    armless = lags_of(hidden(performed(DANCE, late_s=0.1), ("left_elbow", "left_wrist")))
    arm = LIMBS.index("left_arm")
    assert (armless.limb_sureness[:, arm] == 0).all()
    assert armless.limb_lag_s[:, arm] == pytest.approx(armless.lag_s)


def test_no_frames_have_no_lags() -> None:
    shown = read(performed(DANCE), False).rows(slice(0))
    lags = timing.measure_lags(shown, read(performed(DANCE), True).rows(slice(2 * PAD)), CONFIG, RATE_HZ)
    assert lags.lag_s.shape == (0,)
    assert lags.limb_lag_s.shape == (0, len(LIMBS))


def test_what_does_not_correspond_is_refused() -> None:
    shown, danced = read(performed(DANCE), False), read(performed(DANCE), True)
    with pytest.raises(ComparisonError, match="more rows"):
        timing.measure_lags(shown, shown, CONFIG, RATE_HZ)
    with pytest.raises(ComparisonError, match="not finite"):
        timing.measure_lags(shown, replace(danced, vectors=danced.vectors * np.nan), CONFIG, RATE_HZ)
    with pytest.raises(ComparisonError, match="lags"):
        timing.shifted(danced, np.zeros(3), PAD, RATE_HZ)
    with pytest.raises(ComparisonError, match="times"):
        timing.pace_of(np.zeros(3), np.zeros(4), CONFIG)


def test_golden() -> None:
    """Any change of these is a change of scores."""
    lags = lags_of(danced_with(lambda t_s: 0.1 + 0.1 * np.sin(t_s / 2), noise_px=4.0))
    assert 1000 * lags.lag_s[::110] == pytest.approx(GOLDEN_LAG_MS, abs=1)
    assert lags.match[::110] == pytest.approx(GOLDEN_MATCH, abs=0.01)


GOLDEN_LAG_MS = [199.9, 122.9, 2.4, 123.8, 187.8, 33.9]
GOLDEN_MATCH = [0.9, 0.891, 0.92, 0.898, 0.873, 0.886]


@pytest.mark.parametrize(
    ("ms_per_minute", "kind"), [(0, "steady"), (15, "steady"), (200, "dragging"), (-200, "rushing")]
)
def test_pace_is_the_clear_drift(ms_per_minute: float, kind: str) -> None:
    t_s = moments()
    jitter = np.random.default_rng(2).normal(0.0, 0.012, len(t_s))
    pace = timing.pace_of(0.05 + ms_per_minute / 60_000 * t_s + jitter, t_s, CONFIG)
    assert pace is not None
    assert pace.kind == kind
    assert pace.ms_per_minute == pytest.approx(ms_per_minute, abs=12)


def test_pace_is_not_moved_by_a_slip_nor_told_from_little() -> None:
    t_s = moments()
    slip = np.where((t_s > 16) & (t_s < 19), 0.3, 0.0)
    pace = timing.pace_of(slip, t_s, CONFIG)
    assert pace is not None
    assert pace.kind == "steady"
    assert timing.pace_of(np.where(t_s < 12, 0.1, np.nan), t_s, CONFIG) is None
    assert timing.pace_of(np.empty(0), np.empty(0), CONFIG) is None


def test_read_at_its_lag_the_movement_is_the_guides_again() -> None:
    shown, danced = read(performed(DANCE), False), read(performed(DANCE, late_s=0.13), True)
    t_s = moments()
    lag_s = np.where((t_s > 5) & (t_s < 8), np.nan, 0.13)
    in_step = timing.shifted(danced, lag_s, PAD, RATE_HZ)
    assert in_step.vectors.shape == (len(t_s), len(SEGMENTS), 2)
    assert np.abs(in_step.vectors - shown.vectors).max() < 0.03
    assert in_step.t_s == pytest.approx(t_s + 0.13)
    nowhere = timing.shifted(danced, np.full(len(t_s), np.nan), PAD, RATE_HZ)
    assert nowhere.vectors == pytest.approx(danced.vectors[PAD:-PAD])


def test_read_between_a_seen_frame_and_another_is_not_seen() -> None:
    danced = read(unfound(performed(DANCE), (10.0, 11.0)), True)
    in_step = timing.shifted(danced, np.full(len(moments()), 0.1), PAD, RATE_HZ)
    gone = ~in_step.seen.any(axis=1)
    assert moments()[gone][0] == pytest.approx(9.9, abs=0.07)
    assert (in_step.vectors[gone] == 0).all()
