"""What a straight line can mend, what it must leave alone, and that the file says the same."""

import json

import numpy as np
import pytest

from ml_training.correction import Correction
from ml_training.errors import TrainingError

ROWS = 400


@pytest.fixture
def shrunk():
    """(pred, truth, weight): joint 0 shrunk towards its mean in x, joint 1 healthy, joint 2 knows nothing, joint 3 unlabelled."""
    rng = np.random.default_rng(4)
    truth = rng.normal(100, 20, (ROWS, 29, 2))
    pred = truth + rng.normal(0, 2, truth.shape)
    pred[:, 0, 0] = 90 + 0.25 * (truth[:, 0, 0] - 100) + rng.normal(0, 1, ROWS)
    pred[:, 2] = rng.normal(100, 20, (ROWS, 2))
    truth[:, 3] = np.nan
    weight = np.ones((ROWS, 29))
    weight[:, 3] = 0
    return pred, truth, weight


def test_shrunk_predictions_are_stretched_back(shrunk):
    pred, truth, weight = shrunk
    fitted = Correction.fit(pred, truth, weight)
    assert fitted.applied[0, 0]
    assert 3.4 < fitted.slope[0, 0] < 4
    before, after = (np.abs(each - truth)[:, 0, 0].mean() for each in (pred, fitted.apply(pred)))
    assert after < before / 2.5


def test_what_would_not_gain_is_left_alone(shrunk):
    pred, truth, weight = shrunk
    fitted = Correction.fit(pred, truth, weight)
    assert fitted.slope[1] == pytest.approx(1, abs=0.03)
    assert fitted.slope[2] == pytest.approx(0, abs=0.2)
    assert not fitted.applied[3].any()
    np.testing.assert_array_equal(fitted.apply(pred)[:, 3], pred[:, 3])


def test_a_gain_in_one_half_alone_is_no_gain(shrunk):
    pred, truth, weight = shrunk
    pred[:, 1, 1], truth[:, 1, 1] = truth[:, 1, 1], truth[:, 1, 1].copy()
    pred[: ROWS // 2, 1, 1] += 30
    assert not Correction.fit(pred, truth, weight).applied[1, 1]


def test_weights_decide_what_is_fitted(shrunk):
    pred, truth, weight = shrunk
    pred[::2, 1, 0] += 500
    weight[::2, 1] = 0
    fitted = Correction.fit(pred, truth, weight)
    assert (fitted.slope[1, 0], fitted.offset_px[1, 0]) == (pytest.approx(1, abs=0.05), pytest.approx(0, abs=4))


def test_too_few_examples_change_nothing(shrunk):
    pred, truth, weight = (each[:10] for each in shrunk)
    np.testing.assert_array_equal(Correction.fit(pred, truth, weight).apply(pred), pred)


def test_the_originals_factor_six_is_the_pictures_own_scale():
    corner = np.tile([[30.0, 60.0]], (29, 1))
    np.testing.assert_allclose(Correction.original(6).apply(corner), corner)
    np.testing.assert_allclose(Correction.original(8).apply(corner), corner * 4 / 3)


def test_the_file_says_the_same(shrunk):
    fitted = Correction.fit(*shrunk)
    again = Correction.from_json(json.loads(json.dumps(fitted.as_json())))
    np.testing.assert_allclose(again.apply(shrunk[0]), fitted.apply(shrunk[0]), atol=1e-3)


@pytest.mark.parametrize(
    "payload", [{}, {"offset_px": [[0, 0]], "slope": [[1, 1]], "applied": [[True, True]]}, {"slope": "b"}]
)
def test_a_damaged_file_is_told(payload):
    with pytest.raises(TrainingError) as told:
        Correction.from_json(payload)
    assert told.value.code == "damaged_correction"
