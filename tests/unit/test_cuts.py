"""Cuts from small grey copies: every change that only looks like one, made of drawn rooms with a dancer in them."""

import cv2
import numpy as np
import pytest

from inference.pose.cuts import CutFinder

FPS = 30
HEIGHT, WIDTH = 32, 18


def room(seed):
    """(32, 18) grey: furniture as blocks of every size."""
    rng = np.random.default_rng(seed)
    blocks = sum(
        cv2.resize(
            rng.uniform(-1, 1, (side * 2, side)).astype(np.float32), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA
        )
        for side in (2, 4, 8, 12)
    )
    return np.asarray(120 + 70 * blocks / np.abs(blocks).max())


def shot(seed, frames=30, dancer_px=5, beat=8):
    """A figure that sways from one side of a room to the other, and back in 1.7 s."""
    background = room(seed)
    pictures = []
    for index in range(frames):
        picture = background.copy()
        left = round((WIDTH - dancer_px) * (0.5 + 0.5 * np.sin(index / beat)))
        picture[6:30, left : left + dancer_px] = 70 + 10 * np.sin(index)
        pictures.append(picture)
    return pictures


def shown(pictures):
    return [np.clip(picture, 0, 255).astype(np.uint8) for picture in pictures]


def cuts(pictures, times_s=None):
    """Indices at which a shot begins, flashes taken back."""
    finder, found = CutFinder(), []
    times_s = np.arange(len(pictures)) / FPS if times_s is None else times_s
    for index, (picture, t_s) in enumerate(zip(shown(pictures), times_s, strict=True)):
        glance = finder.look(picture, float(t_s))
        if glance.was_flash:
            found.pop()
        if glance.is_cut:
            found.append(index)
    return found


@pytest.mark.parametrize("light", [1.0, 0.15], ids=["bright", "dark"])
def test_a_cut_between_rooms_is_found_where_it_is(light):
    rng = np.random.default_rng(0)
    pictures = [light * picture + rng.normal(0, 0.5, picture.shape) for picture in shot(1) + shot(2) + shot(3)]
    assert cuts(pictures) == [30, 60]


@pytest.mark.parametrize("dancer_px", [5, 9, 12])
def test_a_large_fast_dancer_is_no_cut(dancer_px):
    assert cuts(shot(4, 90, dancer_px, beat=3)) == []


@pytest.mark.parametrize(("gain", "lift"), [(1, 60), (2, 80), (1, 230), (0.05, 16)])
@pytest.mark.parametrize("frames", [1, 3])
def test_a_flash_is_no_cut(gain, lift, frames):
    pictures = shot(5, 60, 5)
    pictures[20 : 20 + frames] = [gain * picture + lift for picture in pictures[20 : 20 + frames]]
    assert cuts(pictures) == []


def test_a_foreign_picture_for_a_moment_is_taken_back():
    pictures = shot(6, 60, 5)
    pictures[20] = room(7)
    assert cuts(pictures) == []


def test_a_shot_after_a_flash_counts():
    pictures = [*shot(8), np.full((HEIGHT, WIDTH), 255.0), *shot(9)]
    assert cuts(pictures) == [31]


def test_a_fade_to_black_and_back_is_no_cut():
    light = np.abs(np.cos(np.pi * np.arange(90) / 45))
    assert cuts([16 + level * (picture - 16) for level, picture in zip(light, shot(10, 90, 5), strict=True)]) == []


def test_a_fade_through_black_begins_one_shot():
    light = np.clip(np.abs(np.arange(60) - 29.5) / 15 - 0.1, 0, 1)
    found = cuts([16 + level * (picture - 16) for level, picture in zip(light, shot(11) + shot(12), strict=True)])
    assert len(found) == 1
    assert 28 <= found[0] <= 38


def test_a_swung_camera_is_no_cut():
    wide = cv2.GaussianBlur(np.hstack([room(seed) for seed in range(13, 19)]), (5, 1), 0)
    at = (0.5 - 0.5 * np.cos(np.arange(60) / 8)) * (wide.shape[1] - WIDTH)
    assert cuts([wide[:, round(x) : round(x) + WIDTH] for x in at]) == []


def test_repeated_pictures_do_not_make_the_next_one_a_cut():
    assert cuts([picture for picture in shot(20, 30, 12) for _ in range(4)]) == []


def test_a_key_frame_that_sharpens_the_picture_is_no_cut():
    pictures = shot(21, 60, 5)
    assert cuts([cv2.blur(picture, (3, 3)) if index % 12 else picture for index, picture in enumerate(pictures)]) == []


def test_a_jump_in_time_begins_a_shot():
    times_s = np.arange(60) / FPS
    times_s[30:] += 2.0
    assert cuts(shot(22, 60, 5), times_s) == [30]


def test_slow_pictures_do_not_jump():
    assert cuts(shot(23, 20, 5), np.arange(20) * 1.0) == []


def test_one_colour_throughout_has_no_cut():
    assert cuts([np.full((HEIGHT, WIDTH), level) for level in (0.0, 255.0, 128.0, 0.0)]) == []


def test_change_is_the_mean_difference():
    finder = CutFinder()
    assert finder.look(np.full((4, 4), 10, np.uint8), 0.0).change == 0
    assert finder.look(np.full((4, 4), 13, np.uint8), 0.1).change == 3
