"""Whether a take can be judged, and what else its dancer should know: codes, in the order in which they are asked."""

from choreography.comparison import metrics
from choreography.comparison.alignment import Alignment
from choreography.comparison.config import ScoringConfig
from choreography.comparison.measuring import Measured
from choreography.comparison.normalise import IN_LIMB, LIMBS, Movement
from choreography.comparison.result import ComparisonResult, Notice, Verdict
from choreography.comparison.start import SoundEvidence
from inference.pose.track import PoseTrack


def refusal_of(
    shown: Movement, danced: Movement, guide: PoseTrack, attempt: PoseTrack, config: ScoringConfig
) -> Verdict | None:
    """Why the two cannot even be aligned, seen before it is tried."""
    if shown.seen.any(axis=1).sum() / config.rate_hz < config.min_found_s:
        return "no_guide_dancer"
    if danced.seen.any(axis=1).sum() / config.rate_hz < config.min_found_s:
        return "no_dancer"
    if min(guide.duration_s, attempt.duration_s) < config.min_overlap_s:
        return "too_short"
    return None


def why_not_aligned(guide: PoseTrack, attempt: PoseTrack, config: ScoringConfig, hint_s: float | None) -> Verdict:
    """Seen after it was tried in vain."""
    if hint_s is None:
        return "too_little_in_view"
    start_s = max(guide.t_s[0], attempt.t_s[0] - hint_s)
    end_s = min(guide.t_s[-1], attempt.t_s[-1] - hint_s)
    return "too_short" if end_s - start_s < config.min_overlap_s else "too_little_in_view"


def verdict_of(measured: Measured, alignment: Alignment, score: float | None, config: ScoringConfig) -> Verdict:
    """What an aligned and measured pair comes to."""
    both = measured.guide.seen & measured.attempt.seen
    guide_size = float(metrics.movement_size(measured.guide, both)[0])
    attempt_size = float(metrics.movement_size(measured.attempt, both)[0])
    if score is None or not _is_enough_in_view(measured, config):
        return "too_little_in_view"
    if not guide_size >= config.min_guide_movement:
        return "no_guide_movement"
    if attempt_size < config.min_movement_share * guide_size:
        return "stood_still"
    if _is_same_footage(measured, config):
        return "guide_replayed"
    is_unsure = alignment.source == "movement" and alignment.confidence < config.low_confidence
    if is_unsure and score < config.other_dance_score:
        return "other_dance"
    if is_unsure and metrics.judged_s(measured.guide, measured.attempt, config) < config.min_sure_s:
        return "too_short"
    return "judged"


def notices_of(
    guide: PoseTrack,
    found: ComparisonResult,
    measured: Measured,
    alignment: Alignment,
    error_bar: float,
    missing: tuple[str, ...],
    sound: SoundEvidence,
    dancers: int,
    config: ScoringConfig,
) -> tuple[Notice, ...]:
    """What is said beside the score of a judged take."""
    overlap_s = measured.evidence.t_s[-1] - measured.evidence.t_s[0]
    told: tuple[tuple[Notice, bool], ...] = (
        ("mirrored", found.mirrored),
        ("partial_take", bool(overlap_s < config.partial_take_share * guide.duration_s)),
        ("limbs_out_of_view", bool(missing)),
        ("partly_out_of_view", found.coverage < config.full_view_coverage),
        ("start_unsure", alignment.confidence < config.low_confidence),
        ("low_confidence", error_bar > config.wide_error_bar),
        ("other_song", sound.song == "other"),
        ("several_people", dancers > 1),
        ("turned_camera", abs(measured.turn.yaw_deg) >= config.told_turn_deg),
        ("constant_lag_unknown", alignment.source == "movement"),
        ("device_latency", abs(measured.latency_s or 0.0) >= config.told_latency_s),
    )
    return tuple(notice for notice, applies in told if applies)


def _is_enough_in_view(measured: Measured, config: ScoringConfig) -> bool:
    coverage, *by_limb = metrics.coverage(measured.guide, measured.attempt).tolist()
    shown = {limb: measured.guide.seen[:, IN_LIMB[limb]].mean() for limb in LIMBS if "arm" in limb}
    arms = [by_limb[LIMBS.index(limb)] for limb, share in shown.items() if share >= config.min_limb_coverage]
    return bool(coverage >= config.min_coverage and max(arms, default=1.0) >= config.min_limb_coverage)


def _is_same_footage(measured: Measured, config: ScoringConfig) -> bool:
    return (
        measured.build_difference < config.replay_build
        and metrics.replay_error_deg(measured.guide, measured.attempt) < config.replay_error_deg
        and metrics.replay_bias_deg(measured.guide, measured.attempt) < config.replay_bias_deg
    )
