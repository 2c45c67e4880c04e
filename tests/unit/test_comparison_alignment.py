"""The offset is found wherever it lies, to a few milliseconds, mirrored or not, and its confidence means something."""

import numpy as np
import pytest

from choreography.comparison.alignment import Alignment, align, match_curves
from choreography.comparison.config import DEFAULT_CONFIG as CONFIG
from choreography.comparison.normalise import WEIGHTS, mirrored, movement_of
from choreography.comparison.start import SoundCandidate, SoundEvidence
from inference.pose.track import PoseTrack
from tests.motion import SHORT_AND_BROAD, Dance, performed, unfound

DANCE = Dance(seed=5, duration_s=20.0)
GUIDE = performed(DANCE)


def maybe_aligned(attempt: PoseTrack, guide: PoseTrack = GUIDE, hint_s: float | None = None) -> Alignment | None:
    return align(movement_of(guide, CONFIG), movement_of(attempt, CONFIG), CONFIG, hint_s)


def aligned(attempt: PoseTrack, guide: PoseTrack = GUIDE, hint_s: float | None = None) -> Alignment:
    found = maybe_aligned(attempt, guide, hint_s)
    assert found is not None
    return found


def heard(attempt: PoseTrack, *candidates: tuple[float, float], guide: PoseTrack = GUIDE) -> Alignment:
    """Aligned with a song heard at these offsets, each with its confidence."""
    sound = SoundEvidence("same", tuple(SoundCandidate(*candidate) for candidate in candidates))
    found = align(movement_of(guide, CONFIG), movement_of(attempt, CONFIG), CONFIG, sound=sound)
    assert found is not None
    return found


@pytest.mark.parametrize("from_s", [0.0, 0.507, 3.333, 11.25])
@pytest.mark.parametrize("fps", [24.0, 30.0, 60.0])
def test_a_cut_out_part_is_found(from_s: float, fps: float) -> None:
    attempt = performed(DANCE, SHORT_AND_BROAD, from_s=from_s, to_s=from_s + 6.0, fps=fps, noise_px=3.0)
    assert aligned(attempt).offset_s == pytest.approx(-from_s, abs=0.004)


def test_a_take_that_begins_before_and_ends_after_the_guide_is_found() -> None:
    guide = performed(DANCE, from_s=6.0, to_s=12.0)
    assert aligned(GUIDE, guide).offset_s == pytest.approx(6.0, abs=0.004)


def test_overlapping_ends_are_found() -> None:
    guide, attempt = performed(DANCE, to_s=12.0), performed(DANCE, SHORT_AND_BROAD, from_s=5.0)
    assert aligned(attempt, guide).offset_s == pytest.approx(-5.0, abs=0.004)


def test_clocks_that_start_elsewhere_shift_the_offset_alone() -> None:
    plain = aligned(performed(DANCE, SHORT_AND_BROAD, from_s=2.0))
    shifted = aligned(performed(DANCE, SHORT_AND_BROAD, from_s=2.0, clock_s=7.25), performed(DANCE, clock_s=1.5))
    assert shifted.offset_s == pytest.approx(plain.offset_s + 7.25 - 1.5, abs=1e-6)
    assert shifted.match == pytest.approx(plain.match)
    assert shifted.confidence == pytest.approx(plain.confidence)


def test_a_mirrored_take_is_found_mirrored() -> None:
    take = performed(DANCE, SHORT_AND_BROAD, from_s=4.0, noise_px=2.0)
    plain, flipped = aligned(take), aligned(mirrored(take))
    assert (plain.mirrored, flipped.mirrored) == (False, True)
    assert flipped.offset_s == pytest.approx(plain.offset_s, abs=1e-6)
    assert flipped.match == pytest.approx(plain.match, abs=1e-6)


def test_time_without_the_dancer_does_not_mislead() -> None:
    take = unfound(performed(DANCE, SHORT_AND_BROAD, from_s=3.0), (2.0, 6.0))
    assert aligned(take).offset_s == pytest.approx(-3.0, abs=0.004)


