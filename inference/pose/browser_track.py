"""A track that a browser found and sent: hostile until looked at, like any upload.

What a file of this format can be at all is the codec's business; here stands what a camera, a body and the known engines
can have made. Nothing is mended: a track is taken as it is or refused with a code.
"""

import math
from dataclasses import dataclass

import numpy as np

from inference.pose import codec
from inference.pose.codec import TrackFileError
from inference.pose.track import PoseTrack


class BrowserTrackError(ValueError):
    """`code` is stable: `not_a_track`, `bad_joints`, `unknown_model`, `bad_picture`, `bad_clock`, `too_short`, `too_long`,
    `bad_rate` or `bad_positions`. The message is for developers."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class BrowserTrackLimits:
    """What a track may be. Shares are of the frames with a dancer."""

    models: frozenset[str] = frozenset({"tasks-vision-lite", "tasks-vision-full"})
    least_side_px: int = 64
    most_side_px: int = 8192
    most_start_s: float = 1.0
    """The clock begins with the first frame; this much is forgiven."""
    least_s: float = 1.0
    least_fps: float = 3.0
    most_fps: float = 120.0
    most_pictures_away: float = 2.0
    """Joints lie within so many long sides of the picture's corner (the format itself ends at 2.1)."""
    most_world_m: float = 5.0
    wild_share: float = 0.02
    """So many frames with a joint beyond that are an engine's slips."""


DEFAULT_LIMITS = BrowserTrackLimits()


def read_browser_track(data: bytes, *, longest_s: float, limits: BrowserTrackLimits = DEFAULT_LIMITS) -> PoseTrack:
    """The track in `data`, if a browser's engine can have made it while a take of at most `longest_s` was danced.

    Memory is bound by `longest_s`: more frames than the fastest camera gives in that time are refused by the header.

    Raises
    ------
    BrowserTrackError
    """
    try:
        track = codec.decode(data, max_frames=math.ceil(longest_s * limits.most_fps) + 1)
    except TrackFileError as error:
        code = {"other_joints": "bad_joints", "too_large": "too_long"}.get(error.code, "not_a_track")
        raise BrowserTrackError(code, str(error)) from error
    _check_origin(track, limits)
    _check_clock(track, longest_s, limits)
    _check_positions(track, limits)
    return track


def _check_origin(track: PoseTrack, limits: BrowserTrackLimits) -> None:
    if track.model not in limits.models:
        raise BrowserTrackError("unknown_model", f"no browser's engine is called {track.model!r}")
    if min(track.size_px) < limits.least_side_px or max(track.size_px) > limits.most_side_px:
        raise BrowserTrackError("bad_picture", f"no camera's picture has {track.size_px} pixels")


def _check_clock(track: PoseTrack, longest_s: float, limits: BrowserTrackLimits) -> None:
    if len(track.t_s) < 2 or track.duration_s < limits.least_s:
        raise BrowserTrackError("too_short", f"{track.duration_s:.2f} s are too short")
    if track.duration_s > longest_s:
        raise BrowserTrackError("too_long", f"{track.duration_s:.1f} s are more than {longest_s:.1f}")
    if abs(track.t_s[0]) > limits.most_start_s:
        raise BrowserTrackError("bad_clock", f"the first frame is at {track.t_s[0]:.2f} s")
    fps = 1.0 / float(np.median(np.diff(track.t_s)))
    if not limits.least_fps <= fps <= limits.most_fps:
        raise BrowserTrackError("bad_rate", f"{fps:.1f} frames a second")


def _check_positions(track: PoseTrack, limits: BrowserTrackLimits) -> None:
    found = track.found
    if not found.any():
        return
    reach_px = limits.most_pictures_away * max(track.size_px)
    away = (np.abs(track.xy_px[found]) > reach_px).any(axis=(1, 2))
    # NaN, which is what is not known, is larger than nothing.
    far = (np.abs(track.xyz_m[found]) > limits.most_world_m).any(axis=(1, 2))
    if max(away.mean(), far.mean()) > limits.wild_share:
        raise BrowserTrackError("bad_positions", f"joints out of reach in {away.sum()} and {far.sum()} frames")
