"""One attempt against its guide: sample, align, turn, measure, judge, score, explain."""

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from choreography.comparison import extent, metrics, scoring, timing
from choreography.comparison.alignment import Alignment, align
from choreography.comparison.config import DEFAULT_CONFIG, ScoringConfig
from choreography.comparison.counts import DanceMap
from choreography.comparison.evidence import Evidence
from choreography.comparison.normalise import LIMBS, TIME_TOLERANCE_S, Floats, Movement, Sampler, even_times
from choreography.comparison.overlap import judged_rows
from choreography.comparison.plan import practice_plan
from choreography.comparison.reasons import find_reasons
from choreography.comparison.result import ComparisonResult, Notice, Start, Verdict
from choreography.comparison.start import NO_SOUND, SoundEvidence
from choreography.comparison.turn import NO_TURN, Turn, find_turn, turned, wandering_yaw_deg
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
    shown, danced = Sampler(guide, config), Sampler(attempt, config)
    t_s = even_times(guide, config)
    guide_movement, attempt_movement = shown.at(t_s), danced.at(even_times(attempt, config))
    refusal = _refusal(guide_movement, attempt_movement, guide, attempt, config)
    if refusal:
        return ComparisonResult(config.version, refusal)
    alignment = align(guide_movement, attempt_movement, config, offset_hint_s, hint_source, sound)
    if alignment is None:
        return ComparisonResult(config.version, _why_not_aligned(guide, attempt, config, offset_hint_s))
    within = judged_rows(t_s, shown, danced, alignment, config)
    # One frame is forgiven: the offset found on the grid may move by half a frame when it is refined.
    if within.sum() < round(config.min_overlap_s * config.rate_hz) - 1:
        return ComparisonResult(config.version, "too_short", offset_s=alignment.offset_s)
    measured = _measure(guide_movement.rows(within), shown.build, danced, alignment, config)
    return _result(guide, measured, alignment, config, sound, dance, dancers)


@dataclass(frozen=True, eq=False)
class _Measured:
    """Both movements at the same moments, the attempt turned, mirrored and read at its lag, and what was found."""

    guide: Movement
    attempt: Movement
    evidence: Evidence
    turn: Turn
    latency_s: float | None
    offset_s: float
    build_difference: float


def _refusal(
    shown: Movement, danced: Movement, guide: PoseTrack, attempt: PoseTrack, config: ScoringConfig
) -> Verdict | None:
    if shown.seen.any(axis=1).sum() / config.rate_hz < config.min_found_s:
        return "no_guide_dancer"
    if danced.seen.any(axis=1).sum() / config.rate_hz < config.min_found_s:
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


def _measure(
    shown: Movement, guide_build: Floats, danced: Sampler, alignment: Alignment, config: ScoringConfig
) -> _Measured:
    pad = timing.padding(config.timing, config.rate_hz)
    first = danced.at(shown.t_s + alignment.best_offset_s)
    first = first.mirrored() if alignment.mirrored else first
    turn = find_turn(shown, first, config)
    yaw_deg = wandering_yaw_deg(shown, first, turn, config)
    padded = _padded(shown.t_s, danced, alignment, pad, config)
    padded = turned(padded, turn, config, np.pad(yaw_deg, pad, mode="edge"))
    lags = timing.measure_lags(shown, padded, config.timing, config.rate_hz)
    in_step = timing.shifted(padded, lags.lag_s, pad, config.rate_hz)
    latency_s, zero_s = _zero(lags.lag_s, alignment, config)
    weights = metrics.shown_weights(shown, config)
    chance_deg = metrics.chance_error_deg(shown, in_step, weights, config)
    evidence = Evidence(
        t_s=shown.t_s,
        shown=shown.vectors,
        danced=in_step.vectors,
        weights=np.where(in_step.seen, weights, 0.0),
        shown_weights=weights,
        error_deg=metrics.direction_error_deg(shown, in_step),
        lag_s=lags.lag_s - zero_s,
        limb_lag_s=lags.limb_lag_s - zero_s,
        size_ratio=extent.size_ratio(shown, in_step, config.extent, config.rate_hz)[0],
        energy_ratio=extent.energy_ratio(shown, in_step, config.extent, config.rate_hz)[0],
        chance_deg=chance_deg[1:],
        body_chance_deg=float(chance_deg[0]),
    )
    unlike = metrics.build_difference(guide_build, danced.build)
    return _Measured(shown, in_step, evidence, turn, latency_s, alignment.offset_s + zero_s, unlike)


