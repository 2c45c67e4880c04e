"""The dance line: a poster drawn from a track, of the eight counts in which the body moves most.

Eight figures, one a count, walk across the poster as in a chronophotograph, and each hand and foot draws its path
through them. Walking is ours: a dancer mostly stays on the spot, where eight figures would cover one another.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from choreography.payloads import PosterPayload
from inference.pose.skeleton import SKELETON
from inference.pose.track import PoseTrack

type Floats = NDArray[np.float64]

POSTER_VERSION = 1
WIDTH, HEIGHT = 1000, 1333
MARGINS = (60, 80, 60, 200)
"""Left, top, right and bottom; the title stands in the lowest one."""

COUNTS = 8
TRAIL_POINTS = 64
LIVELIEST_S = 4.0
"""Length of the stretch that is drawn where no tempo is known."""

RATE_HZ = 30.0
LEAST_CONF = 0.2
LONGEST_GAP_S = 0.4
LEAST_FOUND = 0.5
"""A stretch in which the dancer is seen for less than this share makes no poster."""

WALK = (0.60, 0.46)
"""How far the figures come across the poster and down it, towards the viewer, in heights of the body."""
FAR_SCALE = 0.52
"""Size of the first figure, the farthest, as a share of the last."""
SMOOTHING = 1.3

TRAILS = {
    f"{side}_{end}": tuple(SKELETON.index(f"{side}_{joint}") for joint in joints)
    for end, joints in (("hand", ("wrist", "palm_thumb", "palm_pinky")), ("foot", ("ankle", "bigtoe")))
    for side in ("left", "right")
}
_LIMBS = [
    SKELETON.index(joint)
    for limb in ("left_arm", "right_arm", "left_leg", "right_leg")
    for joint in SKELETON.limbs[limb]
    if not joint.endswith("littletoe")
]


@dataclass(frozen=True)
class _Window:
    start_s: float
    length_s: float


def poster_from_track(track: PoseTrack, *, bpm: float | None, first_beat_s: float = 0.0) -> PosterPayload | None:
    """Draw a track's loudest eight-count.

    Parameters
    ----------
    track : PoseTrack
    bpm : float or None
        Tempo. Without it the liveliest `LIVELIEST_S` seconds are drawn.
    first_beat_s : float
        When a count 1 falls, in seconds of the track: any one, also before its beginning.

    Returns
    -------
    PosterPayload or None
        None where the dancer is hardly found: in less than half of the stretch, or for less than a second.
    """
    t_s, xy_px = _evenly(track)
    if len(t_s) < RATE_HZ:
        return None
    cuts_s = track.t_s[track.begins_shot]
    window = _loudest(t_s, xy_px, _starts(t_s, cuts_s, bpm, first_beat_s))
    inside = (t_s >= window.start_s) & (t_s < window.start_s + window.length_s)
    if np.isfinite(xy_px[inside]).all(axis=2).mean() < LEAST_FOUND:
        return None
    count_s = window.start_s + np.arange(COUNTS) / COUNTS * window.length_s
    figures = _at(count_s, t_s, xy_px)
    if not np.isfinite(figures).any():
        return None
    trail_s = window.start_s + np.linspace(0.0, 1.0, TRAIL_POINTS) * window.length_s
    shots = np.searchsorted(cuts_s, trail_s, side="right")
    trails = {name: _trail(_at(trail_s, t_s, xy_px[:, joints].mean(axis=1)), shots) for name, joints in TRAILS.items()}
    return _laid_out(figures, trails, window.length_s)


def _evenly(track: PoseTrack) -> tuple[Floats, Floats]:
    """The track at `RATE_HZ`: (T,) seconds and (T, 29, 2) pixels, NaN where a joint is not seen for a while.

    The first moment after a cut is NaN, too, so that nothing is measured or drawn from one shot to the next.
    """
    if len(track.t_s) < 2:
        return np.empty(0), np.empty((0, len(SKELETON.joints), 2))
    t_s = np.arange(track.t_s[0], track.t_s[-1] + 1e-9, 1 / RATE_HZ)
    xy_px = np.full((len(t_s), len(SKELETON.joints), 2), np.nan)
    shots = np.cumsum(track.begins_shot)
    for joint in range(len(SKELETON.joints)):
        seen = track.conf[:, joint] >= LEAST_CONF
        if not seen.any():
            continue
        seen_s = track.t_s[seen]
        after = np.clip(np.searchsorted(seen_s, t_s), 0, len(seen_s) - 1)
        before = np.maximum(np.searchsorted(seen_s, t_s, side="right") - 1, 0)
        near = seen_s[after] - seen_s[before] <= LONGEST_GAP_S
        near &= shots[seen][after] == shots[seen][before]
        near &= (t_s >= seen_s[0] - 1 / RATE_HZ) & (t_s <= seen_s[-1] + 1 / RATE_HZ)
        for axis in (0, 1):
            xy_px[near, joint, axis] = np.interp(t_s[near], seen_s, track.xy_px[seen, joint, axis])
    first_after_cut = np.searchsorted(t_s, track.t_s[track.begins_shot] - 1e-6)
    xy_px[first_after_cut[first_after_cut < len(t_s)]] = np.nan
    return t_s, xy_px


def _starts(t_s: Floats, cuts_s: Floats, bpm: float | None, first_beat_s: float) -> tuple[Floats, float]:
    """Where a stretch may begin, and how long it is. One without a cut in it is preferred: a cut tears the poster."""
    eight_s = COUNTS * 60.0 / bpm if bpm else LIVELIEST_S
    length_s = min(eight_s, float(t_s[-1] - t_s[0]))
    last_s = float(t_s[-1]) - length_s + 1e-6
    # Any count 1 may be given, also one before or in the middle of the track; rounding must not skip the first eight.
    first_s = t_s[0] + (first_beat_s - t_s[0] + 1e-6) % eight_s - 1e-6
    starts = np.arange(first_s, last_s, eight_s) if bpm else np.arange(t_s[0], last_s, 0.25)
    uncut = np.searchsorted(cuts_s, starts + 1e-6) == np.searchsorted(cuts_s, starts + length_s - 1e-6)
    return (starts[uncut] if uncut.any() else starts), length_s


def _loudest(t_s: Floats, xy_px: Floats, stretches: tuple[Floats, float]) -> _Window:
    starts, length_s = stretches
    if not len(starts):
        return _Window(float(t_s[0]), length_s)
    steps_px = np.linalg.norm(np.diff(xy_px[:, _LIMBS], axis=0), axis=2)
    travelled = np.concatenate([[0.0], np.cumsum(np.nan_to_num(steps_px).sum(axis=1))])
    movement = np.interp(starts + length_s, t_s, travelled) - np.interp(starts, t_s, travelled)
    return _Window(float(starts[np.argmax(movement)]), length_s)


def _at(when_s: Floats, t_s: Floats, xy_px: Floats) -> Floats:
    """Positions at given times, NaN next to a gap."""
    place = np.clip((when_s - t_s[0]) * RATE_HZ, 0.0, len(t_s) - 1.0)
    before = np.floor(place).astype(int)
    after = np.minimum(before + 1, len(t_s) - 1)
    share = (place - before).reshape(-1, *[1] * (xy_px.ndim - 1))
    return np.asarray(np.where(share < 1e-6, xy_px[before], (1 - share) * xy_px[before] + share * xy_px[after]))


def _trail(path: Floats, shots: NDArray[np.int64]) -> Floats:
    """(N, 2) path, smoothed within each shot and torn between them."""
    trail = np.concatenate([_smooth(path[shots == shot]) for shot in np.unique(shots)])
    trail[1:][np.diff(shots) > 0] = np.nan
    return trail


def _smooth(path: Floats) -> Floats:
    """(N, 2) path without tremble; gaps stay gaps and do not pull at what is beside them."""
    seen = np.isfinite(path).all(axis=1)
    weight = blurred(seen.astype(float), SMOOTHING)[:, None]
    soft = blurred(np.where(seen[:, None], path, 0.0), SMOOTHING)
    return np.where(seen[:, None], soft / np.maximum(weight, 1e-9), np.nan)


def blurred(values: Floats, sigma: float) -> Floats:
    """(N, ...) values softened along the first axis by a Gaussian of `sigma` samples; the ends are held.

    scipy has it too, but the web process draws posters and would start half a second later for it.
    """
    radius = round(4 * sigma)
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    held = np.pad(values, [(radius, radius), *[(0, 0)] * (values.ndim - 1)], mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(held, len(kernel), axis=0)
    return np.asarray(windows @ (kernel / kernel.sum()), dtype=np.float64)


def _laid_out(figures: Floats, trails: dict[str, Floats], duration_s: float) -> PosterPayload:
    mark, height_px = _mark(figures), _body_height_px(figures)
    counts = np.arange(COUNTS) / COUNTS
    figures = np.stack([_nearer(xy, tau, mark, height_px) for xy, tau in zip(figures, counts, strict=True)])
    through = np.linspace(0.0, 1.0, TRAIL_POINTS)[:, None]
    trails = {name: _nearer(path, through, mark, height_px) for name, path in trails.items()}
    points = np.concatenate([figures.reshape(-1, 2), *trails.values()])
    least, most = np.nanmin(points, axis=0), np.nanmax(points, axis=0)
    left, top, right, bottom = MARGINS
    room = np.array([WIDTH - left - right, HEIGHT - top - bottom])
    scale = float(np.min(room / np.maximum(most - least, 1.0)))
    corner = np.array([left, top]) + (room - scale * (most - least)) / 2
    return {
        "version": POSTER_VERSION,
        "figures": [_points(corner + scale * (figure - least)) for figure in figures],
        "trails": {name: _points(corner + scale * (path - least)) for name, path in trails.items()},
        "duration_s": round(duration_s, 3),
    }


def _nearer(xy: Floats, tau: Floats | float, mark: Floats, height_px: float) -> Floats:
    """What is danced at `tau` (0 to 1) of the stretch, at its distance from the viewer."""
    come = np.asarray(tau) * np.array(WALK) * height_px
    return np.asarray(mark + (FAR_SCALE + (1 - FAR_SCALE) * np.asarray(tau)) * (xy - mark) + come)


def _mark(figures: Floats) -> Floats:
    """Where the dancer stands: under the middle of the figures, on the floor."""
    every = figures.reshape(-1, 2)
    return np.array([np.nanmedian(every[:, 0]), np.nanmax(every[:, 1])])


def _body_height_px(figures: Floats) -> float:
    """Median height of the figures from the highest to the lowest joint."""
    heights = [np.ptp(figure[np.isfinite(figure[:, 1]), 1]) for figure in figures if np.isfinite(figure[:, 1]).any()]
    return float(np.median(heights)) if heights else 0.0


def _points(xy: Floats) -> list[list[int] | None]:
    return [[round(float(x)), round(float(y))] if np.isfinite(x) and np.isfinite(y) else None for x, y in xy]
