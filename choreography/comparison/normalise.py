"""From a track to movement: limb vectors on an even time grid, without place, distance, size or build of the body.

Conventions: arrays are (time, segment, xy); `seen == False` means that the segment was not in view. A vector is given
in shares of the dancer's own full segment length, so it has length 1 where the segment lies in the picture's plane and
0 where it points at the camera, whoever's arm it is. Where the engine sees in space, how long a segment truly is and
how far away the dancer is at each moment come from the world landmarks; otherwise from the longest the segment is seen.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from choreography.comparison.config import ScoringConfig
from inference.pose.skeleton import SKELETON
from inference.pose.track import PoseTrack

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

TIME_TOLERANCE_S = 1e-6
_LIKELY_LONGEST_PERCENTILE = 90.0
_TRUE_LENGTH_PERCENTILE = 70.0
"""Depth is found too small rather than too large, so segments that point at the camera seem short."""
_LONGEST_VECTOR = 1.4


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
    palm = (f"{side}_palm_thumb", f"{side}_palm_pinky")
    chain: tuple[tuple[str, tuple[str, ...], tuple[str, ...], float, float], ...] = (
        ("arm", (f"{side}_shoulder",), (f"{side}_elbow",), 1.0, 0.65),
        ("arm", (f"{side}_elbow",), (f"{side}_wrist",), 1.0, 0.51),
        ("arm", (f"{side}_wrist",), palm, 0.25, 0.18),
        ("leg", (f"{side}_hip",), (f"{side}_knee",), 1.0, 0.85),
        ("leg", (f"{side}_knee",), (f"{side}_ankle",), 1.0, 0.85),
        ("leg", (f"{side}_ankle",), (f"{side}_bigtoe",), 0.25, 0.35),
    )
    return tuple(Segment(f"{side}_{limb}", start, end, weight, length) for limb, start, end, weight, length in chain)


_HIPS = ("left_hip", "right_hip")
_SHOULDERS = ("left_shoulder", "right_shoulder")

SEGMENTS: tuple[Segment, ...] = (
    Segment("torso", _HIPS, _SHOULDERS, 0.5, 1.0),
    Segment("torso", ("right_shoulder",), ("left_shoulder",), 0.25, 0.75),
    Segment("torso", ("right_hip",), ("left_hip",), 0.25, 0.45),
    Segment("head", _SHOULDERS, ("nose",), 0.3, 0.45),
    Segment("head", ("left_ear", "right_ear"), ("nose",), 0.2, 0.25),
    *_sided("left"),
    *_sided("right"),
)
LIMBS: tuple[str, ...] = tuple(SKELETON.limbs)
WEIGHTS: Floats = np.array([segment.weight for segment in SEGMENTS])
LENGTHS: Floats = np.array([segment.length for segment in SEGMENTS])
IN_LIMB: dict[str, Bools] = {limb: np.array([segment.limb == limb for segment in SEGMENTS]) for limb in LIMBS}
TELLS_SIZE: Bools = WEIGHTS >= 0.25


def _other_side(joints: tuple[str, ...]) -> frozenset[str]:
    return frozenset(SKELETON.joints[SKELETON.mirrored_order[SKELETON.index(joint)]] for joint in joints)


def _mirror_table() -> tuple[Ints, Floats]:
    """For each segment the one it becomes in a mirror, and -1 where it becomes that one reversed."""
    ends = [(frozenset(segment.start), frozenset(segment.end)) for segment in SEGMENTS]
    order, sign = [], []
    for segment in SEGMENTS:
        start, end = _other_side(segment.start), _other_side(segment.end)
        reverse = (start, end) not in ends
        order.append(ends.index((end, start) if reverse else (start, end)))
        sign.append(-1.0 if reverse else 1.0)
    return np.array(order, dtype=np.int64), np.array(sign)


MIRROR_ORDER, MIRROR_SIGN = _mirror_table()


@dataclass(frozen=True, eq=False)
class Movement:
    """A dancer's limb vectors at given times.

    Attributes
    ----------
    t_s : (N,) float64, times of the track it came from.
    vectors : (N, S, 2) float64, segment vectors in shares of their own full length, y down; 0 where not seen.
    seen : (N, S) bool, both ends in view.
    fullness : (N, S) float64 in [0, 1], how reliable the direction is: 0 when the segment points at the camera.
    depth : (N, S) float64, the vectors' part away from the camera in the same unit; None where no depth is known.
    """

    t_s: Floats
    vectors: Floats
    seen: Bools
    fullness: Floats
    depth: Floats | None = None

    def rows(self, which: slice | NDArray[np.int64] | Bools) -> "Movement":
        depth = None if self.depth is None else self.depth[which]
        return Movement(self.t_s[which], self.vectors[which], self.seen[which], self.fullness[which], depth)

    def mirrored(self) -> "Movement":
        """What a mirror would show: left is right, and x turned round."""
        vectors = self.vectors[:, MIRROR_ORDER] * MIRROR_SIGN[:, None] * np.array([-1.0, 1.0])
        depth = None if self.depth is None else self.depth[:, MIRROR_ORDER] * MIRROR_SIGN
        return Movement(self.t_s, vectors, self.seen[:, MIRROR_ORDER], self.fullness[:, MIRROR_ORDER], depth)


def even_times(track: PoseTrack, config: ScoringConfig) -> Floats:
    """(N,) times at `config.rate_hz` from the track's first to its last frame."""
    if len(track.t_s) == 0:
        return np.empty(0)
    steps = int(np.floor((track.duration_s + TIME_TOLERANCE_S) * config.rate_hz))
    return np.asarray(track.t_s[0] + np.arange(steps + 1) / config.rate_hz, dtype=np.float64)