def test_confidence_tells_the_same_dance_from_another() -> None:
    same = aligned(performed(DANCE, SHORT_AND_BROAD, from_s=5.0, to_s=11.0, noise_px=8.0)).confidence
    others = [aligned(performed(Dance(seed, 6.0))).confidence for seed in range(40, 46)]
    assert same > 0.4
    assert max(others) < CONFIG.low_confidence


def thrice(once: PoseTrack) -> PoseTrack:
    t_s = np.arange(3 * len(once.t_s)) / 30.0
    return PoseTrack(t_s, np.tile(once.xy_px, (3, 1, 1)), np.tile(once.conf, (3, 1)), once.size_px, "made-up")


def test_a_dance_of_repeats_gives_little_confidence_and_every_start() -> None:
    once = performed(DANCE, to_s=4.0)
    repeated = aligned(once, thrice(once))
    assert repeated.confidence < CONFIG.low_confidence < aligned(once, GUIDE).confidence
    starts = sorted(found.offset_s for found in repeated.candidates)
    assert starts == pytest.approx([-242 / 30, -121 / 30, 0.0], abs=0.05)


def test_the_song_is_believed_and_the_movement_tells_how_late_the_dancer_was() -> None:
    late = heard(performed(DANCE, SHORT_AND_BROAD, from_s=3.0, late_s=0.18), (-3.0, 0.9))
    assert (late.source, late.offset_s, late.confidence) == ("sound", -3.0, 0.9)
    assert late.best_offset_s == pytest.approx(-2.82, abs=0.005)


def test_of_like_choruses_the_movement_chooses_the_one_that_was_danced() -> None:
    take = performed(DANCE, SHORT_AND_BROAD, from_s=8.0, to_s=14.0)
    found = heard(take, (-1.5, 0.45), (-8.0, 0.42), (4.0, 0.4))
    assert (found.source, found.offset_s) == ("both", -8.0)
    assert found.candidates[0].offset_s == -8.0


def test_a_song_that_the_dance_clearly_does_not_follow_is_not_believed() -> None:
    found = heard(performed(DANCE, SHORT_AND_BROAD, from_s=8.0, noise_px=3.0), (3.0, 0.7))
    assert found.source == "movement"
    assert found.offset_s == pytest.approx(-8.0, abs=0.005)


def test_a_faint_hearing_counts_for_nothing() -> None:
    assert heard(performed(DANCE, from_s=2.0), (-5.0, 0.01)).source == "movement"


@pytest.mark.parametrize("late_s", [-0.25, -0.067, 0.0, 0.133, 0.5])
def test_with_a_hint_the_hint_is_kept_and_the_best_offset_tells_the_lateness(late_s: float) -> None:
    found = aligned(performed(DANCE, SHORT_AND_BROAD, late_s=late_s), hint_s=0.0)
    assert found.offset_s == 0.0
    assert found.best_offset_s == pytest.approx(late_s, abs=0.004)


def test_a_hint_keeps_the_search_near_it() -> None:
    found = aligned(performed(DANCE, from_s=8.0), hint_s=0.0)
    assert abs(found.best_offset_s) <= CONFIG.hint_window_s + 1 / CONFIG.rate_hz


def test_without_enough_in_common_there_is_no_alignment() -> None:
    assert maybe_aligned(unfound(GUIDE)) is None
    assert maybe_aligned(performed(DANCE, to_s=1.2)) is None
    assert maybe_aligned(GUIDE, hint_s=500.0) is None


def test_the_curve_is_the_correlation_computed_by_hand() -> None:
    guide, attempt = (movement_of(track, CONFIG) for track in (GUIDE, performed(Dance(6, 9.0), SHORT_AND_BROAD)))
    curve, _ = match_curves(guide, attempt, CONFIG)
    lag = -100
    shown, danced = guide.vectors[100 : 100 + len(attempt.t_s)], attempt.vectors
    shown, danced = shown - shown.mean(axis=0), danced - danced.mean(axis=0)
    weigh = WEIGHTS[:, None]
    by_hand = (weigh * shown * danced).sum() / np.sqrt((weigh * shown**2).sum() * (weigh * danced**2).sum())
    at = int(np.argmin(np.abs(curve.offsets_s - lag / CONFIG.rate_hz)))
    assert curve.match[at] == pytest.approx(by_hand, abs=1e-9)
