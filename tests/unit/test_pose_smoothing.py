"""Less jitter, no lag."""

import time

import numpy as np
import pytest

from inference.pose.smoothing import OneEuroConfig, one_euro, smooth_confidences, smooth_positions

CONFIG = OneEuroConfig()


def arm(fps: float, seconds: float = 8.0) -> tuple[np.ndarray, np.ndarray]:
    """A wrist that goes round at a beat a second, 60 px to each side; the dancer's region is 800 px."""
    t_s = np.arange(round(seconds * fps)) / fps
    return t_s, np.stack([60 * np.sin(2 * np.pi * t_s), 60 * np.cos(2 * np.pi * t_s)], axis=1)


def lag_s(t_s: np.ndarray, truth: np.ndarray, smoothed: np.ndarray) -> float:
    """The shift in seconds at which `smoothed` fits `truth` best; positive where it is late."""
    inner = slice(len(t_s) // 8, -len(t_s) // 8)
    shifts = np.linspace(-0.15, 0.15, 301)
    errors = [np.square(np.interp(t_s[inner] - shift, t_s, truth) - smoothed[inner]).sum() for shift in shifts]
    return float(shifts[np.argmin(errors)])


def scale(t_s: np.ndarray) -> np.ndarray:
    return np.full(len(t_s), 800.0)


@pytest.mark.parametrize("fps", [24, 30, 60])
def test_no_lag_where_the_causal_filter_has_one(fps):
    t_s, truth = arm(fps)
    causal = one_euro(t_s, truth, scale(t_s), CONFIG)
    smoothed = smooth_positions(t_s, truth, scale(t_s))
    assert lag_s(t_s, truth[:, 0], causal[:, 0]) >= 0.003
    assert abs(lag_s(t_s, truth[:, 0], smoothed[:, 0])) <= 0.001


def test_steady_movement_passes_unchanged_at_any_times():
    t_s = np.cumsum(np.random.default_rng(1).uniform(0.01, 0.12, 80))
    steady = np.stack([300 * t_s, 5 - 80 * t_s], axis=1)
    np.testing.assert_allclose(smooth_positions(t_s, steady, scale(t_s)), steady, atol=1e-6)


def test_nearer_to_the_truth_than_the_readings_and_than_the_causal_filter():
    t_s, truth = arm(30)
    noisy = truth + np.random.default_rng(5).normal(0, 4, truth.shape)
    smoothed, causal = smooth_positions(t_s, noisy, scale(t_s)), one_euro(t_s, noisy, scale(t_s), CONFIG)

    def error(found: np.ndarray) -> float:
        return float(np.sqrt(np.square(found - truth).mean()))

    assert error(smoothed) < 0.8 * error(noisy)
    assert error(smoothed) < 0.8 * error(causal)


def test_a_hit_stays_where_it_is_though_frames_are_missing():
    """A hand that jumps 200 px within a tenth of a second between two holds."""
    t_s = np.delete(np.arange(90) / 30, [20, 21, 60])
    hit = np.stack([200 / (1 + np.exp(-(t_s - 1.5) / 0.02)), 0 * t_s], axis=1)
    smoothed = smooth_positions(t_s, hit, scale(t_s))
    assert np.interp(100, smoothed[:, 0], t_s) == pytest.approx(1.5, abs=0.003)
    assert np.abs(smoothed - hit).max() < 20


def test_metres_are_smoothed_like_pixels():
    t_s, truth = arm(30)
    noisy = truth + np.random.default_rng(6).normal(0, 2, truth.shape)
    in_metres = smooth_positions(t_s, noisy / 320, scale(t_s) / 320)
    np.testing.assert_allclose(in_metres * 320, smooth_positions(t_s, noisy, scale(t_s)), rtol=1e-6, atol=1e-6)


def test_four_minutes_take_well_under_a_second():
    t_s = np.arange(7200) / 30
    values = np.random.default_rng(7).normal(0, 5, (7200, 33, 3)).cumsum(axis=0)
    began = time.process_time()
    smooth_positions(t_s, values, scale(t_s))
    assert time.process_time() - began < 1.5


def test_less_jitter_in_a_pose_that_is_held():
    rng = np.random.default_rng(0)
    t_s = np.arange(300) / 30
    noisy = rng.normal(0, 1.5, (300, 29, 2))
    assert smooth_positions(t_s, noisy, scale(t_s)).std() < 0.5 * noisy.std()


def test_a_quick_move_keeps_its_size():
    t_s, truth = arm(30)
    assert smooth_positions(t_s, truth, scale(t_s))[30:-30].std() == pytest.approx(truth[30:-30].std(), rel=0.03)


def test_what_stands_still_stays():
    t_s = np.arange(20) / 30
    still = np.full((20, 3), 7.0)
    np.testing.assert_allclose(smooth_positions(t_s, still, scale(t_s)), still)
    np.testing.assert_allclose(smooth_confidences(t_s, still), still)


def test_shift_and_scale_go_through():
    t_s, truth = arm(30)
    noisy = truth + np.random.default_rng(3).normal(0, 2, truth.shape)
    plain = smooth_positions(t_s, noisy, scale(t_s))
    np.testing.assert_allclose(smooth_positions(t_s + 5, noisy + 100, scale(t_s)), plain + 100, atol=1e-6)
    np.testing.assert_allclose(smooth_positions(t_s, 3 * noisy, 3 * scale(t_s)), 3 * plain)


def test_backwards_is_the_same():
    t_s, truth = arm(30)
    noisy = truth + np.random.default_rng(4).normal(0, 2, truth.shape)
    backwards = smooth_positions(-t_s[::-1], noisy[::-1], scale(t_s))[::-1]
    np.testing.assert_allclose(backwards, smooth_positions(t_s, noisy, scale(t_s)))


@pytest.mark.parametrize("frames", [0, 1, 2, 3, 4])
def test_short(frames):
    t_s = np.arange(frames) / 30
    values = np.arange(frames * 4, dtype=float).reshape(frames, 2, 2)
    smoothed = smooth_positions(t_s, values, scale(t_s))
    assert smoothed.shape == values.shape
    np.testing.assert_allclose(smoothed, values, atol=1e-9)
    assert smooth_confidences(t_s, values).shape == values.shape


def test_confidences_stay_in_their_range_and_follow_within_a_quarter_second():
    t_s = np.arange(60) / 30
    conf = np.where(t_s < 1, 1.0, 0.0)[:, None]
    smoothed = smooth_confidences(t_s, conf)
    assert smoothed.min() >= 0
    assert smoothed.max() <= 1
    assert smoothed[30 - 8, 0] > 0.95
    assert smoothed[30 + 8, 0] < 0.05
