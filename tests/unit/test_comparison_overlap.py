"""What of a take is judged: all of it, but for other rounds of a part that was danced more than once."""

import numpy as np
import pytest

from choreography.comparison.config import DEFAULT_CONFIG as CONFIG
from choreography.comparison.normalise import movement_of
from choreography.comparison.overlap import local_match
from inference.pose.track import PoseTrack
from tests.dancing import heard, judged, score, spliced
from tests.motion import SHORT_AND_BROAD, Dance, performed, unfound

LONG = Dance(seed=1, duration_s=30.0)
GUIDE = performed(LONG)


def part(from_s: float, to_s: float, dance: Dance = LONG) -> PoseTrack:
    return performed(dance, SHORT_AND_BROAD, from_s=from_s, to_s=to_s, noise_px=2.0)


def test_a_part_danced_twice_in_one_clip_is_judged_once() -> None:
    once, twice = judged(part(6.0, 14.0), GUIDE), judged(spliced(part(6.0, 14.0), part(6.0, 14.0)), GUIDE)
    assert twice.score == pytest.approx(once.score, abs=2.0)
    assert twice.overlap_s is not None
    assert 5.9 < twice.overlap_s[0] < 7.0
    assert 13.0 < twice.overlap_s[1] < 14.1
    # The second round begins 241 frames into the clip; the other round's frames do not pull the start away from there.
    assert twice.offset_s == pytest.approx(241 / 30 - 6.0, abs=0.005)
    assert twice.timeline.t_s[0] == pytest.approx(twice.overlap_s[0])


def test_an_end_that_fits_nowhere_is_judged() -> None:
    """Six seconds of something else are no other round."""
    lost = judged(spliced(part(6.0, 14.0), part(6.0, 12.0, Dance(seed=2, duration_s=30.0))), GUIDE)
    assert lost.overlap_s == pytest.approx((6.0, 20.0), abs=0.15)
    assert (lost.score or 100.0) < score(part(6.0, 14.0), GUIDE) - 25.0


@pytest.mark.parametrize(
    "told", [{"offset_hint_s": 22.0, "hint_source": "nudged"}, {"sound": heard((22.0, 0.9))}], ids=["nudged", "heard"]
)
def test_few_seconds_at_the_end_of_a_long_clip_are_judged_where_somebody_or_the_song_tells_the_start(
    told: dict[str, object],
) -> None:
    """Two thirds of the clip are warming up: the movement alone would not look for the guide's beginning so late."""
    warming_up = performed(Dance(seed=2, duration_s=30.0), SHORT_AND_BROAD, size=0.2, to_s=22.0 - 1 / 30)
    late = judged(spliced(warming_up, part(0.0, 8.0)), GUIDE, **told)
    assert late.overlap_s == pytest.approx((0.0, 8.0), abs=0.1)
    assert late.offset_s == pytest.approx(22.0, abs=0.05)
    assert (late.score or 0.0) > 90.0
    assert "partial_take" in late.notices


def test_a_whole_take_is_judged_whole() -> None:
    result = judged(part(0.0, 30.0), GUIDE)
    assert result.overlap_s == pytest.approx((0.0, 30.0), abs=0.05)


def test_the_match_around_a_moment_is_one_with_itself_and_nothing_with_nobody() -> None:
    shown = movement_of(performed(LONG, to_s=8.0), CONFIG)
    assert local_match(shown, shown, CONFIG) == pytest.approx(1.0)
    nobody = movement_of(unfound(performed(LONG, to_s=8.0)), CONFIG, shown.t_s)
    assert not local_match(shown, nobody, CONFIG).any()
    other = movement_of(performed(Dance(seed=2, duration_s=8.0)), CONFIG, shown.t_s)
    assert np.abs(local_match(shown, other, CONFIG)).mean() < 0.35
