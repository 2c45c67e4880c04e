"""Whose lag is it: a start that somebody knows is kept, a phone's latency is forgiven, and movement alone cannot tell."""

from dataclasses import replace

import numpy as np
import pytest

from choreography.comparison.config import DEFAULT_CONFIG as CONFIG
from choreography.comparison.start import SoundEvidence
from tests.dancing import heard, judged, score, take

LATENCY_MS = 1000 * CONFIG.device_latency_s


@pytest.mark.parametrize("source", ["known", "nudged"])
def test_a_start_that_somebody_knows_is_kept_and_the_whole_lag_is_the_dancers(source: str) -> None:
    result = judged(take(late_s=0.1), offset_hint_s=0.0, hint_source=source)
    assert result.start is not None
    assert (result.start.source, result.start.confidence, result.start.latency_ms) == (source, 1.0, None)
    assert result.offset_s == 0.0
    assert result.lag_ms == pytest.approx(100.0, abs=4.0)
    assert result.notices == ()


@pytest.mark.parametrize(("late_ms", "told"), [(0.0, False), (60.0, True), (-60.0, True)])
def test_what_a_phone_may_be_late_is_put_down_to_it_where_the_song_was_heard(late_ms: float, told: bool) -> None:
    result = judged(take(late_s=late_ms / 1000), sound=heard((0.0, 0.9)))
    assert result.start is not None
    assert result.start.source == "sound"
    assert result.start.latency_ms == pytest.approx(late_ms, abs=4.0)
    assert result.offset_s == pytest.approx(late_ms / 1000, abs=0.004)
    assert result.lag_ms == pytest.approx(0.0, abs=2.0)
    assert np.array(result.timeline.lag_ms) == pytest.approx(0.0, abs=15.0)
    assert result.parts.timing == pytest.approx(100.0, abs=0.5)
    assert ("device_latency" in result.notices) == told


def test_a_browsers_clock_may_be_as_wrong_as_a_phone() -> None:
    result = judged(take(late_s=0.1), offset_hint_s=0.0, hint_source="live")
    assert result.start is not None
    assert (result.start.source, result.start.latency_ms) == ("live", pytest.approx(100.0, abs=4.0))
    assert result.parts.timing == pytest.approx(100.0, abs=0.5)
    assert result.notices == ("device_latency",)


@pytest.mark.parametrize("late_ms", [250.0, -250.0])
def test_no_phone_is_so_late_and_the_rest_is_the_dancers(late_ms: float) -> None:
    result = judged(take(late_s=late_ms / 1000), sound=heard((0.0, 0.9)))
    forgiven_ms = LATENCY_MS if late_ms > 0 else -LATENCY_MS
    assert result.start is not None
    assert result.start.latency_ms == pytest.approx(forgiven_ms)
    assert result.lag_ms == pytest.approx(late_ms - forgiven_ms, abs=4.0)
    assert score(take(late_s=late_ms / 1000), offset_hint_s=0.0) < (result.score or 0.0) < 97.0


def test_movement_alone_cannot_tell_a_late_dancer_from_a_late_camera() -> None:
    late, prompt = judged(take(late_s=0.25)), judged(take())
    assert late.start is not None
    assert (late.start.source, late.start.latency_ms, late.lag_ms) == ("movement", None, None)
    assert late.offset_s == pytest.approx(0.25, abs=0.004)
    assert late.score == pytest.approx(prompt.score, abs=0.5)
    assert late.notices == ("constant_lag_unknown",)


def test_movement_alone_still_tells_what_changes() -> None:
    """On time for ten seconds and then late: no clock is needed to see that."""
    whole, late = take(), take(late_s=0.2)
    slipped = replace(whole, xy_px=np.where(whole.t_s[:, None, None] < 10.0, whole.xy_px, late.xy_px))
    result = judged(slipped)
    lag_ms, t_s = np.array(result.timeline.lag_ms), np.array(result.timeline.t_s)
    assert lag_ms[t_s < 9.0] == pytest.approx(0.0, abs=15.0)
    assert lag_ms[t_s > 11.0] == pytest.approx(200.0, abs=25.0)
    assert (result.score or 100.0) < score(whole) - 3.0


def test_of_like_choruses_the_danced_one_is_judged_and_the_others_are_kept() -> None:
    result = judged(take(from_s=8.0), sound=heard((-2.0, 0.5), (-8.0, 0.48)))
    assert result.start is not None
    assert result.start.source == "both"
    assert result.offset_s == pytest.approx(-8.0, abs=0.01)
    assert [found.offset_s for found in result.start.candidates] == [-8.0, -2.0]


@pytest.mark.parametrize("apart_s", [0.25, 0.5])
def test_in_a_loop_whose_beats_are_heard_alike_the_movement_tells_the_beat(apart_s: float) -> None:
    """The true start is the least sure of three: the dancer is on time all the same, not a beat late."""
    result = judged(take(), sound=heard((-apart_s, 0.33), (apart_s, 0.32), (0.0, 0.3)))
    assert result.start is not None
    assert result.start.source == "both"
    assert result.offset_s == pytest.approx(0.0, abs=0.01)
    assert result.score == pytest.approx(score(take()), abs=0.5)


def test_several_dancers_and_another_song_are_said() -> None:
    result = judged(take(), dancers=2, sound=SoundEvidence("other"))
    assert {"several_people", "other_song"} <= set(result.notices)
    assert result.score == pytest.approx(score(take()), abs=1e-9)
