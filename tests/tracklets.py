"""Makes tracklets in code: bodies that stand, walk and swing their arms, in clothes of given colours."""

import numpy as np
from numpy.typing import NDArray

from inference.pose.tracklets import Tracklet

# Half of a figure in sides of its region, hips at the origin, y down: left shoulder, elbow, wrist, hip, knee, ankle.
_BODY = {11: (0.07, -0.2), 13: (0.1, -0.1), 15: (0.12, 0.0), 23: (0.04, 0.0), 25: (0.05, 0.2), 27: (0.05, 0.38)}


def body(t_s: NDArray[np.float64], *, swing: float = 0.1, mirrored: bool = False) -> NDArray[np.float64]:
    """(n, 33, 3) in sides of the region; the left arm swings by `swing` a second, the right one hardly."""
    points = np.zeros((len(t_s), 33, 3))
    points[:, :, 1] = -0.25
    for left, (x, y) in _BODY.items():
        points[:, left, :2] = x, y
        points[:, left + 1, :2] = -x, y
    moving = np.sin(2 * np.pi * t_s) + 0.5 * np.sin(2 * np.pi * 1.7 * t_s)
    arm, other = ((13, 15), (14, 16)) if not mirrored else ((14, 16), (13, 15))
    for reach, joint in zip((0.5, 1.0), arm, strict=True):
        points[:, joint, 1] -= swing * reach * (1 + moving)
    for reach, joint in zip((0.05, 0.1), other, strict=True):
        points[:, joint, 1] -= swing * reach * (1 + np.cos(2 * np.pi * t_s))
    return points


def tracklet(
    start_s: float,
    end_s: float,
    *,
    x_px: float | NDArray[np.float64] = 500.0,
    y_px: float = 500.0,
    side_px: float = 600.0,
    colour: tuple[float, float, float] | None = (200.0, 40.0, 40.0),
    support: float = 0.95,
    swing: float = 0.1,
    mirrored: bool = False,
    fps: float = 30.0,
) -> Tracklet:
    """Frames from `start_s` up to, not including, `end_s`."""
    t_s = np.arange(round(start_s * fps), round(end_s * fps)) / fps
    frames = len(t_s)
    shape = body(t_s, swing=swing, mirrored=mirrored)
    place = np.stack([np.broadcast_to(x_px, frames), np.full(frames, y_px), np.zeros(frames)], axis=1)
    checked = np.arange(frames) % 15 == 0
    colours = np.full((frames, 4, 3), np.nan)
    if colour is not None:
        colours[checked] = colour
    return Tracklet(
        t_s=t_s,
        xyz_px=shape * side_px + place[:, None],
        xyz_m=shape * 2.5,
        conf=np.full((frames, 33), 0.9),
        region=np.column_stack([place[:, :2], np.full(frames, side_px), np.zeros(frames)]),
        support=np.where(checked, support, np.nan),
        colours=colours,
    )
