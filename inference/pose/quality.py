"""How far a clip can be judged, and what makes it hard. `inference.quality_words` says what the dancer can do about it."""

import numpy as np

from inference.pose.clip_view import ClipView, fps_of, share
from inference.pose.people import Estimate
from inference.pose.quality_report import DEFAULT_CONFIG, KEY_JOINTS, QualityConfig, QualityFinding, QualityReport
from inference.pose.shortcomings import shortcomings
from inference.pose.skeleton import SKELETON
from inference.pose.track import PoseTrack

__all__ = ["REFUSALS", "QualityConfig", "QualityFinding", "QualityReport", "assess"]

REFUSALS = ("no_dancer", "only_upper_body", "slide_show")


def assess(person_track: PoseTrack | None, estimate: Estimate, config: QualityConfig = DEFAULT_CONFIG) -> QualityReport:
    """What can be seen of one person of a clip.

    Parameters
    ----------
    person_track : PoseTrack or None
        One of the estimate's tracks; None for a clip in which nobody is followed.
    estimate : Estimate
        What was seen in the same clip.
    config : QualityConfig
    """
    track = estimate.nobody if person_track is None else person_track
    view = ClipView(track, estimate, config)
    gaps = view.stretches(~track.found, 0.0, bridge_s=0.0)
    return QualityReport(
        duration_s=track.duration_s,
        found_share=share(track.found),
        whole_body_share=share(np.all([view.limb_in_view(limb) for limb in KEY_JOINTS], axis=0)),
        limb_shares={limb: share(view.limb_in_view(limb)) for limb in SKELETON.limbs},
        longest_gap_s=gaps[0][1] - gaps[0][0] if gaps else 0.0,
        people=len(estimate.people),
        fps=fps_of(estimate.looks.t_s),
        refusal=_refusal(view),
        findings=shortcomings(view),
    )


def _refusal(view: ClipView) -> str | None:
    """Why nothing can be judged at all. Whoever is seated, half hidden, in the dark or away for a while is no such case."""
    if _is_slide_show(view):
        return "slide_show"
    if share(view.track.found) * view.track.duration_s < view.config.least_found_s:
        return "no_dancer"
    return "only_upper_body" if _is_only_upper_body(view) else None


def _is_slide_show(view: ClipView) -> bool:
    """Few different pictures, and nobody who moves while one of them stands."""
    config, looks = view.config, view.estimate.looks
    if not view.track.duration_s:
        return False
    different = 1 + int((looks.change >= config.frozen_change).sum())
    return different / view.track.duration_s < config.slide_fps and _movement_per_s(view) < config.slide_movement_per_s


def _movement_per_s(view: ClipView) -> float:
    """Median speed of the joints in body heights a second, where no cut lies between.

    Taken over half a second, or the keypoints' jitter would count as movement.
    """
    track = view.track
    reach = max(1, round(0.5 * fps_of(track.t_s)))
    shot = np.cumsum(track.begins_shot)
    usable = track.found[:-reach] & track.found[reach:] & (shot[:-reach] == shot[reach:])
    if not usable.any():
        return 0.0
    moved = np.linalg.norm(track.xy_px[reach:][usable] - track.xy_px[:-reach][usable], axis=2).mean(axis=1)
    elapsed_s = (track.t_s[reach:] - track.t_s[:-reach])[usable]
    return float(np.median(moved / np.maximum(view.height_px[:-reach][usable], 1.0) / elapsed_s))


def _is_only_upper_body(view: ClipView) -> bool:
    """The legs are beyond the picture's edge nearly all the time. Legs behind a table or on a chair are within it."""
    found = view.track.found
    shown = (view.limb_in_view("left_leg") | view.limb_in_view("right_leg"))[found]
    cut_off = (view.limb_cut_off("left_leg") & view.limb_cut_off("right_leg"))[found]
    return share(shown) < view.config.legs_in_view_share and share(cut_off) > view.config.legs_cut_off_share