def _padded(t_s: Floats, danced: Sampler, alignment: Alignment, pad: int, config: ScoringConfig) -> Movement:
    """The attempt at the guide's times and so much before and after them as a lag may reach."""
    steps = np.arange(-pad, len(t_s) + pad) / config.rate_hz
    movement = danced.at(t_s[0] + steps + alignment.offset_s)
    return movement.mirrored() if alignment.mirrored else movement


def _zero(lag_s: Floats, alignment: Alignment, config: ScoringConfig) -> tuple[float | None, float]:
    """What of a constant lag is not the dancer's: the device's share where the start was heard, and the zero of lags.

    Where the movement alone told the start, a constant lag and a start that lies elsewhere are the same thing.
    """
    known = lag_s[np.isfinite(lag_s)]
    constant_s = float(np.median(known)) if len(known) else 0.0
    if alignment.source == "movement":
        return None, constant_s
    if alignment.source in ("sound", "both"):
        latency_s = float(np.clip(constant_s, -config.device_latency_s, config.device_latency_s))
        return latency_s, latency_s
    return None, 0.0


def _result(
    guide: PoseTrack,
    measured: _Measured,
    alignment: Alignment,
    config: ScoringConfig,
    sound: SoundEvidence,
    dance: DanceMap,
    dancers: int,
) -> ComparisonResult:
    evidence = measured.evidence
    coverage, *by_limb = metrics.coverage(measured.guide, measured.attempt).tolist()
    has_arm = (
        max(share for limb, share in zip(LIMBS, by_limb, strict=True) if "arm" in limb) >= config.min_limb_coverage
    )
    spans, stretch = _stretches(evidence, dance, config)
    judgement = scoring.judge_stretches(evidence, stretch, config)
    went = scoring.total(judgement, config)
    is_enough = has_arm and coverage >= config.min_coverage and went.score is not None
    verdict = _verdict(measured, alignment, went.score, is_enough, config)
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
        sections=scoring.section_results(evidence, dance, config),
        eights=eights,
        worst_eight=scoring.worst(eights),
        findings=findings,
        plan=practice_plan(findings, dance, config.reasons),
        missing_limbs=missing,
        notices=_notices(guide, found, measured, alignment, error_bar, missing, sound, dancers, config),
    )


def _stretches(
    evidence: Evidence, dance: DanceMap, config: ScoringConfig
) -> tuple[list[tuple[int, float, float]], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """The eights of the overlap, and the one that each frame belongs to."""
    # To the last frame and not past it, or a take that ends with an eight would have begun another.
    spans = dance.spans(float(evidence.t_s[0]), float(evidence.t_s[-1]), config.piece_s)
    starts = np.array([start_s for _, start_s, _ in spans])
    stretch = np.searchsorted(starts, evidence.t_s + TIME_TOLERANCE_S, side="right") - 1
    return spans, np.maximum(stretch, 0).astype(np.int64)


def _verdict(
    measured: _Measured, alignment: Alignment, score: float | None, is_enough: bool, config: ScoringConfig
) -> Verdict:
    both = measured.guide.seen & measured.attempt.seen
    guide_size = float(metrics.movement_size(measured.guide, both)[0])
    attempt_size = float(metrics.movement_size(measured.attempt, both)[0])
    if not is_enough or score is None:
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


def _is_same_footage(measured: _Measured, config: ScoringConfig) -> bool:
    return (
        measured.build_difference < config.replay_build
        and metrics.replay_error_deg(measured.guide, measured.attempt) < config.replay_error_deg
        and metrics.replay_bias_deg(measured.guide, measured.attempt) < config.replay_bias_deg
    )


def _start(alignment: Alignment, measured: _Measured) -> Start:
    latency_ms = None if measured.latency_s is None else 1000.0 * measured.latency_s
    return Start(alignment.source, alignment.confidence, alignment.candidates, latency_ms)


def _notices(
    guide: PoseTrack,
    found: ComparisonResult,
    measured: _Measured,
    alignment: Alignment,
    error_bar: float,
    missing: tuple[str, ...],
    sound: SoundEvidence,
    dancers: int,
    config: ScoringConfig,
) -> tuple[Notice, ...]:
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


def _weighted_error(evidence: Evidence) -> float | None:
    total = float(evidence.weights.sum())
    return float((evidence.weights * evidence.error_deg).sum()) / total if total > 0 else None
