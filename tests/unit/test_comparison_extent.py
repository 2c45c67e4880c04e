"""Size and energy: 1 against itself and for other bodies, falling with the movement, silent where it is another one."""

from dataclasses import replace

import numpy as np
import pytest

from choreography.comparison.config import DEFAULT_CONFIG
from choreography.comparison.extent import ExtentConfig, energy_ratio, size_ratio
from choreography.comparison.metrics import ComparisonError
from choreography.comparison.normalise import IN_LIMB, LIMBS, Floats, Movement, movement_of
from inference.pose.track import PoseTrack
from tests.motion import AVERAGE, SHORT_AND_BROAD, TALL_AND_LEAN, Dance, hidden, performed, standing, unfound

CONFIG = ExtentConfig()
RATE_HZ = 30.0
LENGTH_S = 20.0
DANCE = Dance(seed=5, duration_s=LENGTH_S)
T_S = np.arange(round(LENGTH_S * RATE_HZ)) / RATE_HZ
SIZES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)


def read(dancer: PoseTrack, t_s: Floats = T_S) -> Movement:
    return movement_of(dancer, DEFAULT_CONFIG, t_s)


GUIDE = read(performed(DANCE))


def body_size(attempt: Movement, guide: Movement = GUIDE) -> float:
    return float(np.nanmean(size_ratio(guide, attempt, CONFIG, RATE_HZ)[1]))


def body_energy(attempt: Movement, guide: Movement = GUIDE) -> float:
    return float(np.nanmean(energy_ratio(guide, attempt, CONFIG, RATE_HZ)[1]))


def test_against_itself_both_are_one() -> None:
    for measure in (size_ratio, energy_ratio):
        limbs, body = measure(GUIDE, GUIDE, CONFIG, RATE_HZ)
        assert limbs.shape == (len(T_S), len(LIMBS))
        assert body == pytest.approx(np.ones(len(T_S)))
        assert limbs[np.isfinite(limbs)] == pytest.approx(1.0)


@pytest.mark.parametrize("noise_px", [0.0, 2.0])
def test_both_fall_with_every_step_of_size(noise_px: float) -> None:
    attempts = [read(performed(DANCE, SHORT_AND_BROAD, size=size, noise_px=noise_px)) for size in SIZES]
    sizes, energies = [body_size(each) for each in attempts], [body_energy(each) for each in attempts]
    assert (np.diff(sizes) < -0.04).all()
    assert (np.diff(energies) < -0.03).all()
    assert sizes[0] == pytest.approx(1.0, abs=0.1)
    assert sizes[-1] == pytest.approx(0.4, abs=0.1)


@pytest.mark.parametrize(
    "attempt",
    [
        performed(DANCE, SHORT_AND_BROAD, noise_px=1.0),
        performed(DANCE, TALL_AND_LEAN, noise_px=1.0),
        performed(DANCE, AVERAGE.scaled(0.5), noise_px=0.5),
        performed(DANCE, replace(AVERAGE, centre_px=(300.0, 300.0)), noise_px=1.0),
        performed(DANCE, noise_px=1.0, fps=60.0),
        performed(DANCE, noise_px=1.0, fps=24.0),
    ],
    ids=["broad", "lean", "far away", "elsewhere", "60 fps", "24 fps"],
)
def test_another_body_place_or_frame_rate_is_as_large_and_as_sharp(attempt: PoseTrack) -> None:
    assert body_size(read(attempt)) == pytest.approx(1.0, abs=0.05)
    assert body_energy(read(attempt)) == pytest.approx(1.0, abs=0.08)


def test_neither_depends_on_a_mirror_or_the_rate_of_the_comparison() -> None:
    attempt = performed(DANCE, SHORT_AND_BROAD, size=0.6)
    size, energy = body_size(read(attempt)), body_energy(read(attempt))
    assert body_size(read(attempt).mirrored(), GUIDE.mirrored()) == pytest.approx(size)
    assert body_energy(read(attempt).mirrored(), GUIDE.mirrored()) == pytest.approx(energy)
    t_s = np.arange(round(LENGTH_S * 60)) / 60
    fine_guide, fine = read(performed(DANCE, fps=60.0), t_s), read(attempt, t_s)
    assert np.nanmean(size_ratio(fine_guide, fine, CONFIG, 60.0)[1]) == pytest.approx(size, abs=0.03)
    assert np.nanmean(energy_ratio(fine_guide, fine, CONFIG, 60.0)[1]) == pytest.approx(energy, abs=0.03)


