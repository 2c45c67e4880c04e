"""What the browser's live scorer needs to know: the numbers of the comparison, and its own. docs/live-scoring.md tells how.

The numbers of the comparison are handed on, not copied, so that a live verdict and the stored result cannot drift apart
when one of them changes.
"""

from dataclasses import asdict, dataclass, field

from choreography.comparison.config import DEFAULT_CONFIG, ScoringConfig

_OF_THE_SCORING = (
    "rate_hz",
    "max_gap_s",
    "min_joint_conf",
    "picture_margin",
    "min_telling_shot_s",
    "least_length_share",
    "full_length_share",
    "min_coverage",
    "min_limb_coverage",
    "max_yaw_deg",
    "max_pitch_deg",
    "max_roll_deg",
    "turn_prior",
    "turn_told_s",
    "max_wander_deg",
    "wander_prior",
    "least_fullness",
    "unseen_error_deg",
    "chance_shifts",
    "min_chance_shift_s",
    "chance_step_s",
    "least_chance_deg",
    "still_limb_movement",
    "posture_zero_deg",
    "match_memory_s",
    "limbs_share",
    "chance_match_1s",
    "chance_closeness_1s",
    "most_chance",
    "quality_knots",
    "score_knots",
    "lag_knots_ms",
    "lag_points",
    "device_latency_s",
    "size_knots",
    "size_points",
    "energy_share",
    "most_timing_costs",
    "most_size_costs",
    "piece_s",
    "min_stretch_share",
)


@dataclass(frozen=True)
class Bands:
    """Points from which a verdict is given; below the last it is a miss."""

    perfect: float = 90.0
    great: float = 80.0
    good: float = 65.0
    ok: float = 50.0


@dataclass(frozen=True)
class MirrorConfig:
    """How the scorer finds out whether the mirror image is danced."""

    step_s: float = 0.5
    lags_s: tuple[float, ...] = (-0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.4)
    """Guide times at which both images are tried; the better one stands for each."""
    margin: float = 0.06
    """The correlation of the changes must be better by this much."""
    min_s: float = 1.5


@dataclass(frozen=True)
class GlowConfig:
    """When a limb glows. Times are real seconds, angles are a limb's mean direction error."""

    on_deg: float = 36.0
    off_deg: float = 28.0
    on_s: float = 0.2
    off_s: float = 0.3
    early_s: float = 0.1
    late_s: float = 0.15
    """So early and so late a limb may be and is not called wrong: the best moment of the guide within counts."""
    most: int = 3


@dataclass(frozen=True)
class DrillConfig:
    """When a round of a drill is passed and what follows; static/js/live/drill-plan.js."""

    rates: tuple[float, ...] = (0.5, 0.75, 1.0)
    passes: int = 2
    fails: int = 2
    gain: float = 10.0
    """So many points more than the first round at this speed pass, too."""
    most_rounds: int = 12
    """Of one moment; then the drill goes on to the next."""


@dataclass(frozen=True)
class LiveConfig:
    """Everything that static/js/live/scorer.js depends on."""

    scoring: ScoringConfig = DEFAULT_CONFIG
    bands: Bands = field(default_factory=Bands)
    lookahead_s: float = 0.15
    """Real seconds after an eight for which its verdict waits for poses."""
    latest_s: float = 0.2
    """Real seconds after an eight after which it is told with what there is."""
    chance_rows: int = 160
    """Moments of the take that are looked at for the chance level."""
    tell_limb_below: float = 65.0
    tell_limb_apart: float = 15.0
    """A limb is only named in a verdict if its own points are below this, and so far below the whole body's: who is late
    all over has no worst limb."""
    mirror: MirrorConfig = field(default_factory=MirrorConfig)
    glow: GlowConfig = field(default_factory=GlowConfig)
    drill: DrillConfig = field(default_factory=DrillConfig)

    def as_payload(self) -> dict[str, object]:
        """JSON-ready."""
        own = {key: value for key, value in asdict(self).items() if key != "scoring"}
        scoring: dict[str, object] = {key: getattr(self.scoring, key) for key in _OF_THE_SCORING}
        scoring["timing"] = asdict(self.scoring.timing)
        scoring["extent"] = asdict(self.scoring.extent)
        return {"version": self.scoring.version, **own, "scoring": scoring}


DEFAULT_LIVE_CONFIG = LiveConfig()
