"""Takes and what the server says of their eights, for the browser's live scorer to be held to.

`python -m tests.golden_live` writes tests/golden/live.json.gz anew: a few tracks, takes made of them, what `compare` says
of each eight, and the numbers that the browser is given. The tracks are made once and kept; what is said of them must
stay what today's code says (tests/unit/test_live_golden.py), so a change of the scoring asks for this to be run again.
"""

import base64
import gzip
import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from choreography.comparison.compare import compare
from choreography.comparison.config import DEFAULT_CONFIG
from choreography.comparison.counts import CountGrid, DanceMap
from choreography.comparison.live_config import LiveConfig
from choreography.comparison.normalise import SEGMENTS, mirrored
from choreography.comparison.result import ComparisonResult
from inference.pose.calming import calmed
from inference.pose.codec import decode, encode
from inference.pose.skeleton import SKELETON
from inference.pose.smoothing import OneEuroConfig, one_euro
from inference.pose.track import PoseTrack
from tests.bench.figures import LANDSCAPE, PHONE, a_build, a_camera
from tests.bench.learners import learner
from tests.bench.motion_edits import WrongLimb
from tests.bench.scoring_dances import DANCES, Dance

PATH = Path(__file__).resolve().parent / "golden" / "live.json.gz"
LENGTH_S = 16.0
NOT_REFUSED = replace(DEFAULT_CONFIG, other_dance_score=0.0, min_sure_s=0.0)
"""Live verdicts come before anybody can say that it is another dance altogether."""

DANCE, OTHER = DANCES[1], DANCES[2]
_STEP_PX, _STEP_M = 0.5, 0.008
_COMPARED = sorted({SKELETON.index(joint) for segment in SEGMENTS for joint in segment.start + segment.end})
_REGION_M = 2.0
_JITTER = 0.003
"""Of the picture's height, in every frame anew: what an engine leaves that looks at one frame at a time."""


@dataclass(frozen=True)
class Take:
    """A track danced to a guide, and what is done to it on the way; `live.js` does the same.

    `shift_s` later; `mirror` it; `every` so many frames only; `without` the limbs from `from_s` on (None: everything) to
    `to_s`; `flat`: without metres.
    """

    name: str
    guide: str
    track: str
    counts: tuple[float, float] | None = (DANCE.bpm, 0.0)
    shift_s: float = 0.0
    mirror: bool = False
    every: int = 1
    flat: bool = False
    hidden_joints: tuple[str, ...] = ()
    hidden_s: tuple[float, float] = (0.0, 0.0)
    wrong_limb: str | None = None
    calmed: bool = False


_LEGS = tuple(joint for joint in SKELETON.joints if any(part in joint for part in ("knee", "ankle", "toe")))

TAKES = (
    Take("clean", "guide", "clean"),
    Take("200 ms late", "guide", "clean", shift_s=0.2),
    Take("150 ms early", "guide", "clean", shift_s=-0.15),
    Take("mirrored", "guide", "clean", mirror=True),
    Take("at 15 frames a second", "guide", "clean", every=2),
    Take("without metres", "guide", "clean", flat=True),
    Take("nobody counts", "guide", "clean", counts=None),
    Take("legs out of view", "guide", "clean", hidden_joints=_LEGS, hidden_s=(0.0, LENGTH_S)),
    Take("gone for an eight", "guide", "clean", hidden_joints=SKELETON.joints, hidden_s=(7.9, 12.1)),
    Take("left arm wrong", "guide", "left arm", wrong_limb="left_arm"),
    Take("left arm wrong, mirrored, late", "guide", "left arm", mirror=True, shift_s=0.12, wrong_limb="right_arm"),
    Take("small", "guide", "small"),
    Take("half of it wrong", "guide", "half"),
    Take("another dance", "guide", "other guide", counts=(DANCE.bpm, 0.0)),
    Take("from 25 degrees aside", "guide", "turned"),
    Take("as a causal filter leaves it", "guide", "causal", calmed=True),
    Take("amateur, quick", "other guide", "amateur", counts=(OTHER.bpm, 0.0)),
)


