"""From a track to movement: limb vectors on an even time grid, in torso lengths, without place, size or body shape.

Conventions: arrays are (time, segment, xy); NaN and `seen == False` mean that the segment was not in view. Only the
large segments are compared: estimators place hands and feet too loosely for a fair judgement.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from choreography.comparison.config import ScoringConfig
from inference.pose.skeleton import SKELETON
from inference.pose.track import PoseTrack

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

TIME_TOLERANCE_S = 1e-6
_LIKELY_LONGEST_PERCENTILE = 90.0


@dataclass(frozen=True)
class Segment:
    """A compared segment between two points, each the midpoint of the named joints.

    `length` is its usual length in torso lengths (Drillis and Contini's proportions of stature, in Winter,
    Biomechanics and Motor Control of Human Movement, ch. 4), used to tell the body's size from whatever is in view.
    """

    limb: str
    start: tuple[str, ...]
    end: tuple[str, ...]
    weight: float
    length: float


def _sided(side: str) -> tuple[Segment, ...]:
    chain = (
        ("arm", "shoulder", "elbow", 0.65),
        ("arm", "elbow", "wrist", 0.51),
        ("leg", "hip", "knee", 0.85),
        ("leg", "knee", "ankle", 0.85),
    )
    return tuple(
        Segment(f"{side}_{limb}", (f"{side}_{start}",), (f"{side}_{end}",), 1.0, length)
        for limb, start, end, length in chain
    )


_HIPS = ("left_hip", "right_hip")
_SHOULDERS = ("left_shoulder", "right_shoulder")

SEGMENTS: tuple[Segment, ...] = (
    Segment("torso", _HIPS, _SHOULDERS, 0.5, 1.0),
    Segment("torso", ("right_shoulder",), ("left_shoulder",), 0.25, 0.75),
    Segment("torso", ("right_hip",), ("left_hip",), 0.25, 0.45),
    Segment("head", _SHOULDERS, ("nose",), 0.5, 0.45),
    *_sided("left"),
    *_sided("right"),
)
LIMBS: tuple[str, ...] = tuple(SKELETON.limbs)
WEIGHTS: Floats = np.array([segment.weight for segment in SEGMENTS])
LENGTHS: Floats = np.array([segment.length for segment in SEGMENTS])
IN_LIMB: dict[str, Bools] = {limb: np.array([segment.limb == limb for segment in SEGMENTS]) for limb in LIMBS}


@dataclass(frozen=True, eq=False)
class Movement:
    """A dancer's limb vectors at given times.

    Attributes
    ----------
    t_s : (N,) float64, times of the track it came from.
    vectors : (N, S, 2) float64, segment vectors in torso lengths, y down; 0 where not seen.
    seen : (N, S) bool, both ends in view.
    fullness : (N, S) float64 in [0, 1], how reliable the direction is: 0 when the segment points at the camera.
    """

    t_s: Floats
    vectors: Floats
    seen: Bools
    fullness: Floats

    @property
    def angles_deg(self) -> Floats:
        """(N, S) direction of each segment, -180..180; meaningless where not seen."""
        return np.degrees(np.arctan2(self.vectors[..., 1], self.vectors[..., 0]))


def even_times(track: PoseTrack, config: ScoringConfig) -> Floats:
    """(N,) times at `config.rate_hz` from the track's first to its last frame."""
    if len(track.t_s) == 0:
        return np.empty(0)
    steps = int(np.floor((track.duration_s + TIME_TOLERANCE_S) * config.rate_hz))
    return np.asarray(track.t_s[0] + np.arange(steps + 1) / config.rate_hz, dtype=np.float64)


def movement_of(track: PoseTrack, config: ScoringConfig, t_s: Floats | None = None) -> Movement:
    """Limb vectors of a track, at `t_s` or at its own even times.

    Scale and full lengths are taken from the frames of each shot, so they do not depend on the chosen times, and a
    second camera may stand nearer than the first.
    """
    times = even_times(track, config) if t_s is None else t_s
    points, in_view, shot = _sample(track, times, config)
    vectors, seen = _segments(points, in_view)
    length = np.linalg.norm(vectors, axis=-1)
    longest = _longest_by_shot(track, config)
    size_px = np.array([_torso_px(lengths) for lengths in longest])[shot]
    full = np.maximum(longest[shot] * config.full_length_share, 1e-9)
    fullness = np.where(seen, np.clip(length / full, 0.0, 1.0), 0.0)
    return Movement(times, vectors / size_px[:, None, None], seen & (length > 0), fullness)


def mirrored(track: PoseTrack) -> PoseTrack:
    """The mirror image: x flipped inside the picture, left and right joints swapped."""
    order = list(SKELETON.mirrored_order)
    xy_px = track.xy_px[:, order].copy()
    xy_px[..., 0] = track.size_px[0] - xy_px[..., 0]
    xyz_m = track.xyz_m[:, order] * np.array([-1, 1, 1], dtype=np.float32)
    return replace(track, xy_px=xy_px, conf=track.conf[:, order], xyz_m=xyz_m)


