"""Ten dances of a minute for measuring the comparison: five to tune it on, five for the table alone.

Each is spliced on its own eights from motion capture beside the checkout, from our authored routines and from made-up
dances; where there is no capture, made-up dances stand in. The two halves share no stretch of any source, and no two
dances of a half do: where a passage comes twice, it comes twice in one dance, as a chorus does.
"""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from choreography.comparison.counts import CountGrid, DanceMap, SectionSpan
from choreography.demo.camera import Camera as DemoCamera
from choreography.demo.motion import perform
from choreography.demo.routines import ROUTINES
from inference.pose.skeleton import SKELETON
from ml_training.rendering.dances import BEATS_A_MINUTE, make_dance
from ml_training.rendering.motion import Motion, frame_of, read_motion, unit
from tests.bench.motion_edits import mirrored, spliced

Floats = NDArray[np.float64]
Half = Literal["tuning", "table"]

SHARED_MOTION = Path(__file__).resolve().parent.parent.parent.parent / "shared" / "data" / "motion"
RATE_HZ = 60.0
LENGTH_S = 60.0
BLEND_S = 0.4
COUNTS = 8
_MADE = "made-up "
_STANDS_IN_BPM = 110.0
_ROOM_LEGS = 0.6
"""How far a dancer strays from the mark, in lengths of the leg: a camera that stands still must keep them in the picture."""


@dataclass(frozen=True)
class Piece:
    """`eights` eights danced from `from_s` of a source on.

    `source`: the stem of a BVH file, the slug of a routine, or "made-up" and a seed. `tempo`: how fast the source runs;
    None: a made-up dance or a routine runs at the tempo of the dance. `held`: the share of each eight that freezes in
    a pose. `turn_deg` turns a source that looks away back to the front.
    """

    source: str
    eights: int
    from_s: float = 0.0
    tempo: float | None = None
    mirrored: bool = False
    held: float = 0.0
    turn_deg: float = 0.0
    kind: str = "verse"


@dataclass(frozen=True)
class Dance:
    """A minute of pieces on a grid of counts that begins at 0."""

    name: str
    half: Half
    bpm: float
    pieces: tuple[Piece, ...]

    @property
    def grid(self) -> CountGrid:
        return CountGrid(self.bpm, 0.0)

    @property
    def map(self) -> DanceMap:
        """Counts, and each piece as a section."""
        starts = np.cumsum([0, *(piece.eights for piece in self.pieces)]) * self.grid.eight_s
        spans = zip(self.pieces, starts[:-1].tolist(), starts[1:].tolist(), strict=True)
        return DanceMap(self.grid, tuple(SectionSpan(piece.kind, start, end) for piece, start, end in spans))

    @property
    def motion(self) -> Motion:
        return _motion(self)


DANCES = (
    Dance(
        "street, first half",
        "tuning",
        112.0,
        (
            Piece("jesse_dance", 1, 0.9, 0.95),
            Piece(_MADE + "21", 3),
            Piece("fair1_zombie", 2, 1.0, 0.9, kind="bridge"),
            Piece(_MADE + "22", 3, mirrored=True),
            Piece("fair1_dab", 1, 3.0, 0.8),
            Piece(_MADE + "23", 5),
        ),
    ),
    Dance(
        "elevator, chorus twice",
        "tuning",
        120.0,
        (
            Piece("elevator-to-daylight", 4, 2.0),
            Piece(_MADE + "24", 4, kind="chorus"),
            Piece(_MADE + "25", 3),
            Piece(_MADE + "24", 4, kind="chorus"),
        ),
    ),
    Dance("quick", "tuning", 148.0, (Piece(_MADE + "26", 10), Piece(_MADE + "27", 9, mirrored=True))),
    Dance(
        "ballad with held poses",
        "tuning",
        92.0,
        (
            Piece(_MADE + "28", 3, held=0.6),
            Piece("fair1_wave_hello", 1, 1.6, 0.9),
            Piece(_MADE + "29", 4, held=0.35),
            Piece(_MADE + "30", 4, held=0.6, mirrored=True),
        ),
    ),
    Dance(
        "mid tempo, small steps",
        "tuning",
        112.0,
        (Piece(_MADE + "31", 5), Piece("fair1_zombie", 1, 8.9, 0.85, mirrored=True), Piece(_MADE + "32", 8)),
    ),
    Dance(
        "street, second half",
        "table",
        116.0,
        (
            Piece(_MADE + "41", 3),
            Piece("jesse_dance", 1, 5.2, 1.0),
            Piece("fair1_dab", 1, 7.0, 0.7, mirrored=True),
            Piece(_MADE + "42", 4),
            Piece("fair1_zombie", 1, 18.6, 1.0, kind="bridge", turn_deg=150.0),
            Piece(_MADE + "43", 5, mirrored=True),
        ),
    ),
    Dance(
        "lantern, chorus twice",
        "table",
        112.0,
        (
            Piece("paper-lantern-radio", 6, 60 / 112 * 4),
            Piece(_MADE + "44", 2),
            Piece("paper-lantern-radio", 2, 60 / 112 * 36, kind="chorus"),
            Piece(_MADE + "45", 4),
        ),
    ),
    Dance(
        "quick", "table", 152.0, (Piece(_MADE + "46", 11), Piece("fair1_jumping", 1, 1.0, 1.0), Piece(_MADE + "47", 7))
    ),
    Dance(
        "ballad with held poses",
        "table",
        88.0,
        (
            Piece(_MADE + "48", 4, held=0.6),
            Piece("fair1_zombie", 1, 14.0, 0.8, mirrored=True, turn_deg=155.0),
            Piece(_MADE + "49", 4, held=0.35),
            Piece(_MADE + "50", 3, held=0.6),
        ),
    ),
    Dance("mid tempo", "table", 116.0, (Piece(_MADE + "51", 8), Piece(_MADE + "52", 7, mirrored=True))),
)
TUNING = tuple(dance for dance in DANCES if dance.half == "tuning")
TABLE = tuple(dance for dance in DANCES if dance.half == "table")