class EightSaid(TypedDict):
    eight: int
    start_s: float
    end_s: float
    score: float | None
    lag_ms: float | None
    limbs: dict[str, float | None]


class Said(TypedDict):
    """Limbs are the guide's."""

    verdict: str
    mirrored: bool
    eights: list[EightSaid]


@cache
def made_tracks() -> dict[str, bytes]:
    """Each as it is kept: rounded and without the joints that are never compared, to be small."""
    body, camera = a_build(5), a_camera(distance_m=3.0, size_px=LANDSCAPE)
    cut = (0.0, LENGTH_S)
    arm = WrongLimb("left_arm", 4.5, 11.5, OTHER.motion)

    def by(dance: Dance, **how: object) -> PoseTrack:
        return learner(dance.motion, body=body, camera=camera, cut=cut, **how)  # type: ignore[arg-type]

    clean = by(DANCE, seed=1)
    tracks = {
        "guide": learner(DANCE.motion, cut=cut, seed=900),
        "other guide": learner(OTHER.motion, cut=cut, seed=901),
        "clean": clean,
        "left arm": by(DANCE, seed=2, wrong_limb=arm),
        "small": by(DANCE, seed=3, size=0.6),
        "half": one_then(clean, by(OTHER, seed=4), LENGTH_S / 2),
        "turned": learner(DANCE.motion, body=a_build(6), camera=a_camera(yaw_deg=25.0, size_px=PHONE), cut=cut, seed=5),
        "causal": seen_live(by(DANCE, seed=6)),
        "amateur": by(OTHER, seed=7, late_s=0.09, size=0.75, tempo_wobble_s=0.05),
    }
    return {name: encode(_small(track)) for name, track in tracks.items()}


def edited(track: PoseTrack, take: Take) -> PoseTrack:
    """What is done to the track on the way."""
    track = mirrored(track) if take.mirror else track
    rows = slice(None, None, take.every)
    conf = track.conf.copy()
    hidden = (track.t_s >= take.hidden_s[0]) & (track.t_s < take.hidden_s[1])
    conf[np.ix_(hidden, [SKELETON.index(joint) for joint in take.hidden_joints])] = 0.0
    lost = (conf == 0).all(axis=1)
    xy_px = np.where(lost[:, None, None], np.nan, track.xy_px).astype(np.float32)
    unknown = lost | take.flat
    xyz_m = np.where(unknown[:, None, None], np.nan, track.xyz_m).astype(np.float32)
    done = replace(
        track,
        t_s=(track.t_s + take.shift_s)[rows],
        xy_px=xy_px[rows],
        conf=conf[rows],
        xyz_m=xyz_m[rows],
        interpolated=track.interpolated[rows],
        begins_shot=track.begins_shot[rows],
    )
    return calmed(done) if take.calmed else done


def map_of(take: Take) -> DanceMap:
    return DanceMap(CountGrid(*take.counts)) if take.counts else DanceMap()


def said_of(take: Take, tracks: dict[str, PoseTrack]) -> Said:
    """What the server says of the whole take; it knows where the guide began, as in every live take."""
    attempt = edited(tracks[take.track], take)
    return said(compare(tracks[take.guide], attempt, NOT_REFUSED, offset_hint_s=0.0, dance=map_of(take)))


def said(result: ComparisonResult) -> Said:
    payload = result.to_payload()
    return {
        "verdict": payload["verdict"],
        "mirrored": payload["mirrored"],
        "eights": [
            {
                "eight": eight["index"],
                "start_s": eight["start_s"],
                "end_s": eight["end_s"],
                "score": eight["score"],
                "lag_ms": eight["lag_ms"],
                "limbs": eight["limbs"],
            }
            for eight in payload["eights"]
        ],
    }


