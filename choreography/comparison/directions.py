"""What mends a shape: which part of the limb to move, which way and by how much, as far as the picture shows it.

Conventions: the evidence's vectors are in the guide's view, x to the right of the picture, y down. Left and right are
the dancer's own: a dancer who faces the camera has the left side on the right of the picture. Arms are raised and
lowered by their height above hanging down, as dancers speak of them; everything else by where its end has to go.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from choreography.comparison.evidence import Evidence
from choreography.comparison.normalise import IN_LIMB, SEGMENTS, Segment
from choreography.comparison.reasons_config import ReasonsConfig
from choreography.comparison.result import Correction, Part
from choreography.comparison.stretches import Stretch

Floats = NDArray[np.float64]

_PARTS: tuple[tuple[str, Part], ...] = (
    ("elbow", "elbow"),
    ("wrist", "hand"),
    ("palm", "hand"),
    ("knee", "knee"),
    ("ankle", "foot"),
    ("toe", "foot"),
    ("shoulder", "upper_body"),
    ("hip", "hips"),
)
_LEAST_LENGTH = 1e-9


@dataclass(frozen=True)
class Mending:
    """`degrees` is never negative; `clarity` 0..1 is how much the difference keeps to one direction."""

    part: Part
    correction: Correction
    degrees: float
    clarity: float


@dataclass(frozen=True, eq=False)
class _Look:
    """One segment within a stretch: (n, 2) both vectors, (n,) weights and errors."""

    segment: Segment
    shown: Floats
    danced: Floats
    weights: Floats
    errors: Floats

    @cached_property
    def weight(self) -> float:
        return float(self.weights.sum())

    @cached_property
    def error_deg(self) -> float:
        return float((self.errors * self.weights).sum()) / max(self.weight, _LEAST_LENGTH)

    @cached_property
    def way(self) -> Floats:
        """(2,) where the end has to go, on average."""
        return _mean(self.shown - self.danced, self.weights)

    @cached_property
    def clarity(self) -> float:
        lengths = np.linalg.norm(self.shown - self.danced, axis=-1)
        length = float((lengths * self.weights).sum()) / max(self.weight, _LEAST_LENGTH)
        return float(np.linalg.norm(self.way)) / length if length > _LEAST_LENGTH else 0.0

    @cached_property
    def turn_deg(self) -> float:
        """From where the dancer's mean vector points to where the guide's does, -180..180."""
        return _turn_deg(_mean(self.danced, self.weights), _mean(self.shown, self.weights))

    @property
    def part(self) -> Part:
        return part_of(self.segment)


def part_of(segment: Segment) -> Part:
    """What the dancer moves to move this segment."""
    if segment.limb == "head":
        return "head"
    return next((part for joint, part in _PARTS if segment.end[0].endswith(joint) or joint in segment.end[0]), "arm")


def whole_part(limb: str) -> Part:
    """The limb as a whole."""
    if limb.endswith("_arm"):
        return "arm"
    if limb.endswith("_leg"):
        return "leg"
    return "head" if limb == "head" else "upper_body"


def mending_of(evidence: Evidence, limb: str, stretch: Stretch, config: ReasonsConfig) -> Mending:
    """What mends this limb within these frames; "other" where the difference keeps to no one direction."""
    looks = _looks(evidence, limb, stretch)
    if not looks:
        return Mending(whole_part(limb), "other", 0.0, 0.0)
    if limb.endswith(("_arm", "_leg")):
        return _bend(looks, config) or _limb_mending(evidence, limb, looks, stretch, config)
    worst = max(looks, key=lambda look: look.error_deg * look.weight)
    return _mending(worst, _word(worst, limb, _facing(evidence, stretch, config), config), worst.part, config)


def _looks(evidence: Evidence, limb: str, stretch: Stretch) -> list[_Look]:
    rows = slice(*stretch)
    looks = [
        _Look(
            SEGMENTS[index],
            evidence.shown[rows, index],
            evidence.danced[rows, index],
            evidence.weights[rows, index],
            evidence.error_deg[rows, index],
        )
        for index in np.flatnonzero(IN_LIMB[limb])
    ]
    return [look for look in looks if look.weight > 0]


def _limb_mending(
    evidence: Evidence, limb: str, looks: list[_Look], stretch: Stretch, config: ReasonsConfig
) -> Mending:
    """The first segment from the body on that is to blame; the whole limb if all of it is straight and off alike."""
    facing = _facing(evidence, stretch, config)
    large = [look for look in looks if look.segment.weight >= 0.5 * max(other.segment.weight for other in looks)]
    worst = max(look.error_deg for look in large)
    blamed = next(look for look in large if look.error_deg >= config.blame_share * worst)
    word = _word(blamed, limb, facing, config)
    rest = large[large.index(blamed) + 1 :]
    as_one = blamed is large[0] and rest and all(_follows(look, blamed, word, limb, facing, config) for look in rest)
    return _mending(blamed, word, whole_part(limb) if as_one or word == "other" else blamed.part, config)


def _follows(look: _Look, first: _Look, word: Correction, limb: str, facing: "_Facing", config: ReasonsConfig) -> bool:
    """Both segments form one straight line that points the wrong way as a whole."""
    straight = _mean_flex_deg(first, look, first.shown, look.shown) < config.straight_deg
    return straight and _word(look, limb, facing, config) == word


def _mending(look: _Look, word: Correction, part: Part, config: ReasonsConfig) -> Mending:
    degrees = look.error_deg if word == "other" else abs(look.turn_deg)
    return Mending(part, word, degrees, look.clarity)


def _bend(looks: list[_Look], config: ReasonsConfig) -> Mending | None:
    """Elbow or knee: bent or straight where the guide's is not, and that is the main difference."""
    upper = next((look for look in looks if look.part in ("elbow", "knee")), None)
    lower = next((look for look in looks if look.segment.end[0].endswith(("_wrist", "_ankle"))), None)
    if upper is None or lower is None:
        return None
    weights = np.minimum(upper.weights, lower.weights)
    if not weights.sum() > 0:
        return None
    too_bent = _flex_deg(upper.danced, lower.danced) - _flex_deg(upper.shown, lower.shown)
    mean = float((too_bent * weights).sum() / weights.sum())
    size = float((np.abs(too_bent) * weights).sum() / weights.sum())
    if abs(mean) < config.least_bend_deg or abs(mean) < config.clear_share * size:
        return None
    if not (_only_lower_off(upper, lower, config) or _turned_apart(upper, lower)):
        return None
    return Mending(upper.part, "straighten" if mean > 0 else "bend", abs(mean), abs(mean) / size)


