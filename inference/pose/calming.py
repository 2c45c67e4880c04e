"""A track that was found while the dancer danced, smoothed as one of a clip is.

A browser's engine sees no frame after the one it is at, so its filter leaves more tremble than `smoothing` does, which
looks both ways. Who danced live and who sent a clip must be judged by the same picture of the same dance.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inference.pose.pipeline import WORLD_SIDE_M, appearances
from inference.pose.skeleton import SKELETON
from inference.pose.smoothing import smooth_confidences, smooth_positions
from inference.pose.track import PoseTrack

LONGEST_STEP_S = 0.2
"""Frames further apart are not of one movement: the browser was busy or the page hidden."""
REGION = 2.5
"""Side of a dancer's region in distances from the hips to the furthest joint, as BlazePose cuts it out."""

_HIPS = SKELETON.index("center_hip")


def calmed(track: PoseTrack) -> PoseTrack:
    """The same frames with positions and confidences smoothed, each unbroken appearance by itself.

    Appearances too short to be believed in a clip go here, too; where the dancer was not found nothing is made up.
    """
    breaks = track.begins_shot | (np.diff(track.t_s, prepend=track.t_s[:1]) > LONGEST_STEP_S)
    found = np.zeros(len(track.t_s), dtype=bool)
    xy_px, xyz_m, conf = track.xy_px.copy(), track.xyz_m.copy(), track.conf.copy()
    for start, end in appearances(track.found, track.t_s, breaks):
        part = slice(start, end)
        t_s = track.t_s[part]
        found[part] = True
        xy_px[part] = smooth_positions(t_s, track.xy_px[part].astype(np.float64), _region_px(track.xy_px[part]))
        conf[part] = smooth_confidences(t_s, track.conf[part].astype(np.float64))
        if np.isfinite(track.xyz_m[part]).all():
            xyz_m[part] = smooth_positions(
                t_s, track.xyz_m[part].astype(np.float64), np.full(end - start, WORLD_SIDE_M)
            )
    xy_px[~found], xyz_m[~found], conf[~found] = np.nan, np.nan, 0.0
    return replace(track, xy_px=xy_px, xyz_m=xyz_m, conf=np.clip(conf, 0.0, 1.0))


def _region_px(xy_px: NDArray[np.float32]) -> NDArray[np.float64]:
    """(T,) one side for a whole appearance: a pose that folds the body makes nobody smaller."""
    reach = np.linalg.norm(xy_px - xy_px[:, [_HIPS]], axis=2).max(axis=1)
    return np.full(len(xy_px), max(1.0, REGION * float(np.median(reach))))