def joints_in_view(track: PoseTrack, config: ScoringConfig) -> Bools:
    """(T, 29) True where a joint is found with enough confidence and lies in the picture or just outside it."""
    size = np.array(track.size_px, dtype=np.float64)
    margin = config.picture_margin * size
    with np.errstate(invalid="ignore"):
        inside = ((track.xy_px >= -margin) & (track.xy_px <= size + margin)).all(axis=-1)
    return np.asarray((track.conf >= config.min_joint_conf) & inside)


def found_s(track: PoseTrack, config: ScoringConfig) -> float:
    """Seconds in which at least one compared segment is in view."""
    movement = movement_of(track, config)
    return float(movement.seen.any(axis=1).sum()) / config.rate_hz


def _sample(track: PoseTrack, times: Floats, config: ScoringConfig) -> tuple[Floats, Bools, NDArray[np.int64]]:
    """Joints at `times` by linear interpolation, whether they are in view, and the number of the shot.

    Not in view outside the track and across gaps. Next to a cut the nearer frame is taken as it is.
    """
    in_view = joints_in_view(track, config)
    if len(track.t_s) < 2:
        nowhere = np.zeros((len(times), *track.xy_px.shape[1:]))
        return nowhere, np.zeros((len(times), in_view.shape[1]), dtype=bool), np.zeros(len(times), dtype=np.int64)
    right = np.clip(np.searchsorted(track.t_s, times, side="left"), 1, len(track.t_s) - 1)
    left = right - 1
    step_s = track.t_s[right] - track.t_s[left]
    share = np.clip((times - track.t_s[left]) / step_s, 0.0, 1.0)
    share = np.where(track.begins_shot[right], np.rint(share), share)
    near = (times >= track.t_s[0] - TIME_TOLERANCE_S) & (times <= track.t_s[-1] + TIME_TOLERANCE_S)
    bridged = near & (step_s <= config.max_gap_s)
    xy = np.nan_to_num(track.xy_px.astype(np.float64))
    points = xy[left] * (1 - share)[:, None, None] + xy[right] * share[:, None, None]
    needs_left, needs_right = (share < 1)[:, None], (share > 0)[:, None]
    visible = (in_view[left] | ~needs_left) & (in_view[right] | ~needs_right)
    shot = _shots(track)[np.where(share > 0.5, right, left)]
    return points, visible & (bridged | (near & ((share == 0) | (share == 1))))[:, None], shot


def _shots(track: PoseTrack) -> NDArray[np.int64]:
    """(T,) number of the shot that each frame belongs to, from 0."""
    return np.cumsum(track.begins_shot) - int(track.begins_shot[:1].sum())


def _segments(points: Floats, in_view: Bools) -> tuple[Floats, Bools]:
    vectors = np.zeros((len(points), len(SEGMENTS), 2))
    seen = np.zeros((len(points), len(SEGMENTS)), dtype=bool)
    for index, segment in enumerate(SEGMENTS):
        start = [SKELETON.index(joint) for joint in segment.start]
        end = [SKELETON.index(joint) for joint in segment.end]
        seen[:, index] = in_view[:, start + end].all(axis=1)
        vectors[:, index] = points[:, end].mean(axis=1) - points[:, start].mean(axis=1)
    vectors[~seen] = 0.0
    return vectors, seen


def _longest_by_shot(track: PoseTrack, config: ScoringConfig) -> Floats:
    """(shots, S) lengths of the segments; a shot too short to tell takes the whole track's."""
    vectors, seen = _segments(track.xy_px.astype(np.float64), joints_in_view(track, config))
    shots, whole = _shots(track), _longest(vectors, seen)
    rows = []
    for shot in range(int(shots.max(initial=0)) + 1):
        here = shots == shot
        tells = here.any() and np.ptp(track.t_s[here]) >= config.min_telling_shot_s
        rows.append(_longest(vectors[here], seen[here]) if tells else whole)
    return np.array(rows)


def _longest(vectors: Floats, seen: Bools) -> Floats:
    """(S,) the length a segment has when it lies in the picture's plane (a high percentile); NaN if never seen."""
    lengths = np.where(seen, np.linalg.norm(vectors, axis=-1), np.nan)
    longest = np.full(len(SEGMENTS), np.nan)
    ever = seen.any(axis=0)
    longest[ever] = np.nanpercentile(lengths[:, ever], _LIKELY_LONGEST_PERCENTILE, axis=0)
    return longest


def _torso_px(longest: Floats) -> float:
    """The torso's length in pixels as the segments in view tell it (their median vote)."""
    votes = (longest / LENGTHS)[np.isfinite(longest)]
    return float(max(np.median(votes), 1e-6)) if len(votes) else 1.0