def take_payload(take: Take) -> dict[str, object]:
    counts = take.counts and {"bpm": take.counts[0], "first_beat_s": take.counts[1]}
    return {
        "name": take.name,
        "guide": take.guide,
        "track": take.track,
        "counts": counts,
        "shift_s": take.shift_s,
        "mirror": take.mirror,
        "every": take.every,
        "flat": take.flat,
        "hidden_joints": [SKELETON.index(joint) for joint in take.hidden_joints],
        "hidden_s": list(take.hidden_s),
        "wrong_limb": take.wrong_limb,
    }


def config_payload() -> object:
    """As the page sends it: through JSON, where tuples become lists."""
    return json.loads(json.dumps(LiveConfig().as_payload()))


def read(kept: dict[str, bytes]) -> dict[str, PoseTrack]:
    return {name: decode(data) for name, data in kept.items()}


def written() -> dict[str, object]:
    kept = made_tracks()
    tracks = read(kept)
    return {
        "config": config_payload(),
        "mirrored_order": list(SKELETON.mirrored_order),
        "length_s": LENGTH_S,
        "tracks": {name: base64.b64encode(data).decode("ascii") for name, data in kept.items()},
        "takes": [{**take_payload(take), "said": said_of(take, tracks)} for take in TAKES],
    }


def one_then(first: PoseTrack, second: PoseTrack, until_s: float) -> PoseTrack:
    """One dancer's joints until a moment, the other's from then on; both at the same times."""
    frames = min(len(first.t_s), len(second.t_s))
    before = (first.t_s < until_s)[:frames, None, None]
    return replace(
        first,
        t_s=first.t_s[:frames],
        xy_px=np.where(before, first.xy_px[:frames], second.xy_px[:frames]),
        xyz_m=np.where(before, first.xyz_m[:frames], second.xyz_m[:frames]),
        conf=np.where(before[:, 0], first.conf[:frames], second.conf[:frames]),
        interpolated=first.interpolated[:frames],
        begins_shot=first.begins_shot[:frames],
    )


def seen_live(track: PoseTrack) -> PoseTrack:
    """Trembling as an engine does that sees one frame at a time, and filtered as it filters: a little late."""
    rng = np.random.default_rng(1)
    t_s, found, height_px = track.t_s[track.found], track.found, track.size_px[1]
    return replace(
        track,
        xy_px=_filtered(t_s, track.xy_px, found, float(height_px), rng),
        xyz_m=_filtered(t_s, track.xyz_m, found, _REGION_M, rng),
    )


def _filtered(
    t_s: NDArray[np.float64],
    values: NDArray[np.float32],
    found: NDArray[np.bool_],
    scale: float,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    trembling = values[found] + rng.normal(0.0, _JITTER * scale, values[found].shape)
    done = values.copy()
    done[found] = one_euro(t_s, trembling, np.full(len(t_s), scale), OneEuroConfig())
    return done


def _small(track: PoseTrack) -> PoseTrack:
    """Coarsely rounded, and the joints that are not compared where another one is: differences of nothing cost nothing."""
    xy_px, xyz_m, conf = track.xy_px.copy(), track.xyz_m.copy(), np.round(track.conf, 1)
    for joint in range(len(SKELETON.joints)):
        if joint not in _COMPARED:
            xy_px[:, joint], xyz_m[:, joint], conf[:, joint] = xy_px[:, _COMPARED[0]], xyz_m[:, _COMPARED[0]], 0.0
    return replace(track, xy_px=_rounded(xy_px, _STEP_PX), xyz_m=_rounded(xyz_m, _STEP_M), conf=conf)


def _rounded(values: NDArray[np.float32], step: float) -> NDArray[np.float32]:
    return (np.round(values / step) * step).astype(np.float32)


if __name__ == "__main__":
    PATH.write_bytes(gzip.compress(json.dumps(written()).encode(), 9, mtime=0))
