"""What lies between a scene and its file: a lens, a sensor, a phone's idea of colours."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Lens:
    """`blur_px` and `streak_px` (a shaken hand, towards `streak_rad`) in pixels of the picture; `gain` a colour's, `gamma` 1
    leaves tones as they are; `vignette` how much darker the corners are."""

    blur_px: float = 0.0
    streak_px: float = 0.0
    streak_rad: float = 0.0
    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    gamma: float = 1.0
    vignette: float = 0.0

    def develop(self, rgb: Pixels) -> Pixels:
        """(H, W, 3) as it would have come out through this lens."""
        if self.blur_px > 0.2:
            rgb = np.asarray(cv2.GaussianBlur(rgb, (0, 0), self.blur_px), dtype=np.uint8)
        if self.streak_px > 1.5:
            rgb = np.asarray(cv2.filter2D(rgb, -1, _streak(self.streak_px, self.streak_rad)), dtype=np.uint8)
        tones = np.linspace(0, 1, 256)[:, None] ** self.gamma * np.array(self.gain)
        table = np.clip(np.round(255 * tones), 0, 255).astype(np.uint8)[None]
        rgb = np.asarray(cv2.LUT(rgb, table), dtype=np.uint8)
        return _darker_corners(rgb, self.vignette) if self.vignette > 0.02 else rgb


def _streak(length_px: float, angle_rad: float) -> NDArray[np.float32]:
    side = 2 * int(np.ceil(length_px / 2)) + 1
    kernel = np.zeros((side, side), dtype=np.float32)
    middle, reach = side // 2, length_px / 2
    dx, dy = reach * np.cos(angle_rad), reach * np.sin(angle_rad)
    ends = [(round(middle + sign * dx), round(middle + sign * dy)) for sign in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0)
    return kernel / kernel.sum()


def _darker_corners(rgb: Pixels, share: float) -> Pixels:
    high, wide = rgb.shape[:2]
    x, y = (np.linspace(-1, 1, count, dtype=np.float32) ** 2 for count in (wide, high))
    light = 1 - np.float32(share / 2) * (y[:, None] + x)
    return (rgb * light[..., None]).astype(np.uint8)


def random_lens(rng: np.random.Generator, height_px: int) -> Lens:
    """Mostly a good one; blurs in proportion to the picture's height."""
    unit = height_px / 360
    warmth = rng.normal(0, 0.06)
    return Lens(
        blur_px=unit * float(rng.choice([0.0, rng.uniform(0.3, 1.4)], p=[0.6, 0.4])),
        streak_px=unit * float(rng.choice([0.0, rng.uniform(2, 7)], p=[0.8, 0.2])),
        streak_rad=float(rng.uniform(0, np.pi)),
        gain=tuple(np.clip(rng.uniform(0.75, 1.2) * (1 + np.array([warmth, 0, -warmth])), 0.5, 1.4)),
        gamma=float(np.exp(rng.normal(0, 0.2))),
        vignette=float(max(0.0, rng.uniform(-0.4, 0.5))),
    )