def movement_of(track: PoseTrack, config: ScoringConfig, t_s: Floats | None = None) -> Movement:
    """Limb vectors of a track, at `t_s` or at its own even times. See `Sampler`."""
    return Sampler(track, config).at(even_times(track, config) if t_s is None else t_s)


class Sampler:
    """A track made ready to be read at any times.

    Lengths are taken from the frames of the track, so they do not depend on the chosen times; without depth from each
    shot of it, because a second camera may stand nearer than the first.
    """

    def __init__(self, track: PoseTrack, config: ScoringConfig) -> None:
        self._track = track
        self._config = config
        self._in_view = joints_in_view(track, config)
        self._shots = _shots(track)
        flat, seen = _segments(np.nan_to_num(track.xy_px.astype(np.float64)), self._in_view)
        self._well_seen = seen.mean(axis=0) >= config.min_limb_coverage if len(seen) else seen.any(axis=0)
        self._space = np.nan_to_num(track.xyz_m.astype(np.float64))
        self.has_depth = bool(np.isfinite(track.xyz_m).all(axis=(1, 2)).any()) and bool(seen.any())
        if self.has_depth:
            space, _ = _segments(self._space, self._in_view)
            known = seen & np.isfinite(track.xyz_m).all(axis=(1, 2))[:, None]
            self._lengths_m = _true_lengths(space, known)
            self._px_per_m = _px_per_m(flat, space, known, track.t_s, self._shots)
        else:
            self._longest_px = _full_by_shot(track, flat, seen, config)

    @property
    def span_s(self) -> tuple[float, float]:
        """First and last moment of the track."""
        return float(self._track.t_s[0]), float(self._track.t_s[-1])

    @property
    def build(self) -> Floats:
        """(S,) full lengths of the segments, in any unit; NaN for what is hardly seen."""
        lengths = self._lengths_m if self.has_depth else self._longest_px[0]
        return np.where(self._well_seen, lengths, np.nan)

    def at(self, t_s: Floats) -> Movement:
        left, right, share = self._between(t_s)
        visible = self._visible(t_s, left, right, share)
        vectors, seen = _segments(_mixed(np.nan_to_num(self._track.xy_px), left, right, share), visible)
        full_px, depth = self._full_px(left, right, share, visible)
        vectors = vectors / full_px[..., None]
        length = np.linalg.norm(vectors, axis=-1)
        vectors *= np.minimum(1.0, _LONGEST_VECTOR / np.maximum(length, 1e-9))[..., None]
        fullness = np.where(seen, np.clip(length / self._config.full_length_share, 0.0, 1.0), 0.0)
        return Movement(t_s, vectors, seen & (length > 0), fullness, depth)

    def _full_px(self, left: Ints, right: Ints, share: Floats, visible: Bools) -> tuple[Floats, Floats | None]:
        """Length in pixels that each segment would have in the picture's plane, and the vectors' depth."""
        if not self.has_depth:
            shot = self._shots[np.where(share > 0.5, right, left)] if len(self._shots) else np.zeros(len(left), int)
            return self._longest_px[shot], None
        space, _ = _segments(_mixed(self._space, left, right, share), visible)
        scale = self._px_per_m[left] * (1 - share) + self._px_per_m[right] * share
        depth = np.clip(space[..., 2] / self._lengths_m, -_LONGEST_VECTOR, _LONGEST_VECTOR)
        return np.maximum(self._lengths_m * scale[:, None], 1e-6), depth

    def _between(self, t_s: Floats) -> tuple[Ints, Ints, Floats]:
        """Frames around each time and how far it lies from the first to the second. Next to a cut it is one of them."""
        track = self._track
        if len(track.t_s) < 2:
            nowhere = np.zeros(len(t_s), dtype=np.int64)
            return nowhere, nowhere, np.zeros(len(t_s))
        right = np.clip(np.searchsorted(track.t_s, t_s, side="left"), 1, len(track.t_s) - 1)
        left = right - 1
        share = np.clip((t_s - track.t_s[left]) / (track.t_s[right] - track.t_s[left]), 0.0, 1.0)
        return left, right, np.where(track.begins_shot[right], np.rint(share), share)

    def _visible(self, t_s: Floats, left: Ints, right: Ints, share: Floats) -> Bools:
        """(N, joints) in view there; not outside the track and not across gaps."""
        track, config = self._track, self._config
        if len(track.t_s) < 2:
            return np.zeros((len(t_s), self._in_view.shape[1]), dtype=bool)
        near = (t_s >= track.t_s[0] - TIME_TOLERANCE_S) & (t_s <= track.t_s[-1] + TIME_TOLERANCE_S)
        bridged = near & (track.t_s[right] - track.t_s[left] <= config.max_gap_s)
        visible = (self._in_view[left] | ~(share < 1)[:, None]) & (self._in_view[right] | ~(share > 0)[:, None])
        return np.asarray(visible & (bridged | (near & ((share == 0) | (share == 1))))[:, None])


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


