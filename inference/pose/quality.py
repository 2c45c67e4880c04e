"""How far a clip can be judged, and what the dancer can do about it. `inference.quality_words` puts codes into words."""

from dataclasses import dataclass


@dataclass(frozen=True)
class QualityFinding:
    """Something that makes the clip harder to judge, with the stretch of time that it concerns.

    `value` is what was measured, in the unit that belongs to the code (a share, seconds, frames a second).
    """

    code: str
    from_s: float
    to_s: float
    value: float


@dataclass(frozen=True)
class QualityReport:
    """What can be seen of one person in a clip.

    Attributes
    ----------
    whole_body_share : float
        Frames in which the whole body is in view, as a share of all frames.
    limb_shares : dict
        The same for each limb of `SKELETON.limbs`.
    longest_gap_s : float
        The longest stretch without this person.
    people : int
        How many people were seen.
    fps : float
        Frames a second that an engine looked at.
    refusal : str or None
        The code of why this clip cannot be judged at all ("no_dancer", "only_upper_body", "slide_show").
    findings : tuple of QualityFinding
        The worst first.
    """

    whole_body_share: float
    limb_shares: dict[str, float]
    longest_gap_s: float
    people: int
    fps: float
    refusal: str | None
    findings: tuple[QualityFinding, ...]
