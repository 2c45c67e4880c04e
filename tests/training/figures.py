"""A figure of 29 joints to try things on."""

import numpy as np

from inference.pose.skeleton import SKELETON

_MIDLINE = {"center_hip": (0, 0.55), "navel": (0, 0.47), "chest": (0, 0.35), "neck": (0, 0.27), "nose": (0, 0.17)}
_LEFT = {
    "hip": (0.06, 0.55),
    "knee": (0.08, 0.73),
    "ankle": (0.09, 0.9),
    "bigtoe": (0.11, 0.95),
    "littletoe": (0.13, 0.94),
    "shoulder": (0.1, 0.28),
    "elbow": (0.17, 0.4),
    "wrist": (0.24, 0.3),
    "palm_thumb": (0.25, 0.26),
    "palm_pinky": (0.28, 0.27),
    "eye": (0.02, 0.15),
    "ear": (0.05, 0.16),
}


def standing_xy(width: int, height: int) -> np.ndarray:
    """(29, 2) pixels of somebody who faces us in the middle of the picture; the dancer's left is on the right of it."""
    places = dict(_MIDLINE)
    places |= {f"left_{joint}": place for joint, place in _LEFT.items()}
    places |= {f"right_{joint}": (-across, down) for joint, (across, down) in _LEFT.items()}
    shares = np.array([places[joint] for joint in SKELETON.joints])
    return shares * height + (width / 2, 0)


def leaning_xy(width: int, height: int, lean_deg: float) -> np.ndarray:
    """`standing_xy` turned clockwise about the middle of the picture, and a third smaller so that nothing leaves it."""
    turn = np.deg2rad(lean_deg)
    middle = np.array([width, height]) / 2
    away = (standing_xy(width, height) - middle) * 2 / 3
    return away @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) + middle


def dot_picture(xy: np.ndarray, width: int, height: int, spread_px: float) -> np.ndarray:
    """(H, W, 3) a white round dot on black whose middle lies at `xy`; whole numbers are the middles of pixels."""
    x, y = np.arange(width) - xy[0], np.arange(height) - xy[1]
    dot = np.exp(-(x**2) / (2 * spread_px**2)) * np.exp(-(y**2) / (2 * spread_px**2))[:, None]
    return np.repeat(np.rint(255 * dot).astype(np.uint8)[..., None], 3, axis=2)
