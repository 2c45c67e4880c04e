"""What is reported about how well a clip can be judged, as it is kept and shown, and the thresholds behind it."""

from dataclasses import dataclass
from typing import Any, Self

REPORT_VERSION = 1

Stretch = tuple[float, float]

KEY_JOINTS = {
    "torso": ("left_shoulder", "right_shoulder", "left_hip", "right_hip"),
    "left_arm": ("left_elbow", "left_wrist"),
    "right_arm": ("right_elbow", "right_wrist"),
    "left_leg": ("left_knee", "left_ankle"),
    "right_leg": ("right_knee", "right_ankle"),
    "head": ("nose",),
}
"""A limb is in view if these joints are: hands and feet flicker even where the limb is plainly to be seen."""


@dataclass(frozen=True)
class QualityConfig:
    """Thresholds of one version of the report. Lengths are shares of the picture's long side unless they say otherwise."""

    version: str = "1"

    # What counts as seen
    min_joint_conf: float = 0.5
    picture_margin: float = 0.02
    """A joint so far outside the picture is cut off, whatever its confidence."""

    # How long something has to last to be worth a word, in seconds
    least_absence_s: float = 0.5
    least_stretch_s: float = 0.7
    least_hidden_s: float = 1.5
    """Arms behind the body belong to many dances; only if they stay there it was the camera's place."""
    least_look_s: float = 0.9
    bridge_s: float = 0.5
    """Stretches closer together than this are one."""
    most_stretches: int = 3

    # The picture
    dark_luma: float = 50.0
    blurred_sharpness: float = 0.012
    """A blur of half a hundredth of the long side, 10 pixels of 1080p, which costs keypoints their place."""
    moving_camera_per_s: float = 0.08
    frozen_change: float = 0.03
    """A mean difference to the picture before below this: the same picture again, encoded anew."""
    least_frozen_s: float = 1.0

    # The dancer
    far_away_height: float = 0.22
    rival_size: float = 0.5
    """Somebody at least this tall, as a share of the dancer's height, may be taken for the dancer."""

    # The clock, in frames a second and shares
    low_fps: float = 20.0
    dropped_steps: float = 2.5
    """A step so many times the usual one lost frames."""
    dropped_share: float = 0.05

    # Refusals
    least_found_s: float = 0.5
    legs_in_view_share: float = 0.1
    """With the legs in the picture for less of the dancer's time than this, only the upper body was filmed."""
    legs_cut_off_share: float = 0.5
    """And beyond the picture's edge for more than this."""
    slide_fps: float = 4.0
    slide_movement_per_s: float = 0.05
    """Movement of the joints within shots, in body heights a second."""


DEFAULT_CONFIG = QualityConfig()


@dataclass(frozen=True)
class QualityFinding:
    """Something that makes the clip harder to judge, with the time that it concerns.

    Attributes
    ----------
    code : str
        Stable; `shortcomings.WEIGHTS` lists them all.
    stretches_s : tuple of (from, to)
        In seconds, the longest first, at most a few; from equals to where it concerns a moment (a cut).
    value : float
        What was measured: a share of the frames, or what `shortcomings.WEIGHTS` says.
    """

    code: str
    stretches_s: tuple[Stretch, ...]
    value: float


@dataclass(frozen=True)
class QualityReport:
    """What can be seen of one person in a clip.

    Attributes
    ----------
    duration_s : float
        Of the clip.
    found_share : float
        Frames in which this person was found, as a share of all frames.
    whole_body_share : float
        The same for frames in which every limb is in view.
    limb_shares : dict
        The same for each limb of `SKELETON.limbs`.
    longest_gap_s : float
        The longest stretch without this person.
    people : int
        How many people were seen.
    fps : float
        Pictures a second.
    refusal : str or None
        The code of why this clip cannot be judged at all ("no_dancer", "only_upper_body", "slide_show").
    findings : tuple of QualityFinding
        The worst first, one for each code.
    """

    duration_s: float
    found_share: float
    whole_body_share: float
    limb_shares: dict[str, float]
    longest_gap_s: float
    people: int
    fps: float
    refusal: str | None
    findings: tuple[QualityFinding, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "version": REPORT_VERSION,
            "duration_s": round(self.duration_s, 3),
            "found_share": round(self.found_share, 4),
            "whole_body_share": round(self.whole_body_share, 4),
            "limb_shares": {limb: round(share, 4) for limb, share in self.limb_shares.items()},
            "longest_gap_s": round(self.longest_gap_s, 3),
            "people": self.people,
            "fps": round(self.fps, 3),
            "refusal": self.refusal,
            "findings": [
                {
                    "code": finding.code,
                    "stretches_s": [[round(start, 3), round(end, 3)] for start, end in finding.stretches_s],
                    "value": round(finding.value, 4),
                }
                for finding in self.findings
            ],
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Raises ValueError for a version that is not known."""
        if stored.get("version") != REPORT_VERSION:
            raise ValueError(f"a quality report of version {stored.get('version')!r}")
        return cls(
            duration_s=stored["duration_s"],
            found_share=stored["found_share"],
            whole_body_share=stored["whole_body_share"],
            limb_shares=dict(stored["limb_shares"]),
            longest_gap_s=stored["longest_gap_s"],
            people=stored["people"],
            fps=stored["fps"],
            refusal=stored["refusal"],
            findings=tuple(
                QualityFinding(
                    finding["code"],
                    tuple((start, end) for start, end in finding["stretches_s"]),
                    finding["value"],
                )
                for finding in stored["findings"]
            ),
        )