def _mixed(values: NDArray[np.floating], left: Ints, right: Ints, share: Floats) -> Floats:
    if len(values) == 0:
        return np.zeros((len(left), *values.shape[1:]))
    return np.asarray(values[left] * (1 - share)[:, None, None] + values[right] * share[:, None, None])


def _shots(track: PoseTrack) -> Ints:
    """(T,) number of the shot that each frame belongs to, from 0."""
    return np.cumsum(track.begins_shot) - int(track.begins_shot[:1].sum())


def _segments(points: Floats, in_view: Bools) -> tuple[Floats, Bools]:
    """(N, S, D) vectors of joints (N, 29, D), and whether both ends are in view."""
    vectors = np.zeros((len(points), len(SEGMENTS), points.shape[-1]))
    seen = np.zeros((len(points), len(SEGMENTS)), dtype=bool)
    for index, segment in enumerate(SEGMENTS):
        start = [SKELETON.index(joint) for joint in segment.start]
        end = [SKELETON.index(joint) for joint in segment.end]
        seen[:, index] = in_view[:, start + end].all(axis=1)
        vectors[:, index] = points[:, end].mean(axis=1) - points[:, start].mean(axis=1)
    vectors[~seen] = 0.0
    return vectors, seen


def _true_lengths(space: Floats, known: Bools) -> Floats:
    """(S,) lengths in metres, alike on both sides; what is never seen has its usual share of the body."""
    lengths = _percentile(np.linalg.norm(space, axis=-1), known, _TRUE_LENGTH_PERCENTILE)
    sides = np.stack([lengths, lengths[MIRROR_ORDER]])
    both = np.isfinite(sides)
    alike = np.where(both, sides, 0.0).sum(axis=0) / np.maximum(both.sum(axis=0), 1)
    alike = np.where(both.any(axis=0), alike, np.nan)
    return np.where(np.isfinite(alike), np.maximum(alike, 1e-3), LENGTHS * _torso(alike))


def _px_per_m(flat: Floats, space: Floats, known: Bools, t_s: Floats, shots: Ints) -> Floats:
    """(T,) pixels a metre where the dancer is at each moment: it changes as the dancer walks, and at a cut."""
    weight = known & TELLS_SIZE
    in_px = (np.linalg.norm(flat, axis=-1) * weight).sum(axis=1)
    in_m = (np.linalg.norm(space[..., :2], axis=-1) * weight).sum(axis=1)
    ratio = np.divide(in_px, in_m, out=np.full(len(t_s), np.nan), where=in_m > 0.3)
    told = np.isfinite(ratio)
    if not told.any():
        return np.ones(len(t_s))
    scale = np.empty(len(t_s))
    for shot in range(int(shots.max(initial=0)) + 1):
        here = shots == shot
        source = here & told if (here & told).any() else told
        filled = np.interp(t_s[here], t_s[source], ratio[source])
        scale[here] = median_filter(filled, size=min(len(filled), 31), mode="nearest")
    return scale


def _full_by_shot(track: PoseTrack, flat: Floats, seen: Bools, config: ScoringConfig) -> Floats:
    """(shots, S) full lengths in pixels, where only the picture tells; a shot too short to tell takes the whole track's.

    A segment that always points somewhat at the camera is never seen whole: the build of the rest says how long it
    may at least be.
    """
    shots = _shots(track)
    length = np.linalg.norm(flat, axis=-1)
    whole = _percentile(length, seen, _LIKELY_LONGEST_PERCENTILE)
    rows = []
    for shot in range(int(shots.max(initial=0)) + 1):
        here = shots == shot
        tells = here.any() and np.ptp(track.t_s[here]) >= config.min_telling_shot_s
        longest = _percentile(length[here], seen[here], _LIKELY_LONGEST_PERCENTILE) if tells else whole
        usual = LENGTHS * _torso(longest)
        longest = np.where(np.isfinite(longest), longest, usual)
        rows.append(np.clip(longest, config.least_length_share * usual, None))
    return np.maximum(np.array(rows), 1e-6)


def _percentile(lengths: Floats, seen: Bools, percentile: float) -> Floats:
    """(S,) percentile of the lengths where seen; NaN if never seen."""
    found = np.full(len(SEGMENTS), np.nan)
    ever = seen.any(axis=0)
    if ever.any():
        found[ever] = np.nanpercentile(np.where(seen, lengths, np.nan)[:, ever], percentile, axis=0)
    return found


def _torso(lengths: Floats) -> float:
    """The torso's length as the segments in view tell it (their median vote)."""
    votes = (lengths / LENGTHS)[np.isfinite(lengths) & TELLS_SIZE]
    return float(max(np.median(votes), 1e-6)) if len(votes) else 1.0