def _only_lower_off(upper: _Look, lower: _Look, config: ReasonsConfig) -> bool:
    """The upper segment is right and one of the two dancers has the joint straight."""
    straight = min(
        _mean_flex_deg(upper, lower, *pair) for pair in ((upper.shown, lower.shown), (upper.danced, lower.danced))
    )
    return upper.error_deg < config.blame_share * lower.error_deg and straight < config.straight_deg


def _turned_apart(upper: _Look, lower: _Look) -> bool:
    """Both segments are off, in opposite senses, as when a joint opens or closes."""
    least = 0.4 * max(abs(upper.turn_deg), abs(lower.turn_deg))
    return upper.turn_deg * lower.turn_deg < 0 and min(abs(upper.turn_deg), abs(lower.turn_deg)) >= least


@dataclass(frozen=True)
class _Facing:
    """The dancer's own left and front along the picture's x: 1, -1, or 0 where that points at the camera."""

    left: int
    front: int


def _facing(evidence: Evidence, stretch: Stretch, config: ReasonsConfig) -> _Facing:
    """From the guide's shoulders and hips, and sideways from where the nose and the toes point."""
    across, ahead = [], []
    for index, segment in enumerate(SEGMENTS):
        vectors = evidence.shown[slice(*stretch), index]
        x = vectors[(vectors != 0).any(axis=-1), 0]
        if not len(x):
            continue
        start, end = segment.start[0], segment.end[0]
        if len(segment.start) == len(segment.end) == 1 and {start.split("_")[0], end.split("_")[0]} == {
            "left",
            "right",
        }:
            across.append(float(x.mean()) * (1 if end.startswith("left") else -1))
        elif "toe" in end or segment.limb == "head":
            ahead.append(float(x.mean()))
    width = float(np.mean(across)) if across else 1.0
    if abs(width) >= config.least_facing_share:
        return _Facing(int(np.sign(width)), 0)
    return _Facing(0, int(np.sign(np.mean(ahead))) if ahead else 0)