def has_captures() -> bool:
    """Whether the motion capture lies beside the checkout; without it made-up dances stand in."""
    return SHARED_MOTION.is_dir()


@cache
def _motion(dance: Dance) -> Motion:
    t_s = np.arange(round(LENGTH_S * RATE_HZ) + 1) / RATE_HZ
    starts_s = np.cumsum([0, *(piece.eights for piece in dance.pieces)]) * dance.grid.eight_s
    pieces = [_played(piece, t_s - start_s, dance) for piece, start_s in zip(dance.pieces, starts_s[:-1], strict=True)]
    whole = spliced(pieces, starts_s[1:-1].tolist(), BLEND_S)
    return replace(whole, t_s=t_s, floor_xz=_ROOM_LEGS * np.tanh(whole.floor_xz / _ROOM_LEGS))


def _played(piece: Piece, since_s: Floats, dance: Dance) -> Motion:
    """The piece at so many seconds after its beginning."""
    source, bpm = _source(piece.source)
    tempo = piece.tempo if piece.tempo and bpm is None else dance.bpm / (bpm or _STANDS_IN_BPM)
    moving_s = _holding(since_s, dance.grid.eight_s, piece.held)
    motion = source.at(piece.from_s + tempo * moving_s).turned(np.radians(piece.turn_deg))
    motion = mirrored(motion) if piece.mirrored else motion
    shown = (since_s >= 0) & (since_s < piece.eights * dance.grid.eight_s)
    return Motion(
        motion.t_s, motion.frames, motion.limbs, motion.floor_xz - motion.floor_xz[shown].mean(axis=0), motion.height
    )


def _holding(since_s: Floats, eight_s: float, held: float) -> Floats:
    """The source's clock: in each eight it stands still for the share `held`, from the middle of the eight on."""
    if not held:
        return since_s
    within = np.mod(since_s, eight_s) / eight_s
    stop = (1 - held) / 2
    moved = np.where(within < stop, within, np.maximum(stop, within - held))
    return np.asarray((np.floor(since_s / eight_s) * (1 - held) + moved) * eight_s)


@cache
def _source(name: str) -> tuple[Motion, float | None]:
    """The movement, and its tempo in beats a minute where it has one."""
    if name.startswith(_MADE):
        return make_dance(int(name.removeprefix(_MADE)), LENGTH_S), BEATS_A_MINUTE
    routine = next((routine for routine in ROUTINES if routine.slug == name), None)
    if routine:
        return _authored(routine.slug), routine.bpm
    file = SHARED_MOTION / f"{name}.bvh"
    if file.is_file():
        return read_motion(file), None
    return make_dance(sum(name.encode()), LENGTH_S), BEATS_A_MINUTE


def _authored(slug: str) -> Motion:
    """An authored routine as directions, read off its own dancer's joints."""
    routine, camera = next(routine for routine in ROUTINES if routine.slug == slug), DemoCamera()
    track = perform(routine, camera=camera)
    # The picture's y and z point down and away, the world's up and towards the camera.
    xyz_m = track.xyz_m.astype(np.float64) * np.array([1.0, -1.0, -1.0])
    at = {joint: xyz_m[:, index] for index, joint in enumerate(SKELETON.joints)}
    ears = (at["left_ear"] + at["right_ear"]) / 2
    left_of_head = at["left_ear"] - at["right_ear"]
    frames = {
        "hips": frame_of(at["left_hip"] - at["right_hip"], at["chest"]),
        "chest": frame_of(at["left_shoulder"] - at["right_shoulder"], at["chest"] - at["navel"]),
        "head": frame_of(left_of_head, np.cross(at["nose"] - ears, left_of_head)),
    }
    leg_m = np.linalg.norm(at["left_hip"] - at["left_knee"], axis=1) + np.linalg.norm(
        at["left_knee"] - at["left_ankle"], axis=1
    )
    across_m = (track.joint("center_hip")[:, 0].astype(np.float64) - camera.mark_x_px) / camera.px_per_m
    floor = np.stack([across_m / leg_m, np.zeros_like(across_m)], axis=1)
    return Motion(track.t_s, frames, _limbs(at), floor, np.zeros_like(across_m))


def _limbs(at: dict[str, Floats]) -> dict[str, Floats]:
    limbs: dict[str, Floats] = {}
    for side in ("left", "right"):
        palm = (at[f"{side}_palm_thumb"] + at[f"{side}_palm_pinky"]) / 2
        chain = {
            "upper_arm": at[f"{side}_elbow"] - at[f"{side}_shoulder"],
            "forearm": at[f"{side}_wrist"] - at[f"{side}_elbow"],
            "hand": palm - at[f"{side}_wrist"],
            "thigh": at[f"{side}_knee"] - at[f"{side}_hip"],
            "shank": at[f"{side}_ankle"] - at[f"{side}_knee"],
            "foot": at[f"{side}_bigtoe"] - at[f"{side}_ankle"],
        }
        limbs.update({f"{side}_{segment}": unit(vector) for segment, vector in chain.items()})
    return limbs
