"""One attempt against its guide: sample, align, turn, measure, judge, score, explain."""

import math
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from choreography.comparison import metrics, scoring, timing
from choreography.comparison.alignment import Alignment, align
from choreography.comparison.config import DEFAULT_CONFIG, ScoringConfig
from choreography.comparison.counts import DanceMap
from choreography.comparison.evidence import Evidence
from choreography.comparison.measuring import Measured, measure
from choreography.comparison.normalise import TIME_TOLERANCE_S, Sampler, even_times
from choreography.comparison.overlap import judged_rows
from choreography.comparison.plan import practice_plan
from choreography.comparison.reasons import find_reasons
from choreography.comparison.result import ComparisonResult, Start
from choreography.comparison.start import NO_SOUND, SoundEvidence
from choreography.comparison.turn import NO_TURN
from choreography.comparison.verdicts import notices_of, refusal_of, verdict_of, why_not_aligned
from inference.pose.track import PoseTrack

NO_MAP = DanceMap()


def compare(
    guide: PoseTrack,
    attempt: PoseTrack,
    config: ScoringConfig = DEFAULT_CONFIG,
    *,
    offset_hint_s: float | None = None,
    hint_source: Literal["known", "live", "nudged"] = "known",
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
        so lateness costs, and `lag_ms` tells the lateness; a live take's constant lag is its device's up to
        `device_latency_s`.
    hint_source : {"known", "live", "nudged"}
        Who knows: it is certain; a browser's clock, for a take danced live with the guide; or a person moved it by hand.
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
    shown, danced = Sampler(guide, config), Sampler(attempt, config)
    t_s = even_times(guide, config)
    guide_movement, attempt_movement = shown.at(t_s), danced.at(even_times(attempt, config))
    refusal = refusal_of(guide_movement, attempt_movement, guide, attempt, config)
    if refusal:
        return ComparisonResult(config.version, refusal)
    alignment = align(guide_movement, attempt_movement, config, offset_hint_s, hint_source, sound)
    if alignment is None:
        return ComparisonResult(config.version, why_not_aligned(guide, attempt, config, offset_hint_s))
    within = judged_rows(t_s, shown, danced, alignment, config)
    # One frame is forgiven: the offset found on the grid may move by half a frame when it is refined.
    if within.sum() < round(config.min_overlap_s * config.rate_hz) - 1:
        return ComparisonResult(config.version, "too_short", offset_s=alignment.offset_s)
    measured = measure(guide_movement.rows(within), shown.build, danced, alignment, config)
    return _result(guide, measured, alignment, config, sound, dance, dancers)


def _result(
    guide: PoseTrack,
    measured: Measured,
    alignment: Alignment,
    config: ScoringConfig,
    sound: SoundEvidence,
    dance: DanceMap,
    dancers: int,
) -> ComparisonResult:
    evidence = measured.evidence
    coverage = float(metrics.coverage(measured.guide, measured.attempt)[0])
    spans, stretch = _stretches(evidence, dance, config)
    judgement = scoring.judge_stretches(evidence, stretch, config)
    went = scoring.total(judgement, config)
    verdict = verdict_of(measured, alignment, went.score, config)
    chance_deg = evidence.body_chance_deg
    found = ComparisonResult(
        scoring_version=config.version,
        verdict=verdict,
        offset_s=measured.offset_s,
        start=_start(alignment, measured),
        mirrored=alignment.mirrored,
        turn_deg=None if measured.turn == NO_TURN and measured.attempt.depth is None else measured.turn.yaw_deg,
        confidence=alignment.confidence,
        coverage=coverage,
        overlap_s=(float(evidence.t_s[0]), float(evidence.t_s[-1])),
        mean_error_deg=_weighted_error(evidence),
        chance_error_deg=chance_deg if math.isfinite(chance_deg) else None,
        match=alignment.match,
        timeline=scoring.timeline(evidence, config),
    )
    if verdict != "judged" or went.score is None:
        return found
    error_bar = scoring.error_bar(
        metrics.judged_s(measured.guide, measured.attempt, config), coverage, alignment.confidence, config
    )
    limbs = scoring.limb_results(evidence, judgement, config)
    eights = scoring.eight_results(judgement, spans, dance, config)
    findings = find_reasons(evidence, dance, config.reasons, config.rate_hz)
    missing = tuple(limb.limb for limb in limbs if limb.score is None)
    return replace(
        found,
        score=went.score,
        error_bar=error_bar,
        grade=scoring.grade_of(went.score, config),
        parts=went.parts,
        lag_ms=None if alignment.source == "movement" else went.lag_ms,
        pace=timing.pace_of(evidence.lag_s, evidence.t_s, config.timing),
        limbs=limbs,
        sections=scoring.section_results(judgement, spans, dance, config),
        eights=eights,
        worst_eight=scoring.worst(eights),
        findings=findings,
        plan=practice_plan(findings, dance, config.reasons),
        missing_limbs=missing,
        notices=notices_of(guide, found, measured, alignment, error_bar, missing, sound, dancers, config),
    )


def _stretches(
    evidence: Evidence, dance: DanceMap, config: ScoringConfig
) -> tuple[list[tuple[int, float, float]], NDArray[np.int64]]:
    """The eights of the overlap, and the one that each frame belongs to."""
    # To the last frame and not past it, or a take that ends with an eight would have begun another.
    spans = dance.spans(float(evidence.t_s[0]), float(evidence.t_s[-1]), config.piece_s)
    starts = np.array([start_s for _, start_s, _ in spans])
    stretch = np.searchsorted(starts, evidence.t_s + TIME_TOLERANCE_S, side="right") - 1
    return spans, np.maximum(stretch, 0).astype(np.int64)


def _start(alignment: Alignment, measured: Measured) -> Start:
    latency_ms = None if measured.latency_s is None else 1000.0 * measured.latency_s
    return Start(alignment.source, alignment.confidence, alignment.candidates, latency_ms)


def _weighted_error(evidence: Evidence) -> float | None:
    total = float(evidence.weights.sum())
    return float((evidence.weights * evidence.error_deg).sum()) / total if total > 0 else None
