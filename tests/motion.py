"""Made-up dances for tests: seeded, smooth, never repeating, drawn by stick figures of any build.

A dance is a table of joint angles over time, so one dance can be danced by several bodies, at any frame rate, late,
small, mirrored or with noise, and the truth is known.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from inference.pose.skeleton import SKELETON
from inference.pose.track import JOINT_COUNT, PoseTrack

Floats = NDArray[np.float64]

# Rest direction in degrees (0 = right in the picture, 90 = down) and how far each segment swings.
SWINGS: dict[str, tuple[float, float]] = {
    "spine": (-90.0, 10.0),
    "shoulders": (0.0, 8.0),
    "hips": (0.0, 6.0),
    "head": (-90.0, 12.0),
    "left_upper_arm": (40.0, 55.0),
    "left_forearm": (20.0, 80.0),
    "right_upper_arm": (140.0, 55.0),
    "right_forearm": (160.0, 80.0),
    "left_thigh": (80.0, 18.0),
    "left_shank": (92.0, 18.0),
    "right_thigh": (100.0, 18.0),
    "right_shank": (88.0, 18.0),
}
PARTS = tuple(SWINGS)


@dataclass(frozen=True)
class Body:
    """Segment lengths in pixels, where the dancer stands and how large the picture is."""

    torso: float = 150.0
    shoulder_width: float = 110.0
    hip_width: float = 65.0
    upper_arm: float = 95.0
    forearm: float = 80.0
    thigh: float = 130.0
    shank: float = 125.0
    head: float = 70.0
    centre_px: tuple[float, float] = (640.0, 380.0)
    size_px: tuple[int, int] = (1280, 900)

    def scaled(self, factor: float) -> "Body":
        lengths = ("torso", "shoulder_width", "hip_width", "upper_arm", "forearm", "thigh", "shank", "head")
        return replace(self, **{name: getattr(self, name) * factor for name in lengths})


AVERAGE = Body()
SHORT_AND_BROAD = Body(120, 125, 75, 70, 62, 95, 90, 64, centre_px=(420.0, 330.0), size_px=(900, 720))
TALL_AND_LEAN = Body(175, 105, 60, 120, 105, 175, 170, 75, centre_px=(540.0, 700.0), size_px=(1080, 1500))


@dataclass(frozen=True)
class Dance:
    """Joint angles over time: `angles(t_s)` gives (N, parts) degrees."""

    seed: int
    duration_s: float
    step_s: float = 0.5
    angles: Callable[[Floats], Floats] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        rng = np.random.default_rng(self.seed)
        keys_s = np.arange(-4, self.duration_s / self.step_s + 5) * self.step_s
        rest = np.array([rest for rest, _ in SWINGS.values()])
        swing = np.array([swing for _, swing in SWINGS.values()])
        poses = rest + swing * np.clip(rng.standard_normal((len(keys_s), len(PARTS))), -1.8, 1.8)
        spline = CubicSpline(keys_s, poses, axis=0)
        object.__setattr__(self, "angles", lambda t_s: np.asarray(spline(t_s)))


def performed(
    dance: Dance,
    body: Body = AVERAGE,
    *,
    fps: float = 30.0,
    from_s: float = 0.0,
    to_s: float | None = None,
    late_s: float = 0.0,
    size: float = 1.0,
    noise_px: float = 0.0,
    noise_seed: int = 0,
    wrong: Dance | None = None,
    wrong_parts: tuple[str, ...] = PARTS,
    wrong_s: tuple[float, float] = (-np.inf, np.inf),
    clock_s: float = 0.0,
) -> PoseTrack:
    """The dance from `from_s` to `to_s` as one body does it.

    late_s: behind the music. size: extent of every movement about its mean. wrong: another dance, whose
    `wrong_parts` replace the right ones within `wrong_s`. clock_s: what the track's clock says at `from_s`.
    """
    end_s = dance.duration_s if to_s is None else to_s
    t_s = np.arange(round((end_s - from_s) * fps) + 1) / fps
    music_s = t_s + from_s - late_s
    angles = dance.angles(music_s)
    if wrong is not None:
        rows = (music_s >= wrong_s[0]) & (music_s < wrong_s[1])
        columns = [PARTS.index(part) for part in wrong_parts]
        angles[np.ix_(rows, columns)] = wrong.angles(music_s)[np.ix_(rows, columns)]
    mean = dance.angles(np.arange(0, dance.duration_s, 0.05)).mean(axis=0)
    xy = drawn(mean + size * (angles - mean), body)
    xy += np.random.default_rng(noise_seed).normal(0.0, 1.0, xy.shape) * noise_px
    return track(t_s + clock_s, xy, body.size_px)


def standing(body: Body = AVERAGE, *, duration_s: float = 10.0, fps: float = 30.0, noise_px: float = 1.5) -> PoseTrack:
    """A dancer who does nothing, as a slightly nervous estimator sees it."""
    t_s = np.arange(round(duration_s * fps) + 1) / fps
    rest = np.tile([rest for rest, _ in SWINGS.values()], (len(t_s), 1))
    xy = drawn(rest, body) + np.random.default_rng(7).normal(0.0, noise_px, (len(t_s), JOINT_COUNT, 2))
    return track(t_s, xy, body.size_px)


def track(t_s: Floats, xy: Floats, size_px: tuple[int, int], conf: float = 1.0) -> PoseTrack:
    shape = (len(t_s), JOINT_COUNT)
    return PoseTrack(t_s, xy.astype(np.float32), np.full(shape, conf, dtype=np.float32), size_px, "made-up")


def hidden(shown: PoseTrack, joints: tuple[str, ...], span_s: tuple[float, float] = (-np.inf, np.inf)) -> PoseTrack:
    """The same track with some joints out of view for a while."""
    conf = shown.conf.copy()
    rows = (shown.t_s >= span_s[0]) & (shown.t_s < span_s[1])
    conf[np.ix_(rows, [SKELETON.index(joint) for joint in joints])] = 0.05
    return replace(shown, conf=conf)


def unfound(shown: PoseTrack, span_s: tuple[float, float] = (-np.inf, np.inf)) -> PoseTrack:
    """The same track with nobody found for a while."""
    rows = (shown.t_s >= span_s[0]) & (shown.t_s < span_s[1])
    xy_px, conf = shown.xy_px.copy(), shown.conf.copy()
    xy_px[rows], conf[rows] = np.nan, 0.0
    return replace(shown, xy_px=xy_px, conf=conf)


def drawn(angles_deg: Floats, body: Body) -> Floats:
    """(N, 29, 2) joints of a body whose segments have the given directions (N, parts)."""
    to = {part: _unit(angles_deg[:, column]) for column, part in enumerate(PARTS)}
    at: dict[str, Floats] = {}
    hips = np.broadcast_to(np.array(body.centre_px), (len(angles_deg), 2)).astype(np.float64)
    shoulders = hips + body.torso * to["spine"]
    at["center_hip"], at["nose"] = hips, shoulders + body.head * to["head"]
    at["chest"], at["navel"] = shoulders + 0.25 * (hips - shoulders), shoulders + 0.72 * (hips - shoulders)
    at["neck"] = shoulders + 0.25 * (at["nose"] - shoulders)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        at[f"{side}_hip"] = hips + sign * 0.5 * body.hip_width * to["hips"]
        at[f"{side}_shoulder"] = shoulders + sign * 0.5 * body.shoulder_width * to["shoulders"]
        at[f"{side}_eye"] = at["nose"] + np.array([sign * 8.0, -8.0])
        at[f"{side}_ear"] = at["nose"] + np.array([sign * 18.0, -4.0])
        _draw_arm(at, to, side, body)
        _draw_leg(at, to, side, sign, body)
    return np.stack([at[joint] for joint in SKELETON.joints], axis=1)


def _draw_arm(at: dict[str, Floats], to: dict[str, Floats], side: str, body: Body) -> None:
    at[f"{side}_elbow"] = at[f"{side}_shoulder"] + body.upper_arm * to[f"{side}_upper_arm"]
    at[f"{side}_wrist"] = at[f"{side}_elbow"] + body.forearm * to[f"{side}_forearm"]
    across = to[f"{side}_forearm"][:, ::-1] * np.array([-1.0, 1.0])
    at[f"{side}_palm_thumb"] = at[f"{side}_wrist"] + 15.0 * to[f"{side}_forearm"] + 6.0 * across
    at[f"{side}_palm_pinky"] = at[f"{side}_wrist"] + 15.0 * to[f"{side}_forearm"] - 6.0 * across


def _draw_leg(at: dict[str, Floats], to: dict[str, Floats], side: str, sign: float, body: Body) -> None:
    at[f"{side}_knee"] = at[f"{side}_hip"] + body.thigh * to[f"{side}_thigh"]
    at[f"{side}_ankle"] = at[f"{side}_knee"] + body.shank * to[f"{side}_shank"]
    at[f"{side}_bigtoe"] = at[f"{side}_ankle"] + np.array([sign * 18.0, 22.0])
    at[f"{side}_littletoe"] = at[f"{side}_ankle"] + np.array([sign * 26.0, 18.0])


def _unit(angle_deg: Floats) -> Floats:
    angle = np.radians(angle_deg)
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1)
