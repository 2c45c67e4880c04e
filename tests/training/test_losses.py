"""Losses by hand, masked joints, and that a place goes into bins and comes out of them again."""

import numpy as np
import pytest
from keras import ops

from ml_training.losses import axis_cross_entropy, bell, map_cross_entropy, squared_error
from ml_training.models.base import JOINTS
from ml_training.models.blocks import Tally
from ml_training.models.decoding import read_axes, read_maps

WIDTH, HEIGHT, STEP_PX, SIGMA_PX, REACH_PX = 24, 16, 4.0, 3.0, 12.0


@pytest.fixture
def rng():
    return np.random.default_rng(6)


def finite_log(shares):
    """As a network's logits are: a bell's far ends are 0."""
    return ops.log(shares + 1e-30)


def bells(rng, count=5):
    """x and y logits of bells around random places, and the target that says so."""
    xy = np.stack([rng.uniform(12, 84, (count, JOINTS)), rng.uniform(12, 52, (count, JOINTS))], -1).astype("f4")
    x_logits, y_logits = (
        finite_log(bell(xy[..., 0], WIDTH, STEP_PX, SIGMA_PX)),
        finite_log(bell(xy[..., 1], HEIGHT, STEP_PX, SIGMA_PX)),
    )
    return x_logits, y_logits, np.concatenate([xy, np.ones((count, JOINTS, 1), "f4")], -1)


def as_maps(x_logits, y_logits):
    """(N, h, w, 29): the map whose rows and columns these are."""
    both = ops.expand_dims(y_logits, 3) + ops.expand_dims(x_logits, 2)
    return ops.transpose(both, (0, 2, 3, 1))


def every_loss(target, logits):
    x_logits, y_logits = logits
    return [
        float(squared_error(target, logits[0][..., :2])),
        float(axis_cross_entropy(x_logits, target[..., 0], target[..., 2], STEP_PX, SIGMA_PX)),
        float(map_cross_entropy(as_maps(x_logits, y_logits), target, STEP_PX, SIGMA_PX)),
    ]


def test_the_squared_error_by_hand():
    target = np.zeros((1, JOINTS, 3), "f4")
    target[0, 0], target[0, 1] = (10, 20, 1), (0, 0, 0.5)
    said = np.zeros((1, JOINTS, 2), "f4")
    said[0, 0], said[0, 1] = (13, 16), (2, 0)
    assert float(squared_error(target, said)) == pytest.approx((1 * (9 + 16) / 2 + 0.5 * 4 / 2) / 1.5)


def test_a_joint_without_weight_costs_nothing_wherever_it_is(rng):
    x_logits, y_logits, target = bells(rng)
    logits = [x_logits + rng.normal(size=x_logits.shape).astype("f4"), y_logits]
    target[:, 7, 2] = 0
    elsewhere = target.copy()
    elsewhere[:, 7, :2] = (-5000, 1e6)
    assert every_loss(elsewhere, logits) == every_loss(target, logits)
    elsewhere[:, 8, :2] += 20
    assert all(
        worse > known for worse, known in zip(every_loss(elsewhere, logits), every_loss(target, logits), strict=True)
    )


def test_a_batch_without_labels_costs_nothing(rng):
    x_logits, y_logits, target = bells(rng)
    target[..., 2] = 0
    assert every_loss(target, [x_logits, y_logits]) == [0, 0, 0]


def test_a_map_costs_what_its_row_and_its_column_cost(rng):
    _, _, target = bells(rng)
    x_logits = rng.normal(size=(5, JOINTS, WIDTH)).astype("f4")
    y_logits = rng.normal(size=(5, JOINTS, HEIGHT)).astype("f4")
    apart = [
        float(axis_cross_entropy(logits, target[..., axis], target[..., 2], STEP_PX, SIGMA_PX))
        for axis, logits in enumerate([x_logits, y_logits])
    ]
    together = float(map_cross_entropy(as_maps(x_logits, y_logits), target, STEP_PX, SIGMA_PX))
    assert together == pytest.approx(sum(apart), rel=1e-5)


def test_places_are_read_finer_than_bins(rng):
    x_logits, y_logits, target = bells(rng)
    for read in (
        read_axes(x_logits, y_logits, STEP_PX, REACH_PX),
        read_maps(as_maps(x_logits, y_logits), STEP_PX, REACH_PX),
    ):
        np.testing.assert_allclose(np.asarray(read)[..., :2], target[..., :2], atol=0.3)
        assert np.asarray(read)[..., 2].min() > 0.99


def test_a_second_peak_lowers_the_confidence_and_does_not_pull():
    shares = 0.7 * bell(np.full((1, JOINTS), 30.0, "f4"), WIDTH, STEP_PX, SIGMA_PX)
    doubtful = finite_log(shares + 0.3 * bell(np.full((1, JOINTS), 80.0, "f4"), WIDTH, STEP_PX, SIGMA_PX))
    sure = finite_log(bell(np.full((1, JOINTS), 30.0, "f4"), HEIGHT, STEP_PX, SIGMA_PX))
    np.testing.assert_allclose(
        np.asarray(read_axes(doubtful, sure, STEP_PX, REACH_PX))[0, 0], (30, 30, 0.7**0.5), atol=0.05
    )
    np.testing.assert_allclose(
        np.asarray(read_maps(as_maps(doubtful, sure), STEP_PX, REACH_PX))[0, 0], (30, 30, 0.7), atol=0.05
    )


def test_a_vote_counts_for_its_own_column_and_row():
    split, joint = 4, 11
    votes = np.zeros((1, 6, 10, 2, JOINTS, split), "f4")
    votes[0, 2, 7, 0, joint, 1] = 20
    votes[0, 2, 7, 1, joint, 3] = 20
    x_logits, y_logits = (np.asarray(each) for each in Tally(split)(votes.reshape(1, 6, 10, -1)))
    assert x_logits.shape == (1, JOINTS, 40)
    assert y_logits.shape == (1, JOINTS, 24)
    assert (x_logits[0, joint].argmax(), y_logits[0, joint].argmax()) == (7 * split + 1, 2 * split + 3)
    assert np.ptp(np.delete(x_logits[0], joint, axis=0)) == 0