def _word(look: _Look, limb: str, facing: _Facing, config: ReasonsConfig) -> Correction:
    if look.clarity < config.clear_share:
        return "other"
    if limb.endswith("_arm"):
        return _arm_word(look, limb, facing, config)
    if limb.endswith("_leg"):
        return _end_word(look, limb, facing)
    if limb == "head":
        return _end_word(look, limb, facing)
    return _torso_word(look, facing)


def _arm_word(look: _Look, limb: str, facing: _Facing, config: ReasonsConfig) -> Correction:
    shown, danced = _mean(look.shown, look.weights), _mean(look.danced, look.weights)
    rise_deg = _height_deg(shown) - _height_deg(danced)
    if abs(rise_deg) >= config.rising_share * abs(look.turn_deg):
        return "raise" if rise_deg > 0 else "lower"
    return _across_word(float(look.way[0]), limb, facing)


def _end_word(look: _Look, limb: str, facing: _Facing) -> Correction:
    """Raised or lowered if its end has to move more up or down than across."""
    x, y = look.way
    if abs(y) >= abs(x):
        return "raise" if y < 0 else "lower"
    return _across_word(float(x), limb, facing)


def _torso_word(look: _Look, facing: _Facing) -> Correction:
    x, y = look.way
    single = len(look.segment.end) == 1
    if single and abs(x) > abs(y):
        # The line of the shoulders or hips seen wider or narrower: a turn, whose sense the picture does not show.
        return "other"
    if single:
        # A raised left hip is pushed out to the left; a raised left shoulder leans to the right.
        left_rises = (y < 0) == look.segment.end[0].startswith("left")
        return "left" if left_rises == (look.part == "hips") else "right"
    if abs(y) > abs(x):
        return "straighten" if y < 0 else "bend"
    return _across_word(float(x), "torso", facing)


def _across_word(x: float, limb: str, facing: _Facing) -> Correction:
    """For a way along the picture's x, in the dancer's own terms."""
    if facing.left == 0:
        return "other" if facing.front == 0 else "forward" if x * facing.front > 0 else "back"
    to_left = x * facing.left > 0
    if limb.startswith(("left_", "right_")):
        return "out" if to_left == limb.startswith("left_") else "in"
    return "left" if to_left else "right"


def _mean(vectors: Floats, weights: Floats) -> Floats:
    return np.asarray((vectors * weights[:, None]).sum(axis=0) / max(float(weights.sum()), _LEAST_LENGTH))


def _height_deg(vector: Floats) -> float:
    """Angle above hanging straight down: 90 is level, 180 straight up."""
    return float(np.degrees(np.arctan2(abs(vector[0]), vector[1])))


def _turn_deg(start: Floats, end: Floats) -> float:
    across = start[0] * end[1] - start[1] * end[0]
    return float(np.degrees(np.arctan2(across, start @ end)))


def _flex_deg(upper: Floats, lower: Floats) -> Floats:
    """(n,) how far a joint is bent: 0 straight, 180 folded."""
    across = upper[:, 0] * lower[:, 1] - upper[:, 1] * lower[:, 0]
    return np.asarray(np.degrees(np.arctan2(np.abs(across), (upper * lower).sum(axis=-1))))


def _mean_flex_deg(upper: _Look, lower: _Look, upper_vectors: Floats, lower_vectors: Floats) -> float:
    weights = np.minimum(upper.weights, lower.weights)
    flex = _flex_deg(upper_vectors, lower_vectors)
    return float((flex * weights).sum()) / max(float(weights.sum()), _LEAST_LENGTH)
