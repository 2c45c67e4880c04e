"""One attempt against its guide: sample, align, measure, judge, score."""

import math
from typing import Literal

import numpy as np

from choreography.comparison import metrics, scoring
from choreography.comparison.alignment import Alignment, align
from choreography.comparison.config import DEFAULT_CONFIG, ScoringConfig
from choreography.comparison.counts import DanceMap
from choreography.comparison.normalise import TIME_TOLERANCE_S, even_times, found_s, mirrored, movement_of
from choreography.comparison.result import ComparisonResult, Notice, Verdict
from choreography.comparison.scoring import Evidence
from choreography.comparison.start import NO_SOUND, SoundEvidence
from inference.pose.track import PoseTrack

NO_MAP = DanceMap()


def compare(
    guide: PoseTrack,
    attempt: PoseTrack,
    config: ScoringConfig = DEFAULT_CONFIG,
    *,
    offset_hint_s: float | None = None,
    hint_source: Literal["live", "nudged"] = "live",
    sound: SoundEvidence = NO_SOUND,
    dance: DanceMap = NO_MAP,
    dancers: int = 1,
) -> ComparisonResult:
    """How well the attempt follows the guide.

    Parameters
    ----------
    guide, attempt : PoseTrack
        One dancer each, at any frame rate, size and place in the picture.
    config : ScoringConfig
    offset_hint_s : float, optional
        Where the guide's time 0 lies in the attempt when that is known. The score is then taken at exactly this offset,
        so lateness costs, and `lag_ms` tells the lateness.
    hint_source : {"live", "nudged"}
        Who knows: the take was danced live with the guide, or a person moved the start by hand.
    sound : SoundEvidence
        Where the guide's song was heard in the attempt.
    dance : DanceMap
        Counts and sections of the guide.
    dancers : int
        How many people dance in the attempt's clip.

    Raises
    ------
    ComparisonError
        If the hint is not a finite number.
    """
    if offset_hint_s is not None and not math.isfinite(offset_hint_s):
        raise metrics.ComparisonError(f"offset_hint_s is {offset_hint_s}")
    refusal = _refusal(guide, attempt, config)
    if refusal:
        return ComparisonResult(config.version, refusal)
    alignment = align(guide, attempt, config, offset_hint_s)
    if alignment is None:
        return ComparisonResult(config.version, _why_not_aligned(guide, attempt, config, offset_hint_s))
    evidence = _aligned_evidence(guide, attempt, alignment, config)
    if evidence is None:
        return ComparisonResult(config.version, "too_short", offset_s=alignment.offset_s)
    return _result(guide, evidence, alignment, config, offset_hint_s, dancers)


def _refusal(guide: PoseTrack, attempt: PoseTrack, config: ScoringConfig) -> Verdict | None:
    if found_s(guide, config) < config.min_found_s:
        return "no_guide_dancer"
    if found_s(attempt, config) < config.min_found_s:
        return "no_dancer"
    if min(guide.duration_s, attempt.duration_s) < config.min_overlap_s:
        return "too_short"
    return None


def _why_not_aligned(guide: PoseTrack, attempt: PoseTrack, config: ScoringConfig, hint_s: float | None) -> Verdict:
    if hint_s is None:
        return "too_little_in_view"
    start_s = max(guide.t_s[0], attempt.t_s[0] - hint_s)
    end_s = min(guide.t_s[-1], attempt.t_s[-1] - hint_s)
    return "too_short" if end_s - start_s < config.min_overlap_s else "too_little_in_view"


def _aligned_evidence(
    guide: PoseTrack, attempt: PoseTrack, alignment: Alignment, config: ScoringConfig
) -> Evidence | None:
    """Both movements at the guide's even times within the overlap; None where that is too short."""
    danced = mirrored(attempt) if alignment.mirrored else attempt
    t_s = even_times(guide, config)
    danced_s = t_s + alignment.offset_s
    t_s = t_s[(danced_s >= attempt.t_s[0] - TIME_TOLERANCE_S) & (danced_s <= attempt.t_s[-1] + TIME_TOLERANCE_S)]
    # One frame is forgiven: the offset found on the grid may move by half a frame when it is refined.
    if len(t_s) < round(config.min_overlap_s * config.rate_hz) - 1:
        return None
    return scoring.measure(
        movement_of(guide, config, t_s), movement_of(danced, config, t_s + alignment.offset_s), config
    )


def _result(
    guide: PoseTrack,
    evidence: Evidence,
    alignment: Alignment,
    config: ScoringConfig,
    hint_s: float | None,
    dancers: int,
) -> ComparisonResult:
    verdict = _verdict(evidence, alignment, config)
    judged = verdict == "judged"
    score = scoring.total_score(evidence, config) if judged else None
    limbs = scoring.limb_results(evidence, config) if judged else ()
    missing = tuple(limb.limb for limb in limbs if limb.score is None)
    overlap_s = (float(evidence.guide.t_s[0]), float(evidence.guide.t_s[-1]))
    lag_s = None if hint_s is None or alignment.match < config.min_lag_match else alignment.best_offset_s - hint_s
    return ComparisonResult(
        scoring_version=config.version,
        verdict=verdict,
        score=score,
        grade=None if score is None else scoring.grade_of(score, config),
        offset_s=alignment.offset_s,
        lag_ms=None if lag_s is None or not judged else 1000.0 * lag_s,
        mirrored=alignment.mirrored,
        confidence=alignment.confidence,
        coverage=evidence.coverage["all"],
        overlap_s=overlap_s,
        mean_error_deg=_number(evidence.mean_error_deg["all"]),
        chance_error_deg=_number(evidence.chance_error_deg["all"]),
        match=evidence.match["all"],
        limbs=limbs,
        missing_limbs=missing,
        notices=_notices(guide, evidence, alignment, score, missing, config, dancers),
        timeline=scoring.timeline(evidence, config),
    )


def _verdict(evidence: Evidence, alignment: Alignment, config: ScoringConfig) -> Verdict:
    if evidence.coverage["all"] < config.min_coverage:
        return "too_little_in_view"
    if not evidence.guide_size["all"] >= config.min_guide_movement:
        return "no_guide_movement"
    if evidence.attempt_size["all"] < config.min_movement_share * evidence.guide_size["all"]:
        return "stood_still"
    if metrics.replay_residual(evidence.guide, evidence.attempt) < config.replay_residual:
        return "guide_replayed"
    if (
        alignment.confidence < config.low_confidence
        and scoring.total_score(evidence, config) < config.other_dance_score
    ):
        return "other_dance"
    return "judged"


def _notices(
    guide: PoseTrack,
    evidence: Evidence,
    alignment: Alignment,
    score: float | None,
    missing: tuple[str, ...],
    config: ScoringConfig,
    dancers: int,
) -> tuple[Notice, ...]:
    if score is None:
        return ()
    overlap_s = evidence.guide.t_s[-1] - evidence.guide.t_s[0]
    unsure = alignment.confidence < config.low_confidence
    told: tuple[tuple[Notice, bool], ...] = (
        ("mirrored", alignment.mirrored),
        ("partial_take", bool(overlap_s < config.partial_take_share * guide.duration_s)),
        ("limbs_out_of_view", bool(missing)),
        ("partly_out_of_view", evidence.coverage["all"] < config.full_view_coverage),
        ("low_confidence", unsure),
        ("several_people", dancers > 1),
    )
    return tuple(notice for notice, applies in told if applies)


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None
