"""JSON that the player and the API get. Versioned: a change of meaning raises PLAYER_VERSION."""

from typing import NotRequired, TypedDict

PLAYER_VERSION = 2
LIVE_VERSION = 1


class DancerPayload(TypedDict):
    """One side of the stage. URLs are same-origin; a side without `video_url` is drawn as a skeleton."""

    track_url: str
    video_url: str | None
    audio_url: str | None


class CountsPayload(TypedDict):
    """Where the counts lie in the guide: beats start at first_beat_s + n * 60 / bpm for every whole n, also below 0, and
    every eighth of them, from n = 0, is a count 1. `first_beat_s` may be negative."""

    bpm: float
    first_beat_s: float


class SectionPayload(TypedDict):
    kind: str
    label: str
    start_s: float
    end_s: float


class LimbPayload(TypedDict):
    """`score` is null where too little of the limb was in view."""

    limb: str
    label: str
    score: float | None
    coverage: float


class TimelinePayload(TypedDict):
    """Error over guide time: `error_deg[i]` belongs to [t_s[i], t_s[i] + step_s); null where not judged. Positive lag is late."""

    step_s: float
    t_s: list[float]
    error_deg: list[float | None]
    limb_error_deg: dict[str, list[float | None]]
    lag_ms: NotRequired[list[float | None]]


class EightPayload(TypedDict):
    """One eight, or a few seconds where nobody counts: its score, and each limb's; null where not judged."""

    start_s: float
    end_s: float
    label: str
    score: float | None
    limbs: dict[str, float | None]


class MomentPayload(TypedDict):
    """A finding: its limb ("all" for the whole body) glows while it lasts; the numbered ones are marked on the timeline."""

    number: int | None
    limb: str
    label: str
    start_s: float
    end_s: float


class ComparisonPayload(TypedDict):
    """t_attempt = t_guide + offset_s. `mirrored`: the dancer danced the mirror image; draw the attempt flipped to match.

    Limbs are the guide's, labels are by the dancer's own left and right. `findings` is left out for a result of an
    earlier version, which knew none. `worst_eight` is an index into `eights`.
    """

    offset_s: float
    mirrored: bool
    overlap_s: tuple[float, float]
    timeline: TimelinePayload
    limbs: list[LimbPayload]
    eights: NotRequired[list[EightPayload]]
    worst_eight: NotRequired[int | None]
    findings: NotRequired[list[MomentPayload]]


class PlayerPayload(TypedDict):
    version: int
    skeleton: dict[str, object]
    guide: DancerPayload
    attempt: NotRequired[DancerPayload]
    counts: NotRequired[CountsPayload]
    sections: list[SectionPayload]
    comparison: NotRequired[ComparisonPayload]


class EngineAssetsPayload(TypedDict):
    """Where the browser's pose engine lies, all of it on this site. `wasm` has loader and binary with and without SIMD."""

    worker: str
    bundle: str
    wasm: dict[str, dict[str, str]]
    models: dict[str, str]


class LivePayload(TypedDict):
    """What the practice room needs. `player` is the guide alone; `config` is choreography/comparison/live_config.py.

    `urls`: "takes" opens a live take, "clip" takes a clip like any upload, "report" takes what was practised.
    """

    version: int
    player: PlayerPayload
    engine: EngineAssetsPayload
    config: dict[str, object]
    urls: dict[str, str]


class PosterPayload(TypedDict):
    """A dance line drawn from a track: x, y in thousandths of a 3:4 poster (0..1000 wide, 0..1333 high), integers.

    `figures`: eight poses, each the 29 joints as [x, y] or null where not found; `trails`: for each of left_hand,
    right_hand, left_foot, right_foot the path through the same eight-count, evenly sampled over `duration_s`.
    """

    version: int
    figures: list[list[list[int] | None]]
    trails: dict[str, list[list[int] | None]]
    duration_s: float
