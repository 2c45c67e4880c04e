"""The turn between two cameras is found, taken out and told; who faces another wall is not forgiven."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from choreography.comparison.compare import compare
from choreography.comparison.config import DEFAULT_CONFIG as CONFIG
from choreography.comparison.normalise import Movement, movement_of
from choreography.comparison.result import ComparisonResult
from choreography.comparison.turn import NO_TURN, Turn, find_turn, turned, wandering_yaw_deg
from inference.pose.track import PoseTrack
from ml_training.rendering.dances import make_dance
from tests.bench.figures import a_build, a_camera
from tests.bench.learners import learner
from tests.motion import unfound

NO_PRIOR = replace(CONFIG, turn_prior=0.0, wander_prior=0.0)
MOTION = make_dance(7, 14.0)
BODY = a_build(3)


@cache
def guide() -> PoseTrack:
    return learner(MOTION, seed=900)


@cache
def filmed_from(yaw_deg: float) -> ComparisonResult:
    return compare(guide(), learner(MOTION, body=BODY, camera=a_camera(yaw_deg=yaw_deg), seed=3))


@cache
def movement() -> Movement:
    """The dance in space, exactly."""
    return movement_of(learner(MOTION, noise=0.0), CONFIG)


def apart_deg(one: Movement, other: Movement) -> float:
    """Mean angle between the vectors of two movements, in the picture."""
    return float(np.degrees(np.linalg.norm(one.vectors - other.vectors, axis=-1)).mean())


@pytest.mark.parametrize("turn", [Turn(yaw_deg=25.0), Turn(-40.0, 5.0, 0.0), Turn(0.0, -10.0, 6.0)])
def test_a_known_turn_is_found_and_undone(turn: Turn) -> None:
    """What is turned by the inverse of R is brought back by R; the prior draws what is found towards nothing."""
    own = movement()
    assert own.depth is not None
    space = np.concatenate([own.vectors, own.depth[..., None]], axis=-1) @ turn.matrix
    away = replace(own, vectors=space[..., :2], depth=space[..., 2])
    found = find_turn(own, away, NO_PRIOR)
    assert (found.yaw_deg, found.pitch_deg, found.roll_deg) == pytest.approx(
        (turn.yaw_deg, turn.pitch_deg, turn.roll_deg), abs=1.0
    )
    assert apart_deg(own, turned(away, found, CONFIG)) < 0.05 * apart_deg(own, away)
    drawn = find_turn(own, away, CONFIG)
    assert 0.5 * np.hypot(turn.yaw_deg, turn.pitch_deg) < np.hypot(drawn.yaw_deg, drawn.pitch_deg)
    assert np.hypot(drawn.yaw_deg, drawn.pitch_deg) < np.hypot(turn.yaw_deg, turn.pitch_deg) + 1.0


def test_a_camera_that_is_carried_round_is_followed() -> None:
    own = movement()
    carried_deg = np.linspace(-12.0, 12.0, len(own.t_s))
    away = turned(own, Turn(yaw_deg=1.0), CONFIG, carried_deg)
    whole = find_turn(own, away, NO_PRIOR)
    yaw_deg = wandering_yaw_deg(own, away, whole, NO_PRIOR)
    assert abs(whole.yaw_deg) < 4.0
    assert (yaw_deg[:60].mean(), yaw_deg[-60:].mean()) == pytest.approx((9.0, -9.0), abs=3.0)
    assert apart_deg(own, turned(away, whole, CONFIG, yaw_deg)) < 0.6 * apart_deg(own, turned(away, whole, CONFIG))


def test_a_turn_is_a_rotation() -> None:
    matrix = Turn(31.0, -12.0, 7.0).matrix
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(matrix) == pytest.approx(1.0)
    np.testing.assert_array_equal(NO_TURN.matrix, np.eye(3))


def test_without_depth_or_anybody_there_is_no_turn() -> None:
    own = movement()
    flat = replace(own, depth=None)
    assert find_turn(own, flat, CONFIG) == NO_TURN
    assert turned(flat, Turn(20.0), CONFIG) is flat
    empty = movement_of(unfound(guide()), CONFIG, own.t_s)
    assert find_turn(own, empty, CONFIG) == NO_TURN
    assert wandering_yaw_deg(own, flat, Turn(20.0), CONFIG) == pytest.approx(20.0)


@pytest.mark.parametrize("yaw_deg", [30.0, -30.0])
def test_a_camera_that_stands_aside_costs_a_few_points_at_most(yaw_deg: float) -> None:
    result, front = filmed_from(yaw_deg), filmed_from(0.0)
    assert result.verdict == front.verdict == "judged"
    assert result.score == pytest.approx(front.score, abs=4.0)
    assert result.turn_deg == pytest.approx(-yaw_deg, abs=9.0)
    assert "turned_camera" in result.notices
    assert "turned_camera" not in front.notices
    assert result.findings == ()


def test_where_no_depth_is_known_no_turn_is_told_and_the_camera_costs_more() -> None:
    take = learner(MOTION, body=BODY, camera=a_camera(yaw_deg=45.0), seed=3)
    flat = compare(guide(), replace(take, xyz_m=np.full_like(take.xyz_m, np.nan)))
    assert flat.turn_deg is None
    assert (flat.score or 0.0) < (filmed_from(45.0).score or 0.0) - 3.0


def test_who_faces_another_wall_is_not_forgiven() -> None:
    """The camera may stand up to 60 degrees aside; beyond it is the dancer who faces elsewhere."""
    aside, quarter, back = (filmed_from(yaw_deg).score or 0.0 for yaw_deg in (45.0, 90.0, 180.0))
    assert quarter < aside - 5.0
    assert back < 50.0
    assert abs(filmed_from(180.0).turn_deg or 0.0) <= CONFIG.max_yaw_deg