def jittery(movement: Movement, share: float) -> Movement:
    """Each vector off by so much of its length, by itself."""
    jitter = np.random.default_rng(2).normal(0.0, share, movement.vectors.shape)
    return replace(movement, vectors=movement.vectors + np.where(movement.seen[..., None], jitter, 0.0))


def test_jitter_of_either_dancer_hardly_changes_the_size() -> None:
    small = read(performed(DANCE, size=0.5))
    truth = body_size(small)
    assert body_size(small, jittery(GUIDE, 0.08)) == pytest.approx(truth, abs=0.02)
    assert body_size(jittery(small, 0.08)) == pytest.approx(truth, abs=0.02)


def test_one_small_arm_is_small_alone_and_while_it_is() -> None:
    whole, small = read(performed(DANCE, SHORT_AND_BROAD)), read(performed(DANCE, SHORT_AND_BROAD, size=0.4))
    ours = np.array([LIMBS.index("left_arm")])
    during = (T_S > 8) & (T_S < 14)
    vectors = whole.vectors.copy()
    vectors[np.ix_(during, IN_LIMB["left_arm"])] = small.vectors[np.ix_(during, IN_LIMB["left_arm"])]
    limbs, _ = size_ratio(GUIDE, replace(whole, vectors=vectors), CONFIG, RATE_HZ)
    middle, apart = (T_S > 10) & (T_S < 12), (T_S < 5) | (T_S > 17)
    assert np.nanmax(limbs[middle][:, ours]) < 0.7
    assert np.nanmean(limbs[apart][:, ours]) == pytest.approx(1.0, abs=0.08)
    assert np.nanmin(np.delete(limbs, ours, axis=1)) > 0.75


def test_another_dance_has_no_size_and_standing_no_energy() -> None:
    other = read(performed(Dance(77, LENGTH_S), SHORT_AND_BROAD, noise_px=2.0))
    assert np.isfinite(size_ratio(GUIDE, other, CONFIG, RATE_HZ)[1]).mean() < 0.05
    still = read(standing(duration_s=LENGTH_S))
    assert np.isnan(size_ratio(GUIDE, still, CONFIG, RATE_HZ)[1]).all()
    assert body_energy(still) < 0.2
    assert np.isnan(size_ratio(still, GUIDE, CONFIG, RATE_HZ)[1]).all()
    assert np.isnan(energy_ratio(still, GUIDE, CONFIG, RATE_HZ)[1]).all()


def test_what_is_out_of_view_is_not_measured() -> None:
    gone = read(unfound(performed(DANCE), (6.0, 14.0)))
    armless = read(hidden(performed(DANCE), ("left_elbow", "left_wrist")))
    for measure in (size_ratio, energy_ratio):
        _, body = measure(GUIDE, gone, CONFIG, RATE_HZ)
        assert np.isnan(body[(T_S > 8.5) & (T_S < 11.5)]).all()
        assert np.isfinite(body[(T_S < 5) | (T_S > 15)]).all()
        limbs, body = measure(GUIDE, armless, CONFIG, RATE_HZ)
        assert np.isnan(limbs[:, LIMBS.index("left_arm")]).all()
        assert body == pytest.approx(1.0, abs=0.05)
        assert [part.shape for part in measure(GUIDE.rows(slice(0)), GUIDE.rows(slice(0)), CONFIG, RATE_HZ)] == [
            (0, len(LIMBS)),
            (0,),
        ]


def test_what_does_not_correspond_is_refused() -> None:
    for measure in (size_ratio, energy_ratio):
        with pytest.raises(ComparisonError, match="shapes"):
            measure(GUIDE, GUIDE.rows(slice(10)), CONFIG, RATE_HZ)
        with pytest.raises(ComparisonError, match="not finite"):
            measure(GUIDE, replace(GUIDE, vectors=GUIDE.vectors * np.nan), CONFIG, RATE_HZ)


def test_golden() -> None:
    """Any change of these is a change of scores."""
    attempt = read(performed(DANCE, TALL_AND_LEAN, size=0.7, noise_px=3.0))
    size, energy = (measure(GUIDE, attempt, CONFIG, RATE_HZ)[1][50::125] for measure in (size_ratio, energy_ratio))
    assert size == pytest.approx(GOLDEN_SIZE, abs=0.003)
    assert energy == pytest.approx(GOLDEN_ENERGY, abs=0.003)


GOLDEN_SIZE = [0.6978, 0.7764, 0.722, 0.7375, 0.7384]
GOLDEN_ENERGY = [0.6884, 0.6896, 0.6968, 0.6859, 0.6823]
